/* In place of the log of a row that has none yet: what it waits for, or why it never began. */
#ifndef AB_VIEW_WAITS_PAINT_H
#define AB_VIEW_WAITS_PAINT_H

#include "view/model.h"
#include "view/text/cells.h"

/* Into rows [row, row + rows) and columns [col, end). False: it has begun, or waits for no row, and
 * nothing was painted. */
bool waits_paint(const struct view_model *m, uint32_t agent, bool ascii, struct cells *c, int row,
    int rows, int col, int end);

#endif
