/* Asking a shim to end its attempt, and ending it in the shim's place where that is dead. */
#include "exec/local_priv.h"
#include "base/xalloc.h"
#include "exec/procfs.h"
#include "exec/shim/shim.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- ending what a dead shim cannot end ---- */

/* An agent's children may have left its session, and have become ours when the shim died. They are
 * known by the environment that DESIGN.md promises to every agent. */
size_t local_signal_group(const struct local *lx, const struct job *job, int sig)
{
	char *dir = xasprintf("AGENT_BATCH_DIR=%s", lx->opts.dir->path);
	char *id = xasprintf("AGENT_BATCH_ID=%s", local_id(lx, job->ref.agent));
	char *n = xasprintf("AGENT_BATCH_ATTEMPT=%lu", (unsigned long)job->ref.n);
	const char *const marks[] = {dir, id, n, NULL};
	const struct proc_group group = {job->agent, job->agent_start, marks};
	size_t nr = job->agent ? proc_group_signal(&group, sig) : 0;

	free(dir);
	free(id);
	free(n);
	return nr;
}

void local_begin_clearing(struct local *lx, struct job *job, bool now)
{
	if (job->clearing == CLEAR_NOT) {
		job->clearing = CLEAR_TERM;
		job->clear_until_m = clock_now().mono_ms + (int64_t)(lx->opts.grace_s * 1000);
		if (!now) {
			local_signal_group(lx, job, SIGTERM);
			local_signal_group(lx, job, SIGCONT);
		}
	}
	if (now)
		job->clear_until_m = INT64_MIN;
	local_poll(lx, job);
}

/* A process that is ending shows no environment any more, though it still holds its files: nobody
 * is left when nobody was seen twice. */
size_t local_go_on_clearing(struct local *lx, struct job *job)
{
	size_t left;

	if (job->clearing == CLEAR_TERM && clock_now().mono_ms >= job->clear_until_m)
		job->clearing = CLEAR_KILL;
	left = local_signal_group(lx, job, job->clearing == CLEAR_KILL ? SIGKILL : 0);
	if (left == 0 && !job->seemed_clear) {
		job->seemed_clear = true;
		return 1;
	}
	job->seemed_clear = left == 0;
	return left;
}

/* ---- requests ---- */

static bool queue_by_pidfd(int pidfd, int sig, int value)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	si.si_signo = sig;
	si.si_code = SI_QUEUE;
	si.si_pid = getpid();
	si.si_uid = getuid();
	si.si_value.sival_int = value;
	return syscall(SYS_pidfd_send_signal, pidfd, sig, &si, 0) == 0;
}

static bool request_shim(struct job *job)
{
	int sig = job->is_killed_now ? SHIM_SIG_KILL : SHIM_SIG_TERM;
	union sigval value = {.sival_int = (int)job->killed};
	int pidfd;
	bool is_sent;

	/* Our child: the number is its own until we reap it. */
	if (job->state == JOB_RUNNING)
		return sigqueue(job->shim, sig, value) == 0;
	if (job->state != JOB_WATCHED || job->is_reaped)
		return false;
	if (job->shim_watch)
		return queue_by_pidfd(job->shim_watch->pidfd, sig, value.sival_int);
	pidfd = proc_pidfd(job->shim, job->shim_start);
	if (pidfd < 0)
		return false;
	is_sent = queue_by_pidfd(pidfd, sig, value.sival_int);
	close(pidfd);
	return is_sent;
}

void local_hand_on_kill(struct local *lx, struct job *job)
{
	if (request_shim(job))
		return;
	if (job->agent)
		local_begin_clearing(lx, job, job->is_killed_now);
	else
		job->owes_request =
		    true; /* it is just being started: polled until its record tells */
}
