/* The agent's half runs in the shim's own memory (CLONE_VM) while the shim stands still
 * (CLONE_VFORK), as posix_spawn does it: no page is copied, and why it failed is simply there when
 * the shim goes on. Hence nothing in it may allocate, and its descriptors are its own. */
#include "exec/shim/agent.h"
#include "exec/procstat.h"
#include "exec/shim/line.h"
#include "exec/shim/shim.h"
#include "exec/shim/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define STACK_BYTES (64 * 1024)
#define PAGE_BYTES 4096 /* larger ones only cost the advice below */
#define SUBJECT_MAX 256 /* a longer name is cut, so that the cause behind it still fits */

struct start {
	const struct agent_spec *spec;
	struct agent_fault *fault;
};

/* "SOFT:HARD". The conductor has raised its own limit; programs that loop over all descriptors,
 * or use select(), want the one that the user had. */
static void restore_nofile(const char *text)
{
	struct rlimit rl;
	char *end;

	if (strcmp(text, "-") == 0)
		return;
	rl.rlim_cur = strtoull(text, &end, 10);
	if (*end != ':')
		return;
	rl.rlim_max = strtoull(end + 1, NULL, 10);
	(void)setrlimit(RLIMIT_NOFILE, &rl); /* no reason not to run */
}

/* Makes the agent a likelier victim of the out-of-memory killer than shim and conductor. */
static void raise_oom(const char *text)
{
	int fd = strcmp(text, "-") == 0 ? -1 : open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text)); /* refused where nothing may be changed: no matter */
	close(fd);
}

static void boot_id(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, 36) : -1;

	if (fd >= 0)
		close(fd);
	if (n == 36)
		out[36] = '\0';
	else
		memcpy(out, "unknown", 8);
}

static int write_start(const struct agent_spec *spec)
{
	struct line line;
	struct procstat self;
	struct utsname host;
	char boot[40];

	if (procstat_read(0, &self) < 0) {
		self.pid = getpid();
		self.start_ticks = 0;
	}
	boot_id(boot);
	uname(&host);
	line_begin(&line, "start");
	line_int(&line, "pid", self.pid);
	line_int(&line, "start", self.start_ticks);
	line_str(&line, "boot", boot);
	line_str(&line, "host", host.nodename);
	line_int(&line, "shim_pid", getppid());
	line_int(&line, "shim_start", spec->shim_start_ticks);
	line_end(&line);
	return line_write(&line, spec->record_fd);
}

/* The interpreter that a script's first line names. */
static void read_interpreter(const char *path, char *out, size_t size)
{
	char head[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, head, sizeof(head) - 1) : -1;
	const char *at;
	size_t len;

	if (fd >= 0)
		close(fd);
	if (n < 3 || head[0] != '#' || head[1] != '!')
		return;
	head[n] = '\0';
	at = head + 2 + strspn(head + 2, " \t");
	len = strcspn(at, " \t\n");
	if (len >= size)
		len = size - 1;
	memcpy(out, at, len);
	out[len] = '\0';
}

/* One place where the program may be. Returns only when it could not be executed there. */
static int try_exec(const char *path, char **argv, struct agent_fault *fault)
{
	int saved;

	execve(path, argv, environ);
	saved = errno;
	/* "No such file" about a file that is there speaks of its interpreter. */
	if (saved == ENOENT && !fault->interpreter[0] && access(path, F_OK) == 0)
		read_interpreter(path, fault->interpreter, sizeof(fault->interpreter));
	return saved;
}

static bool is_worth_searching_on(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES ||
	    errnum == ENAMETOOLONG || errnum == ELOOP || errnum == ESTALE;
}

/* As execvp does, but what is in no format the kernel knows is not handed to sh. */
static int exec_program(char **argv, struct agent_fault *fault)
{
	char path[PATH_MAX];
	const char *name = argv[0];
	const char *dirs = getenv("PATH");
	size_t name_len = strlen(name);
	int found = ENOENT;

	if (name_len == 0)
		return ENOENT;
	if (name_len > NAME_MAX && !strchr(name, '/'))
		return ENAMETOOLONG;
	if (strchr(name, '/'))
		return try_exec(name, argv, fault);
	if (!dirs)
		dirs = SHIM_DEFAULT_PATH;
	for (;; dirs++) {
		size_t n = strcspn(dirs, ":");
		int errnum = ENAMETOOLONG;

		if (n + name_len + 2 <= sizeof(path)) {
			memcpy(path, dirs, n);
			path[n] = '/';
			memcpy(path + n + (n > 0), name, name_len + 1);
			errnum = try_exec(path, argv, fault);
		}
		if (!is_worth_searching_on(errnum))
			return errnum;
		if (errnum == EACCES)
			found = EACCES;
		dirs += n;
		if (!*dirs)
			return found;
	}
}

/* Whatever stands open by now, ours or a stranger's, ends here: the agent gets 0, 1 and 2. */
static void close_all_above_stderr(void)
{
	struct rlimit rl;
	int fd;

	if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
		return;
	/* Kernels before 5.9, or a sandbox that does not know the call. */
	if (getrlimit(RLIMIT_NOFILE, &rl) < 0 || rl.rlim_max > 1 << 20)
		rl.rlim_max = 1 << 20;
	for (fd = 3; fd < (int)rl.rlim_max; fd++)
		close(fd);
}

static int become_agent(void *arg)
{
	struct start *s = arg;
	const struct agent_spec *spec = s->spec;
	struct agent_fault *fault = s->fault;
	sigset_t none;

	setsid();
	raise_oom(spec->oom);
	if (chdir(spec->cwd) < 0) {
		fault->errnum = errno;
		fault->what = AGENT_NO_CWD;
		_exit(127);
	}
	if (write_start(spec) < 0) {
		fault->errnum = errno;
		fault->what = AGENT_NO_RECORD;
		_exit(127);
	}
	close_all_above_stderr();
	restore_nofile(spec->nofile);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fault->errnum = exec_program(spec->argv, fault);
	fault->what = AGENT_NO_EXEC;
	_exit(127);
}

pid_t agent_start(const struct agent_spec *spec, struct agent_fault *fault)
{
	static alignas(PAGE_BYTES) char stack[STACK_BYTES];
	struct start s = {spec, fault};
	pid_t pid;

	memset(fault, 0, sizeof(*fault));
	pid = clone(become_agent, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &s);
	/* Hundreds of shims wait for hours: what the agent's half used is given back. */
	(void)madvise(stack, sizeof(stack), MADV_DONTNEED);
	return pid;
}

void agent_fault_text(const struct agent_spec *spec, const struct agent_fault *fault, char *out,
    size_t size)
{
	bool is_cwd = fault->what == AGENT_NO_CWD;

	out[0] = '\0';
	text_add(out, size, is_cwd ? "cannot enter directory '" : "cannot run '");
	text_add(out, size < SUBJECT_MAX ? size : SUBJECT_MAX, is_cwd ? spec->cwd : spec->argv[0]);
	text_add(out, size, "': ");
	if (fault->interpreter[0] && fault->errnum == ENOENT) {
		text_add(out, size, "its interpreter '");
		text_add(out, size, fault->interpreter);
		text_add(out, size, "': ");
	}
	text_add(out, size, strerror(fault->errnum));
}
