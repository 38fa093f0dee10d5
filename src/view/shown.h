/* How an agent is told to people: its state as one word, its try, the kind of its failure. */
#ifndef AB_VIEW_SHOWN_H
#define AB_VIEW_SHOWN_H

#include "base/buf.h"
#include "model/batch.h"
#include "view/text/style.h"

#include <stdbool.h>

/* TUI.md's state: BLOCKED is a pending agent whose parents are not completed, LOST a failed one of
 * class lost. */
enum style_role shown_role(const struct agent *a);
const char *shown_role_word(enum style_role role); /* "BACKOFF" */

/* The word, in colour if asked, with the colour ended behind it. */
void shown_word(enum style_role role, bool color, struct buf *out);
/* Begins and ends a role's colour: for words other than its own. */
void shown_color(enum style_role role, bool color, struct buf *out);
void shown_color_end(bool color, struct buf *out);

/* The a of `try a/b`: charged attempts, counting the one that runs or was not charged. 0 before
 * the first. */
uint32_t shown_try(const struct agent *a);
/* As tables show it: what waits, waits for its next one. */
uint32_t shown_table_try(const struct agent *a);

/* The last attempt whose outcome is told, or NULL. */
const struct attempt *shown_last_judged(const struct agent *a);

/* What failures have in common: the class and the folded message (view/text/fold.h). One clean line. */
void shown_failure_group(const struct agent *a, struct buf *out);

#endif
