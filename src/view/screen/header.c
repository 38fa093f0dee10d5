#include "view/screen/header.h"
#include "base/xalloc.h"
#include "policy/budget.h"
#include "view/text/duration.h"
#include "view/text/glyphs.h"
#include "view/spending.h"
#include "view/screen/state_bar.h"
#include "view/summary.h"
#include "view/text/units.h"
#include "view/text/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct style plain;
static const struct style bold = {.flags = STYLE_BOLD};

/* ---- the run's state ---------------------------------------------------- */

static const struct {
	const char *word, *brief;
	uint8_t role, flags;
} run_words[] = {
    [RUN_RUNNING] = {"RUNNING", "RUN", ROLE_RUNNING, 0},
    [RUN_PAUSED] = {"PAUSED", "PAUS", ROLE_BACKOFF, 0},
    [RUN_DRAINING] = {"DRAINING", "DRAIN", ROLE_BACKOFF, 0},
    [RUN_WAITING] = {"WAITING", "WAIT", ROLE_BACKOFF, 0},
    [RUN_FINISHED] = {"DONE", "DONE", ROLE_COMPLETED, STYLE_BOLD},
    [RUN_STOPPED] = {"STOPPED", "STOP", ROLE_FAILED, 0},
    [RUN_INTERRUPTED] = {"NO CONDUCTOR", "NOCON", ROLE_NONE, STYLE_REVERSE},
};

/* Finished with something left is a word of its own. */
static bool has_failed(const struct view_model *m)
{
	return m->state == RUN_FINISHED && m->exit_code > 0;
}

const char *view_run_word(const struct view_model *m)
{
	return has_failed(m) ? "FAILED" : run_words[m->state].word;
}

const char *view_run_short(const struct view_model *m)
{
	return has_failed(m) ? "FAIL" : run_words[m->state].brief;
}

enum style_role view_run_role(const struct view_model *m)
{
	return has_failed(m) ? ROLE_FAILED : (enum style_role)run_words[m->state].role;
}

/* ---- pieces of a line --------------------------------------------------- */

/* Left and right with at least two blanks between them, inside the margins. False: no room. */
static bool paint_both(const struct words *left, const struct words *right, struct cells *c,
    int row, bool force)
{
	int end = c->cols - 1, room = end - 1;
	int need = words_width(left) + (right->nr ? 2 + words_width(right) : 0);

	if (need > room && !force)
		return false;
	words_paint(left, c, row, 1, end);
	if (need <= room)
		words_paint(right, c, row, end - words_width(right), end);
	return true;
}

/* ---- line 1: where we are ----------------------------------------------- */

static void source_name(const struct view_model *m, char out[200], bool is_short)
{
	struct buf b = BUF_INIT;
	size_t n;
	char *dot;

	view_source_name(m->run, &b);
	dot = is_short ? strrchr(b.data, '.') : NULL;
	if (dot && dot != b.data)
		*dot = '\0';
	n = width_cut(b.data, strlen(b.data), is_short ? 20 : 40, NULL);
	snprintf(out, 200, "%.*s", (int)(n < 199 ? n : 199), b.data);
	buf_release(&b);
}

static void add_cycle(const struct view_model *m, struct words *w, unsigned gap, const char *word)
{
	const struct retry_metadata *r = &m->shown->manifest.retry;
	long long k = m->shown->state.version ? (long long)m->shown->state.cycle : r->retry_count;

	if (r->auto_retry_enabled)
		words_add(w, gap, plain, "%s%lld/%d", word, k, r->max_retries);
	else
		words_add(w, gap, plain, "%s%lld", word, k);
}

static void add_state(const struct view_model *m, const struct look *look, struct words *w,
    unsigned gap)
{
	struct style s = {.role = (uint8_t)view_run_role(m), .flags = run_words[m->state].flags};

	s.flags |= STYLE_BOLD;
	words_add(w, gap, s, "%s", view_run_word(m));
	if (look->is_frozen)
		words_add(w, gap, (struct style){.flags = STYLE_REVERSE}, "FROZEN");
}

