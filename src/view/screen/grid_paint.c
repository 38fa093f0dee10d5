/* What stands in the panes of the grid: a title, and the end of a log or why an agent waits. */
#include "policy/backoff.h"
#include "view/text/duration.h"
#include "view/text/glyphs.h"
#include "view/screen/grid.h"
#include "view/row.h"
#include "view/solve_words.h"
#include "view/text/units.h"
#include "view/text/words.h"

#include <stdio.h>
#include <string.h>

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

#define BAR_CELLS 30

/* A pane's place on the screen. */
struct spot {
	int row, rows, col, end;
};

#define ID_COLUMNS_MIN 6

/* ---- title -------------------------------------------------------------- */

static void add_time(const struct view_row *r, struct words *w)
{
	switch (r->role) {
	case ROLE_BACKOFF:
		words_add(w, 1, plain, "%s%s", strncmp(r->time, "in ", 3) == 0 ? "next " : "",
		    r->time);
		return;
	case ROLE_VALIDATING:
		words_add(w, 1, plain, "valid %s", r->time);
		return;
	case ROLE_RUNNING:
		words_add(w, 1, plain, "%s", r->time);
		if (*r->cost)
			words_add(w, 1, plain, "$%s", r->cost);
		return;
	case ROLE_NONE:
	case ROLE_LOST:
	case ROLE_FAILED:
	case ROLE_PENDING:
	case ROLE_BLOCKED:
	case ROLE_CANCELLED:
	case ROLE_SKIPPED:
	case ROLE_COMPLETED:
	case ROLE__COUNT:
		break;
	}
	words_add(w, 1, glyph_word_style(r->role), "%s", shown_role_word(r->role));
	words_add(w, 1, plain, "%s", r->time);
}

static uint32_t line_glyph(bool is_focused, bool ascii)
{
	if (!is_focused)
		return glyph_line(ascii);
	return ascii ? '=' : 0x2550;
}

static void name_pane(const struct view_row *r, const char *id, size_t id_columns, bool has_account,
    struct style style, struct words *w)
{
	*w = (struct words){0};
	words_add(w, 0, style, "%.*s", (int)width_cut(id, strlen(id), id_columns, NULL), id);
	if (has_account)
		words_add(w, 1, plain, "%s", r->account);
	words_add(w, 1, plain, "%s", r->try);
	add_time(r, w);
}

/* What a pane waits for is worth more than the names: the account gives way, then the id's end. */
static void fit_title(const struct view_row *r, const char *id, struct style style, int room,
    struct words *w)
{
	int over, columns = (int)width_str(id);

	name_pane(r, id, (size_t)columns, true, style, w);
	if (words_width(w) <= room)
		return;
	name_pane(r, id, (size_t)columns, false, style, w);
	over = words_width(w) - room;
	if (over <= 0)
		return;
	columns = columns - over > ID_COLUMNS_MIN ? columns - over : ID_COLUMNS_MIN;
	name_pane(r, id, (size_t)columns, false, style, w);
}

static void paint_title(const struct view_row *r, const struct look *look, bool is_focused,
    struct cells *c, const struct spot *s)
{
	struct style style = {.flags = is_focused ? STYLE_BOLD : STYLE_DIM};
	struct words w;
	struct buf id = BUF_INIT;
	struct glyph g = {
	    .cp = glyph_of_role(r->role, look->ascii), .width = 1, .style = glyph_style(r->role)};
	int end = s->end - 1;

	cells_fill(c, s->row, s->col, end, style, line_glyph(is_focused, look->ascii));
	cells_text(c, s->row, s->col + 1, end, plain, " ");
	cells_put(c, s->row, s->col + 2, end, &g);
	sanitize_line(&id, r->agent->task->id);
	fit_title(r, id.data, (struct style){.flags = is_focused ? STYLE_BOLD : 0},
	    end - s->col - 6, &w);
	cells_fill(c, s->row, s->col + 3,
	    s->col + 5 + words_width(&w) < end ? s->col + 5 + words_width(&w) : end, plain, ' ');
	words_paint(&w, c, s->row, s->col + 4, end - 1);
	buf_release(&id);
}

/* ---- an agent that waits ------------------------------------------------ */

/* A ladder's wait is no longer than this many steps. */
#define LADDER_STEPS 32
#define NEAR_MS 50 /* a wait begins a little after it is decided */

