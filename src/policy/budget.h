/* What a run may cost. Pure.
 *
 * A budget counts what ended attempts have told, or what their profile's prices make of their
 * tokens, over all batches of the run: an attempt that tells nothing counts as nothing. What runs
 * when it is spent may therefore go beyond it. */
#ifndef AB_POLICY_BUDGET_H
#define AB_POLICY_BUDGET_H

#include "model/batch.h"
#include "model/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
	double usd, tokens; /* 0: none */
	bool is_hard; /* what runs is ended too */
	/* What other batches of the run have spent beside this one. */
	double elsewhere_usd;
	int64_t elsewhere_tokens;
};

struct budget budget_of(const struct options *o);
/* What another batch, or a role, of the run has spent itself counts, too. */
void budget_add_elsewhere(struct budget *budget, const struct batch *b);
double budget_spent_usd(const struct batch *b);
int64_t budget_spent_tokens(const struct batch *b); /* in and out, and totals told alone */

/* Whether nothing more may start; `why` says it in words, and what to do. */
bool budget_is_spent(const struct budget *budget, const struct batch *b, char *why, size_t size);

#endif
