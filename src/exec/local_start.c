/* Starting an attempt's shim. */
#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/local_priv.h"
#include "exec/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
static int spawn_shim(struct local *lx, const int fds[3], char **argv, char **env, pid_t *pid)
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
	rc = posix_spawn_file_actions_adddup2(&files, fds[0], STDIN_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, fds[1], STDOUT_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, fds[2], STDERR_FILENO);
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
	char name[LOCAL_TASK_NAME_SIZE];

	if (!c->task_on_stdin)
		return lx->null_fd;
	local_task_name(lx, ref, name);
	return openat(lx->attempts_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* What an attempt of this number that never ran has left there is replaced. -1 with errno. */
static int open_stdout(struct local *lx, const struct job *job, const struct command *c)
{
	char name[LOCAL_TASK_NAME_SIZE];

	if (!c->is_reply)
		return job->log_fd;
	snprintf(name, sizeof(name), "%s.%lu.out", local_id(lx, job->ref.agent),
	    (unsigned long)job->ref.n);
	return file_create_again(lx->attempts_fd, name, NULL);
}

/* Those that were opened for this one command. */
static void close_fds(const struct local *lx, const struct job *job, const int fds[3])
{
	if (fds[0] != lx->null_fd)
		close(fds[0]);
	if (fds[1] >= 0 && fds[1] != job->log_fd)
		close(fds[1]);
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
	int fds[3] = {open_stdin(lx, job->ref, c), -1, job->log_fd};
	int rc;

	if (fds[0] < 0)
		return errno;
	fds[1] = open_stdout(lx, job, c);
	if (fds[1] < 0) {
		rc = errno ? errno : EIO;
		close_fds(lx, job, fds);
		return rc;
	}
	local_record_name(lx, job->ref, record);
	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	snprintf(grace, sizeof(grace), "%lld", (long long)(lx->opts.grace_s * 1000));
	leftovers_arg(c, &leftovers);
	words[SHIM_ARG_LEFTOVERS] = leftovers.data;
	argv = shim_argv(lx, c, words);
	rc = spawn_shim(lx, fds, argv, c->env, &job->shim);
	free(argv);
	buf_release(&leftovers);
	close_fds(lx, job, fds);
	return rc;
}

enum start_result local_start(struct executor *ex, struct attempt_ref ref, struct err *err)
{
	struct local *lx = (struct local *)ex;
	struct job *job = jobs_find(&lx->jobs, ref);
	struct command c = {0};
	int rc;

	if (!job || job->state != JOB_PREPARED)
		BUG("an attempt is started that was not prepared");
	if (lx->opts.make_command(lx->opts.ctx, ref, &c, err) < 0) {
		command_release(&c);
		local_drop(lx, job);
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
		local_drop(lx, job);
		return START_FAILED;
	}
	close(job->log_fd);
	job->log_fd = -1;
	job->state = JOB_RUNNING;
	jobs_set_pid(&lx->jobs, job, job->shim);
	return START_OK;
}
