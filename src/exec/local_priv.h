/* What the files of the local executor share: none of it is for others. */
#ifndef AB_EXEC_LOCAL_PRIV_H
#define AB_EXEC_LOCAL_PRIV_H

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
};

/* "agent a7 attempt 2: ..." into the log. */
void local_log(struct local *lx, struct attempt_ref ref, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
const char *local_id(const struct local *lx, uint32_t agent);
void local_record_name(const struct local *lx, struct attempt_ref ref, char out[RECORD_NAME_SIZE]);
/* Whether the record speaks of this machine's boot: only then its pids mean anything. */
bool local_is_here(const struct local *lx, const struct record *r);
int64_t local_log_size(const struct local *lx, uint32_t agent);

/* "<id>.<n>.task" */
#define LOCAL_TASK_NAME_SIZE 288
void local_task_name(const struct local *lx, struct attempt_ref ref,
    char out[LOCAL_TASK_NAME_SIZE]);
/* Forgets a job; what runs goes on. */
void local_drop(struct local *lx, struct job *job);

/* ---- local_prepare.c, local_start.c, local_probe.c: see executor.h ---- */

int local_prepare(struct executor *ex, struct attempt_ref ref, int64_t *log_from, struct err *err);
enum start_result local_start(struct executor *ex, struct attempt_ref ref, struct err *err);
enum probe_result local_probe(struct executor *ex, struct attempt_ref ref, struct ev_exit *exit);

/* ---- local_settle.c ---- */

/* Looks at the record and at the processes, and tells what is known by now. May call the owner
 * back and remove the job. */
void local_settle(struct local *lx, struct job *job);
/* The agent of a killed shim was reaped: tells its end, and writes it into the record. */
void local_end_reaped(struct local *lx, struct job *job, const struct stray *s);

/* ---- local_watch.c ---- */

/* Of a process that is not our child; closed by the loop. */
struct job_watch {
	uv_poll_t poll;
	struct local *lx;
	struct attempt_ref ref;
	int pidfd;
};

/* Takes the processes from the record's start line, if it has one. */
void local_note_processes(struct job *job, const struct record *r);
/* Watches by pidfd what the record names. */
void local_watch(struct local *lx, struct job *job, const struct record *r);
void local_unwatch(struct job *job);
/* Has the job looked at by every tick; or only if no event would tell of it. */
void local_poll(struct local *lx, struct job *job);
void local_poll_unless(struct local *lx, struct job *job, bool is_watched);
void local_on_tick(uv_timer_t *handle);

/* ---- local_clear.c ---- */

/* Hands job->killed on to whoever can end it: its shim, or us where that is dead. */
void local_hand_on_kill(struct local *lx, struct job *job);
/* To all that the agent has started, as far as it can be known; 0 only looks. How many are left. */
size_t local_signal_group(const struct local *lx, const struct job *job, int sig);
/* TERM to all of it (`now`: KILL); KILL after the grace, by ticks. */
void local_begin_clearing(struct local *lx, struct job *job, bool now);
/* How many processes are left. */
size_t local_go_on_clearing(struct local *lx, struct job *job);

/* ---- local_reap.c ---- */

/* Whether that process was reaped; its status is forgotten here then. */
bool local_take_stray(struct local *lx, pid_t pid, int64_t start_ticks, struct stray *out);
void local_on_sigchld(uv_signal_t *handle, int signum);
void local_on_notify(uv_poll_t *handle, int status, int events);

#endif
