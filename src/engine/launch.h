/* Starting conductors: what `launch`, `retry --launch` and `resume` do once their input is read. */
#ifndef AB_ENGINE_LAUNCH_H
#define AB_ENGINE_LAUNCH_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/batch_dir.h"
#include "formats/manifest.h"
#include "model/options.h"
#include "model/task.h"

#include <stdbool.h>
#include <sys/types.h>

/* Exit codes that every command shares (DESIGN.md, "Commands"). */
enum exit_status {
	EXIT_ALL_COMPLETED = 0,
	EXIT_SOME_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_STOPPED = 3,
	EXIT_HELD = 4,
	EXIT_INTERNAL = 5,
	EXIT_LEFT_RUNNING = 6,
	EXIT_INTERRUPTED = 7
};

struct launch_spec {
	const struct options *options;
	const struct buf *csv; /* the tasks file, byte for byte; NULL: a planner makes it */
	const struct retry_metadata
	    *retry; /* NULL: an original; else lineage restored from a name */
	/* How many children the parent had when its rows were chosen: if it has more by now, the launch
	 * is refused (EXIT_HELD, err names the child), so that two retries of one batch at the same
	 * moment make one child. */
	size_t parent_children;
};

/* Makes the batch directory with its tasks.csv and first event, starts the conductor as a process
 * of its own session, and returns when it holds the locks. `out` is open then. Returns 0, or an
 * exit_status with err; nothing is left half started. */
int engine_launch(const struct launch_spec *spec, struct batch_dir *out, struct err *err);

/* Starts a conductor on a run that has none. `overrides`: the options object's text with only what
 * the user gave anew, or NULL. EXIT_HELD when somebody conducts it (err names the pid). */
int engine_resume(const struct batch_dir *dir, const char *overrides, struct err *err);

/* The same for a run with roles that is done: `overrides` give it more rounds. */
int engine_reopen(const struct batch_dir *dir, const char *overrides, struct err *err);

/* The body of the hidden command `conduct DIR`, run in the conductor's process: takes the locks,
 * tells `ready_fd` (one line: "ok" or an exit status and a message; -1: nobody asks) and conducts
 * until the batch ends; then execs itself for the next cycle, or returns an exit_status. */
struct conduct_opts {
	const char *dir;
	const char *overrides;
	int ready_fd;
	int lock_fd, run_lock_fd; /* held already, from before the exec; -1 */
};
int engine_conduct(const struct conduct_opts *opts);

#endif
