/* Who a process is: pid and start time, so that a signal never meets somebody else. Linux's /proc. */
#ifndef AB_EXEC_PROCFS_H
#define AB_EXEC_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Start time of a living (or zombie) process in clock ticks since boot, or -1. */
int64_t proc_start_ticks(pid_t pid);
/* Whether the process of that identity is there and not a zombie. */
bool proc_is_alive(pid_t pid, int64_t start_ticks);
/* Whether it has been killed and only has not left the kernel yet, by the text of its
 * /proc/PID/status: a SIGKILL is pending, which no process can hold back. */
bool proc_status_is_killed(const char *status);
bool proc_is_killed(pid_t pid);
/* Whether any process of session `sid` is there (zombies do not count). */
bool proc_session_is_alive(pid_t sid);
/* All that an attempt has started, as far as it can still be known when its shim is dead: the
 * session that the process of that identity made, whoever has `marks` in his environment, and all
 * their descendants. */
struct proc_group {
	pid_t sid;
	int64_t start_ticks;
	const char *const
	    *marks; /* "NAME=value", all of them, NULL-terminated; borrowed; or NULL */
};
/* Signals each of them; `sig` 0 only looks. Returns how many there were (zombies do not count). */
size_t proc_group_signal(const struct proc_group *group, int sig);
/* A pidfd of exactly that process, or -1 (gone, or another one by now). */
int proc_pidfd(pid_t pid, int64_t start_ticks);

#endif
