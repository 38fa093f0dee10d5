/* What the shim and whoever starts it agree on. The shim runs one attempt: it starts the agent,
 * outlives the conductor, and writes the attempt's record (formats/record.h).
 *
 * It is started with descriptors 0, 1, 2 as the agent shall have them, the two below, and an argv
 * of the words below; its environment is the agent's. From its first instant all its signals
 * should be blocked. */
#ifndef AB_EXEC_SHIM_H
#define AB_EXEC_SHIM_H

#include <signal.h>

#define SHIM_NAME "agent-batch-shim" /* in libexec */
/* Where programs are looked for when the environment has no PATH. */
#define SHIM_DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

enum shim_fd {
	SHIM_FD_ATTEMPTS = 3, /* the directory of records */
	/* A pipe that all shims of a conductor share, non-blocking. A line with the shim's pid says:
	 * the exit is recorded, I am still busy with what the agent left behind. */
	SHIM_FD_NOTIFY = 4
};

enum shim_arg {
	SHIM_ARG_RECORD = 1, /* the record's name */
	SHIM_ARG_PARENT, /* pid of the conductor: another parent means that it is gone */
	SHIM_ARG_GRACE_MS, /* from TERM to KILL */
	SHIM_ARG_NOFILE, /* the agent's limit of open files, "SOFT:HARD", or "-": as it is */
	SHIM_ARG_OOM, /* the agent's oom_score_adj, or "-": as it is */
	SHIM_ARG_LEFTOVERS, /* "keep", or "kill" and lines of names to keep: "kill\njava\n" */
	SHIM_ARG_CWD,
	SHIM_ARG_DASHES, /* "--" */
	SHIM_ARG_AGENT /* the agent's argv */
};

/* Requests, by sigqueue(3) with an enum kill_why as value. Two signals, because a second one of
 * the same number is lost while the first is pending. */
#define SHIM_SIG_TERM SIGUSR1 /* TERM now, KILL after the grace */
#define SHIM_SIG_KILL SIGUSR2 /* KILL now */

/* How the shim exits: 0 when the record says everything. Below SHIM_TAKEN an errno: the record
 * could not be made or written. If it has no start line then, the agent never ran; if it has no
 * exit line, the agent is left unreaped for the next reaper. */
#define SHIM_TAKEN 200 /* somebody else has the record: nothing was started */
#define SHIM_USAGE 201

#endif
