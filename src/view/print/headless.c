#include "view/print/headless.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/text/sanitize.h"
#include "view/shown.h"
#include "view/summary.h"
#include "view/text/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void headless_init(struct headless *h, const struct headless_opts *opts,
    const struct batch_reader *from)
{
	const struct options *o = &from->manifest.options;

	memset(h, 0, sizeof(*h));
	h->opts = *opts;
	h->name = from->dir.name;
	h->attempts = o->attempts;
	h->is_solve = options_is_solve(o);
	h->is_call = o->role;
	h->max_retries = o->auto_retry ? o->max_retries : 0;
	arena_init(&h->arena);
	map_init(&h->groups);
	batch_init(&h->state, &from->tasks, &from->graph, options_default_agent(o), o->jobs);
}

void headless_release(struct headless *h)
{
	batch_release(&h->state);
	map_release(&h->groups);
	free(h->skipped_for);
	arena_release(&h->arena);
}

/* ---- lines -------------------------------------------------------------- */

static void begin_line(int64_t wall_ms, const char *word, struct buf *out)
{
	char time[CLOCK_HMS_LEN + 1];

	clock_hms(wall_ms, time);
	buf_fmt(out, "%s %s", time, word);
}

static void add_word(struct buf *out, const char *s)
{
	if (!s || !*s)
		return;
	buf_ch(out, ' ');
	sanitize_line(out, s);
}

static void add_until(struct buf *out, int64_t until_t, int64_t now_t)
{
	char left[DURATION_SIZE], at[CLOCK_HMS_LEN + 1];

	clock_hms(until_t, at);
	buf_fmt(out, " in %s (%s)", duration_left(until_t, now_t, left), at);
}

/* By hand there may be more cycles than any option has allowed: then there is no N to tell. */
static void add_cycle(const struct headless *h, int64_t cycle, struct buf *out)
{
	buf_fmt(out, "cycle %lld", (long long)cycle);
	if (cycle <= h->max_retries)
		buf_fmt(out, " of %d", h->max_retries);
}

static void tell_counts(const struct headless *h, int64_t wall_ms, struct buf *out)
{
	const struct batch *b = &h->state;

	if (h->is_call)
		return;
	begin_line(wall_ms, "counts", out);
	buf_fmt(out,
	    " completed %u running %u backoff %u validating %u pending %u failed %u skipped %u "
	    "cancelled %u of %u, cycle %lld",
	    b->counts[AGENT_COMPLETED], b->phases[PHASE_RUNNING], b->phases[PHASE_BACKOFF],
	    b->phases[PHASE_VALIDATING], b->counts[AGENT_PENDING], b->counts[AGENT_FAILED],
	    b->counts[AGENT_SKIPPED], b->counts[AGENT_CANCELLED], b->nr_agents,
	    (long long)b->cycle);
	if (h->max_retries > 0)
		buf_fmt(out, "/%d", h->max_retries);
	buf_ch(out, '\n');
}

/* The row that failed, for which this one is skipped: its parents were told before it. */
static void add_skip(struct headless *h, const struct agent *a, struct buf *out)
{
	const struct batch *b = &h->state;
	uint32_t i = (uint32_t)(a - b->agents), k, root = AGENT_NONE;

	if (!h->skipped_for)
		h->skipped_for = xcalloc(b->nr_agents, sizeof(*h->skipped_for));
	for (k = b->graph->first_parent[i]; k < b->graph->first_parent[i + 1]; k++) {
		uint32_t p = b->graph->parents[k];

		if (b->agents[p].status == AGENT_SKIPPED && h->skipped_for[p])
			root = h->skipped_for[p] - 1;
		else if (b->agents[p].status == AGENT_FAILED ||
		    b->agents[p].status == AGENT_CANCELLED)
			root = p;
		if (root != AGENT_NONE)
			break;
	}
	add_word(out, a->why);
	if (root == AGENT_NONE)
		return;
	h->skipped_for[i] = root + 1;
	if (root == b->graph->parents[k])
		return;
	buf_str(out, ", for ");
	sanitize_line(out, b->agents[root].task->id);
}

