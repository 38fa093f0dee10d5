/* The agents of a whole run: each id once, whatever the number of its cycles. An agent of the run
 * is a number that stays as long as the run is read; those of the original come first, in their
 * order, then what later batches added. */
#ifndef AB_VIEW_RUN_AGENTS_H
#define AB_VIEW_RUN_AGENTS_H

#include "formats/run_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an agent is. */
struct run_agent {
	uint32_t batch; /* place in run->batches */
	uint32_t agent;
};

struct run_agents {
	const struct run_reader *run; /* borrowed */
	struct run_agent *newest; /* by number: in the last batch that has it */
	uint32_t nr, cap;
	uint32_t nr_begun; /* how often numbers began anew */
	struct run_agents_batch {
		const struct batch_reader *batch;
		uint32_t nr; /* its agents then */
		uint32_t *numbers; /* by its agents */
	} * batches;
	size_t nr_batches, cap_batches;
};

void run_agents_init(struct run_agents *ra);
void run_agents_release(struct run_agents *ra);
/* Takes up batches that are new. Costs nothing when there are none. Numbers begin anew (true) only
 * when a batch turned up in front of others, or a plan brought rows. */
bool run_agents_update(struct run_agents *ra, const struct run_reader *run);

const struct batch_reader *run_agents_batch(const struct run_agents *ra, uint32_t number);
const struct agent *run_agents_agent(const struct run_agents *ra, uint32_t number);

#endif
