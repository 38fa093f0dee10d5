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
		a->pool = batch_pool(b, *agent ? agent : default_agent);
		a->account = b->pools[a->pool].members[0];
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
	for (i = 0; i < b->nr_pools; i++) {
		heap_release(&b->pools[i].ready);
		heap_release(&b->pools[i].waiting);
		heap_release(&b->pools[i].waiting_wall);
		free(b->pools[i].members);
	}
	free(b->solve.verdicts);
	free(b->agents);
	free(b->accounts);
	free(b->pools);
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

const struct batch_child *batch_child_of(const struct batch *b, const char *branch)
{
	uint32_t i;

	for (i = b->nr_children; i-- > 0;) {
		const char *own = b->children[i].branch;

		if (branch && own ? strcmp(own, branch) == 0 : branch == own)
			return &b->children[i];
	}
	return NULL;
}

bool agent_is_done(const struct agent *a)
{
	return a->status == AGENT_COMPLETED || a->won_by;
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

bool account_is_shown(const struct account *acc)
{
	return acc->pool == POOL_NONE || acc->is_member || acc->gate.nr_starts > 0;
}

bool account_needs_person(const struct account *acc)
{
	return acc->gate.state == GATE_CLOSED && acc->gate.until_t == NUM_NONE;
}

const char *agent_account_name(const struct batch *b, const struct agent *a)
{
	const struct pool *pool = &b->pools[a->pool];

	return pool->is_declared && a->nr_attempts == 0 ? pool->name : b->accounts[a->account].name;
}

const struct attempt *agent_last_on(const struct batch *b, const struct agent *a, uint32_t account)
{
	const char *name = b->accounts[account].name;
	uint32_t i;

	for (i = a->nr_attempts; i-- > 0;)
		if (strcmp(a->attempts[i].account, name) == 0)
			return &a->attempts[i];
	return NULL;
}

const struct attempt *agent_kept_from(const struct batch *b, const struct agent *a,
    uint32_t account)
{
	const struct attempt *at;

	/* Who is told to wait no longer waits for nothing. */
	if (a->phase != PHASE_BACKOFF || a->wait_why == WAIT_OPERATOR)
		return NULL;
	at = agent_last_on(b, a, account);
	return at && at->wait_is_account ? at : NULL;
}

static int64_t next_on(const struct batch *b, const struct agent *a, uint32_t account)
{
	const struct gate *g = &b->accounts[account].gate;
	const struct attempt *kept = agent_kept_from(b, a, account);
	int64_t own = kept ? kept->wait_until_t : a->wait_until_t;

	if (a->phase != PHASE_BACKOFF)
		own = NUM_NONE;
	if (g->state != GATE_CLOSED)
		return own;
	if (g->until_t == NUM_NONE)
		return NUM_NONE;
	return own > g->until_t ? own : g->until_t;
}

int64_t agent_next_t(const struct batch *b, const struct agent *a)
{
	const struct pool *pool = &b->pools[a->pool];
	int64_t best = next_on(b, a, pool->members[0]), t;
	uint32_t k;

	for (k = 1; k < pool->nr_members; k++) {
		t = next_on(b, a, pool->members[k]);
		if (a->phase != PHASE_BACKOFF && t == NUM_NONE)
			return NUM_NONE; /* it waits for nothing */
		if (t != NUM_NONE && (best == NUM_NONE || t < best))
			best = t;
	}
	return best;
}

uint32_t batch_slots_used(const struct batch *b)
{
	return b->nr_running;
}
