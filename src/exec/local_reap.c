/* The one place that reaps, and the shims' pipe. */
#include "exec/local_priv.h"
#include "exec/shim/shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REAP_AT_ONCE 64

/* ---- strays ---- */

static int64_t ticks_now(void)
{
	struct timespec ts;
	int64_t hz = sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * hz + ts.tv_nsec * hz / 1000000000;
}

/* Their number has no bound, the table has: the oldest is forgotten. */
static void keep_stray(struct local *lx, const struct stray *s)
{
	lx->strays[lx->next_stray++ % STRAYS_MAX] = *s;
}

/* A process of that number that ended before our agent began was another one. */
bool local_take_stray(struct local *lx, pid_t pid, int64_t start_ticks, struct stray *out)
{
	size_t i;

	for (i = 0; i < STRAYS_MAX; i++) {
		struct stray *s = &lx->strays[i];

		if (s->pid != pid || s->reaped_ticks < start_ticks)
			continue;
		*out = *s;
		s->pid = 0;
		return true;
	}
	return false;
}

/* ---- the loop's handlers ---- */

struct reaped {
	struct job *job; /* NULL: a stray */
	struct stray s;
};

static bool reap_one(struct stray *s)
{
	struct rusage ru;
	pid_t pid;

	do
		pid = wait4(-1, &s->status, WNOHANG, &ru);
	while (pid < 0 && errno == EINTR);
	if (pid <= 0)
		return false;
	s->pid = pid;
	s->reaped_ticks = ticks_now();
	s->rss_kb = ru.ru_maxrss;
	s->cpu_ms = (int64_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 +
	    (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000;
	return true;
}

static void shim_ended(struct local *lx, struct job *job, int status)
{
	job->is_reaped = true;
	job->shim_status = status;
	job->state = JOB_WATCHED;
	if (WIFSIGNALED(status))
		local_log(lx, job->ref, "its shim was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == SHIM_TAKEN)
		local_log(lx, job->ref, "somebody else has its record: not started here");
	else if (WEXITSTATUS(status) != 0)
		local_log(lx, job->ref, "its shim cannot write its record: %s",
		    strerror(WEXITSTATUS(status)));
	local_settle(lx, job);
}

/* First all are reaped and told apart, and only then the owner hears of them: what it starts in
 * between may be given a number that is in the list. Strays are put by first, since a killed
 * shim's agent may be among them. */
static bool reap_some(struct local *lx)
{
	struct reaped ended[REAP_AT_ONCE];
	size_t nr = 0, i;

	while (nr < REAP_AT_ONCE && reap_one(&ended[nr].s)) {
		struct job *job = jobs_by_pid(&lx->jobs, ended[nr].s.pid);

		ended[nr].job = job;
		if (job)
			jobs_set_pid(&lx->jobs, job, 0);
		else
			keep_stray(lx, &ended[nr].s);
		nr++;
	}
	for (i = 0; i < nr; i++) {
		struct job *job = ended[i].job;

		if (job && job->state == JOB_ORPHAN)
			local_end_reaped(lx, job, &ended[i].s);
		else if (job)
			shim_ended(lx, job, ended[i].s.status);
	}
	return nr == REAP_AT_ONCE;
}

void local_on_sigchld(uv_signal_t *handle, int signum)
{
	(void)signum;
	while (reap_some(handle->data))
		;
}

/* Lines with the pids of shims whose agents have ended. Each fits into one atomic write, so a read
 * that fills the buffer can only cut the last one: its rest is kept for the next read. */
void local_on_notify(uv_poll_t *handle, int status, int events)
{
	struct local *lx = handle->data;
	char text[4096];
	size_t have = 0;
	ssize_t n;

	(void)status;
	(void)events;
	while ((n = read(lx->notify_fds[0], text + have, sizeof(text) - 1 - have)) > 0) {
		char *line = text, *nl;

		have += (size_t)n;
		text[have] = '\0';
		while ((nl = strchr(line, '\n'))) {
			struct job *job = jobs_by_pid(&lx->jobs, (pid_t)strtol(line, NULL, 10));

			if (job && job->state == JOB_RUNNING)
				local_settle(lx, job);
			line = nl + 1;
		}
		have = strlen(line);
		memmove(text, line, have);
	}
}
