/* The local machine as executor: each attempt under a shim of its own (shim/), reaped here. */
#ifndef AB_EXEC_LOCAL_H
#define AB_EXEC_LOCAL_H

#include "exec/executor.h"
#include "formats/batch_dir.h"
#include "model/batch.h"
#include "model/profile.h"

#include <uv.h>

/* The command of one attempt, made by the engine from profile, row and options (engine/command.h);
 * everything malloc'ed. */
struct command {
	char **argv; /* NULL-terminated */
	char **env; /* NULL-terminated, the whole environment */
	char *cwd;
	bool task_on_stdin;
	bool
	    is_reply; /* what it prints on stdout goes to attempts/<id>.<n>.out, the rest to the log */
	bool keep_leftovers;
	char **keep; /* names of processes that are left alone, NULL-terminated, or NULL */
};
void command_release(struct command *c);

struct local_opts {
	uv_loop_t *loop;
	const struct batch_dir *dir; /* borrowed */
	const struct batch *batch; /* borrowed: ids, tasks */
	double grace_s;
	/* Makes the command of an attempt; -1: it cannot be made (class config; err says why). */
	int (*make_command)(void *ctx, struct attempt_ref ref, struct command *out,
	    struct err *err);
	/* The task as its agent gets it, malloc'ed; NULL: as the row has it. May be NULL. */
	char *(*task_text)(void *ctx, struct attempt_ref ref);
	/* A line for logs/log.txt about an attempt (a shim killed, leftovers, ...). */
	void (*log)(void *ctx, const char *line);
	void *ctx;
};

/* Finds the shim, holds it open, becomes subreaper, watches SIGCHLD. NULL with err. */
struct executor *local_executor_new(const struct local_opts *opts, struct err *err);

#endif
