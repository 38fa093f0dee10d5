/* What a simulated agent is asked to do: the [[sim key=value ...]] directives of its task, or of
 * the problem that it has a role in. Pure. */
#ifndef AB_EXEC_SIM_PLAN_H
#define AB_EXEC_SIM_PLAN_H

#include "base/err.h"
#include "model/solve.h"

#include <stddef.h>
#include <stdint.h>

enum sim_outcome {
	SIM_OK,
	SIM_FAIL, /* ran, and did not do the work */
	SIM_429, /* rate limit */
	SIM_529, /* overloaded */
	SIM_500,
	SIM_503,
	SIM_NETWORK,
	SIM_AUTH,
	SIM_BUDGET,
	SIM_USAGE, /* a window that resets after retry-after seconds */
	SIM_REFUSAL,
	SIM_OVERFLOW,
	SIM_CONFIG,
	SIM_CRASH, /* a real signal */
	SIM_HANG, /* runs until it is killed */
	SIM_MAX_TURNS,
	SIM_NO_OUTPUT, /* says that all went well, without answer and output file */
	SIM_GARBLED, /* well, with an answer that says nothing; a role that was told so says it right */
	SIM__COUNT
};

#define SIM_MAX_STEPS 64

struct sim_steps {
	enum sim_outcome v[SIM_MAX_STEPS];
	size_t nr;
};

struct sim_fail {
	int64_t number; /* of the subtask, from 1 */
	int64_t times; /* how often it fails before it is ok */
};

struct sim_fails {
	struct sim_fail v[SIM_MAX_STEPS];
	size_t nr;
};

struct sim_verdicts {
	enum solve_quality v[SIM_MAX_STEPS];
	size_t nr;
};

struct sim_plan {
	struct sim_steps outcomes; /* by attempt over the whole run; the last one repeats */
	struct sim_steps cycles; /* by cycle, likewise; asked first */
	double duration_s; /* < 0: not told */
	double retry_after_s; /* < 0: not told */
	double cost_usd; /* < 0: not told */
	int64_t lines, tokens; /* < 0: not told */

	/* Of the problem, for the roles of a run that solves it (roles.h). */
	int64_t nr_subtasks; /* < 0: not told */
	struct sim_fails fails;
	int64_t nr_missing; /* requirements that the first plan forgets */
	struct sim_verdicts verdicts; /* by round; the last one repeats; none: by what is there */
	struct sim_steps roles[SOLVE_ROLE__COUNT]; /* by attempt of each call */
};

/* Of several directives the later ones win, key by key. -1: an unknown key or a bad value. */
int sim_plan_read(const char *task, struct sim_plan *plan, struct err *err);

/* What the attempt comes to. `run_attempt` counts from 1, `cycle` from 0. */
enum sim_outcome sim_plan_outcome(const struct sim_plan *plan, int64_t run_attempt, int64_t cycle);
/* The same of an attempt of a role's call, from 1; what else the directives say of outcomes is not
 * meant for it. */
enum sim_outcome sim_plan_role_outcome(const struct sim_plan *plan, enum solve_role role,
    int64_t attempt);

/* The task without its directives, malloc'ed. */
char *sim_plan_strip(const char *task);

#endif