static const char *span_text(int64_t ms, char out[UNITS_SIZE])
{
	if (ms >= 100000)
		return estimate_text(ms, out);
	snprintf(out, UNITS_SIZE, "%d s", (int)((ms + 500) / 1000));
	return out;
}

/* "backoff 15 s (5 x 3^1)", where it is a step of the ladder: jitter and the cap make others. */
static void add_ladder(const struct ladder *l, int64_t span, struct buf *out)
{
	char text[UNITS_SIZE];
	uint32_t k;

	buf_fmt(out, "backoff %s", span_text(span, text));
	for (k = 1; k <= LADDER_STEPS && backoff_ms(l, k) + NEAR_MS < span; k++)
		;
	if (k > 1 && l->factor > 1 && backoff_ms(l, k) - NEAR_MS < span &&
	    span + NEAR_MS < (int64_t)(l->cap_s * 1000))
		buf_fmt(out, " (%g x %g^%u)", l->initial_s, l->factor, k - 1);
}

static void add_wait(const struct view_model *m, const struct agent *a, struct buf *out)
{
	static const char *const words[WAIT__COUNT] = {
	    [WAIT_NONE] = "",
	    [WAIT_TOLD] = ": the service said so",
	    [WAIT_LADDER] = "",
	    [WAIT_LEARNED] = ": as its limits lasted",
	    [WAIT_GATE] = ": the rate gate",
	    [WAIT_PROBE] = ": a probe of the limit",
	    [WAIT_OPERATOR] = ": by the operator",
	};

	int64_t span = a->wait_until_t - a->wait_from_t;
	bool is_held = agent_next_t(&m->shown->state, a) > a->wait_until_t;
	char text[UNITS_SIZE];

	if (!is_held && a->wait_why == WAIT_LADDER)
		add_ladder(&m->shown->manifest.options.backoff, span, out);
	else
		buf_fmt(out, "waiting %s%s", span_text(span, text),
		    is_held ? ": held by the rate gate" : words[a->wait_why]);
}

/* How much of the wait is over. */
static void paint_bar(const struct view_model *m, const struct agent *a, struct cells *c, int row,
    const struct spot *s)
{
	int64_t left = view_wait_left(m, a);
	int64_t span = agent_next_t(&m->shown->state, a) - a->wait_from_t;
	int cells = s->end - s->col - 10 < BAR_CELLS ? s->end - s->col - 10 : BAR_CELLS, done;
	char text[DURATION_SIZE];

	if (span < left)
		span = left;
	done = span > 0 ? (int)((span - left) * cells / span) : cells;
	cells_text(c, row, s->col + 1, s->end - 1, plain, "[");
	cells_fill(c, row, s->col + 2, s->col + 2 + done, glyph_word_style(ROLE_BACKOFF), '#');
	cells_fill(c, row, s->col + 2 + done, s->col + 2 + cells, dim, '-');
	cells_textf(c, row, s->col + 2 + cells, s->end - 1, plain, "] %s",
	    left ? duration_left(left, 0, text) : "due");
}

static void paint_wait(const struct view_model *m, const struct view_row *r, uint32_t agent,
    struct cells *c, const struct spot *s)
{
	const struct batch *b = &m->shown->state;
	const struct agent *a = r->agent;
	struct buf why = BUF_INIT;
	int row = s->row + 1, end = s->row + s->rows, stop = s->end - 1;
	int64_t next_t = agent_next_t(b, a);

	if (view_row_line(m, agent, &why))
		cells_text(c, row, s->col + 1, stop, plain, why.data);
	buf_reset(&why);
	add_wait(m, a, &why);
	/* The bar stays in sight when there is little room. */
	row += s->rows > 5 ? 2 : 1;
	if (a->wait_is_parked || next_t == NUM_NONE) {
		cells_text(c, row, s->col + 1, stop, plain,
		    a->wait_is_parked ? "waits for you: --max-wait is spent"
				      : "waits for you: its account is closed");
		goto out;
	}
	if (a->wait_until_t > a->wait_from_t)
		cells_text(c, row++, s->col + 1, stop, plain, why.data);
	if (row + 1 < end && (int64_t)a->charged + 1 == m->shown->manifest.options.attempts)
		cells_text(c, row++, s->col + 1, stop, plain, "last attempt of this batch");
	if (row < end)
		paint_bar(m, a, c, row, s);
out:
	buf_release(&why);
}

/* ---- one pane ----------------------------------------------------------- */

