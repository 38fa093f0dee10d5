#include "policy/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_budget_is_spent_when_the_run_has_cost_it(void **state)
{
	static const struct {
		struct budget budget;
		double earlier, own;
		int64_t earlier_tokens, tokens;
		const char *why; /* NULL: not spent */
	} table[] = {
	    {{0, 0, false, {0, 0}}, 1e9, 1e9, INT64_MAX, INT64_MAX, NULL},
	    {{5, 0, false, {0, 0}}, 0, 4.99, 0, 1000, NULL},
	    {{5, 0, false, {0, 0}}, 0, 5, 0, 0,
		"--budget: $5.00 of $5.00 spent; give more with resume --budget USD"},
	    {{5, 0, false, {0, 0}}, 4, 1.25, 0, 0,
		"--budget: $5.25 of $5.00 spent; give more with resume --budget USD"},
	    {{1, 0, false, {0, 0}}, 0, 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1, 0,
		0, "--budget: $1.00 of $1.00 spent; give more with resume --budget USD"},
	    {{0, 5000, false, {0, 0}}, 9, 9, 2000, 2999, NULL},
	    {{0, 5000, false, {0, 0}}, 0, 0, 2000, 3000,
		"--budget-tokens: 5000 of 5000 used; give more with resume --budget-tokens N"},
	    {{100, 5000, false, {0, 0}}, 0, 1, INT64_MAX, INT64_MAX,
		"--budget-tokens: 9223372036854775807 of 5000 used; give more with resume "
		"--budget-tokens N"},
	    /* Other branches of the cycle spend at the same time. */
	    {{5, 0, false, {2, 0}}, 1, 1.5, 0, 0, NULL},
	    {{5, 0, false, {2, 0}}, 1, 2, 0, 0,
		"--budget: $5.00 of $5.00 spent; give more with resume --budget USD"},
	    {{0, 5000, false, {0, INT64_MAX}}, 0, 0, 1, 1,
		"--budget-tokens: 9223372036854775807 of 5000 used; give more with resume "
		"--budget-tokens N"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct batch b;
		char why[256] = "";

		memset(&b, 0, sizeof(b));
		b.earlier_usd = table[i].earlier;
		b.cost_usd = table[i].own;
		b.earlier_tokens = table[i].earlier_tokens;
		b.tokens = table[i].tokens;
		assert_int_equal(budget_is_spent(&table[i].budget, &b, why, sizeof(why)),
		    table[i].why != NULL);
		if (table[i].why)
			assert_string_equal(why, table[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_budget_is_spent_when_the_run_has_cost_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
