#include "engine/spawn.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a conductor may take to say that it holds its locks: it reads the whole CSV first. */
#define READY_MS 60000

/* ---- its command line ------------------------------------------------------------------ */

void conduct_line_make(struct conduct_line *line, const struct conduct_opts *opts)
{
	const struct {
		const char *option;
		int fd; /* -1: not given */
	} fds[] = {
	    {"--ready-fd", opts->ready_fd},
	    {"--lock-fd", opts->lock_fd},
	    {"--run-lock-fd", opts->run_lock_fd},
	};
	size_t n = 2, i;

	memset(line, 0, sizeof(*line));
	line->argv[0] = "agent-batch";
	line->argv[1] = "conduct";
	for (i = 0; i < ARRAY_LEN(fds); i++) {
		if (fds[i].fd < 0)
			continue;
		snprintf(line->fds[i], sizeof(line->fds[i]), "%d", fds[i].fd);
		line->argv[n++] = fds[i].option;
		line->argv[n++] = line->fds[i];
	}
	if (opts->overrides) {
		line->argv[n++] = "--overrides";
		line->argv[n++] = opts->overrides;
	}
	line->argv[n] = opts->dir;
}

/* ---- the conductor's process ------------------------------------------------------ */

struct spawn_plan {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
};

/* What the child is given, where it is there. */
#define READY_FD 3
#define RUN_LOCK_FD 4
#define LOCK_FD 5

/* Descriptors of ours, above those of the child; -1: there is none. */
struct handed {
	int log, ready, run_lock, lock;
};

static bool hand(struct spawn_plan *p, int fd, int as)
{
	return fd < 0 || posix_spawn_file_actions_adddup2(&p->actions, fd, as) == 0;
}

/* A session of its own, nothing on its stdin, its last words in the batch's log. */
static int plan_init(struct spawn_plan *p, const struct handed *h)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&p->actions) != 0 || posix_spawnattr_init(&p->attr) != 0)
		return -1;
	if (posix_spawn_file_actions_addopen(&p->actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    !hand(p, h->log, 1) || !hand(p, h->log, 2) || !hand(p, h->ready, READY_FD) ||
	    !hand(p, h->run_lock, RUN_LOCK_FD) || !hand(p, h->lock, LOCK_FD) ||
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

/* Moves a descriptor above those that the child is given, so that setting one of them up does not
 * overwrite another one's source. */
static int move_up(int fd)
{
	int up = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);

	if (fd >= 0)
		close(fd);
	return up;
}

static int copy_up(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

static void close_handed(struct handed *h)
{
	int *const fds[] = {&h->log, &h->ready, &h->run_lock, &h->lock};
	size_t i;

	for (i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static int spawn(const struct conductor_spawn *s, const struct handed *h, struct err *err)
{
	struct conduct_line line;
	struct spawn_plan plan;
	pid_t pid;
	int rc;

	conduct_line_make(&line,
	    &(struct conduct_opts){
		.dir = s->dir->path,
		.overrides = s->overrides,
		.ready_fd = h->ready < 0 ? -1 : READY_FD,
		.lock_fd = h->lock < 0 ? -1 : LOCK_FD,
		.run_lock_fd = h->run_lock < 0 ? -1 : RUN_LOCK_FD,
	    });
	if (plan_init(&plan, h) < 0) {
		err_set(err, "cannot start the conductor: out of memory");
		return EXIT_INTERNAL;
	}
	rc = posix_spawn(&pid, "/proc/self/exe", &plan.actions, &plan.attr,
	    (char *const *)line.argv, environ); /* the strings are not written to */
	plan_release(&plan);
	if (rc == 0)
		return 0;
	err_sys(err, rc, "cannot start the conductor");
	return EXIT_INTERNAL;
}

int conductor_spawn(const struct conductor_spawn *s, struct err *err)
{
	int ready[2] = {-1, -1}, status = EXIT_INTERNAL;
	int log = open_log(s->dir, err);
	struct handed h = {.log = move_up(log),
	    .ready = -1,
	    .run_lock = copy_up(s->run_lock_fd),
	    .lock = copy_up(s->lock_fd)};

	if (log < 0)
		goto out;
	if (s->waits && pipe2(ready, O_CLOEXEC) == 0)
		h.ready = move_up(ready[1]);
	if (h.log < 0 || (s->waits && h.ready < 0) || (s->run_lock_fd >= 0 && h.run_lock < 0) ||
	    (s->lock_fd >= 0 && h.lock < 0))
		err_sys(err, errno, "cannot start the conductor");
	else
		status = spawn(s, &h, err);
	close_handed(&h);
	if (status == 0 && s->waits)
		status = read_ready(ready[0], err);
out:
	close_handed(&h);
	if (ready[0] >= 0)
		close(ready[0]);
	return status;
}
