/* The timeline on the screen: the axis, a row for each agent, the slots in use, what signs mean. */
#include "base/xalloc.h"
#include "view/screen/frame.h"
#include "view/screen/gantt.h"
#include "view/solve_words.h"
#include "view/text/glyphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

/* Digits of the slots in use, one below the other, and no more rows for them than this. */
#define DIGITS_MAX 5

/* Where columns begin; -1: not shown at this width. */
struct columns {
	int sign, try, try_head, chart, end;
};

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

static struct columns columns_of(const struct view_model *m, int cols)
{
	bool is_wide = cols >= 100;
	int least = cols < 60 ? 4 : m->run->roles.nr ? (int)strlen("synthesizer") : 5;
	int id = clamp((int)m->id_columns, least, is_wide ? 24 : 12);
	int try = (int)m->try_columns < 3 ? 3 : (int)m->try_columns;
	struct columns t = {.sign = 1 + id + 1, .end = cols - 1};

	t.try = t.try_head = -1;
	t.chart = t.sign + 3;
	if (cols >= 60) {
		t.try = t.sign + 2;
		t.try_head = is_wide ? t.sign + 1 : t.sign;
		t.chart = t.try + try + (is_wide ? 10 : 2);
	}
	return t;
}

/* ---- cells -------------------------------------------------------------- */

/* Failed and completed have the signs that they have everywhere. */
static struct glyph glyph_of_kind(char kind, bool ascii)
{
	struct glyph g = {.cp = (unsigned char)kind, .width = 1};
	enum style_role role = ROLE_NONE;

	switch (kind) {
	case '=':
		role = ROLE_RUNNING;
		break;
	case '~':
		role = ROLE_BACKOFF;
		break;
	case '?':
		role = ROLE_VALIDATING;
		break;
	case '.':
		role = ROLE_PENDING;
		break;
	case 'X':
		role = ROLE_FAILED;
		break;
	case '+':
		role = ROLE_COMPLETED;
		break;
	}
	if (role == ROLE_FAILED || role == ROLE_COMPLETED)
		g.cp = glyph_of_role(role, ascii);
	g.style = glyph_style(role);
	return g;
}

/* ---- rows --------------------------------------------------------------- */

/* The same agent in all batches of the run, or in the one that lives now. */
static void fill_cells(const struct viewer *v, const struct batch_reader *r, uint32_t agent,
    struct gantt_row *row)
{
	const struct timeline *t = &v->timeline;
	const struct run_reader *run = v->model.run;
	const char *id = r->state.agents[agent].task->id;
	size_t i;

	gantt_clear(row);
	for (i = 0; i < run->nr; i++) {
		const struct batch_reader *b = run->batches[i];
		uint32_t at = b == r  ? agent
		    : t->is_whole_run ? batch_find(&b->state, id)
				      : AGENT_NONE;

		if (at != AGENT_NONE)
			gantt_agent(row, &b->state, &b->state.agents[at],
			    timeline_until(t, &v->model, b));
	}
}

/* How it stands, in front, and its cells. */
static void paint_life(const struct viewer *v, struct cells *c, int at, const struct columns *k,
    const struct batch_reader *r, const struct agent *a, const struct gantt_row *gantt)
{
	enum style_role role = shown_role(a);
	struct glyph sign = {.cp = glyph_of_role(role, v->look.ascii), .width = 1};
	uint32_t try = shown_table_try(a);
	int i;

	cells_text(c, at, 1, k->sign - 1, plain, a->task->id);
	sign.style = glyph_style(role);
	cells_put(c, at, k->sign, k->end, &sign);
	if (k->try >= 0 && try)
		cells_textf(c, at, k->try, k->chart - 1, plain, "%u/%d", try,
		    r->manifest.options.attempts);
	else if (k->try >= 0)
		cells_text(c, at, k->try, k->chart - 1, plain, "-");
	for (i = 0; i < gantt->axis.cells; i++) {
		struct glyph g = glyph_of_kind(gantt->cells[i], v->look.ascii);

		if (gantt->cells[i] != ' ')
			cells_put(c, at, k->chart + i, k->end, &g);
	}
}

static void paint_row(const struct viewer *v, struct cells *c, int at, const struct columns *k,
    uint32_t row, struct gantt_row *gantt)
{
	uint32_t agent;
	const struct batch_reader *r = timeline_row(&v->timeline, &v->model, row, &agent);

	fill_cells(v, r, agent, gantt);
	paint_life(v, c, at, k, r, &r->state.agents[agent], gantt);
	if (row != viewer_timeline_row(v))
		return;
	cells_text(c, at, 0, 1, plain, ">");
	cells_restyle(c, at, 0, c->cols, (struct style){.flags = STYLE_REVERSE});
}

