#include "policy/pool.h"
#include "policy/class_rules.h"
#include "policy/decide.h"
#include "policy/gate.h"
#include "policy/session.h"

/* A session is worth as much of a wait: what the agent has done so far need not be done again. */
#define SESSION_WORTH_MS (60 * 1000)

static bool has_session(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at)
{
	const struct agent *a = &b->agents[agent];

	return p->live[agent].can_resume && at && b->accounts[a->account].is_member &&
	    session_to_resume(at, b->accounts[a->account].name);
}

/* ---- starting ------------------------------------------------------------- */

static bool is_over(const struct attempt *at, struct instant now)
{
	return now.mono_ms >= at->wait_until_m ||
	    (at->wait_is_wall && now.wall_ms >= at->wait_until_t);
}

static bool is_kept_from(const struct batch *b, const struct agent *a, uint32_t account,
    struct instant now)
{
	const struct attempt *at = agent_kept_from(b, a, account);

	return at && !is_over(at, now);
}

/* Its first start in this batch, and the account of its pool that has what it began in an earlier
 * one. */
static uint32_t old_home(const struct batch *b, const struct policy *p, uint32_t agent)
{
	const struct agent *a = &b->agents[agent];
	uint32_t k = p->live[agent].session_at;

	if (k == 0 || agent_last_judged(a) || !b->accounts[k - 1].is_member ||
	    b->accounts[k - 1].pool != a->pool)
		return ACCOUNT_NONE;
	return k - 1;
}

uint32_t pool_choose(const struct batch *b, const struct policy *p, uint32_t agent,
    struct instant now)
{
	uint32_t home = old_home(b, p, agent);
	const struct agent *a = &b->agents[agent];
	const struct pool *pool = &b->pools[a->pool];
	const struct attempt *last = agent_last_judged(a);
	bool is_bound = pool->nr_members > 1 && a->phase == PHASE_BACKOFF &&
	    has_session(b, p, agent, last) && b->accounts[a->account].gate.state != GATE_CLOSED &&
	    !is_kept_from(b, a, a->account, now);
	uint32_t best = ACCOUNT_NONE, i;
	int64_t again_m;

	if (home != ACCOUNT_NONE && gate_lets_start(&b->accounts[home].gate, now, &again_m))
		return home;
	for (i = 0; i < pool->nr_members; i++) {
		uint32_t k = pool->members[i];
		const struct gate *g = &b->accounts[k].gate;

		if ((is_bound && k != a->account) || is_kept_from(b, a, k, now) ||
		    !gate_lets_start(g, now, &again_m))
			continue;
		if (best == ACCOUNT_NONE || g->nr_in_flight < b->accounts[best].gate.nr_in_flight)
			best = k;
	}
	return best;
}

bool pool_lets_start(const struct batch *b, const struct pool *pool, struct instant now)
{
	int64_t again_m;
	uint32_t i;

	for (i = 0; i < pool->nr_members; i++)
		if (gate_lets_start(&b->accounts[pool->members[i]].gate, now, &again_m))
			return true;
	return false;
}

/* ---- going on --------------------------------------------------------------- */

/* A gate that stays closed for longer than any row may wait. */
static bool is_shut(const struct account *acc, const struct policy *p, struct instant now)
{
	return acc->gate.state == GATE_CLOSED && acc->gate.until_t != NUM_NONE &&
	    acc->gate.until_t - now.wall_ms > p->max_wait_ms;
}

bool pool_is_out(const struct batch *b, const struct pool *pool, const struct policy *p,
    struct instant now)
{
	uint32_t i;

	for (i = 0; i < pool->nr_members; i++) {
		const struct account *acc = &b->accounts[pool->members[i]];

		if (!account_needs_person(acc) && !is_shut(acc, p, now))
			return false;
	}
	return true;
}

uint32_t pool_share(const struct batch *b, const struct account *acc)
{
	const struct pool *pool = acc->is_member ? &b->pools[acc->pool] : NULL;
	uint32_t nr = pool ? (uint32_t)(pool->ready.nr + pool->waiting.nr) : 0;

	return pool ? (nr + pool->nr_members - 1) / pool->nr_members : 0;
}

/* ---- a refusal ----------------------------------------------------------------- */

static bool is_short(const struct attempt *at, struct instant now)
{
	if (at->retry_after_ms != NUM_NONE)
		return at->retry_after_ms <= SESSION_WORTH_MS;
	if (at->reset_at_t != NUM_NONE)
		return at->reset_at_t - now.wall_ms <= SESSION_WORTH_MS;
	return at->class == CLASS_RATE_LIMIT;
}

bool pool_may_leave(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now)
{
	/* Also of one that stands alone: a resume may bring others. */
	if (!b->pools[b->agents[agent].pool].is_declared ||
	    class_rule(at->class)->gate == GATE_RULE_NONE)
		return false;
	return !(is_short(at, now) && has_session(b, p, agent, at));
}

int64_t pool_elsewhere_t(const struct batch *b, uint32_t agent, struct instant now)
{
	const struct agent *a = &b->agents[agent];
	const struct pool *pool = &b->pools[a->pool];
	int64_t best = NUM_NONE;
	uint32_t i;

	for (i = 0; i < pool->nr_members; i++) {
		uint32_t k = pool->members[i];
		const struct gate *g = &b->accounts[k].gate;
		const struct attempt *kept = agent_last_on(b, a, k);
		int64_t t = now.wall_ms;

		if (k == a->account || account_needs_person(&b->accounts[k]))
			continue;
		if (kept && kept->wait_is_account && !is_over(kept, now) && kept->wait_until_t > t)
			t = kept->wait_until_t;
		if (g->state == GATE_CLOSED && g->until_t > t)
			t = g->until_t;
		if (best == NUM_NONE || t < best)
			best = t;
	}
	return best;
}

bool pool_leaves_now(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now)
{
	int64_t t;

	if (!pool_may_leave(b, p, agent, at, now))
		return false;
	t = pool_elsewhere_t(b, agent, now);
	return t != NUM_NONE && t <= now.wall_ms;
}
