/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/tasks_csv_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 100000

static void no_bytes_break_the_reader(void **state)
{
	static const char *const words[] = {",", "\"", "\"\"", "\n", "\r\n", "\r", "\xef\xbb\xbf",
	    "\xff\xfe", "id", "task", "agent_id", "prompt", "depends_on", "tags", "RETRY-1", " ",
	    ";", "1", "a", ",task", "\na,", "\xc3\xa9", "\xff", "\x1b[", "-1", "0.5", NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/tasks_csv", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bytes_break_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
