/* Starts: from the decision over the disk to the process. A start is journalled and queued, its event
 * is taken and flushed, and only then the executor starts it; what finds no room waits and comes
 * again. */
#include "engine/conductor_parts.h"
#include "base/xalloc.h"
#include "policy/gate.h"

#include <stdlib.h>
#include <string.h>

/* How long starts are held when the machine or the disk had no room. */
#define HOLD_MS 1000

/* ---- waiting for room ------------------------------------------------------------ */

static void hold(struct conductor *c)
{
	c->policy.hold_until_m = c->now.mono_ms + HOLD_MS;
	if (c->policy.hold_until_m < c->wake_m)
		c->wake_m = c->policy.hold_until_m;
}

void conductor_hold_for_disk(struct conductor *c, const char *message)
{
	char *line;

	hold(c);
	if (c->said_disk)
		return;
	c->said_disk = true;
	line = xasprintf("nothing starts until the disk takes it: %s", message);
	c->ops->log(c->ctx, line);
	free(line);
}

/* ---- planned ---------------------------------------------------------------------- */

void conductor_queue_start(struct conductor *c, struct attempt_ref ref)
{
	VEC_GROW(c->queue, c->nr_queue, c->cap_queue);
	c->queue[c->nr_queue++] = (struct queued_start){.ref = ref};
	c->live[ref.agent].is_queued = true;
}

static void close_account(struct conductor *c, uint32_t account, const char *why)
{
	const struct account *acc = &c->batch->accounts[account];
	const struct ev_gate gate = gate_event(acc, GATE_CLOSED, why);
	char *line = xasprintf("nothing starts on %s: %s", acc->name, why);

	c->ops->log(c->ctx, line);
	conductor_gate(c, &gate, false);
	free(line);
}

void conductor_start_agent(struct conductor *c, uint32_t agent, uint32_t account)
{
	struct attempt_ref ref = {
	    .agent = agent, .n = c->batch->agents[agent].last_n + 1, .kind = RECORD_AGENT};
	const char *name = c->batch->accounts[account].name;
	struct err err = ERR_INIT;
	int64_t log_from = 0;
	struct event ev;

	if (c->ops->take_account(c->ctx, account, &err) < 0) {
		close_account(c, account, err.msg);
		return;
	}
	if (c->ops->gather_results(c->ctx, agent, &err) < 0 ||
	    c->ops->brief(c->ctx, agent, ref.n, &err) < 0 ||
	    c->ex->ops->prepare(c->ex, ref, &log_from, &err) < 0) {
		conductor_hold_for_disk(c, err.msg);
		return;
	}
	if (c->batch->agents[agent].nr_attempts)
		c->ops->keep_output(c->ctx, agent, agent_last_attempt(&c->batch->agents[agent]));
	conductor_agent_event(&ev, EV_START, agent);
	ev.n = ref.n;
	ev.start.boot = c->batch->boot;
	ev.start.account = name;
	ev.start.log_from = log_from;
	if (c->live[agent].can_resume)
		ev.start.session = c->ops->session(c->ctx, agent, name);
	c->live[agent].active_m = c->now.mono_ms;
	c->live[agent].log_bytes = log_from;
	c->live[agent].is_ending = c->live[agent].is_cancelled = false;
	c->live[agent].won_by = NULL;
	conductor_event(c, &ev);
	conductor_queue_start(c, ref);
	c->ops->starts(c->ctx, agent, ref.n);
}

void conductor_start_validation(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);

	conductor_set_phase(c, agent, AGENT_IN_PROGRESS, PHASE_VALIDATING, NULL);
	c->live[agent].active_m = c->now.mono_ms;
	c->live[agent].is_ending = false;
	conductor_queue_start(c,
	    (struct attempt_ref){.agent = agent, .n = at->n, .kind = RECORD_VALIDATE});
}

/* ---- the journal's bytes ------------------------------------------------------------ */

bool conductor_take(struct conductor *c, struct buf *bytes)
{
	size_t i;
	bool is_held = c->now.mono_ms < c->policy.hold_until_m;

	/* A validation that found no room or no disk is queued without an event: it waits here. */
	if (c->is_writing || (c->out.len == 0 && (c->nr_queue == 0 || is_held)))
		return false;
	buf_add(bytes, c->out.data, c->out.len);
	buf_reset(&c->out);
	for (i = 0; i < c->nr_queue; i++)
		c->queue[i].is_taken = true;
	c->is_writing = true;
	return true;
}

