#include "exec/shim/tree.h"
#include "exec/shim/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define QUEUE_MAX 8192

struct queue {
	pid_t pids[QUEUE_MAX];
	size_t nr;
};

static void push(struct queue *q, pid_t pid)
{
	if (pid > 0 && q->nr < QUEUE_MAX)
		q->pids[q->nr++] = pid;
}

/* Reads "12 345 6789 " to its end. */
static void push_list(struct queue *q, int fd)
{
	char text[4096];
	pid_t pid = 0;
	ssize_t n, i;

	while ((n = read(fd, text, sizeof(text))) > 0) {
		for (i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0');
			} else {
				push(q, pid);
				pid = 0;
			}
		}
	}
	push(q, pid);
}

/* Each thread has children of its own. -1: this kernel does not list children. */
static int push_children(struct queue *q, pid_t pid)
{
	char path[PROC_PATH_SIZE], name[32];
	struct dirent *entry;
	int rc = 0;
	DIR *tasks;

	proc_path(path, pid, "/task");
	tasks = opendir(path);
	if (!tasks)
		return 0; /* gone meanwhile */
	while ((entry = readdir(tasks))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		name[0] = '\0';
		text_add(name, sizeof(name), entry->d_name);
		text_add(name, sizeof(name), "/children");
		fd = openat(dirfd(tasks), name, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			if (errno == ENOENT && pid == getpid())
				rc = -1;
			continue;
		}
		push_list(q, fd);
		close(fd);
	}
	closedir(tasks);
	return rc;
}

/* For kernels without lists of children: everybody is asked for his parent. */
static void push_children_by_scan(struct queue *q, pid_t parent)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct procstat ps;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && procstat_read(pid, &ps) == 0 && ps.ppid == parent)
			push(q, pid);
	}
	if (proc)
		closedir(proc);
}

static void push_any_children(struct queue *q, pid_t pid)
{
	static bool must_scan;

	if (!must_scan && push_children(q, pid) < 0)
		must_scan = true;
	if (must_scan)
		push_children_by_scan(q, pid);
}

void tree_walk(bool (*fn)(void *ctx, const struct procstat *ps), void *ctx)
{
	static struct queue q;
	struct procstat ps;
	size_t at;

	q.nr = 0;
	push_any_children(&q, getpid());
	for (at = 0; at < q.nr; at++) {
		if (procstat_read(q.pids[at], &ps) < 0 || ps.state == 'Z' || ps.state == 'X')
			continue;
		if (fn(ctx, &ps))
			push_any_children(&q, ps.pid);
	}
}

void process_signal(const struct procstat *ps, int sig)
{
	int fd = (int)syscall(SYS_pidfd_open, ps->pid, 0);
	struct procstat now;

	if (fd < 0) {
		/* Kernels before 5.3. What is left of the race is a few microseconds. */
		if (errno == ENOSYS && procstat_read(ps->pid, &now) == 0 &&
		    now.start_ticks == ps->start_ticks)
			kill(ps->pid, sig);
		return;
	}
	/* The descriptor stands for whoever had the number just now: was it still the same? */
	if (procstat_read(ps->pid, &now) == 0 && now.start_ticks == ps->start_ticks)
		syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
	close(fd);
}

static bool is_same(const char *have, const char *name, size_t len)
{
	return strlen(have) == len && memcmp(have, name, len) == 0;
}

bool process_is_called(const struct procstat *ps, const char *name, size_t len)
{
	char path[PROC_PATH_SIZE], text[4096];
	const char *slash;
	ssize_t n;
	int fd;

	/* The kernel keeps 15 bytes of a name. */
	if (is_same(ps->comm, name, len < 15 ? len : 15))
		return true;
	proc_path(path, ps->pid, "/cmdline");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	slash = strrchr(text, '/');
	return is_same(slash ? slash + 1 : text, name, len);
}
