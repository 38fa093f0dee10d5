/* What a search has found, marked on a screen of cells. */
#ifndef AB_VIEW_HIGHLIGHT_H
#define AB_VIEW_HIGHLIGHT_H

#include "view/text/cells.h"
#include "view/text/needle.h"

/* Marks every match in columns [col, end) of a row: reversed, and underlined where it is reversed
 * already. Returns how many there are. */
int highlight_row(struct cells *c, int row, int col, int end, const struct needle *n);

#endif
