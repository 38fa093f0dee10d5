/* One agent's log, read where it is looked at: by lines, from any place, mostly from its end. Never
 * all of it, whatever its size: of a line at most 64 KiB are given. A line without an end in 4 MiB
 * is taken as several, cut where the file's offset is a multiple of that, until somebody has counted
 * the lines: then it is one.
 *
 * Places are byte offsets of line beginnings. Valid until the file is found to be another one. */
#ifndef AB_VIEW_LOG_TAIL_H
#define AB_VIEW_LOG_TAIL_H

#include "base/buf.h"
#include "view/log/log_finder.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOG_LINE_MAX 65536
/* As far as the end of a line is looked for. */
#define LOG_PIECE_MAX (4 << 20)

/* A line that is longer than what is given of it. */
struct log_span {
	int64_t from, to; /* `to`: behind its newline */
	int64_t text; /* behind its last carriage return */
	bool has_end; /* a newline */
};
#define LOG_SPANS_MAX 64

/* Bytes of a line, without its newline; valid until the next call. */
struct log_bytes {
	const char *p;
	size_t n; /* at most LOG_LINE_MAX */
	int64_t more; /* so many follow in the line */
};

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
	struct log_finder *
	    lines; /* borrowed, until the next open or replacement; counts its newlines; NULL: nobody does */
	struct log_span spans[LOG_SPANS_MAX]; /* the ones met last */
	uint32_t nr_spans, next_span;
	char *chunk; /* for looking further than the block */
};

void log_tail_init(struct log_tail *t);
void log_tail_release(struct log_tail *t);
/* Takes that file of the directory, from now on; opening it may succeed later. */
void log_tail_open(struct log_tail *t, int dirfd, const char *name);
/* Ends of lines that were guessed are looked for again: the lines have been counted. */
void log_tail_forget(struct log_tail *t);
/* Looks at the file again. True when there is more, or another. */
bool log_tail_refresh(struct log_tail *t);

/* The line before the one at `at`; 0 stays 0. */
int64_t log_tail_prev(struct log_tail *t, int64_t at);
/* The line behind the one at `at`; at the end, the size. */
int64_t log_tail_next(struct log_tail *t, int64_t at);
/* The beginning of the first line at or behind `at`. */
int64_t log_tail_line_from(struct log_tail *t, int64_t at);
/* The beginning of the line that the byte at `at` is in. */
int64_t log_tail_line_at(struct log_tail *t, int64_t at);
/* The line at `at`: of a long one what follows its last carriage return; `whole`: its beginning. */
void log_tail_line(struct log_tail *t, int64_t at, bool whole, struct log_bytes *out);

#endif
