/* The overview: the table of agents, and the log of the selected one below it. */
#include "view/text/duration.h"
#include "view/screen/frame.h"
#include "view/text/glyphs.h"
#include "view/text/highlight.h"
#include "view/row.h"
#include "view/screen/table.h"
#include "view/solve_words.h"
#include "view/screen/waits_paint.h"
#include "view/text/units.h"

#include <stdio.h>
#include <string.h>

static void say_none(const struct viewer *v, struct cells *c, int row)
{
	const struct style dim = {.flags = STYLE_DIM};
	const char *problem = v->model.run->batches[0]->manifest.options.problem;
	struct buf why = BUF_INIT;

	if (solve_add_no_rows(&v->model, &why)) {
		cells_text(c, row, 2, c->cols - 1, dim, why.data);
		if (problem && *problem && v->layout.table.rows > 2)
			cells_textf(c, row + 2, 2, c->cols - 1, (struct style){0}, "%.800s",
			    problem);
	} else if (v->model.words.typed)
		cells_textf(c, row, 2, c->cols - 1, dim,
		    "no agent is taken by &%.200s; Esc shows all", v->model.words.typed);
	else
		cells_textf(c, row, 2, c->cols - 1, dim, "no agent is %s; f shows others",
		    view_filter_word(v->model.filter));
	buf_release(&why);
}

static void paint_table(struct viewer *v, struct cells *c)
{
	const struct layout *l = &v->layout;
	uint32_t i, end;

	v->top = layout_scroll(v->top, viewer_row(v), (uint32_t)l->table.rows, v->model.nr_rows);
	end = v->top + (uint32_t)l->table.rows;
	if (end > v->model.nr_rows)
		end = v->model.nr_rows;
	table_paint_head(&v->model, c, l->head.row,
	    &(struct table_head_opts){.scrolled = v->scrolled, .from = v->top + 1, .to = end});
	for (i = v->top; i < end; i++) {
		struct table_row_opts o = {
		    .agent = v->model.rows[i],
		    .is_selected = v->model.rows[i] == v->agent,
		    .is_tagged = tags_has(&v->model.tags, v->model.rows[i]),
		    .scrolled = v->scrolled,
		    .peeks = v->peeks,
		};
		int row = l->table.row + (int)(i - v->top);

		table_paint_row(&v->model, &v->look, c, row, &o);
		highlight_row(c, row, 1, c->cols, &v->search);
	}
	if (v->model.nr_rows == 0)
		say_none(v, c, l->table.row);
}

/* ---- the log pane ------------------------------------------------------- */

static void add_try(const struct view_model *m, const struct view_row *row, struct buf *out)
{
	if (strcmp(row->try, "-") == 0)
		buf_str(out, shown_role_word(row->role));
	else if (row->role == ROLE_RUNNING || row->role == ROLE_BACKOFF)
		buf_fmt(out, "attempt %s %s", row->try, row->time);
	else
		buf_fmt(out, "attempt %s %s %s", row->try, shown_role_word(row->role), row->time);
	while (out->len && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
	(void)m;
}

/* The title's words but the task, which takes what room is left. */
static void title_words(struct viewer *v, const struct view_row *row, bool is_wide,
    struct buf *head, struct buf *tail)
{
	char size[UNITS_SIZE];

	if (is_wide)
		buf_str(head, "agent ");
	sanitize_line(head, row->agent->task->id);
	buf_fmt(head, "%s%s", is_wide ? "  " : " ", row->account);
	add_try(&v->model, row, tail);
	buf_fmt(tail, "  %s%s", is_wide ? "log " : "", bytes_text(v->pane.tail.size, size));
	buf_str(tail, v->pane.follows ? "  FOLLOW" : "  follow off (F)");
}

static int paint_task(struct viewer *v, struct cells *c, int row, int col, int room)
{
	struct buf task = BUF_INIT;
	size_t n, used;

	sanitize_line(&task,
	    task_get(&v->model.shown->tasks, view_agent(&v->model, v->agent)->task, COL_TASK));
	n = width_cut(task.data, task.len, (size_t)(room - 2), &used);
	/* A task that is cut loses its closing quote: there is more of it. */
	if (n == task.len)
		buf_ch(&task, '"');
	else
		buf_cut(&task, n);
	col = cells_text(c, row, col, c->cols, (struct style){0}, "\"");
	col = cells_text(c, row, col, c->cols, (struct style){0}, task.data);
	buf_release(&task);
	return col;
}

/* Before there are rows the planner's log is what there is to see. */
static void paint_role_title(struct viewer *v, struct cells *c, int row)
{
	const struct log_pane *p = &v->pane;
	struct view_row r;
	struct buf b = BUF_INIT;
	char size[UNITS_SIZE];

	view_row_fill_of(&v->model, p->batch, p->agent, p->tail.changed_t, &r);
	buf_fmt(&b, " %s  %s  ", p->batch->dir.name, r.account);
	add_try(&v->model, &r, &b);
	buf_fmt(&b, "  log %s ", bytes_text(p->tail.size, size));
	cells_text(c, row, 2, c->cols, (struct style){0}, b.data);
	buf_release(&b);
}

static void paint_title(struct viewer *v, struct cells *c)
{
	const struct style s = {.flags = v->focus == FOCUS_LOG ? STYLE_BOLD : 0};
	int row = v->layout.title.row, col, room;
	bool is_wide = c->cols >= 100;
	struct buf head = BUF_INIT, tail = BUF_INIT;
	struct view_row r;

	cells_fill(c, row, 0, c->cols, (struct style){.flags = STYLE_DIM},
	    glyph_line(v->look.ascii));
	if (viewer_shows_role(v))
		paint_role_title(v, c, row);
	if (v->agent == AGENT_NONE)
		return;
	view_row_fill(&v->model, v->agent, log_peek(v->peeks, v->model.shown, v->agent)->changed_t,
	    &r);
	title_words(v, &r, is_wide, &head, &tail);
	col = cells_text(c, row, 2, c->cols, s, " ");
	col = cells_text(c, row, col, c->cols, s, head.data);
	room = c->cols - col - 2 - (int)width_str(tail.data) - 4;
	if (is_wide && room >= 12) {
		cells_text(c, row, col, c->cols, s, "  ");
		col = paint_task(v, c, row, col + 2, room > 60 ? 60 : room);
	}
	col = cells_text(c, row, col, c->cols, s, is_wide ? "  " : " ");
	col = cells_text(c, row, col, c->cols, s, tail.data);
	cells_text(c, row, col, c->cols, s, " ");
	buf_release(&head);
	buf_release(&tail);
}

void overview_paint(struct viewer *v, struct cells *c)
{
	const struct layout *l = &v->layout;

	if (l->table.rows)
		paint_table(v, c);
	if (!l->title.rows)
		return;
	paint_title(v, c);
	if (v->agent == AGENT_NONE && !viewer_shows_role(v))
		return;
	if (v->log_batch || v->agent == AGENT_NONE ||
	    !waits_paint(&v->model, v->agent, v->look.ascii, c, l->pane.row, l->pane.rows, 2,
		c->cols - 1))
		log_pane_paint(&v->pane, c, l->pane.row, l->pane.rows, 2, c->cols - 1);
}
