#include "model/retry_words.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_says(struct buf *got, const char *want)
{
	assert_string_equal(got->data, want);
	buf_reset(got);
}

static void the_words_are_the_seeds(void **state)
{
	static const char *cells[] = {"Navigate to arXiv\nand look"};
	static const char *long_cells[] = {"\n "
					   "0123456789012345678901234567890123456789012345678901234"
					   "567890123456789012345678\xc3\xa9 behind"};
	struct task rows[] = {{.id = "step_2", .cells = cells},
	    {.id = "step_3", .cells = long_cells}, {.id = "it's", .cells = cells},
	    {.id = "a\"'\\", .cells = cells}};
	static const uint32_t some[] = {0, 1}, all[] = {0, 2, 3};
	struct tasks ts;
	struct buf out = BUF_INIT;

	(void)state;
	tasks_init(&ts);
	ts.v = rows;
	ts.known[COL_TASK] = 0;
	retry_words_found(&ts, some, 2, &out);
	assert_says(&out, "Found 2 failed subtask(s) to retry: ['step_2', 'step_3']");
	retry_words_found(&ts, all, 3, &out);
	assert_says(&out, "Found 3 failed subtask(s) to retry: ['step_2', \"it's\", 'a\"\\'\\\\']");
	assert_string_equal(RETRY_PHASE_FAILED, "=== Phase 4 (RETRY): EXECUTE FAILED SUBTASKS ===");
	retry_words_retrying(&ts, &rows[0], &out);
	assert_says(&out, "Retrying failed subtask: step_2 - Navigate to arXiv...");
	retry_words_retrying(&ts, &rows[1], &out);
	assert_says(&out,
	    "Retrying failed subtask: step_3 - "
	    "0123456789012345678901234567890123456789012345678901234567890123456789012345678...");
	retry_words_healed(&rows[0], &out);
	assert_says(&out, "Successfully retried subtask: step_2");
	retry_words_complete(2, &out);
	assert_says(&out, "Retry execution complete: 2 subtask(s) retried");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_words_are_the_seeds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
