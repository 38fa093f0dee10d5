/* What the lines of a header have in common, and painters that show a piece of it. */
#ifndef AB_VIEW_HEADER_PARTS_H
#define AB_VIEW_HEADER_PARTS_H

#include "view/screen/header.h"
#include "view/screen/state_bar.h"
#include "view/text/words.h"

/* On a narrow screen what is going on comes first. */
extern const enum style_role header_narrow_order[STATE_BAR_STATES];

/* Left and right with at least two blanks between them, inside the margins. False: no room, and
 * nothing is painted but with `force`. */
bool header_both(const struct words *left, const struct words *right, struct cells *c, int row,
    bool force);
void header_source(const struct view_model *m, char out[200], bool is_short);
void header_add_cycle(const struct view_model *m, struct words *w, unsigned gap, const char *word);
void header_add_state(const struct view_model *m, const struct look *look, struct words *w,
    unsigned gap);
int64_t header_elapsed(const struct view_model *m);

/* How an account's gate reads: "LIMITED 2:03 (to 23:54:12)". */
void header_gate_words(const struct view_model *m, const struct account *acc, bool with_clock,
    char *out, size_t size);
/* The account to speak of, and how many are limited. NULL: none; a run that is over asks for
 * nothing: what its gates had learned limits nobody. */
const struct account *header_limited(const struct view_model *m, uint32_t *nr);
/* Who works in a role's phase: "validate  ~ wait in 0:23". False: it is none. */
bool header_add_role(const struct view_model *m, struct words *w);
void header_paint_limits(const struct view_model *m, struct cells *c, int row);

#endif
