#include "policy/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void class_and_folded_message_tell_failures_apart(void **state)
{
	static const struct {
		enum agent_status status;
		bool has_verdict;
		enum attempt_class class;
		const char *message;
		const char *print; /* NULL: it has none */
	} table[] = {
	    {AGENT_FAILED, true, CLASS_TASK_ERROR, "line 12: no module 42",
		"task_error line <n>: no module <n>"},
	    {AGENT_FAILED, true, CLASS_TASK_ERROR, "line 7: no module 1",
		"task_error line <n>: no module <n>"},
	    {AGENT_FAILED, true, CLASS_CRASH, "line 7: no module 1",
		"crash line <n>: no module <n>"},
	    {AGENT_FAILED, true, CLASS_LOST, NULL, "lost "},
	    {AGENT_FAILED, false, CLASS_NONE, "begun", NULL},
	    {AGENT_CANCELLED, true, CLASS_CANCELLED, "cancelled", NULL},
	    {AGENT_COMPLETED, true, CLASS_SUCCESS, "done", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct attempt at = {.has_verdict = table[i].has_verdict,
		    .class = table[i].class,
		    .message = table[i].message};
		struct agent a = {.status = table[i].status, .attempts = &at, .nr_attempts = 1};
		struct buf print = BUF_INIT;

		assert_int_equal(fingerprint_of(&a, &print), table[i].print != NULL);
		if (table[i].print)
			assert_string_equal(print.data, table[i].print);
		buf_release(&print);
	}
}

static void a_row_without_a_trace_has_none(void **state)
{
	struct agent a = {.status = AGENT_FAILED};
	struct buf print = BUF_INIT;

	(void)state;
	assert_false(fingerprint_of(&a, &print));
	assert_int_equal(print.len, 0);
	buf_release(&print);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(class_and_folded_message_tell_failures_apart),
	    cmocka_unit_test(a_row_without_a_trace_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
