/* The conductor as a process: locks, journal, clock, control socket and executor around
 * engine/conductor.h, in one libuv loop.
 *
 * A turn happens before each poll: whatever came in since (ends, verbs, deadlines) is folded and
 * decided on together, written in one write and flushed once, and only then are the turn's
 * processes started. */
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/command.h"
#include "engine/conductor.h"
#include "engine/cycle.h"
#include "engine/history.h"
#include "engine/judge.h"
#include "engine/launch.h"
#include "engine/server.h"
#include "engine/writer.h"
#include "exec/local.h"
#include "formats/options_json.h"
#include "formats/results.h"
#include "formats/run_reader.h"
#include "policy/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

/* How long a refused write waits for its next try. */
#define DISK_RETRY_MS 1000

struct engine {
	const struct conduct_opts *opts;
	struct batch_dir dir; /* open before the reader, for the lock */
	struct batch_reader reader;
	struct batch_dir original; /* fd -1 when this batch is the original */
	bool has_reader;
	struct options options;
	int lock_fd, run_lock_fd;

	uv_loop_t loop;
	bool has_loop;
	uv_prepare_t prepare;
	uv_timer_t wake, disk_retry;
	uv_poll_t wall;
	int wall_fd; /* a timerfd on the wall clock: it fires after a sleep, too */
	uv_signal_t signals[3];
	unsigned nr_signals_seen;

	struct command_maker *commands;
	struct judge *judge;
	struct history *history;
	struct executor *ex;
	struct server *server;
	struct writer writer;
	bool has_writer;
	struct conductor conductor;
	bool has_conductor;

	bool is_closing;
	int status; /* exit_status to return */
	struct err err; /* why, where it is EXIT_INTERNAL */
};

/* ---- saying --------------------------------------------------------------------- */

static void say(struct engine *e, const char *text)
{
	int64_t now = clock_now().wall_ms;

	batch_log_line(e->dir.fd, now, text);
	if (e->original.fd >= 0)
		batch_log_line(e->original.fd, now, text);
}

