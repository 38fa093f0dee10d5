#include "policy/decide.h"
#include "policy/backoff.h"
#include "policy/gate.h"
#include "policy/learned.h"
#include "policy/pool.h"
#include "policy/retry.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

/* Agents of one account that end by `config` with one message while none has completed: the fault
 * is the set-up's, and the rest of the CSV would only repeat it. */
#define CONFIG_HALT 3

static uint32_t nr_left(const struct batch *b)
{
	return b->counts[AGENT_PENDING] + b->counts[AGENT_IN_PROGRESS];
}

/* ---- what may start ----------------------------------------------------- */

static bool is_due(const struct agent *a, struct instant now)
{
	return now.mono_ms >= a->wait_until_m ||
	    (a->wait_is_wall && now.wall_ms >= a->wait_until_t);
}

/* Nothing of it is left over from before, and nobody is in its directory. */
static bool is_free(const struct policy *p, uint32_t agent)
{
	return !p->live[agent].busy && !(p->dirs && dirs_blocks(p->dirs, agent));
}

/* The first of a heap that is free, or NULL. Heaps are only partly ordered, so behind a top that is
 * not the smallest key is looked for; that is rare, but for --exclusive-dir. */
static const struct heap_node *first_free(const struct heap *h, const struct policy *p)
{
	const struct heap_node *best = heap_top(h);
	size_t i;

	if (!best || is_free(p, best->item))
		return best;
	for (best = NULL, i = 1; i < h->nr; i++) {
		const struct heap_node *n = &h->nodes[i];

		if (!is_free(p, n->item))
			continue;
		if (!best || n->key < best->key || (n->key == best->key && n->item < best->item))
			best = n;
	}
	return best;
}

/* A waiting agent whose time has come goes before any that never ran: it has work in it. */
static uint32_t due_waiter(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now)
{
	const struct heap_node *n = first_free(&pool->waiting, p);

	if (n && is_due(&b->agents[n->item], now))
		return n->item;
	n = first_free(&pool->waiting_wall, p);
	return n && is_due(&b->agents[n->item], now) ? n->item : AGENT_NONE;
}

/* The same with the account that takes it. Behind one that none takes now, though its time has come
 * for some, is looked for: of several accounts each may be closed to other rows. */
static uint32_t startable_waiter(const struct batch *b, const struct pool *pool,
    const struct policy *p, struct instant now, uint32_t *account)
{
	uint32_t agent = due_waiter(b, pool, p, now);
	const struct heap_node *best = NULL;
	size_t i;

	*account = agent != AGENT_NONE ? pool_choose(b, p, agent, now) : ACCOUNT_NONE;
	if (agent == AGENT_NONE || *account != ACCOUNT_NONE || pool->nr_members == 1)
		return *account != ACCOUNT_NONE ? agent : AGENT_NONE;
	for (i = 0; i < pool->waiting.nr; i++) {
		const struct heap_node *n = &pool->waiting.nodes[i];
		uint32_t k;

		if (best && (n->key > best->key || (n->key == best->key && n->item > best->item)))
			continue;
		if (!is_due(&b->agents[n->item], now) || !is_free(p, n->item))
			continue;
		k = pool_choose(b, p, n->item, now);
		if (k == ACCOUNT_NONE)
			continue;
		best = n;
		*account = k;
	}
	return best ? best->item : AGENT_NONE;
}

/* How often to look whether there is memory again. */
#define MEMORY_LOOK_MS 1000

bool memory_is_low(const struct batch *b, const struct policy *p)
{
	return p->min_free_bytes > 0 && p->free_bytes != NUM_NONE && b->nr_running > 0 &&
	    (double)p->free_bytes < p->min_free_bytes;
}

static bool may_start(const struct batch *b, const struct policy *p, struct instant now)
{
	if (b->is_paused || b->is_draining || now.mono_ms < p->hold_until_m || memory_is_low(b, p))
		return false;
	if (b->not_before_t != NUM_NONE && now.mono_ms < b->not_before_m &&
	    now.wall_ms < b->not_before_t)
		return false;
	return b->jobs == 0 || (int64_t)batch_slots_used(b) < b->jobs;
}

