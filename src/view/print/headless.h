/* A run as lines of text, for pipes, cron and screen readers: one line a change of state.
 *
 *   TIME ID STATE try a/b class message        an agent; a role's call, where it waits or goes on
 *   TIME counts completed 7 running 3 ...      every minute, and at once on pause, limit, cycle, end
 *   TIME batch|limit|operator|cycle|end ...    what concerns all of them
 *
 * With `plain` only milestones: start, the first failure of a kind, limits, each tenth, cycles, the
 * end. Lines come from events alone, with the events' own times: reading the same journal twice
 * gives the same lines. */
#ifndef AB_VIEW_HEADLESS_H
#define AB_VIEW_HEADLESS_H

#include "base/buf.h"
#include "formats/run_reader.h"
#include "model/batch.h"

#include <stdbool.h>

struct headless_opts {
	bool plain;
	bool color;
};

/* One batch being told, or a role's call: when that begins and what it replied stands in the original. */
struct headless {
	struct headless_opts opts;
	struct batch state; /* its own fold: a reader's is already ahead of the event */
	const char *name; /* borrowed */
	bool is_solve; /* the run goes on behind the batch's end */
	bool is_call; /* its one row goes by `name` */
	int attempts; /* --attempts, the b of `try a/b` */
	int max_retries;
	uint32_t tenths; /* told so far */
	struct arena arena;
	uint32_t *skipped_for; /* by agent: the row that failed + 1, 0: not known; NULL: none is */
	struct map groups; /* kinds of failure that were told */
};

/* `from` is open and borrowed until headless_release: name, tasks, options. */
void headless_init(struct headless *h, const struct headless_opts *opts,
    const struct batch_reader *from);
void headless_release(struct headless *h);
/* Folds the event in and appends the lines it makes, if any. */
void headless_event(struct headless *h, const struct event *ev, struct buf *out);
/* The count line, as of `wall_ms`; of a call how it stands. */
void headless_counts(struct headless *h, int64_t wall_ms, struct buf *out);

#endif
