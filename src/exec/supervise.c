/* Who tells us of an end? For an attempt of our own, its shim: it exits (SIGCHLD), or sends a line
 * when it stays to clear up. For an attempt that an earlier conductor started, pidfds of shim and
 * agent. In each case what counts is the record, read under the rule "first the lock, then the
 * text"; the processes only say when to look. A shim that was killed leaves its agent to us: then
 * the agent's own status is reaped here, and written into the record in the shim's place.
 *
 * Nothing is told from inside a call of the owner: all of this is run by the loop. */
#include "exec/supervise.h"
#include "base/xalloc.h"
#include "exec/procfs.h"
#include "exec/procstat.h"
#include "exec/shim/shim.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 50
#define REAP_AT_ONCE 64

struct job_watch {
	uv_poll_t poll;
	struct local *lx;
	struct attempt_ref ref;
	int pidfd;
};

/* ---- telling the owner ---- */

static void tell_end(struct local *lx, struct job *job, const struct ev_exit *exit)
{
	struct ev_exit told = *exit;

	told.log_to = local_log_size(lx, job->ref.agent);
	job->has_ended = true;
	lx->base.on_end(lx->base.ctx, job->ref, &told);
}

static void tell_end_as(struct local *lx, struct job *job, enum exit_how how, const char *message)
{
	struct ev_exit exit = {
	    .how = how,
	    .killed = job->killed,
	    .message = message,
	    .rss_kb = NUM_NONE,
	    .cpu_ms = NUM_NONE,
	};

	tell_end(lx, job, &exit);
}

static void tell_gone(struct local *lx, struct job *job)
{
	struct attempt_ref ref = job->ref;

	supervise_unwatch(job);
	jobs_remove(&lx->jobs, job);
	lx->base.on_gone(lx->base.ctx, ref);
}

/* No record of an end, nothing alive. */
static void tell_unknown(struct local *lx, struct job *job)
{
	tell_end_as(lx, job, EXIT_UNKNOWN, NULL);
	tell_gone(lx, job);
}

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
static bool take_stray(struct local *lx, pid_t pid, int64_t start_ticks, struct stray *out)
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

/* ---- watching processes that are not our children ---- */

static void on_watch_closed(uv_handle_t *handle)
{
	struct job_watch *w = handle->data;

	close(w->pidfd);
	free(w);
}

static void close_watch(struct job_watch **w)
{
	if (*w)
		uv_close((uv_handle_t *)&(*w)->poll, on_watch_closed);
	*w = NULL;
}

/* A pidfd is readable when the process has ended. */
static void on_watched_end(uv_poll_t *handle, int status, int events)
{
	struct job_watch *w = handle->data;
	struct local *lx = w->lx;
	struct job *job = jobs_find(&lx->jobs, w->ref);

	(void)status; /* an error on the descriptor: look as well */
	(void)events;
	close_watch(w == job->agent_watch ? &job->agent_watch : &job->shim_watch);
	supervise_settle(lx, job);
}

/* NULL where the process is gone or no descriptor can be had: then the job is polled. */
static struct job_watch *watch_process(struct local *lx, struct attempt_ref ref, pid_t pid,
    int64_t start_ticks)
{
	int fd = proc_pidfd(pid, start_ticks);
	struct job_watch *w;

	if (fd < 0)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	w->lx = lx;
	w->ref = ref;
	w->pidfd = fd;
	if (uv_poll_init(lx->opts.loop, &w->poll, fd) < 0) {
		close(fd);
		free(w);
		return NULL;
	}
	w->poll.data = w;
	if (uv_poll_start(&w->poll, UV_READABLE, on_watched_end) < 0)
		close_watch(&w);
	return w;
}

static void note_processes(struct job *job, const struct record *r)
{
	if (!r->has_start)
		return;
	job->agent = (pid_t)r->pid;
	job->agent_start = r->start_ticks;
	job->shim = (pid_t)r->shim_pid;
	job->shim_start = r->shim_start_ticks;
}

void supervise_watch(struct local *lx, struct job *job, const struct record *r)
{
	note_processes(job, r);
	if (!r->has_start || !local_is_here(lx, r))
		return;
	if (r->is_locked && !job->shim_watch)
		job->shim_watch = watch_process(lx, job->ref, job->shim, job->shim_start);
	if (!r->has_exit && !job->agent_watch)
		job->agent_watch = watch_process(lx, job->ref, job->agent, job->agent_start);
}

void supervise_unwatch(struct job *job)
{
	close_watch(&job->shim_watch);
	close_watch(&job->agent_watch);
}

