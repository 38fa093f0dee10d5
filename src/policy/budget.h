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

struct spent {
	double usd;
	int64_t tokens; /* in and out, and totals told alone */
};

struct budget {
	double usd, tokens; /* 0: none */
	bool is_hard; /* what runs is ended too */
	struct spent elsewhere; /* by other batches or roles of the run, beside this one */
};

struct budget budget_of(const struct options *o);
/* By a batch and those before it in its run. */
struct spent budget_spent(const struct batch *b);
/* Adds what the batch has spent itself. Tokens stay at the end of their range. */
void spent_add(struct spent *sum, const struct batch *b);

/* Whether nothing more may start; `why` says it in words, and what to do. */
bool budget_is_spent(const struct budget *budget, const struct batch *b, char *why, size_t size);

#endif
