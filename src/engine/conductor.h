/* The conductor: joins fold, decisions and executor. No loop, no clock, no file of its own, so
 * that the simulator runs the very same code (tests/sim) as the process does (engine/loop.h).
 *
 * Whoever drives it calls
 *   conductor_init, then conductor_begin once,
 *   conductor_on_end / conductor_on_gone as the executor tells them, conductor_verb for requests,
 *   conductor_turn after each of these and when wake_m or wake_t has come;
 * and after every turn, when there is something: conductor_take for the journal's bytes, which it
 * writes and flushes, and then conductor_flushed, which starts the processes whose start is on
 * disk now. Several turns may pass between a take and its flushed. If the disk refuses, it keeps
 * the bytes and tries again: nothing is started meanwhile.
 * When `over` is set and everything is flushed: conductor_finish, one more take and flush, done. */
#ifndef AB_ENGINE_CONDUCTOR_H
#define AB_ENGINE_CONDUCTOR_H

#include "base/buf.h"
#include "base/clock.h"
#include "exec/executor.h"
#include "formats/ctl.h"
#include "formats/names.h"
#include "model/batch.h"
#include "policy/decide.h"

#include <stdbool.h>
#include <stdint.h>

struct conductor_ops {
	/* What an ended attempt (in `at`, exit told) amounts to. Strings of *v are borrowed until the
	 * next call. `class` may be CLASS_SUCCESS although a validation is still to come. False: its
	 * output is long, and more of it is to be read in another turn. */
	bool (*judge)(void *ctx, uint32_t agent, const struct attempt *at, struct ev_verdict *v);
	/* The last line that the validation of attempt `at` has printed; "" where there is none. */
	void (*validation_said)(void *ctx, uint32_t agent, const struct attempt *at, char *line,
	    size_t size);
	/* The session that the row's next attempt goes on with, borrowed until it is journalled; NULL: a
	 * fresh one. Asked only of rows that can_resume. */
	const char *(*session)(void *ctx, uint32_t agent, const char *account);
	/* An agent is about to start on batch->accounts[account]: whether its key is there. -1: it is
	 * not; its gate closes for a person, and err is why. */
	int (*take_account)(void *ctx, uint32_t account, struct err *err);
	/* Before attempt n is prepared: keeps what it is told of the one before. -1: the disk refuses. */
	int (*brief)(void *ctx, uint32_t agent, uint32_t n, struct err *err);
	/* Before a row starts again: keeps what its last attempt left as output file. */
	void (*keep_output)(void *ctx, uint32_t agent, const struct attempt *last);
	/* A row's attempt n is on its way. */
	void (*starts)(void *ctx, uint32_t agent, uint32_t n);
	/* A row is about to complete by this attempt: keeps its result for those that wait for it. */
	void (*completes)(void *ctx, uint32_t agent, const struct attempt *at);
	/* A row is about to start: lays the results of its parents ready. -1: the disk refuses. */
	int (*gather_results)(void *ctx, uint32_t agent, struct err *err);
	/* Names for a child batch (a branch's, or NULL) and, where `csv` is empty, for its CSV, which
	 * nobody else can take from now on; asked again after a crash, the child's is the same. */
	void (*name_child)(void *ctx, const char *branch, char child[NAME_SIZE],
	    char csv[NAME_SIZE]);
	/* In how many earlier cycles a row has failed. */
	uint32_t (*cycles_failed)(void *ctx, const char *id);
	/* In how many of them with this fingerprint (policy/fingerprint.h). */
	uint32_t (*cycles_failed_alike)(void *ctx, const char *id, const char *fingerprint);
	/* The run ends with this batch: writes what the end must find (results), and tells how many
	 * rows outside this batch stand uncompleted. */
	uint32_t (*run_ends)(void *ctx, enum end_state state);
	/* Bytes of memory that are free, or NUM_NONE; asked with --min-free-mem only. */
	int64_t (*free_memory)(void *ctx);
	/* A line for logs/log.txt. */
	void (*log)(void *ctx, const char *line);
	/* The gate of batch->accounts[account] has changed by what this batch has seen itself, or one
	 * more limit was seen to end; by_person: an operator opened it. May be NULL. */
	void (*gate_changed)(void *ctx, uint32_t account, bool by_person);
};

