/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/plan_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void no_reply_breaks_the_parser(void **state)
{
	static const char *const words[] = {"{", "}", "[", "]", "\"", "\\", ",", ":", "null", "\n",
	    "\r\n", "\n\n", "\n```\n", "\n```csv\n", "\n~~~~json\n", "\"task\":\"x\"", "task",
	    "id,task\n", "\nid,task,depends_on\na,b,c\n", "\"subtasks\":[", "\"plan\":{",
	    "\"depends_on\":[\"a\"]", "\xef\xbb\xbf", "\\u0000", "\xff", NULL};
	const char *rounds = getenv("FUZZ_ROUNDS");

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/plan", words,
	    rounds ? strtoul(rounds, NULL, 10) : 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_reply_breaks_the_parser)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
