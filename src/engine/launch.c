#include "engine/launch.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/create.h"
#include "engine/holder.h"
#include "formats/run_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a conductor may take to say that it holds its locks: it reads the whole CSV first. */
#define READY_MS 60000

/* ---- the conductor's process ------------------------------------------------------ */

struct spawn_plan {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
};

#define READY_FD 3
#define RUN_LOCK_FD 4

/* A session of its own, nothing on its stdin, its last words in the batch's log, the pipe, and the
 * run's lock where it is held already (-1: not). */
static int plan_init(struct spawn_plan *p, int log_fd, int ready_fd, int run_lock_fd)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&p->actions) != 0 || posix_spawnattr_init(&p->attr) != 0)
		return -1;
	if (posix_spawn_file_actions_addopen(&p->actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(&p->actions, log_fd, 1) != 0 ||
	    posix_spawn_file_actions_adddup2(&p->actions, log_fd, 2) != 0 ||
	    posix_spawn_file_actions_adddup2(&p->actions, ready_fd, READY_FD) != 0 ||
	    (run_lock_fd >= 0 &&
		posix_spawn_file_actions_adddup2(&p->actions, run_lock_fd, RUN_LOCK_FD) != 0) ||
	    posix_spawnattr_setsigmask(&p->attr, &none) != 0 ||
	    posix_spawnattr_setsigdefault(&p->attr, &all) != 0 ||
	    posix_spawnattr_setflags(&p->attr,
		POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) != 0)
		return -1;
	return 0;
}

static void plan_release(struct spawn_plan *p)
{
	posix_spawn_file_actions_destroy(&p->actions);
	posix_spawnattr_destroy(&p->attr);
}

static int open_log(const struct batch_dir *dir, struct err *err)
{
	int logs = openat(dir->fd, "logs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd;

	if (logs < 0)
		return err_sys(err, errno, "cannot open '%s/logs'", dir->name);
	fd = file_open_append(logs, "log.txt", err);
	close(logs);
	return fd;
}

/* "ok", or "<exit status> <message>". */
static int read_ready(int fd, struct err *err)
{
	char line[1200];
	size_t len = 0;
	char *message;
	long status;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;
		int rc = poll(&p, 1, READY_MS);

		if (rc < 0 && errno == EINTR)
			continue;
		n = rc > 0 ? read(fd, line + len, sizeof(line) - 1 - len) : -1;
		if (n > 0)
			len += (size_t)n;
		line[len] = '\0';
		if (n <= 0 || memchr(line, '\n', len) || len == sizeof(line) - 1)
			break;
	}
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, "ok") == 0)
		return 0;
	status = strtol(line, &message, 10);
	if (status <= 0 || status > 255) {
		err_set(err, "the conductor did not start: see logs/log.txt");
		return EXIT_INTERNAL;
	}
	err_set(err, "%s", *message == ' ' ? message + 1 : message);
	return (int)status;
}

struct conductor_start {
	const struct batch_dir *dir;
	const char *overrides; /* or NULL */
	int run_lock_fd; /* held already, or -1; borrowed */
	int log_fd;
	int ready[2];
};

static int spawn(struct conductor_start *s, struct err *err)
{
	const char *argv[9] = {"agent-batch", "conduct", "--ready-fd", "3"};
	struct spawn_plan plan;
	size_t n = 4;
	pid_t pid;
	int rc;

	if (s->overrides) {
		argv[n++] = "--overrides";
		argv[n++] = s->overrides;
	}
	if (s->run_lock_fd >= 0) {
		argv[n++] = "--run-lock-fd";
		argv[n++] = "4";
	}
	argv[n] = s->dir->path;
	if (plan_init(&plan, s->log_fd, s->ready[1], s->run_lock_fd) < 0) {
		err_set(err, "cannot start the conductor: out of memory");
		return EXIT_INTERNAL;
	}
	rc = posix_spawn(&pid, "/proc/self/exe", &plan.actions, &plan.attr, (char *const *)argv,
	    environ); /* the strings are not written to */
	plan_release(&plan);
	close(s->ready[1]);
	s->ready[1] = -1;
	if (rc != 0) {
		err_sys(err, rc, "cannot start the conductor");
		return EXIT_INTERNAL;
	}
	return read_ready(s->ready[0], err);
}

/* Moves a descriptor above those that the child is given, so that setting one of them up does not
 * overwrite another one's source. */
static int move_up(int fd)
{
	int up = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);

	if (fd >= 0)
		close(fd);
	return up;
}

static int start_conductor(const struct batch_dir *dir, const char *overrides, int run_lock_fd,
    struct err *err)
{
	struct conductor_start s = {.dir = dir,
	    .overrides = overrides,
	    .run_lock_fd = run_lock_fd,
	    .log_fd = move_up(open_log(dir, err)),
	    .ready = {-1, -1}};
	int status = EXIT_INTERNAL;

	if (s.log_fd < 0)
		return EXIT_INTERNAL;
	if (pipe2(s.ready, O_CLOEXEC) == 0)
		s.ready[1] = move_up(s.ready[1]);
	if (s.ready[1] < 0)
		err_sys(err, errno, "cannot start the conductor");
	else
		status = spawn(&s, err);
	close(s.log_fd);
	if (s.ready[0] >= 0)
		close(s.ready[0]);
	if (s.ready[1] >= 0)
		close(s.ready[1]);
	return status;
}

