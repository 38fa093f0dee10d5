/* A window onto one agent's log: all attempts, with a line of ours behind each that says how it
 * ended, and one that says what is waited for. Follows the end until it is moved up.
 *
 * A place is a line of the file, or a row of one that is wrapped, or one of our notes that stand
 * before it. */
#ifndef AB_VIEW_LOG_PANE_H
#define AB_VIEW_LOG_PANE_H

#include "view/text/cells.h"
#include "view/log/log_finder.h"
#include "view/log/log_line.h"
#include "view/log/log_note.h"
#include "view/log/log_tail.h"
#include "view/log/log_times.h"
#include "view/model.h"

#include <stdbool.h>
#include <stdint.h>

struct log_place {
	int64_t at;
	uint32_t note; /* which of the notes at `at`; behind the last: the line itself */
	uint32_t part; /* which of the line's rows, where lines are wrapped */
};

#define LOG_NOTES_MAX 64

struct log_pane {
	struct log_tail tail;
	struct log_times times; /* since it is shown */
	const struct batch_reader *batch; /* borrowed; NULL: nothing is shown */
	uint32_t agent;
	bool follows;
	struct log_place top; /* the first line, where it does not follow */
	int left; /* columns scrolled to the right */
	int rows, cols; /* of the last painting: what a page is, and how long a wrapped row */
	struct log_note notes[LOG_NOTES_MAX];
	uint32_t nr_notes;
	bool was_replaced; /* since it is shown */
	struct log_finder
	    *filter; /* borrowed; only lines with one of its words; NULL: all, and notes */
	enum log_mode mode; /* set by who paints */
	bool wraps;
	/* The line that was shaped last, and as what. */
	struct log_line line;
	struct log_line_opts line_opts;
	int64_t line_at; /* -1: none */
	size_t line_n;
};

void log_pane_init(struct log_pane *p);
void log_pane_release(struct log_pane *p);
/* Shows that agent's log from its end; nothing changes when it is shown already. */
void log_pane_show(struct log_pane *p, const struct batch_reader *batch, uint32_t agent);
/* Looks at the file and the attempts again. */
void log_pane_refresh(struct log_pane *p);

/* By lines; up ends following. */
void log_pane_move(struct log_pane *p, int lines);
void log_pane_home(struct log_pane *p);
void log_pane_follow(struct log_pane *p, bool follows);
void log_pane_scroll(struct log_pane *p, int columns);

/* How lines are shown from now on. */
void log_pane_look(struct log_pane *p, enum log_mode mode, bool wraps);

/* Puts the line that begins there at the top, with the notes before it. */
void log_pane_go(struct log_pane *p, int64_t at);
/* Shows the line that holds this byte, if it does not, a third of the page below the top. */
void log_pane_reveal(struct log_pane *p, int64_t at);

/* For views that number and mark the lines: the first place of a page, the next one (false: there
 * is none), the note that it is (NULL: a line of the file), its cells, its text. */
struct log_place log_pane_first(struct log_pane *p, int rows);
bool log_pane_is_end(const struct log_pane *p, struct log_place place);
bool log_pane_step_on(struct log_pane *p, struct log_place *place);
bool log_pane_step_back(struct log_pane *p, struct log_place *place);
const struct log_note *log_pane_note(const struct log_pane *p, struct log_place place);
void log_pane_paint_place(struct log_pane *p, struct log_place place, struct cells *c, int row,
    int col, int end);

void log_pane_text_of(struct log_pane *p, struct log_place place, struct buf *out);

/* The lines of the page, as they are shown, but whole, a newline behind each: of as many as fit into
 * `max` bytes. */
void log_pane_page_text(struct log_pane *p, size_t max, struct buf *out);

/* What is said in place of a log that has nothing in it. */
const char *log_pane_why_empty(const struct log_pane *p);
/* Into rows [row, row + rows) and columns [col, end); lines of JSON as what they say. */
void log_pane_paint(struct log_pane *p, struct cells *c, int row, int rows, int col, int end);

#endif
