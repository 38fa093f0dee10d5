/* The log as a view of its own: the whole file of one agent with numbered lines, a search, a filter
 * and jumps to errors and attempts. What it moves and paints is the viewer's log pane.
 *
 * Numbers, matches and new lines need the file to be read once: log_view_work does it in small
 * pieces, as long as the caller likes; until then everything else works.
 *
 * An error line has one of these words, in any case: error, fail, fatal, panic, exception,
 * traceback, denied, killed; a line of JSON in what it says, or it tells of an error. */
#ifndef AB_VIEW_LOG_VIEW_H
#define AB_VIEW_LOG_VIEW_H

#include "base/buf.h"
#include "view/screen/header.h"
#include "view/log/log_marks.h"
#include "view/log/log_pane.h"

#include <stdbool.h>
#include <stdint.h>

/* What is looked for, and not found yet. */
enum log_seek { SEEK_NONE, SEEK_NEXT, SEEK_PREV, SEEK_NEAREST };

struct log_view {
	struct log_pane *pane; /* borrowed */
	enum log_mode mode;
	bool wraps, has_times;
	struct log_marks marks;
	int64_t marked_at; /* by the key before this one, or -1 */
	struct log_finder lines, search, errors, filter;
	struct buf searched, kept; /* as typed; empty: off */
	int64_t cursor; /* the byte that was found last, or -1 */
	enum log_seek seek;
	struct log_finder *seeking; /* search or errors */
	int64_t seek_from;
	const char *notice; /* how the last search ended, or NULL */
	struct buf trouble; /* why it cannot be searched for, or empty */
	int64_t seen_size; /* when following ended */
	/* What the counts are of. */
	const struct batch_reader *batch;
	uint32_t agent;
	uint64_t file; /* its inode */
	int64_t size;
};

void log_view_init(struct log_view *lv, struct log_pane *pane);
void log_view_release(struct log_view *lv);
/* A little of what is to be counted and looked for. False: nothing is left to do. */
bool log_view_work(struct log_view *lv);

/* As it is typed: goes to the first one on the page or behind it, else to the last before it. An
 * empty one ends it. Behind a '/' a regular expression, which finds lines; for the lines that are
 * kept behind a '!' first: those that do not have it. */
void log_view_search(struct log_view *lv, const char *typed);
void log_view_keep(struct log_view *lv, const char *typed);
void log_view_next(struct log_view *lv, int by); /* 1 or -1 */
void log_view_next_error(struct log_view *lv, int by);
void log_view_next_attempt(struct log_view *lv, int by);
/* Goes to the line that holds this byte, as if it had been found. */
void log_view_point(struct log_view *lv, int64_t at);
/* Marks a line, or no longer: the one that was found last, if it is on the page, else the first; as
 * the next deed after such a one the line below it. Returns whether it is marked now. */
bool log_view_mark(struct log_view *lv);
/* The lines that are marked, as they are shown, clean; of as many as fit into `max` bytes.
 * Returns how many. */
size_t log_view_marked_text(struct log_view *lv, size_t max, struct buf *out);
/* Ends a search, then a filter. False: there was none. */
bool log_view_clear(struct log_view *lv);

/* The agent's line above it, the lines, and the line that says where in the file one is. */
void log_view_paint_title(struct log_view *lv, const struct view_model *m, const struct look *look,
    struct cells *c, int row);
void log_view_paint(struct log_view *lv, struct cells *c, int row, int rows);
void log_view_paint_position(struct log_view *lv, struct cells *c, int row);

#endif
