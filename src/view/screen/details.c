/* The details of one agent: its row of the CSV, and every attempt with why it ended and what was
 * waited for. */
#include "base/xalloc.h"
#include "view/blockers.h"
#include "view/dir_turns.h"
#include "view/row.h"
#include "view/text/duration.h"
#include "view/screen/frame.h"
#include "view/screen/header_parts.h"
#include "view/text/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A task may be 10 MB: this much of it can be scrolled through. */
#define TEXT_MAX 20000
#define LABEL_COLUMNS 14

/* Lines to show, each clean. */
struct lines {
	char **v;
	size_t nr, cap;
	int width;
};

static void add_line(struct lines *l, const char *s, size_t n)
{
	VEC_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = xstrndup(s, n);
}

static void lines_release(struct lines *l)
{
	while (l->nr)
		free(l->v[--l->nr]);
	free(l->v);
}

/* As much of a line as is shown in one: to the end of a word, where that is not too far back. */
static size_t piece_of(const char *text, size_t n, size_t room)
{
	size_t k = width_cut(text, n, room, NULL), word = k;

	if (k == 0)
		return n;
	if (k == n || text[k] == ' ')
		return k;
	while (word > k / 2 && text[word - 1] != ' ')
		word--;
	return word > k / 2 ? word : k;
}

/* One clean line, wrapped at the width with its label in front of the first piece. */
static void add_wrapped(struct lines *l, const char *label, const char *text, size_t n)
{
	size_t room = (size_t)(l->width > LABEL_COLUMNS + 10 ? l->width - LABEL_COLUMNS : 10);

	do {
		size_t k = piece_of(text, n, room);
		struct buf b = BUF_INIT;

		width_pad(&b, label, LABEL_COLUMNS);
		buf_add(&b, text, k);
		add_line(l, b.data, b.len);
		buf_release(&b);
		label = "";
		text += k;
		n -= k;
		if (n && *text == ' ') {
			text++;
			n--;
		}
	} while (n);
}

/* Foreign text of several lines. */
static void add_text(struct lines *l, const char *label, const char *text)
{
	struct buf clean = BUF_INIT;
	size_t n = text ? strlen(text) : 0;
	const char *p, *nl;

	if (n == 0)
		return;
	sanitize_text(&clean, text, n > TEXT_MAX ? TEXT_MAX : n);
	for (p = clean.data; *p; p = nl ? nl + 1 : p + strlen(p)) {
		nl = strchr(p, '\n');
		add_wrapped(l, label, p, nl ? (size_t)(nl - p) : strlen(p));
		label = "";
	}
	if (n > TEXT_MAX) {
		buf_reset(&clean);
		buf_fmt(&clean, "...%zu more bytes", n - TEXT_MAX);
		add_wrapped(l, "", clean.data, clean.len);
	}
	buf_release(&clean);
}

static void add_attempt(struct lines *l, const struct attempt *at)
{
	char label[32], clock[CLOCK_TEXT_LEN + 1], took[DURATION_SIZE], money[UNITS_SIZE];
	struct buf b = BUF_INIT;

	snprintf(label, sizeof(label), "attempt %u", at->n);
	clock_text(at->started_t, clock);
	buf_fmt(&b, "started %s", clock);
	if (strchr(at->account, '/'))
		buf_fmt(&b, " on %s", at->account);
	if (at->has_ended && at->ended_m >= at->started_m)
		buf_fmt(&b, ", ran %s", duration_text(at->ended_m - at->started_m, took));
	if (at->has_ended && at->how == EXIT_CODE)
		buf_fmt(&b, ", exit %d", at->exit_value);
	else if (at->has_ended && at->how == EXIT_SIGNAL)
		buf_fmt(&b, ", signal %d", at->exit_value);
	if (at->killed != KILL_NONE)
		buf_fmt(&b, ", ended by us: %s", kill_why_name(at->killed));
	if (at->has_verdict)
		buf_fmt(&b, "; %s%s", class_name(at->class), at->charged ? "" : ", not charged");
	if (at->cost_usd >= 0)
		buf_fmt(&b, ", %s", money_text(at->cost_usd, money));
	add_text(l, label, b.data);
	add_text(l, "", at->message);
	if (at->wait_until_t != NUM_NONE) {
		clock_text(at->wait_until_t, clock);
		buf_reset(&b);
		buf_fmt(&b, "then waits until %s (%s)", clock, wait_why_name(at->wait_why));
		if (at->wait_is_account)
			buf_fmt(&b, " for %s alone", at->account);
		add_text(l, "", b.data);
	}
	buf_release(&b);
}