static uint32_t next_start(const struct batch *b, const struct policy *p, struct instant now,
    uint32_t *account)
{
	const struct heap_node *best = NULL;
	uint32_t i;

	for (i = 0; i < b->nr_pools; i++) {
		const struct pool *pool = &b->pools[i];
		const struct heap_node *n;
		uint32_t waiter;

		if (!pool_lets_start(b, pool, now))
			continue;
		waiter = startable_waiter(b, pool, p, now, account);
		if (waiter != AGENT_NONE)
			return waiter;
		n = first_free(&pool->ready, p);
		if (n &&
		    (!best || n->key < best->key || (n->key == best->key && n->item < best->item)))
			best = n;
	}
	*account = best ? pool_choose(b, p, best->item, now) : ACCOUNT_NONE;
	return best ? best->item : AGENT_NONE;
}

static void wake_at(struct decision *out, int64_t mono_ms, int64_t wall_ms)
{
	if (mono_ms != NUM_NONE && mono_ms < out->wake_m)
		out->wake_m = mono_ms;
	if (wall_ms != NUM_NONE && wall_ms < out->wake_t)
		out->wake_t = wall_ms;
}

/* ---- gates -------------------------------------------------------------- */

static struct gate_scene scene_of(const struct batch *b, const struct account *acc,
    const struct policy *p)
{
	int64_t ladder_ms = backoff_ms(&p->backoff, 1);
	int64_t costs_ms = learned_wait_ms(&acc->gate, 1, ladder_ms);

	if (costs_ms == NUM_NONE)
		costs_ms = ladder_ms;
	return (struct gate_scene){
	    .jobs = b->jobs,
	    .nr_left = pool_share(b, acc),
	    .refusal_costs_ms = costs_ms,
	};
}

static bool decide_gates(const struct batch *b, const struct policy *p, struct instant now,
    struct decision *out)
{
	uint32_t i;

	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];
		const struct gate_scene scene = scene_of(b, acc, p);
		int64_t again_m;

		if (gate_next(acc, &scene, now, &out->gate, &again_m))
			return true;
		wake_at(out, again_m, NUM_NONE);
		if (acc->nr_config >= CONFIG_HALT && acc->nr_completed == 0 &&
		    !account_needs_person(acc)) {
			out->gate = gate_event(acc, GATE_CLOSED, acc->config_message);
			return true;
		}
	}
	return false;
}

/* ---- rules that end it before its time -------------------------------------- */

bool decide_stop(const struct batch *b, const struct policy *p, struct decision *out)
{
	if (halt_is_reached(&p->halt, b, out->why, sizeof(out->why))) {
		out->rule = "--halt";
		out->is_now = p->halt.is_now;
		return true;
	}
	if (budget_is_spent(&p->budget, b, out->why, sizeof(out->why))) {
		out->rule = "--budget";
		out->is_now = p->budget.is_hard;
		return true;
	}
	return false;
}

/* Told once; the operator who lets it go on is told again. */
static bool must_stop(const struct batch *b, const struct policy *p, struct decision *out)
{
	return !b->stop_why && nr_left(b) > 0 && decide_stop(b, p, out);
}

/* ---- the end ------------------------------------------------------------ */

static void end_with(struct decision *out, enum end_state end, int exit_code, const char *why)
{
	out->kind = DECIDE_END;
	out->end = end;
	out->exit_code = exit_code;
	snprintf(out->why, sizeof(out->why), "%s", why ? why : "");
}

/* Whether rows wait for this account. */
static bool has_work(const struct batch *b, const struct account *acc)
{
	const struct pool *pool = acc->is_member ? &b->pools[acc->pool] : NULL;

	return pool && (pool->ready.nr || pool->waiting.nr || pool->nr_parked);
}

/* Whether anything of this pool can start by itself, now or later. */
static bool can_go_on(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now)
{
	return (pool->ready.nr || pool->waiting.nr) && !pool_is_out(b, pool, p, now);
}

static int64_t earliest_reset(const struct batch *b)
{
	int64_t best = NEVER;
	uint32_t i;

	for (i = 0; i < b->nr_agents; i++)
		if (b->agents[i].wait_is_parked && b->agents[i].wait_until_t < best)
			best = b->agents[i].wait_until_t;
	for (i = 0; i < b->nr_accounts; i++)
		if (b->accounts[i].gate.state == GATE_CLOSED &&
		    b->accounts[i].gate.until_t != NUM_NONE && has_work(b, &b->accounts[i]) &&
		    b->accounts[i].gate.until_t < best)
			best = b->accounts[i].gate.until_t;
	return best == NEVER ? NUM_NONE : best;
}