/* Whose line it is, where several batches are told at the same time. */
static void add_branch(const struct headless *h, struct buf *out)
{
	if (!h->state.branch)
		return;
	sanitize_line(out, h->state.branch);
	buf_str(out, ": ");
}

static void tell_agent(struct headless *h, const struct agent *a, int64_t t, struct buf *out)
{
	const struct attempt *at = agent_last_attempt(a);
	enum style_role role = shown_role(a);
	bool has_ended = at && at->has_verdict;

	begin_line(t, "", out);
	add_branch(h, out);
	sanitize_line(out, h->is_call ? h->name : a->task->id);
	buf_ch(out, ' ');
	shown_word(role, h->opts.color, out);
	if (at)
		buf_fmt(out, " try %u/%d", shown_try(a), h->attempts);
	if (has_ended && role != ROLE_RUNNING)
		add_word(out, class_name(at->class));
	if (a->phase == PHASE_BACKOFF) {
		add_until(out, a->wait_until_t, t);
		add_word(out, wait_why_name(a->wait_why));
	}
	if (a->is_set_aside)
		add_word(out, a->why);
	if (has_ended && role != ROLE_RUNNING && role != ROLE_COMPLETED && !a->won_by)
		add_word(out, at->message);
	else if (role == ROLE_SKIPPED && h->state.graph)
		add_skip(h, a, out);
	else if (role != ROLE_RUNNING && role != ROLE_VALIDATING)
		add_word(out, a->why);
	buf_ch(out, '\n');
}

void headless_counts(struct headless *h, int64_t wall_ms, struct buf *out)
{
	if (h->is_call && h->state.nr_agents > 0)
		tell_agent(h, &h->state.agents[0], wall_ms, out);
	else
		tell_counts(h, wall_ms, out);
}

/* Whether this failure is the first of its kind: class and message. */
static bool is_new_group(struct headless *h, const struct agent *a)
{
	struct buf key = BUF_INIT;
	bool is_new;

	shown_failure_group(a, &key);
	is_new = map_get(&h->groups, key.data) == MAP_NONE;
	if (is_new)
		map_put(&h->groups, arena_strdup(&h->arena, key.data), 1);
	buf_release(&key);
	return is_new;
}

static void agent_changed(struct headless *h, const struct agent *a, int64_t t, struct buf *out)
{
	const struct batch *b = &h->state;
	uint32_t tenths;

	if (h->is_call &&
	    (status_is_final(a->status) || a->nr_attempts == 0 ||
		(a->nr_attempts == 1 && a->phase != PHASE_BACKOFF)))
		return;
	if (!h->opts.plain) {
		tell_agent(h, a, t, out);
		return;
	}
	if ((a->status == AGENT_FAILED || a->phase == PHASE_BACKOFF) && is_new_group(h, a))
		tell_agent(h, a, t, out);
	tenths = b->nr_agents >= 10 ? b->counts[AGENT_COMPLETED] * 10 / b->nr_agents : 0;
	if (tenths > h->tenths) {
		h->tenths = tenths;
		tell_counts(h, t, out);
	}
}

static void batch_begins(const struct headless *h, const struct event *ev, struct buf *out)
{
	const struct batch *b = &h->state;

	if (b->branch && b->nr_events > 1 && !ev->batch.resumed)
		return; /* it was told when it was begun for this conductor */
	begin_line(ev->t, "batch ", out);
	buf_fmt(out, "%s %s: %u agent%s, ", h->name, b->nr_resumes ? "resumed" : "begins",
	    b->nr_agents, plural(b->nr_agents));
	if (b->jobs > 0)
		buf_fmt(out, "%lld at a time", (long long)b->jobs);
	else
		buf_str(out, "all at once");
	if (b->cycle > 0) {
		buf_str(out, ", ");
		add_cycle(h, b->cycle, out);
	}
	if (b->branch) {
		buf_str(out, ", branch");
		add_word(out, b->branch);
	}
	if (b->not_before_t != NUM_NONE && b->not_before_t > ev->t) {
		buf_str(out, ", starts");
		add_until(out, b->not_before_t, ev->t);
	}
	buf_ch(out, '\n');
}