#define PARENTS_TOLD 20

/* The rows that it waits for, each with its state; where all of them wait themselves, for which. */
static void add_waits(struct lines *l, const struct viewer *v, const struct batch_reader *r,
    uint32_t agent)
{
	const struct batch *b = &r->state;
	uint32_t parents[PARENTS_TOLD], nr = blockers_parents(b, agent, parents, PARENTS_TOLD), i;
	struct buf t = BUF_INIT;

	for (i = 0; i < nr; i++) {
		buf_str(&t, i ? ", " : "");
		sanitize_line(&t, b->agents[parents[i]].task->id);
		buf_ch(&t, ' ');
		blockers_add_state(&v->model, r, parents[i], &t);
	}
	if (b->agents[agent].unmet > nr)
		buf_fmt(&t, " and %u more", b->agents[agent].unmet - nr);
	add_text(l, "waits for", t.data);
	if (nr && shown_role(&b->agents[parents[0]]) == ROLE_BLOCKED && r == v->model.shown) {
		buf_reset(&t);
		blockers_add_waits(&v->model, agent, &t);
		add_text(l, "held up by", t.data);
	}
	buf_release(&t);
}

/* The rows that wait for this one, and how long the longest chain behind it is. */
static void add_needed_by(struct lines *l, const struct batch *b, uint32_t agent)
{
	const struct graph *g = b->graph;
	uint32_t from = g->first_child[agent], nr = g->first_child[agent + 1] - from, k;
	struct buf t = BUF_INIT;

	for (k = 0; k < nr && k < PARENTS_TOLD; k++) {
		buf_str(&t, k ? ", " : "");
		sanitize_line(&t, b->agents[g->children[from + k]].task->id);
	}
	if (nr > k)
		buf_fmt(&t, " and %u more", nr - k);
	if (g->behind[agent] > 1)
		buf_fmt(&t, "; the longest chain behind it has %u rows", g->behind[agent]);
	add_text(l, "needed by", t.data);
	buf_release(&t);
}

static void add_graph(struct lines *l, const struct viewer *v, const struct batch_reader *r,
    uint32_t agent)
{
	const struct batch *b = &r->state;
	struct blockers other = BLOCKERS_INIT;
	struct buf t = BUF_INIT;

	if (!b->graph)
		return;
	if (shown_role(&b->agents[agent]) == ROLE_BLOCKED)
		add_waits(l, v, r, agent);
	if (b->agents[agent].status == AGENT_SKIPPED) {
		blockers_add_skip(r == v->model.shown ? v->model.blockers : &other, b, agent, &t);
		add_text(l, "skipped for", t.data);
	}
	add_needed_by(l, b, agent);
	blockers_release(&other);
	buf_release(&t);
}

/* With --exclusive-dir: who is in its directory. */
static void add_turn(struct lines *l, const struct viewer *v, const struct batch_reader *r,
    uint32_t agent)
{
	struct buf t = BUF_INIT;

	if (r == v->model.shown && dir_turns_add(&v->model, agent, &t))
		add_text(l, "held up by", t.data);
	buf_release(&t);
}

/* With what it is at: "BACKOFF, attempt 3/5, in 0:23". */
static void add_state(struct lines *l, const struct viewer *v, const struct batch_reader *r,
    uint32_t agent)
{
	struct buf t = BUF_INIT;
	struct view_row row;

	view_row_fill_of(&v->model, r, agent, log_peek(v->peeks, r, agent)->changed_t, &row);
	buf_str(&t, shown_role_word(row.role));
	if (row.agent->status == AGENT_IN_PROGRESS && strcmp(row.try, "-") != 0)
		buf_fmt(&t, ", attempt %s", row.try);
	if (row.agent->status == AGENT_IN_PROGRESS && *row.time)
		buf_fmt(&t, ", %s", row.time);
	add_text(l, "state", t.data);
	buf_release(&t);
}

