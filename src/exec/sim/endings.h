/* How a simulated agent ends: the words of real services and programs for each cause. Pure. */
#ifndef AB_EXEC_SIM_ENDINGS_H
#define AB_EXEC_SIM_ENDINGS_H

#include "base/buf.h"
#include "exec/sim/plan.h"

#include <stdbool.h>
#include <stdint.h>

struct ending {
	const struct sim_plan *plan;
	enum sim_outcome outcome;
	int64_t now_t; /* Unix milliseconds, for a reset */
	bool is_other_vendor; /* the same cause in the words of another service */
	const char *answer; /* of a success */
	const char *session;
	int64_t turns, duration_ms, tokens;
	double cost_usd;
};

/* The line that tells the error; "" for ends without one. */
void ending_error(const struct ending *e, struct buf *out);
/* The last line: {"type":"result", ...} with cost, usage and session. */
void ending_result(const struct ending *e, struct buf *out);
/* The exit status (a crash and a hang do not come to it). */
int ending_code(enum sim_outcome outcome);

#endif
