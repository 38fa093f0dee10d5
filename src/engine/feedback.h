/* What attempts are told of the one before: attempts/<id>.<n>.feedback, written before the attempt's
 * start is journalled and read for its command. The attempt before it may be of an earlier batch of
 * the run. */
#ifndef AB_ENGINE_FEEDBACK_H
#define AB_ENGINE_FEEDBACK_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/history.h"
#include "formats/batch_dir.h"
#include "model/batch.h"

#include <stdbool.h>
#include <stdint.h>

struct feedback_source {
	const struct batch_dir *dir; /* all borrowed */
	const struct batch *batch;
	struct history *history;
};

/* Writes what attempt n of the row is told. 0, also where there is nothing to tell and no file; -1:
 * the disk refused. */
int feedback_write(const struct feedback_source *s, uint32_t agent, uint32_t n, struct err *err);

/* Appends it; false where there is none. */
bool feedback_read(const struct batch_dir *dir, const char *id, uint32_t n, struct buf *out);

/* Its path, malloc'ed. */
char *feedback_path(const struct batch_dir *dir, const char *id, uint32_t n);

#endif