static void paint_rows(struct viewer *v, struct cells *c, const struct columns *k)
{
	struct timeline *t = &v->timeline;
	const struct band *y = &v->layout.table;
	struct gantt_row gantt = {.axis = t->axis, .cells = xmalloc((size_t)t->axis.cells + 1)};
	struct buf why = BUF_INIT;
	uint32_t nr = timeline_nr_rows(t, &v->model), i;
	uint32_t at = viewer_timeline_row(v);

	t->top = layout_scroll(t->top, at, (uint32_t)y->rows, nr);
	for (i = t->top; i < nr && (int)(i - t->top) < y->rows; i++)
		paint_row(v, c, y->row + (int)(i - t->top), k, i, &gantt);
	if (nr == 0 && solve_add_no_rows(&v->model, &why))
		cells_text(c, y->row, 2, c->cols - 1, dim, why.data);
	else if (nr == 0)
		cells_textf(c, y->row, 2, c->cols - 1, dim, "no agent is %s; f shows others",
		    view_filter_word(v->model.filter));
	buf_release(&why);
	free(gantt.cells);
}

/* ---- roles -------------------------------------------------------------- */

/* All calls of a role. Returns the last one, or NULL. */
static const struct batch_reader *fill_role(const struct viewer *v, enum solve_role role,
    struct gantt_row *row)
{
	const struct role_calls *calls = &v->model.run->roles;
	const struct batch_reader *last = NULL;
	int64_t now_t = v->timeline.now_t;
	size_t i;

	gantt_clear(row);
	for (i = 0; i < calls->nr; i++) {
		const struct batch_reader *r = calls->v[i].reader;

		if (calls->v[i].role != role)
			continue;
		gantt_agent(row, &r->state, &r->state.agents[0],
		    r->is_held ? now_t : r->state.last_t);
		last = r;
	}
	return last;
}

/* A line for each role that was called, above the agents, where there is room. */
static void paint_roles(struct viewer *v, struct cells *c, const struct columns *k)
{
	const struct time_axis *x = &v->timeline.axis;
	struct gantt_row gantt = {.axis = *x, .cells = xmalloc((size_t)x->cells + 1)};
	struct band *y = &v->layout.table;
	const struct batch_reader *last;
	int role;

	for (role = 0; role < SOLVE_ROLE__COUNT && y->rows > 4; role++) {
		last = fill_role(v, (enum solve_role)role, &gantt);
		if (!last)
			continue;
		paint_life(v, c, y->row, k, last, &last->state.agents[0], &gantt);
		cells_restyle(c, y->row, 1, k->sign - 1, dim);
		y->row++;
		y->rows--;
	}
	free(gantt.cells);
}

/* ---- the axis ----------------------------------------------------------- */

/* None is cut, and none runs into "!now" or stands in its place. */
static bool has_room(const struct time_axis *x, int cell, const char *label, int now)
{
	int end = cell + 1 + (int)strlen(label);

	return end <= x->cells && (end < now || cell > now + 4);
}

static void paint_axis(const struct viewer *v, struct cells *c, int row, const struct columns *k)
{
	const struct timeline *t = &v->timeline;
	const char *now = v->model.exit_code >= 0 ? "!end" : "!now";
	char label[TIME_LABEL_SIZE];
	int cell, at = time_axis_cell(&t->axis, t->now_t);

	cells_text(c, row, 1, k->chart - 1, dim, "AGENT");
	if (k->try_head >= 0)
		cells_text(c, row, k->try_head, k->chart - 1, dim, "TRY");
	for (cell = 0; cell < t->axis.cells; cell++) {
		cell = time_axis_label(&t->axis, cell, label);
		if (cell < t->axis.cells && has_room(&t->axis, cell, label, at))
			cells_textf(c, row, k->chart + cell, k->end, dim, "|%s", label);
	}
	if (at >= 0 && at < t->axis.cells)
		cells_text(c, row, k->chart + at, c->cols, plain, now);
}

/* ---- slots in use ------------------------------------------------------- */

static int digits_of(const uint32_t *use, int cells)
{
	uint32_t most = 0;
	int i, nr = 1;

	for (i = 0; i < cells; i++)
		if (use[i] != JOB_USE_NONE && use[i] > most)
			most = use[i];
	for (; most >= 10; most /= 10)
		nr++;
	return nr < DIGITS_MAX ? nr : DIGITS_MAX;
}

/* One digit of each, the ones below the tens. */
static void paint_digits(struct cells *c, int row, const struct columns *k, const uint32_t *use,
    const struct time_axis *x, uint32_t power)
{
	int i;

	for (i = 0; i < x->cells; i++) {
		struct glyph g = {.cp = '0' + use[i] / power % 10, .width = 1};

		if (use[i] != JOB_USE_NONE && (use[i] >= power || power == 1))
			cells_put(c, row, k->chart + i, k->end, &g);
	}
}

