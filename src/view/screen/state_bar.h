/* The state bar of row 2: how the agents stand, as segments that sum up to the bar exactly. */
#ifndef AB_VIEW_STATE_BAR_H
#define AB_VIEW_STATE_BAR_H

#include "view/screen/header.h"

#define STATE_BAR_STATES 9

/* The order of its segments, and of the counts beside it. */
extern const enum style_role state_bar_order[STATE_BAR_STATES];

/* How many agents a segment stands for: blocked ones are pending. */
uint32_t state_count(const struct view_model *m, enum style_role role);

/* "[+++>>~.X]" from column `col` to before `end`; at least one cell for each state that has agents,
 * as far as there are cells. */
void state_bar_paint(const struct view_model *m, const struct look *look, struct cells *c, int row,
    int col, int end);

#endif
