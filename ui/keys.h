/* The one table of keys: it dispatches them, and help and the last line are drawn from it. */
#ifndef AB_UI_KEYS_H
#define AB_UI_KEYS_H

#include "formats/ctl.h"
#include "view/screen/keyline.h"

#include <stdbool.h>
#include <stddef.h>

/* What a key is meant to do. */
enum intent {
	INTENT_NONE,
	INTENT_UP,
	INTENT_DOWN,
	INTENT_PAGE_UP,
	INTENT_PAGE_DOWN,
	INTENT_HALF_UP,
	INTENT_HALF_DOWN,
	INTENT_FIRST,
	INTENT_LAST,
	INTENT_LEFT,
	INTENT_RIGHT,
	INTENT_OPEN,
	INTENT_CLOSE, /* Esc: a prompt, the filter, what is open */
	INTENT_BACK, /* q: the same, and leaves from the overview */
	INTENT_FOCUS,
	INTENT_ZOOM,
	INTENT_PREV_AGENT,
	INTENT_NEXT_AGENT,
	INTENT_FILTER,
	INTENT_TAG,
	INTENT_UNTAG,
	INTENT_SORT_NEXT,
	INTENT_SORT_PREV,
	INTENT_REVERSE,
	INTENT_OVERVIEW,
	INTENT_GRID,
	INTENT_LOG,
	INTENT_LINEAGE,
	INTENT_TIMELINE,
	INTENT_FAILURES,
	INTENT_ROLE,
	INTENT_SCOPE, /* C: this cycle or the whole run */
	INTENT_COARSER,
	INTENT_FINER,
	INTENT_SEARCH,
	INTENT_SEARCH_NEXT,
	INTENT_SEARCH_PREV,
	INTENT_KEEP,
	INTENT_NEXT_ERROR,
	INTENT_PREV_ERROR,
	INTENT_NEXT_ATTEMPT,
	INTENT_PREV_ATTEMPT,
	INTENT_MODE,
	INTENT_WRAP,
	INTENT_TIMES,
	INTENT_MARK,
	INTENT_FOLLOW,
	INTENT_PAUSE,
	INTENT_MORE_JOBS,
	INTENT_FEWER_JOBS,
	INTENT_SKIP_WAIT,
	INTENT_RETRY,
	INTENT_CANCEL,
	INTENT_STOP,
	INTENT_COMMAND,
	INTENT_DETAILS,
	INTENT_HELP,
	INTENT_FREEZE,
	INTENT_BELL,
	INTENT_MOUSE,
	INTENT_COPY,
	INTENT_PLAIN,
	INTENT_REDRAW,
	INTENT__COUNT
};

/* Where a key means it. */
enum key_context {
	KEYS_IN_TABLE,
	KEYS_IN_LOG, /* the pane below the table */
	KEYS_IN_FILE, /* the log as a view of its own */
	KEYS_IN_GRID,
	KEYS_IN_LINEAGE,
	KEYS_IN_TIMELINE,
	KEYS_IN_FAILURES,
	KEYS_IN_HELP,
	KEYS_IN_DETAILS,
	KEYS__CONTEXTS
};

/* A key as read: a code point, or KEY_FUNCTION + one of curses' codes. */
#define KEY_FUNCTION 0x200000
#define KEY_FN_BACKSPACE (KEY_FUNCTION + 0407)
#define KEY_FN_ENTER (KEY_FUNCTION + 0527)
#define KEY_FN_MOUSE (KEY_FUNCTION + 0631)

#define KEY_CODES_MAX 4

struct key_binding {
	int codes[KEY_CODES_MAX]; /* 0: none */
	enum intent intent;
	unsigned contexts; /* bits 1 << enum key_context */
	int verb; /* the control verb it sends, or -1 */
	struct key_hint hint;
};

const struct key_binding *keys_table(size_t *nr);
/* INTENT_NONE for a key that means nothing there. */
enum intent keys_intent(enum key_context where, int code);
/* Whether there is somebody to be steered: for what is said of the keys that do. */
enum keys_steer { KEYS_STEER_RUNS, KEYS_STEER_HELD /* p goes on */, KEYS_STEER_NOBODY };

/* What help lists (NULL help is left out by it), and the last line of one context: at most `max`
 * into `out`; returns how many. */
size_t keys_hints(enum key_context where, enum keys_steer steer, struct key_hint *out, size_t max);
/* The key that a click on the label of the n-th of these hints presses, or 0. */
int keys_hint_code(enum key_context where, size_t n);
size_t keys_all_hints(struct key_hint *out, size_t max);

#endif