static int64_t elapsed(const struct view_model *m)
{
	const struct view_totals *t = &m->totals;
	int64_t to = t->ended_t != NUM_NONE ? t->ended_t : m->now.wall_ms;

	return t->started_t == NUM_NONE ? 0 : to - t->started_t;
}

static void add_eta(const struct view_model *m, struct words *w, unsigned gap, bool with_range)
{
	char mid[UNITS_SIZE], low[UNITS_SIZE], range[UNITS_SIZE];

	if (m->exit_code >= 0 || m->state == RUN_INTERRUPTED)
		return;
	if (!m->eta.is_known)
		words_add(w, gap, plain, "ETA --");
	else if (with_range &&
	    strcmp(estimate_text(m->eta.low_ms, low), estimate_text(m->eta.high_ms, range)) != 0)
		words_add(w, gap, plain, "ETA %s (%s)", estimate_text(m->eta.ms, mid),
		    estimate_range(m->eta.low_ms, m->eta.high_ms, range));
	else
		words_add(w, gap, plain, "ETA %s", estimate_text(m->eta.ms, mid));
}

static void line1_left(const struct view_model *m, const struct look *look, int level,
    struct words *w)
{
	char source[200];
	unsigned gap = level < 3 ? 2 : 1;

	*w = (struct words){0};
	source_name(m, source, level >= 3);
	words_add(w, gap, bold, "%s", source);
	if (level == 0)
		words_add(w, gap, plain, "%s", m->shown->dir.name);
	add_cycle(m, w, gap, "cycle ");
	add_state(m, look, w, gap);
}

static void line1_right(const struct view_model *m, int level, struct words *w)
{
	char up[DURATION_SIZE], clock[CLOCK_HMS_LEN + 1];
	unsigned gap = level < 3 ? 2 : 1;

	*w = (struct words){0};
	clock_hms(m->now.wall_ms, clock);
	if (level < 3)
		words_add(w, gap, plain, "up %s", duration_clock(elapsed(m), up));
	else if (level < 5)
		words_add(w, gap, plain, "%s", duration_text(elapsed(m), up));
	if (level < 5)
		add_eta(m, w, gap, level < 3);
	if (level < 2)
		words_add(w, gap, plain, "%s", clock);
	else if (level == 2)
		words_add(w, gap, plain, "%.5s", clock);
}

/* What is left out as it gets narrower: 0 nothing, 1 the batch's name, 2 the seconds of the clock,
 * 3 the clock and the range, 4 nothing more to the left, 5 all of the right. */
static void paint_line1(const struct view_model *m, const struct look *look, struct cells *c,
    int row)
{
	int level = c->cols >= 100 ? 0 : c->cols >= 60 ? 2 : 3;
	struct words left, right;

	for (;; level++) {
		line1_left(m, look, level, &left);
		line1_right(m, level, &right);
		if (level == 4)
			right.nr = right.nr ? 1 : 0;
		if (paint_both(&left, &right, c, row, level >= 5))
			return;
	}
}

/* ---- line 2: counts ----------------------------------------------------- */

/* On a narrow screen what is going on comes first. */
static const enum style_role narrow_order[STATE_BAR_STATES] = {
    ROLE_COMPLETED,
    ROLE_RUNNING,
    ROLE_BACKOFF,
    ROLE_VALIDATING,
    ROLE_PENDING,
    ROLE_FAILED,
    ROLE_LOST,
    ROLE_SKIPPED,
    ROLE_CANCELLED,
};

