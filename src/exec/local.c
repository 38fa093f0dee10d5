#include "exec/local_priv.h"
#include "base/xalloc.h"
#include "exec/profiles.h"
#include "exec/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OOM_RAISE 500

/* ---- names ---- */

void command_release(struct command *c)
{
	char **lists[] = {c->argv, c->env, c->keep};
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		for (k = 0; lists[i] && lists[i][k]; k++)
			free(lists[i][k]);
		free(lists[i]);
	}
	free(c->cwd);
	memset(c, 0, sizeof(*c));
}

const char *local_id(const struct local *lx, uint32_t agent)
{
	return lx->opts.batch->agents[agent].task->id;
}

void local_log(struct local *lx, struct attempt_ref ref, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	if (!lx->opts.log)
		return;
	n = snprintf(text, sizeof(text), "agent %s %s %lu: ", local_id(lx, ref.agent),
	    ref.kind == RECORD_VALIDATE ? "validation of attempt" : "attempt",
	    (unsigned long)ref.n);
	va_start(ap, fmt);
	if (n > 0 && (size_t)n < sizeof(text))
		vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	lx->opts.log(lx->opts.ctx, text);
}

void local_record_name(const struct local *lx, struct attempt_ref ref, char out[RECORD_NAME_SIZE])
{
	record_name(local_id(lx, ref.agent), ref.n, ref.kind, out);
}

bool local_is_here(const struct local *lx, const struct record *r)
{
	return strcmp(r->boot, lx->boot) == 0 && strcmp(r->host, lx->host) == 0;
}

