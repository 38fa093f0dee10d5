/* events.jsonl: appended by the conductor, read by everybody.
 *
 * Writer: events are collected in memory, written in one write and flushed once a turn. A torn
 * last line (power cut, full disk) is passed over by readers, and the next append begins with a
 * newline. The file is never rewritten. */
#ifndef AB_FORMATS_JOURNAL_H
#define AB_FORMATS_JOURNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define JOURNAL_NAME "events.jsonl"
#define JOURNAL_LINE_MAX ((size_t)1 << 20) /* a longer line is skipped as unreadable */

/* Opens for appending; `*is_torn` when the last byte is not a newline. Returns the descriptor. */
int journal_open_append(int dirfd, bool *is_torn, struct err *err);

/* One event alone, flushed, for who holds the lock and has no journal open. The directory is not. */
int journal_append(int dirfd, const struct event *ev, struct err *err);

struct journal_reader {
	int fd;
	off_t at; /* everything before it is folded */
	uint64_t nr_skipped; /* lines that could not be read */
	struct buf pending; /* the beginning of a line whose end is not there yet */
	struct arena arena; /* of the line being folded */
	bool in_long_line;
};

/* Opens for reading from the start; no lock is taken. 1: there is no journal yet; the reader is
 * closed then, and may be opened again later. */
int journal_reader_open(struct journal_reader *r, int dirfd, struct err *err);
void journal_reader_close(struct journal_reader *r);
/* Reads what has been appended since, calling `on_event` for each complete line; at most
 * `max_bytes` of the file (0: all there is). Returns 1 when something was folded, 0 when not, -1 on
 * a read error. A last line without newline is kept for the next call. With a bound, call again
 * as long as it returns 1. */
int journal_read(struct journal_reader *r, size_t max_bytes,
    void (*on_event)(void *ctx, const struct event *ev), void *ctx, struct err *err);

/* For who holds the lock and will append a newline: takes the torn last line as all readers will
 * from then on. It is an event like any other where only its newline was lost; else it counts as
 * skipped. Returns whether it was folded. */
bool journal_take_rest(struct journal_reader *r,
    void (*on_event)(void *ctx, const struct event *ev), void *ctx);

/* Reads only the first event: it names the lineage and the options of a batch. Strings live in
 * `arena`. False: there is none yet, or none that can be read. */
bool journal_first(int dirfd, struct event *ev, struct arena *arena);
/* When that was, in Unix milliseconds, from a few bytes of it; NUM_NONE: not told. */
int64_t journal_began(int dirfd);

#endif
