/* A cell in curses' terms. */
#ifndef AB_UI_PAINT_H
#define AB_UI_PAINT_H

#include "ui/tty.h"
#include "view/text/cells.h"

void paint_cell(const struct cell *cell, int row, int col, enum tty_depth depth, bool ascii);

#endif