int64_t local_log_size(const struct local *lx, uint32_t agent)
{
	char name[LOG_NAME_SIZE];
	struct stat st;

	batch_log_name(local_id(lx, agent), name);
	if (fstatat(lx->opts.dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NUM_NONE;
	return st.st_size;
}

void local_task_name(const struct local *lx, struct attempt_ref ref, char out[LOCAL_TASK_NAME_SIZE])
{
	snprintf(out, LOCAL_TASK_NAME_SIZE, "%s.%lu.task", local_id(lx, ref.agent),
	    (unsigned long)ref.n);
}

void local_drop(struct local *lx, struct job *job)
{
	if (job->log_fd >= 0)
		close(job->log_fd);
	jobs_remove(&lx->jobs, job);
}

/* ---- kill, log_size ---- */

static void local_kill(struct executor *ex, struct attempt_ref ref, enum kill_why why, bool now)
{
	struct local *lx = (struct local *)ex;
	struct job *job = jobs_find(&lx->jobs, ref);

	if (!job || why == KILL_NONE)
		return;
	if (job->state == JOB_PREPARED) {
		local_drop(lx, job);
		return;
	}
	if (job->killed == KILL_NONE)
		job->killed = why;
	job->is_killed_now = job->is_killed_now || now;
	local_hand_on_kill(lx, job);
}

static int64_t log_size(struct executor *ex, uint32_t agent)
{
	return local_log_size((struct local *)ex, agent);
}

/* ---- life ---- */

static void on_closed(uv_handle_t *handle)
{
	struct local *lx = handle->data;

	if (--lx->nr_handles == 0)
		free(lx);
}

static void close_fds(struct local *lx)
{
	int fds[] = {
	    lx->attempts_fd, lx->null_fd, lx->shim_fd, lx->notify_fds[0], lx->notify_fds[1]};
	size_t i;

	for (i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* What runs goes on running; the handles close with the loop's next turn. */
static void local_free(struct executor *ex)
{
	struct local *lx = (struct local *)ex;

	while (lx->jobs.first) {
		local_unwatch(lx->jobs.first);
		local_drop(lx, lx->jobs.first);
	}
	/* Who is executed next in this process shall find the limit that the user had. */
	if (lx->has_raised_nofile)
		(void)setrlimit(RLIMIT_NOFILE, &lx->nofile);
	uv_close((uv_handle_t *)&lx->sigchld, on_closed);
	uv_close((uv_handle_t *)&lx->notify, on_closed);
	uv_close((uv_handle_t *)&lx->tick, on_closed);
	close_fds(lx);
}

static const struct executor_ops local_ops = {
    .prepare = local_prepare,
    .start = local_start,
    .kill = local_kill,
    .probe = local_probe,
    .log_size = log_size,
    .free = local_free,
};

/* Every attempt that is running holds a descriptor or two of ours. */
static void raise_nofile(struct local *lx)
{
	struct rlimit rl;

	snprintf(lx->nofile_arg, sizeof(lx->nofile_arg), "-");
	if (getrlimit(RLIMIT_NOFILE, &lx->nofile) < 0 || lx->nofile.rlim_cur == lx->nofile.rlim_max)
		return;
	rl = lx->nofile;
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) < 0)
		return;
	lx->has_raised_nofile = true;
	snprintf(lx->nofile_arg, sizeof(lx->nofile_arg), "%llu:%llu",
	    (unsigned long long)lx->nofile.rlim_cur, (unsigned long long)lx->nofile.rlim_max);
}

static void choose_oom(struct local *lx)
{
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	long adj;

	snprintf(lx->oom_arg, sizeof(lx->oom_arg), "-");
	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0) {
		adj = strtol(text, NULL, 10) + OOM_RAISE;
		snprintf(lx->oom_arg, sizeof(lx->oom_arg), "%d", adj > 1000 ? 1000 : (int)adj);
	}
	close(fd);
}

/* Moved above what the shim gets under fixed numbers. */
static int moved_up(int fd)
{
	int up = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return up;
}

static int open_fds(struct local *lx, struct err *err)
{
	char shim[PATH_MAX];
	int fd;

	/* Nobody else's file may come to stand on 0, 1 or 2. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	if (fd >= 0)
		close(fd);
	snprintf(shim, sizeof(shim), "%s/%s", libexec_dir(), SHIM_NAME);
	lx->shim_fd = moved_up(open(shim, O_PATH | O_CLOEXEC));
	if (lx->shim_fd < 0)
		return err_sys(err, errno, "cannot open '%s'", shim);
	snprintf(lx->shim_path, sizeof(lx->shim_path), "/proc/self/fd/%d", lx->shim_fd);
	lx->null_fd = moved_up(open("/dev/null", O_RDONLY | O_CLOEXEC));
	if (lx->null_fd < 0)
		return err_sys(err, errno, "cannot open '/dev/null'");
	lx->attempts_fd = moved_up(openat(lx->opts.dir->fd, ATTEMPTS_NAME,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (lx->attempts_fd < 0)
		return err_sys(err, errno, "cannot open '%s/%s'", lx->opts.dir->path,
		    ATTEMPTS_NAME);
	if (pipe2(lx->notify_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	lx->notify_fds[1] = moved_up(lx->notify_fds[1]);
	if (lx->notify_fds[1] < 0)
		return err_sys(err, errno, "cannot make a pipe");
	return 0;
}

static void start_handles(struct local *lx)
{
	uv_loop_t *loop = lx->opts.loop;

	if (uv_signal_init(loop, &lx->sigchld) < 0 ||
	    uv_poll_init(loop, &lx->notify, lx->notify_fds[0]) < 0 ||
	    uv_timer_init(loop, &lx->tick) < 0 ||
	    uv_signal_start(&lx->sigchld, local_on_sigchld, SIGCHLD) < 0 ||
	    uv_poll_start(&lx->notify, UV_READABLE, local_on_notify) < 0)
		die("the event loop takes no handle");
	lx->sigchld.data = lx->notify.data = lx->tick.data = lx;
	lx->nr_handles = 3;
}

struct executor *local_executor_new(const struct local_opts *opts, struct err *err)
{
	struct local *lx = xcalloc(1, sizeof(*lx));

	lx->base.ops = &local_ops;
	lx->opts = *opts;
	lx->attempts_fd = lx->null_fd = lx->shim_fd = -1;
	lx->notify_fds[0] = lx->notify_fds[1] = -1;
	clock_boot_id(lx->boot);
	if (gethostname(lx->host, sizeof(lx->host) - 1) < 0)
		lx->host[0] = '\0';
	if (open_fds(lx, err) < 0)
		goto fail;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
		err_sys(err, errno, "cannot become the reaper of agents");
		goto fail;
	}
	raise_nofile(lx);
	choose_oom(lx);
	start_handles(lx);
	return &lx->base;
fail:
	close_fds(lx);
	free(lx);
	return NULL;
}
