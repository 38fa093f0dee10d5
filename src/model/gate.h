/* What holds starts back for one account when its service limits it: what the journal says of it.
 *
 * Part of the fold: batch_apply keeps it, one an account, and nobody else writes it. First what
 * the account's `gate` events told, then the facts that its attempts left since, which are all
 * that policy/gate.h looks at. No I/O, no clock. */
#ifndef AB_MODEL_GATE_H
#define AB_MODEL_GATE_H

#include "model/doubt.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdint.h>

#define SEQ_NONE UINT32_MAX
#define GATE_LASTED 16

struct gate {
	enum gate_state state;
	int64_t until_t, until_m; /* of a closed one; NUM_NONE: until a person acts */
	int64_t width; /* agents at once, or NUM_NONE: as many as there are slots */
	int64_t pace_ms; /* from one start to the next, or NUM_NONE: none learned */
	int64_t burst; /* starts at once after a rest, where there is a pace */
	const char *why; /* lives as long as the batch; NULL: not told */
	int64_t closed_m, closed_ms; /* when it last closed, and for how long it was */

	uint32_t
	    nr_in_flight; /* agents' processes that the journal knows; validations do not count */
	uint32_t nr_starts; /* numbers them: attempt.seq */
	int64_t last_start_m; /* NUM_NONE: none in this boot */
	uint32_t ramp_seq; /* the first start since it last opened */
	uint32_t ramp_served; /* how many were served since */

	/* A copy of the service's bucket: `level` starts were left in it at level_m. */
	double level;
	int64_t level_m;

	/* A limit lasts from the first refusal until something that started later is served. */
	bool is_limited;
	uint32_t tries; /* refusals in a row of starts made while it lasts, the first one counted */
	uint32_t known_seq; /* what started before that was under way when it was first heard of */
	struct gate_mark begin; /* the first start of all */
	/* When this limit was first heard of, and the one before it; seq SEQ_NONE: not yet. */
	struct gate_mark empty, empty_before;
	int64_t pace_before_ms; /* that was kept when this limit was met */
	uint32_t refused_in; /* of the starts between the two, or since the beginning */
	uint32_t refused_after; /* of those that came later */
	uint32_t nr_limits; /* since what is learned was last in doubt */
	uint32_t nr_steps; /* that the gate was widened since the last limit */
	uint32_t good_width; /* so many ran at once and were served */
	struct doubt doubt; /* at whether all this is of any use */

	/* How long the last limits of this batch lasted, in a ring, of nr_lasted in all; and those of
	 * runs before, as an event told. */
	int64_t limited_m; /* when this one was first heard of */
	int64_t lasted_ms[GATE_LASTED];
	uint32_t nr_lasted, before_nr;
	int64_t before_ms;

	uint32_t served; /* since the last event of the gate */
	uint32_t served_full; /* of those, while no more would have been let in */
	int64_t full_m; /* when last so many were in flight as its width lets in */
	int64_t served_ms; /* what a served attempt takes, smoothed; 0: none yet */
	int64_t refusal_ms; /* the longest that a refused one took */

	uint32_t probe_seq; /* the one that tries first, or SEQ_NONE */
	int64_t probe_m; /* when it was started */
	bool is_probe_served;
};

struct attempt;

void gate_init(struct gate *g);

/* As an event of the gate says that was told at (t, m). `why`: the event's, kept. */
void gate_set(struct gate *g, const struct ev_gate *ev, int64_t t, int64_t m, const char *why);

/* An attempt starts, nr_in_flight counts it: returns its number among the account's starts. */
uint32_t gate_note_start(struct gate *g, int64_t m);
/* It has its verdict; nr_in_flight still counts it. */
void gate_note_verdict(struct gate *g, const struct attempt *at);
/* It never ran. */
void gate_note_void(struct gate *g, const struct attempt *at);
/* Monotonic time begins anew: what was measured by it is forgotten. */
void gate_reboot(struct gate *g, int64_t m);

/* How many starts the copy of the service's bucket holds at that moment; without a pace, many. */
double gate_level(const struct gate *g, int64_t m);

/* Whether the service refused that attempt for a limit, or took it up: most other ends tell
 * neither. */
bool class_is_refused(enum attempt_class c);
bool class_is_served(enum attempt_class c);

#endif