/* How many ended by what closed the gate: with the person who mends it they run again. */
static uint32_t nr_by_person(const struct batch *b, uint32_t account)
{
	uint32_t *rows = xcalloc(b->nr_agents, sizeof(*rows));
	uint32_t nr = retry_by_person(b, account, rows);

	free(rows);
	return nr;
}

/* `nr`: so many are closed; `account` is the first of them. */
static void tell_closed(const struct batch *b, uint32_t account, uint32_t nr, struct decision *out)
{
	const struct account *acc = &b->accounts[account];
	uint32_t rows = nr_by_person(b, nr > 1 ? ACCOUNT_NONE : account);
	char ended[64] = "", more[32] = "";

	if (rows > 0)
		snprintf(ended, sizeof(ended), ": the %u that %s ended run%s again, too", rows,
		    nr > 1 ? "they" : "it", rows == 1 ? "s" : "");
	if (nr > 1)
		snprintf(more, sizeof(more), " and %u more", nr - 1);
	snprintf(out->why, sizeof(out->why),
	    "nothing more starts on '%s'%s: %.300s; put that right, then resume%s", acc->name, more,
	    acc->gate.why && *acc->gate.why ? acc->gate.why : "its gate is closed", ended);
}

static void halt_reason(const struct batch *b, struct decision *out)
{
	uint32_t first = ACCOUNT_NONE, nr = 0, i;

	out->resume_t = earliest_reset(b);
	end_with(out, END_STOPPED, 3,
	    "what is left waits longer than --max-wait allows: resume when the limit has reset");
	for (i = b->nr_accounts; i-- > 0;)
		if (account_needs_person(&b->accounts[i]) && has_work(b, &b->accounts[i])) {
			first = i;
			nr++;
		}
	if (nr > 0)
		tell_closed(b, first, nr, out);
}

static bool decide_end(const struct batch *b, const struct policy *p, struct instant now,
    struct decision *out)
{
	uint32_t i;

	if (b->nr_running || p->nr_busy)
		return false;
	if (nr_left(b) == 0) {
		bool all = b->counts[AGENT_COMPLETED] == b->nr_agents;

		if (b->is_cancelling)
			end_with(out, END_STOPPED, 3, "cancelled by the operator");
		else
			end_with(out, END_FINISHED, all ? 0 : 1, NULL);
		return true;
	}
	if (b->is_draining) {
		end_with(out, END_STOPPED, 3,
		    b->stop_why ? b->stop_why : "stopped by the operator");
		return true;
	}
	if (b->is_paused)
		return false;
	for (i = 0; i < b->nr_pools; i++)
		if (can_go_on(b, &b->pools[i], p, now))
			return false;
	halt_reason(b, out);
	return true;
}

/* ---- when to ask again --------------------------------------------------- */

/* One could start now but for the gate. */
static bool has_startable(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now)
{
	const struct heap_node *n = first_free(&pool->ready, p);

	return n || due_waiter(b, pool, p, now) != AGENT_NONE;
}

/* When the next wait of a row is over. */
static void wake_for_waits(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now, struct decision *out)
{
	const struct heap_node *n = first_free(&pool->waiting, p);

	if (n && b->agents[n->item].wait_until_m > now.mono_ms)
		wake_at(out, b->agents[n->item].wait_until_m, NUM_NONE);
	n = first_free(&pool->waiting_wall, p);
	if (n && b->agents[n->item].wait_until_t > now.wall_ms)
		wake_at(out, NUM_NONE, b->agents[n->item].wait_until_t);
}

/* Of several accounts: a row whose time has come for one that is closed keeps nobody else, and its
 * time for another one may come sooner than the first one opens. */
static void wake_for_all_waits(const struct batch *b, const struct pool *pool, struct instant now,
    struct decision *out)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < pool->waiting.nr; i++) {
		const struct agent *a = &b->agents[pool->waiting.nodes[i].item];

		if (a->wait_until_m > now.mono_ms)
			wake_at(out, a->wait_until_m, a->wait_is_wall ? a->wait_until_t : NUM_NONE);
		for (k = 0; k < pool->nr_members; k++) {
			const struct attempt *at = agent_kept_from(b, a, pool->members[k]);

			if (at && at->wait_until_m > now.mono_ms)
				wake_at(out, at->wait_until_m,
				    at->wait_is_wall ? at->wait_until_t : NUM_NONE);
		}
	}
}

