/* Which agents are rows of the table, and in which order. */
#ifndef AB_VIEW_ROW_ORDER_H
#define AB_VIEW_ROW_ORDER_H

#include <stdbool.h>

struct view_model;

/* Keys < and >: by which column. Rows that are alike there keep the order of the CSV, and those
 * with nothing in it come last. */
enum view_sort {
	SORT_STATE, /* what needs looking at first; countdowns never move a row */
	SORT_ID, /* numbers in it by their value */
	SORT_TRY, /* these three: the largest first */
	SORT_TIME, /* as it was when the rows were put in order */
	SORT_CLASS,
	SORT_COST,
	SORT_AGENT,
	SORT__COUNT
};
const char *view_sort_word(enum view_sort s); /* "state", "id", ... */
/* Whether the largest comes first, `is_reversed` taken into account. */
bool view_sort_falls(enum view_sort s, bool is_reversed);

/* Makes rows and places of the model by its filters and its sort; its counts are those of now. */
void view_sort_rows(struct view_model *m);

#endif