/* The branches of a cycle, when one of them ends. Their batches have the same rows in the same order;
 * this batch is one of them. */
struct round {
	const struct batch *const *v; /* borrowed */
	size_t nr;
	bool
	    have_ended; /* all but this one, which has the last word: the run ends or goes on with it */
	bool have_finished; /* and none of them was stopped */
};

/* A start that is journalled and waits for the disk. */
struct queued_start {
	struct attempt_ref ref;
	bool is_taken; /* its event is among the bytes that were taken last */
};

struct conductor {
	struct batch *batch; /* borrowed */
	const struct options *options; /* borrowed */
	struct executor *ex; /* borrowed */
	const struct conductor_ops *ops;
	void *ctx;

	struct policy policy;
	struct dirs dirs; /* for it, with --exclusive-dir */
	struct live *live;
	struct buf out; /* journal bytes not taken yet */
	bool is_writing; /* taken bytes are not flushed yet */
	struct queued_start *queue;
	size_t nr_queue, cap_queue;
	uint32_t *unread; /* agents whose last attempt has ended and is still being read */
	size_t nr_unread, cap_unread;
	int64_t wake_m, wake_t; /* NEVER: none */
	bool said_busy, said_disk, said_memory;
	struct instant now; /* of the call being served */

	bool is_over;
	struct decision over;
	bool is_finished; /* conductor_finish was called */
	bool has_child; /* the loop goes on with it */
	struct retry_row *rows; /* of the next cycle */
	uint32_t nr_rows;
	int exit_code; /* of the run, where it ends here */
};

struct conductor_opts {
	struct batch *batch;
	const struct options *options;
	struct executor *ex;
	const struct conductor_ops *ops;
	void *ctx;
	/* timeout and stall of each row, in milliseconds, 0 for none: the profile's, where neither row
	 * nor options say. */
	void (*limits)(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms);
	/* Whether a retry of the row may go on with its agent's own session; NULL: none may. */
	bool (*can_resume)(void *ctx, uint32_t agent);
	/* Of such a row that an earlier cycle has left a session of: the account that has it, borrowed;
	 * else NULL. Asked where there are several accounts. */
	const char *(*session_account)(void *ctx, uint32_t agent);
	/* --exclusive-dir: the number of each row's directory (workdirs.h), taken over. NULL: rows may
	 * share one. */
	uint32_t *dir_of;
};

void conductor_init(struct conductor *c, const struct conductor_opts *opts);
void conductor_release(struct conductor *c);

/* Journals an event of the driver's own (EV_BATCH) and folds it in. Who resumes a batch has acted: rows
 * that closed a gate which waits for a person are pending again. */
void conductor_emit(struct conductor *c, struct event *ev, struct instant now);

/* After the fold: finds running attempts again and completes what a crash cut short. */
void conductor_begin(struct conductor *c, struct instant now);
void conductor_on_end(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit,
    struct instant now);
void conductor_on_gone(struct conductor *c, struct attempt_ref ref, struct instant now);
/* Serves an operator's request; *ok and message are the reply. */
void conductor_verb(struct conductor *c, const struct ctl_request *q, struct instant now, bool *ok,
    struct buf *message);
void conductor_turn(struct conductor *c, struct instant now);
/* What another conductor told of an account at told_t: what is taken from it is journalled. */
void conductor_hint(struct conductor *c, uint32_t account, const struct ev_gate *told,
    int64_t told_t, struct instant now);

/* Hands over the bytes to be written (may be none): false when a write is still under way or there
 * is nothing. */
bool conductor_take(struct conductor *c, struct buf *bytes);
void conductor_flushed(struct conductor *c, struct instant now);
/* The disk refused the bytes that were taken; they are still the driver's to write. */
void conductor_disk_refused(struct conductor *c, const char *message, struct instant now);
bool conductor_is_settled(const struct conductor *c);
/* `round`: where the batch is one of a cycle's branches; else NULL. */
void conductor_finish(struct conductor *c, const struct round *round, struct instant now);
/* Another branch of the cycle has completed the row: this one gives it up. `branch` is borrowed until
 * the conductor is released. */
void conductor_won(struct conductor *c, uint32_t agent, const char *branch, struct instant now);

#endif
