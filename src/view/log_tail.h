/* One agent's log, read where it is looked at: by lines, from any place, mostly from its end. Never
 * all of it, whatever its size; a line without an end in 64 KiB is cut into such pieces.
 *
 * Places are byte offsets of line beginnings. Valid until the file is found to be another one. */
#ifndef AB_VIEW_LOG_TAIL_H
#define AB_VIEW_LOG_TAIL_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOG_LINE_MAX 65536

struct log_tail {
	int fd; /* -1: no log (yet) */
	int dirfd; /* borrowed */
	char name[288];
	dev_t dev;
	ino_t ino;
	int64_t size; /* at the last refresh */
	int64_t changed_t; /* Unix ms then, or NUM_NONE: no file */
	bool was_replaced; /* it shrank or became another file; the owner clears it */
	char *block; /* the bytes read last, at block_at */
	int64_t block_at;
	size_t block_nr;
};

void log_tail_init(struct log_tail *t);
void log_tail_release(struct log_tail *t);
/* Takes that file of the directory, from now on; opening it may succeed later. */
void log_tail_open(struct log_tail *t, int dirfd, const char *name);
/* Looks at the file again. True when there is more, or another. */
bool log_tail_refresh(struct log_tail *t);

/* The line before the one at `at`; 0 stays 0. */
int64_t log_tail_prev(struct log_tail *t, int64_t at);
/* The line behind the one at `at`; at the end, the size. */
int64_t log_tail_next(struct log_tail *t, int64_t at);
/* The beginning of the first line at or behind `at`. */
int64_t log_tail_line_from(struct log_tail *t, int64_t at);
/* The beginning of the line that the byte at `at` is in; in a line that is longer than the longest,
 * some place shortly before it. */
int64_t log_tail_line_at(struct log_tail *t, int64_t at);
/* The bytes of the line at `at` without its newline; valid until the next call. */
const char *log_tail_line(struct log_tail *t, int64_t at, size_t *n);

#endif
