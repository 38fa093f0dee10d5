#include "policy/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_cut_short_goes_on(void **state)
{
	static const enum attempt_class goes_on[] = {
	    CLASS_RATE_LIMIT, CLASS_USAGE_LIMIT, CLASS_TRANSIENT, CLASS_MAX_TURNS};
	int c;
	size_t i;

	(void)state;
	for (c = CLASS_NONE; c < CLASS__COUNT; c++) {
		const struct attempt at = {.has_verdict = true,
		    .class = (enum attempt_class)c,
		    .account = "claude",
		    .session = "s-1"};
		bool wanted = false;

		for (i = 0; i < sizeof(goes_on) / sizeof(goes_on[0]); i++)
			wanted |= (int)goes_on[i] == c;
		assert_int_equal(session_to_resume(&at, "claude") != NULL, wanted);
		assert_null(session_to_resume(&at, "another"));
	}
	assert_null(session_to_resume(NULL, "claude"));
}

/* It comes out of an agent and becomes a word of a command. */
static void only_safe_words_are_sessions(void **state)
{
	static const struct {
		const char *session;
		bool is_safe;
	} table[] = {
	    {"0b5e-7f", true},
	    {"sim:1.2_3", true},
	    {"", false},
	    {NULL, false},
	    {"-p", false},
	    {"--dangerously", false},
	    {"../x", false},
	    {"a b", false},
	    {"a/b", false},
	    {"a\nb", false},
	    {"{task}", false},
	    {"$(x)", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct attempt at = {.has_verdict = true,
		    .class = CLASS_TRANSIENT,
		    .account = "a",
		    .session = table[i].session};

		assert_int_equal(session_to_resume(&at, "a") != NULL, table[i].is_safe);
	}
}

static void a_resumed_attempt_that_ends_by_config_had_none(void **state)
{
	struct attempt at = {.has_verdict = true, .class = CLASS_CONFIG, .is_resumed = true};

	(void)state;
	assert_true(session_is_gone(&at));
	at.is_resumed = false;
	assert_false(session_is_gone(&at));
	at.is_resumed = true;
	at.class = CLASS_TRANSIENT;
	assert_false(session_is_gone(&at));
}

/* 100 told by the first; the second told 250 of the whole session, less than that is its own. */
static void what_a_session_used_before_is_taken_off(void **state)
{
	struct attempt attempts[] = {
	    {.n = 1,
		.has_verdict = true,
		.session = "s",
		.cost_usd = -1,
		.tokens_in = 100,
		.tokens_out = 10,
		.tokens_total = NUM_NONE},
	    {.n = 2,
		.has_verdict = true,
		.session = "other",
		.cost_usd = -1,
		.tokens_in = 7,
		.tokens_out = 7,
		.tokens_total = NUM_NONE},
	    {.n = 3,
		.has_verdict = true,
		.session = "s",
		.cost_usd = -1,
		.tokens_in = 150,
		.tokens_out = 5,
		.tokens_total = NUM_NONE},
	};
	const struct agent a = {.attempts = attempts, .nr_attempts = 3};
	struct usage before, told;

	(void)state;
	usage_init(&before);
	session_add_use(&a, "s", 3, &before);
	assert_int_equal(before.tokens_in, 100);
	session_add_use(&a, "s", UINT32_MAX, &before);
	assert_int_equal(before.tokens_in, 350);
	usage_init(&before);
	session_add_use(&a, "s", 4, &before);
	usage_init(&told);
	told.tokens_in = 300;
	told.tokens_out = 20;
	usage_take_off(&told, &before);
	assert_int_equal(told.tokens_in, 50);
	assert_int_equal(told.tokens_out, 5);
	assert_true(told.cost_usd < 0);
	/* Less than before: it was told of this attempt alone. */
	told.tokens_in = 40;
	usage_take_off(&told, &before);
	assert_int_equal(told.tokens_in, 40);
	assert_int_equal(told.tokens_out, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_cut_short_goes_on),
	    cmocka_unit_test(only_safe_words_are_sessions),
	    cmocka_unit_test(a_resumed_attempt_that_ends_by_config_had_none),
	    cmocka_unit_test(what_a_session_used_before_is_taken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
