/* What becomes of the local executor's attempts: their ends, told by whoever knows first. Inside
 * exec/local only. */
#ifndef AB_EXEC_SUPERVISE_H
#define AB_EXEC_SUPERVISE_H

#include "base/clock.h"
#include "exec/jobs.h"
#include "exec/local.h"

#include <sys/resource.h>

/* A child of ours that no job knows: it was reparented to us. It may turn out to be the agent of a
 * shim that was killed, so its status is kept for a while. */
struct stray {
	pid_t pid;
	int status;
	int64_t rss_kb, cpu_ms;
	int64_t reaped_ticks; /* on the clock of start times */
};
#define STRAYS_MAX 256

struct local {
	struct executor base;
	struct local_opts opts;
	struct jobs jobs;
	int attempts_fd, null_fd, shim_fd;
	int notify_fds[2];
	char shim_path[32]; /* "/proc/self/fd/N" */
	char boot[BOOT_ID_LEN + 1], host[256];
	char nofile_arg[48], oom_arg[8]; /* see shim/shim.h */
	struct rlimit nofile; /* as it was */
	bool has_raised_nofile;
	struct stray strays[STRAYS_MAX];
	size_t next_stray;
	char message[512]; /* of the exit that probe returned last */

	uv_signal_t sigchld;
	uv_poll_t notify;
	uv_timer_t tick;
	unsigned nr_handles; /* still open, after free */
	bool is_closing;
};

/* "agent a7 attempt 2: ..." into the log. */
void local_log(struct local *lx, struct attempt_ref ref, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
const char *local_id(const struct local *lx, uint32_t agent);
void local_record_name(const struct local *lx, struct attempt_ref ref, char out[RECORD_NAME_SIZE]);
/* Whether the record speaks of this machine's boot: only then its pids mean anything. */
bool local_is_here(const struct local *lx, const struct record *r);
int64_t local_log_size(const struct local *lx, uint32_t agent);

/* Looks at the record and at the processes, and tells what is known by now. May call the owner
 * back and remove the job. */
void supervise_settle(struct local *lx, struct job *job);
/* Has the job looked at by the next tick, outside any call. */
void supervise_poll(struct local *lx, struct job *job);
/* Watches by pidfd what the record names. */
void supervise_watch(struct local *lx, struct job *job, const struct record *r);
void supervise_unwatch(struct job *job);
/* Hands job->killed on to whoever can end it: its shim, or us where that is dead. */
void supervise_kill(struct local *lx, struct job *job);

/* Handlers of the loop. */
void supervise_on_sigchld(uv_signal_t *handle, int signum);
void supervise_on_notify(uv_poll_t *handle, int status, int events);
void supervise_on_tick(uv_timer_t *handle);

#endif
