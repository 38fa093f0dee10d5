/* One process as /proc/PID/stat tells it. Shared by the conductor and the shim: nothing but libc. */
#ifndef AB_EXEC_PROCSTAT_H
#define AB_EXEC_PROCSTAT_H

#include <stdint.h>
#include <sys/types.h>

#define PROCSTAT_COMM_SIZE 32

struct procstat {
	pid_t pid, ppid, session;
	char state; /* 'Z': ended, not reaped */
	int64_t start_ticks; /* since boot: with the pid, the process's identity */
	char comm[PROCSTAT_COMM_SIZE]; /* the name the kernel keeps, at most 15 bytes */
};

/* "/proc/PID" and what comes behind it; `pid` 0: "/proc/self". `behind` has at most 16 bytes. */
#define PROC_PATH_SIZE 48
void proc_path(char out[PROC_PATH_SIZE], pid_t pid, const char *behind);

/* `pid` 0: the calling process. -1: there is no such process (or no /proc). No allocation, and
 * safe in a child that shares its parent's memory. */
int procstat_read(pid_t pid, struct procstat *ps);

#endif
