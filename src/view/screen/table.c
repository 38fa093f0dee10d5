#include "view/screen/table.h"
#include "view/text/glyphs.h"
#include "view/text/width.h"

#include <stdio.h>
#include <string.h>

#define LINE_STEP 8 /* LAST LINE is scrolled by so many columns */

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

/* ---- columns ------------------------------------------------------------ */

/* `mark`: where the arrow of the sort stands, from the title's first column. */
static const struct {
	const char *title;
	enum view_sort sort;
	int indent, mark;
} titles[TABLE__COLUMNS] = {
    [TABLE_ID] = {"ID", SORT_ID, 0, 3},
    [TABLE_STATE] = {"STATE", SORT_STATE, 0, 6},
    [TABLE_TRY] = {"TRY", SORT_TRY, 0, -1},
    [TABLE_TIME] = {"TIME", SORT_TIME, 0, 5},
    [TABLE_CLASS] = {"LAST CLASS", SORT_CLASS, 0, -1},
    [TABLE_COST] = {"COST", SORT_COST, 1, -1},
    [TABLE_AGENT] = {"AGENT", SORT_AGENT, 0, 6},
    [TABLE_LINE] = {"LAST LINE", SORT__COUNT, 0, 0},
};

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

/* The widths of TUI.md's drawings, with the gap behind; ids and tries that are longer push what is
 * behind them. */
static int width_of_column(const struct view_model *m, int cols, enum table_column k)
{
	bool is_wide = cols >= 100;
	int try = (int)m->try_columns < 3 ? 3 : (int)m->try_columns;

	switch (k) {
	case TABLE_ID:
		return clamp((int)m->id_columns, is_wide ? 5 : 4, is_wide ? 24 : 12) + 2;
	case TABLE_STATE:
		return cols < 60 ? 14 : 13;
	case TABLE_TRY:
		return try + (is_wide ? 2 : 1);
	case TABLE_TIME:
		return 12;
	case TABLE_CLASS:
		return is_wide ? 13 : 11;
	case TABLE_COST:
		return 7;
	case TABLE_AGENT:
		return 8;
	case TABLE_LINE:
	case TABLE__COLUMNS:
		break;
	}
	return cols;
}

/* What a narrow screen leaves out comes in when it is scrolled. */
static bool is_shown(enum table_column k, int cols, int scrolled)
{
	if (k == TABLE_ID || scrolled > 0)
		return k == TABLE_ID || (int)k > scrolled;
	if (cols < 60)
		return k <= TABLE_TIME;
	return cols >= 100 || (k != TABLE_COST && k != TABLE_AGENT);
}

void table_columns(const struct view_model *m, int cols, int scrolled, struct table_columns *t)
{
	int steps = scrolled > TABLE_SCROLL_COLUMNS ? TABLE_SCROLL_COLUMNS : scrolled, at = 2, k;

	*t = (struct table_columns){.end = cols - 1, .line_left = (scrolled - steps) * LINE_STEP};
	for (k = 0; k < TABLE__COLUMNS; k++) {
		int width = width_of_column(m, cols, (enum table_column)k);

		t->at[k] = -1;
		/* A column of which nothing could be read is not begun. */
		if (!is_shown((enum table_column)k, cols, steps) || at + 4 > t->end)
			continue;
		t->at[k] = at;
		at += width;
		t->stop[k] = at - 1 < t->end ? at - 1 : t->end;
	}
}

enum view_sort table_sort_of(enum table_column column)
{
	return titles[column].sort;
}

enum table_column table_column_at(const struct table_columns *t, int col)
{
	int k;

	for (k = 0; k < TABLE__COLUMNS; k++)
		if (t->at[k] >= 0 && col >= t->at[k] && col <= t->stop[k])
			return (enum table_column)k;
	return TABLE__COLUMNS;
}

/* ---- titles ------------------------------------------------------------- */

static void paint_title(const struct view_model *m, struct cells *c, int row,
    const struct table_columns *t, enum table_column k)
{
	bool falls = view_sort_falls(m->sort, m->is_reversed);
	int at = t->at[k] + titles[k].indent;

	if (t->at[k] < 0)
		return;
	cells_text(c, row, at, c->cols - 1, dim, titles[k].title);
	/* The narrowest screens have no room for it in the drawing. */
	if (titles[k].sort == m->sort && (c->cols >= 60 || k != TABLE_STATE || m->is_reversed))
		cells_text(c, row, at + titles[k].mark, c->cols - 1, dim,
		    falls != view_sort_falls(m->sort, false) ? "^" : "v");
}

