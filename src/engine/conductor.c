#include "engine/conductor.h"
#include "base/xalloc.h"
#include "formats/event_json.h"
#include "policy/backoff.h"
#include "policy/retry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long starts are held when the machine or the disk had no room. */
#define HOLD_MS 1000
/* Bound on a validation command, which may hang like anything else (FAULTS P17). */
#define VALIDATE_MS (10 * 60 * 1000)

/* ---- making --------------------------------------------------------------- */

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
	for (i = 0; i < c->batch->nr_agents; i++)
		opts->limits(opts->ctx, i, &c->live[i].timeout_ms, &c->live[i].stall_ms);
	c->policy = (struct policy){
	    .backoff = o->backoff,
	    .jitter_pct = o->jitter_pct,
	    .attempts = (uint32_t)o->attempts,
	    .max_wait_ms = (int64_t)(o->max_wait_s * 1000),
	    .validate_ms = VALIDATE_MS,
	    .live = c->live,
	    .hold_until_m = INT64_MIN,
	};
	c->wake_m = c->wake_t = NEVER;
}

void conductor_release(struct conductor *c)
{
	buf_release(&c->out);
	free(c->live);
	free(c->queue);
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
	c->now = now;
	conductor_event(c, ev);
}

static void agent_event(struct event *ev, enum event_type type, uint32_t agent)
{
	event_init(ev, type);
	ev->agent = agent;
}

static void set_phase(struct conductor *c, uint32_t agent, enum agent_status status,
    enum agent_phase phase, const char *why)
{
	struct event ev;

	agent_event(&ev, EV_STATUS, agent);
	ev.status.status = status;
	ev.status.phase = phase;
	ev.status.why = why;
	conductor_event(c, &ev);
}

void conductor_set_status(struct conductor *c, uint32_t agent, enum agent_status status,
    const char *why)
{
	set_phase(c, agent, status, PHASE_NONE, why);
}

void conductor_log_about(struct conductor *c, uint32_t agent, uint32_t n, const char *text)
{
	char *line =
	    xasprintf("agent %s attempt %u: %s", c->batch->agents[agent].task->id, n, text);

	c->ops->log(c->ctx, line);
	free(line);
}

/* ---- starting --------------------------------------------------------------- */

void conductor_queue_start(struct conductor *c, struct attempt_ref ref)
{
	VEC_GROW(c->queue, c->nr_queue, c->cap_queue);
	c->queue[c->nr_queue++] = (struct queued_start){.ref = ref};
	c->live[ref.agent].is_queued = true;
}

static void hold(struct conductor *c)
{
	c->policy.hold_until_m = c->now.mono_ms + HOLD_MS;
	if (c->policy.hold_until_m < c->wake_m)
		c->wake_m = c->policy.hold_until_m;
}

static void disk_says_no(struct conductor *c, const char *message)
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

static void start_agent(struct conductor *c, uint32_t agent)
{
	struct attempt_ref ref = {
	    .agent = agent, .n = c->batch->agents[agent].last_n + 1, .kind = RECORD_AGENT};
	const struct account *acc = &c->batch->accounts[c->batch->agents[agent].account];
	struct err err = ERR_INIT;
	int64_t log_from = 0;
	struct event ev;

	if (c->ex->ops->prepare(c->ex, ref, &log_from, &err) < 0) {
		disk_says_no(c, err.msg);
		return;
	}
	if (c->batch->agents[agent].nr_attempts)
		c->ops->keep_output(c->ctx, agent, agent_last_attempt(&c->batch->agents[agent]));
	agent_event(&ev, EV_START, agent);
	ev.n = ref.n;
	ev.start.boot = c->batch->boot;
	ev.start.account = acc->name;
	ev.start.log_from = log_from;
	c->live[agent].active_m = c->now.mono_ms;
	c->live[agent].log_bytes = log_from;
	c->live[agent].is_ending = c->live[agent].is_cancelled = false;
	conductor_event(c, &ev);
	conductor_queue_start(c, ref);
}

static void start_validation(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);

	set_phase(c, agent, AGENT_IN_PROGRESS, PHASE_VALIDATING, NULL);
	c->live[agent].active_m = c->now.mono_ms;
	c->live[agent].is_ending = false;
	conductor_queue_start(c,
	    (struct attempt_ref){.agent = agent, .n = at->n, .kind = RECORD_VALIDATE});
}

