/* monitor-bg: follows a run into monitor.log in the original batch's directory, and runs --notify at
 * its end. On a terminal it goes into the background: nobody wants to look at a screen that stays
 * empty. */
#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "cli/command.h"
#include "cli/follow.h"
#include "cli/notify.h"
#include "cli/print.h"
#include "cli/target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MONITOR_LOG_NAME "monitor.log"

struct watcher {
	struct run_reader run;
	const struct batch_reader *chosen;
	const struct cli_args *args;
	struct notify notify;
	int log_fd;
	bool is_writer; /* another one that watches the same run writes the lines else */
	bool is_new; /* the log was empty */
	bool is_detached;
};

/* ---- the log -------------------------------------------------------------- */

static int open_log(struct watcher *w)
{
	const struct batch_dir *dir = &w->run.batches[0]->dir;
	struct err err = ERR_INIT;
	struct stat st;

	if (batch_reader_check_writable(w->run.batches[0], &err) < 0)
		return fail(EXIT_SOME_FAILED, "%s", err.msg);
	w->log_fd = file_open_append(dir->fd, MONITOR_LOG_NAME, &err);
	if (w->log_fd < 0)
		return fail(EXIT_INTERNAL, "'%s': %s", dir->path, err.msg);
	w->is_writer = lock_take(w->log_fd, 0) == 0;
	/* Where nobody has watched before, the run is told from its beginning. */
	w->is_new = fstat(w->log_fd, &st) == 0 && st.st_size == 0;
	if (w->is_new && w->args->nr_words == 0)
		w->chosen = w->run.batches[0];
	return 0;
}

/* From here on stdout, and in the background stderr, is the log. */
static int redirect(const struct watcher *w)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int out = w->is_writer ? w->log_fd : null_fd;
	int rc = 0;

	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    (w->is_detached && dup2(out, STDERR_FILENO) < 0))
		rc = fail(EXIT_INTERNAL, "cannot write to %s: %s", MONITOR_LOG_NAME,
		    strerror(errno));
	if (null_fd > STDERR_FILENO)
		close(null_fd);
	return rc;
}

/* ---- the background --------------------------------------------------------- */

/* 1: this is the process that watches; 0: it does, and this one is done; -1. The lock on the log
 * belongs to the open file and goes along. */
static int go_to_background(struct watcher *w)
{
	const struct batch_dir *dir = &w->run.batches[0]->dir;
	pid_t pid = fork();

	if (pid < 0)
		return fail(-1, "cannot go into the background: %s", strerror(errno));
	if (pid == 0) {
		(void)setsid(); /* a forked process leads no group: it cannot fail */
		w->is_detached = true;
		return 1;
	}
	print_fmt("watching %s in the background, process %ld: %s/%s\n", dir->name, (long)pid,
	    dir->path, MONITOR_LOG_NAME);
	return 0;
}

static bool wants_background(const struct watcher *w)
{
	return w->args->front.detach || isatty(STDOUT_FILENO);
}

/* ---- watching ----------------------------------------------------------------- */

static void say_begin(const struct watcher *w)
{
	char at[CLOCK_TEXT_LEN + 1];

	clock_text(clock_now().wall_ms, at);
	print_fmt("=== watching %s at %s ===\n", w->chosen->dir.name, at);
}

static int notify(struct watcher *w, int code)
{
	struct err err = ERR_INIT;

	(void)run_reader_refresh(&w->run, NULL); /* what it says last time will do */
	if (notify_run(&w->notify, &w->run, code, STDOUT_FILENO, &err) < 0)
		note("--notify: %s", err.msg);
	return code;
}

static int watch(struct watcher *w)
{
	struct follow_since since = {NULL, 0};
	const struct follow_opts opts = {
	    .front = &w->args->front,
	    .since = &since,
	    .ignores_hangup = true,
	};
	int code = redirect(w);

	if (code != 0)
		return code;
	say_begin(w);
	if (!w->is_new)
		follow_from_here(&since, &w->run);
	code = follow_run(&w->chosen->dir, &opts);
	follow_since_release(&since);
	return code == EXIT_LEFT_RUNNING ? code : notify(w, code);
}

static int start(struct watcher *w)
{
	struct err err = ERR_INIT;
	int rc;

	if (notify_init(&w->notify, w->args->front.notify, &err) < 0)
		return fail(EXIT_USAGE, "%s", err.msg);
	rc = open_log(w);
	if (rc != 0)
		return rc;
	signal(SIGHUP, SIG_IGN); /* the terminal may go, the watch stays */
	if (wants_background(w)) {
		rc = go_to_background(w);
		if (rc <= 0)
			return rc < 0 ? EXIT_INTERNAL : print_status();
	}
	return watch(w);
}

int cmd_monitor_bg(struct cli_args *args)
{
	struct watcher w = {.args = args, .log_fd = -1};
	struct batch_reader *chosen;
	int rc = target_open_only(args, &w.run, &chosen);

	if (rc != 0)
		return rc;
	w.chosen = chosen;
	rc = start(&w);
	notify_release(&w.notify);
	if (w.log_fd >= 0)
		close(w.log_fd);
	run_reader_close(&w.run);
	return rc;
}
