/* Keys to deeds: what the viewer sees next, and verbs for the conductor. Knows no terminal and no
 * loop; what must be done outside is handed to control_ops. */
#ifndef AB_UI_CONTROL_H
#define AB_UI_CONTROL_H

#include "formats/ctl.h"
#include "ui/keys.h"
#include "ui/orders.h"
#include "view/screen/frame.h"

#include <stdbool.h>
#include <stdint.h>

struct control_ops {
	/* Sends it to the conductor of the shown batch; the answer comes by viewer_say. Takes
	 * ownership of what `q` holds. */
	void (*send)(void *ctx, struct ctl_request *q);
	void (*leave)(void *ctx);
	void (*redraw)(void *ctx);
	/* Clean text to the clipboard. False: this terminal would not take it. */
	bool (*copy)(void *ctx, const char *text, size_t n);
	/* Clean text instead of the screen, until the next key; NULL: the frame as it stands. */
	void (*plain)(void *ctx, const char *text, size_t n);
	void (*mouse)(void *ctx, bool is_on);
	void *ctx;
};

/* A question that waits for an answer. */
enum control_prompt {
	PROMPT_NONE,
	PROMPT_SURE, /* y or not */
	PROMPT_STOP, /* d, c or not */
	PROMPT_STOP_ALL, /* the word yes */
	PROMPT_SEARCH, /* a word behind '/', found as it is typed */
	PROMPT_KEEP, /* the same behind '&', for the rows or lines that are kept */
	PROMPT_COMMAND /* a line behind ':' */
};

struct control {
	struct viewer *viewer;
	struct control_ops ops;
	enum control_prompt prompt;
	struct buf typed; /* the answer so far */
	struct orders pending; /* what is sent when the answer is yes */
	int64_t interrupt_ms; /* of the last Ctrl-C, monotonic, or NUM_NONE */
	bool has_bell, has_mouse;
};

void control_init(struct control *c, struct viewer *v, const struct control_ops *ops);
void control_release(struct control *c);
/* One key, as ui/keys.h has them. */
void control_key(struct control *c, int code, struct instant now);
/* A press (rows = 0) or a wheel that turned by `rows`, at a place of the screen. */
struct control_mouse {
	int row, col;
	int rows;
};
void control_mouse(struct control *c, const struct control_mouse *m, struct instant now);
/* To the clipboard, if it is not too much; `what` it is, for the answer: "2 ids". */
void control_copy(struct control *c, const struct buf *text, const char *what);
/* Terminals take no more at once. */
#define CONTROL_COPY_MAX 65536
/* Without the screen, for the terminal's own selection and scrollback. */
void control_plain(struct control *c, const struct buf *text);
/* More would only scroll away. */
#define CONTROL_PLAIN_MAX 262144
/* Ctrl-C: says how to leave and how to stop; the second within two seconds leaves. */
void control_interrupt(struct control *c, struct instant now);
/* What the keys mean now: for the last line. */
enum key_context control_context(const struct viewer *v);

#define CONTROL_HINTS_MAX 96
/* What a frame has of the keys. */
struct control_frame {
	struct key_hint hints[CONTROL_HINTS_MAX], all_hints[CONTROL_HINTS_MAX];
	struct frame_opts opts; /* points to them */
};
void control_frame(const struct viewer *v, struct control_frame *f);

#endif
