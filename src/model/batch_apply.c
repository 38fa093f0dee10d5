#include "base/xalloc.h"
#include "model/batch.h"
#include "model/batch_orders.h"

#include <string.h>

const char *batch_keep(struct batch *b, const char *s)
{
	return s ? arena_strdup(&b->arena, s) : NULL;
}

/* Sums of told numbers, which may be anything: at the end of the range they stay there. */
static void add_to(int64_t *sum, int64_t v)
{
	if (v != NUM_NONE && __builtin_add_overflow(*sum, v, sum))
		*sum = v < 0 ? INT64_MIN + 1 : INT64_MAX;
}

static struct attempt *attempt_of(struct agent *a, int64_t n)
{
	if (n < 0 || n > UINT32_MAX)
		return NULL;
	return (struct attempt *)agent_attempt(a, (uint32_t)n);
}

/* A start told again does nothing but undo what was told again before it. */
static void restart(struct batch *b, struct agent *a, const struct attempt *at, int64_t t)
{
	if (at == agent_last_attempt(a) && !at->has_verdict && !status_is_final(a->status))
		batch_set_status(b, a, AGENT_IN_PROGRESS, PHASE_RUNNING, t);
}

/* Nearly every attempt was started in the boot that the batch's last first line names. */
static const char *keep_boot(struct batch *b, const char *boot)
{
	return boot && b->boot && strcmp(boot, b->boot) == 0 ? b->boot : batch_keep(b, boot);
}

static void apply_start(struct batch *b, struct agent *a, const struct event *ev)
{
	struct attempt *at = attempt_of(a, ev->n);

	if (at)
		restart(b, a, at, ev->t);
	if (at || ev->n < 0 || ev->n > UINT32_MAX)
		return;
	if (ev->start.account && strcmp(ev->start.account, b->accounts[a->account].name) != 0)
		batch_move_to_account(b, a, batch_account(b, ev->start.account));
	/* Most agents need one attempt: room for more is made when it comes. */
	if (a->nr_attempts == a->cap_attempts) {
		a->cap_attempts += a->cap_attempts / 2 + 1;
		a->attempts = xrealloc(a->attempts, a->cap_attempts * sizeof(*a->attempts));
	}
	at = &a->attempts[a->nr_attempts++];
	*at = (struct attempt){
	    .n = (uint32_t)ev->n,
	    .boot = keep_boot(b, ev->start.boot),
	    .started_t = ev->t,
	    .started_m = ev->m,
	    .ended_t = NUM_NONE,
	    .ended_m = NUM_NONE,
	    .validating_t = NUM_NONE,
	    .verdict_t = NUM_NONE,
	    .log_from = ev->start.log_from,
	    .log_to = NUM_NONE,
	    .retry_after_ms = NUM_NONE,
	    .reset_at_t = NUM_NONE,
	    .wait_until_t = NUM_NONE,
	    .wait_until_m = NUM_NONE,
	    .rss_kb = NUM_NONE,
	    .cpu_ms = NUM_NONE,
	    .cost_usd = -1,
	    .tokens_in = NUM_NONE,
	    .tokens_total = NUM_NONE,
	    .tokens_out = NUM_NONE,
	    .turns = NUM_NONE,
	    .session = batch_keep(b, ev->start.session),
	    .is_resumed = ev->start.session != NULL,
	    .account = b->accounts[a->account].name,
	};
	if (at->n > a->last_n)
		a->last_n = at->n;
	b->nr_attempts++;
	batch_set_status(b, a, AGENT_IN_PROGRESS, PHASE_RUNNING, ev->t);
	at->seq = gate_note_start(&b->accounts[a->account].gate, ev->m);
	a->since_t = ev->t;
}

static void apply_exit(struct batch *b, struct agent *a, const struct event *ev)
{
	struct attempt *at = attempt_of(a, ev->n);

	if (!at || at->has_ended)
		return;
	at->has_ended = true;
	at->how = ev->exit.how;
	at->exit_value = ev->exit.value;
	at->killed = ev->exit.killed;
	at->ended_t = ev->t;
	at->ended_m = ev->m;
	at->log_to = ev->exit.log_to;
	at->rss_kb = ev->exit.rss_kb;
	at->cpu_ms = ev->exit.cpu_ms;
	if (ev->exit.message)
		at->message = batch_keep(b, ev->exit.message);
	if (at->how == EXIT_VOID) {
		b->nr_attempts--;
		gate_note_void(&b->accounts[a->account].gate, at);
	}
}

