#include "policy/feedback.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void it_tells_class_message_evidence_and_validation(void **state)
{
	const struct attempt at = {.has_verdict = true,
	    .class = CLASS_INVALID,
	    .message = "validation failed with exit code 1",
	    .evidence = "FAIL quotes"};
	static const char output[] = "\n=== validation of attempt 1 at 2026-11-21 23:15:02 ===\n"
				     "row 3: %s {task}\n\033[1mbold\033[m\n"
				     "=== attempt 2 at 2026-11-21 23:16:00 ===\n";
	struct buf out = BUF_INIT;

	(void)state;
	feedback_text(&at, output, sizeof(output) - 1, &out);
	assert_string_equal(out.data,
	    "The last attempt at this task did not succeed: invalid\n"
	    "Message: validation failed with exit code 1\n"
	    "Evidence: FAIL quotes\n"
	    "Output of the validation:\n"
	    "\nrow 3: %s {task}\n[1mbold[m\n");
	buf_release(&out);
}

/* Lines of the log's own are not the validation's; those that only look like them are. */
static void frames_of_the_validation_stay(void **state)
{
	const struct attempt at = {.has_verdict = true, .class = CLASS_INVALID};
	static const char output[] =
	    "=== FAILURES ===\n=== validation of attempt 1 at x ===\n=== attempts ===\n";
	struct buf out = BUF_INIT;

	(void)state;
	feedback_text(&at, output, sizeof(output) - 1, &out);
	assert_non_null(strstr(out.data, "=== FAILURES ===\n"));
	assert_non_null(strstr(out.data, "=== attempts ===\n"));
	assert_null(strstr(out.data, "validation of attempt"));
	buf_release(&out);
}

static void what_is_not_there_is_not_told(void **state)
{
	struct attempt at = {.has_verdict = true, .class = CLASS_TIMEOUT};
	struct buf out = BUF_INIT;

	(void)state;
	feedback_text(&at, "", 0, &out);
	assert_string_equal(out.data, "The last attempt at this task did not succeed: timeout\n");
	buf_reset(&out);
	at.message = at.evidence = "the same";
	feedback_text(&at, "\n\n", 2, &out);
	assert_string_equal(out.data,
	    "The last attempt at this task did not succeed: timeout\nMessage: the same\n");
	buf_reset(&out);
	at.class = CLASS_SUCCESS;
	feedback_text(&at, "x", 1, &out);
	assert_int_equal(out.len, 0);
	at.class = CLASS_CRASH;
	at.has_verdict = false;
	feedback_text(&at, "x", 1, &out);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static bool is_clean(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if ((unsigned char)b->data[i] < 0x20 && b->data[i] != '\n' && b->data[i] != '\t')
			return false;
	return utf8_is_valid(b->data, b->len) && strlen(b->data) == b->len;
}

/* Whatever an agent or a validation printed: bounded, and good text. */
static void hostile_bytes_are_bounded_and_clean(void **state)
{
	enum { BIG = 100000 };
	char *text = xmalloc(BIG + 1);
	uint32_t seed = 1;
	int round, i;

	(void)state;
	for (round = 0; round < 40; round++) {
		struct attempt at = {.has_verdict = true, .class = CLASS_TASK_ERROR};
		struct buf out = BUF_INIT;

		for (i = 0; i < BIG; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = round == 0 ? 'x'
			    : round == 1     ? '\xe2'
			    : round == 2     ? '\0'
					     : (char)(seed >> (8 + round % 16));
		}
		text[BIG] = '\0';
		at.message = at.evidence = text;
		if (round % 2)
			at.evidence = text + 1;
		feedback_text(&at, text, BIG, &out);
		assert_true(out.len <= FEEDBACK_MAX);
		assert_true(is_clean(&out));
		buf_release(&out);
	}
	free(text);
}

/* Of a long validation it is the end that is told, from the beginning of a line. */
static void the_end_of_a_validation_is_told(void **state)
{
	const struct attempt at = {.has_verdict = true, .class = CLASS_INVALID};
	struct buf text = BUF_INIT, out = BUF_INIT;
	int i;

	(void)state;
	for (i = 0; i < 2000; i++)
		buf_fmt(&text, "line %d\n", i);
	feedback_text(&at, text.data, text.len, &out);
	assert_non_null(strstr(out.data, "Output of the validation:\n...\nline "));
	assert_non_null(strstr(out.data, "\nline 1999\n"));
	assert_null(strstr(out.data, "\nline 1\n"));
	buf_release(&text);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_tells_class_message_evidence_and_validation),
	    cmocka_unit_test(frames_of_the_validation_stay),
	    cmocka_unit_test(what_is_not_there_is_not_told),
	    cmocka_unit_test(hostile_bytes_are_bounded_and_clean),
	    cmocka_unit_test(the_end_of_a_validation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
