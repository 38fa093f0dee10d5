#include "policy/price.h"
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char mini[] = "large-4-mini", large[] = "large", empty[] = "";

static void the_first_price_that_fits_counts(void **state)
{
	struct profile_price prices[] = {
	    {mini, 1, 2}, {large, 10, 20}, {empty, 99, 99}, {NULL, 3, 15}};
	const struct profile p = {.prices = prices, .nr_prices = 4};
	static const struct {
		const char *model;
		int64_t in, out;
		double usd;
	} table[] = {
	    {"large-4-mini-2026", 1000000, 1000000, 3},
	    {"large-4", 100000, 0, 1},
	    {"small", 1000000, 200000, 6},
	    {"", 1000000, NUM_NONE, 3},
	    {"", NUM_NONE, 1000000, 15},
	    {"", 0, 0, 0},
	    {"", NUM_NONE, NUM_NONE, -1},
	    {"", -5, 1000000, 15},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_float_equal(price_of(&p, table[i].model, table[i].in, table[i].out),
		    table[i].usd, 1e-9);
}

static void without_a_price_nothing_is_told(void **state)
{
	struct profile_price prices[] = {{large, 10, 20}};
	const struct profile p = {.prices = prices, .nr_prices = 1}, none = {.nr_prices = 0};

	(void)state;
	assert_true(price_of(&p, "small", 1000, 1000) < 0);
	assert_true(price_of(&p, "", 1000, 1000) < 0);
	assert_true(price_of(&none, "large", 1000, 1000) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_price_that_fits_counts),
	    cmocka_unit_test(without_a_price_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
