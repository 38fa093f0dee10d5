#include "exec/program.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "exec/shim/shim.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* False with errno. */
static bool is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || access(path, X_OK) < 0)
		return false;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
	return S_ISREG(st.st_mode);
}

/* As the shim does it: an element that is empty or relative is one of the directory where the program
 * is started. */
static char *find_on_path(const char *program, const char *base)
{
	const char *path = getenv("PATH");

	for (path = path ? path : SHIM_DEFAULT_PATH;; path++) {
		size_t len = strcspn(path, ":");
		struct buf full = BUF_INIT;

		if (*path != '/')
			buf_fmt(&full, "%s/", base);
		buf_fmt(&full, "%.*s%s%s", (int)len, path, len ? "/" : "", program);
		if (is_program(full.data))
			return buf_detach(&full);
		buf_release(&full);
		path += len;
		if (!*path)
			return NULL;
	}
}

char *program_find(const char *program, const char *base, struct err *err)
{
	char *path;

	if (!strchr(program, '/')) {
		path = find_on_path(program, base);
		if (!path)
			err_set(err, "cannot run '%s': no such program on the PATH", program);
		return path;
	}
	path = program[0] == '/' ? xstrdup(program) : xasprintf("%s/%s", base, program);
	if (is_program(path))
		return path;
	err_sys(err, errno, "cannot run '%s'", program);
	free(path);
	return NULL;
}

static int spawn(char **words, int in_fd, int out_fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDERR_FILENO);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(pid, words[0], &actions, &attr, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static int wait_for(pid_t pid, const char *program, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "cannot wait for '%s'", program);
	if (WIFSIGNALED(status))
		return err_set(err, "'%s' was ended by signal %d", program, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, "'%s' ended with status %d", program, WEXITSTATUS(status));
	return 0;
}

int program_run(char **words, int in_fd, int out_fd, struct err *err)
{
	pid_t pid;
	int rc = spawn(words, in_fd, out_fd, &pid);

	return rc != 0 ? err_sys(err, rc, "cannot run '%s'", words[0])
		       : wait_for(pid, words[0], err);
}
