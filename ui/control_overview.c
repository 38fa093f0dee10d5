/* Keys of the overview: its table, and the log pane below it. */
#include "ui/control_log.h"

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
	else
		return false;
	return true;
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

static bool table_obey(struct control *c, enum intent intent)
{
	return obey_in_both(c->viewer, intent);
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
    .back = table_back,
};

/* ---- the pane ----------------------------------------------------------- */

static bool pane_obey(struct control *c, enum intent intent)
{
	return obey_in_both(c->viewer, intent) || log_obey_sideways(c, intent);
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
};