/* ---- ending ------------------------------------------------------------------ */

static void emit_exit(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit)
{
	struct event ev;

	agent_event(&ev, EV_EXIT, ref.agent);
	ev.n = ref.n;
	ev.exit = *exit;
	if (exit->how != EXIT_VOID && exit->log_to == NUM_NONE)
		ev.exit.log_to = c->ex->ops->log_size(c->ex, ref.agent);
	conductor_event(c, &ev);
}

void conductor_follow_up(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event ev;
	struct next next;

	decide_next(c->batch, &c->policy, agent, at, c->now, &next);
	if (next.has_gate) {
		event_init(&ev, EV_GATE);
		ev.gate = next.gate;
		conductor_event(c, &ev);
	}
	switch (next.kind) {
	case NEXT_COMPLETED:
		conductor_set_status(c, agent, AGENT_COMPLETED, NULL);
		return;
	case NEXT_FAILED:
		conductor_set_status(c, agent, AGENT_FAILED, at->message);
		return;
	case NEXT_CANCELLED:
		conductor_set_status(c, agent, AGENT_CANCELLED, at->message);
		return;
	case NEXT_WAIT:
		/* Its own end came before our TERM and counts; but it is not tried again. */
		if (c->live[agent].is_cancelled) {
			conductor_set_status(c, agent, AGENT_CANCELLED,
			    "cancelled by the operator");
			return;
		}
		agent_event(&ev, EV_WAIT, agent);
		ev.n = at->n;
		ev.wait = next.wait;
		conductor_event(c, &ev);
		return;
	}
}

static void emit_verdict(struct conductor *c, uint32_t agent, const struct ev_verdict *v)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event ev;

	agent_event(&ev, EV_VERDICT, agent);
	ev.n = at->n;
	ev.verdict = *v;
	ev.verdict.charged = decide_is_charged(v->class);
	conductor_event(c, &ev);
	if (v->class == CLASS_LOST || v->class == CLASS_CRASH)
		conductor_log_about(c, agent, at->n,
		    v->message ? v->message : class_name(v->class));
	conductor_follow_up(c, agent);
}

static bool has_validation(const struct conductor *c, uint32_t agent)
{
	return *task_get(c->batch->tasks, c->batch->agents[agent].task, COL_VALIDATE) != '\0';
}

void conductor_judge(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event body; /* only for its defaults */

	event_init(&body, EV_VERDICT);
	c->ops->judge(c->ctx, agent, at, &body.verdict);
	if (body.verdict.class == CLASS_SUCCESS && has_validation(c, agent))
		start_validation(c, agent);
	else
		emit_verdict(c, agent, &body.verdict);
}

