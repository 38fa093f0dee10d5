/* The terminal: taken, given back, measured. Only one can be taken at a time: what a signal handler
 * must restore is one per process. */
#ifndef AB_UI_TTY_H
#define AB_UI_TTY_H

#include "base/err.h"
#include "ui/ui.h"
#include "view/text/cells.h"

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

struct screen;

enum tty_depth { TTY_MONO, TTY_8, TTY_256 };

struct tty {
	int in_fd; /* the terminal, opened anew: not blocking, while stdout stays blocking */
	FILE *in;
	struct screen *curses;
	enum tty_depth depth;
	bool ascii; /* only ASCII may be sent */
	bool has_title;
	bool has_osc; /* it understands OSC, or at least is silent about it */
	struct cells shown; /* what was painted last */
	bool is_stale; /* nothing of it counts any more */
	bool is_plain; /* text stands there instead */
};

/* Takes it. From here on tty_close, die() and fatal signals give it back. */
int tty_open(struct tty *t, const struct ui_opts *opts, struct err *err);
void tty_close(struct tty *t);
/* Gives it back for a while (Ctrl-Z), and takes it again. */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);
/* False: somebody else has set its modes since it was taken. */
bool tty_has_modes(const struct tty *t);

/* Its size now; 80x24 where it says nothing. */
void tty_size(const struct tty *t, int *cols, int *rows);
/* Follows a new size; all is painted anew. */
void tty_resized(struct tty *t, int cols, int rows);
/* Whether output would be taken now: a stopped or slow terminal gets no frame. */
bool tty_takes_output(const struct tty *t);
/* Brings the cells on the screen; only what differs is sent. */
void tty_draw(struct tty *t, const struct cells *c);
/* Clean text in place of the screen; nothing is drawn until tty_unplain. */
void tty_plain(struct tty *t, const char *text, size_t n);
void tty_unplain(struct tty *t);
/* The next key: a code point or KEY_FUNCTION + code; -1: none is waiting. */
int tty_key(struct tty *t);
/* Whether the terminal is gone. */
bool tty_is_gone(const struct tty *t);
void tty_bell(struct tty *t);
/* A notice of the terminal, by OSC 9 or OSC 777, where one is asked for. */
void tty_notify(struct tty *t, enum ui_notify how, const char *text);
/* Clicks and the wheel come as keys (KEY_FN_MOUSE) from now on, or not. */
void tty_set_mouse(struct tty *t, bool is_on);
/* Behind such a key: where, and by how many rows the wheel turned (0: a click). False: neither. */
bool tty_mouse(struct tty *t, int *row, int *col, int *rows);
/* To the clipboard by OSC 52. Clean text. False: a terminal that would print it. */
bool tty_copy(struct tty *t, const char *text, size_t n);
/* The window's title, where the terminal has one. Clean text. */
void tty_title(struct tty *t, const char *text);

#endif
