/* Keys of the grid: what moves is the focus, and the selection with it. */
#include "base/xalloc.h"
#include "ui/view_keys.h"

static const struct {
	enum intent intent;
	int across, down, pages;
} moves[] = {
    {INTENT_UP, 0, -1, 0},
    {INTENT_DOWN, 0, 1, 0},
    {INTENT_LEFT, -1, 0, 0},
    {INTENT_RIGHT, 1, 0, 0},
    {INTENT_PREV_AGENT, -1, 0, 0},
    {INTENT_NEXT_AGENT, 1, 0, 0},
    {INTENT_PAGE_UP, 0, 0, -1},
    {INTENT_PAGE_DOWN, 0, 0, 1},
    {INTENT_FIRST, 0, 0, -(1 << 20)},
    {INTENT_LAST, 0, 0, 1 << 20},
};

static bool obey(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;
	size_t i;

	if (intent == INTENT_ZOOM) {
		v->grid.is_zoomed = !v->grid.is_zoomed;
		return true;
	}
	if (intent == INTENT_TAG) {
		viewer_tag(v);
		return true;
	}
	for (i = 0; i < ARRAY_LEN(moves) && moves[i].intent != intent; i++)
		;
	if (i == ARRAY_LEN(moves))
		return false;
	if (moves[i].pages)
		grid_page(&v->grid, moves[i].pages);
	else
		grid_move(&v->grid, moves[i].across, moves[i].down);
	viewer_follow_grid(v);
	return true;
}

static void press(struct control *c, int row, int col)
{
	struct viewer *v = c->viewer;
	const struct band *b = &v->layout.pane;
	uint32_t agent = b->rows
	    ? grid_agent_at(&v->grid, v->layout.cols, b->rows, row - b->row, col)
	    : AGENT_NONE;

	if (agent == AGENT_NONE)
		return;
	if (agent == grid_agent(&v->grid)) {
		control_obey(c, INTENT_OPEN);
		return;
	}
	grid_focus(&v->grid, agent);
	viewer_follow_grid(v);
}

static bool back(struct viewer *v)
{
	if (v->grid.is_zoomed)
		v->grid.is_zoomed = false;
	else
		view_show(v, VIEW_OVERVIEW);
	return true;
}

const struct view_keys grid_keys = {
    .obey = obey,
    .clear = clear_rows,
    .back = back,
    .show = viewer_show_grid,
    .press = press,
};
