#include "exec/memory.h"
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_available_is_found(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} table[] = {
	    {"MemTotal:        8000000 kB\nMemFree:  100 kB\nMemAvailable:    2048 kB\n", 2097152},
	    {"MemAvailable: 0 kB\n", 0},
	    {"MemTotal: 8 kB\nMemFree: 1 kB\n", NUM_NONE}, /* before Linux 3.14 */
	    {"MemAvailable: 9223372036854775807 kB\n", NUM_NONE},
	    {"MemAvailable: -5 kB\n", NUM_NONE},
	    {"MemAvailable:", NUM_NONE},
	    {"XMemAvailable: 5 kB\n", NUM_NONE},
	    {"", NUM_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_true(memory_available_in(table[i].text) == table[i].bytes);
	assert_true(memory_available() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_available_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
