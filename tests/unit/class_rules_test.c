#include "policy/class_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BIT(c) (UINT32_C(1) << (c))

/* DESIGN.md's table once more, in words, so that a slip in either is seen. */
static const struct row {
	enum attempt_class class;
	const char *retry, *charged, *next_cycle, *gate;
} table[] = {
    {CLASS_SUCCESS, "no", "charged", "no", "-"},
    {CLASS_RATE_LIMIT, "wait", "charged", "yes", "limit"},
    {CLASS_USAGE_LIMIT, "reset", "free", "yes", "usage"},
    {CLASS_TRANSIENT, "wait", "charged", "yes", "-"},
    {CLASS_TIMEOUT, "twice", "charged", "yes", "-"},
    {CLASS_CRASH, "twice", "charged", "yes", "-"},
    {CLASS_TASK_ERROR, "no", "charged", "yes", "-"},
    {CLASS_INVALID, "no", "charged", "yes", "-"},
    {CLASS_NO_OUTPUT, "no", "charged", "yes", "-"},
    {CLASS_MAX_TURNS, "resumed", "charged", "yes", "-"},
    {CLASS_AUTH, "no", "charged", "asked", "person"},
    {CLASS_BUDGET, "no", "charged", "asked", "person"},
    {CLASS_CONFIG, "no", "charged", "asked", "-"},
    {CLASS_REFUSAL, "no", "charged", "asked", "-"},
    {CLASS_CONTEXT_OVERFLOW, "no", "charged", "asked", "-"},
    {CLASS_CANCELLED, "no", "charged", "no", "-"},
    {CLASS_LOST, "no", "charged", "yes", "-"},
};

static const char *retry_word(enum retry_rule r)
{
	switch (r) {
	case RETRY_NO:
		return "no";
	case RETRY_WAIT:
		return "wait";
	case RETRY_AFTER_RESET:
		return "reset";
	case RETRY_RESUMED:
		return "resumed";
	case RETRY_TWICE:
		return "twice";
	}
	return "?";
}

static const char *gate_word(enum gate_rule g)
{
	switch (g) {
	case GATE_RULE_NONE:
		return "-";
	case GATE_RULE_LIMIT:
		return "limit";
	case GATE_RULE_USAGE:
		return "usage";
	case GATE_RULE_PERSON:
		return "person";
	}
	return "?";
}

static void every_class_follows_the_table(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(sizeof(table) / sizeof(table[0]), CLASS__COUNT - 1);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct row *r = &table[i];
		const struct class_rule *rule = class_rule(r->class);

		assert_int_equal(r->class, i + 1);
		assert_string_equal(retry_word(rule->retry), r->retry);
		assert_string_equal(rule->charged ? "charged" : "free", r->charged);
		assert_string_equal(gate_word(rule->gate), r->gate);
		assert_int_equal(class_in_next_cycle(r->class, 0),
		    strcmp(r->next_cycle, "yes") == 0);
	}
}

static void retry_on_adds_exactly_the_named_classes(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct row *r = &table[i];

		assert_int_equal(class_in_next_cycle(r->class, BIT(r->class)),
		    strcmp(r->next_cycle, "no") != 0);
		for (k = 1; k < CLASS__COUNT; k++)
			if (k != (size_t)r->class)
				assert_int_equal(class_in_next_cycle(r->class, BIT(k)),
				    class_in_next_cycle(r->class, 0));
	}
}

static void only_limits_and_faults_of_the_way_are_passing(void **state)
{
	int c;

	(void)state;
	for (c = 0; c < CLASS__COUNT; c++)
		assert_int_equal(class_rule((enum attempt_class)c)->is_passing,
		    c == CLASS_RATE_LIMIT || c == CLASS_USAGE_LIMIT || c == CLASS_TRANSIENT);
}

static void an_operators_cancel_is_never_undone(void **state)
{
	(void)state;
	assert_false(class_in_next_cycle(CLASS_CANCELLED, UINT32_MAX));
	assert_false(class_in_next_cycle(CLASS_SUCCESS, UINT32_MAX));
	assert_false(class_rule(CLASS_CANCELLED)->can_retry_on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_class_follows_the_table),
	    cmocka_unit_test(retry_on_adds_exactly_the_named_classes),
	    cmocka_unit_test(only_limits_and_faults_of_the_way_are_passing),
	    cmocka_unit_test(an_operators_cancel_is_never_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
