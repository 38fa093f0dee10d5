/* A batch in the words of the second seed: subtasks that are pending, in progress, completed or
 * failed, which of them failed, and how a failed one is taken up again. */
#ifndef AB_MODEL_SUBTASKS_H
#define AB_MODEL_SUBTASKS_H

#include "model/batch.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdint.h>

struct subtasks_summary {
	uint32_t total;
	uint32_t pending, in_progress, completed, failed;
	uint32_t skipped, cancelled; /* which the seed does not know */
};

/* The seed's get_state_summary. */
struct subtasks_summary subtasks_summary(const struct batch *b);

/* The seed's get_failed_subtasks: indexes of the rows with status failed, in the file's order.
 * `rows` has room for nr_agents, or is NULL for the number alone. Returns how many. */
uint32_t subtasks_failed(const struct batch *b, uint32_t *rows);

/* The seed's retry_subtask: fills in the event that resets a row to pending, which whoever conducts
 * the batch journals and folds in. False: the row has not failed, and *ev is not touched. A row that
 * was skipped or cancelled counts as failed here: it can be taken up again in the same way. */
bool subtask_reset(const struct batch *b, uint32_t row, struct event *ev);

#endif