static void add_usage(struct batch *b, struct agent *a, const struct ev_verdict *v)
{
	if (v->cost_usd >= 0) {
		a->cost_usd += v->cost_usd;
		b->cost_usd += v->cost_usd;
	}
	add_to(&a->tokens_in, v->tokens_in);
	add_to(&b->tokens_in, v->tokens_in);
	add_to(&a->tokens_out, v->tokens_out);
	add_to(&b->tokens_out, v->tokens_out);
	if (v->tokens_in == NUM_NONE && v->tokens_out == NUM_NONE) {
		add_to(&a->tokens, v->tokens_total);
		add_to(&b->tokens, v->tokens_total);
	} else {
		add_to(&a->tokens, v->tokens_in);
		add_to(&a->tokens, v->tokens_out);
		add_to(&b->tokens, v->tokens_in);
		add_to(&b->tokens, v->tokens_out);
	}
	add_to(&a->turns, v->turns);
	add_to(&b->turns, v->turns);
}

static void apply_verdict(struct batch *b, struct agent *a, const struct event *ev)
{
	const struct ev_verdict *v = &ev->verdict;
	struct attempt *at = attempt_of(a, ev->n);

	if (!at || at->has_verdict)
		return;
	at->has_verdict = true;
	at->verdict_t = ev->t;
	at->class = v->class;
	at->charged = v->charged;
	if (v->message)
		at->message = batch_keep(b, v->message);
	at->evidence = batch_keep(b, v->evidence);
	at->answer = batch_keep(b, v->answer);
	if (v->session)
		at->session = batch_keep(b, v->session);
	at->retry_after_ms = v->retry_after_ms;
	at->reset_at_t = v->reset_at_t;
	at->cost_usd = v->cost_usd;
	at->tokens_in = v->tokens_in;
	at->tokens_total = v->tokens_total;
	at->tokens_out = v->tokens_out;
	at->turns = v->turns;
	add_usage(b, a, v);
	gate_note_verdict(&b->accounts[a->account].gate, at);
	if (a->status == AGENT_FAILED)
		b->nr_lost += (v->class == CLASS_LOST) - (a->class == CLASS_LOST);
	a->class = v->class;
	if (v->charged)
		a->charged++;
	if (v->class == CLASS_TIMEOUT || v->class == CLASS_CRASH)
		a->hard_ends++;
	b->nr_verdicts++;
}

static void apply_wait(struct batch *b, struct agent *a, const struct event *ev)
{
	struct attempt *last = a->nr_attempts ? &a->attempts[a->nr_attempts - 1] : NULL;
	struct attempt *at = ev->n == NUM_NONE ? last : attempt_of(a, ev->n);
	const struct ev_wait *w = &ev->wait;
	int64_t span = w->until_t > ev->t ? w->until_t - ev->t : 0;
	bool is_planned;

	/* Told again: the attempt it led to has started. */
	if (at && at != last)
		return;
	batch_set_status(b, a, AGENT_IN_PROGRESS, PHASE_BACKOFF, ev->t);
	a->wait_from_t = ev->t;
	a->wait_until_t = w->until_t;
	a->wait_until_m = ev->m + span;
	a->wait_why = w->why;
	a->wait_is_wall = w->is_wall;
	a->wait_is_parked = w->is_parked;
	if (w->is_parked)
		b->pools[a->pool].nr_parked++;
	batch_put_waiting(b, a);
	if (!at)
		return;
	is_planned = at->has_verdict && !at->charged && at->wait_until_t == NUM_NONE;
	at->wait_until_t = w->until_t;
	at->wait_until_m = ev->m + span;
	at->wait_is_wall = w->is_wall;
	at->wait_is_account = w->account != NULL;
	at->wait_why = w->why;
	if (!w->is_parked)
		batch_settle_wait(b, a, ev->t, ev->m);
	/* What comes later behind the same attempt (skip-wait) was not planned by it. */
	if (is_planned)
		add_to(&a->waited_ms, a->wait_until_m - ev->m);
}

static void apply_status(struct batch *b, struct agent *a, const struct event *ev)
{
	struct attempt *at = a->nr_attempts ? &a->attempts[a->nr_attempts - 1] : NULL;

	a->why = batch_keep(b, ev->status.why);
	a->is_set_aside = ev->status.is_set_aside && ev->status.status == AGENT_FAILED;
	/* A final agent that is taken up again (ctl retry) has all its attempts before it. */
	if (ev->status.status == AGENT_PENDING && status_is_final(a->status)) {
		a->is_taken_up |= a->status == AGENT_FAILED;
		a->charged = a->hard_ends = 0;
		a->waited_ms = 0;
	}
	if (at && ev->status.phase == PHASE_VALIDATING)
		at->validating_t = ev->t;
	if (ev->status.status == AGENT_CANCELLED && ev->status.branch)
		batch_set_won(b, a, batch_keep(b, ev->status.branch), ev->t);
	else
		batch_set_status(b, a, ev->status.status, ev->status.phase, ev->t);
	/* A backoff is told by its wait; without one it is over, or nothing would ever end it. */
	if (a->phase == PHASE_BACKOFF) {
		a->wait_from_t = a->wait_until_t = ev->t;
		a->wait_until_m = ev->m;
		batch_put_waiting(b, a);
	}
}

