#include "model/batch_orders.h"
#include "base/xalloc.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

uint32_t batch_account(struct batch *b, const char *name)
{
	uint32_t i;

	for (i = 0; i < b->nr_accounts; i++)
		if (strcmp(b->accounts[i].name, name) == 0)
			return i;
	VEC_GROW(b->accounts, b->nr_accounts, b->cap_accounts);
	b->accounts[i] = (struct account){.name = arena_strdup(&b->arena, name), .pool = POOL_NONE};
	gate_init(&b->accounts[i].gate);
	return b->nr_accounts++;
}

static void add_member(struct batch *b, uint32_t pool, const char *name)
{
	uint32_t account = batch_account(b, name);
	struct pool *p = &b->pools[pool];

	if (b->accounts[account].is_member)
		return;
	b->accounts[account].pool = pool;
	b->accounts[account].is_member = true;
	VEC_GROW(p->members, p->nr_members, p->cap_members);
	p->members[p->nr_members++] = account;
}

uint32_t batch_pool(struct batch *b, const char *name)
{
	uint32_t i;

	for (i = 0; i < b->nr_pools; i++)
		if (strcmp(b->pools[i].name, name) == 0)
			return i;
	VEC_GROW(b->pools, b->nr_pools, b->cap_pools);
	b->pools[i] = (struct pool){.name = arena_strdup(&b->arena, name)};
	b->nr_pools++;
	add_member(b, i, name);
	return i;
}

static bool is_of_pool(const struct pool *p, const char *account, size_t len)
{
	size_t n = strlen(p->name);

	return len > n + 1 && memcmp(account, p->name, n) == 0 && account[n] == '/';
}

static void set_members(struct batch *b, uint32_t pool, const char *list)
{
	struct pool *p = &b->pools[pool];
	const char *word;
	size_t len;
	uint32_t i;

	for (i = 0; i < p->nr_members; i++)
		b->accounts[p->members[i]].is_member = false;
	p->nr_members = 0;
	while ((word = task_next_word(&list, &len))) {
		char *name = is_of_pool(p, word, len) ? xstrndup(word, len) : NULL;

		if (name)
			add_member(b, pool, name);
		free(name);
	}
	p->is_declared = p->nr_members > 0;
	if (!p->is_declared)
		add_member(b, pool, p->name);
}

void batch_set_accounts(struct batch *b, const char *list)
{
	uint32_t i;

	for (i = 0; i < b->nr_pools; i++)
		set_members(b, i, list);
	for (i = 0; i < b->nr_agents; i++)
		if (b->agents[i].status == AGENT_PENDING && b->agents[i].nr_attempts == 0)
			b->agents[i].account = b->pools[b->agents[i].pool].members[0];
}

/* An int, as the door sees to; a file that was changed behind its back gives the nearest one. */
static int64_t priority(const struct batch *b, const struct agent *a)
{
	long long p = strtoll(task_get(b->tasks, a->task, COL_PRIORITY), NULL, 10);

	return p < INT_MIN ? INT_MIN : p > INT_MAX ? INT_MAX : p;
}

static uint32_t index_of(const struct batch *b, const struct agent *a)
{
	return (uint32_t)(a - b->agents);
}

#define BEHIND_BITS 31 /* no file has so many rows */
#define BEHIND_MAX ((INT64_C(1) << BEHIND_BITS) - 1)

/* The larger priority first, then what has the longer chain behind it; the heap settles the rest by
 * the place in the file. */
static int64_t ready_key(const struct batch *b, const struct agent *a)
{
	int64_t behind = b->graph ? b->graph->behind[index_of(b, a)] : 0;

	return -priority(b, a) * (BEHIND_MAX + 1) + (BEHIND_MAX - behind);
}

void batch_make_ready(struct batch *b, const struct agent *a)
{
	heap_put(&b->pools[a->pool].ready, index_of(b, a), ready_key(b, a));
}

static void take_slot(struct batch *b, struct agent *a)
{
	if (a->running_at)
		return;
	VEC_GROW(b->running, b->nr_running, b->cap_running);
	b->running[b->nr_running++] = index_of(b, a);
	a->running_at = b->nr_running;
	b->accounts[a->account].nr_running++;
}

static void leave_slot(struct batch *b, struct agent *a)
{
	uint32_t last;

	if (!a->running_at)
		return;
	last = b->running[--b->nr_running];
	b->running[a->running_at - 1] = last;
	b->agents[last].running_at = a->running_at;
	a->running_at = 0;
	b->accounts[a->account].nr_running--;
}

