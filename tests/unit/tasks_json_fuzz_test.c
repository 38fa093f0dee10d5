/* Drives the fuzz entry without a fuzzer: its seeds, and the same mutations of them everywhere. */
#include "fuzz/tasks_json_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const words[] = {"\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true",
    "1e999", "\\ud83d", "\\u0000", "\xff", "\n", "\"task\":", "\"id\":", "\"depends_on\":[",
    "\"Question\":", "\"task_id\":", "\"Final answer\":\"?\"", "\"file_name\":\"a;b\"",
    "\"attachments\":", "\xef\xbb\xbf", NULL};

static void any_bytes_are_read(void **state)
{
	const char *rounds = getenv("FUZZ_ROUNDS");

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/tasks_json", words,
	    rounds ? strtoul(rounds, NULL, 10) : 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(any_bytes_are_read)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
