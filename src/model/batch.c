#include "model/batch.h"
#include "base/xalloc.h"
#include "model/batch_orders.h"

#include <stdlib.h>
#include <string.h>

/* ---- making ------------------------------------------------------------- */

void batch_init(struct batch *b, const struct tasks *tasks, const struct graph *graph,
    const char *default_agent, int jobs)
{
	uint32_t i;

	memset(b, 0, sizeof(*b));
	arena_init(&b->arena);
	b->tasks = tasks;
	b->graph = graph && graph_has_edges(graph) ? graph : NULL;
	b->jobs = jobs;
	b->solve.rows = b->solve.until_t = b->solve.since_t = NUM_NONE;
	b->pid = b->not_before_t = b->not_before_m = NUM_NONE;
	b->started_t = b->ended_t = b->child_until_t = NUM_NONE;
	b->nr_agents = tasks->nr;
	b->agents = xcalloc(tasks->nr, sizeof(*b->agents));
	for (i = 0; i < tasks->nr; i++) {
		struct agent *a = &b->agents[i];
		const char *agent = task_get(tasks, &tasks->v[i], COL_AGENT);

		a->task = &tasks->v[i];
		a->account = batch_account(b, *agent ? agent : default_agent);
		a->wait_until_t = a->wait_until_m = a->since_t = NUM_NONE;
		if (b->graph)
			a->unmet = b->graph->first_parent[i + 1] - b->graph->first_parent[i];
		if (a->unmet == 0)
			batch_make_ready(b, a);
	}
	b->counts[AGENT_PENDING] = tasks->nr;
}

void batch_release(struct batch *b)
{
	uint32_t i;

	for (i = 0; i < b->nr_agents; i++)
		free(b->agents[i].attempts);
	for (i = 0; i < b->nr_accounts; i++) {
		heap_release(&b->accounts[i].ready);
		heap_release(&b->accounts[i].waiting);
		heap_release(&b->accounts[i].waiting_wall);
	}
	free(b->solve.verdicts);
	free(b->agents);
	free(b->accounts);
	free(b->running);
	free(b->children);
	heap_release(&b->doomed);
	arena_release(&b->arena);
	memset(b, 0, sizeof(*b));
}

/* ---- asking ------------------------------------------------------------- */

const struct attempt *agent_attempt(const struct agent *a, uint32_t n)
{
	uint32_t i;

	for (i = a->nr_attempts; i-- > 0;)
		if (a->attempts[i].n == n)
			return &a->attempts[i];
	return NULL;
}

const struct attempt *agent_last_attempt(const struct agent *a)
{
	return a->nr_attempts ? &a->attempts[a->nr_attempts - 1] : NULL;
}

const struct attempt *agent_last_judged(const struct agent *a)
{
	uint32_t i;

	for (i = a->nr_attempts; i-- > 0;)
		if (a->attempts[i].has_verdict)
			return &a->attempts[i];
	return NULL;
}

uint32_t agent_executions(const struct agent *a)
{
	uint32_t i, n = 0;

	for (i = 0; i < a->nr_attempts; i++)
		n += !(a->attempts[i].has_ended && a->attempts[i].how == EXIT_VOID);
	return n;
}

uint32_t batch_find(const struct batch *b, const char *id)
{
	return tasks_find(b->tasks, id); /* MAP_NONE == AGENT_NONE */
}

int64_t agent_next_t(const struct batch *b, const struct agent *a)
{
	const struct account *acc = &b->accounts[a->account];
	int64_t own = a->phase == PHASE_BACKOFF ? a->wait_until_t : NUM_NONE;

	if (acc->gate.state != GATE_CLOSED)
		return own;
	if (acc->gate.until_t == NUM_NONE)
		return NUM_NONE;
	return own > acc->gate.until_t ? own : acc->gate.until_t;
}

uint32_t batch_slots_used(const struct batch *b)
{
	return b->nr_running;
}
