#include "policy/budget.h"

#include <stdio.h>

/* Ten costs of 0.1 are not quite 1. */
#define USD_FUZZ 1e-9

struct budget budget_of(const struct options *o)
{
	return (struct budget){
	    .usd = o->budget_usd, .tokens = o->budget_tokens, .is_hard = o->budget_hard};
}

double budget_spent_usd(const struct batch *b)
{
	return b->earlier_usd + b->cost_usd;
}

/* Each sum stays at the end of its range: their sum must not leave it. */
static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

void budget_add_elsewhere(struct budget *budget, const struct batch *b)
{
	budget->elsewhere_usd += b->cost_usd;
	budget->elsewhere_tokens = add(budget->elsewhere_tokens, b->tokens);
}

int64_t budget_spent_tokens(const struct batch *b)
{
	return add(b->earlier_tokens, b->tokens);
}

bool budget_is_spent(const struct budget *budget, const struct batch *b, char *why, size_t size)
{
	double usd = budget_spent_usd(b) + budget->elsewhere_usd;
	int64_t tokens = add(budget_spent_tokens(b), budget->elsewhere_tokens);

	if (budget->usd > 0 && usd >= budget->usd - USD_FUZZ) {
		snprintf(why, size,
		    "--budget: $%.2f of $%.2f spent; give more with resume --budget USD", usd,
		    budget->usd);
		return true;
	}
	if (budget->tokens > 0 && (double)tokens >= budget->tokens) {
		snprintf(why, size,
		    "--budget-tokens: %lld of %.0f used; give more with resume --budget-tokens N",
		    (long long)tokens, budget->tokens);
		return true;
	}
	return false;
}
