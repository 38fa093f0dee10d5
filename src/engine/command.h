/* From a row, its profile and the options to the command of one attempt. */
#ifndef AB_ENGINE_COMMAND_H
#define AB_ENGINE_COMMAND_H

#include "base/err.h"
#include "engine/fill.h"
#include "exec/local.h"
#include "formats/batch_dir.h"
#include "formats/task_paths.h"
#include "model/batch.h"
#include "model/options.h"
#include "model/profile.h"

#include <stdint.h>

/* One argument of a process holds at most this many bytes (MAX_ARG_STRLEN less its NUL). */
#define ARG_MAX_BYTES 131071

/* The name of the variable that holds a row's tags. */
#define TAGS_ENV "AGENT_BATCH_TAGS"

/* The row, and its column, that cannot be run as it stands. */
struct command_fault {
	uint32_t row; /* UINT32_MAX: it is no row's fault */
	int column; /* of the file, or -1: it has not got the one */
};

/* Everything about commands that can be refused before anything is made: no agent named anywhere,
 * an unknown profile or placeholder, a program that cannot be run, a cell too long for its place.
 * `file`: how messages name the tasks. `met` knows the rows of earlier cycles that {result:ID} may
 * name. `fault` says which row the message speaks of, which names none itself. */
int command_check(const struct options *o, const struct tasks *ts, const struct graph_met *met,
    const char *file, struct command_fault *fault, struct err *err);

struct command_maker;

struct command_maker_opts {
	const struct options *options; /* borrowed */
	const struct tasks *tasks; /* borrowed */
	const struct batch_dir *dir; /* borrowed */
	const struct graph_met *met; /* who knows ids that the file lacks; NULL: nobody is asked */
	const char *file; /* how messages name the tasks; borrowed, may be NULL */
	int64_t cycle;
	const char *branch; /* of the cycle that the batch is, "" or NULL: none */
	/* Of a role's call: the path of the original batch. NULL: a row's own. */
	const char *original_path;
	/* How often a row was executed over the run, the attempt that is being made with it. NULL: this
	 * is the first time. */
	uint32_t (*executions)(void *ctx, uint32_t row);
	/* The agent's own session that attempt n of a row goes on with, borrowed; NULL: a fresh one.
	 * Asked only where the profile can resume. May be NULL. */
	const char *(*session)(void *ctx, uint32_t row, uint32_t n);
	/* What an attempt is told of the one before, borrowed until the next call; NULL: nothing. May
	 * be NULL itself. */
	const char *(*feedback)(void *ctx, uint32_t row, uint32_t n);
	/* The environment of attempt n of a row is that of its account: `is_begun` false: before the
	 * profile has put in what is its own, true: after that. NULL: all run in ours. */
	void (*account)(void *ctx, uint32_t row, uint32_t n, bool is_begun, struct argv *env);
	void *ctx;
};

struct command_maker *command_maker_new(const struct command_maker_opts *opts, struct err *err);
void command_maker_free(struct command_maker *m);

/* The command of an attempt or of its validation. -1: it cannot be made (class config). */
int command_make(struct command_maker *m, uint32_t row, struct attempt_ref ref, struct command *out,
    struct err *err);

/* A text of the row's with its placeholders filled, malloc'ed. NULL with err. */
char *command_fill(struct command_maker *m, uint32_t row, uint32_t n, const char *text,
    struct err *err);

/* How a row's output is judged: its profile, or NULL where only a command is known. */
const struct profile *command_profile(struct command_maker *m, uint32_t row);

/* Whether its program can go on with a session of its own. */
bool command_can_resume(const struct command_maker *m, uint32_t row);

/* Whether a shell runs the task itself (sh -c {task}): it is code then, no prompt that may be
 * echoed, and what it prints stands in it. */
bool command_runs_task(const struct command_maker *m, uint32_t row);

/* Its timeout and stall in milliseconds, 0 for none. */
void command_limits(struct command_maker *m, uint32_t row, int64_t *timeout_ms, int64_t *stall_ms);

#endif
