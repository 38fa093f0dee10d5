/* The rows of a run that are not completed, brought together by what stopped them: state, class,
 * folded message, likely root cause. */
#ifndef AB_VIEW_LEFT_GROUPS_H
#define AB_VIEW_LEFT_GROUPS_H

#include "view/root_cause.h"
#include "view/summary.h"

struct left_group {
	char *kind; /* what its rows have in common */
	const struct merged_row *first;
	uint32_t nr, nr_spent; /* rows; those at their last retry */
	uint32_t from; /* its rows: left_groups.rows[from], ... */
	double cost_usd;
	enum root_cause cause;
	struct buf evidence; /* for the cause, of the first row */
};

struct left_groups {
	struct left_group *v; /* the largest first; equal ones as they come in the file */
	uint32_t nr, cap;
	uint32_t *rows; /* of the run, group by group, in their order */
	uint32_t nr_rows, nr_spent;
};

/* Pointers into the rows of `s`. */
void left_groups_init(struct left_groups *g, const struct run_sums *s);
void left_groups_release(struct left_groups *g);

bool row_is_left(const struct merged_row *row);
/* Whether it has failed in the last cycle that --max-retries allows: more retries of the same task
 * are not to be had, and would not help. */
bool row_is_spent(const struct merged_row *row);
/* What to do about the group's rows, or NULL: of a run that goes on, what is not through yet needs
 * nobody. */
const char *left_group_next(const struct left_group *g, enum run_state state);
/* What its last attempt said, or why it has its status; "" where nobody told. */
const char *row_message(const struct merged_row *row);

#endif
