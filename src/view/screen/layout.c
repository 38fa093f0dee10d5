#include "view/screen/layout.h"

#define HEADER_ROWS 3
/* Smaller screens get four lines. */
#define COLS_MIN 40
#define ROWS_MIN 10
#define PANE_MIN 5 /* with its title */

static void compute_tiny(struct layout *l)
{
	l->is_tiny = 1;
	l->header = (struct band){0, l->rows < HEADER_ROWS ? l->rows : HEADER_ROWS};
	if (l->rows > HEADER_ROWS)
		l->keys = (struct band){HEADER_ROWS, 1};
}

/* Rows of agents, of `rest` rows for them, the pane's title and the pane. */
static int table_rows(int rows, int rest, enum layout_want want)
{
	int n = rows / 2 - 1;

	if (want == WANT_TABLE || rows < LAYOUT_ROWS_BOTH)
		return rest;
	return n > rest - PANE_MIN ? rest - PANE_MIN : n;
}

/* Two lines about the agent, or one; then only its log. */
static void compute_file(struct layout *l, int bottom)
{
	l->header.rows = l->rows >= LAYOUT_ROWS_BOTH ? 2 : 1;
	l->pane = (struct band){l->header.rows, bottom - l->header.rows};
}

void layout_compute(struct layout *l, int cols, int rows, enum layout_want want, bool has_phase)
{
	int bottom, at = HEADER_ROWS + has_phase, rest, n;

	*l = (struct layout){.cols = cols, .rows = rows};
	if (cols < COLS_MIN || rows < ROWS_MIN) {
		compute_tiny(l);
		return;
	}
	l->header = (struct band){0, at};
	bottom = rows - 1;
	l->keys = (struct band){bottom, 1};
	if (want == WANT_GRID) {
		l->pane = (struct band){at, bottom - at};
		return;
	}
	if (rows >= LAYOUT_ROWS_BOTH)
		l->message = (struct band){--bottom, 1};
	if (want == WANT_FILE) {
		compute_file(l, bottom);
		return;
	}
	if (want != WANT_LOG) {
		rest = bottom - at - 1;
		n = table_rows(rows, rest, want);
		l->head = (struct band){at, 1};
		l->table = (struct band){at + 1, n};
		at += 1 + n;
	}
	if (at < bottom) {
		l->title = (struct band){at, 1};
		l->pane = (struct band){at + 1, bottom - at - 1};
	}
}

uint32_t layout_scroll(uint32_t top, uint32_t at, uint32_t shown, uint32_t nr)
{
	if (at < nr && at < top)
		top = at;
	if (at < nr && at >= top + shown)
		top = at - shown + 1;
	if (top + shown > nr)
		top = nr > shown ? nr - shown : 0;
	return top;
}
