/* The screen of a run on a terminal: what `launch` shows and `monitor` attaches to. Reads the batch
 * directory and sends control verbs; it can be left at any time and the batch does not notice. */
#ifndef AB_UI_UI_H
#define AB_UI_UI_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ui_color { UI_COLOR_AUTO, UI_COLOR_ALWAYS, UI_COLOR_NEVER };

/* Whether and how the terminal is asked to tell of the end, and of what needs a person. */
enum ui_notify { UI_NOTIFY_OFF, UI_NOTIFY_OSC9, UI_NOTIFY_OSC777 };

struct ui_opts {
	const char *batch; /* path of any batch of the run */
	enum ui_color color;
	enum ui_notify notify;
	bool ascii; /* --ascii; also where the locale is not UTF-8 */
};

/* NULL where stdin and stdout are a terminal that curses knows; else why there is no screen, in a
 * few words. */
const char *ui_why_not(void);

/* Shows it until it is left, restores the terminal, and prints what is to stay on it. The locale
 * must be set. *exit_code: of the run as it was then, -1 while it runs (run_reader_exit_code). -1:
 * it could not be shown (err). */
int ui_run(const struct ui_opts *opts, int *exit_code, struct err *err);

struct ui_print_opts {
	const char *batch;
	const char *view; /* overview, grid, log, lineage, timeline, failures, details or help */
	const char *id; /* the agent that is selected; NULL: the first row */
	int cols, rows;
	int64_t at_t; /* the moment that is drawn, Unix ms */
	bool ascii;
};

/* One frame as text, through the layout and painters of the screen, without a terminal; then an
 * empty line and the looks of the cells (view/text/cells.h). -1: no such view, agent or batch. */
int ui_print_frame(const struct ui_print_opts *o, struct buf *out, struct err *err);

#endif
