#include "exec/local.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/procfs.h"
#include "exec/profiles.h"
#include "exec/shim/shim.h"
#include "exec/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHIM_NAME "agent-batch-shim"
#define OOM_RAISE 500
#define TASK_NAME_SIZE 288

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

/* ---- prepare ---- */

/* An attempt that was prepared, but whose start did not get into the journal, is prepared again
 * under the same number: a plain file of ours is replaced, anything else was planted. */
static int remove_stale_task(int attempts_fd, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(attempts_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot look at '%s'", name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(err, "cannot create '%s': something else is there already", name);
	if (unlinkat(attempts_fd, name, 0) < 0)
		return err_sys(err, errno, "cannot remove '%s'", name);
	return 0;
}

static void task_file_name(const struct local *lx, struct attempt_ref ref, char *out)
{
	snprintf(out, TASK_NAME_SIZE, "%s.%lu.task", local_id(lx, ref.agent), (unsigned long)ref.n);
}

static int write_task_file(struct local *lx, struct attempt_ref ref, struct err *err)
{
	const struct batch *b = lx->opts.batch;
	const char *text = task_get(b->tasks, b->agents[ref.agent].task, COL_TASK);
	char name[TASK_NAME_SIZE];
	int fd, rc = 0;

	task_file_name(lx, ref, name);
	fd = file_create(lx->attempts_fd, name, err);
	if (fd < 0 && errno == EEXIST && remove_stale_task(lx->attempts_fd, name, err) == 0)
		fd = file_create(lx->attempts_fd, name, err);
	if (fd < 0)
		return -1;
	if (write_all(fd, text, strlen(text)) < 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	return rc;
}

/* A validation that never began may begin under the same number: what says so makes room for its
 * record. */
static int remove_void_record(struct local *lx, struct attempt_ref ref, struct err *err)
{
	char name[RECORD_NAME_SIZE];
	struct record r;

	local_record_name(lx, ref, name);
	if (record_read(lx->attempts_fd, name, &r, err) < 0)
		return -1;
	if (r.is_void && unlinkat(lx->attempts_fd, name, 0) < 0)
		return err_sys(err, errno, "cannot remove '%s'", name);
	return 0;
}

static bool ends_in_newline(int dirfd, const char *name, off_t size)
{
	int fd = file_open_read(dirfd, name, NULL);
	char last = '\0';
	bool is_newline = fd >= 0 && pread_all(fd, &last, 1, size - 1) == 1 && last == '\n';

	if (fd >= 0)
		close(fd);
	return is_newline;
}

/* "=== attempt 2 at 2026-11-21 23:15:02 ===", for readers of the log. */
static int write_separator(struct local *lx, struct job *job, const char *name, struct err *err)
{
	const char *what = job->ref.kind == RECORD_VALIDATE ? "validation of attempt" : "attempt";
	char when[CLOCK_TEXT_LEN + 1], line[96];
	const char *lead = "";
	struct stat st;
	int n;

	clock_text(clock_now().wall_ms, when);
	if (fstat(job->log_fd, &st) < 0)
		return err_sys(err, errno, "cannot look at '%s'", name);
	if (st.st_size > 0 && !ends_in_newline(lx->opts.dir->fd, name, st.st_size))
		lead = "\n";
	n = snprintf(line, sizeof(line), "%s=== %s %lu at %s ===\n", lead, what,
	    (unsigned long)job->ref.n, when);
	if (write_all(job->log_fd, line, (size_t)n) < 0)
		return err_sys(err, errno, "cannot write '%s'", name);
	return 0;
}

static void drop(struct local *lx, struct job *job)
{
	if (job->log_fd >= 0)
		close(job->log_fd);
	jobs_remove(&lx->jobs, job);
}

static int local_prepare(struct executor *ex, struct attempt_ref ref, int64_t *log_from,
    struct err *err)
{
	struct local *lx = (struct local *)ex;
	struct job *job = jobs_find(&lx->jobs, ref);
	char name[LOG_NAME_SIZE];
	struct stat st;

	if (job)
		drop(lx, job); /* prepared once more: its start could not be journalled */
	job = jobs_add(&lx->jobs, ref);
	batch_log_name(local_id(lx, ref.agent), name);
	job->log_fd = file_open_append(lx->opts.dir->fd, name, err);
	if (job->log_fd < 0 || write_separator(lx, job, name, err) < 0)
		goto fail;
	if (ref.kind == RECORD_VALIDATE ? remove_void_record(lx, ref, err) < 0
					: write_task_file(lx, ref, err) < 0)
		goto fail;
	if (fstat(job->log_fd, &st) < 0) {
		err_sys(err, errno, "cannot look at '%s'", name);
		goto fail;
	}
	*log_from = st.st_size;
	return 0;
fail:
	drop(lx, job);
	return -1;
}

/* ---- start ---- */

/* "kill" and a line for each name that is to be left alone, or "keep". */
static void leftovers_arg(const struct command *c, struct buf *out)
{
	char **name;

	buf_str(out, c->keep_leftovers ? "keep" : "kill");
	for (name = c->keep; name && *name && !c->keep_leftovers; name++) {
		buf_ch(out, '\n');
		buf_str(out, *name);
	}
}

/* The shim's argv: its own words, and behind them the agent's, borrowed. */
static char **shim_argv(const struct local *lx, struct command *c, char *words[SHIM_ARG_AGENT])
{
	size_t n = 0;
	char **argv;

	while (c->argv[n])
		n++;
	argv = xcalloc(SHIM_ARG_AGENT + n + 1, sizeof(*argv));
	words[0] = (char *)SHIM_NAME;
	words[SHIM_ARG_NOFILE] = (char *)lx->nofile_arg;
	words[SHIM_ARG_OOM] = (char *)lx->oom_arg;
	words[SHIM_ARG_CWD] = c->cwd;
	words[SHIM_ARG_DASHES] = (char *)"--";
	memcpy(argv, words, SHIM_ARG_AGENT * sizeof(*argv));
	memcpy(argv + SHIM_ARG_AGENT, c->argv, n * sizeof(*argv));
	return argv;
}

/* Every signal is blocked in the shim from its first instant: a request that comes before it is
 * ready must wait, not kill it. The order of the dup2 matters: what is put on 3 and 4 was moved
 * above them at the start, and what else may stand there has been copied by then. */
static int spawn_shim(struct local *lx, int in_fd, int log_fd, char **argv, char **env, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all;
	int rc;

	if (posix_spawn_file_actions_init(&files) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	sigfillset(&all);
	rc = posix_spawn_file_actions_adddup2(&files, in_fd, STDIN_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, log_fd, STDOUT_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, log_fd, STDERR_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, lx->attempts_fd, SHIM_FD_ATTEMPTS);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, lx->notify_fds[1], SHIM_FD_NOTIFY);
	rc = rc ? rc : posix_spawnattr_setsigmask(&attr, &all);
	rc = rc ? rc : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = rc ? rc : posix_spawn(pid, lx->shim_path, &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static bool is_busy(int errnum)
{
	return errnum == EAGAIN || errnum == ENOMEM || errnum == EMFILE || errnum == ENFILE;
}

/* -1 with errno. */
static int open_stdin(struct local *lx, struct attempt_ref ref, const struct command *c)
{
	char name[TASK_NAME_SIZE];

	if (!c->task_on_stdin)
		return lx->null_fd;
	task_file_name(lx, ref, name);
	return openat(lx->attempts_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* 0 or an errno. */
static int start_command(struct local *lx, struct job *job, struct command *c)
{
	char record[RECORD_NAME_SIZE], parent[16], grace[24];
	char *words[SHIM_ARG_AGENT] = {
	    [SHIM_ARG_RECORD] = record,
	    [SHIM_ARG_PARENT] = parent,
	    [SHIM_ARG_GRACE_MS] = grace,
	};
	struct buf leftovers = BUF_INIT;
	char **argv;
	int in_fd = open_stdin(lx, job->ref, c);
	int rc;

	if (in_fd < 0)
		return errno;
	local_record_name(lx, job->ref, record);
	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	snprintf(grace, sizeof(grace), "%lld", (long long)(lx->opts.grace_s * 1000));
	leftovers_arg(c, &leftovers);
	words[SHIM_ARG_LEFTOVERS] = leftovers.data;
	argv = shim_argv(lx, c, words);
	rc = spawn_shim(lx, in_fd, job->log_fd, argv, c->env, &job->shim);
	free(argv);
	buf_release(&leftovers);
	if (in_fd != lx->null_fd)
		close(in_fd);
	return rc;
}

static enum start_result local_start(struct executor *ex, struct attempt_ref ref, struct err *err)
{
	struct local *lx = (struct local *)ex;
	struct job *job = jobs_find(&lx->jobs, ref);
	struct command c = {0};
	int rc;

	if (!job || job->state != JOB_PREPARED)
		BUG("an attempt is started that was not prepared");
	if (lx->opts.make_command(lx->opts.ctx, ref, &c, err) < 0) {
		command_release(&c);
		drop(lx, job);
		return START_FAILED;
	}
	rc = start_command(lx, job, &c);
	/* Only for the case that its shim is killed: then names cannot be told apart here. */
	job->keeps_leftovers = c.keep_leftovers || (c.keep && c.keep[0]);
	if (rc != 0)
		err_sys(err, rc, "cannot start '%s'", c.argv[0]);
	command_release(&c);
	if (is_busy(rc))
		return START_BUSY;
	if (rc != 0) {
		drop(lx, job);
		return START_FAILED;
	}
	close(job->log_fd);
	job->log_fd = -1;
	job->state = JOB_RUNNING;
	jobs_set_pid(&lx->jobs, job, job->shim);
	return START_OK;
}

/* ---- kill, log_size ---- */

static void local_kill(struct executor *ex, struct attempt_ref ref, enum kill_why why, bool now)
{
	struct local *lx = (struct local *)ex;
	struct job *job = jobs_find(&lx->jobs, ref);

	if (!job || job->state == JOB_PREPARED || why == KILL_NONE)
		return;
	if (job->killed == KILL_NONE)
		job->killed = why;
	job->is_killed_now = job->is_killed_now || now;
	supervise_kill(lx, job);
}

static int64_t log_size(struct executor *ex, uint32_t agent)
{
	return local_log_size((struct local *)ex, agent);
}

/* ---- probe ---- */

/* Without a record only the start event tells in which boot it was. After a power cut the record
 * may be missing though the agent ran; a validation is harmless to run again. */
static bool may_claim(const struct local *lx, struct attempt_ref ref)
{
	const struct attempt *at = agent_attempt(&lx->opts.batch->agents[ref.agent], ref.n);

	return ref.kind == RECORD_VALIDATE || (at && at->boot && strcmp(at->boot, lx->boot) == 0);
}

/* Reads the record; one that nobody has started is claimed. -1: it cannot be read, or claimed. */
static int read_or_claim(struct local *lx, struct attempt_ref ref, struct record *r)
{
	char name[RECORD_NAME_SIZE];
	struct err err = ERR_INIT;
	int rc;

	local_record_name(lx, ref, name);
	do {
		rc = record_read(lx->attempts_fd, name, r, &err);
		if (rc < 0 || r->is_locked || r->has_start || r->has_exit || r->is_void)
			break;
		if (!may_claim(lx, ref))
			return -1;
		rc = record_claim_void(lx->attempts_fd, name, clock_now().wall_ms, &err);
		r->is_void = rc == 0;
	} while (rc == 1);
	if (rc < 0)
		local_log(lx, ref, "its record tells nothing: %s", err.msg);
	return rc;
}

static enum probe_result adopt(struct local *lx, struct attempt_ref ref, const struct record *r)
{
	struct job *job = jobs_add(&lx->jobs, ref);

	job->state = JOB_WATCHED;
	supervise_watch(lx, job, r);
	/* Whatever there is to tell is told from the loop, never from in here. */
	supervise_poll(lx, job);
	return PROBE_ALIVE;
}

static enum probe_result local_probe(struct executor *ex, struct attempt_ref ref,
    struct ev_exit *exit)
{
	struct local *lx = (struct local *)ex;
	struct record r;

	if (read_or_claim(lx, ref, &r) < 0)
		return PROBE_UNKNOWN;
	if (r.is_void)
		return PROBE_VOID;
	if (r.is_locked)
		return adopt(lx, ref, &r);
	if (r.has_exit) {
		*exit = r.exit;
		snprintf(lx->message, sizeof(lx->message), "%s", r.message);
		exit->message = r.exit.message ? lx->message : NULL;
		exit->log_to = local_log_size(lx, ref.agent);
		return PROBE_ENDED;
	}
	/* Its shim was killed. What it had started may be alive still. */
	if (local_is_here(lx, &r) &&
	    (proc_is_alive((pid_t)r.pid, r.start_ticks) || proc_session_is_alive((pid_t)r.pid)))
		return adopt(lx, ref, &r);
	return PROBE_UNKNOWN;
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
		supervise_unwatch(lx->jobs.first);
		drop(lx, lx->jobs.first);
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
	    uv_signal_start(&lx->sigchld, supervise_on_sigchld, SIGCHLD) < 0 ||
	    uv_poll_start(&lx->notify, UV_READABLE, supervise_on_notify) < 0)
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