static void paint_ended(const struct view_model *m, const struct view_row *r, uint32_t agent,
    struct cells *c, const struct spot *s)
{
	int64_t left = GRID_STAYS_MS - (m->now.wall_ms - r->agent->since_t);
	int last = s->row + s->rows - 1;
	struct buf line = BUF_INIT;

	if (view_row_line(m, agent, &line))
		cells_text(c, last - 1, s->col + 1, s->end - 1, plain, line.data);
	cells_textf(c, last, s->col + 1, s->end - 1, dim, "(pane freed in %d s)",
	    (int)((left + 999) / 1000));
	buf_release(&line);
}

static void paint_pane(struct log_pane *p, const struct view_model *m, const struct view_row *r,
    uint32_t agent, struct cells *c, const struct spot *s)
{
	bool is_silent = strncmp(r->time, "silent ", 7) == 0;
	bool has_ended = r->role != ROLE_RUNNING && r->role != ROLE_VALIDATING;
	int rows = s->rows - 1 - (has_ended ? 2 : is_silent ? 1 : 0);

	if (r->role == ROLE_BACKOFF) {
		paint_wait(m, r, agent, c, s);
		return;
	}
	log_pane_paint(p, c, s->row + 1, rows, s->col + 1, s->end - 1);
	if (has_ended)
		paint_ended(m, r, agent, c, s);
	else if (is_silent)
		cells_textf(c, s->row + s->rows - 1, s->col + 1, s->end - 1, dim,
		    "(no output for %s)", r->time + 7);
}

/* ---- all of them -------------------------------------------------------- */

static void divide(struct grid *g, int cols, int rows)
{
	g->across = g->is_zoomed ? 1 : cols / GRID_PANE_COLS;
	g->down = g->is_zoomed ? 1 : rows / GRID_PANE_ROWS;
	if (g->across < 1)
		g->across = 1;
	if (g->across > GRID_PANES_MAX)
		g->across = GRID_PANES_MAX;
	if (g->down < 1)
		g->down = 1;
	if (g->down > GRID_PANES_MAX / g->across)
		g->down = GRID_PANES_MAX / g->across;
}

static void forget_pane(struct log_pane *p)
{
	log_pane_release(p);
	log_pane_init(p);
}

static void paint_none(const struct view_model *m, struct cells *c, int row)
{
	struct buf why = BUF_INIT;

	if (solve_add_no_rows(m, &why))
		buf_str(&why, "; R opens its log");
	else if (view_solve(m->run) && role_calls_now(&m->run->roles, view_solve(m->run)))
		buf_fmt(&why, "no agent runs or waits; %s is at work, R opens its log",
		    role_call_id(role_calls_now(&m->run->roles, view_solve(m->run))));
	else if (m->words.typed)
		buf_fmt(&why, "no agent that &%.200s takes runs or waits; Esc shows all",
		    m->words.typed);
	else if (m->filter != VF_ALL)
		buf_fmt(&why, "no %s agent runs or waits; f shows others",
		    view_filter_word(m->filter));
	else
		buf_str(&why, "no agent runs or waits");
	cells_text(c, row, 2, c->cols - 1, dim, why.data);
	buf_release(&why);
}

void grid_paint(struct grid *g, const struct view_model *m, const struct look *look,
    struct cells *c, int row, int rows)
{
	uint32_t i, nr, first;

	divide(g, c->cols, rows);
	nr = (uint32_t)(g->across * g->down);
	first = g->focus / nr * nr;
	if (g->nr == 0)
		paint_none(m, c, row);
	for (i = 0; i < GRID_PANES_MAX; i++) {
		uint32_t lane = first + i;
		uint32_t agent = i < nr && lane < g->nr ? g->lanes[lane] : AGENT_NONE;
		struct spot s = {.rows = rows / g->down};
		struct view_row r;

		if (agent == AGENT_NONE) {
			forget_pane(&g->panes[i]);
			continue;
		}
		s.row = row + (int)i / g->across * s.rows;
		s.col = (int)i % g->across * (c->cols / g->across);
		s.end = s.col + c->cols / g->across;
		log_pane_show(&g->panes[i], m->shown, agent);
		view_row_fill(m, agent, g->panes[i].tail.changed_t, &r);
		paint_title(&r, look, lane == g->focus, c, &s);
		paint_pane(&g->panes[i], m, &r, agent, c, &s);
	}
}
