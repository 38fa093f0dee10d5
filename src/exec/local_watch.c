/* Watching processes that are not our children, by pidfd; and by the clock where that cannot be. */
#include "exec/local_priv.h"
#include "base/xalloc.h"
#include "exec/procfs.h"

#include <stdlib.h>
#include <unistd.h>

#define TICK_MS 50

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
	local_settle(lx, job);
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

void local_note_processes(struct job *job, const struct record *r)
{
	if (!r->has_start)
		return;
	job->agent = (pid_t)r->pid;
	job->agent_start = r->start_ticks;
	job->shim = (pid_t)r->shim_pid;
	job->shim_start = r->shim_start_ticks;
}

void local_watch(struct local *lx, struct job *job, const struct record *r)
{
	local_note_processes(job, r);
	if (!r->has_start || !local_is_here(lx, r))
		return;
	if (r->is_locked && !job->shim_watch)
		job->shim_watch = watch_process(lx, job->ref, job->shim, job->shim_start);
	if (!r->has_exit && !job->agent_watch)
		job->agent_watch = watch_process(lx, job->ref, job->agent, job->agent_start);
}

void local_unwatch(struct job *job)
{
	close_watch(&job->shim_watch);
	close_watch(&job->agent_watch);
}

void local_poll(struct local *lx, struct job *job)
{
	job->is_polled = true;
	if (!uv_is_active((uv_handle_t *)&lx->tick))
		uv_timer_start(&lx->tick, local_on_tick, TICK_MS, TICK_MS);
}

void local_poll_unless(struct local *lx, struct job *job, bool is_watched)
{
	job->is_polled = false;
	if (!is_watched)
		local_poll(lx, job);
}

/* By reference, not by pointer: what the owner does when it hears of one may end another. */
void local_on_tick(uv_timer_t *handle)
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
			local_settle(lx, job);
	}
	free(polled);
}
