#include "view/screen/time_axis.h"
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

/* 2026-11-21 23:15:00 UTC */
#define T INT64_C(1795302900000)

static void a_moment_is_in_one_cell(void **state)
{
	const struct time_axis x = {.from_t = T, .scale_ms = 25000, .cells = 10};

	(void)state;
	assert_int_equal(time_axis_cell(&x, T), 0);
	assert_int_equal(time_axis_cell(&x, T + 24999), 0);
	assert_int_equal(time_axis_cell(&x, T + 25000), 1);
	assert_int_equal(time_axis_cell(&x, T + 249999), 9);
	assert_int_equal(time_axis_cell(&x, T + 250000), 10);
	assert_int_equal(time_axis_cell(&x, INT64_MAX), 10);
	assert_int_equal(time_axis_cell(&x, T - 1), -1);
	assert_int_equal(time_axis_cell(&x, 0), -1);
	assert_int_equal(time_axis_begin(&x, 3), T + 75000);
}

static void a_span_fits_as_finely_as_it_can(void **state)
{
	static const struct {
		int64_t span_s;
		int cells;
		int64_t scale_s;
	} rows[] = {{2229, 89, 25}, {2229, 59, 38}, {0, 89, 1}, {89, 89, 1}, {90, 89, 2},
	    {-5, 89, 1}, {10000000, 89, 3600}, {60, 0, 61}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct time_axis x = {.cells = 1000000};

		assert_int_equal(time_scale_fit(rows[i].span_s * 1000, rows[i].cells),
		    rows[i].scale_s);
		x.scale_ms = rows[i].scale_s * 1000;
		if (rows[i].scale_s < TIME_SCALE_MAX_S && rows[i].span_s >= 0)
			assert_true(time_axis_cell(&x, rows[i].span_s * 1000) <= rows[i].cells);
	}
}

static void scales_step_through_round_ones(void **state)
{
	int64_t s;
	int nr = 0;

	(void)state;
	assert_int_equal(time_scale_next(38, 1), 40);
	assert_int_equal(time_scale_next(38, -1), 30);
	assert_int_equal(time_scale_next(25, 1), 30);
	assert_int_equal(time_scale_next(25, -1), 20);
	assert_int_equal(time_scale_next(1, -1), 1);
	assert_int_equal(time_scale_next(3600, 1), 3600);
	for (s = 1; s < TIME_SCALE_MAX_S; s = time_scale_next(s, 1))
		nr++;
	while (s > TIME_SCALE_MIN_S) {
		s = time_scale_next(s, -1);
		nr--;
	}
	assert_int_equal(nr, 0);
}

/* All labels of an axis, each behind its cell. */
static void check_labels(const char *zone, const struct time_axis *x, const char *want)
{
	char got[512] = "", label[TIME_LABEL_SIZE];
	int cell = 0;

	setenv("TZ", zone, 1);
	tzset();
	while ((cell = time_axis_label(x, cell, label)) < x->cells) {
		size_t n = strlen(got);

		snprintf(got + n, sizeof(got) - n, "%s%d:%s", n ? " " : "", cell, label);
		cell++;
	}
	assert_string_equal(got, want);
}

static void labels_stand_on_round_times(void **state)
{
	(void)state;
	check_labels("UTC", &(struct time_axis){T, 25000, 40},
	    "0:23:15 12:23:20 24:23:25 36:23:30");
	check_labels("UTC", &(struct time_axis){T, 38000, 30}, "0:23:15 7:23:20 15:23:25 23:23:30");
	check_labels("UTC", &(struct time_axis){T + 3000, 1000, 40}, "12:23:15:15 27:23:15:30");
	/* The day at midnight. */
	check_labels("UTC", &(struct time_axis){T, 300000, 30}, "9:11-22 21:01:00");
	check_labels("UTC", &(struct time_axis){T, 3600000, 60},
	    "0:11-22 12:12:00 24:11-23 36:12:00 48:11-24");
	/* Where the day begins is the zone's. */
	check_labels("Asia/Kolkata", &(struct time_axis){T, 3600000, 24}, "7:12:00 19:11-23");
}

static void labels_stay_on_their_hours_over_a_change_of_clocks(void **state)
{
	(void)state;
	/* From 18:00 the day before; 2026-03-29 01:00 UTC: forward, six hours are five. */
	check_labels("Europe/Berlin", &(struct time_axis){INT64_C(1774717200000), 1800000, 48},
	    "0:18:00 12:03-29 22:06:00 34:12:00 46:18:00");
	/* 2026-10-25 01:00 UTC: back, six hours are seven. */
	check_labels("Europe/Berlin", &(struct time_axis){INT64_C(1792857600000), 1800000, 48},
	    "0:18:00 12:10-25 26:06:00 38:12:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_moment_is_in_one_cell),
	    cmocka_unit_test(a_span_fits_as_finely_as_it_can),
	    cmocka_unit_test(scales_step_through_round_ones),
	    cmocka_unit_test(labels_stand_on_round_times),
	    cmocka_unit_test(labels_stay_on_their_hours_over_a_change_of_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
