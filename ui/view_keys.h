/* How a view, a pane or an overlay plugs in: what keys do in it that they do not do everywhere.
 *
 * It takes its keys in ui/keys.c, a file of its own with one of these, a row in ui/places.c and,
 * to be seen, a row in view/screen/frame.c. What means the same everywhere (views, filter, steering,
 * overlays, leaving) is in ui/control.c and needs nothing here. */
#ifndef AB_UI_VIEW_KEYS_H
#define AB_UI_VIEW_KEYS_H

#include "ui/control.h"

#include <stdbool.h>
#include <stdint.h>

/* So many rows are as far as it goes. */
#define VIEW_FAR (INT64_C(1) << 30)

/* What is NULL does nothing, or is as everywhere. */
struct view_keys {
	/* By rows; -VIEW_FAR and VIEW_FAR are the first and the last. Goes no further than it can. */
	void (*move)(struct viewer *v, int64_t rows);
	/* Rows in sight. */
	int (*rows)(const struct viewer *v);
	/* What else it has a meaning of its own for, moving included. False: it has none. */
	bool (*obey)(struct control *c, enum intent intent);
	/* Esc: ends a search or a filter. False: there was none. */
	bool (*clear)(struct viewer *v);
	/* q, and Esc after that: one step back inside it, or out of it. False: this is the top. */
	bool (*back)(struct viewer *v);
	/* The word behind '/' (PROMPT_SEARCH) or '&' (PROMPT_KEEP): NULL when it begins, then with
	 * each letter that is typed, "" when it is given up. NULL here: neither is done. */
	void (*find)(struct viewer *v, enum control_prompt which, const char *word);
	/* Whose details are shown: the agent under the cursor, where that is not the viewer's
	 * selection. NULL: there is none. */
	const struct batch_reader *(*agent)(struct viewer *v, uint32_t *agent);
	/* It is about to be shown. */
	void (*show)(struct viewer *v);
	/* A click. */
	void (*press)(struct control *c, int row, int col);
};

extern const struct view_keys overview_table_keys, overview_log_keys, log_keys, grid_keys,
    lineage_keys, timeline_keys, failures_keys, help_keys, details_keys;

/* ---- the places --------------------------------------------------------- */

/* A view as a whole. */
struct view_place {
	enum viewer_view view;
	const char *name; /* for --print, and what help calls it */
	enum intent intent; /* shows it */
	enum key_context context; /* of its keys; the overview's depends on the focus */
};

/* What `intent` shows, or what is called so; NULL: no view. */
const struct view_place *view_of_intent(enum intent intent);
const struct view_place *view_of_name(const char *name);
const struct view_place *view_place_of(enum viewer_view view);
const struct view_keys *view_keys_of(enum key_context where);

/* Does it as if its key were pressed. */
void control_obey(struct control *c, enum intent intent);
/* What `/` and `&` do with the rows of the model, for view_keys.find and clear. */
void find_in_rows(struct viewer *v, enum control_prompt which, const char *word);
void find_next_row(struct control *c, enum intent intent);
bool clear_rows(struct viewer *v);
/* INTENT_SORT_NEXT, INTENT_SORT_PREV or INTENT_REVERSE. */
void sort_rows(struct control *c, enum intent intent);

/* Shows a view, with what it does when it is shown. Closes what lies over it. */
void view_show(struct viewer *v, enum viewer_view view);
/* The log of an agent; Esc leads back to where it was opened. */
void view_show_log(struct viewer *v);

#endif