bool conductor_is_settled(const struct conductor *c)
{
	return !c->is_writing && c->out.len == 0 && c->nr_queue == 0;
}

/* ---- started ------------------------------------------------------------------------ */

static const struct ev_exit never_ran = {
    .how = EXIT_VOID, .log_to = NUM_NONE, .rss_kb = NUM_NONE, .cpu_ms = NUM_NONE};

/* An attempt that is journalled and will not run: what was prepared for it is closed again. */
static void give_up(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit,
    enum agent_status status, const char *why)
{
	c->ex->ops->kill(c->ex, ref, KILL_CANCEL, true);
	conductor_emit_exit(c, ref, exit);
	conductor_set_status(c, ref.agent, status, why);
}

static void no_room(struct conductor *c, struct attempt_ref ref, const struct err *err)
{
	hold(c);
	if (!c->said_busy)
		conductor_log_about(c, ref.agent, ref.n, err->msg);
	c->said_busy = true;
	if (ref.kind == RECORD_VALIDATE) {
		conductor_queue_start(c, ref);
		return;
	}
	give_up(c, ref, &never_ran, AGENT_PENDING, "the machine had no room to start it");
}

/* Its end was asked for while its start went to disk: there is no process to end. */
static void cancel_unstarted(struct conductor *c, struct attempt_ref ref)
{
	struct ev_exit exit = never_ran;

	exit.killed = c->live[ref.agent].is_cancelled ? KILL_CANCEL
	    : c->live[ref.agent].won_by               ? KILL_WON
						      : KILL_HALT;
	if (ref.kind == RECORD_VALIDATE) {
		conductor_attempt_ended(c, ref, &exit);
		return;
	}
	c->live[ref.agent].is_ending = false;
	if (exit.killed == KILL_WON) {
		give_up(c, ref, &exit, AGENT_PENDING, "another branch has the row");
		conductor_give_up(c, ref.agent);
	} else if (c->live[ref.agent].is_cancelled) {
		give_up(c, ref, &exit, AGENT_CANCELLED, "cancelled by the operator");
	} else {
		give_up(c, ref, &exit, AGENT_PENDING, "the batch stopped before it began");
	}
}

static void start_now(struct conductor *c, struct attempt_ref ref)
{
	struct live *l = &c->live[ref.agent];
	struct err err = ERR_INIT;
	int64_t log_from; /* a validation's place in the log is nobody's concern */
	struct ev_exit failed = {.how = EXIT_FAILED,
	    .message = err.msg,
	    .log_to = NUM_NONE,
	    .rss_kb = NUM_NONE,
	    .cpu_ms = NUM_NONE};

	l->is_queued = false;
	if (l->is_ending) {
		cancel_unstarted(c, ref);
		return;
	}
	if (ref.kind == RECORD_VALIDATE && c->ex->ops->prepare(c->ex, ref, &log_from, &err) < 0) {
		conductor_hold_for_disk(c, err.msg);
		conductor_queue_start(c, ref);
		return;
	}
	switch (c->ex->ops->start(c->ex, ref, &err)) {
	case START_OK:
		l->begun_m = l->active_m = c->now.mono_ms;
		return;
	case START_BUSY:
		no_room(c, ref, &err);
		return;
	case START_FAILED:
		conductor_attempt_ended(c, ref, &failed);
		return;
	}
}

void conductor_flushed(struct conductor *c, struct instant now)
{
	size_t i, nr = c->nr_queue, kept = 0;
	struct queued_start *taken;

	c->now = now;
	c->is_writing = false;
	c->said_disk = false;
	if (nr == 0)
		return;
	/* Starting may queue anew (no room): work on a copy. */
	taken = xmalloc(nr * sizeof(*taken));
	memcpy(taken, c->queue, nr * sizeof(*taken));
	for (i = 0; i < nr; i++)
		if (!taken[i].is_taken)
			c->queue[kept++] = taken[i];
	c->nr_queue = kept;
	for (i = 0; i < nr; i++)
		if (taken[i].is_taken)
			start_now(c, taken[i].ref);
	free(taken);
}

void conductor_disk_refused(struct conductor *c, const char *message, struct instant now)
{
	c->now = now;
	conductor_hold_for_disk(c, message);
}