/* Over all batches that are shown; the rows above have only the agents in sight. */
static uint32_t *count_use(struct viewer *v)
{
	struct timeline *t = &v->timeline;
	const struct run_reader *run = v->model.run;
	uint32_t *use = xmalloc(((size_t)t->axis.cells + 1) * sizeof(*use));
	size_t i;

	for (i = 0; i < run->nr; i++)
		if (t->is_whole_run || run->batches[i] == v->model.shown)
			job_use_add(&t->use, run->batches[i]);
	job_use_cells(&t->use, &t->axis, t->now_t, use);
	return use;
}

static void paint_use_title(const struct viewer *v, struct cells *c, int row)
{
	const struct timeline *t = &v->timeline;
	const struct band *y = &v->layout.table;
	uint32_t nr = timeline_nr_rows(t, &v->model), last = t->top + (uint32_t)y->rows;
	struct buf b = BUF_INIT;

	buf_str(&b, " jobs in use");
	if (t->is_whole_run)
		buf_str(&b, "  whole run");
	if (v->model.filter != VF_ALL)
		buf_fmt(&b, "  only: %s", view_filter_word(v->model.filter));
	if (nr > (uint32_t)y->rows)
		buf_fmt(&b, "  agents %u-%u of %u", t->top + 1, last < nr ? last : nr, nr);
	buf_ch(&b, ' ');
	cells_fill(c, row, 0, c->cols, dim, glyph_line(v->look.ascii));
	cells_text(c, row, 2, c->cols - 1, plain, b.data);
	buf_release(&b);
}

/* Takes its rows from the end of the table. Returns the row for its title, or -1. */
static int paint_use(struct viewer *v, struct cells *c, const struct columns *k)
{
	struct band *y = &v->layout.table;
	uint32_t *use = count_use(v), power = 1;
	int nr = digits_of(use, v->timeline.axis.cells), row = y->row + y->rows - 1, i;
	int64_t jobs = v->model.shown->state.jobs;
	bool has_room = y->rows > nr + 4;

	if (has_room) {
		y->rows -= nr + 1;
		cells_textf(c, row, 1, k->chart - 1, plain, jobs ? "of %lld" : "jobs",
		    (long long)jobs);
		for (i = 0; i < nr; i++, power *= 10)
			paint_digits(c, row - i, k, use, &v->timeline.axis, power);
	}
	free(use);
	return has_room ? row - nr : -1;
}

/* ---- what signs mean ---------------------------------------------------- */

static const struct {
	char kind;
	const char *word, *word_short;
} legend[] = {
    {'=', "running", "run"},
    {'~', "waiting", "wait"},
    {'.', "planned wait", "planned"},
    {'?', "validating", "validate"},
    {'X', "failed", "failed"},
    {'+', "completed", "completed"},
};

static void paint_legend(const struct viewer *v, struct cells *c, int row)
{
	int64_t s = v->timeline.scale_s;
	int col = 1;
	size_t i;

	for (i = 0; i < ARRAY_LEN(legend); i++) {
		struct glyph g = glyph_of_kind(legend[i].kind, v->look.ascii);

		cells_put(c, row, col, c->cols - 1, &g);
		col = cells_text(c, row, col + 2, c->cols - 1, plain,
			  c->cols >= 100 ? legend[i].word : legend[i].word_short) +
		    2;
	}
	if (s % 3600 == 0)
		cells_textf(c, row, col + 1, c->cols - 1, plain, "1 col = %lld h",
		    (long long)(s / 3600));
	else if (s % 60 == 0)
		cells_textf(c, row, col + 1, c->cols - 1, plain, "1 col = %lld min",
		    (long long)(s / 60));
	else
		cells_textf(c, row, col + 1, c->cols - 1, plain, "1 col = %lld s", (long long)s);
}

void timeline_paint(struct viewer *v, struct cells *c)
{
	struct layout *y = &v->layout;
	struct columns k = columns_of(&v->model, c->cols);
	int title = -1;

	timeline_update(&v->timeline, &v->model);
	if (k.end - k.chart < 1)
		return;
	timeline_lay(&v->timeline, &v->model, k.end - k.chart);
	if (y->message.rows) {
		title = paint_use(v, c, &k);
		paint_legend(v, c, y->message.row);
	}
	paint_axis(v, c, y->head.row, &k);
	paint_roles(v, c, &k);
	paint_rows(v, c, &k);
	if (title >= 0)
		paint_use_title(v, c, title);
}
