/* When lines have come, as closely as somebody looked. */
#include "view/log/log_times.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* 12:00:00 UTC. */
#define NOON INT64_C(1795262400000)
#define AT(s) (NOON + INT64_C(1000) * (s))

static const struct agent nobody;

static void check(const struct log_times *lt, const struct agent *a, int64_t at, const char *want)
{
	char got[LOG_TIME_LEN + 1];

	log_times_text(lt, a, at, got);
	assert_string_equal(got, want);
}

static void lines_come_between_two_looks(void **state)
{
	struct log_times lt = {0};

	(void)state;
	check(&lt, &nobody, 0, "");
	log_times_saw(&lt, 100, AT(0));
	check(&lt, &nobody, 0, "<12:00:00");
	check(&lt, &nobody, 99, "<12:00:00");
	check(&lt, &nobody, 100, ">12:00:00");
	log_times_saw(&lt, 200, AT(1));
	check(&lt, &nobody, 100, " 12:00:01");
	/* A minute in which nobody looked, and one in which there was nothing to see. */
	log_times_saw(&lt, 300, AT(61));
	check(&lt, &nobody, 200, "<12:01:01");
	log_times_still(&lt, 300, AT(120));
	log_times_saw(&lt, 400, AT(121));
	check(&lt, &nobody, 300, " 12:02:01");
	/* What cannot be is passed over. */
	log_times_saw(&lt, 350, AT(130));
	log_times_saw(&lt, 500, AT(100));
	log_times_saw(&lt, 500, NUM_NONE);
	check(&lt, &nobody, 450, ">12:02:01");
	log_times_clear(&lt);
	check(&lt, &nobody, 0, "");
	log_times_release(&lt);
}

static void attempts_bound_them(void **state)
{
	struct attempt v[] = {
	    {.log_from = 0,
		.log_to = 100,
		.has_ended = true,
		.started_t = AT(0),
		.ended_t = AT(10)},
	    {.log_from = 100, .log_to = NUM_NONE, .started_t = AT(60), .ended_t = NUM_NONE},
	};
	const struct agent a = {.attempts = v, .nr_attempts = ARRAY_LEN(v)};
	struct log_times lt = {0};

	(void)state;
	check(&lt, &a, 0, "<12:00:10");
	check(&lt, &a, 100, ">12:01:00");
	log_times_saw(&lt, 150, AT(61));
	check(&lt, &a, 100, " 12:01:01");
	check(&lt, &a, 150, ">12:01:01");
	v[0].ended_t = AT(1);
	check(&lt, &a, 50, " 12:00:01");
	log_times_release(&lt);
}

static void many_looks_are_kept_coarser(void **state)
{
	struct log_times lt = {0};
	char got[LOG_TIME_LEN + 1];
	int i;

	(void)state;
	for (i = 1; i <= 100 * LOG_TIMES_MAX; i++)
		log_times_saw(&lt, 10 * i, NOON + 100 * i);
	assert_true(lt.nr <= LOG_TIMES_MAX);
	/* The last ones to the second, the first ones at least not wrong. */
	log_times_text(&lt, &nobody, 10 * (i - 20), got);
	assert_int_equal(got[0], ' ');
	log_times_text(&lt, &nobody, 10, got);
	assert_int_equal(got[0], '<');
	log_times_release(&lt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_come_between_two_looks),
	    cmocka_unit_test(attempts_bound_them),
	    cmocka_unit_test(many_looks_are_kept_coarser),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
