/* Whether holding starts back is of any use: what the service refuses, counted.
 *
 * A limit that is one of pace or number is met no more, or seldom, once starts are held back enough.
 * Where limits are met all the same, again and again or at half the pace, the gate is freed for a
 * trial: if no more is refused then than was before, refusals have nothing to do with how many start,
 * and nothing is learned from them for a while. Part of the fold, no I/O, no clock. */
#ifndef AB_MODEL_DOUBT_H
#define AB_MODEL_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

/* A moment of the account: how many starts there had been, and when it was. */
struct gate_mark {
	uint32_t seq;
	int64_t m;
};

struct doubt {
	bool is_free; /* refusals are taken for chance */
	struct gate_mark from; /* starts from here on count */
	uint32_t nr, nr_refused; /* of those, as far as they are judged */
	uint32_t nr_limits; /* that were met: one, however many were refused by it in a row */
	uint32_t held_nr, held_refused; /* by the last look before it was freed */
	int64_t held_pace_ms; /* and what it was then */
	int64_t pace_ms; /* from one served start to the next, in the look before; 0: not known */
	uint32_t nr_looks; /* since it is free */
};

/* Counts anew from here. */
void doubt_begin(struct doubt *d, struct gate_mark now);
/* The start `seq` was refused or served, `now`; is_limit: nothing was refused since another one was
 * served. Returns whether is_free has changed. */
bool doubt_note(struct doubt *d, uint32_t seq, bool is_refused, bool is_limit,
    struct gate_mark now);

#endif
