#include "engine/conductor_parts.h"
#include "base/xalloc.h"
#include "formats/event_json.h"
#include "policy/gate.h"
#include "policy/retry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bound on a validation command, which may hang like anything else (FAULTS P17). */
#define VALIDATE_MS (10 * 60 * 1000)

/* ---- making --------------------------------------------------------------- */

/* The account's number + 1, or 0. */
static uint32_t session_at(const struct conductor_opts *opts, uint32_t agent)
{
	const struct batch *b = opts->batch;
	const struct pool *pool = &b->pools[b->agents[agent].pool];
	const char *name;
	uint32_t i;

	if (!opts->session_account || pool->nr_members == 1)
		return 0;
	name = opts->session_account(opts->ctx, agent);
	for (i = 0; name && i < b->nr_accounts; i++)
		if (strcmp(b->accounts[i].name, name) == 0)
			return i + 1;
	return 0;
}

void conductor_init(struct conductor *c, const struct conductor_opts *opts)
{
	const struct options *o = opts->options;
	uint32_t i;

	memset(c, 0, sizeof(*c));
	c->batch = opts->batch;
	c->options = o;
	c->ex = opts->ex;
	c->ops = opts->ops;
	c->ctx = opts->ctx;
	buf_init(&c->out);
	c->live = xcalloc(c->batch->nr_agents, sizeof(*c->live));
	for (i = 0; i < c->batch->nr_agents; i++) {
		opts->limits(opts->ctx, i, &c->live[i].timeout_ms, &c->live[i].stall_ms);
		c->live[i].can_resume = opts->can_resume && opts->can_resume(opts->ctx, i);
		if (c->live[i].can_resume)
			c->live[i].session_at = session_at(opts, i);
	}
	c->policy = (struct policy){
	    .backoff = o->backoff,
	    .jitter_pct = o->jitter_pct,
	    .attempts = (uint32_t)o->attempts,
	    .max_wait_ms = (int64_t)(o->max_wait_s * 1000),
	    .validate_ms = VALIDATE_MS,
	    .live = c->live,
	    .hold_until_m = INT64_MIN,
	    .budget = budget_of(o),
	    .min_free_bytes = o->min_free_mem,
	    .free_bytes = NUM_NONE,
	};
	if (opts->dir_of) {
		dirs_init(&c->dirs, opts->dir_of, c->batch->nr_agents);
		c->policy.dirs = &c->dirs;
	}
	(void)halt_parse(o->halt, &c->policy.halt); /* it was read when it was given */
	c->wake_m = c->wake_t = NEVER;
}

void conductor_release(struct conductor *c)
{
	buf_release(&c->out);
	dirs_release(&c->dirs);
	free(c->live);
	free(c->queue);
	free(c->unread);
	free(c->rows);
	memset(c, 0, sizeof(*c));
}

/* ---- events ---------------------------------------------------------------- */

void conductor_event(struct conductor *c, struct event *ev)
{
	ev->t = c->now.wall_ms;
	ev->m = c->now.mono_ms;
	if (ev->agent != AGENT_NONE)
		ev->id = c->batch->agents[ev->agent].task->id;
	event_format(ev, &c->out);
	batch_apply(c->batch, ev);
}

void conductor_emit(struct conductor *c, struct event *ev, struct instant now)
{
	uint32_t *rows = xcalloc(c->batch->nr_agents, sizeof(*rows)), nr = 0;

	c->now = now;
	if (ev->type == EV_BATCH && ev->batch.resumed)
		nr = retry_by_person(c->batch, ACCOUNT_NONE, rows);
	conductor_event(c, ev);
	conductor_take_up(c, rows, nr, "resumed: somebody has acted");
	free(rows);
}

void conductor_agent_event(struct event *ev, enum event_type type, uint32_t agent)
{
	event_init(ev, type);
	ev->agent = agent;
}

void conductor_set_phase(struct conductor *c, uint32_t agent, enum agent_status status,
    enum agent_phase phase, const char *why)
{
	struct event ev;

	conductor_agent_event(&ev, EV_STATUS, agent);
	ev.status.status = status;
	ev.status.phase = phase;
	ev.status.why = why;
	conductor_event(c, &ev);
}

void conductor_set_status(struct conductor *c, uint32_t agent, enum agent_status status,
    const char *why)
{
	conductor_set_phase(c, agent, status, PHASE_NONE, why);
}

void conductor_log_about(struct conductor *c, uint32_t agent, uint32_t n, const char *text)
{
	char *line =
	    xasprintf("agent %s attempt %u: %s", c->batch->agents[agent].task->id, n, text);

	c->ops->log(c->ctx, line);
	free(line);
}

