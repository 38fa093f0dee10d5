/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/config_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 50000

static void no_bytes_break_the_parser(void **state)
{
	static const char *const words[] = {"{", "}", "[", "]", "\"", "\\", ",", ":", "null",
	    "true", "1e999", "\"defaults\":{", "\"profiles\":{", "\"accounts\":{",
	    "{\"from\":\"A\"}", "{\"file\":\"/a\"}", "{\"value\":\"~\"}", "\"a\":{",
	    "\"jobs\":", "\n", "\xff", NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/config", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bytes_break_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