static void add_counts(const struct view_model *m, struct words *w, int cols)
{
	const enum style_role *order = cols < 60 ? narrow_order : state_bar_order;
	size_t i;

	*w = (struct words){0};
	for (i = 0; i < ARRAY_LEN(narrow_order); i++) {
		uint32_t n = state_count(m, order[i]);
		const char *word = glyph_short_word(order[i]);

		if (n == 0 && order[i] != ROLE_COMPLETED)
			continue;
		if (cols >= 100 && order[i] == ROLE_VALIDATING)
			word = "valid";
		words_add(w, cols >= 100 ? 2 : 1, glyph_word_style(order[i]), "%u %s", n, word);
	}
	if (cols >= 100)
		words_add(w, 2, plain, "of %u", m->shown->state.nr_agents);
	else
		words_add(w, 1, plain, "/%u", m->shown->state.nr_agents);
}

#define BAR_MIN 12

static void paint_line2(const struct view_model *m, const struct look *look, struct cells *c,
    int row)
{
	struct words w;
	int end = c->cols - 1, need;

	add_counts(m, &w, c->cols);
	if (words_width(&w) > end - 1)
		add_counts(m, &w, c->cols >= 60 ? 60 : 59);
	if (words_width(&w) > end - 1)
		w.nr--; /* the total */
	/* What has failed stands last, and goes last. */
	while (w.nr > 1 && words_width(&w) > end - 1) {
		w.v[w.nr - 2] = w.v[w.nr - 1];
		w.nr--;
	}
	need = words_width(&w);
	if (c->cols < 60 || end - 1 - need - 1 < BAR_MIN) {
		words_paint(&w, c, row, 1, end);
		return;
	}
	state_bar_paint(m, look, c, row, 1, end - need - 1);
	words_paint(&w, c, row, end - need, end);
}

/* ---- line 3: limits ----------------------------------------------------- */

static void add_jobs(const struct view_model *m, struct words *w)
{
	const struct batch *b = &m->shown->state;

	if (b->jobs > 0)
		words_add(w, 2, plain, "jobs %u/%" PRId64, batch_slots_used(b), b->jobs);
	else
		words_add(w, 2, plain, "jobs %u", batch_slots_used(b));
}

/* How an account's gate reads: "LIMITED 2:03 (to 23:54:12)". */
static void gate_words(const struct view_model *m, const struct account *acc, bool with_clock,
    char *out, size_t size)
{
	int64_t left = view_gate_left(m, acc);
	char text[DURATION_SIZE], pace[UNITS_SIZE], clock[CLOCK_HMS_LEN + 1];

	switch (acc->gate.state) {
	case GATE_CLOSED:
		if (left == NUM_NONE) {
			snprintf(out, size, "CLOSED");
			return;
		}
		clock_hms(acc->gate.until_t, clock);
		if (left == 0)
			snprintf(out, size, "LIMITED due");
		else if (with_clock)
			snprintf(out, size, "LIMITED %s (to %s)", duration_left(left, 0, text),
			    clock);
		else
			snprintf(out, size, "LIMITED %s", duration_left(left, 0, text));
		return;
	case GATE_NARROWED:
		if (acc->gate.width != NUM_NONE)
			snprintf(out, size, "NARROWED to %" PRId64, acc->gate.width);
		else if (acc->gate.pace_ms != NUM_NONE)
			snprintf(out, size, "NARROWED %s", pace_text(acc->gate.pace_ms, pace));
		else
			snprintf(out, size, "NARROWED");
		return;
	case GATE_PROBING:
		snprintf(out, size, "PROBING");
		return;
	case GATE_OPEN:
	case GATE__COUNT:
		break;
	}
	snprintf(out, size, "ok");
}

/* A run that is over asks for nothing: what its gates had learned limits nobody. */
static const struct account *limited_account(const struct view_model *m, uint32_t *nr)
{
	const struct batch *b = &m->shown->state;
	const struct account *found = NULL;
	uint32_t i;

	*nr = 0;
	if (m->state == RUN_FINISHED)
		return NULL;
	for (i = 0; i < b->nr_accounts; i++)
		if (b->accounts[i].gate.state != GATE_OPEN) {
			found = found && found->gate.state == GATE_CLOSED ? found : &b->accounts[i];
			++*nr;
		}
	return found;
}

