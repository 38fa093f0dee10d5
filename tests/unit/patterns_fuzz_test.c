/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/patterns_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 50000

static void no_bytes_break_the_parser(void **state)
{
	static const char *const words[] = {"{", "}", "[", "]", "\"", "\\", ",", ":", "null",
	    "\"parts\": {", "\"times\": {", "{{a}}", "{{b}}", "{{codes}}", "\"status\": \"429\",",
	    "\"errors\": [", "\"regex\": [", "\"weak\": true,", "\"kind\": \"error\",", "\xff",
	    NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/patterns", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bytes_break_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
