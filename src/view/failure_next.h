/* What happens to an agent that has failed, if nobody does anything: told by its state, its class
 * and the rules of policy, the worse the later. */
#ifndef AB_VIEW_FAILURE_NEXT_H
#define AB_VIEW_FAILURE_NEXT_H

#include "view/model.h"

enum failure_next {
	NEXT_NONE, /* of a group: each has failed otherwise since, or has completed */
	NEXT_HEALED, /* it has completed; of a group: all have */
	NEXT_RETRIES, /* in this batch, by itself */
	NEXT_CYCLE,
	NEXT_SPENT, /* nothing: no try is left, or it was cancelled */
	NEXT_NEEDS_YOU
};
const char *failure_next_word(enum failure_next n); /* "retries itself", "needs you" */

/* `r`: the last batch of the run that has it. */
enum failure_next failure_next_of(const struct view_model *m, const struct batch_reader *r,
    const struct agent *a);

#endif
