/* Verdicts: what an ended attempt amounts to, and what becomes of its row. */
#include "engine/conductor_parts.h"
#include "policy/validation.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <string.h>

void conductor_follow_up(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event ev;
	struct next next;

	decide_next(c->batch, &c->policy, agent, at, c->now, &next);
	if (next.has_gate)
		conductor_gate(c, &next.gate, false);
	switch (next.kind) {
	case NEXT_COMPLETED:
		c->ops->completes(c->ctx, agent, at);
		conductor_set_status(c, agent, AGENT_COMPLETED, NULL);
		return;
	case NEXT_FAILED:
		conductor_set_status(c, agent, AGENT_FAILED, at->message);
		return;
	case NEXT_CANCELLED:
		if (c->live[agent].won_by)
			conductor_give_up(c, agent);
		else
			conductor_set_status(c, agent, AGENT_CANCELLED, at->message);
		return;
	case NEXT_PENDING:
		if (c->live[agent].won_by)
			conductor_give_up(c, agent);
		else
			conductor_set_status(c, agent, AGENT_PENDING, at->message);
		return;
	case NEXT_WAIT:
		if (c->live[agent].won_by) {
			conductor_give_up(c, agent);
			return;
		}
		/* Its own end came before our TERM and counts; but it is not tried again. */
		if (c->live[agent].is_cancelled) {
			conductor_set_status(c, agent, AGENT_CANCELLED,
			    "cancelled by the operator");
			return;
		}
		conductor_agent_event(&ev, EV_WAIT, agent);
		ev.n = at->n;
		ev.wait = next.wait;
		conductor_event(c, &ev);
		return;
	}
}

static bool is_charged(const struct conductor *c, uint32_t agent, const struct ev_verdict *v)
{
	struct attempt at = *agent_last_attempt(&c->batch->agents[agent]);

	at.has_verdict = true;
	at.class = v->class;
	at.retry_after_ms = v->retry_after_ms;
	at.reset_at_t = v->reset_at_t;
	if (v->session)
		at.session = v->session;
	return decide_is_charged(c->batch, &c->policy, agent, &at, c->now);
}

static void emit_verdict(struct conductor *c, uint32_t agent, const struct ev_verdict *v)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	uint32_t account = c->batch->agents[agent].account;
	uint32_t nr_lasted = c->batch->accounts[account].gate.nr_lasted;
	struct event ev;

	conductor_agent_event(&ev, EV_VERDICT, agent);
	ev.n = at->n;
	ev.verdict = *v;
	ev.verdict.charged = is_charged(c, agent, v);
	conductor_event(c, &ev);
	if (c->ops->gate_changed && c->batch->accounts[account].gate.nr_lasted != nr_lasted)
		c->ops->gate_changed(c->ctx, account, false);
	if (v->class == CLASS_LOST || v->class == CLASS_CRASH)
		conductor_log_about(c, agent, at->n,
		    v->message ? v->message : class_name(v->class));
	conductor_follow_up(c, agent);
}

static bool has_validation(const struct conductor *c, uint32_t agent)
{
	const struct task *t = c->batch->agents[agent].task;

	return validation_of(c->options, c->batch->tasks, t).kind == VALIDATE_COMMAND;
}

void conductor_judge(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event body; /* only for its defaults */

	event_init(&body, EV_VERDICT);
	if (!c->ops->judge(c->ctx, agent, at, &body.verdict)) {
		VEC_GROW(c->unread, c->nr_unread, c->cap_unread);
		c->unread[c->nr_unread++] = agent;
		c->live[agent].is_ending = true; /* no time limit is for it any more */
	} else if (body.verdict.class == CLASS_SUCCESS && has_validation(c, agent)) {
		conductor_start_validation(c, agent);
	} else {
		emit_verdict(c, agent, &body.verdict);
	}
}

/* In turn: the long output of one does not keep the others waiting until it is read. */
void conductor_judge_unread(struct conductor *c)
{
	uint32_t agent;

	if (c->nr_unread == 0)
		return;
	agent = c->unread[0];
	memmove(c->unread, c->unread + 1, --c->nr_unread * sizeof(*c->unread));
	c->live[agent].is_ending = false;
	conductor_judge(c, agent);
}

/* How the validation ended, and what it said last: that is what is to be mended. */
static void tell_validation(struct conductor *c, uint32_t agent, const struct attempt *at,
    const struct ev_exit *exit, char *why, size_t size)
{
	char said[256];
	int n;

	if (exit->how == EXIT_CODE) {
		n = snprintf(why, size, "validation failed with exit code %d", exit->value);
	} else if (exit->how == EXIT_SIGNAL) {
		n = snprintf(why, size, "validation ended by signal %d", exit->value);
	} else {
		snprintf(why, size, "validation: %s",
		    exit->message ? exit->message : "its end is not known");
		return;
	}
	c->ops->validation_said(c->ctx, agent, at, said, sizeof(said));
	if (said[0])
		snprintf(why + n, size - (size_t)n, ": %s", said);
}

/* The attempt itself is judged again: its verdict was not journalled while it was validated. */
void conductor_judge_validated(struct conductor *c, uint32_t agent, const struct ev_exit *exit)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event body;
	char why[512];

	event_init(&body, EV_VERDICT);
	/* It was read before its validation; only a new conductor reads it again. */
	while (!c->ops->judge(c->ctx, agent, at, &body.verdict))
		;
	if (exit->killed == KILL_CANCEL) {
		body.verdict.class = CLASS_CANCELLED;
		body.verdict.message = "cancelled by the operator while it was validated";
	} else if (exit->killed == KILL_WON) {
		body.verdict.class = CLASS_CANCELLED;
		body.verdict.message = "another branch completed the row while it was validated";
	} else if (exit->killed != KILL_NONE) {
		body.verdict.class = CLASS_INVALID;
		body.verdict.message = "the validation command used up its time";
	} else if (exit->how != EXIT_CODE || exit->value != 0) {
		tell_validation(c, agent, at, exit, why, sizeof(why));
		body.verdict.class = CLASS_INVALID;
		body.verdict.message = why;
	}
	emit_verdict(c, agent, &body.verdict);
}
