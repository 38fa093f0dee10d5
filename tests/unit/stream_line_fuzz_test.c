/* Drives the fuzz entry without a fuzzer: its seeds, and the same mutations of them everywhere. */
#include "fuzz/stream_line_fuzz.c"
#include "fuzz/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const words[] = {"\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true",
    "1e999", "\\ud83d", "\\u0000", "\xff", "\"type\":", "\"message\":{", "\"content\":[{",
    "\"text\":\"", "\"item\":{", "\"part\":{", "\"msg\":{",
    "\"error\":", "\"name\":", "\"toolCall\":{", NULL};

static void any_line_is_read(void **state)
{
	const char *rounds = getenv("FUZZ_ROUNDS");

	(void)state;
	fuzz_run(LLVMFuzzerTestOneInput, "tests/fuzz/seeds/stream_line", words,
	    rounds ? strtoul(rounds, NULL, 10) : 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(any_line_is_read)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
