#include "base/xalloc.h"
#include "view/text/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)

static void estimates_are_rough(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} rows[] = {
	    {-5, "0s"},
	    {99 * S, "99s"},
	    {100 * S, "2m"},
	    {221 * S, "4m"},
	    {99 * M, "99m"},
	    {100 * M, "1h 40m"},
	    {47 * H + 5 * M, "47h 5m"},
	    {52 * H, "2d 4h"},
	};
	char out[UNITS_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(estimate_text(rows[i].ms, out), rows[i].want);
}

static void ranges_share_a_unit(void **state)
{
	char out[UNITS_SIZE];

	(void)state;
	assert_string_equal(estimate_range(12 * M, 31 * M, out), "12-31m");
	assert_string_equal(estimate_range(50 * S, 3 * M, out), "50s-3m");
	assert_string_equal(estimate_range(30 * M, 2 * H, out), "30m-2h 0m");
	assert_string_equal(estimate_range(INT64_MAX, INT64_MAX, out),
	    "106751991167d 7h-106751991167d ");
}

static void money_in_five_columns(void **state)
{
	static const struct {
		double usd;
		const char *full, *brief;
	} rows[] = {
	    {0, "$0.00", "0.00"},
	    {-1, "$0.00", "0.00"},
	    {0.314, "$0.31", "0.31"},
	    {12.84, "$12.84", "12.84"},
	    {99.996, "$100.00", "100.0"},
	    {999.96, "$999.96", "1000"},
	    {1234.25, "$1234.25", "1234"},
	    {99999.6, "$99999.60", "100k"},
	};
	char out[UNITS_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(money_text(rows[i].usd, out), rows[i].full);
		assert_string_equal(money_short(rows[i].usd, out), rows[i].brief);
	}
}

static void counts_and_bytes(void **state)
{
	static const struct {
		int64_t n;
		const char *count, *bytes;
	} rows[] = {
	    {-1, "0", "0 B"},
	    {950, "950", "950 B"},
	    {999, "999", "999 B"},
	    {1000, "1.0k", "1000 B"},
	    {1024, "1.0k", "1.0 KiB"},
	    {9949, "9.9k", "9.7 KiB"},
	    {999499, "999k", "976 KiB"},
	    {999999, "1.0M", "977 KiB"},
	    {4100000, "4.1M", "3.9 MiB"},
	    {1258291, "1.3M", "1.2 MiB"},
	};
	char out[UNITS_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(count_text(rows[i].n, out), rows[i].count);
		assert_string_equal(bytes_text(rows[i].n, out), rows[i].bytes);
	}
}

static void a_pace_is_a_rate(void **state)
{
	char out[UNITS_SIZE];

	(void)state;
	assert_string_equal(pace_text(270, out), "3.7/s");
	assert_string_equal(pace_text(0, out), "1000.0/s");
	assert_string_equal(pace_text(5000, out), "12/min");
	assert_string_equal(pace_text(15 * M, out), "4/h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pace_is_a_rate),
	    cmocka_unit_test(estimates_are_rough),
	    cmocka_unit_test(ranges_share_a_unit),
	    cmocka_unit_test(money_in_five_columns),
	    cmocka_unit_test(counts_and_bytes),
	};
	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