/* Where several accounts are limited, and the header has no room to say how each. */
static void add_limits(struct lines *l, const struct viewer *v)
{
	const struct batch *b = &v->model.shown->state;
	struct buf t = BUF_INIT;
	char words[64];
	uint32_t nr, i;

	(void)header_limited(&v->model, &nr);
	for (i = 0; nr > 1 && i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];

		if (acc->gate.state == GATE_OPEN || !account_is_shown(acc))
			continue;
		header_gate_words(&v->model, acc, true, words, sizeof(words));
		buf_reset(&t);
		buf_fmt(&t, "%s %s", acc->name, words);
		if (acc->gate.state == GATE_CLOSED && acc->gate.why && *acc->gate.why)
			buf_fmt(&t, ": %s", acc->gate.why);
		add_text(l, "limit", t.data);
	}
	buf_release(&t);
}

/* Of an earlier cycle: which one that was, and what has become of the row since. */
static void add_cycle(struct lines *l, const struct viewer *v, const struct batch_reader *r,
    uint32_t agent)
{
	const struct batch *now = &v->model.shown->state;
	uint32_t then = agent;
	struct buf t = BUF_INIT;

	if (r == v->model.shown || r->manifest.options.role)
		return;
	buf_fmt(&t, "%lld, %s", (long long)r->state.cycle, r->dir.name);
	agent = batch_find(now, r->state.agents[then].task->id);
	if (agent != AGENT_NONE)
		buf_fmt(&t, "; in cycle %lld it is %s", (long long)now->cycle,
		    shown_role_word(shown_role(&now->agents[agent])));
	add_text(l, "cycle", t.data);
	buf_release(&t);
}

static void add_agent(struct lines *l, const struct viewer *v)
{
	static const struct {
		enum task_column column;
		const char *label;
	} fields[] = {
	    {COL_TAGS, "tags"},
	    {COL_DEPENDS_ON, "depends on"},
	    {COL_CONTEXT_PATH, "directory"},
	    {COL_OUTPUT_FILE, "output file"},
	    {COL_VALIDATE, "validate"},
	    {COL_MODEL, "model"},
	    {COL_MAX_TURNS, "max turns"},
	    {COL_TIMEOUT, "timeout"},
	    {COL_PRIORITY, "priority"},
	};
	const struct batch_reader *r = v->details_of ? v->details_of : v->model.shown;
	uint32_t agent = v->details_of ? v->details_agent : v->agent;
	const struct agent *a = &r->state.agents[agent];
	const struct pool *pool = &r->state.pools[a->pool];
	size_t i;
	uint32_t k;

	add_text(l, "agent", a->task->id);
	add_cycle(l, v, r, agent);
	add_state(l, v, r, agent);
	if (a->status != AGENT_SKIPPED || !r->state.graph)
		add_text(l, "why", a->why);
	add_graph(l, v, r, agent);
	add_turn(l, v, r, agent);
	add_limits(l, v);
	add_text(l, "profile", pool->name);
	if (pool->is_declared && a->nr_attempts > 0)
		add_text(l, "account", r->state.accounts[a->account].name);
	add_text(l, "command", r->manifest.options.agent_command);
	for (i = 0; i < ARRAY_LEN(fields); i++)
		add_text(l, fields[i].label, task_get(&r->tasks, a->task, fields[i].column));
	add_text(l, "task", task_get(&r->tasks, a->task, COL_TASK));
	for (k = 0; k < a->nr_attempts; k++) {
		add_line(l, "", 0);
		add_attempt(l, &a->attempts[k]);
	}
}

void details_paint(struct viewer *v, struct cells *c)
{
	struct lines l = {.width = c->cols - 2};
	int row = v->layout.header.rows, rows, page, i;

	rows = v->layout.keys.row - row - v->layout.message.rows;
	if (v->details_of || v->agent != AGENT_NONE)
		add_agent(&l, v);
	if (v->overlay_top > (int)l.nr - rows)
		v->overlay_top = (int)l.nr > rows ? (int)l.nr - rows : 0;
	v->overlay_rows = rows;
	for (i = 0; i < rows && v->overlay_top + i < (int)l.nr; i++)
		cells_text(c, row + i, 1, c->cols - 1, (struct style){0}, l.v[v->overlay_top + i]);
	if (v->layout.message.rows && overlay_pages(v, (int)l.nr, &page) > 1)
		cells_textf(c, v->layout.message.row, c->cols - 14, c->cols - 1, (struct style){0},
		    "page %d of %d", page, overlay_pages(v, (int)l.nr, &page));
	lines_release(&l);
}