static void add_gate(const struct view_model *m, struct words *w, int cols)
{
	const struct style limited = {.role = ROLE_BACKOFF, .flags = STYLE_BOLD};
	char text[64];
	uint32_t nr;
	const struct account *acc = limited_account(m, &nr);
	const char *rate = cols >= 60 ? "rate" : "";

	if (!acc && cols >= 60) {
		words_add(w, 2, plain, "rate ok");
		return;
	}
	if (!acc)
		return;
	if (*rate)
		words_add(w, 2, plain, "%s", rate);
	if (nr > 1) {
		words_add(w, 1, limited, "%u LIMITED", nr);
		return;
	}
	if (cols >= 100)
		words_add(w, 1, plain, "%s", acc->name);
	gate_words(m, acc, cols >= 100, text, sizeof(text));
	words_add(w, 1, limited, "%s", text);
}

/* A budget is the run's: beside it stands what the run has cost, not this batch alone. */
static void add_cost(const struct view_model *m, struct words *w, int cols)
{
	const struct batch *b = &m->shown->state;
	const struct options *o = &m->shown->manifest.options;
	struct buf text = BUF_INIT;

	spending_add_money(o->budget_usd > 0 ? budget_spent_usd(b) : b->cost_usd, o, cols < 100,
	    &text);
	words_add(w, 2, plain, cols < 100 ? "%s" : "cost %s", text.data);
	buf_reset(&text);
	spending_add_tokens(o->budget_tokens > 0 ? budget_spent_tokens(b) : b->tokens, o, &text);
	if (cols >= 100 || o->budget_tokens > 0)
		words_add(w, 2, plain, "tok %s", text.data);
	buf_release(&text);
}

static void add_totals(const struct view_model *m, struct words *w, int cols)
{
	const struct view_totals *t = &m->totals;

	*w = (struct words){0};
	if (cols < 60)
		words_add(w, 1, plain, "%u/%u", t->done, t->agents);
	else
		words_add(w, 1, plain, "run %u/%u done, %u healed, %u left", t->done, t->agents,
		    t->healed, t->left);
}

static void paint_line3(const struct view_model *m, struct cells *c, int row)
{
	static const int widths[] = {100, 60, 40};
	struct words left, right;
	size_t i;

	for (i = 0; i < ARRAY_LEN(widths); i++) {
		int cols = c->cols < widths[i] ? c->cols : widths[i];
		size_t k;

		left = (struct words){0};
		add_jobs(m, &left);
		add_gate(m, &left, cols);
		add_cost(m, &left, cols);
		add_totals(m, &right, cols);
		for (k = 0; cols < 60 && k < left.nr; k++)
			left.v[k].gap = k ? 1 : 0;
		if (cols < 60 && left.nr < ARRAY_LEN(left.v)) {
			left.v[left.nr] = right.v[0];
			left.v[left.nr++].gap = 1;
			right.nr = 0;
		}
		if (paint_both(&left, &right, c, row, i + 1 == ARRAY_LEN(widths)))
			return;
	}
}

void header_paint(const struct view_model *m, const struct look *look, int line, struct cells *c,
    int row)
{
	if (line == 1)
		paint_line1(m, look, c, row);
	else if (line == 2)
		paint_line2(m, look, c, row);
	else
		paint_line3(m, c, row);
}

/* ---- in one line -------------------------------------------------------- */

static void brief_left(const struct view_model *m, const struct look *look, int level,
    struct words *w)
{
	const struct batch *b = &m->shown->state;
	char source[200], gate[64];
	uint32_t nr;
	const struct account *acc = limited_account(m, &nr);