/* That its pace or width grows is no news of its own. */
static bool is_news(const struct ev_gate *g, const struct gate *before)
{
	return g->state != before->state ||
	    (g->state == GATE_CLOSED && g->until_t != before->until_t);
}

static void gate_changed(const struct headless *h, const struct event *ev,
    const struct gate *before, struct buf *out)
{
	const struct ev_gate *g = &ev->gate;
	bool is_limit = g->state == GATE_CLOSED || before->state == GATE_CLOSED;
	char pace[UNITS_SIZE];

	if (!g->account || !is_news(g, before))
		return;
	if (h->opts.plain && !is_limit)
		return;
	begin_line(ev->t, "limit", out);
	add_word(out, g->account);
	add_word(out, gate_state_name(g->state));
	if (g->state == GATE_CLOSED && g->until_t != NUM_NONE)
		add_until(out, g->until_t, ev->t);
	else if (g->state == GATE_CLOSED)
		buf_str(out, " until you act");
	if (g->state == GATE_NARROWED && g->width != NUM_NONE)
		buf_fmt(out, " to %lld", (long long)g->width);
	if (g->state == GATE_NARROWED && g->pace_ms != NUM_NONE)
		buf_fmt(out, " at %s", pace_text(g->pace_ms, pace));
	add_word(out, g->why);
	buf_ch(out, '\n');
	if (is_limit)
		tell_counts(h, ev->t, out);
}

static void verb_served(const struct headless *h, const struct event *ev, struct buf *out)
{
	bool is_rule = ev->verb.by && ev->verb.by[0] == '-'; /* --halt, --budget */

	begin_line(ev->t, is_rule ? "limit" : "operator", out);
	add_word(out, ev->verb.verb);
	add_word(out, ev->verb.ids);
	if (ev->verb.result) {
		buf_ch(out, ':');
		add_word(out, ev->verb.result);
	}
	buf_ch(out, '\n');
	tell_counts(h, ev->t, out);
}

static void cycle_comes(const struct headless *h, const struct event *ev, struct buf *out)
{
	const struct ev_cycle *c = &ev->cycle;

	begin_line(ev->t, "", out);
	add_cycle(h, h->state.cycle + 1, out);
	if (c->is_extension)
		buf_fmt(out, ": %lld new agent%s", (long long)c->rows, c->rows == 1 ? "" : "s");
	else
		buf_fmt(out, ": %lld of %u agents again", (long long)c->rows, h->state.nr_agents);
	if (c->until_t != NUM_NONE && c->until_t > ev->t)
		add_until(out, c->until_t, ev->t);
	buf_ch(out, ',');
	add_word(out, c->child);
	add_word(out, c->csv);
	if (c->branch) {
		buf_str(out, ", branch");
		add_word(out, c->branch);
	}
	buf_ch(out, '\n');
	if (!c->branch || h->state.nr_children < 2)
		tell_counts(h, ev->t, out);
}

/* A batch that goes on in a child has said so; its own end is nobody's. */
static void batch_ends(const struct headless *h, const struct event *ev, struct buf *out)
{
	if ((h->state.child || h->is_solve) && ev->end.state == END_FINISHED)
		return;
	begin_line(ev->t, "end", out);
	if (h->state.branch) {
		buf_str(out, " of branch ");
		sanitize_line(out, h->state.branch);
		buf_ch(out, ':');
	}
	add_word(out, end_state_name(ev->end.state));
	add_word(out, ev->end.why);
	buf_ch(out, '\n');
	tell_counts(h, ev->t, out);
}

