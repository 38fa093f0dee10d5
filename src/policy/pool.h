/* Which account of its pool a row starts on. Pure.
 *
 * Of the accounts whose gates let one start, the one with the fewest agents in flight takes the next
 * row, the first of them in the order of the pool. A row that an account has refused may go to
 * another one at once: what it was told concerned the account. But a row whose agent can go on with
 * a session of its own goes back to the account that has it, unless that one keeps it for long; where
 * the session is of an earlier cycle, if that account's gate lets it start at once. */
#ifndef AB_POLICY_POOL_H
#define AB_POLICY_POOL_H

#include "base/clock.h"
#include "model/batch.h"

#include <stdbool.h>
#include <stdint.h>

struct policy;

/* The account that takes the row now, whose own wait is over; ACCOUNT_NONE: none does. */
uint32_t pool_choose(const struct batch *b, const struct policy *p, uint32_t agent,
    struct instant now);
/* Whether some account's gate lets one start now. */
bool pool_lets_start(const struct batch *b, const struct pool *pool, struct instant now);
/* Whether none of them does before a person acts, or within --max-wait. */
bool pool_is_out(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now);
/* The agents that wait for a start, as one account's share. */
uint32_t pool_share(const struct batch *b, const struct account *acc);

/* Whether what the row's last attempt (its verdict folded in, or what it will be) was refused for
 * is its account's matter alone. */
bool pool_may_leave(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now);
/* When another account of its pool may take the row, at the earliest; NUM_NONE: none before a
 * person acts. */
int64_t pool_elsewhere_t(const struct batch *b, uint32_t agent, struct instant now);
/* Both: it goes on at once under another key. */
bool pool_leaves_now(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now);

#endif