/* ---- launch ---------------------------------------------------------------------------- */

static int prepare_batches_dir(const char *path, struct err *err)
{
	int fd, rc;

	if (dir_make_path(path, err) < 0)
		return -1;
	fd = dir_open(path, err);
	if (fd < 0)
		return -1;
	rc = lock_probe(fd, path, err);
	close(fd);
	return rc;
}

/* The run's lock, taken before a child by hand is made: of two at the same moment one makes it. */
static int lock_run_of(const struct launch_spec *spec, int *lock_fd, struct err *err)
{
	char *path = xasprintf("%s/%s/" LOCK_NAME, spec->options->dir, spec->retry->original_batch);
	int rc;

	*lock_fd = move_up(open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
	free(path);
	if (*lock_fd < 0) {
		err_sys(err, errno, "cannot open the lock of '%s'", spec->retry->original_batch);
		return EXIT_INTERNAL;
	}
	rc = lock_take(*lock_fd, LOCK_RUN);
	if (rc == 0)
		return 0;
	err_set(err,
	    "a conductor holds the run of '%s': wait for it, or stop it with agent-batch ctl",
	    spec->retry->original_batch);
	return rc == 1 ? EXIT_HELD : EXIT_INTERNAL;
}

static int check_siblings(const struct launch_spec *spec, const struct batch_reader *parent,
    struct err *err)
{
	const struct retry_metadata *m = &parent->manifest.retry;

	if (m->nr_next <= spec->parent_children)
		return 0;
	err_set(err, "'%s' was made from '%s' at the same moment", m->next_batches[m->nr_next - 1],
	    parent->dir.name);
	return EXIT_HELD;
}

/* Launched by hand, a retry CSV makes a child of the batch it came from. */
static int create_child(const struct launch_spec *spec, const struct batch_plan *plan,
    struct batch_dir *out, struct err *err)
{
	char *path = xasprintf("%s/%s", spec->options->dir, spec->retry->parent_batch);
	struct batch_reader r;
	int status = batch_reader_open(&r, path, err) < 0 ? EXIT_INTERNAL : 0;

	free(path);
	if (status != 0)
		return status;
	status =
	    batch_reader_check_writable(&r, err) < 0 ? EXIT_USAGE : check_siblings(spec, &r, err);
	if (status == 0 && batch_create(plan, out, err) != 0)
		status = EXIT_INTERNAL;
	if (status == 0) {
		manifest_add_next(&r.manifest, out->name);
		if (manifest_write(r.dir.fd, &r.manifest, &r.state, err) < 0) {
			batch_dir_close(out);
			status = EXIT_INTERNAL;
		}
	}
	batch_reader_close(&r);
	return status;
}

int engine_launch(const struct launch_spec *spec, struct batch_dir *out, struct err *err)
{
	static const struct retry_metadata original = {.is_retry = false};
	struct retry_metadata retry = spec->retry ? *spec->retry : original;
	const struct batch_plan plan = {
	    .batches_dir = spec->options->dir,
	    .options = spec->options,
	    .retry = &retry,
	    .csv = spec->csv->data,
	    .csv_len = spec->csv->len,
	};
	int run_lock_fd = -1, status = 0;

	retry.auto_retry_enabled = spec->options->auto_retry;
	retry.max_retries = spec->options->max_retries;
	if (prepare_batches_dir(spec->options->dir, err) < 0)
		return EXIT_INTERNAL;
	if (retry.is_retry) {
		status = lock_run_of(spec, &run_lock_fd, err);
		if (status == 0)
			status = create_child(spec, &plan, out, err);
	} else if (batch_create(&plan, out, err) != 0) {
		status = EXIT_INTERNAL;
	}
	if (status == 0) {
		status = start_conductor(out, NULL, run_lock_fd, err);
		if (status != 0)
			batch_dir_close(out);
		else
			(void)batch_dir_set_latest(spec->options->dir, out->name, NULL);
	}
	if (run_lock_fd >= 0)
		close(run_lock_fd);
	return status;
}

/* ---- resume ------------------------------------------------------------------------------ */

static bool is_conducted(const struct run_reader *run)
{
	return run->is_held || run_reader_last(run)->is_held;
}

/* Opens the run as it is when a conductor that was just killed has let go of it. */
static int open_to_resume(struct run_reader *run, const char *path, struct err *err)
{
	int waited_ms, rc = run_reader_open(run, path, err);

	for (waited_ms = 0; rc == 0 && waited_ms < HOLDER_PATIENCE_MS && is_conducted(run) &&
	     holder_is_dying(run_reader_last(run)->dir.path);
	     waited_ms += HOLDER_POLL_MS) {
		run_reader_close(run);
		poll(NULL, 0, HOLDER_POLL_MS);
		rc = run_reader_open(run, path, err);
	}
	return rc;
}

int engine_resume(const struct batch_dir *dir, const char *overrides, struct err *err)
{
	struct run_reader run;
	const struct batch_reader *last;
	int status;

	if (open_to_resume(&run, dir->path, err) < 0)
		return EXIT_INTERNAL;
	last = run_reader_last(&run);
	if (is_conducted(&run)) {
		holder_name(last->dir.path, last->dir.name, err);
		status = EXIT_HELD;
	} else {
		status = start_conductor(&last->dir, overrides, -1, err);
	}
	run_reader_close(&run);
	return status;
}
