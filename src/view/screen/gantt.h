/* The life of one agent as a row of cells:
 *
 *   '=' running   '~' waiting   '?' validating   'X' the end of a failed attempt   '+' completed
 *   '.' a wait that is still ahead   ' ' nothing
 *
 * A failure wins its cell, then a completion. A span that is over and shorter than a cell is left
 * out: it is never widened, least of all over another. What goes on now has one cell at least. */
#ifndef AB_VIEW_GANTT_H
#define AB_VIEW_GANTT_H

#include "model/batch.h"
#include "view/screen/time_axis.h"

#include <stdbool.h>
#include <stdint.h>

struct gantt_row {
	struct time_axis axis;
	char *cells; /* axis.cells of them, the caller's */
};

void gantt_clear(struct gantt_row *row);
/* `is_open`: it goes on. */
void gantt_span(struct gantt_row *row, char kind, int64_t from_t, int64_t to_t, bool is_open);
void gantt_point(struct gantt_row *row, char kind, int64_t t);

/* All attempts and waits of an agent. `until_t`: now, or when its batch ended: what has no end yet
 * goes on until then. */
void gantt_agent(struct gantt_row *row, const struct batch *b, const struct agent *a,
    int64_t until_t);

#endif
