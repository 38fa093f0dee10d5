/* How long to wait when nobody said, by what this service's limits have lasted so far. Pure. */
#ifndef AB_POLICY_LEARNED_H
#define AB_POLICY_LEARNED_H

#include "model/gate.h"

#include <stddef.h>
#include <stdint.h>

/* So many limits of a service must have been seen to end before they say more than the ladder. */
#define LEARNED_LEAST 5

/* The wait before try k + 1 (k from 1): what most limits lasted, doubled with every further try,
 * and never more than `ladder_ms`, the ladder's wait. NUM_NONE: not enough is known. */
int64_t learned_wait_ms(const struct gate *g, uint32_t k, int64_t ladder_ms);

/* Three of four of these last no longer. nr > 0. */
int64_t learned_typical_ms(const int64_t *lasted_ms, size_t nr);

#endif
