/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/harvest_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 20000

static void no_bytes_break_the_harvest(void **state)
{
	static const char *const words[] = {"{", "}", "[", "]", "\"", "\\", "\n", "\r\n", ":", ",",
	    "{\"type\":\"result\",", "\"usage\":{", "\"session_id\":\"--x\"", "\n{\n", "\033[31m",
	    "Tokens: 1k sent, 2 received.", "session id: ", "tokens used\n", "\\u0000", "\xff",
	    NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/harvest", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bytes_break_the_harvest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
