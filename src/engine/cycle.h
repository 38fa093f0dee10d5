/* From a batch to its child: the retry CSV, the child's directory, its lock and its first event. */
#ifndef AB_ENGINE_CYCLE_H
#define AB_ENGINE_CYCLE_H

#include "base/err.h"
#include "engine/conductor.h"
#include "formats/run_reader.h"
#include "policy/budget.h"

/* In how many cycles a row has failed before this one: the k of its RETRY-k tag. 0 in an original
 * batch, whose tags are the user's own. */
uint32_t cycle_failed_before(const struct batch *b, const char *id);

struct cycle_plan {
	const struct batch_child *child; /* as the journalled `cycle` event announces it */
	const struct options *options; /* the child's */
	const struct retry_row *rows;
	uint32_t nr;
	const struct buf *new_rows; /* an extension's tasks.csv, with no file beside it; or NULL */
	struct spent spent; /* by the run so far */
};

/* Makes what the plan says: the CSV and the child's directory, its first event and its lock;
 * whatever a crash left of them is used, not made again. The parent's manifest names the child
 * afterwards. On success *child is open and *child_lock_fd holds its batch lock. 1: the child's name
 * was taken by a foreign batch (announce another name). 2: somebody conducts it already. */
int cycle_make_child(struct batch_reader *parent, const struct cycle_plan *plan,
    struct batch_dir *child, int *child_lock_fd, struct err *err);

/* Writes the first event of the child, whose manifest is `m` and which is about to be conducted by
 * this process (or one that it starts); flushed. `plan` is NULL for an original. */
int cycle_first_event(const struct batch_dir *dir, const struct manifest *m,
    const struct cycle_plan *plan, struct err *err);

#endif
