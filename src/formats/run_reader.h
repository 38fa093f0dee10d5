/* Reading batches and whole runs, live: tasks and the fold of the journal, for screens, status,
 * reports, retry and recovery. Takes no lock, writes nothing. */
#ifndef AB_FORMATS_RUN_READER_H
#define AB_FORMATS_RUN_READER_H

#include "base/err.h"
#include "formats/batch_dir.h"
#include "formats/journal.h"
#include "formats/manifest.h"
#include "formats/role_calls.h"
#include "model/batch.h"

#include <stdbool.h>
#include <sys/types.h>

/* How it stands, in the words of `status --json`. */
enum run_state {
	RUN_RUNNING,
	RUN_PAUSED,
	RUN_DRAINING,
	RUN_WAITING, /* nothing runs, everything waits */
	RUN_FINISHED,
	RUN_STOPPED,
	RUN_INTERRUPTED /* no conductor holds it, and it is not finished */
};
const char *run_state_name(enum run_state s);

/* One batch, loaded. */
struct batch_reader {
	struct batch_dir dir;
	struct tasks tasks;
	struct graph graph;
	struct manifest manifest;
	struct batch state;
	struct journal_reader journal;
	bool is_held; /* a conductor held it at the last refresh */
	bool awaits_plan; /* its tasks file is still to be written: it has no rows yet */
	/* The manifest as it was when last read, to see that it was replaced. */
	ino_t manifest_ino;
	int64_t manifest_mtime_ns;
};

/* Opens and folds what is there. A missing journal is an empty one; a missing tasks file is one
 * without rows where a planner is to write it: the rows come with the refresh that finds it, and what
 * pointed at agents before points nowhere then. Must not be moved: its parts point at each other. */
int batch_reader_open(struct batch_reader *r, const char *path, struct err *err);
void batch_reader_close(struct batch_reader *r);
/* Folds what was appended and asks for the lock; 1 when anything changed, 0, or -1: it cannot be
 * read, or was removed before its end. */
int batch_reader_refresh(struct batch_reader *r, struct err *err);
/* For the conductor, between taking the lock and appending: journal_take_rest. */
void batch_reader_take_rest(struct batch_reader *r);
/* D9: a batch that a newer version wrote is only read. -1: it is one, err says so. */
int batch_reader_check_writable(const struct batch_reader *r, struct err *err);
/* A batch whose end is told is finished or stopped, whoever holds its lock. */
enum run_state batch_reader_state(const struct batch_reader *r);

/* A run: the original, then its cycles in order of creation (all of next_batches and of the
 * `cycle` events, followed recursively). A parent always stands before its children, whatever was
 * done to the clock. */
struct run_reader {
	struct batch_reader **batches; /* pointers stay valid until close */
	size_t nr, cap;
	struct role_calls roles; /* of a run with roles: no part of its batches, rows and counts */
	bool is_held; /* the run's lock */
};

/* `path`: any batch of the run. Batches that are missing on disk, or have no first event yet, are
 * left out; each refresh looks for them again. */
int run_reader_open(struct run_reader *r, const char *path, struct err *err);
void run_reader_close(struct run_reader *r);
int run_reader_refresh(struct run_reader *r, struct err *err);
/* Grows with everything that is new in the run: whoever keeps what he made of it looks here. */
uint64_t run_reader_events(const struct run_reader *r);
enum run_state run_reader_state(const struct run_reader *r);
/* The batch that lives now, or the last one. */
struct batch_reader *run_reader_last(const struct run_reader *r);
/* Those that listen to the operator now: a role's call while one is conducted, else all batches that
 * live, in order, or the last one; several only where a cycle was forked into branches. malloc'ed. */
struct batch_reader **run_reader_living(const struct run_reader *r, size_t *nr);
/* Whether it goes through phases: its original, which is there, has roles. */
bool run_reader_is_solve(const struct run_reader *r);
/* Who listens to the operator now: a role's call while one is conducted, else the last batch. */
struct batch_reader *run_reader_listener(const struct run_reader *r);
/* Why it stopped, or has not passed; NULL: nobody said. */
const char *run_reader_end_why(const struct run_reader *r);
/* Exit code as launch's: of the ended run; 7 when interrupted; -1 while it runs, which is as long
 * as its conductor lives: what it writes last is there when the code is. */
int run_reader_exit_code(const struct run_reader *r);

/* Whether two batches are branches that one cycle was forked into. */
bool run_are_siblings(const struct batch_reader *a, const struct batch_reader *b);
/* The branches of the run's newest cycle, in order; without branches the last batch alone. malloc'ed.
 */
struct batch_reader **run_reader_round(const struct run_reader *r, size_t *nr);
/* The batches that a conductor must come to for the run to go on: not ended or stopped, and held by
 * nobody; or the one alone that has announced children which are not there. malloc'ed; none while
 * each has its conductor, or when the run has finished. */
struct batch_reader **run_reader_left(const struct run_reader *r, size_t *nr);

/* The best outcome of one row over the whole run. */
struct merged_row {
	const struct task *task; /* of the original, or of the batch that added it */
	const struct batch_reader *from; /* the batch the outcome came from */
	const struct agent *agent; /* in that batch */
	const struct attempt *attempt; /* the deciding one, or NULL */
	uint32_t attempts; /* executions over the run */
	uint32_t cycles_failed; /* in how many batches it ended failed or left no trace */
	const struct attempt *first_failure; /* in the earliest batch where it failed, or NULL */
	const struct batch_reader *first_failed_in;
	const char *task_text; /* of the last batch that has the row */
	bool task_changed; /* it was edited between cycles */
	double cost_usd;
	bool is_cost_told, are_tokens_told;
	int64_t tokens_in, tokens_out;
};

/* Rows in the original's order (later additions behind). malloc'ed; pointers into `r`. */
struct merged_row *run_merge(const struct run_reader *r, uint32_t *nr);
/* As it will be once the end of the last batch is told: for results, which are written before. */
struct merged_row *run_merge_ended(const struct run_reader *r, uint32_t *nr);
/* Whether every row of the run has completed, in one batch or another. */
bool run_all_completed(const struct run_reader *r);

#endif
