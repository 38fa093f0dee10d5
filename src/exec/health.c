#include "exec/health.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "exec/logout.h"
#include "exec/profiles.h"
#include "exec/shared_patterns.h"
#include "exec/program.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)
#define SPACE_BAD (64 * MIB)
#define SPACE_WARN (1024 * MIB)
#define INODES_WARN 10000
#define FILES_BAD 64
#define FILES_WARN 256
#define PROCESSES_WARN 256
#define WALL_SANE_MS INT64_C(1700000000000) /* November 2023: this program is younger */

/* ---- where batches are kept ------------------------------------------------- */

/* The directory itself, or the nearest one above it that is there. malloc'ed. */
static char *nearest_dir(const char *path)
{
	char *dir = xstrdup(path);
	char *slash;

	while (access(dir, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR) &&
	    (slash = strrchr(dir, '/')) && slash > dir)
		*slash = '\0';
	if (access(dir, F_OK) == 0)
		return dir;
	free(dir);
	return xstrdup("/");
}

int health_takes_batches(const char *batches, struct err *err)
{
	char *dir = nearest_dir(batches);
	struct stat st;
	int rc = 0;

	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		rc = err_sys(err, ENOTDIR, "cannot make a batch in '%s'", batches);
	else if (access(dir, W_OK | X_OK) < 0)
		rc = err_sys(err, errno, "cannot make a batch in '%s'", batches);
	free(dir);
	return rc;
}

static void check_space(const char *dir, struct findings *f)
{
	static const char advice[] = "make room, or keep batches elsewhere with --dir";
	struct statvfs v;
	uint64_t free_bytes;

	if (statvfs(dir, &v) < 0) {
		findings_add(f, FINDING_NOTE, "disk", NULL, "cannot ask for the space on '%s': %s",
		    dir, strerror(errno));
		return;
	}
	free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	findings_add(f,
	    free_bytes < SPACE_BAD        ? FINDING_BAD
		: free_bytes < SPACE_WARN ? FINDING_WARN
					  : FINDING_OK,
	    "disk", free_bytes < SPACE_WARN ? advice : NULL, "%llu MiB free for batches",
	    (unsigned long long)(free_bytes / MIB));
	if (v.f_files > 0 && v.f_favail < INODES_WARN)
		findings_add(f, FINDING_WARN, "disk", advice, "%llu inodes free",
		    (unsigned long long)v.f_favail);
}

static void check_locks(const char *dir, struct findings *f)
{
	struct err err = ERR_INIT;
	int fd = dir_open(dir, &err);

	if (fd < 0 || access(dir, W_OK | X_OK) < 0)
		findings_add(f, FINDING_BAD, "batches", "choose another place with --dir",
		    "'%s' cannot be written to", dir);
	else if (lock_probe(fd, dir, &err) < 0)
		findings_add(f, FINDING_BAD, "locks",
		    "choose a directory on a local file system with --dir", "%s", err.msg);
	else
		findings_add(f, FINDING_OK, "locks", NULL, "the file system of '%s' keeps them",
		    dir);
	if (fd >= 0)
		close(fd);
}

void health_of_batches_dir(const char *batches, struct findings *f)
{
	char *dir = nearest_dir(batches);

	findings_add(f, FINDING_OK, "batches", NULL,
	    strcmp(dir, batches) == 0 ? "'%s'" : "'%s', which the first launch makes", batches);
	check_locks(dir, f);
	check_space(dir, f);
	free(dir);
}

/* ---- limits --------------------------------------------------------------- */

static bool limit_of(int what, uint64_t *soft)
{
	struct rlimit l;

	if (getrlimit(what, &l) < 0 || l.rlim_cur == RLIM_INFINITY)
		return false;
	*soft = l.rlim_cur;
	return true;
}

static void check_processes(struct findings *f)
{
	uint64_t n;

	/* The superuser's processes are not counted. */
	if (geteuid() != 0 && limit_of(RLIMIT_NPROC, &n) && n < PROCESSES_WARN)
		findings_add(f, FINDING_WARN, "limits", "ulimit -u 4096",
		    "%llu processes at most: an agent has many", (unsigned long long)n);
}

void health_of_limits(struct findings *f)
{
	uint64_t n;

	if (!limit_of(RLIMIT_NOFILE, &n))
		n = UINT32_MAX;
	findings_add(f,
	    n < FILES_BAD        ? FINDING_BAD
		: n < FILES_WARN ? FINDING_WARN
				 : FINDING_OK,
	    "limits", n < FILES_WARN ? "ulimit -n 4096" : NULL,
	    n == UINT32_MAX ? "open files without bound" : "%llu open files at most",
	    (unsigned long long)n);
	check_processes(f);
	if (limit_of(RLIMIT_FSIZE, &n))
		findings_add(f, FINDING_WARN, "limits", "ulimit -f unlimited",
		    "files of %llu bytes at most: logs and journal may be cut off",
		    (unsigned long long)n);
	if (limit_of(RLIMIT_CPU, &n))
		findings_add(f, FINDING_WARN, "limits", "ulimit -t unlimited",
		    "%llu seconds of processor time: then the conductor is killed",
		    (unsigned long long)n);
	if (limit_of(RLIMIT_AS, &n))
		findings_add(f, FINDING_WARN, "limits", "ulimit -v unlimited",
		    "%llu MiB of address space: agents in node need more than they use",
		    (unsigned long long)(n / MIB));
}

/* ---- the session, the clock ------------------------------------------------- */