static void sayf(struct engine *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void sayf(struct engine *e, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(e, text);
}

/* Tells whoever started us, once: "ok", or the exit status and why. */
static void tell_ready(struct engine *e, int status, const char *message)
{
	char line[1100];
	int n;

	if (e->opts->ready_fd < 0)
		return;
	if (status == 0)
		n = snprintf(line, sizeof(line), "ok\n");
	else
		n = snprintf(line, sizeof(line), "%d %s\n", status, message);
	(void)write_all(e->opts->ready_fd, line, (size_t)n); /* it may have gone away */
	close(e->opts->ready_fd);
}

static int fail(struct engine *e, int status)
{
	e->status = status;
	return -1;
}

/* ---- what the conductor asks of us ------------------------------------------------- */

static void op_judge(void *ctx, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	struct engine *e = ctx;

	judge_attempt(e->judge, agent, at, v);
}

static void op_name_child(void *ctx, char child[NAME_SIZE], char csv[NAME_SIZE])
{
	struct engine *e = ctx;
	int64_t now = clock_now().wall_ms;
	int dirfd = dir_open(e->dir.parent_path, NULL);

	name_free_batch(dirfd, now, child);
	name_free_retry_csv(dirfd, RETRY_CSV_AUTO, e->dir.name, now, csv);
	if (dirfd >= 0)
		close(dirfd);
}

static uint32_t op_cycles_failed(void *ctx, const char *id)
{
	struct engine *e = ctx;

	return cycle_failed_before(&e->reader.state, id);
}

static uint32_t count_outside(const struct engine *e, const struct run_reader *run)
{
	uint32_t nr, i, outside = 0;
	struct merged_row *rows = run_merge(run, &nr);

	for (i = 0; i < nr; i++)
		if (rows[i].agent->status != AGENT_COMPLETED &&
		    batch_find(&e->reader.state, rows[i].task->id) == AGENT_NONE)
			outside++;
	free(rows);
	return outside;
}

static uint32_t op_run_ends(void *ctx, enum end_state state)
{
	struct engine *e = ctx;
	struct run_reader run;
	struct err err = ERR_INIT;
	uint32_t outside;

	if (run_reader_open(&run, e->dir.path, &err) < 0) {
		sayf(e, "cannot read the whole run: %s", err.msg);
		return 0;
	}
	outside = count_outside(e, &run);
	if (results_write(&run, state, &err) < 0)
		sayf(e, "cannot write the results: %s", err.msg);
	run_reader_close(&run);
	return outside;
}

static void op_log(void *ctx, const char *line)
{
	say(ctx, line);
}

static const struct conductor_ops conductor_ops = {
    .judge = op_judge,
    .name_child = op_name_child,
    .cycles_failed = op_cycles_failed,
    .run_ends = op_run_ends,
    .log = op_log,
};

static uint32_t earlier_attempts(void *ctx, const char *id)
{
	struct engine *e = ctx;

	return e->reader.state.cycle > 0 ? history_attempts(e->history, id) : 0;
}

static void limits(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms)
{
	struct engine *e = ctx;

	command_limits(e->commands, agent, timeout_ms, stall_ms);
}

static int make_command(void *ctx, struct attempt_ref ref, struct command *out, struct err *err)
{
	struct engine *e = ctx;

	return command_make(e->commands, ref.agent, ref, out, err);
}

static void on_end(void *ctx, struct attempt_ref ref, const struct ev_exit *exit)
{
	struct engine *e = ctx;

	conductor_on_end(&e->conductor, ref, exit, clock_now());
}

static void on_gone(void *ctx, struct attempt_ref ref)
{
	struct engine *e = ctx;

	conductor_on_gone(&e->conductor, ref, clock_now());
}

static void on_verb(void *ctx, const struct ctl_request *q, bool *ok, struct buf *message)
{
	struct engine *e = ctx;

	conductor_verb(&e->conductor, q, clock_now(), ok, message);
}

/* ---- the turn ------------------------------------------------------------------------ */

static void close_all(struct engine *e)
{
	size_t i;

	if (e->is_closing)
		return;
	e->is_closing = true;
	server_close(e->server);
	if (e->ex)
		e->ex->ops->free(e->ex);
	e->ex = NULL;
	uv_close((uv_handle_t *)&e->prepare, NULL);
	uv_close((uv_handle_t *)&e->wake, NULL);
	uv_close((uv_handle_t *)&e->disk_retry, NULL);
	uv_close((uv_handle_t *)&e->wall, NULL);
	for (i = 0; i < ARRAY_LEN(e->signals); i++)
		uv_close((uv_handle_t *)&e->signals[i], NULL);
}

static void end_with_error(struct engine *e, const char *message)
{
	e->status = EXIT_INTERNAL;
	err_set(&e->err, "%s", message);
	close_all(e);
}

static void on_wake(uv_timer_t *t)
{
	(void)t; /* the turn that follows looks at the clock itself */
}

static void on_wall(uv_poll_t *p, int status, int events)
{
	struct engine *e = p->data;
	uint64_t ticks;

	(void)status;
	(void)events;
	/* ECANCELED says that the clock was set: just as good a reason to look. */
	(void)!read(e->wall_fd, &ticks, sizeof(ticks));
}

static void set_wake(struct engine *e, struct instant now)
{
	const struct conductor *c = &e->conductor;
	struct itimerspec at = {{0, 0}, {0, 0}};
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	if (c->wake_m == NEVER)
		uv_timer_stop(&e->wake);
	else
		uv_timer_start(&e->wake, on_wake,
		    c->wake_m > now.mono_ms ? (uint64_t)(c->wake_m - now.mono_ms) : 0, 0);
	if (c->wake_t != NEVER) {
		at.it_value.tv_sec = c->wake_t / 1000;
		at.it_value.tv_nsec = c->wake_t % 1000 * 1000000;
	}
	(void)timerfd_settime(e->wall_fd, flags, &at, NULL);
}

static void flush(struct engine *e)
{
	if (!e->writer.is_busy && conductor_take(&e->conductor, &e->writer.bytes))
		writer_start(&e->writer);
}

static void on_disk_retry(uv_timer_t *t)
{
	struct engine *e = t->data;

	if (!e->writer.is_busy)
		writer_start(&e->writer);
}

static void on_flushed(void *ctx, int error)
{
	struct engine *e = ctx;

	if (e->writer.is_gone) {
		end_with_error(e, "the batch directory was removed: nothing more is started");
		return;
	}
	if (error) {
		conductor_disk_refused(&e->conductor, strerror(error), clock_now());
		uv_timer_start(&e->disk_retry, on_disk_retry, DISK_RETRY_MS, 0);
		return;
	}
	conductor_flushed(&e->conductor, clock_now());
}

static void on_prepare(uv_prepare_t *p)
{
	struct engine *e = p->data;
	struct conductor *c = &e->conductor;
	struct instant now = clock_now();

	if (e->is_closing)
		return;
	uv_update_time(&e->loop);
	conductor_turn(c, now);
	flush(e);
	set_wake(e, now);
	if (!c->is_over || !conductor_is_settled(c))
		return;
	if (c->is_finished) {
		e->status = c->exit_code;
		close_all(e);
		return;
	}
	conductor_finish(c, now);
	flush(e);
}

static void on_signal(uv_signal_t *s, int signum)
{
	struct engine *e = s->data;
	struct ctl_request q = {.verb = e->nr_signals_seen ? CTL_CANCEL : CTL_STOP};
	struct buf message = BUF_INIT;
	char by[32];
	bool ok;

	if (signum == SIGHUP)
		return; /* the terminal went: nothing of ours */
	snprintf(by, sizeof(by), "signal %d", signum);
	q.by = by;
	e->nr_signals_seen++;
	conductor_verb(&e->conductor, &q, clock_now(), &ok, &message);
	sayf(e, "signal %d: %s", signum, message.data);
	buf_release(&message);
}

/* ---- setting up ------------------------------------------------------------------------ */

static int take_lock(struct engine *e, const struct batch_dir *dir, int byte, struct err *err)
{
	int fd = openat(dir->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -1 : lock_take(fd, byte);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	if (rc == 1) {
		err_set(err, "another conductor holds '%s'", dir->name);
		return fail(e, EXIT_HELD);
	}
	err_sys(err, errno, "cannot lock '%s'", dir->name);
	return fail(e, EXIT_INTERNAL);
}

static void name_holder(struct engine *e)
{
	struct batch_reader r;

	if (e->status != EXIT_HELD || batch_reader_open(&r, e->opts->dir, NULL) < 0)
		return;
	if (r.state.pid != NUM_NONE)
		err_set(&e->err, "another conductor holds '%s' (pid %lld on %s)", e->dir.name,
		    (long long)r.state.pid, r.state.host ? r.state.host : "this host");
	batch_reader_close(&r);
}

static int lock_batch(struct engine *e)
{
	e->lock_fd = e->opts->lock_fd;
	if (e->lock_fd < 0)
		e->lock_fd = take_lock(e, &e->dir, LOCK_BATCH, &e->err);
	else
		(void)fcntl(e->lock_fd, F_SETFD, FD_CLOEXEC);
	return e->lock_fd < 0 ? -1 : 0;
}

static int open_original(struct engine *e)
{
	const char *name = e->reader.manifest.retry.original_batch;
	char *path;
	int rc;

	if (!e->reader.manifest.retry.is_retry || !*name)
		return 0;
	path = xasprintf("%s/%s", e->dir.parent_path, name);
	rc = batch_dir_open(&e->original, path, &e->err);
	free(path);
	if (rc == 0)
		return 0;
	/* A run whose original was removed is conducted on its own. */
	e->original.fd = -1;
	sayf(e, "the run's original batch is not there: %s", e->err.msg);
	return 0;
}

static int lock_run(struct engine *e)
{
	const struct batch_dir *where = e->original.fd >= 0 ? &e->original : &e->dir;

	e->run_lock_fd = e->opts->run_lock_fd;
	if (e->run_lock_fd < 0)
		e->run_lock_fd = take_lock(e, where, LOCK_RUN, &e->err);
	else
		(void)fcntl(e->run_lock_fd, F_SETFD, FD_CLOEXEC);
	return e->run_lock_fd < 0 ? -1 : 0;
}

static int load(struct engine *e)
{
	bool rebuilt = false;

	if (batch_reader_open(&e->reader, e->opts->dir, &e->err) < 0)
		return fail(e, EXIT_INTERNAL);
	e->has_reader = true;
	manifest_release(&e->reader.manifest);
	manifest_init(&e->reader.manifest);
	if (manifest_read_or_rebuild(e->dir.fd, e->dir.name, &e->reader.manifest, &e->reader.state,
		&rebuilt, &e->err) < 0)
		return fail(e, EXIT_INTERNAL);
	if (rebuilt)
		say(e,
		    "manifest.json was damaged: rebuilt from the journal, the damaged one is kept");
	if (e->reader.journal.nr_skipped)
		sayf(e, "%llu lines of the journal could not be read and were passed over",
		    (unsigned long long)e->reader.journal.nr_skipped);
	options_copy(&e->options, &e->reader.manifest.options);
	if (e->opts->overrides && options_parse(e->opts->overrides, &e->options, &e->err) < 0)
		return fail(e, EXIT_USAGE);
	return 0;
}

static int open_journal(struct engine *e)
{
	bool is_torn;
	int fd = journal_open_append(e->dir.fd, &is_torn, &e->err);

	if (fd < 0)
		return fail(e, EXIT_INTERNAL);
	if (is_torn)
		batch_reader_take_rest(&e->reader);
	writer_init(&e->writer, &e->loop, fd, is_torn, on_flushed, e);
	e->has_writer = true;
	return 0;
}

static int init_loop(struct engine *e)
{
	const int signums[] = {SIGTERM, SIGINT, SIGHUP};
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	e->wall_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (e->wall_fd < 0 || uv_loop_init(&e->loop) < 0) {
		err_sys(&e->err, errno, "cannot make the loop");
		return fail(e, EXIT_INTERNAL);
	}
	e->has_loop = true;
	uv_prepare_init(&e->loop, &e->prepare);
	uv_timer_init(&e->loop, &e->wake);
	uv_timer_init(&e->loop, &e->disk_retry);
	uv_poll_init(&e->loop, &e->wall, e->wall_fd);
	e->prepare.data = e->disk_retry.data = e->wall.data = e;
	uv_prepare_start(&e->prepare, on_prepare);
	uv_poll_start(&e->wall, UV_READABLE, on_wall);
	for (i = 0; i < ARRAY_LEN(e->signals); i++) {
		uv_signal_init(&e->loop, &e->signals[i]);
		e->signals[i].data = e;
		uv_signal_start(&e->signals[i], on_signal, signums[i]);
	}
	return 0;
}

static int init_makers(struct engine *e)
{
	const struct command_maker_opts maker = {
	    .options = &e->options,
	    .tasks = &e->reader.tasks,
	    .dir = &e->dir,
	    .cycle = e->reader.manifest.retry.retry_count,
	    .earlier_attempts = earlier_attempts,
	    .ctx = e,
	};
	struct judge_opts judge = {
	    .options = &e->options, .batch = &e->reader.state, .dir = &e->dir};

	e->history = history_new(e->dir.path);
	e->commands = command_maker_new(&maker, &e->err);
	if (!e->commands)
		return fail(e, EXIT_USAGE);
	judge.commands = e->commands;
	e->judge = judge_new(&judge);
	return 0;
}

static int init_executor(struct engine *e)
{
	const struct local_opts local = {
	    .loop = &e->loop,
	    .dir = &e->dir,
	    .batch = &e->reader.state,
	    .grace_s = e->options.grace_s,
	    .make_command = make_command,
	    .log = op_log,
	    .ctx = e,
	};
	const struct server_opts server = {
	    .loop = &e->loop, .dirfd = e->dir.fd, .serve = on_verb, .ctx = e};

	e->ex = local_executor_new(&local, &e->err);
	if (!e->ex)
		return fail(e, EXIT_INTERNAL);
	e->ex->on_end = on_end;
	e->ex->on_gone = on_gone;
	e->ex->ctx = e;
	e->server = server_new(&server, &e->err);
	return e->server ? 0 : fail(e, EXIT_INTERNAL);
}

/* The first event of a new batch stands already when this process made the child before its exec;
 * else every coming to a batch is told. */
static bool is_announced(const struct engine *e)
{
	const struct batch *b = &e->reader.state;
	char boot[BOOT_ID_LEN + 1];

	clock_boot_id(boot);
	return b->nr_events == 1 && b->pid == getpid() && b->boot && strcmp(b->boot, boot) == 0;
}

static void announce(struct engine *e)
{
	const struct manifest *m = &e->reader.manifest;
	char boot[BOOT_ID_LEN + 1], host[256] = "";
	struct buf options = BUF_INIT;
	struct jsonw w;
	struct event ev;

	clock_boot_id(boot);
	(void)gethostname(host, sizeof(host) - 1);
	event_init(&ev, EV_BATCH);
	ev.batch.version = AB_VERSION;
	ev.batch.boot = boot;
	ev.batch.host = host;
	ev.batch.pid = getpid();
	ev.batch.cycle = m->retry.retry_count;
	ev.batch.original = m->retry.is_retry ? m->retry.original_batch : NULL;
	ev.batch.parent = m->retry.is_retry ? m->retry.parent_batch : NULL;
	ev.batch.resumed = e->reader.state.version != NULL;
	ev.batch.jobs = e->options.jobs;
	if (!ev.batch.resumed) {
		jsonw_init(&w, &options, 0);
		options_format(&e->options, &w);
		ev.batch.options_json = options.data;
	} else if (e->opts->overrides) {
		ev.batch.options_json = e->opts->overrides;
	}
	conductor_emit(&e->conductor, &ev, clock_now());
	buf_release(&options);
}

/* The first event must be on disk before anybody is told that the batch lives. */
static int flush_now(struct engine *e)
{
	struct buf bytes = BUF_INIT;
	int rc = 0;

	if (!conductor_take(&e->conductor, &bytes))
		return 0;
	if ((e->writer.is_torn && write_all(e->writer.fd, "\n", 1) < 0) ||
	    write_all(e->writer.fd, bytes.data, bytes.len) < 0 || fdatasync(e->writer.fd) < 0 ||
	    fsync(e->dir.fd) < 0) {
		err_sys(&e->err, errno, "cannot write '%s/" JOURNAL_NAME "'", e->dir.name);
		rc = fail(e, EXIT_INTERNAL);
	}
	e->writer.is_torn = false;
	buf_release(&bytes);
	e->conductor.is_writing = false;
	return rc;
}

static int init_conductor(struct engine *e)
{
	const struct conductor_opts opts = {
	    .batch = &e->reader.state,
	    .options = &e->options,
	    .ex = e->ex,
	    .ops = &conductor_ops,
	    .ctx = e,
	    .limits = limits,
	};

	conductor_init(&e->conductor, &opts);
	e->has_conductor = true;
	if (!is_announced(e))
		announce(e);
	if (flush_now(e) < 0)
		return -1;
	if (e->opts->overrides) {
		options_release(&e->reader.manifest.options);
		options_copy(&e->reader.manifest.options, &e->options);
		if (manifest_write(e->dir.fd, &e->reader.manifest, &e->reader.state, &e->err) < 0)
			return fail(e, EXIT_INTERNAL);
	}
	conductor_begin(&e->conductor, clock_now());
	return 0;
}

static int set_up(struct engine *e)
{
	if (batch_dir_open(&e->dir, e->opts->dir, &e->err) < 0)
		return fail(e, EXIT_INTERNAL);
	if (lock_batch(e) < 0)
		return -1;
	if (load(e) < 0 || open_original(e) < 0 || lock_run(e) < 0)
		return -1;
	return 0;
}

/* ---- the end ------------------------------------------------------------------------------ */

static void tear_down(struct engine *e)
{
	if (e->has_loop) {
		if (!e->is_closing)
			close_all(e);
		while (uv_run(&e->loop, UV_RUN_DEFAULT) != 0)
			;
		server_free(e->server);
		uv_loop_close(&e->loop);
		if (e->wall_fd >= 0)
			close(e->wall_fd);
	}
	if (e->has_writer)
		writer_release(&e->writer);
	judge_free(e->judge);
	command_maker_free(e->commands);
	history_free(e->history);
}

static void release(struct engine *e)
{
	if (e->has_conductor)
		conductor_release(&e->conductor);
	if (e->has_reader)
		batch_reader_close(&e->reader);
	options_release(&e->options);
	if (e->original.fd >= 0)
		batch_dir_close(&e->original);
	if (e->dir.fd >= 0)
		batch_dir_close(&e->dir);
	if (e->lock_fd >= 0)
		close(e->lock_fd);
	if (e->run_lock_fd >= 0)
		close(e->run_lock_fd);
}

static int clear_cloexec(int fd)
{
	return fcntl(fd, F_SETFD, 0);
}

/* Replaces this process by the child's conductor; the run's lock passes over. Returns on failure. */
static void become_child(struct engine *e, const struct batch_dir *child, int child_lock_fd)
{
	char lock[16], run_lock[16];
	const char *argv[] = {"agent-batch", "conduct", "--lock-fd", lock, "--run-lock-fd",
	    run_lock, child->path, NULL};

	snprintf(lock, sizeof(lock), "%d", child_lock_fd);
	snprintf(run_lock, sizeof(run_lock), "%d", e->run_lock_fd);
	if (clear_cloexec(child_lock_fd) < 0 || clear_cloexec(e->run_lock_fd) < 0) {
		err_sys(&e->err, errno, "cannot hand the locks on");
		return;
	}
	execv("/proc/self/exe", (char *const *)argv); /* the strings are not written to */
	err_sys(&e->err, errno, "cannot go on with the next cycle");
}

/* The rows of the next cycle: just selected, or again after a crash between end and child. */
static struct retry_row *child_rows(struct engine *e, uint32_t *nr)
{
	struct retry_row *rows;

	if (e->has_conductor && e->conductor.rows) {
		*nr = e->conductor.nr_rows;
		return e->conductor.rows;
	}
	rows = xmalloc((size_t)e->reader.state.nr_agents * sizeof(*rows));
	*nr = retry_select(&e->reader.state, e->options.retry_on, op_cycles_failed, e, rows);
	return rows;
}

static void go_on_with_child(struct engine *e)
{
	struct batch_dir child = {.fd = -1};
	int child_lock_fd = -1, rc;
	uint32_t nr;
	struct retry_row *rows = child_rows(e, &nr);

	rc = cycle_make_child(&e->reader, &e->options, rows, nr, &child, &child_lock_fd, &e->err);
	if (!e->has_conductor || rows != e->conductor.rows)
		free(rows);
	if (rc == 1)
		err_set(&e->err, "'%s' is a batch of somebody else by now", e->reader.state.child);
	if (rc == 0) {
		sayf(e, "cycle %lld: %u rows, %s from %s", (long long)e->reader.state.cycle + 1, nr,
		    child.name, e->reader.state.child_csv);
		become_child(e, &child, child_lock_fd);
	}
	e->status = EXIT_INTERNAL;
	sayf(e, "%s; go on with: agent-batch resume %s", e->err.msg, e->dir.name);
}

/* Whether this batch ended and only its child was not begun. */
static bool has_unborn_child(const struct engine *e)
{
	return e->reader.state.end == END_FINISHED && e->reader.state.child;
}

static int conduct(struct engine *e)
{
	if (init_loop(e) < 0 || init_makers(e) < 0 || open_journal(e) < 0 || init_executor(e) < 0 ||
	    init_conductor(e) < 0)
		return -1;
	tell_ready(e, 0, NULL);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	if (e->status != EXIT_INTERNAL &&
	    manifest_write(e->dir.fd, &e->reader.manifest, &e->reader.state, &e->err) < 0)
		sayf(e, "cannot write the manifest: %s", e->err.msg);
	return 0;
}

int engine_conduct(const struct conduct_opts *opts)
{
	struct engine e = {
	    .opts = opts,
	    .dir = {.fd = -1},
	    .original = {.fd = -1},
	    .lock_fd = -1,
	    .run_lock_fd = -1,
	    .wall_fd = -1,
	};
	bool is_running = false;

	options_init(&e.options);
	if (set_up(&e) < 0) {
		name_holder(&e);
	} else if (has_unborn_child(&e)) {
		tell_ready(&e, 0, NULL);
		go_on_with_child(&e);
		is_running = true;
	} else if (e.reader.state.end == END_FINISHED) {
		e.status = (int)e.reader.state.exit_code;
		tell_ready(&e, 0, NULL);
		is_running = true;
	} else if (conduct(&e) == 0) {
		is_running = true;
		tear_down(&e);
		if (e.conductor.has_child && e.status != EXIT_INTERNAL)
			go_on_with_child(&e);
		else if (e.status == EXIT_INTERNAL && e.err.msg[0])
			say(&e, e.err.msg);
	} else {
		tear_down(&e);
	}
	if (!is_running)
		tell_ready(&e, e.status, e.err.msg);
	release(&e);
	return e.status;
}