static void apply_gate(struct batch *b, const struct event *ev)
{
	const struct ev_gate *g = &ev->gate;
	struct account *acc;

	if (!g->account)
		return;
	acc = &b->accounts[batch_account(b, g->account)];
	gate_set(&acc->gate, g, ev->t, ev->m, batch_keep(b, g->why));
	if (g->state == GATE_OPEN)
		batch_forget_faults(acc);
}

static void apply_stop(struct batch *b, const struct ev_verb *v)
{
	b->is_draining = true;
	if (v->by && v->by[0] == '-')
		b->stop_why = arena_strdup(&b->arena, v->result ? v->result : v->by);
}

static void apply_verb(struct batch *b, const struct event *ev)
{
	const struct ev_verb *v = &ev->verb;

	if (!v->verb)
		return;
	if (strcmp(v->verb, "pause") == 0)
		b->is_paused = true;
	else if (strcmp(v->verb, "resume") == 0)
		batch_go_on(b);
	else if (strcmp(v->verb, "jobs") == 0 && v->n != NUM_NONE)
		b->jobs = v->n;
	else if (strcmp(v->verb, "stop") == 0)
		apply_stop(b, v);
	else if (strcmp(v->verb, "cancel") == 0 && (!v->ids || !*v->ids))
		b->is_draining = b->is_cancelling = true;
	b->last_verb = batch_keep(b, v->result);
	b->last_verb_t = ev->t;
}

static struct batch_child *note_child(struct batch *b)
{
	uint32_t i;

	for (i = 0; i < b->nr_children; i++)
		if (strcmp(b->children[i].name, b->child) == 0)
			return &b->children[i];
	VEC_GROW(b->children, b->nr_children, b->cap_children);
	b->children[b->nr_children] = (struct batch_child){.name = b->child};
	return &b->children[b->nr_children++];
}

static void apply_cycle(struct batch *b, const struct event *ev)
{
	struct batch_child *child;

	b->child = batch_keep(b, ev->cycle.child);
	b->child_csv = batch_keep(b, ev->cycle.csv);
	b->child_rows = ev->cycle.rows;
	b->child_until_t = ev->cycle.until_t;
	b->child_is_extension = ev->cycle.is_extension;
	if (!b->child)
		return;
	child = note_child(b);
	child->csv = b->child_csv;
	child->branch = batch_keep(b, ev->cycle.branch);
	child->until_t = ev->cycle.until_t;
}

static void apply_end(struct batch *b, const struct event *ev)
{
	b->end = ev->end.state;
	b->end_why = batch_keep(b, ev->end.why);
	b->exit_code = ev->end.exit_code;
	b->ended_t = ev->t;
}

/* NULL: the event is not of one agent, or of one that is not here. */
static struct agent *agent_of(struct batch *b, const struct event *ev)
{
	uint32_t i = ev->agent;

	if (i == AGENT_NONE && ev->id)
		i = batch_find(b, ev->id);
	return i < b->nr_agents ? &b->agents[i] : NULL;
}

static bool apply_to_agent(struct batch *b, const struct event *ev)
{
	struct agent *a = agent_of(b, ev);

	if (!a)
		return false;
	switch (ev->type) {
	case EV_START:
		apply_start(b, a, ev);
		return true;
	case EV_EXIT:
		apply_exit(b, a, ev);
		return true;
	case EV_VERDICT:
		apply_verdict(b, a, ev);
		return true;
	case EV_WAIT:
		apply_wait(b, a, ev);
		return true;
	case EV_STATUS:
		apply_status(b, a, ev);
		return true;
	case EV_UNKNOWN:
	case EV_BATCH:
	case EV_GATE:
	case EV_VERB:
	case EV_CYCLE:
	case EV_SOLVE:
	case EV_END:
	case EV__COUNT:
		break;
	}
	return false;
}

static void apply(struct batch *b, const struct event *ev)
{
	switch (ev->type) {
	case EV_BATCH:
		batch_apply_begin(b, ev);
		return;
	case EV_GATE:
		apply_gate(b, ev);
		return;
	case EV_VERB:
		apply_verb(b, ev);
		return;
	case EV_CYCLE:
		apply_cycle(b, ev);
		return;
	case EV_SOLVE:
		batch_apply_solve(b, ev);
		return;
	case EV_END:
		apply_end(b, ev);
		return;
	case EV_START:
	case EV_EXIT:
	case EV_VERDICT:
	case EV_WAIT:
	case EV_STATUS:
	case EV_UNKNOWN:
	case EV__COUNT:
		if (!apply_to_agent(b, ev))
			b->nr_unknown++;
		return;
	}
}

void batch_apply(struct batch *b, const struct event *ev)
{
	apply(b, ev);
	b->nr_events++;
	b->last_t = ev->t;
	b->last_m = ev->m;
}
