#include "policy/budget.h"

#include <stdio.h>

/* Ten costs of 0.1 are not quite 1. */
#define USD_FUZZ 1e-9

struct budget budget_of(const struct options *o)
{
	return (struct budget){
	    .usd = o->budget_usd, .tokens = o->budget_tokens, .is_hard = o->budget_hard};
}

/* Each sum stays at the end of its range: their sum must not leave it. */
static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

void spent_add(struct spent *sum, const struct batch *b)
{
	sum->usd += b->cost_usd;
	sum->tokens = add(sum->tokens, b->tokens);
}

struct spent budget_spent(const struct batch *b)
{
	struct spent sum = {b->earlier_usd, b->earlier_tokens};

	spent_add(&sum, b);
	return sum;
}

bool budget_is_spent(const struct budget *budget, const struct batch *b, char *why, size_t size)
{
	struct spent sum = budget_spent(b);
	double usd = sum.usd + budget->elsewhere.usd;
	int64_t tokens = add(sum.tokens, budget->elsewhere.tokens);

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
