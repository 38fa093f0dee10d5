#include "view/table.h"
#include "view/glyphs.h"

#include <stdio.h>
#include <string.h>

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

/* The widths of TUI.md's drawings; ids and tries that are longer push what is behind them. */
void table_columns(const struct view_model *m, int cols, struct table_columns *t)
{
	bool is_wide = cols >= 100, is_squeezed = cols < 60;
	int try = (int)m->try_columns < 3 ? 3 : (int)m->try_columns;

	t->id = 2;
	t->state = t->id + clamp((int)m->id_columns, is_wide ? 5 : 4, is_wide ? 24 : 12) + 2;
	t->try = t->state + (is_squeezed ? 14 : 13);
	t->time = t->try + try + (is_wide ? 2 : 1);
	t->last_class = t->cost = t->agent = t->line = -1;
	t->end = cols - 1;
	if (is_squeezed)
		return;
	t->last_class = t->time + 12;
	t->line = t->last_class + 11;
	if (!is_wide)
		return;
	t->cost = t->last_class + 13;
	t->agent = t->last_class + 20;
	t->line = t->agent + 8;
}

static void head(struct cells *c, int row, int col, const char *text)
{
	if (col >= 0)
		cells_text(c, row, col, c->cols - 1, dim, text);
}

void table_paint_head(const struct view_model *m, int cols, struct cells *c, int row, uint32_t from,
    uint32_t to)
{
	struct table_columns t;
	char text[96];
	int width;

	table_columns(m, cols, &t);
	head(c, row, t.id, "ID");
	head(c, row, t.state, cols >= 60 ? "STATE v" : "STATE");
	head(c, row, t.try, "TRY");
	head(c, row, t.time, "TIME");
	head(c, row, t.last_class, "LAST CLASS");
	head(c, row, t.cost < 0 ? -1 : t.cost + 1, "COST");
	head(c, row, t.agent, "AGENT");
	head(c, row, t.line, "LAST LINE");
	if (t.line < 0 || !to)
		return;
	if (cols >= 100)
		snprintf(text, sizeof(text), "%u-%u of %u  %s: %s", from, to, m->nr_rows,
		    m->filter == VF_ALL ? "sort" : "only",
		    m->filter == VF_ALL ? "state" : view_filter_word(m->filter));
	else if (m->filter == VF_ALL)
		snprintf(text, sizeof(text), "%u-%u/%u", from, to, m->nr_rows);
	else
		snprintf(text, sizeof(text), "%s %u-%u/%u", view_filter_word(m->filter), from, to,
		    m->nr_rows);
	width = (int)strlen(text);
	if (t.end - width > t.line + 10)
		head(c, row, t.end - width, text);
}

/* A field that ends a blank before the next one begins. */
static void field(struct cells *c, int row, int col, int next, struct style style, const char *text)
{
	if (col >= 0)
		cells_text(c, row, col, next - 1, style, text);
}

static void paint_cost(struct cells *c, int row, const struct table_columns *t, const char *cost)
{
	int width = (int)strlen(cost);

	if (t->cost >= 0 && width)
		cells_text(c, row, t->cost + 5 - width, t->cost + 5, plain, cost);
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

void table_paint_row(const struct view_model *m, const struct look *look, struct cells *c, int row,
    const struct table_row_opts *o)
{
	const struct log_peek *peek = look_at_log(m, o->agent, o->peeks);
	struct table_columns t;
	struct view_row r;
	struct buf line = BUF_INIT;
	struct glyph sign = {.width = 1};

	table_columns(m, c->cols, &t);
	view_row_fill(m, o->agent, peek ? peek->changed_t : NUM_NONE, &r);
	sign.cp = glyph_of_role(r.role, look->ascii);
	sign.style = glyph_style(r.role);
	if (o->is_selected)
		cells_text(c, row, 0, 1, plain, ">");
	if (o->is_tagged)
		cells_text(c, row, 1, 2, plain, "*");
	field(c, row, t.id, t.state, plain, r.agent->task->id);
	cells_put(c, row, t.state, t.end, &sign);
	field(c, row, t.state + 2, t.try, glyph_word_style(r.role), shown_role_word(r.role));
	field(c, row, t.try, t.time, plain, r.try);
	field(c, row, t.time, t.last_class < 0 ? t.end + 1 : t.last_class, plain, r.time);
	field(c, row, t.last_class, t.cost < 0 ? t.line : t.cost, plain, r.last_class);
	paint_cost(c, row, &t, r.cost);
	field(c, row, t.agent, t.line, plain, r.account);
	if (t.line >= 0) {
		add_line(m, o->agent, peek, &line);
		cells_text(c, row, t.line, t.end, plain, line.data);
	}
	/* In one colour: states' colours are for the ground of the terminal, not for reverse. */
	if (o->is_selected)
		cells_restyle(c, row, 0, c->cols, (struct style){.flags = STYLE_REVERSE});
	buf_release(&line);
}
