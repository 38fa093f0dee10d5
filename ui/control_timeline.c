/* Keys of the timeline: up and down are the overview's agents, left and right is time. */
#include "ui/view_keys.h"

/* Of the columns in sight, what one key moves by. */
#define PAN_PART 8

static int rows(const struct viewer *v)
{
	return v->layout.table.rows;
}

/* The one under the cursor, also where only an earlier cycle had it. */
static const struct batch_reader *agent(struct viewer *v, uint32_t *at)
{
	uint32_t row = viewer_timeline_row(v);

	return row == AGENT_NONE ? NULL : timeline_row(&v->timeline, &v->model, row, at);
}

/* The attempt of the moment that is looked at; its end, where that is now. */
static void open(struct viewer *v)
{
	struct timeline *t = &v->timeline;
	int64_t asked_t = timeline_asked_t(t), from = NUM_NONE;
	uint32_t at, i;
	const struct batch_reader *r = agent(v, &at);
	const struct agent *a;

	if (!r)
		return;
	a = &r->state.agents[at];
	viewer_open_log(v, r, at);
	log_pane_follow(&v->pane, true);
	if (asked_t == NUM_NONE)
		return;
	for (i = 0; i < a->nr_attempts && a->attempts[i].started_t <= asked_t; i++)
		from = a->attempts[i].log_from;
	if (from != NUM_NONE)
		log_pane_go(&v->pane, from);
}

static bool obey(struct control *c, enum intent intent)
{
	struct timeline *t = &c->viewer->timeline;
	int pan = t->axis.cells / PAN_PART > 1 ? t->axis.cells / PAN_PART : 1;

	if (intent == INTENT_LEFT || intent == INTENT_RIGHT)
		timeline_pan(t, intent == INTENT_LEFT ? -pan : pan);
	else if (intent == INTENT_COARSER || intent == INTENT_FINER)
		timeline_zoom(t, intent == INTENT_COARSER ? 1 : -1);
	else if (intent == INTENT_FIRST)
		timeline_to_start(t);
	else if (intent == INTENT_LAST)
		timeline_follow(t);
	else if (intent == INTENT_SCOPE)
		timeline_switch_scope(t);
	else if (intent == INTENT_OPEN)
		open(c->viewer);
	else
		return false;
	return true;
}

static void press(struct control *c, int row, int col)
{
	struct viewer *v = c->viewer;
	const struct band *b = &v->layout.table;
	int64_t at = (int64_t)v->timeline.top + row - b->row;

	(void)col;
	if (row < b->row || row >= b->row + b->rows)
		return;
	if (at == viewer_timeline_row(v))
		control_obey(c, INTENT_OPEN);
	else if (at < timeline_nr_rows(&v->timeline, &v->model))
		viewer_select_timeline(v, at);
}

static bool back(struct viewer *v)
{
	view_show(v, VIEW_OVERVIEW);
	return true;
}

const struct view_keys timeline_keys = {
    .move = viewer_move_timeline,
    .rows = rows,
    .obey = obey,
    .clear = clear_rows,
    .find = find_in_rows,
    .back = back,
    .agent = agent,
    .press = press,
};