/* "1-19 of 62  sort: state", with what is left out of the rows first. */
static void range_text(const struct view_model *m, bool is_wide, const struct table_head_opts *o,
    char out[128])
{
	const char *only = m->filter == VF_ALL ? "" : view_filter_word(m->filter);
	bool says_sort = m->sort != SORT_STATE || (!*only && !m->words.typed);
	int n;

	if (!is_wide) {
		snprintf(out, 128, "%s%s%u-%u/%u", only, *only ? " " : "", o->from, o->to,
		    m->nr_rows);
		return;
	}
	n = snprintf(out, 128, "%u-%u of %u", o->from, o->to, m->nr_rows);
	if (*only)
		n += snprintf(out + n, 128 - (size_t)n, "  only: %s", only);
	if (m->words.typed)
		n += snprintf(out + n, 128 - (size_t)n, "  & filter");
	if (says_sort)
		snprintf(out + n, 128 - (size_t)n, "  sort: %s", view_sort_word(m->sort));
}

void table_paint_head(const struct view_model *m, struct cells *c, int row,
    const struct table_head_opts *o)
{
	struct table_columns t;
	char text[128];
	int width, k;

	table_columns(m, c->cols, o->scrolled, &t);
	for (k = 0; k < TABLE__COLUMNS; k++)
		paint_title(m, c, row, &t, (enum table_column)k);
	if (t.at[TABLE_LINE] < 0 || !o->to)
		return;
	range_text(m, c->cols >= 100, o, text);
	if (t.end - (int)strlen(text) <= t.at[TABLE_LINE] + 10)
		range_text(m, false, o, text);
	width = (int)strlen(text);
	if (t.end - width > t.at[TABLE_LINE] + 10)
		cells_text(c, row, t.end - width, c->cols - 1, dim, text);
}

/* ---- rows --------------------------------------------------------------- */

/* It ends a blank before the next one begins. */
static void field(struct cells *c, int row, const struct table_columns *t, enum table_column k,
    struct style style, const char *text)
{
	if (t->at[k] >= 0)
		cells_text(c, row, t->at[k], t->stop[k], style, text);
}

static void paint_state(struct cells *c, int row, const struct table_columns *t,
    enum style_role role, bool ascii)
{
	struct glyph sign = {
	    .cp = glyph_of_role(role, ascii), .style = glyph_style(role), .width = 1};
	int at = t->at[TABLE_STATE];

	if (at < 0)
		return;
	cells_put(c, row, at, t->end, &sign);
	cells_text(c, row, at + 2, t->stop[TABLE_STATE], glyph_word_style(role),
	    shown_role_word(role));
}

static void paint_cost(struct cells *c, int row, const struct table_columns *t, const char *cost)
{
	int width = (int)strlen(cost), at = t->at[TABLE_COST];

	if (at >= 0 && width)
		cells_text(c, row, at + 5 - width, at + 5, plain, cost);
}

static void add_line(const struct view_model *m, uint32_t agent, const struct log_peek *peek,
    struct buf *out)
{
	if (!view_row_line(m, agent, out) && peek)
		buf_str(out, peek->line);
}

/* The log matters where an agent is at it, and where nothing else is told of it. */
static const struct log_peek *look_at_log(const struct view_model *m, uint32_t agent,
    struct log_peeks *peeks)
{
	const struct agent *a = view_agent(m, agent);

	if (!peeks || a->nr_attempts == 0)
		return NULL;
	return log_peek(peeks, m->shown, agent);
}

static void paint_line(const struct view_model *m, struct cells *c, int row,
    const struct table_columns *t, uint32_t agent, const struct log_peek *peek)
{
	struct buf line = BUF_INIT;
	size_t from;

	if (t->at[TABLE_LINE] < 0)
		return;
	add_line(m, agent, peek, &line);
	from = t->line_left ? width_cut(line.data, line.len, (size_t)t->line_left, NULL) : 0;
	cells_text(c, row, t->at[TABLE_LINE], t->end, plain, line.data + from);
	buf_release(&line);
}

void table_paint_row(const struct view_model *m, const struct look *look, struct cells *c, int row,
    const struct table_row_opts *o)
{
	const struct log_peek *peek = look_at_log(m, o->agent, o->peeks);
	struct table_columns t;
	struct view_row r;

	table_columns(m, c->cols, o->scrolled, &t);
	view_row_fill(m, o->agent, peek ? peek->changed_t : NUM_NONE, &r);
	if (o->is_selected)
		cells_text(c, row, 0, 1, plain, ">");
	if (o->is_tagged)
		cells_text(c, row, 1, 2, plain, "*");
	field(c, row, &t, TABLE_ID, plain, r.agent->task->id);
	paint_state(c, row, &t, r.role, look->ascii);
	field(c, row, &t, TABLE_TRY, plain, r.try);
	field(c, row, &t, TABLE_TIME, plain, r.time);
	field(c, row, &t, TABLE_CLASS, plain, r.last_class);
	paint_cost(c, row, &t, r.cost);
	field(c, row, &t, TABLE_AGENT, plain, r.account_short);
	paint_line(m, c, row, &t, o->agent, peek);
	/* In one colour: states' colours are for the ground of the terminal, not for reverse. */
	if (o->is_selected)
		cells_restyle(c, row, 0, c->cols, (struct style){.flags = STYLE_REVERSE});
}