	*w = (struct words){0};
	source_name(m, source, level >= 1);
	words_add(w, 2, bold, "%s", source);
	add_cycle(m, w, 2, "cycle ");
	add_state(m, look, w, 2);
	if (level >= 2)
		return;
	if (b->jobs > 0)
		words_add(w, 2, plain, "%u/%" PRId64 " jobs", batch_slots_used(b), b->jobs);
	else
		words_add(w, 2, plain, "%u jobs", batch_slots_used(b));
	if (!acc || level >= 1)
		return;
	gate_words(m, acc, false, gate, sizeof(gate));
	words_add(w, 2, plain, "rate");
	words_add(w, 1, (struct style){.role = ROLE_BACKOFF, .flags = STYLE_BOLD}, "%s", gate);
}

void header_paint_brief(const struct view_model *m, const struct look *look, struct cells *c,
    int row)
{
	int level = c->cols >= 60 ? 0 : 1;
	struct words left, right = {0};
	char clock[CLOCK_HMS_LEN + 1];

	clock_hms(m->now.wall_ms, clock);
	words_add(&right, 2, plain, "%u/%u done", m->counts[ROLE_COMPLETED],
	    m->shown->state.nr_agents);
	words_add(&right, 2, plain, "%s", clock);
	for (;; level++) {
		brief_left(m, look, level, &left);
		if (paint_both(&left, &right, c, row, level >= 2))
			return;
	}
}

/* ---- the smallest screens ----------------------------------------------- */

static void tiny_state(const struct view_model *m, struct words *w)
{
	uint32_t failed = m->counts[ROLE_FAILED] + m->counts[ROLE_LOST];
	char source[200];

	source_name(m, source, true);
	words_add(w, 1, bold, "%s", source);
	add_cycle(m, w, 1, "");
	words_add(w, 1, (struct style){.role = (uint8_t)view_run_role(m), .flags = STYLE_BOLD},
	    "%s", view_run_short(m));
	words_add(w, 1, plain, "%u/%u", m->counts[ROLE_COMPLETED], m->shown->state.nr_agents);
	if (failed)
		words_add(w, 1, glyph_word_style(ROLE_FAILED), "%u fail", failed);
}

static void tiny_counts(const struct view_model *m, struct words *w)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(narrow_order); i++) {
		enum style_role role = narrow_order[i];
		uint32_t n = state_count(m, role);

		if (n && role != ROLE_COMPLETED && role != ROLE_FAILED && role != ROLE_LOST)
			words_add(w, 1, glyph_word_style(role), "%u %s", n, glyph_short_word(role));
	}
	if (w->nr == 0)
		words_add(w, 1, plain, "nothing left to do");
}

static void tiny_next(const struct view_model *m, struct words *w)
{
	int64_t left = view_next_event_left(m);
	char text[DURATION_SIZE], gate[64];
	uint32_t nr;
	const struct account *acc = limited_account(m, &nr);

	if (left != NUM_NONE && left > 0)
		words_add(w, 2, plain, "next %s", duration_left(left, 0, text));
	else if (left == 0)
		words_add(w, 2, plain, "next due");
	else
		words_add(w, 2, plain, "up %s", duration_text(elapsed(m), text));
	if (!acc)
		return;
	gate_words(m, acc, false, gate, sizeof(gate));
	words_add(w, 2, (struct style){.role = ROLE_BACKOFF, .flags = STYLE_BOLD}, "%s", gate);
}

void header_paint_tiny(const struct view_model *m, int line, struct cells *c, int row)
{
	struct words w = {0};
	int margin = c->cols > 20 ? 1 : 0;

	if (line == 1)
		tiny_state(m, &w);
	else if (line == 2)
		tiny_counts(m, &w);
	else
		tiny_next(m, &w);
	while (w.nr > 1 && words_width(&w) > c->cols - margin)
		w.nr--;
	words_paint(&w, c, row, margin, c->cols);
}