void conductor_gate(struct conductor *c, const struct ev_gate *gate, bool by_person)
{
	struct event ev;
	uint32_t i;

	event_init(&ev, EV_GATE);
	ev.gate = *gate;
	conductor_event(c, &ev);
	for (i = 0; c->ops->gate_changed && i < c->batch->nr_accounts; i++)
		if (strcmp(c->batch->accounts[i].name, gate->account) == 0)
			c->ops->gate_changed(c->ctx, i, by_person);
}

void conductor_emit_exit(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit)
{
	struct event ev;

	conductor_agent_event(&ev, EV_EXIT, ref.agent);
	ev.n = ref.n;
	ev.exit = *exit;
	if (exit->how != EXIT_VOID && exit->log_to == NUM_NONE)
		ev.exit.log_to = c->ex->ops->log_size(c->ex, ref.agent);
	conductor_event(c, &ev);
}

/* ---- attempts that end -------------------------------------------------------- */

void conductor_attempt_ended(struct conductor *c, struct attempt_ref ref,
    const struct ev_exit *exit)
{
	const struct agent *a = &c->batch->agents[ref.agent];
	const struct attempt *at = agent_last_attempt(a);

	if (a->status != AGENT_IN_PROGRESS || !at || at->n != ref.n || at->has_verdict)
		return;
	c->live[ref.agent].is_ending = false;
	if (ref.kind == RECORD_VALIDATE) {
		conductor_judge_validated(c, ref.agent, exit);
		return;
	}
	if (at->has_ended)
		return;
	conductor_emit_exit(c, ref, exit);
	if (exit->how == EXIT_VOID) {
		/* Its record could not be made: trying again at once would only spin. */
		if (exit->message)
			conductor_hold_for_disk(c, exit->message);
		conductor_log_about(c, ref.agent, ref.n,
		    "it never ran; its number is not used again");
		conductor_set_status(c, ref.agent, AGENT_PENDING, "the attempt never ran");
		return;
	}
	conductor_judge(c, ref.agent);
}

void conductor_set_busy(struct conductor *c, struct attempt_ref ref, bool is_busy)
{
	struct live *l = &c->live[ref.agent];
	unsigned old = l->busy, bit = 1u << ref.kind;

	l->busy = is_busy ? old | bit : old & ~bit;
	if (!old && l->busy)
		c->policy.nr_busy++;
	if (old && !l->busy)
		c->policy.nr_busy--;
}

void conductor_on_end(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit,
    struct instant now)
{
	c->now = now;
	conductor_set_busy(c, ref, true);
	conductor_attempt_ended(c, ref, exit);
}

void conductor_on_gone(struct conductor *c, struct attempt_ref ref, struct instant now)
{
	c->now = now;
	conductor_set_busy(c, ref, false);
}

void conductor_kill(struct conductor *c, uint32_t agent, enum kill_why why, bool now)
{
	const struct agent *a = &c->batch->agents[agent];
	const struct attempt *at = agent_last_attempt(a);
	struct attempt_ref ref = {.agent = agent, .n = at->n};

	ref.kind = a->phase == PHASE_VALIDATING ? RECORD_VALIDATE : RECORD_AGENT;
	c->live[agent].is_ending = true;
	c->live[agent].is_cancelled = c->live[agent].is_cancelled || why == KILL_CANCEL;
	if (!c->live[agent].is_queued)
		c->ex->ops->kill(c->ex, ref, why, now);
}

/* ---- a turn ------------------------------------------------------------------ */

static void skip_agent(struct conductor *c, const struct decision *d)
{
	char why[320];

	snprintf(why, sizeof(why), "%s did not complete",
	    d->parent == AGENT_NONE ? "a parent" : c->batch->agents[d->parent].task->id);
	conductor_set_status(c, d->agent, AGENT_SKIPPED, why);
}

/* A stall is only suspected until the log has been looked at. */
static bool is_silent(struct conductor *c, uint32_t agent)
{
	struct live *l = &c->live[agent];
	int64_t size = c->ex->ops->log_size(c->ex, agent);

	if (size == l->log_bytes)
		return true;
	l->log_bytes = size;
	l->active_m = c->now.mono_ms;
	return false;
}

