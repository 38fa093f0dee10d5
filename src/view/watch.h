/* Keeps a run_reader fresh in a libuv loop: what screens and followers stand on.
 *
 * File events on the journal of every batch, children as they appear, and a tick each second: for
 * what makes no file event (a lock that is let go, a countdown), and where file events are not to
 * be had. A burst of appends is one refresh. */
#ifndef AB_VIEW_WATCH_H
#define AB_VIEW_WATCH_H

#include "base/err.h"
#include "formats/run_reader.h"

#include <uv.h>

struct run_watch;

/* `run` is open, borrowed until run_watch_free, and refreshed from inside the loop from now on.
 * `on_change(ctx)` is called in the loop after a refresh that found something new, and at every
 * tick: countdowns move although nothing was written. It may call run_watch_free. */
struct run_watch *run_watch_new(uv_loop_t *loop, struct run_reader *run,
    void (*on_change)(void *ctx), void *ctx, struct err *err);
/* Closes its handles; the loop must run once more for them to be gone. NULL is allowed. */
void run_watch_free(struct run_watch *w);
/* Why the last refresh failed (the directory is gone, a read error), or NULL when it did not. */
const char *run_watch_error(const struct run_watch *w);

#endif
