#include "policy/retry.h"
#include "base/xalloc.h"
#include "policy/backoff.h"
#include "policy/class_rules.h"

#include <stdlib.h>

/* Which rows are in is settled in the order of the dependencies: a row that never ran for the sake
 * of its parents is in when all of them that did not complete are. */
struct selection {
	const struct batch *const *v; /* the siblings: the same rows in the same order */
	size_t nr;
	uint32_t retry_on;
	bool *is_in;
};

static bool has_pending_attempt(const struct agent *a)
{
	const struct attempt *last = agent_last_attempt(a);

	return last && !last->has_verdict;
}

/* The class a row ended by: none where it left no trace, or its last attempt none. */
static enum attempt_class class_of(const struct agent *a)
{
	if (!status_is_final(a->status) && has_pending_attempt(a))
		return CLASS_NONE;
	return a->class;
}

static bool depends_on_parents(const struct agent *a)
{
	return a->status == AGENT_SKIPPED || (a->status == AGENT_PENDING && a->unmet > 0);
}

static bool has_completed(const struct selection *s, uint32_t i)
{
	size_t k;

	for (k = 0; k < s->nr; k++)
		if (agent_is_done(&s->v[k]->agents[i]))
			return true;
	return false;
}

static bool are_parents_in(const struct selection *s, uint32_t i)
{
	const struct graph *g = s->v[0]->graph;
	uint32_t k;

	if (!g)
		return true;
	for (k = g->first_parent[i]; k < g->first_parent[i + 1]; k++)
		if (!has_completed(s, g->parents[k]) && !s->is_in[g->parents[k]])
			return false;
	return true;
}

/* No other branch's view of the row brings it back. */
static bool is_left_out(const struct selection *s, uint32_t i)
{
	size_t k;

	if (has_completed(s, i))
		return true;
	for (k = 0; k < s->nr; k++)
		if (s->v[k]->agents[i].status == AGENT_CANCELLED || s->v[k]->agents[i].is_set_aside)
			return true;
	return false;
}

static bool is_taken(const struct selection *s, uint32_t i)
{
	size_t k;

	if (is_left_out(s, i))
		return false;
	for (k = 0; k < s->nr; k++) {
		const struct agent *a = &s->v[k]->agents[i];

		if (depends_on_parents(a) ? are_parents_in(s, i)
					  : class_in_next_cycle(class_of(a), s->retry_on))
			return true;
	}
	return false;
}

/* Every row once, parents first; each edge is looked at twice. A row on a dependency cycle (refused
 * at launch) is never reached, and so is not in. */
static void settle(struct selection *s)
{
	const struct graph *g = s->v[0]->graph;
	uint32_t nr = s->v[0]->nr_agents, head = 0, tail = 0, i, k;
	uint32_t *queue = xcalloc(nr, sizeof(*queue));
	uint32_t *open = xcalloc(nr, sizeof(*open)); /* parents not settled yet */

	for (i = 0; i < nr; i++) {
		open[i] = g ? g->first_parent[i + 1] - g->first_parent[i] : 0;
		if (open[i] == 0)
			queue[tail++] = i;
	}
	while (head < tail) {
		i = queue[head++];
		s->is_in[i] = is_taken(s, i);
		if (!g)
			continue;
		for (k = g->first_child[i]; k < g->first_child[i + 1]; k++)
			if (--open[g->children[k]] == 0)
				queue[tail++] = g->children[k];
	}
	free(open);
	free(queue);
}

static bool was_run(const struct selection *s, uint32_t i)
{
	size_t k;

	for (k = 0; k < s->nr; k++)
		if (s->v[k]->agents[i].status != AGENT_SKIPPED)
			return true;
	return false;
}

uint32_t retry_select_of(const struct batch *const *v, size_t nr_batches,
    const struct retry_wish *wish, struct retry_row *rows)
{
	struct selection s = {
	    v, nr_batches, wish->retry_on, xcalloc(v[0]->nr_agents, sizeof(bool))};
	uint32_t i, nr = 0;

	settle(&s);
	for (i = 0; i < v[0]->nr_agents; i++) {
		const char *id = v[0]->agents[i].task->id;
		uint32_t k = 0;

		if (!s.is_in[i])
			continue;
		if (was_run(&s, i))
			k = 1 + (wish->failed_before ? wish->failed_before(wish->ctx, id) : 0);
		rows[nr++] = (struct retry_row){.task = i, .failed_cycles = k};
	}
	free(s.is_in);
	return nr;
}

