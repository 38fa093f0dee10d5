/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/fold_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 50000

static void no_bytes_break_the_folding(void **state)
{
	static const char *const words[] = {"\"", "'", "`", "{\"", "}", "\\", "/", "http://", "~",
	    "0x", "1,2", "900s", "1h30m", "2026-11-22T10:32:07Z", "deadbeef", "-", ".", ":",
	    "\xc3\xa9", "\xff", "\x1b]0;", "\x1b[31m", "\r", "\n", "\xe2\x80\xae", "<n>", NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/fold", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bytes_break_the_folding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