static void wake_for_pool(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now, struct decision *out)
{
	bool is_any_open = false;
	int64_t again_m;
	uint32_t i;

	for (i = 0; i < pool->nr_members; i++) {
		const struct gate *g = &b->accounts[pool->members[i]].gate;

		if (g->state == GATE_CLOSED)
			continue;
		is_any_open = true;
		if (!gate_lets_start(g, now, &again_m) && has_startable(b, pool, p, now))
			wake_at(out, again_m, NUM_NONE);
	}
	if (!is_any_open)
		return;
	if (pool->nr_members == 1)
		wake_for_waits(b, pool, p, now, out);
	else
		wake_for_all_waits(b, pool, now, out);
}

static void find_wake(const struct batch *b, const struct policy *p, struct instant now,
    struct decision *out)
{
	bool has_slot = b->jobs == 0 || (int64_t)batch_slots_used(b) < b->jobs;
	uint32_t i;

	if (memory_is_low(b, p) && (b->counts[AGENT_PENDING] || b->phases[PHASE_BACKOFF]))
		wake_at(out, now.mono_ms + MEMORY_LOOK_MS, NUM_NONE);
	if (p->hold_until_m > now.mono_ms)
		wake_at(out, p->hold_until_m, NUM_NONE);
	if (b->not_before_t != NUM_NONE && now.mono_ms < b->not_before_m &&
	    now.wall_ms < b->not_before_t)
		wake_at(out, b->not_before_m, b->not_before_t);
	for (i = 0; i < b->nr_accounts; i++)
		if (b->accounts[i].gate.state == GATE_CLOSED)
			wake_at(out, b->accounts[i].gate.until_m, b->accounts[i].gate.until_t);
	if (!has_slot || b->is_paused || b->is_draining)
		return;
	for (i = 0; i < b->nr_pools; i++)
		wake_for_pool(b, &b->pools[i], p, now, out);
}

static uint32_t ended_parent(const struct batch *b, uint32_t i)
{
	uint32_t k;

	for (k = b->graph->first_parent[i]; k < b->graph->first_parent[i + 1]; k++) {
		enum agent_status s = b->agents[b->graph->parents[k]].status;

		if (status_is_final(s) && !agent_is_done(&b->agents[b->graph->parents[k]]))
			return b->graph->parents[k];
	}
	return AGENT_NONE;
}

struct outlook {
	const struct batch *batch;
	const struct policy *policy;
	struct instant now;
};

/* Whether what waits in this pool goes on only when somebody acts. */
static bool is_out(void *ctx, const struct pool *pool)
{
	const struct outlook *o = ctx;

	return pool_is_out(o->batch, pool, o->policy, o->now);
}

void decide(const struct batch *b, const struct policy *p, struct instant now, struct decision *out)
{
	*out = (struct decision){.kind = DECIDE_NOTHING,
	    .agent = AGENT_NONE,
	    .parent = AGENT_NONE,
	    .account = ACCOUNT_NONE,
	    .resume_t = NUM_NONE,
	    .wake_m = NEVER,
	    .wake_t = NEVER};
	if (b->end != END_NONE)
		return;
	if (p->dirs)
		dirs_update(p->dirs, b, p->live, p->nr_busy, is_out,
		    &(struct outlook){.batch = b, .policy = p, .now = now});
	if (heap_top(&b->doomed)) {
		out->kind = DECIDE_SKIP;
		out->agent = heap_top(&b->doomed)->item;
		out->parent = ended_parent(b, out->agent);
		return;
	}
	if (must_stop(b, p, out)) {
		out->kind = DECIDE_STOP;
		return;
	}
	if (decide_gates(b, p, now, out)) {
		out->kind = DECIDE_GATE;
		return;
	}
	if (may_start(b, p, now)) {
		out->agent = next_start(b, p, now, &out->account);
		if (out->agent != AGENT_NONE) {
			out->kind = DECIDE_START;
			return;
		}
	}
	if (!decide_end(b, p, now, out))
		find_wake(b, p, now, out);
}
