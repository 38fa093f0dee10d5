/* What holds starts back for one account when its service limits it: what the journal says of it.
 *
 * Part of the fold: batch_apply keeps it, one an account, and nobody else writes it. What may start
 * and what a refusal leads to is policy's. */
#ifndef AB_MODEL_GATE_H
#define AB_MODEL_GATE_H

#include "model/event.h"

#include <stdint.h>

struct gate {
	enum gate_state state;
	int64_t until_t, until_m; /* of a closed one; NUM_NONE: until a person acts */
	int64_t width; /* agents at once, or NUM_NONE: as many as there are slots */
	int64_t pace_ms; /* from one start to the next, or NUM_NONE: none learned */
	const char *why; /* lives as long as the batch; NULL: not told */
};

void gate_init(struct gate *g);

/* As an event of the gate says that was told at (t, m). `why`: the event's, kept. */
void gate_set(struct gate *g, const struct ev_gate *ev, int64_t t, int64_t m, const char *why);

#endif
