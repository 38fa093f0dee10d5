/* What a simulated agent is asked to do: the [[sim key=value ...]] directives of its task. Pure. */
#ifndef AB_EXEC_SIM_PLAN_H
#define AB_EXEC_SIM_PLAN_H

#include "base/err.h"

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
	SIM__COUNT
};

#define SIM_MAX_STEPS 64

struct sim_steps {
	enum sim_outcome v[SIM_MAX_STEPS];
	size_t nr;
};

struct sim_plan {
	struct sim_steps outcomes; /* by attempt over the whole run; the last one repeats */
	struct sim_steps cycles; /* by cycle, likewise; asked first */
	double duration_s; /* < 0: not told */
	double retry_after_s; /* < 0: not told */
	double cost_usd; /* < 0: not told */
	int64_t lines, tokens; /* < 0: not told */
};

/* Of several directives the later ones win, key by key. -1: an unknown key or a bad value. */
int sim_plan_read(const char *task, struct sim_plan *plan, struct err *err);

/* What the attempt comes to. `run_attempt` counts from 1, `cycle` from 0. */
enum sim_outcome sim_plan_outcome(const struct sim_plan *plan, int64_t run_attempt, int64_t cycle);

/* The task without its directives, malloc'ed. */
char *sim_plan_strip(const char *task);

#endif