/* The attempt itself is judged again: its verdict was not journalled while it was validated. */
void conductor_judge_validated(struct conductor *c, uint32_t agent, const struct ev_exit *exit)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct event body;
	char why[256];

	event_init(&body, EV_VERDICT);
	c->ops->judge(c->ctx, agent, at, &body.verdict);
	if (exit->killed == KILL_CANCEL) {
		body.verdict.class = CLASS_CANCELLED;
		body.verdict.message = "cancelled by the operator while it was validated";
	} else if (exit->killed != KILL_NONE) {
		body.verdict.class = CLASS_INVALID;
		body.verdict.message = "the validation command used up its time";
	} else if (exit->how != EXIT_CODE || exit->value != 0) {
		if (exit->how == EXIT_CODE)
			snprintf(why, sizeof(why), "validation failed with exit code %d",
			    exit->value);
		else if (exit->how == EXIT_SIGNAL)
			snprintf(why, sizeof(why), "validation ended by signal %d", exit->value);
		else
			snprintf(why, sizeof(why), "validation: %s",
			    exit->message ? exit->message : "its end is not known");
		body.verdict.class = CLASS_INVALID;
		body.verdict.message = why;
	}
	emit_verdict(c, agent, &body.verdict);
}

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
	emit_exit(c, ref, exit);
	if (exit->how == EXIT_VOID) {
		/* Its record could not be made: trying again at once would only spin. */
		if (exit->message)
			disk_says_no(c, exit->message);
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

static void apply_decision(struct conductor *c, const struct decision *d)
{
	struct event ev;

	switch (d->kind) {
	case DECIDE_START:
		start_agent(c, d->agent);
		return;
	case DECIDE_SKIP:
		skip_agent(c, d);
		return;
	case DECIDE_GATE:
		event_init(&ev, EV_GATE);
		ev.gate = d->gate;
		conductor_event(c, &ev);
		return;
	case DECIDE_END:
		c->is_over = true;
		c->over = *d;
		return;
	case DECIDE_NOTHING:
		return;
	}
}

void conductor_turn(struct conductor *c, struct instant now)
{
	struct decision d;

	c->now = now;
	c->wake_m = c->wake_t = NEVER;
	if (c->is_over)
		return;
	do {
		decide(c->batch, &c->policy, now, &d);
		apply_decision(c, &d);
	} while (d.kind != DECIDE_NOTHING && d.kind != DECIDE_END);
	c->wake_m = d.wake_m;
	c->wake_t = d.wake_t;
	end_overdue(c);
}

/* ---- journal and starts --------------------------------------------------------- */

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

static const struct ev_exit never_ran = {
    .how = EXIT_VOID, .log_to = NUM_NONE, .rss_kb = NUM_NONE, .cpu_ms = NUM_NONE};

/* An attempt that is journalled and will not run: what was prepared for it is closed again. */
static void give_up(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit,
    enum agent_status status, const char *why)
{
	c->ex->ops->kill(c->ex, ref, KILL_CANCEL, true);
	emit_exit(c, ref, exit);
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

/* A cancel came while its start went to disk: there is no process to end. */
static void cancel_unstarted(struct conductor *c, struct attempt_ref ref)
{
	struct ev_exit exit = never_ran;

	exit.killed = KILL_CANCEL;
	if (ref.kind == RECORD_VALIDATE) {
		conductor_attempt_ended(c, ref, &exit);
		return;
	}
	c->live[ref.agent].is_ending = false;
	give_up(c, ref, &exit, AGENT_CANCELLED, "cancelled by the operator");
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
		disk_says_no(c, err.msg);
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
	disk_says_no(c, message);
}

/* ---- the end ------------------------------------------------------------------- */

bool conductor_is_settled(const struct conductor *c)
{
	return !c->is_writing && c->out.len == 0 && c->nr_queue == 0;
}

static void plan_cycle(struct conductor *c)
{
	struct batch *b = c->batch;
	struct event ev;
	int64_t until_t = NUM_NONE;

	c->rows = xmalloc((size_t)b->nr_agents * sizeof(*c->rows));
	c->nr_rows = retry_select(b, c->options->retry_on, c->ops->cycles_failed, c->ctx, c->rows);
	if (c->nr_rows == 0)
		return;
	if (retry_must_cool_off(b, &until_t) && until_t == NUM_NONE)
		until_t = c->now.wall_ms + backoff_ms(&c->options->backoff, (uint32_t)b->cycle + 1);
	c->ops->name_child(c->ctx, c->child, c->child_csv);
	event_init(&ev, EV_CYCLE);
	ev.cycle.child = c->child;
	ev.cycle.csv = c->child_csv;
	ev.cycle.rows = c->nr_rows;
	ev.cycle.until_t = until_t;
	conductor_event(c, &ev);
	c->has_child = true;
}

static void emit_end(struct conductor *c, const char *why)
{
	struct event ev;
	int i;

	event_init(&ev, EV_END);
	ev.end.state = c->over.end;
	ev.end.why = *why ? why : NULL;
	ev.end.exit_code = c->exit_code;
	for (i = 0; i < AGENT__COUNT; i++)
		ev.end.counts[i] = c->batch->counts[i];
	conductor_event(c, &ev);
}

void conductor_finish(struct conductor *c, struct instant now)
{
	char why[640], when[CLOCK_TEXT_LEN + 1];

	c->now = now;
	c->is_finished = true;
	c->exit_code = c->over.exit_code;
	if (c->over.end == END_FINISHED && c->options->auto_retry &&
	    c->batch->cycle < c->options->max_retries)
		plan_cycle(c);
	if (!c->has_child && c->ops->run_ends(c->ctx, c->over.end) > 0 && c->exit_code == 0)
		c->exit_code = 1;
	snprintf(why, sizeof(why), "%s", c->over.why);
	if (c->over.resume_t != NUM_NONE) {
		clock_text(c->over.resume_t, when);
		snprintf(why, sizeof(why), "%s (at %s)", c->over.why, when);
	}
	emit_end(c, why);
}
