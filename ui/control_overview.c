/* Keys of the overview: its table, and the log pane below it. */
#include "ui/control_log.h"
#include "view/screen/table.h"

/* A pane below the table is only there where there is room for both. */
static void change_focus(struct viewer *v)
{
	bool in_log = v->focus == FOCUS_LOG;

	if (!in_log && !v->layout.pane.rows)
		v->is_zoomed = true;
	else if (in_log && !v->layout.table.rows)
		v->is_zoomed = false;
	v->focus = in_log ? FOCUS_TABLE : FOCUS_LOG;
}

static bool obey_in_both(struct viewer *v, enum intent intent)
{
	if (intent == INTENT_FOCUS)
		change_focus(v);
	else if (intent == INTENT_ZOOM)
		v->is_zoomed = !v->is_zoomed;
	else if (intent == INTENT_NEXT_ATTEMPT || intent == INTENT_PREV_ATTEMPT)
		log_view_next_attempt(&v->log, intent == INTENT_NEXT_ATTEMPT ? 1 : -1);
	else
		return false;
	return true;
}

/* ---- rows, in any view that has them ------------------------------------ */

void find_in_rows(struct viewer *v, enum control_prompt which, const char *word)
{
	struct err err = ERR_INIT;
	int rc = 1;

	if (which == PROMPT_SEARCH)
		rc = viewer_search(v, word, &err);
	else if (word && viewer_keep(v, word, &err) < 0)
		rc = -1;
	/* Read when the prompt is closed: a pattern is not whole while it is typed. */
	buf_reset(&v->message);
	if (rc < 0)
		viewer_say(v, "%s", err.msg);
	else if (rc == 0)
		viewer_say(v, "no row has '%s'", v->search.text);
}

void find_next_row(struct control *c, enum intent intent)
{
	viewer_search_next(c->viewer, intent == INTENT_SEARCH_NEXT ? 1 : -1);
}

bool clear_rows(struct viewer *v)
{
	bool has_search = needle_is_set(&v->search);

	needle_release(&v->search);
	return viewer_show_all(v) || has_search;
}

/* The next column in sight that can be sorted by; on the smallest screens there is none. */
static void sort_by_next(struct viewer *v, int by)
{
	struct view_model *m = &v->model;
	struct table_columns t;
	int at = TABLE_ID, i;

	table_columns(m, v->layout.cols, v->scrolled, &t);
	while (at < TABLE__COLUMNS && table_sort_of((enum table_column)at) != m->sort)
		at++;
	for (i = 0; i < TABLE__COLUMNS; i++) {
		enum view_sort sort;

		at = (at + by + TABLE__COLUMNS) % TABLE__COLUMNS;
		sort = table_sort_of((enum table_column)at);
		if (t.at[at] < 0 || sort == SORT__COUNT)
			continue;
		viewer_sort(v, sort, false);
		return;
	}
}

void sort_rows(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (intent == INTENT_REVERSE)
		viewer_sort(v, v->model.sort, !v->model.is_reversed);
	else
		sort_by_next(v, intent == INTENT_SORT_NEXT ? 1 : -1);
	viewer_say(v, "sorted by %s%s", view_sort_word(v->model.sort),
	    v->model.is_reversed ? ", reversed" : "");
}

/* ---- the table ---------------------------------------------------------- */

static void table_move(struct viewer *v, int64_t rows)
{
	if (rows == VIEW_FAR || rows == -VIEW_FAR)
		viewer_select_row(v, rows > 0 ? INT64_MAX : 0);
	else
		viewer_move(v, rows);
}

static int table_rows(const struct viewer *v)
{
	return v->layout.table.rows;
}

static void scroll(struct viewer *v, int by)
{
	int to = v->scrolled + by;

	v->scrolled = to < 0 ? 0 : to > TABLE_SCROLL_MAX ? TABLE_SCROLL_MAX : to;
}

static bool table_obey(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (intent == INTENT_LEFT || intent == INTENT_RIGHT)
		scroll(v, intent == INTENT_RIGHT ? 1 : -1);
	else if (intent == INTENT_TAG) {
		viewer_tag(v);
		viewer_move(v, 1);
	} else {
		return obey_in_both(v, intent);
	}
	return true;
}

/* A title sorts by its column, and then the other way round. */
static void press_title(struct viewer *v, int col)
{
	struct table_columns t;
	enum table_column k;
	enum view_sort sort;

	table_columns(&v->model, v->layout.cols, v->scrolled, &t);
	k = table_column_at(&t, col);
	sort = k == TABLE__COLUMNS ? SORT__COUNT : table_sort_of(k);
	if (sort != SORT__COUNT)
		viewer_sort(v, sort, sort == v->model.sort && !v->model.is_reversed);
}

static void press(struct control *c, int row, int col)
{
	struct viewer *v = c->viewer;
	const struct layout *l = &v->layout;
	int64_t at = (int64_t)v->top + row - l->table.row;

	if (l->head.rows && row == l->head.row) {
		press_title(v, col);
	} else if (row >= l->table.row && row < l->table.row + l->table.rows) {
		v->focus = FOCUS_TABLE;
		if (at == viewer_row(v))
			control_obey(c, INTENT_OPEN);
		else if (at < v->model.nr_rows)
			viewer_select_row(v, at);
	} else if (l->title.rows && row >= l->title.row && row < l->pane.row + l->pane.rows) {
		v->focus = FOCUS_LOG;
	}
}

static bool table_back(struct viewer *v)
{
	bool was_zoomed = v->is_zoomed;

	v->is_zoomed = false;
	return was_zoomed;
}

const struct view_keys overview_table_keys = {
    .move = table_move,
    .rows = table_rows,
    .obey = table_obey,
    .clear = clear_rows,
    .back = table_back,
    .find = find_in_rows,
    .press = press,
};

/* ---- the pane ----------------------------------------------------------- */

static bool pane_obey(struct control *c, enum intent intent)
{
	return obey_in_both(c->viewer, intent) || log_obey(c, intent);
}

static bool pane_back(struct viewer *v)
{
	v->is_zoomed = false;
	v->focus = FOCUS_TABLE;
	return true;
}

const struct view_keys overview_log_keys = {
    .move = log_step,
    .rows = log_rows,
    .obey = pane_obey,
    .back = pane_back,
    .press = press,
};
