/* The fuzz target with its plain driver: see tests/fuzz. */
#include "fuzz/sanitize_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR_MUTATIONS 30000

static void no_bytes_break_the_sanitiser(void **state)
{
	static const char *const words[] = {"\x1b", "\x1b[", "\x1b[1;31m", "\x1b]0;", "\x07",
	    "\x1b\\", "\x1bP", "\xc2\x9b", "\x9b", "\xc2\x9d", "\r", "\n", "\r\n", "\t", "\x7f",
	    "\x18", "plain text that is longer than eight", "\xc3", "\xe2\x9c\x94", "\xe2\x80\xae",
	    "\xcc\x81", "\xf0\x9f\x91\xa9", "\xff", "\xed\xa0\x80", NULL};

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/sanitize", words, NR_MUTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bytes_break_the_sanitiser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
