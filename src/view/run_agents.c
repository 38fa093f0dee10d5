#include "view/run_agents.h"
#include "base/xalloc.h"

#include <stdlib.h>

void run_agents_init(struct run_agents *ra)
{
	*ra = (struct run_agents){0};
}

static void forget(struct run_agents *ra)
{
	while (ra->nr_batches > 0)
		free(ra->batches[--ra->nr_batches].numbers);
	ra->nr = 0;
}

void run_agents_release(struct run_agents *ra)
{
	forget(ra);
	free(ra->batches);
	free(ra->newest);
	run_agents_init(ra);
}

/* Nearly all are of the original. AGENT_NONE: no earlier batch has it. */
static uint32_t find_number(const struct run_agents *ra, const char *id)
{
	size_t i;

	for (i = 0; i < ra->nr_batches; i++) {
		uint32_t at = batch_find(&ra->batches[i].batch->state, id);

		if (at != AGENT_NONE)
			return ra->batches[i].numbers[at];
	}
	return AGENT_NONE;
}

static void add_batch(struct run_agents *ra, const struct batch_reader *r)
{
	uint32_t nr = r->state.nr_agents, i, number;
	uint32_t *numbers = xmalloc((nr ? nr : 1) * sizeof(*numbers));

	for (i = 0; i < nr; i++) {
		number = find_number(ra, r->state.agents[i].task->id);
		if (number == AGENT_NONE) {
			VEC_GROW(ra->newest, ra->nr, ra->cap);
			number = ra->nr++;
		}
		numbers[i] = number;
		ra->newest[number] = (struct run_agent){(uint32_t)ra->nr_batches, i};
	}
	VEC_GROW(ra->batches, ra->nr_batches, ra->cap_batches);
	ra->batches[ra->nr_batches++] = (struct run_agents_batch){r, nr, numbers};
}

bool run_agents_update(struct run_agents *ra, const struct run_reader *run)
{
	bool is_anew = ra->run != run;
	size_t i;

	for (i = 0; i < ra->nr_batches && !is_anew; i++)
		is_anew = i >= run->nr || ra->batches[i].batch != run->batches[i] ||
		    ra->batches[i].nr != run->batches[i]->state.nr_agents;
	if (is_anew) {
		forget(ra);
		ra->nr_begun++;
	}
	ra->run = run;
	for (i = ra->nr_batches; i < run->nr; i++)
		add_batch(ra, run->batches[i]);
	return is_anew;
}

const struct batch_reader *run_agents_batch(const struct run_agents *ra, uint32_t number)
{
	return ra->batches[ra->newest[number].batch].batch;
}

const struct agent *run_agents_agent(const struct run_agents *ra, uint32_t number)
{
	return &run_agents_batch(ra, number)->state.agents[ra->newest[number].agent];
}