void supervise_poll(struct local *lx, struct job *job)
{
	job->is_polled = true;
	if (!uv_is_active((uv_handle_t *)&lx->tick))
		uv_timer_start(&lx->tick, supervise_on_tick, TICK_MS, TICK_MS);
}

static void poll_unless(struct local *lx, struct job *job, bool is_watched)
{
	job->is_polled = false;
	if (!is_watched)
		supervise_poll(lx, job);
}

/* ---- ending what a dead shim cannot end ---- */

/* An agent's children may have left its session, and have become ours when the shim died. They are
 * known by the environment that DESIGN.md promises to every agent. */
static size_t signal_group(const struct local *lx, const struct job *job, int sig)
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

static void begin_clearing(struct local *lx, struct job *job, bool now)
{
	if (job->clearing == CLEAR_NOT) {
		job->clearing = CLEAR_TERM;
		job->clear_until_m = clock_now().mono_ms + (int64_t)(lx->opts.grace_s * 1000);
		if (!now) {
			signal_group(lx, job, SIGTERM);
			signal_group(lx, job, SIGCONT);
		}
	}
	if (now)
		job->clear_until_m = INT64_MIN;
	supervise_poll(lx, job);
}

/* Returns how many processes are left. */
static size_t go_on_clearing(struct local *lx, struct job *job)
{
	if (job->clearing == CLEAR_TERM && clock_now().mono_ms >= job->clear_until_m)
		job->clearing = CLEAR_KILL;
	return signal_group(lx, job, job->clearing == CLEAR_KILL ? SIGKILL : 0);
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

void supervise_kill(struct local *lx, struct job *job)
{
	if (request_shim(job))
		return;
	if (job->agent)
		begin_clearing(lx, job, job->is_killed_now);
	else
		job->owes_request =
		    true; /* it is just being started: polled until its record tells */
}

/* ---- what is known of a job by now ---- */

static bool read_record(struct local *lx, const struct job *job, struct record *r)
{
	char name[RECORD_NAME_SIZE];
	struct err err = ERR_INIT;

	local_record_name(lx, job->ref, name);
	if (record_read(lx->attempts_fd, name, r, &err) == 0)
		return true;
	local_log(lx, job->ref, "%s", err.msg);
	memset(r, 0, sizeof(*r));
	return false;
}

/* Its shim is alive, or was a moment ago: the lock may live in the agent's half until the exec. */
static void settle_held(struct local *lx, struct job *job, const struct record *r)
{
	if (r->has_start && !job->agent)
		supervise_watch(lx, job, r);
	if (job->owes_request && job->agent) {
		job->owes_request = false;
		supervise_kill(lx, job);
	}
	poll_unless(lx, job, job->shim_watch && (job->has_ended || job->agent_watch));
}

/* The agent's end is told; what it left behind is what remains. Its shim has ended that, unless it
 * was killed itself. */
static void settle_ended(struct local *lx, struct job *job, const struct record *r)
{
	bool was_shim_killed = job->is_reaped && WIFSIGNALED(job->shim_status);

	if (job->clearing != CLEAR_NOT) {
		if (go_on_clearing(lx, job) > 0)
			return;
	} else if (was_shim_killed && !job->keeps_leftovers && signal_group(lx, job, 0) > 0) {
		begin_clearing(lx, job, false);
		return;
	}
	if (r->left[0])
		local_log(lx, job->ref, "left processes behind: %s", r->left);
	tell_gone(lx, job);
}

/* In place of a killed shim. */
static void end_reaped(struct local *lx, struct job *job, const struct stray *s)
{
	struct instant now = clock_now();
	char name[RECORD_NAME_SIZE];
	struct err err = ERR_INIT;
	struct ev_exit exit = {
	    .how = WIFSIGNALED(s->status) ? EXIT_SIGNAL : EXIT_CODE,
	    .value = WIFSIGNALED(s->status) ? WTERMSIG(s->status) : WEXITSTATUS(s->status),
	    .killed = job->killed,
	    .rss_kb = s->rss_kb,
	    .cpu_ms = s->cpu_ms,
	};

	local_record_name(lx, job->ref, name);
	if (record_append_exit(lx->attempts_fd, name, &exit, now.wall_ms, now.mono_ms, &err) < 0)
		local_log(lx, job->ref, "its end is not in its record: %s", err.msg);
	jobs_set_pid(&lx->jobs, job, 0);
	job->state = JOB_WATCHED;
	tell_end(lx, job, &exit);
	supervise_settle(lx, job);
}

/* No lock, started, no exit: the shim was killed. If it was our child, so is the agent now. */
static void settle_orphan(struct local *lx, struct job *job, const struct record *r)
{
	struct procstat ps;
	struct stray s;
	bool is_there;

	if (job->is_reaped && take_stray(lx, job->agent, job->agent_start, &s)) {
		end_reaped(lx, job, &s);
		return;
	}
	is_there = procstat_read(job->agent, &ps) == 0 && ps.start_ticks == job->agent_start;
	if (is_there && ps.ppid == getpid()) {
		job->state = JOB_ORPHAN;
		jobs_set_pid(&lx->jobs, job, job->agent);
	} else if (is_there && ps.state != 'Z') {
		supervise_watch(lx, job, r);
	} else if (signal_group(lx, job, 0) == 0) {
		tell_unknown(lx, job);
		return;
	} else if (job->clearing == CLEAR_NOT) {
		begin_clearing(lx, job, job->is_killed_now);
	}
	if (job->killed != KILL_NONE && job->clearing == CLEAR_NOT)
		begin_clearing(lx, job, job->is_killed_now);
	if (job->clearing != CLEAR_NOT)
		(void)go_on_clearing(lx, job);
	else
		poll_unless(lx, job, job->state == JOB_ORPHAN || job->agent_watch);
}

/* No lock and no start line: the program was never executed, and will not be. */
static void settle_unstarted(struct local *lx, struct job *job, const struct record *r)
{
	bool is_failed = job->is_reaped && WIFEXITED(job->shim_status);
	int status = is_failed ? WEXITSTATUS(job->shim_status) : 0;
	char name[RECORD_NAME_SIZE], text[256];
	struct err err = ERR_INIT;
	int rc;

	if (is_failed && status == 0 && !r->is_there) {
		tell_unknown(lx, job); /* it wrote one: somebody has removed the directory */
		return;
	}
	local_record_name(lx, job->ref, name);
	rc = r->is_void ? 0 : record_claim_void(lx->attempts_fd, name, clock_now().wall_ms, &err);
	if (rc == 1 || (rc < 0 && !job->is_reaped)) {
		supervise_poll(lx, job); /* somebody is at it: look again */
		return;
	}
	if (is_failed && status < SHIM_TAKEN)
		snprintf(text, sizeof(text), "its record cannot be written: %s", strerror(status));
	else
		snprintf(text, sizeof(text), "its shim ended before it");
	tell_end_as(lx, job, EXIT_VOID, text);
	tell_gone(lx, job);
}

void supervise_settle(struct local *lx, struct job *job)
{
	struct record r;
	bool is_read;

	if (job->state == JOB_ORPHAN) {
		if (job->clearing != CLEAR_NOT)
			(void)go_on_clearing(lx, job); /* its end will be reaped */
		return;
	}
	is_read = read_record(lx, job, &r);
	if (r.has_exit && !job->has_ended)
		tell_end(lx, job, &r.exit);
	if (job->state == JOB_RUNNING)
		return; /* its shim will be reaped */
	if (!r.is_locked)
		note_processes(job, &r);
	if (r.is_locked) {
		settle_held(lx, job, &r);
	} else if (job->has_ended) {
		settle_ended(lx, job, &r);
	} else if (!is_read || (r.has_start && !local_is_here(lx, &r))) {
		tell_unknown(lx, job);
	} else if (r.has_start) {
		settle_orphan(lx, job, &r);
	} else {
		settle_unstarted(lx, job, &r);
	}
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
	supervise_settle(lx, job);
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
			end_reaped(lx, job, &ended[i].s);
		else if (job)
			shim_ended(lx, job, ended[i].s.status);
	}
	return nr == REAP_AT_ONCE;
}

void supervise_on_sigchld(uv_signal_t *handle, int signum)
{
	(void)signum;
	while (reap_some(handle->data))
		;
}

/* Lines with the pids of shims whose agents have ended. Each fits into one atomic write, so a read
 * that fills the buffer can only cut the last one: its rest is kept for the next read. */
void supervise_on_notify(uv_poll_t *handle, int status, int events)
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
				supervise_settle(lx, job);
			line = nl + 1;
		}
		have = strlen(line);
		memmove(text, line, have);
	}
}

/* By reference, not by pointer: what the owner does when it hears of one may end another. */
void supervise_on_tick(uv_timer_t *handle)
{
	struct local *lx = handle->data;
	struct attempt_ref *polled = NULL;
	size_t nr = 0, cap = 0, i;
	struct job *job;

	for (job = lx->jobs.first; job; job = job->next) {
		if (!job->is_polled)
			continue;
		VEC_GROW(polled, nr, cap);
		polled[nr++] = job->ref;
	}
	if (nr == 0)
		uv_timer_stop(handle);
	for (i = 0; i < nr; i++) {
		job = jobs_find(&lx->jobs, polled[i]);
		if (job)
			supervise_settle(lx, job);
	}
	free(polled);
}