void health_of_logout(struct findings *f)
{
	enum logout_end e = logout_ends_me();

	if (e == LOGOUT_SPARES)
		findings_add(f, FINDING_OK, "logout", NULL,
		    "nothing is known to end a batch at logout");
	else
		findings_add(f, FINDING_WARN, "logout", logout_advice(e),
		    "the session manager ends your processes at logout, batches too");
}

void health_of_clock(struct findings *f)
{
	struct timex t = {0};
	char now[CLOCK_TEXT_LEN + 1];
	int64_t wall_ms = clock_now().wall_ms;

	clock_text(wall_ms, now);
	if (wall_ms < WALL_SANE_MS)
		findings_add(f, FINDING_BAD, "clock",
		    "set it: waits for a reset go by the time of day", "it says %s", now);
	else if (adjtimex(&t) == TIME_ERROR && (t.status & STA_UNSYNC))
		findings_add(f, FINDING_NOTE, "clock",
		    "timedatectl set-ntp true, if waits for a reset end early or late",
		    "%s, and nothing is known to keep it right", now);
	else
		findings_add(f, FINDING_OK, "clock", NULL, "%s", now);
}

/* ---- the user's own --------------------------------------------------------- */

void health_of_home(struct findings *f)
{
	static const char *const names[] = {"XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"};
	const char *home = getenv("HOME");
	size_t i;

	if (!home || home[0] != '/' || access(home, X_OK) < 0)
		findings_add(f, FINDING_WARN, "home", "export HOME=...",
		    "HOME is %s: agents keep their logins there",
		    !home || !*home ? "not set" : "no directory");
	for (i = 0; i < ARRAY_LEN(names); i++) {
		const char *dir = getenv(names[i]);

		if (dir && *dir && dir[0] != '/')
			findings_add(f, FINDING_WARN, "home",
			    "make it an absolute path, or unset it", "%s is relative, and ignored",
			    names[i]);
	}
}

/* ---- programs --------------------------------------------------------------- */

static void check_helper(const char *name, const char *what, struct findings *f)
{
	char *path = xasprintf("%s/%s", libexec_dir(), name);

	if (access(path, X_OK) < 0)
		findings_add(f, FINDING_BAD, "programs", "install agent-batch again",
		    "%s cannot be run: '%s': %s", what, path, strerror(errno));
	free(path);
}

/* Adds the name to the list of those whose program is there, or to the others. */
static void sort_profile(const char *name, struct buf *there, struct buf *missing,
    struct findings *f)
{
	struct profile p;
	struct err err = ERR_INIT;
	struct buf *list = missing;
	char *path;

	if (profile_load(name, &p, &err) != 0) {
		findings_add(f, FINDING_BAD, "profiles", "agent-batch check TASKS.csv tells more",
		    "%s", err.msg);
		return;
	}
	path = profile_program(&p);
	if (path)
		list = there;
	free(path);
	buf_fmt(list, "%s%s", list->len ? ", " : "", name);
	profile_release(&p);
}

static void check_profiles(struct findings *f)
{
	struct buf there = BUF_INIT, missing = BUF_INIT;
	char **names = NULL;
	struct err err = ERR_INIT;
	size_t nr = 0, i;

	if (profile_list(&names, &nr, &err) < 0)
		findings_add(f, FINDING_BAD, "profiles", NULL, "%s", err.msg);
	for (i = 0; i < nr; i++) {
		sort_profile(names[i], &there, &missing, f);
		free(names[i]);
	}
	free(names);
	findings_add(f, there.len ? FINDING_OK : FINDING_WARN, "profiles",
	    there.len ? NULL : "install an agent, or use --agent-command", "ready to run: %s",
	    there.len ? there.data : "none");
	if (missing.len)
		findings_add(f, FINDING_NOTE, "profiles", NULL, "not on the PATH: %s",
		    missing.data);
	buf_release(&there);
	buf_release(&missing);
}

static void check_patterns(struct findings *f)
{
	struct err err = ERR_INIT;
	struct pattern_base *patterns = shared_patterns_load(&err);

	if (!patterns)
		findings_add(f, FINDING_BAD, "profiles", "agent-batch profiles --check", "%s",
		    err.msg);
	pattern_base_free(patterns);
}

void health_of_programs(struct findings *f)
{
	check_helper("agent-batch-shim", "the helper that starts agents", f);
	check_helper("agent-batch-sim", "the simulated agent", f);
	if (access("/proc/self/stat", R_OK) < 0)
		findings_add(f, FINDING_BAD, "programs", "mount -t proc proc /proc",
		    "there is no /proc: running agents could not be found again");
	check_profiles(f);
	check_patterns(f);
}

void health_of_terminal(struct findings *f)
{
	const char *term = getenv("TERM");

	if (!term || !*term || strcmp(term, "dumb") == 0)
		findings_add(f, FINDING_NOTE, "terminal",
		    "export TERM=xterm-256color, if it is one",
		    "TERM is %s: lines of text in place of the screen",
		    term && *term ? term : "not set");
	else
		findings_add(f, FINDING_OK, "terminal", NULL, "TERM is %s", term);
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		findings_add(f, FINDING_NOTE, "terminal", "export LC_ALL=C.UTF-8",
		    "the locale's characters are not UTF-8: the screen keeps to ASCII");
}

void health_of_machine(const char *batches, struct findings *f)
{
	health_of_batches_dir(batches, f);
	health_of_limits(f);
	health_of_logout(f);
	health_of_clock(f);
	health_of_home(f);
	health_of_programs(f);
	health_of_terminal(f);
}
