/* What a run has cost beside what it may cost, in words. Pure. */
#ifndef AB_VIEW_SPENDING_H
#define AB_VIEW_SPENDING_H

#include "base/buf.h"
#include "model/options.h"

#include <stdbool.h>
#include <stdint.h>

/* Each appends "$12.84", with a budget "$12.84/$50.00" ("$12.84/$50" where is_brief and it is
 * whole), or "4.1M", "4.1M/10M". */
void spending_add_money(double usd, const struct options *o, bool is_brief, struct buf *out);
void spending_add_tokens(int64_t tokens, const struct options *o, struct buf *out);

#endif
