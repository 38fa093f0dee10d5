#include "policy/halt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void rules_are_gnu_parallels(void **state)
{
	static const struct {
		const char *text;
		struct halt_rule rule;
	} table[] = {
	    {"never", {HALT_NEVER, false, false, 0}},
	    {NULL, {HALT_NEVER, false, false, 0}},
	    {"soon,fail=1", {HALT_FAIL, false, false, 1}},
	    {"now,fail=3", {HALT_FAIL, true, false, 3}},
	    {"soon,fail=10%", {HALT_FAIL, false, true, 10}},
	    {"now,success=1", {HALT_SUCCESS, true, false, 1}},
	    {"soon,done=0.5%", {HALT_DONE, false, true, 0.5}},
	    {"soon,done=100", {HALT_DONE, false, false, 100}},
	    {"soon,fail=100%", {HALT_FAIL, false, true, 100}},
	    {"0", {HALT_NEVER, false, false, 0}},
	    {"1", {HALT_FAIL, false, false, 1}},
	    {"2", {HALT_FAIL, true, false, 1}},
	    {"-1", {HALT_SUCCESS, false, false, 1}},
	    {"-2", {HALT_SUCCESS, true, false, 1}},
	    {"10%", {HALT_FAIL, false, true, 10}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct halt_rule *want = &table[i].rule;
		struct halt_rule r;

		assert_int_equal(halt_parse(table[i].text, &r), 0);
		assert_int_equal(r.on, want->on);
		assert_int_equal(r.is_now, want->is_now);
		assert_int_equal(r.is_percent, want->is_percent);
		assert_true(r.n == want->n);
	}
}

static void other_words_are_none(void **state)
{
	static const char *const table[] = {"", "soon", "fail=1", "soon,", "soon,fail",
	    "soon,fail=", "soon,fail=0", "soon,fail=-1", "soon,fail=1.5", "soon,fail=%",
	    "soon,fail=100.5%", "soon,fail=0%", "%", "0%", "3", "-3", "10", "soon,fail=1x",
	    "later,fail=1", "now,fail=0x1", "now,fail=1e3", "now,fail=9999999999", "now,fails=1",
	    "never,fail=1", "now,fail=.5%", "now,fail= 1", "soon,fail=1.2.3%", "1..5%"};
	struct halt_rule r = {HALT_DONE, true, false, 7};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (halt_parse(table[i], &r) == 0)
			fail_msg("'%s' is taken", table[i]);
	assert_true(r.n == 7); /* untouched */
}

/* A batch of which only the counts are looked at. */
static struct batch counts(uint32_t all, uint32_t failed, uint32_t completed)
{
	struct batch b;

	memset(&b, 0, sizeof(b));
	b.nr_agents = all;
	b.counts[AGENT_FAILED] = failed;
	b.counts[AGENT_COMPLETED] = completed;
	b.counts[AGENT_SKIPPED] = 5; /* no rule counts them */
	return b;
}

static void a_rule_holds_from_its_number_on(void **state)
{
	static const struct {
		const char *rule;
		uint32_t all, failed, completed;
		bool holds;
		const char *why;
	} table[] = {
	    {"never", 10, 10, 0, false, NULL},
	    {"soon,fail=2", 10, 0, 9, false, NULL},
	    {"soon,fail=2", 10, 1, 9, false, NULL},
	    {"soon,fail=2", 10, 2, 0, true, "--halt soon,fail=2: 2 of 10 agents failed"},
	    {"now,fail=2", 10, 3, 0, true, "--halt now,fail=2: 3 of 10 agents failed"},
	    {"soon,fail=10%", 30, 2, 0, false, NULL},
	    {"soon,fail=10%", 30, 3, 0, true, "--halt soon,fail=10%: 3 of 30 agents failed"},
	    {"soon,fail=0.1%", 3, 0, 3, false, NULL},
	    {"soon,fail=0.1%", 3, 1, 2, true, "--halt soon,fail=0.1%: 1 of 3 agents failed"},
	    {"now,success=3", 10, 9, 2, false, NULL},
	    {"now,success=3", 10, 0, 3, true, "--halt now,success=3: 3 of 10 agents completed"},
	    {"now,done=5", 10, 2, 2, false, NULL},
	    {"now,done=5", 10, 2, 3, true, "--halt now,done=5: 5 of 10 agents ended"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct batch b = counts(table[i].all, table[i].failed, table[i].completed);
		struct halt_rule r;
		char why[128] = "";

		assert_int_equal(halt_parse(table[i].rule, &r), 0);
		assert_int_equal(halt_is_reached(&r, &b, why, sizeof(why)), table[i].holds);
		if (table[i].holds)
			assert_string_equal(why, table[i].why);
	}
}

static void what_was_before_a_person_acted_counts_no_more(void **state)
{
	struct batch b = counts(10, 4, 0);
	struct halt_rule r;
	char why[128];

	(void)state;
	assert_int_equal(halt_parse("soon,fail=2", &r), 0);
	b.counts_then[AGENT_FAILED] = 3;
	assert_false(halt_is_reached(&r, &b, why, sizeof(why)));
	b.counts[AGENT_FAILED] = 5;
	assert_true(halt_is_reached(&r, &b, why, sizeof(why)));
	b.counts[AGENT_FAILED] = 1; /* some were taken up again */
	assert_false(halt_is_reached(&r, &b, why, sizeof(why)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_are_gnu_parallels),
	    cmocka_unit_test(other_words_are_none),
	    cmocka_unit_test(a_rule_holds_from_its_number_on),
	    cmocka_unit_test(what_was_before_a_person_acted_counts_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
