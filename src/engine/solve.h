/* The steps of a run with roles: `conduct` of its original gathers what stands on disk, asks
 * policy/solve.h what is next, does it, and goes on by exec: into a role's call, a batch of the run,
 * or itself. Each of them comes back here when it has ended. The run's lock is held throughout. */
#ifndef AB_ENGINE_SOLVE_H
#define AB_ENGINE_SOLVE_H

#include "engine/engine.h"

/* Whether this process is the stepper: it was called for the original of a run with roles. */
bool solve_is_stepper(const struct engine *e);
/* Whether what is conducted here goes back to the stepper when it has ended. */
bool solve_is_part(const struct engine *e);

enum solve_result {
	SOLVE_CONDUCT_HERE, /* the original's own rows are next: conduct them in this process */
	SOLVE_OVER /* the run is done or stopped, or it failed: e->status, e->err */
};

/* Takes steps until one of these; most of them end in an exec. e has its locks, and the reader is
 * open. `told_ready` is called before the first exec. */
enum solve_result solve_go_on(struct engine *e, void (*tell_ready)(struct engine *e));
/* What is conducted here shares its budget with the run's roles: what they have spent so far counts
 * (in a role's call also what the rows have). Behind engine_init_conductor. */
void solve_share_budget(struct engine *e);
/* Goes back to the stepper by exec. Returns on failure, with e->err. */
void solve_return(struct engine *e);

#endif
