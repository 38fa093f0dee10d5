/* What the rooms of the stepper share: solve.c takes the steps, solve_child.c names and makes children,
 * solve_end.c tells verdicts, stops and ends. Nobody else includes this. All that return int: -1 with
 * e->err. */
#ifndef AB_ENGINE_SOLVE_PARTS_H
#define AB_ENGINE_SOLVE_PARTS_H

#include "engine/role.h"
#include "engine/solve.h"

/* One step: what stands when it begins. */
struct stepper {
	struct engine *e;
	struct run_reader run;
	struct batch_reader *last;
	struct retry_row *again; /* rows of the last batch that may run again */
	uint32_t nr_again;
	struct call_look call;
	struct solve_step step;
	void (*tell_ready)(struct engine *e);
};

/* ---- solve.c ---- */

const struct solve *solve_now(const struct engine *e);
/* Writes the event, flushed, and folds it. */
int solve_append(const struct batch_dir *dir, struct event *ev, struct batch *state,
    struct err *err);
int solve_tell(struct engine *e, struct event *ev);
/* An EV_SOLVE of the step's phase and round. */
void solve_init_told(struct event *ev, const struct solve_step *step);
/* What the call that was read has replied. */
int solve_reply(struct stepper *s, enum solve_role role, struct buf *reply);

/* ---- solve_child.c ---- */

int solve_tell_child(struct stepper *s);
/* Ends in an exec. */
int solve_make_child(struct stepper *s);

/* ---- solve_end.c ---- */

int solve_tell_verdict(struct stepper *s);
/* 1: it is over. */
int solve_end_run(struct stepper *s);
int solve_stop_run(struct stepper *s);

#endif
