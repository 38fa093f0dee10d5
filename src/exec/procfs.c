#include "exec/procfs.h"
#include "base/xalloc.h"
#include "exec/procstat.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Members of the session, then whoever was started by one of them, until there is nobody more.
 * A session that the number was given to later began with a leader of another start time. */
static void mark(struct members *all, pid_t sid, int64_t start_ticks)
{
	bool is_growing = true;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		const struct procstat *ps = &all->v[i].ps;

		if (ps->pid == sid && ps->start_ticks != start_ticks)
			return;
	}
	for (i = 0; i < all->nr; i++) {
		const struct procstat *ps = &all->v[i].ps;

		all->v[i].is_in = ps->session == sid && ps->start_ticks >= start_ticks;
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

size_t proc_session_signal(pid_t sid, int64_t start_ticks, int sig)
{
	struct members all = {0};
	size_t i, nr = 0;

	if (sid <= 1 || sid == getsid(0))
		return 0;
	read_all(&all);
	mark(&all, sid, start_ticks);
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
