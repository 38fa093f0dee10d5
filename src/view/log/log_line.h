/* One line of a log as it is shown: as text, as what a JSON line says (formats/stream_line.h), or
 * with its controls in sight. In one row, or wrapped into several. */
#ifndef AB_VIEW_LOG_LINE_H
#define AB_VIEW_LOG_LINE_H

#include "view/text/cells.h"

#include <stdint.h>

enum log_mode { LOG_TEXT, LOG_JSON, LOG_RAW, LOG_MODE__COUNT };

struct log_line_opts {
	enum log_mode mode;
	int wrap; /* columns of a row; 0: all in one row */
	int columns; /* of that one row, what lies behind them is not looked at */
	int64_t more; /* bytes of the line that are not given: their number is told at its end */
};

/* Begins as {0}; keeps its memory from line to line. */
struct log_line {
	struct glyph *v;
	size_t nr, cap;
	size_t *rows; /* where each begins */
	size_t nr_rows, cap_rows; /* at least one row */
	struct buf text; /* what a JSON line says */
	size_t from; /* where what a carriage return takes back begins */
};

const char *log_mode_word(enum log_mode mode);

void log_line_release(struct log_line *l);
/* Takes the line of these bytes, without its newline. */
void log_line_shape(struct log_line *l, const struct log_line_opts *o, const char *p, size_t n);
/* Its clean text, rows and all, in UTF-8. */
void log_line_text(const struct log_line *l, struct buf *out);
/* A row of it (the last one, if it has fewer) in columns [col, end) of a row of the screen; `left`
 * columns are scrolled out. */
void log_line_paint(const struct log_line *l, size_t which, struct cells *c, int row, int col,
    int end, int left);

#endif
