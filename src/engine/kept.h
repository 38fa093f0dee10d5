/* What rows have made, kept for the rows that wait for them.
 *
 * A row that others depend on leaves its result, when it completes, as results/ID in the run's
 * original batch, where every later cycle finds it: its output file if one was asked for, else its
 * final answer, else what it printed. Before a row starts that depends on others, it gets a
 * directory parents/ID in its own batch, with a file for each parent, named as the parent. */
#ifndef AB_ENGINE_KEPT_H
#define AB_ENGINE_KEPT_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/batch_dir.h"
#include "model/batch.h"
#include "model/options.h"

#include <stdbool.h>
#include <stdint.h>

#define KEPT_NAME "results"
#define PARENTS_NAME "parents"

/* Of a result's text so much goes into {result:ID}; the file has all of it. */
#define KEPT_TEXT_BYTES ((size_t)256 << 10)

struct kept {
	const struct options *options; /* all borrowed */
	const struct batch *batch;
	const struct batch_dir *dir;
	const struct batch_dir *original; /* the same one in an original batch */
};

/* Keeps the result of a row that completes by attempt `at`. Nothing happens where no row waits for
 * it. -1: it could not be kept. */
int kept_put(const struct kept *k, uint32_t row, const struct attempt *at, struct err *err);

/* Makes the directory of a row that depends on others, anew where it is there. A parent whose
 * result is not there has no file. -1: the directory cannot be made. */
int kept_gather(const struct kept *k, uint32_t row, struct err *err);

/* The directory's path, malloc'ed; NULL: the row depends on nothing. */
char *kept_parents_path(const struct batch_dir *dir, const struct tasks *ts, const struct task *t);

/* Appends the text of a parent's result as the directory has it, without NULs and the newlines at
 * its end, cut at a whole character within KEPT_TEXT_BYTES. Nothing where there is none. */
void kept_text(const struct batch_dir *dir, const struct task *t, const char *parent,
    struct buf *out);

/* The row's task text with each {result:ID} of an ID that the row depends on in it replaced by that
 * text; what came in so is not looked at again. Everything else stays as it is. malloc'ed; NULL: the
 * task has none of these. */
char *kept_fill_task(const struct batch_dir *dir, const struct tasks *ts, const struct task *t);

#endif
