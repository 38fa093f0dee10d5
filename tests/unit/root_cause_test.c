#include "view/root_cause.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum root_cause judge(enum agent_status status, struct attempt *at, struct buf *evidence)
{
	struct agent a = {.status = status, .class = at->class, .why = "flaky did not complete"};
	const struct merged_row row = {.agent = &a, .attempt = at};

	buf_reset(evidence);
	return root_cause_of(&row, evidence);
}

/* A cause is never told without what it rests on. */
static void test_words(void **state)
{
	static const struct {
		const char *message, *evidence, *answer;
		enum root_cause cause;
		const char *rests_on;
	} cases[] = {
	    {"cat: a.h: No such file or directory", NULL, NULL, CAUSE_CONTEXT,
		"it said \"No such file or directory\""},
	    {"exit status 1", "error: cannot find -lfoo", NULL, CAUSE_CONTEXT,
		"it said \"cannot find\""},
	    {"open /etc/x: Permission denied", NULL, NULL, CAUSE_CAPABILITY,
		"it said \"Permission denied\""},
	    {"exit status 1", NULL, "The requirement is ambiguous.", CAUSE_AMBIGUOUS,
		"it said \"ambiguous\""},
	    {"exit status 1", NULL, "Shall I use SQL or files?", CAUSE_AMBIGUOUS,
		"it ended with a question, and nobody answers"},
	    {"3 tests failed", NULL, NULL, CAUSE_TOO_COMPLEX, "it said \"tests failed\""},
	    {"exit status 1", NULL, NULL, CAUSE_UNKNOWN, ""},
	    {"unambiguous", NULL, NULL, CAUSE_UNKNOWN, ""}, /* whole words only */
	    {"what?!", NULL, NULL, CAUSE_UNKNOWN, ""},
	    {"", NULL, "", CAUSE_UNKNOWN, ""},
	    {NULL, NULL, NULL, CAUSE_UNKNOWN, ""},
	};
	struct buf evidence = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct attempt at = {
		    .class = CLASS_TASK_ERROR,
		    .message = cases[i].message,
		    .evidence = cases[i].evidence,
		    .answer = cases[i].answer,
		};

		assert_int_equal(judge(AGENT_FAILED, &at, &evidence), cases[i].cause);
		assert_string_equal(evidence.data, cases[i].rests_on);
	}
	buf_release(&evidence);
}

static void test_every_class_has_an_answer(void **state)
{
	struct buf evidence = BUF_INIT;
	int c;

	(void)state;
	for (c = CLASS_SUCCESS + 1; c < CLASS__COUNT; c++) {
		struct attempt at = {.class = (enum attempt_class)c, .ended_m = 61000};
		enum root_cause cause = judge(AGENT_FAILED, &at, &evidence);

		if (c == CLASS_TASK_ERROR)
			continue;
		assert_int_not_equal(cause, CAUSE_UNKNOWN);
		assert_true(evidence.len > 0);
		assert_true(strlen(root_cause_next(cause)) > 0);
	}
	buf_release(&evidence);
}

static void test_time(void **state)
{
	struct attempt at = {.class = CLASS_TIMEOUT, .started_m = 1000, .ended_m = 62000};
	struct buf evidence = BUF_INIT;

	(void)state;
	assert_int_equal(judge(AGENT_FAILED, &at, &evidence), CAUSE_TOO_COMPLEX);
	assert_string_equal(evidence.data, "it was still at work after 1:01 (--timeout)");
	at.killed = KILL_STALL;
	assert_int_equal(judge(AGENT_FAILED, &at, &evidence), CAUSE_UNKNOWN);
	assert_string_equal(evidence.data, "it fell silent and was ended (--stall)");
	buf_release(&evidence);
}

static void test_what_did_not_run(void **state)
{
	struct attempt at = {.class = CLASS_NONE};
	struct buf evidence = BUF_INIT;

	(void)state;
	assert_int_equal(judge(AGENT_SKIPPED, &at, &evidence), CAUSE_PARENT);
	assert_string_equal(evidence.data, "flaky did not complete");
	assert_int_equal(judge(AGENT_CANCELLED, &at, &evidence), CAUSE_OPERATOR);
	assert_int_equal(judge(AGENT_PENDING, &at, &evidence), CAUSE_UNFINISHED);
	buf_release(&evidence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_every_class_has_an_answer),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_what_did_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
