#include "view/text/duration.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void elapsed_time_is_cut(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
	    {-5, "0:00"},
	    {0, "0:00"},
	    {999, "0:00"},
	    {1000, "0:01"},
	    {59999, "0:59"},
	    {60000, "1:00"},
	    {221000, "3:41"},
	    {3599000, "59:59"},
	    {3600000, "1:00:00"},
	    {4327000, "1:12:07"},
	    {86399000, "23:59:59"},
	    {86400000, "1d 0h"},
	    {187200000, "2d 4h"},
	};
	char out[DURATION_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(duration_text(rows[i].ms, out), rows[i].text);
}

static void time_left_is_rounded_up(void **state)
{
	char out[DURATION_SIZE];

	(void)state;
	assert_string_equal(duration_left(10001, 5000, out), "0:06");
	assert_string_equal(duration_left(10000, 5000, out), "0:05");
	assert_string_equal(duration_left(5001, 5000, out), "0:01");
	assert_string_equal(duration_left(5000, 5000, out), "0:00");
	assert_string_equal(duration_left(4000, 5000, out), "0:00");
}

static void clock_form_keeps_hours(void **state)
{
	char out[DURATION_SIZE];

	(void)state;
	assert_string_equal(duration_clock(2107000, out), "00:35:07");
	assert_string_equal(duration_clock(90061000, out), "25:01:01");
	assert_string_equal(duration_clock(-1, out), "00:00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elapsed_time_is_cut),
	    cmocka_unit_test(time_left_is_rounded_up),
	    cmocka_unit_test(clock_form_keeps_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
