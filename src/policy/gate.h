/* When an account's gate lets one more start, and what a limit makes of it. Pure.
 *
 *   open       nothing is known to limit but --jobs
 *   narrowed   at most `width` agents at once, or one start every `pace` (`burst` at once after
 *              a rest), or both; both grow while nothing is refused
 *   closed     nothing starts before `until`; for a person's sake where that is not told
 *   probing    the time has come: one tries first, the others follow when it is served, or has run
 *              for longer than a refusal takes
 *
 * A limit that tells its time closes the gate until then, and how many starts it took and over
 * which time is the pace to go on with. One that tells none narrows the gate to what is still in
 * flight, at least 1; when even that one is refused with nothing beside it, the gate closes for a
 * moment that doubles. Who was started before a limit was heard of tells of the same limit.
 *
 * All of this supposes that less is refused of fewer. Where that is found not to be so (model/doubt.h),
 * a limit is kept to as above, but leaves neither pace nor width behind. */
#ifndef AB_POLICY_GATE_H
#define AB_POLICY_GATE_H

#include "base/clock.h"
#include "model/batch.h"

#include <stdbool.h>
#include <stdint.h>

/* How many milliseconds apart the first starts are made, so that a service that refuses is heard
 * before all have been sent there. */
#define GATE_SPACING_MS 20

/* What the gate must know of its batch. */
struct gate_scene {
	int64_t jobs; /* 0: no bound */
	uint32_t nr_left; /* agents of the account that wait for a start */
	int64_t refusal_costs_ms; /* how long one that is refused without a time told waits */
};

/* Whether one more may start now. If not, *again_m is when time alone will let it, or INT64_MAX:
 * something must end first, or the gate must change. */
bool gate_lets_start(const struct gate *g, struct instant now, int64_t *again_m);

/* What changes by itself: the time of a closed gate has come, the probe was served, nothing was
 * refused for long enough. Returns whether *ev is to be told; if not, *again_m as above. */
bool gate_next(const struct account *acc, const struct gate_scene *scene, struct instant now,
    struct ev_gate *ev, int64_t *again_m);

/* What a refused attempt (its verdict folded in) makes of the gate. `until_t`: when the limit is
 * told to end, or NUM_NONE. Returns whether *ev is to be told. */
bool gate_refused(const struct account *acc, const struct attempt *at, int64_t until_t,
    struct instant now, struct ev_gate *ev);

/* What another conductor of the user told of the account at told_t, checked and bounded. Returns
 * whether *ev is to be told: closed for a short time by its word; for a longer one, one tries first,
 * for it may be another account of the same name; an account that is new here goes on at the pace
 * that was learned elsewhere. */
bool gate_hinted(const struct account *acc, const struct ev_gate *told, int64_t told_t,
    struct instant now, struct ev_gate *ev);

/* An event that leaves the gate as it is but for its state, without a time. */
struct ev_gate gate_event(const struct account *acc, enum gate_state state, const char *why);

#endif