static void end_overdue(struct conductor *c)
{
	enum kill_why why;
	uint32_t cursor = 0, agent = AGENT_NONE;
	int64_t wake_m = NEVER;
	bool again = false;

	while ((why = decide_overdue(c->batch, &c->policy, c->now, &cursor, &agent, &wake_m)) !=
	    KILL_NONE) {
		if (why == KILL_STALL && !is_silent(c, agent))
			again = true;
		else
			conductor_kill(c, agent, why, false);
	}
	if (again) {
		cursor = 0;
		(void)decide_overdue(c->batch, &c->policy, c->now, &cursor, &agent, &wake_m);
	}
	if (wake_m < c->wake_m)
		c->wake_m = wake_m;
}

/* A validation costs nothing and what it looks at has ended: it may go on. */
static void end_running(struct conductor *c)
{
	uint32_t i;

	for (i = 0; i < c->batch->nr_running; i++) {
		uint32_t agent = c->batch->running[i];

		if (c->batch->agents[agent].phase == PHASE_RUNNING && !c->live[agent].is_ending)
			conductor_kill(c, agent, KILL_HALT, false);
	}
}

static void stop_by_rule(struct conductor *c, const struct decision *d)
{
	struct event ev;

	event_init(&ev, EV_VERB);
	ev.verb.verb = "stop";
	ev.verb.by = d->rule;
	ev.verb.result = d->why;
	conductor_event(c, &ev);
	c->ops->log(c->ctx, d->why);
	if (d->is_now)
		end_running(c);
}

static void apply_decision(struct conductor *c, const struct decision *d)
{
	switch (d->kind) {
	case DECIDE_START:
		conductor_start_agent(c, d->agent, d->account);
		return;
	case DECIDE_SKIP:
		skip_agent(c, d);
		return;
	case DECIDE_GATE:
		conductor_gate(c, &d->gate, false);
		return;
	case DECIDE_STOP:
		stop_by_rule(c, d);
		return;
	case DECIDE_END:
		c->is_over = true;
		c->over = *d;
		return;
	case DECIDE_NOTHING:
		return;
	}
}

void conductor_hint(struct conductor *c, uint32_t account, const struct ev_gate *told,
    int64_t told_t, struct instant now)
{
	struct event ev;

	c->now = now;
	event_init(&ev, EV_GATE);
	if (!c->is_over && gate_hinted(&c->batch->accounts[account], told, told_t, now, &ev.gate))
		conductor_event(c, &ev);
}

/* Said once: it comes and goes. */
static void look_at_memory(struct conductor *c)
{
	char line[160];

	if (c->policy.min_free_bytes <= 0)
		return;
	c->policy.free_bytes = c->ops->free_memory(c->ctx);
	if (c->said_memory || !memory_is_low(c->batch, &c->policy))
		return;
	c->said_memory = true;
	snprintf(line, sizeof(line),
	    "%.0f MiB of memory are free: nothing starts beside what runs below the %.0f MiB of "
	    "--min-free-mem",
	    (double)c->policy.free_bytes / (1 << 20), c->policy.min_free_bytes / (1 << 20));
	c->ops->log(c->ctx, line);
}

void conductor_turn(struct conductor *c, struct instant now)
{
	struct decision d;

	c->now = now;
	c->wake_m = c->wake_t = NEVER;
	if (c->is_over)
		return;
	conductor_judge_unread(c);
	look_at_memory(c);
	do {
		decide(c->batch, &c->policy, now, &d);
		apply_decision(c, &d);
	} while (d.kind != DECIDE_NOTHING && d.kind != DECIDE_END);
	c->wake_m = d.wake_m;
	c->wake_t = d.wake_t;
	end_overdue(c);
	if (c->nr_unread)
		c->wake_m = now.mono_ms;
}

/* ---- branches ------------------------------------------------------------------------ */

void conductor_give_up(struct conductor *c, uint32_t agent)
{
	const char *branch = c->live[agent].won_by;
	struct event ev;
	char why[128];

	snprintf(why, sizeof(why), "branch %s completed it first", branch);
	conductor_agent_event(&ev, EV_STATUS, agent);
	ev.status.status = AGENT_CANCELLED;
	ev.status.branch = branch;
	ev.status.why = why;
	conductor_event(c, &ev);
	c->live[agent].won_by = NULL;
}

void conductor_won(struct conductor *c, uint32_t agent, const char *branch, struct instant now)
{
	const struct agent *a = &c->batch->agents[agent];

	c->now = now;
	if (c->is_over || status_is_final(a->status) || c->live[agent].won_by)
		return;
	c->live[agent].won_by = branch;
	if (a->running_at)
		conductor_kill(c, agent, KILL_WON, false);
	else
		conductor_give_up(c, agent);
}
