/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/verdict_reply_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void no_reply_breaks_the_parser(void **state)
{
	static const char *const words[] = {"{", "}", "[", "]", "\"", "\\", ",", ":", "null",
	    "true", "false", "\"good\"", "\"is_complete\":", "\"data_quality\":\"fair\"",
	    "\"missing_requirements\":[\"a\"]", "\"warnings\":", "\n```\n", "\\n", "\xff", NULL};
	const char *rounds = getenv("FUZZ_ROUNDS");

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/verdict_reply", words,
	    rounds ? strtoul(rounds, NULL, 10) : 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_reply_breaks_the_parser)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