static bool is_by_person(const struct batch *b, const struct agent *a)
{
	if (a->status != AGENT_FAILED || a->is_set_aside ||
	    !account_needs_person(&b->accounts[a->account]))
		return false;
	return class_rule(a->class)->gate == GATE_RULE_PERSON || a->class == CLASS_CONFIG;
}

uint32_t retry_by_person(const struct batch *b, uint32_t account, uint32_t *rows)
{
	uint32_t i, nr = 0;

	for (i = 0; i < b->nr_agents; i++)
		if ((account == ACCOUNT_NONE || b->agents[i].account == account) &&
		    is_by_person(b, &b->agents[i]))
			rows[nr++] = i;
	return nr;
}

uint32_t retry_select(const struct batch *b, uint32_t retry_on,
    uint32_t (*failed_before)(void *ctx, const char *id), void *ctx, struct retry_row *rows)
{
	const struct retry_wish wish = {retry_on, failed_before, ctx};

	return retry_select_of(&b, 1, &wish, rows);
}

bool retry_all_done(const struct batch *const *v, size_t nr)
{
	const struct selection s = {.v = v, .nr = nr};
	uint32_t i;

	for (i = 0; i < v[0]->nr_agents; i++)
		if (!has_completed(&s, i))
			return false;
	return true;
}

/* When the service said that it will serve again, judged by the row's last attempt. */
static int64_t told_until(const struct attempt *at)
{
	if (at->reset_at_t != NUM_NONE)
		return at->reset_at_t;
	if (at->retry_after_ms != NUM_NONE && at->ended_t != NUM_NONE)
		return at->ended_t + at->retry_after_ms;
	return NUM_NONE;
}

/* On one of the keys of its pool: the later of what the row itself was told there and the key's
 * gate. */
static int64_t told_until_on(const struct batch *b, const struct agent *a, uint32_t account)
{
	const struct attempt *at = agent_last_on(b, a, account);
	const struct gate *g = &b->accounts[account].gate;
	int64_t told = at ? told_until(at) : NUM_NONE;

	return g->state == GATE_CLOSED && g->until_t > told ? g->until_t : told;
}

/* When some key that the row can use serves again. */
static int64_t row_told_until(const struct batch *b, const struct agent *a)
{
	const struct pool *pool = &b->pools[a->pool];
	int64_t best = NUM_NONE, told;
	uint32_t i;

	if (!pool->is_declared)
		return told_until(agent_last_attempt(a));
	for (i = 0; i < pool->nr_members; i++) {
		if (account_needs_person(&b->accounts[pool->members[i]]))
			continue;
		told = told_until_on(b, a, pool->members[i]);
		if (told == NUM_NONE)
			return NUM_NONE;
		if (best == NUM_NONE || told < best)
			best = told;
	}
	return best;
}

bool retry_must_cool_off(const struct batch *b, int64_t *until_t)
{
	bool has_failed = false;
	uint32_t i;

	*until_t = NUM_NONE;
	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];
		const struct attempt *last = agent_last_attempt(a);
		int64_t told;

		if (a->status == AGENT_COMPLETED || a->status == AGENT_CANCELLED ||
		    a->is_set_aside || depends_on_parents(a))
			continue;
		if (!last || !class_rule(class_of(a))->is_passing)
			return false;
		has_failed = true;
		told = row_told_until(b, a);
		if (told > *until_t) /* NUM_NONE is below every time */
			*until_t = told;
	}
	return has_failed;
}

int64_t retry_cool_off_until(const struct batch *b, const struct ladder *ladder, int64_t now_t)
{
	int64_t until_t;

	if (!retry_must_cool_off(b, &until_t))
		return NUM_NONE;
	return until_t != NUM_NONE ? until_t : now_t + backoff_ms(ladder, (uint32_t)b->cycle + 1);
}