/* A parent ended without completing: what hangs on it can only be skipped. */
static void doom_children(struct batch *b, uint32_t i)
{
	uint32_t k;

	if (!b->graph)
		return;
	for (k = b->graph->first_child[i]; k < b->graph->first_child[i + 1]; k++)
		if (b->agents[b->graph->children[k]].status == AGENT_PENDING)
			heap_put(&b->doomed, b->graph->children[k], 0);
}

static bool has_ended_parent(const struct batch *b, uint32_t i)
{
	uint32_t k;

	for (k = b->graph->first_parent[i]; k < b->graph->first_parent[i + 1]; k++) {
		enum agent_status s = b->agents[b->graph->parents[k]].status;

		if (status_is_final(s) && !agent_is_done(&b->agents[b->graph->parents[k]]))
			return true;
	}
	return false;
}

/* A parent that had ended is taken up again: its children may hope again, unless another parent
 * has ended too. */
static void reprieve_children(struct batch *b, uint32_t i)
{
	uint32_t k;

	if (!b->graph)
		return;
	for (k = b->graph->first_child[i]; k < b->graph->first_child[i + 1]; k++)
		if (!has_ended_parent(b, b->graph->children[k]))
			heap_remove(&b->doomed, b->graph->children[k]);
}

static void count_met(struct batch *b, uint32_t i, int by)
{
	uint32_t k;

	if (!b->graph)
		return;
	for (k = b->graph->first_child[i]; k < b->graph->first_child[i + 1]; k++) {
		struct agent *kid = &b->agents[b->graph->children[k]];

		kid->unmet += (uint32_t)by;
		if (kid->status != AGENT_PENDING)
			continue;
		if (kid->unmet == 0)
			batch_make_ready(b, kid);
		else
			heap_remove(&b->pools[kid->pool].ready, index_of(b, kid));
	}
}

static void leave_status(struct batch *b, struct agent *a)
{
	struct account *acc = &b->accounts[a->account];
	struct pool *pool = &b->pools[a->pool];
	uint32_t i = index_of(b, a);

	b->counts[a->status]--;
	if (a->status == AGENT_IN_PROGRESS)
		b->phases[a->phase]--;
	if (a->phase == PHASE_RUNNING)
		acc->gate.nr_in_flight--;
	if (a->status == AGENT_PENDING) {
		heap_remove(&pool->ready, i);
		heap_remove(&b->doomed, i);
	}
	if (a->phase == PHASE_BACKOFF) {
		heap_remove(&pool->waiting, i);
		heap_remove(&pool->waiting_wall, i);
		if (a->wait_is_parked)
			pool->nr_parked--;
		a->wait_is_parked = false;
	}
	if (a->status == AGENT_FAILED && a->class == CLASS_LOST)
		b->nr_lost--;
	if (a->status == AGENT_COMPLETED)
		acc->nr_completed--;
	if (agent_is_done(a))
		count_met(b, i, 1);
	a->won_by = NULL;
}

void batch_forget_faults(struct account *acc)
{
	acc->nr_faults = acc->nr_config = 0;
	acc->config_message = NULL;
}

static uint32_t find_fault(struct account *acc, const char *message)
{
	uint32_t nr = acc->nr_faults < ACCOUNT_FAULTS ? acc->nr_faults : ACCOUNT_FAULTS, i;

	for (i = 0; i < nr; i++)
		if (strcmp(acc->faults[i].message, message) == 0)
			return i;
	i = acc->nr_faults++ % ACCOUNT_FAULTS;
	acc->faults[i].message = message;
	acc->faults[i].nr = 0;
	return i;
}

static void note_config_failure(struct batch *b, struct agent *a)
{
	struct account *acc = &b->accounts[a->account];
	const struct attempt *last = agent_last_attempt(a);
	uint32_t i;

	if (a->class != CLASS_CONFIG)
		return;
	i = find_fault(acc, last && last->message ? last->message : "");
	if (++acc->faults[i].nr < acc->nr_config)
		return;
	acc->nr_config = acc->faults[i].nr;
	acc->config_message = acc->faults[i].message;
}

