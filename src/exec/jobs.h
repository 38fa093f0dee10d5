/* The attempts that the local executor has in hand, found by whom they belong to or by process. */
#ifndef AB_EXEC_JOBS_H
#define AB_EXEC_JOBS_H

#include "exec/executor.h"

#include <sys/types.h>

enum job_state {
	JOB_PREPARED, /* what it writes to is open; nothing runs */
	JOB_RUNNING, /* its shim is our child */
	JOB_WATCHED, /* somebody else's child, or what is left of it: asked for, not reaped */
	JOB_ORPHAN /* its shim was killed, the agent is our child by now */
};

/* How far we are in ending what a dead shim cannot end any more. */
enum job_clearing { CLEAR_NOT, CLEAR_TERM, CLEAR_KILL };

struct job_watch;

struct job {
	struct attempt_ref ref;
	enum job_state state;
	bool has_ended; /* on_end was told */
	bool keeps_leftovers;
	bool is_polled; /* looked at with every tick */
	int log_fd; /* JOB_PREPARED; else -1 */
	pid_t shim, agent; /* 0: not known */
	int64_t shim_start, agent_start; /* ticks */
	struct job_watch *shim_watch, *agent_watch; /* owned by the loop until they are closed */
	bool is_reaped; /* the shim, by us, with: */
	int shim_status;
	enum kill_why killed; /* we asked for its end */
	bool is_killed_now;
	bool owes_request; /* to a shim that is not known yet */
	enum job_clearing clearing;
	int64_t clear_until_m; /* CLEAR_TERM: then KILL */
	bool seemed_clear; /* at the last look */

	pid_t pid_key; /* under which it is found; 0: none */
	struct job *next_by_agent, *next_by_pid;
	struct job *prev, *next;
};

#define JOBS_BUCKETS 1024

struct jobs {
	struct job *by_agent[JOBS_BUCKETS];
	struct job *by_pid[JOBS_BUCKETS];
	struct job *first; /* of all */
};

/* A new job in the table, JOB_PREPARED. */
struct job *jobs_add(struct jobs *jobs, struct attempt_ref ref);
void jobs_remove(struct jobs *jobs, struct job *job);
struct job *jobs_find(const struct jobs *jobs, struct attempt_ref ref);
/* Makes the job found under that process only; 0: under none. */
void jobs_set_pid(struct jobs *jobs, struct job *job, pid_t pid);
struct job *jobs_by_pid(const struct jobs *jobs, pid_t pid);

#endif
