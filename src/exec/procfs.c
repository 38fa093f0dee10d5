#include "exec/procfs.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/procstat.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENVIRON_MAX ((size_t)4 << 20)
#define STATUS_MAX ((size_t)64 << 10)

static bool is_zombie(const struct procstat *ps)
{
	return ps->state == 'Z' || ps->state == 'X';
}

int64_t proc_start_ticks(pid_t pid)
{
	struct procstat ps;

	return pid > 0 && procstat_read(pid, &ps) == 0 ? ps.start_ticks : -1;
}

bool proc_is_alive(pid_t pid, int64_t start_ticks)
{
	struct procstat ps;

	return pid > 0 && procstat_read(pid, &ps) == 0 && ps.start_ticks == start_ticks &&
	    !is_zombie(&ps);
}

/* "SigPnd:" and "ShdPnd:", sets of signals in hexadecimal, signal 1 in the lowest bit. */
bool proc_status_is_killed(const char *status)
{
	static const char *const sets[] = {"\nSigPnd:", "\nShdPnd:"};
	const char *at;
	size_t i;

	for (i = 0; i < ARRAY_LEN(sets); i++) {
		at = strstr(status, sets[i]);
		if (at && (strtoull(at + strlen(sets[i]), NULL, 16) >> (SIGKILL - 1) & 1))
			return true;
	}
	return false;
}

bool proc_is_killed(pid_t pid)
{
	char path[PROC_PATH_SIZE];
	struct buf text = BUF_INIT;
	bool is;

	if (pid <= 0)
		return false;
	proc_path(path, pid, "/status");
	is = file_read(AT_FDCWD, path, STATUS_MAX, &text, NULL) == 0 &&
	    proc_status_is_killed(text.data);
	buf_release(&text);
	return is;
}

int proc_pidfd(pid_t pid, int64_t start_ticks)
{
	int fd;

	if (pid <= 0)
		return -1;
	/* First the descriptor, then the question who it is: the other order has a race. */
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0 && !proc_is_alive(pid, start_ticks)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- sessions ---- */

struct member {
	struct procstat ps;
	bool is_in;
};

struct members {
	struct member *v;
	size_t nr, cap;
};

static void read_all(struct members *all)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		VEC_GROW(all->v, all->nr, all->cap);
		if (pid > 0 && procstat_read(pid, &all->v[all->nr].ps) == 0)
			all->v[all->nr++].is_in = false;
	}
	if (proc)
		closedir(proc);
}

static bool is_in(const struct members *all, pid_t pid)
{
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (all->v[i].ps.pid == pid)
			return all->v[i].is_in;
	return false;
}

static bool has_mark(const struct buf *environ_text, const char *mark)
{
	const char *at = environ_text->data;
	const char *end = at + environ_text->len;

	for (; at < end; at += strlen(at) + 1)
		if (strcmp(at, mark) == 0)
			return true;
	return false;
}

/* What a process was started with; its own business stays unread where we may not read it. */
static bool has_marks(pid_t pid, const char *const *marks)
{
	struct buf text = BUF_INIT;
	char path[PROC_PATH_SIZE];
	bool has_all = false;
	int fd;

	if (!marks || !marks[0])
		return false;
	proc_path(path, pid, "/environ");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (file_read_fd(fd, ENVIRON_MAX, &text, NULL) == 0)
		for (has_all = true; has_all && *marks; marks++)
			has_all = has_mark(&text, *marks);
	close(fd);
	buf_release(&text);
	return has_all;
}

/* A session that the number was given to later began with a leader of another start time. */
static bool is_session_of(const struct members *all, const struct proc_group *group)
{
	size_t i;

	if (group->sid <= 1 || group->sid == getsid(0))
		return false;
	for (i = 0; i < all->nr; i++)
		if (all->v[i].ps.pid == group->sid)
			return all->v[i].ps.start_ticks == group->start_ticks;
	return true;
}

/* Its members, then whoever was started by one of them, until there is nobody more. */
static void mark(struct members *all, const struct proc_group *group)
{
	bool has_session = is_session_of(all, group);
	bool is_growing = true;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		const struct procstat *ps = &all->v[i].ps;

		all->v[i].is_in = ps->start_ticks >= group->start_ticks &&
		    ((has_session && ps->session == group->sid) ||
			has_marks(ps->pid, group->marks));
	}
	while (is_growing) {
		is_growing = false;
		for (i = 0; i < all->nr; i++)
			if (!all->v[i].is_in && is_in(all, all->v[i].ps.ppid))
				is_growing = all->v[i].is_in = true;
	}
}

static void signal_exactly(const struct procstat *ps, int sig)
{
	int fd = proc_pidfd(ps->pid, ps->start_ticks);

	if (fd < 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0); /* ended meanwhile: as well */
	close(fd);
}

size_t proc_group_signal(const struct proc_group *group, int sig)
{
	struct members all = {0};
	size_t i, nr = 0;

	read_all(&all);
	mark(&all, group);
	for (i = 0; i < all.nr; i++) {
		if (!all.v[i].is_in || is_zombie(&all.v[i].ps) || all.v[i].ps.pid == getpid())
			continue;
		nr++;
		if (sig)
			signal_exactly(&all.v[i].ps, sig);
	}
	free(all.v);
	return nr;
}

bool proc_session_is_alive(pid_t sid)
{
	struct members all = {0};
	bool is_alive = false;
	size_t i;

	read_all(&all);
	for (i = 0; i < all.nr && !is_alive; i++)
		is_alive = all.v[i].ps.session == sid && !is_zombie(&all.v[i].ps);
	free(all.v);
	return is_alive;
}
