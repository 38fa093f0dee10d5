/* A screen in memory: what painters draw into, and what goes to a terminal (ui/) or into text
 * (--print). Every string that is put here passes the sanitiser, so that no painter can forget it.
 *
 * Rows and columns count from 0. Painting outside is cut off, never an error: a painter needs no
 * case for a screen that is too small. */
#ifndef AB_VIEW_CELLS_H
#define AB_VIEW_CELLS_H

#include "base/buf.h"
#include "view/text/sanitize.h"
#include "view/text/style.h"
#include "view/text/width.h"

#include <stdbool.h>
#include <stdint.h>

struct cell {
	uint32_t cp;
	uint32_t marks[WIDTH_MARKS_MAX]; /* combining marks, 0: none */
	struct style style;
	uint8_t width; /* 1, 2; 0: the right half of the one before */
};

struct cells {
	int cols, rows;
	struct cell *v; /* rows * cols, by rows */
};

void cells_init(struct cells *c);
void cells_release(struct cells *c);
/* Sets the size, at least 1x1, and makes all of it blank. */
void cells_resize(struct cells *c, int cols, int rows);
/* NULL outside. */
struct cell *cells_at(const struct cells *c, int row, int col);

/* One glyph; a combining mark goes onto the cell before `col`. Returns the column behind it. A
 * wide one that does not fit before `end` leaves a blank. */
int cells_put(struct cells *c, int row, int col, int end, const struct glyph *g);
/* Sanitised text in columns [col, end). Returns the column behind it. */
int cells_text(struct cells *c, int row, int col, int end, struct style style, const char *s);
/* The same, made by a format. At most 1 KiB. */
int cells_textf(struct cells *c, int row, int col, int end, struct style style, const char *fmt,
    ...) __attribute__((format(printf, 6, 7)));
/* The same glyph in columns [col, end). */
void cells_fill(struct cells *c, int row, int col, int end, struct style style, uint32_t cp);
/* Adds flags to what stands in columns [col, end). */
void cells_add_flags(struct cells *c, int row, int col, int end, uint8_t flags);

/* Gives what stands in columns [col, end) another look. */
void cells_restyle(struct cells *c, int row, int col, int end, struct style style);

/* A row as UTF-8 without the blanks at its end; `ascii`: other characters become '?'. */
void cells_row_text(const struct cells *c, int row, bool ascii, struct buf *out);
/* All rows, a newline behind each. */
void cells_print(const struct cells *c, bool ascii, struct buf *out);
/* The looks of the cells, one mark each, in the same layout:
 *   '.' none; r v b l f p k c s d the state whose colour it has (running, validating, backoff,
 *   lost, failed, pending, blocked, cancelled, skipped, done; a capital: reversed)
 *   B bold, R reversed, U underlined, D dim, C a colour of the log's own. */
void cells_print_marks(const struct cells *c, struct buf *out);

#endif
