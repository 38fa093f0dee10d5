/* Where things are on a screen of a size. Numbers only: no painter, no terminal. */
#ifndef AB_VIEW_LAYOUT_H
#define AB_VIEW_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

/* From so many rows on there is room for a log below the table, and for a line of messages. */
#define LAYOUT_ROWS_BOTH 16

/* Rows [row, row + rows); none where rows is 0. All columns are theirs. */
struct band {
	int row, rows;
};

/* WANT_FILE: a log as a view of its own, which needs less above it.
 * WANT_GRID: panes in `pane`, and no line for messages. */
enum layout_want { WANT_BOTH, WANT_TABLE, WANT_LOG, WANT_FILE, WANT_GRID };

struct layout {
	int cols, rows;
	int is_tiny; /* four lines of counts are all there is room for */
	struct band header; /* lines 1 to 3, of a run with roles 4 */
	struct band head; /* the table's titles */
	struct band table;
	struct band title; /* of the log pane */
	struct band pane;
	struct band message; /* none: the keys give way to a message */
	struct band keys;
};

/* `has_phase`: the header has a fourth line. */
void layout_compute(struct layout *l, int cols, int rows, enum layout_want want, bool has_phase);

/* The row at the top of a list of `nr`, `shown` of them in sight: moved from `top` as little as
 * brings row `at` into sight. */
uint32_t layout_scroll(uint32_t top, uint32_t at, uint32_t shown, uint32_t nr);

#endif
