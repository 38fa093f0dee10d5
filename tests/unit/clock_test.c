#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static void set_zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static void assert_reads(int64_t wall_ms, const char *stamp, const char *text)
{
	char s[CLOCK_STAMP_LEN + 1], t[CLOCK_TEXT_LEN + 1], h[CLOCK_HMS_LEN + 1];

	clock_stamp(wall_ms, s);
	clock_text(wall_ms, t);
	clock_hms(wall_ms, h);
	assert_string_equal(s, stamp);
	assert_string_equal(t, text);
	assert_string_equal(h, strlen(text) > 11 ? text + 11 : text);
}

static void times_are_local(void **state)
{
	(void)state;
	set_zone("UTC");
	assert_reads(0, "19700101-000000", "1970-01-01 00:00:00");
	assert_reads(1761311575999, "20251024-131255", "2025-10-24 13:12:55");
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_reads(1761311575000, "20251024-151255", "2025-10-24 15:12:55");
	/* FAULTS.md C3: 02:30 comes twice. */
	assert_reads(1761438600000, "20251026-023000", "2025-10-26 02:30:00");
	assert_reads(1761442200000, "20251026-023000", "2025-10-26 02:30:00");
	set_zone("UTC");
}

static void a_time_that_is_none_is_a_dash(void **state)
{
	char stamp[CLOCK_STAMP_LEN + 1];

	(void)state;
	set_zone("UTC");
	assert_reads(-1, "-", "-");
	assert_reads(INT64_MIN, "-", "-");
	/* The year 10000 would not fit. */
	clock_stamp(253402300800000, stamp);
	assert_string_equal(stamp, "-");
	clock_stamp(INT64_MAX, stamp);
	assert_string_equal(stamp, "-");
}

static void both_clocks_move_on(void **state)
{
	struct instant a = clock_now();
	struct instant b = clock_now();
	struct timespec pause = {.tv_nsec = 20000000};

	(void)state;
	assert_true(a.wall_ms > 1700000000000);
	assert_true(b.mono_ms >= a.mono_ms);
	nanosleep(&pause, NULL);
	b = clock_now();
	assert_true(b.mono_ms >= a.mono_ms + 20);
}

static void a_boot_has_one_id(void **state)
{
	char a[BOOT_ID_LEN + 1], b[BOOT_ID_LEN + 1];

	(void)state;
	clock_boot_id(a);
	clock_boot_id(b);
	assert_string_equal(a, b);
	assert_true(strlen(a) == BOOT_ID_LEN || strcmp(a, "unknown") == 0);
	assert_null(strchr(a, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_local),
	    cmocka_unit_test(a_time_that_is_none_is_a_dash),
	    cmocka_unit_test(both_clocks_move_on),
	    cmocka_unit_test(a_boot_has_one_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
