#include "view/screen/header_parts.h"
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/text/glyphs.h"
#include "view/screen/state_bar.h"
#include "view/solve_words.h"
#include "view/summary.h"
#include "view/text/units.h"
#include "view/text/words.h"

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

bool header_both(const struct words *left, const struct words *right, struct cells *c, int row,
    bool force)
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

void header_source(const struct view_model *m, char out[200], bool is_short)
{
	struct buf b = BUF_INIT;
	size_t n, room = is_short ? 20 : 40;
	char *dot;

	view_source_name(m->run, &b);
	if (*b.data == '"' && width_str(b.data) > room) { /* what is to be solved */
		n = width_cut(b.data, b.len, room - 4, NULL);
		snprintf(out, 200, "%.*s...\"", (int)(n < 190 ? n : 190), b.data);
		buf_release(&b);
		return;
	}
	dot = is_short ? strrchr(b.data, '.') : NULL;
	if (dot && dot != b.data)
		*dot = '\0';
	n = width_cut(b.data, strlen(b.data), room, NULL);
	snprintf(out, 200, "%.*s", (int)(n < 199 ? n : 199), b.data);
	buf_release(&b);
}

void header_add_cycle(const struct view_model *m, struct words *w, unsigned gap, const char *word)
{
	const struct retry_metadata *r = &m->shown->manifest.retry;
	const char *branch = m->shown->state.branch;
	long long k = m->shown->state.version ? (long long)m->shown->state.cycle : r->retry_count;

	if (r->auto_retry_enabled)
		words_add(w, gap, plain, "%s%lld/%d", word, k, r->max_retries);
	else
		words_add(w, gap, plain, "%s%lld", word, k);
	if (branch && branch_name_is_good(branch))
		words_add(w, 1, plain, "branch %s", branch);
}

void header_add_state(const struct view_model *m, const struct look *look, struct words *w,
    unsigned gap)
{
	struct style s = {.role = (uint8_t)view_run_role(m), .flags = run_words[m->state].flags};

	s.flags |= STYLE_BOLD;
	words_add(w, gap, s, "%s", view_run_word(m));
	if (look->is_frozen)
		words_add(w, gap, (struct style){.flags = STYLE_REVERSE}, "FROZEN");
}

int64_t header_elapsed(const struct view_model *m)
{
	const struct view_totals *t = &m->totals;
	int64_t to = t->ended_t != NUM_NONE ? t->ended_t : m->now.wall_ms;

	return t->started_t == NUM_NONE ? 0 : to - t->started_t;
}

static void add_eta(const struct view_model *m, struct words *w, unsigned gap, bool with_range)
{
	char mid[UNITS_SIZE], low[UNITS_SIZE], range[UNITS_SIZE];

	const struct solve *s = view_solve(m->run);

	if (m->exit_code >= 0 || m->state == RUN_INTERRUPTED)
		return;
	/* What a role needs is not told by rows. */
	if (s && s->phase != SOLVE_EXECUTING)
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
	header_source(m, source, level >= 3);
	words_add(w, gap, bold, "%s", source);
	if (level == 0)
		words_add(w, gap, plain, "%s", m->shown->dir.name);
	header_add_cycle(m, w, gap, "cycle ");
	header_add_state(m, look, w, gap);
}

static void line1_right(const struct view_model *m, int level, struct words *w)
{
	char up[DURATION_SIZE], clock[CLOCK_HMS_LEN + 1];
	unsigned gap = level < 3 ? 2 : 1;

	*w = (struct words){0};
	clock_hms(m->now.wall_ms, clock);
	if (level < 3)
		words_add(w, gap, plain, "up %s", duration_clock(header_elapsed(m), up));
	else if (level < 5)
		words_add(w, gap, plain, "%s", duration_text(header_elapsed(m), up));
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
		if (header_both(&left, &right, c, row, level >= 5))
			return;
	}
}

/* ---- line 2: counts ----------------------------------------------------- */

const enum style_role header_narrow_order[STATE_BAR_STATES] = {
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
	const enum style_role *order = cols < 60 ? header_narrow_order : state_bar_order;
	size_t i;

	*w = (struct words){0};
	for (i = 0; i < ARRAY_LEN(header_narrow_order); i++) {
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

	if (m->shown->state.nr_agents == 0) {
		cells_text(c, row, 1, end, plain, "no rows yet");
		return;
	}
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

void header_paint(const struct view_model *m, const struct look *look, int line, struct cells *c,
    int row)
{
	if (line == 1)
		paint_line1(m, look, c, row);
	else if (line == 2)
		paint_line2(m, look, c, row);
	else
		header_paint_limits(m, c, row);
}
