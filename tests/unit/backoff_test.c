#include "policy/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void the_ladder_climbs_to_its_cap(void **state)
{
	static const struct {
		struct ladder l;
		uint32_t k;
		int64_t ms;
	} table[] = {
	    {{5, 3, 300}, 1, 5000}, {{5, 3, 300}, 2, 15000}, {{5, 3, 300}, 3, 45000},
	    {{5, 3, 300}, 4, 135000}, {{5, 3, 300}, 5, 300000}, {{5, 3, 300}, 6, 300000},
	    {{5, 3, 300}, UINT32_MAX, 300000}, {{0.1, 2, 1}, 1, 100}, {{0.1, 2, 1}, 4, 800},
	    {{0.1, 2, 1}, 5, 1000}, {{7, 1, 300}, 1000000, 7000}, /* constant */
	    {{500, 3, 300}, 1, 300000}, /* the cap also holds the first */
	    {{0, 3, 300}, 1, 0}, {{0, 3, 300}, UINT32_MAX, 0}, /* 0 times infinity */
	    {{5, 0, 300}, 2, 0}, {{5, 3, 0}, 3, 0}, {{8, 0.5, 300}, 3, 2000},
	    {{5, 3, 1e300}, 5000, INT64_C(1000000000000)}, /* no overflow */
	    {{5, 3, 300}, 0, 5000}, /* k counts from 1; 0 is taken for it */
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++)
		assert_int_equal(backoff_ms(&table[i].l, table[i].k), table[i].ms);
}

static void jitter_adds_a_repeatable_part_of_the_wait(void **state)
{
	int64_t min = INT64_MAX, max = 0;
	char id[16];
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		int64_t ms;

		snprintf(id, sizeof(id), "a%u", i);
		ms = backoff_jitter_ms(10000, 25, id, 2);
		assert_in_range(ms, 10000, 12500);
		assert_int_equal(ms, backoff_jitter_ms(10000, 25, id, 2));
		min = ms < min ? ms : min;
		max = ms > max ? ms : max;
	}
	/* A thousand neighbours fill the whole span. */
	assert_in_range(min, 10000, 10050);
	assert_in_range(max, 12450, 12500);
}

static void jitter_differs_by_agent_and_by_attempt(void **state)
{
	(void)state;
	assert_int_not_equal(backoff_jitter_ms(100000, 50, "a1", 1),
	    backoff_jitter_ms(100000, 50, "a2", 1));
	assert_int_not_equal(backoff_jitter_ms(100000, 50, "a1", 1),
	    backoff_jitter_ms(100000, 50, "a1", 2));
}

static void no_jitter_leaves_the_wait_alone(void **state)
{
	(void)state;
	assert_int_equal(backoff_jitter_ms(5000, 0, "a", 1), 5000);
	assert_int_equal(backoff_jitter_ms(5000, -10, "a", 1), 5000);
	assert_int_equal(backoff_jitter_ms(0, 50, "a", 1), 0);
	assert_int_equal(backoff_jitter_ms(-1, 50, "a", 1), 0);
}

static void an_untold_reset_is_probed_more_and_more_rarely(void **state)
{
	static const int64_t minutes[] = {5, 15, 30, 30, 30};
	uint32_t k;

	(void)state;
	for (k = 1; k <= N(minutes); k++)
		assert_int_equal(usage_probe_ms(k), minutes[k - 1] * 60000);
	assert_int_equal(usage_probe_ms(UINT32_MAX), 30 * 60000);
	assert_int_equal(usage_probe_ms(0), 5 * 60000);
}

static void a_ladder_is_three_decimals(void **state)
{
	static const struct {
		const char *s;
		struct ladder l;
	} table[] = {
	    {"5:3:300", {5, 3, 300}},
	    {"0.1:2:1", {0.1, 2, 1}},
	    {".5:1.5:2.25", {0.5, 1.5, 2.25}},
	    {"5.:3.:300.", {5, 3, 300}},
	    {"0:0:0", {0, 0, 0}},
	};
	struct ladder l;
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		assert_int_equal(ladder_parse(table[i].s, &l), 0);
		assert_true(l.initial_s == table[i].l.initial_s);
		assert_true(l.factor == table[i].l.factor);
		assert_true(l.cap_s == table[i].l.cap_s);
	}
}

static void what_is_no_ladder_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {"", "5", "5:3", "5:3:", ":3:300", "5::300",
	    "5:3:300:", "5:3:300:1", "5:3:300 ", " 5:3:300", "5;3;300", "-5:3:300", "5:-3:300",
	    "+5:3:300", "a:b:c", ".:3:300", "1.2.3:3:300", "inf:3:300", "nan:3:300", "0x5:3:300",
	    "1e2:3:300", "5,0:3:300", "5:3:99999999999"};
	char huge[400];
	struct ladder l = {1, 2, 3};
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++)
		if (ladder_parse(bad[i], &l) != -1)
			fail_msg("'%s' was taken", bad[i]);
	snprintf(huge, sizeof(huge), "5:3:%0350d", 9);
	assert_int_equal(ladder_parse(huge, &l), 0); /* leading zeros */
	l = (struct ladder){1, 2, 3};
	for (i = 4; i < 390; i++)
		huge[i] = '9';
	assert_int_equal(ladder_parse(huge, &l), -1);
	assert_true(l.initial_s == 1 && l.factor == 2 && l.cap_s == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_ladder_climbs_to_its_cap),
	    cmocka_unit_test(jitter_adds_a_repeatable_part_of_the_wait),
	    cmocka_unit_test(jitter_differs_by_agent_and_by_attempt),
	    cmocka_unit_test(no_jitter_leaves_the_wait_alone),
	    cmocka_unit_test(an_untold_reset_is_probed_more_and_more_rarely),
	    cmocka_unit_test(a_ladder_is_three_decimals),
	    cmocka_unit_test(what_is_no_ladder_is_refused_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
