/* What stdout can take: colour, and how large its screen is. */
#ifndef AB_CLI_PAINT_H
#define AB_CLI_PAINT_H

#include <stdbool.h>

/* `mode`: enum color_mode. */
bool paint_has_color(int mode);
/* COLUMNS and LINES where they are set (watch sets them), else the terminal's size, else 80x24. */
void paint_size(int *columns, int *rows);
/* ACCESSIBLE is set, and there is a terminal that lines would go to. */
bool paint_is_accessible(void);
/* NULL where the screen can be drawn on stdin and stdout; else why not: "stdout is no terminal". */
const char *paint_why_no_screen(void);

#endif
