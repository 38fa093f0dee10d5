/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/gate_hint_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 50000

static void no_hint_does_harm(void **state)
{
	static const char *const words[] = {"\"version\":1", "\"claude\"", "\"state\":", "\"open\"",
	    "\"closed\"", "\"probing\"",
	    "\"until\":", "\"width\":", "\"pace\":", "\"burst\":", "\"lasted\":[", "null", "-1",
	    "0", "1e308", "1795262395", "9007199254740993", "{", "[", "\\u0000", "\xff", "\x1b[2J",
	    NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/gate_hint", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_hint_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
