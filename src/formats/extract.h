/* Copies of the files that agents wrote, below extracted/ of the original batch.
 *
 * Agents choose what lies in their directory, so nothing in there is trusted: a file is read only
 * where it lies below that directory with no symlink on the way, and written only below extracted/,
 * never through what somebody put there. */
#ifndef AB_FORMATS_EXTRACT_H
#define AB_FORMATS_EXTRACT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define EXTRACTED_NAME "extracted"

struct extract_file {
	const char *dir; /* the agent's, absolute */
	const char *output_file; /* as the row names it */
	const char *name; /* below extracted/: extract_names_claim */
	int64_t since_t; /* older ones are no output of this run; NUM_NONE: any */
	bool may_be_outside; /* asked for: elsewhere, and by symlinks */
};

enum extract_result {
	EXTRACT_COPIED,
	EXTRACT_MISSING, /* not there, or older than `since_t` */
	EXTRACT_REFUSED, /* outside, a symlink, no regular file: err says which */
	EXTRACT_FAILED /* it could not be read or written */
};

/* Opens extracted/ in the batch directory, made where it is missing; a symlink is refused. */
int extract_open(int batch_fd, struct err *err);
/* Replaces `out` by what the file may be called below extracted/: its path from the agent's directory,
 * or, where it lies elsewhere, as much of the path as keeps inside; empty where it names no file.
 * Returns whether it lies below that directory, links not being looked at. */
bool extract_name(struct buf *out, const char *dir, const char *output_file);
/* Atomic: an earlier copy stays whole until this one is. One of the same size and time is left as it
 * is, so that collecting again costs little. */
enum extract_result extract_copy(int extracted_fd, const struct extract_file *f, struct err *err);

#endif
