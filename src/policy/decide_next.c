/* What follows from an attempt's verdict: its row's next try, and what the account's gate makes of it. */
#include "policy/backoff.h"
#include "policy/class_rules.h"
#include "policy/decide.h"
#include "policy/gate.h"
#include "policy/learned.h"
#include "policy/pool.h"
#include "policy/session.h"

#include <string.h>

bool decide_is_charged(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now)
{
	return class_rule(at->class)->charged && at->killed != KILL_HALT &&
	    at->killed != KILL_WON && !session_is_gone(at) &&
	    !pool_leaves_now(b, p, agent, at, now);
}

static void wait_until(struct next *out, int64_t until_t, enum wait_why why)
{
	out->kind = NEXT_WAIT;
	out->wait = (struct ev_wait){.until_t = until_t, .why = why};
}

/* The ladder is for what nothing is known of: limits of a service that have been seen to end say
 * better how long one lasts. */
static void wait_untold(const struct batch *b, const struct policy *p, const struct agent *a,
    const struct attempt *at, struct instant now, struct next *out)
{
	uint32_t k = a->charged ? a->charged : 1;
	int64_t ladder_ms = backoff_ms(&p->backoff, k), ms = NUM_NONE;

	if (at->class == CLASS_RATE_LIMIT)
		ms = learned_wait_ms(&b->accounts[a->account].gate, k, ladder_ms);
	wait_until(out, now.wall_ms, ms == NUM_NONE ? WAIT_LADDER : WAIT_LEARNED);
	ms = ms == NUM_NONE ? ladder_ms : ms;
	out->wait.until_t += backoff_jitter_ms(ms, p->jitter_pct, a->task->id, a->last_n);
}

/* That the row has met on the account of `at`. */
static uint32_t nr_usage_limits(const struct agent *a, const struct attempt *at)
{
	uint32_t i, n = 0;

	for (i = 0; i < a->nr_attempts; i++)
		if (a->attempts[i].has_verdict && a->attempts[i].class == CLASS_USAGE_LIMIT &&
		    strcmp(a->attempts[i].account, at->account) == 0)
			n++;
	return n;
}

/* What was told is over, and so should the limit be: the first step of the ladder finds out. If it
 * is not, nothing was told: none of this is charged, and only probing bounds how often it is done. */
static void wait_stale(const struct policy *p, const struct agent *a, const struct attempt *at,
    struct instant now, struct next *out)
{
	uint32_t k = nr_usage_limits(a, at);

	if (k <= 1)
		wait_until(out, now.wall_ms + backoff_ms(&p->backoff, 1), WAIT_LADDER);
	else
		wait_until(out, now.wall_ms + usage_probe_ms(k - 1), WAIT_PROBE);
}

/* A window with a reset. */
static void wait_reset(const struct policy *p, const struct agent *a, const struct attempt *at,
    struct instant now, struct next *out)
{
	int64_t least_t = now.wall_ms + backoff_ms(&p->backoff, 1);

	if (at->reset_at_t > now.wall_ms) {
		wait_until(out, at->reset_at_t > least_t ? at->reset_at_t : least_t, WAIT_TOLD);
		out->wait.is_wall = at->reset_at_t > least_t;
	} else if (at->reset_at_t == NUM_NONE && at->retry_after_ms > 0) {
		wait_until(out, now.wall_ms + at->retry_after_ms, WAIT_TOLD);
	} else if (at->reset_at_t == NUM_NONE && at->retry_after_ms == NUM_NONE) {
		wait_until(out, now.wall_ms + usage_probe_ms(nr_usage_limits(a, at)), WAIT_PROBE);
	} else {
		wait_stale(p, a, at, now, out);
	}
}

/* How long the row will wait in truth is what --max-wait bounds: another account may take it
 * sooner. */
static void bound_wait(const struct batch *b, const struct policy *p, const struct agent *a,
    struct instant now, struct next *out)
{
	uint32_t agent = (uint32_t)(a - b->agents);
	int64_t else_t = out->wait.account ? pool_elsewhere_t(b, agent, now) : NUM_NONE;
	int64_t until_t = out->wait.until_t;

	if (else_t != NUM_NONE && else_t < until_t)
		until_t = else_t;
	out->wait.is_parked = a->waited_ms + (until_t - now.wall_ms) > p->max_wait_ms;
}

/* What waits for a person's sake on this account may go on under another key, if that is before
 * --max-wait is over. */
