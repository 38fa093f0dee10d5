/* What the roles of a run have cost: they are in no count of its rows. */
#ifndef AB_VIEW_ROLE_SUMS_H
#define AB_VIEW_ROLE_SUMS_H

#include "formats/run_reader.h"

struct role_sums {
	uint32_t calls;
	uint64_t attempts;
	int64_t elapsed_ms; /* of all calls, one after the other */
	double cost_usd;
	int64_t tokens, tokens_in, tokens_out;
};

/* `role`: SOLVE_ROLE__COUNT: of all. */
struct role_sums role_sums_of(const struct run_reader *run, enum solve_role role, int64_t now_t);

#endif
