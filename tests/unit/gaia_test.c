#include "policy/gaia.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Cases of the benchmark's own scorer, and what it is strict about. */
static void answers_are_scored_as_the_benchmark_does(void **state)
{
	static const struct {
		const char *answer, *expected;
		bool is_same;
	} cases[] = {
	    /* numbers */
	    {"17", "17", true},
	    {"17.0", "17", true},
	    {" +1.7e1\n", "17", true},
	    {"$1,234.50", "1234.5", true},
	    {"89706.00 %", "89706.00", true},
	    {"0.1", ".10", true},
	    {"seventeen", "17", false},
	    {"17 apples", "17", false},
	    {"", "17", false},
	    {"1e", "1", false},
	    {"0x11", "17", false},
	    {"17", "17.5", false},
	    {"-3", "3", false},
	    {"1e999", "1", false},
	    /* words */
	    {"Sea Gull", "seagull", true},
	    {"St. Petersburg!", "st petersburg", true},
	    {"\xc3\x89"
	     "COLE \xce\xa9 \xd0\x96",
		"\xc3\xa9"
		"cole\xc2\xa0\xcf\x89\xd0\xb6",
		true},
	    {"ecole",
		"\xc3\xa9"
		"cole",
		false},
	    {"right", "wrong", false},
	    {"rightly", "right", false},
	    {"right", "rightly", false},
	    {"...", "", true},
	    {"inf", "inf", true},
	    {"nonsense", "inf", false},
	    /* lists: as many, in the same order, with their punctuation */
	    {"Paris , TEXAS", "paris,texas", true},
	    {"a; 2.0 ;c", "a,2,c", true},
	    {"$3,b", "3,b", true},
	    {"a,b,c", "a,b", false},
	    {"a", "a,b", false},
	    {"b,a", "a,b", false},
	    {"a.,b", "a,b", false},
	    {"a,", "a,", true},
	    {",", ";", true},
	    /* what the prompt of the benchmark asks for */
	    {"I think so.\nFINAL ANSWER: 42", "42", true},
	    {"final answer: a\nFinal Answer:  b ", "b", true},
	    {"FINAL ANSWER:", "42", false},
	    /* bytes that are no UTF-8 are themselves */
	    {"\xff", "\xff", true},
	    {"\xff", "\xfe", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("'%s' for '%s'\n", cases[i].answer, cases[i].expected);
		assert_int_equal(gaia_equals(cases[i].answer, cases[i].expected), cases[i].is_same);
	}
}

static void a_long_answer_costs_no_more_than_its_length(void **state)
{
	size_t n = 200000;
	char *nines = xmalloc(n + 1);

	(void)state;
	memset(nines, '9', n);
	nines[n] = '\0';
	assert_false(gaia_equals(nines, "9"));
	assert_true(gaia_equals(nines, nines)); /* too long for a number: a word */
	memset(nines, ',', n);
	assert_false(gaia_equals(nines, ",,"));
	assert_true(gaia_equals(nines, nines));
	free(nines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_scored_as_the_benchmark_does),
	    cmocka_unit_test(a_long_answer_costs_no_more_than_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