static void verdict_given(const struct ev_solve *e, struct buf *out)
{
	buf_fmt(out, ": %s, quality %s", e->is_complete ? "complete" : "not complete",
	    e->quality == QUALITY_NONE ? "not told" : solve_quality_name(e->quality));
	if (e->nr_missing > 0)
		buf_fmt(out, ", %lld missing requirement%s", (long long)e->nr_missing,
		    e->nr_missing == 1 ? "" : "s");
}

/* "solve  validating round 1: not complete, quality poor, 1 missing requirement ..." */
static void solve_changed(const struct event *ev, struct buf *out)
{
	const struct ev_solve *e = &ev->solve;

	begin_line(ev->t, "solve ", out);
	buf_fmt(out, " %s round %lld", solve_phase_name(e->phase), (long long)e->round);
	if (e->has_verdict)
		verdict_given(e, out);
	add_word(out, e->role);
	if (e->is_unread)
		buf_str(out, " again, for the call before gave no reply that could be read:");
	add_word(out, batch_kind_name(e->kind));
	add_word(out, e->child);
	if (e->rows != NUM_NONE)
		buf_fmt(out, " %lld agent%s", (long long)e->rows, e->rows == 1 ? "" : "s");
	add_word(out, e->why);
	if (e->exit_code != NUM_NONE)
		buf_fmt(out, ", exit %lld", (long long)e->exit_code);
	buf_ch(out, '\n');
}

/* ---- events ------------------------------------------------------------- */

static struct gate gate_of(const struct batch *b, const char *account)
{
	struct gate none;
	uint32_t i;

	for (i = 0; account && i < b->nr_accounts; i++)
		if (strcmp(b->accounts[i].name, account) == 0)
			return b->accounts[i].gate;
	gate_init(&none);
	return none;
}

static void agent_event(struct headless *h, const struct event *ev, struct buf *out)
{
	uint32_t i = ev->agent != AGENT_NONE ? ev->agent
	    : ev->id                         ? batch_find(&h->state, ev->id)
					     : AGENT_NONE;
	struct agent before;
	const struct agent *a;

	if (i >= h->state.nr_agents) {
		batch_apply(&h->state, ev);
		return;
	}
	a = &h->state.agents[i];
	before = *a;
	batch_apply(&h->state, ev);
	if (a->status != before.status || a->phase != before.phase || a->last_n != before.last_n ||
	    a->is_set_aside != before.is_set_aside)
		agent_changed(h, a, ev->t, out);
}

void headless_event(struct headless *h, const struct event *ev, struct buf *out)
{
	struct gate gate;

	switch (ev->type) {
	case EV_BATCH:
		batch_apply(&h->state, ev);
		if (!h->is_call)
			batch_begins(h, ev, out);
		return;
	case EV_GATE:
		gate = gate_of(&h->state, ev->gate.account);
		batch_apply(&h->state, ev);
		gate_changed(h, ev, &gate, out);
		return;
	case EV_VERB:
		batch_apply(&h->state, ev);
		verb_served(h, ev, out);
		return;
	case EV_CYCLE:
		batch_apply(&h->state, ev);
		cycle_comes(h, ev, out);
		return;
	case EV_END:
		batch_apply(&h->state, ev);
		if (!h->is_call)
			batch_ends(h, ev, out);
		return;
	case EV_SOLVE:
		batch_apply(&h->state, ev);
		solve_changed(ev, out);
		return;
	case EV_START:
	case EV_EXIT:
	case EV_VERDICT:
	case EV_WAIT:
	case EV_STATUS:
		agent_event(h, ev, out);
		return;
	case EV_UNKNOWN:
	case EV__COUNT:
		batch_apply(&h->state, ev);
		return;
	}
}
