/* A batch directory and the batches directory around it: what lies where, and how a BATCH argument
 * finds it. */
#ifndef AB_FORMATS_BATCH_DIR_H
#define AB_FORMATS_BATCH_DIR_H

#include "base/err.h"
#include "formats/names.h"

#include <stdbool.h>
#include <stdint.h>

#define LOCK_NAME "lock"
#define LOCK_BATCH 0 /* byte of `lock`: held by the conductor of this batch */
#define LOCK_RUN 1 /* in the original's `lock`: held by the run's conductor, over every exec */
#define LOCK_ROUND \
	2 /* there too: held by the branch that ends, while it asks whether it is the last */
#define CTL_NAME "ctl"
#define TASKS_NAME "tasks.csv"
#define ATTEMPTS_NAME "attempts"
#define ANSWER_NAME "answer.md" /* of solve, in the original batch */

struct batch_dir {
	int fd; /* the directory; -1: not open */
	char name[NAME_SIZE]; /* "batch-..." */
	char *path; /* absolute */
	char *parent_path; /* the batches directory, absolute */
};

/* $AGENT_BATCHES_DIR, else ~/agent-batches, made absolute; malloc'ed. `flag` (may be NULL) goes
 * before both. */
char *batches_dir_path(const char *flag);

/* Opens by path. */
int batch_dir_open(struct batch_dir *d, const char *path, struct err *err);
void batch_dir_close(struct batch_dir *d);

/* A BATCH argument: NULL (the newest run's last batch), a name in the batches directory, or a
 * path. 1 when there is none such (err says where it was looked for), -1 on other errors. */
int batch_dir_find(struct batch_dir *d, const char *batches_dir, const char *arg, struct err *err);
/* Whether an argument can only be a BATCH where an ID may follow: "batch-..." or with a '/'. */
bool is_batch_arg(const char *arg);

/* Makes `name` with attempts/ and logs/ and a lock file in the batches directory, all 0700/0600,
 * and opens it. 1 when the name is taken. Not flushed yet: whoever fills it does that, directory and
 * parent, when it is complete. */
int batch_dir_make(struct batch_dir *d, const char *batches_dir, const char *name, struct err *err);
/* Removes and closes a directory in which nothing has begun: no more than tasks, manifest and what
 * batch_dir_make makes. */
void batch_dir_unmake(struct batch_dir *d);
/* Makes what is missing inside a directory that a crash cut short; its lock is made by whoever
 * takes it. */
int batch_dir_complete(const struct batch_dir *d, struct err *err);

/* Names of the batches in a batches directory, oldest first; *names and each name are malloc'ed. None
 * where there is no such directory: the first batch makes it. */
int batch_dir_list(const char *batches_dir, char ***names, size_t *nr, struct err *err);

/* Points `latest` in the batches directory at a batch, atomically. */
int batch_dir_set_latest(const char *batches_dir, const char *name, struct err *err);

/* Whether a conductor holds this batch / the run whose original this is. 1, 0, or -1. */
int batch_dir_is_held(int dirfd, int lock_byte);

/* "agent-<id>.log" */
#define LOG_NAME_SIZE 288
void batch_log_name(const char *id, char out[LOG_NAME_SIZE]);

/* One line, with time, into logs/log.txt; a newline is added. Never fails loudly: a log that
 * cannot be written must not stop a batch. */
void batch_log_line(int dirfd, int64_t wall_ms, const char *text);

#endif