static bool can_leave(const struct batch *b, const struct policy *p, const struct agent *a,
    const struct attempt *at, struct instant now)
{
	uint32_t agent = (uint32_t)(a - b->agents);
	int64_t else_t;

	if (class_rule(at->class)->gate != GATE_RULE_PERSON ||
	    !pool_may_leave(b, p, agent, at, now))
		return false;
	else_t = pool_elsewhere_t(b, agent, now);
	return else_t != NUM_NONE && a->waited_ms + (else_t - now.wall_ms) <= p->max_wait_ms;
}

/* When a limit is told to end, or NUM_NONE. */
static int64_t told_until(const struct attempt *at, struct instant now)
{
	if (at->retry_after_ms != NUM_NONE)
		return now.wall_ms + at->retry_after_ms;
	return at->reset_at_t;
}

static bool can_go_on_with(const struct batch *b, const struct policy *p, const struct agent *a,
    const struct attempt *at)
{
	return p->live[a - b->agents].can_resume &&
	    session_to_resume(at, b->accounts[a->account].name);
}

static void plan_retry(const struct batch *b, const struct policy *p, const struct agent *a,
    const struct attempt *at, struct instant now, struct next *out)
{
	const struct class_rule *rule = class_rule(at->class);

	out->kind = NEXT_FAILED;
	if (rule->retry == RETRY_AFTER_RESET) {
		wait_reset(p, a, at, now, out);
		return;
	}
	if (a->charged >= p->attempts)
		return;
	if (can_leave(b, p, a, at, now)) {
		wait_until(out, now.wall_ms, WAIT_GATE);
		return;
	}
	/* Nothing was done yet, or all of it stands: there is nothing to wait for. */
	if (session_is_gone(at) || (rule->retry == RETRY_RESUMED && can_go_on_with(b, p, a, at))) {
		wait_until(out, now.wall_ms, WAIT_NONE);
		return;
	}
	if (rule->retry == RETRY_NO || rule->retry == RETRY_RESUMED)
		return;
	if (rule->retry == RETRY_TWICE && a->hard_ends >= 2)
		return;
	if (rule->retry == RETRY_WAIT && told_until(at, now) > now.wall_ms) {
		wait_until(out, told_until(at, now), WAIT_TOLD);
		out->wait.is_wall = at->retry_after_ms == NUM_NONE;
	} else {
		wait_untold(b, p, a, at, now, out);
	}
}

static void plan_gate(const struct batch *b, const struct agent *a, const struct attempt *at,
    struct instant now, struct next *out)
{
	const struct account *acc = &b->accounts[a->account];
	int64_t until_t = told_until(at, now);

	switch (class_rule(at->class)->gate) {
	case GATE_RULE_NONE:
		return;
	case GATE_RULE_PERSON:
		out->has_gate = !account_needs_person(acc);
		out->gate = gate_event(acc, GATE_CLOSED, at->message);
		return;
	case GATE_RULE_USAGE:
		if (out->kind != NEXT_WAIT)
			return;
		until_t = out->wait.until_t;
		/* Others were refused before this one: the account is probed, not each of its agents. */
		if (out->wait.why == WAIT_PROBE && acc->gate.tries > 0)
			until_t = now.wall_ms + usage_probe_ms(acc->gate.tries);
		break;
	case GATE_RULE_LIMIT:
		break;
	}
	out->has_gate = gate_refused(acc, at, until_t, now, &out->gate);
}

void decide_next(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now, struct next *out)
{
	const struct agent *a = &b->agents[agent];

	memset(out, 0, sizeof(*out));
	if (at->class == CLASS_SUCCESS) {
		out->kind = NEXT_COMPLETED;
		return;
	}
	if (at->class == CLASS_CANCELLED) {
		/* Who lost it to another branch finds that branch again. */
		out->kind = at->killed == KILL_HALT || at->killed == KILL_WON ? NEXT_PENDING
									      : NEXT_CANCELLED;
		return;
	}
	plan_retry(b, p, a, at, now, out);
	if (out->kind == NEXT_WAIT && pool_may_leave(b, p, agent, at, now))
		out->wait.account = b->accounts[a->account].name;
	if (out->kind == NEXT_WAIT && class_rule(at->class)->retry == RETRY_AFTER_RESET)
		bound_wait(b, p, a, now, out);
	plan_gate(b, a, at, now, out);
}
