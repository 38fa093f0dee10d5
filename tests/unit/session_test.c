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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_cut_short_goes_on),
	    cmocka_unit_test(only_safe_words_are_sessions),
	    cmocka_unit_test(a_resumed_attempt_that_ends_by_config_had_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