static void enter_status(struct batch *b, struct agent *a)
{
	struct account *acc = &b->accounts[a->account];
	uint32_t i = index_of(b, a);

	b->counts[a->status]++;
	if (a->status == AGENT_IN_PROGRESS)
		b->phases[a->phase]++;
	if (a->phase == PHASE_RUNNING)
		acc->gate.nr_in_flight++;
	if (a->phase == PHASE_RUNNING || a->phase == PHASE_VALIDATING)
		take_slot(b, a);
	else
		leave_slot(b, a);
	switch (a->status) {
	case AGENT_PENDING:
		if (a->unmet == 0)
			batch_make_ready(b, a);
		else if (has_ended_parent(b, i))
			heap_put(&b->doomed, i, 0);
		break;
	case AGENT_IN_PROGRESS:
		break;
	case AGENT_COMPLETED:
		acc->nr_completed++;
		batch_forget_faults(acc);
		count_met(b, i, -1);
		break;
	case AGENT_FAILED:
		if (a->class == CLASS_LOST)
			b->nr_lost++;
		note_config_failure(b, a);
		doom_children(b, i);
		break;
	case AGENT_SKIPPED:
		doom_children(b, i);
		break;
	case AGENT_CANCELLED:
		if (a->won_by)
			count_met(b, i, -1);
		else
			doom_children(b, i);
		break;
	case AGENT__COUNT:
		break;
	}
}

struct change {
	enum agent_status status;
	enum agent_phase phase;
	const char *won_by;
	int64_t t;
};

static void change_status(struct batch *b, struct agent *a, const struct change *to)
{
	bool had_ended = status_is_final(a->status) && a->status != AGENT_COMPLETED;

	leave_status(b, a);
	a->status = to->status;
	a->phase = to->phase;
	a->won_by = to->won_by;
	a->since_t = to->t;
	enter_status(b, a);
	if (had_ended)
		reprieve_children(b, index_of(b, a));
}

void batch_set_status(struct batch *b, struct agent *a, enum agent_status s, enum agent_phase p,
    int64_t t)
{
	if (s != AGENT_IN_PROGRESS)
		p = PHASE_NONE;
	/* Told again: a turn's events are written twice when only their flush failed. */
	if (s == a->status && p == a->phase && p != PHASE_BACKOFF)
		return;
	change_status(b, a, &(struct change){.status = s, .phase = p, .t = t});
}

void batch_set_won(struct batch *b, struct agent *a, const char *branch, int64_t t)
{
	if (a->status != AGENT_CANCELLED)
		change_status(b, a,
		    &(struct change){.status = AGENT_CANCELLED, .won_by = branch, .t = t});
}

void batch_put_waiting(struct batch *b, struct agent *a)
{
	struct pool *pool = &b->pools[a->pool];
	uint32_t i = index_of(b, a);

	heap_remove(&pool->waiting, i);
	heap_remove(&pool->waiting_wall, i);
	if (a->wait_is_parked)
		return;
	heap_put(&pool->waiting, i, a->wait_until_m);
	if (a->wait_is_wall)
		heap_put(&pool->waiting_wall, i, a->wait_until_t);
}

/* What is left of a wait. The clock may have been set since it was told. */
static int64_t left_of(const struct attempt *at, int64_t t, int64_t m)
{
	int64_t left = at->wait_until_m - m;

	if (at->wait_is_wall && at->wait_until_t - t < left)
		left = at->wait_until_t - t;
	return left > 0 ? left : 0;
}

void batch_settle_wait(struct batch *b, struct agent *a, int64_t t, int64_t m)
{
	const struct attempt *last = agent_last_attempt(a);
	const struct pool *pool = &b->pools[a->pool];
	int64_t best = INT64_MAX;
	uint32_t k;

	if (a->phase != PHASE_BACKOFF || !last || !last->wait_is_account)
		return;
	for (k = 0; k < pool->nr_members; k++) {
		const struct attempt *at = agent_kept_from(b, a, pool->members[k]);
		int64_t left = at ? left_of(at, t, m) : 0;

		if (left >= best)
			continue;
		best = left;
		a->wait_is_wall = left > 0 && at->wait_is_wall;
		a->wait_until_t = a->wait_is_wall ? at->wait_until_t : t + left;
		a->wait_until_m = m + left;
	}
	if (a->wait_from_t > t)
		a->wait_from_t = t; /* the clock was set back */
	batch_put_waiting(b, a);
}

void batch_move_to_account(struct batch *b, struct agent *a, uint32_t account)
{
	batch_set_status(b, a, AGENT_PENDING, PHASE_NONE, a->since_t);
	a->account = account;
	if (b->accounts[account].pool == POOL_NONE)
		b->accounts[account].pool = a->pool;
}
