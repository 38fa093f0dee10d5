/* From a batch to its child: the retry CSV, the child's directory, and the exec. */
#ifndef AB_ENGINE_CYCLE_H
#define AB_ENGINE_CYCLE_H

#include "base/err.h"
#include "engine/conductor.h"
#include "formats/run_reader.h"

/* In how many cycles a row has failed before this one: the k of its RETRY-k tag. 0 in an original
 * batch, whose tags are the user's own. */
uint32_t cycle_failed_before(const struct batch *b, const char *id);

/* Makes what the journalled `cycle` event (batch->child, batch->child_csv) announces: the CSV and
 * the child's directory, its first event and its lock; whatever a crash left of them is used, not
 * made again. The parent's manifest names the child afterwards. On success *child is open and
 * *child_lock_fd holds its batch lock. 1: the child's name was taken by a foreign batch (announce
 * another name). */
int cycle_make_child(struct batch_reader *parent, const struct options *options,
    const struct retry_row *rows, uint32_t nr, struct batch_dir *child, int *child_lock_fd,
    struct err *err);

/* Writes the first event of a batch that is about to be conducted by this process; flushed. It goes
 * on from `parent`: its cool-off, and what the run has cost so far. */
int cycle_first_event(const struct batch_dir *dir, const struct manifest *m,
    const struct batch *parent, struct err *err);

#endif
