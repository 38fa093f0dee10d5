/* Keys of what lies over a view: help and details. */
#include "ui/view_keys.h"

/* Painting knows where the end is. */
#define TOP_MAX (1 << 20)

static void move(struct viewer *v, int64_t rows)
{
	int64_t top = v->overlay_top + rows;

	v->overlay_top = top < 0 ? 0 : top > TOP_MAX ? TOP_MAX : (int)top;
}

static int rows(const struct viewer *v)
{
	return v->overlay_rows;
}

static bool back(struct viewer *v)
{
	v->overlay = OVERLAY_NONE;
	return true;
}

const struct view_keys help_keys = {.move = move, .rows = rows, .back = back};
const struct view_keys details_keys = {.move = move, .rows = rows, .back = back};
