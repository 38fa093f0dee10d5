/* The details of one agent: its row of the CSV, and every attempt with why it ended and what was
 * waited for. */
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/screen/frame.h"
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

/* One clean line, wrapped at the width with its label in front of the first piece. */
static void add_wrapped(struct lines *l, const char *label, const char *text, size_t n)
{
	size_t room = (size_t)(l->width > LABEL_COLUMNS + 10 ? l->width - LABEL_COLUMNS : 10);

	do {
		size_t k = width_cut(text, n, room, NULL);
		struct buf b = BUF_INIT;

		if (k == 0)
			k = n;
		width_pad(&b, label, LABEL_COLUMNS);
		buf_add(&b, text, k);
		add_line(l, b.data, b.len);
		buf_release(&b);
		label = "";
		text += k;
		n -= k;
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
		add_text(l, "", b.data);
	}
	buf_release(&b);
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
	const struct agent *a = &r->state.agents[v->details_of ? v->details_agent : v->agent];
	size_t i;
	uint32_t k;

	add_text(l, "agent", a->task->id);
	add_text(l, "state", shown_role_word(shown_role(a)));
	add_text(l, "why", a->why);
	add_text(l, "profile", r->state.accounts[a->account].name);
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
	int row = v->layout.header.rows, rows, i;

	rows = v->layout.keys.row - row - v->layout.message.rows;
	if (v->details_of || v->agent != AGENT_NONE)
		add_agent(&l, v);
	if (v->overlay_top > (int)l.nr - rows)
		v->overlay_top = (int)l.nr > rows ? (int)l.nr - rows : 0;
	v->overlay_rows = rows;
	for (i = 0; i < rows && v->overlay_top + i < (int)l.nr; i++)
		cells_text(c, row + i, 1, c->cols - 1, (struct style){0}, l.v[v->overlay_top + i]);
	lines_release(&l);
}
