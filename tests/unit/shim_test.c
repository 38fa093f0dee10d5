/* The shim alone, as whoever starts it sees it: its words, its record, its exit status. */
#include "support/agent_child.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "exec/procfs.h"
#include "exec/profiles.h"
#include "exec/shim/shim.h"
#include "formats/record.h"

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#define DEADLINE_MS 30000

struct shim_test {
	char root[64];
	char shim[PATH_MAX], self[PATH_MAX];
	int attempts_fd;
	int notify[2];
	/* What the next start says. */
	const char *record, *parent, *grace, *leftovers, *cwd;
};

static int set_up(void **state)
{
	struct shim_test *t = xcalloc(1, sizeof(*t));
	ssize_t n;

	snprintf(t->root, sizeof(t->root), "/tmp/agent-batch-test.XXXXXX");
	assert_non_null(mkdtemp(t->root));
	t->attempts_fd = dir_open(t->root, NULL);
	assert_true(t->attempts_fd >= 0);
	assert_int_equal(pipe2(t->notify, O_CLOEXEC | O_NONBLOCK), 0);
	snprintf(t->shim, sizeof(t->shim), "%s/agent-batch-shim", libexec_dir());
	n = readlink("/proc/self/exe", t->self, sizeof(t->self) - 1);
	assert_true(n > 0);
	t->record = "a.1.jsonl";
	t->grace = "300";
	t->leftovers = "kill";
	t->cwd = t->root;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	*state = t;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct shim_test *t = *state;

	close(t->attempts_fd);
	close(t->notify[0]);
	close(t->notify[1]);
	nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
	return 0;
}

/* stdout goes to "out", where each start appends. */
static pid_t start_with(struct shim_test *t, const posix_spawnattr_t *attr,
    const char *const *agent)
{
	char parent[16], *argv[32] = {NULL};
	posix_spawn_file_actions_t files;
	int att = fcntl(t->attempts_fd, F_DUPFD_CLOEXEC, 20);
	int note = fcntl(t->notify[1], F_DUPFD_CLOEXEC, 20);
	char *out = xasprintf("%s/out", t->root);
	size_t i;
	pid_t pid;

	snprintf(parent, sizeof(parent), "%d", (int)getpid());
	argv[0] = (char *)"shim";
	argv[SHIM_ARG_RECORD] = (char *)t->record;
	argv[SHIM_ARG_PARENT] = t->parent ? (char *)t->parent : parent;
	argv[SHIM_ARG_GRACE_MS] = (char *)t->grace;
	argv[SHIM_ARG_NOFILE] = (char *)"-";
	argv[SHIM_ARG_OOM] = (char *)"-";
	argv[SHIM_ARG_LEFTOVERS] = (char *)t->leftovers;
	argv[SHIM_ARG_CWD] = (char *)t->cwd;
	argv[SHIM_ARG_DASHES] = (char *)"--";
	for (i = 0; agent[i]; i++)
		argv[SHIM_ARG_AGENT + i] = (char *)agent[i];
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawn_file_actions_adddup2(&files, att, SHIM_FD_ATTEMPTS);
	posix_spawn_file_actions_adddup2(&files, note, SHIM_FD_NOTIFY);
	assert_int_equal(posix_spawn(&pid, t->shim, &files, attr, argv, environ), 0);
	posix_spawn_file_actions_destroy(&files);
	free(out);
	close(att);
	close(note);
	return pid;
}

#define start(t, ...) start_with((t), NULL, (const char *const[]){__VA_ARGS__, NULL})
#define start_agent(t, ...) start((t), (t)->self, AGENT_CHILD, __VA_ARGS__)

static int wait_status(pid_t pid)
{
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	int status = -1;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (clock_now().mono_ms > deadline)
			fail_msg("the shim does not end");
		usleep(500);
	}
	return status;
}

static void wait_clean(pid_t pid)
{
	assert_int_equal(wait_status(pid), 0);
}

static struct record read_it(struct shim_test *t)
{
	struct record r;

	assert_int_equal(record_read(t->attempts_fd, t->record, &r, NULL), 0);
	return r;
}

static char *path_of(struct shim_test *t, const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", t->root, name);
	return path;
}

static void wait_file(struct shim_test *t, const char *name)
{
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	struct stat st;

	while (stat(path_of(t, name), &st) < 0 || st.st_size == 0) {
		if (clock_now().mono_ms > deadline)
			fail_msg("'%s' does not come", name);
		usleep(500);
	}
}

static char *text_of(struct shim_test *t, const char *name)
{
	struct buf text = BUF_INIT;

	assert_int_equal(file_read(t->attempts_fd, name, 1 << 20, &text, NULL), 0);
	return buf_detach(&text);
}

static void request(pid_t shim, int sig, enum kill_why why)
{
	union sigval value = {.sival_int = (int)why};

	assert_int_equal(sigqueue(shim, sig, value), 0);
}

/* ---- the record ---- */

static void the_record_tells_who_ran_and_how_it_ended(void **state)
{
	struct shim_test *t = *state;
	struct instant before = clock_now(), after;
	char boot[BOOT_ID_LEN + 1], host[256] = "";
	pid_t pid = start_agent(t, "sleep", path_of(t, "up"));
	struct record r;
	char *text;

	wait_file(t, "up");
	r = read_it(t);
	clock_boot_id(boot);
	gethostname(host, sizeof(host) - 1);
	assert_true(r.is_locked && r.has_start && !r.has_exit);
	assert_string_equal(r.boot, boot);
	assert_string_equal(r.host, host);
	assert_int_equal(r.shim_pid, pid);
	assert_int_equal(r.shim_start_ticks, proc_start_ticks(pid));
	assert_true(proc_is_alive((pid_t)r.pid, r.start_ticks));
	assert_int_equal(getsid((pid_t)r.pid), r.pid);
	assert_int_equal(getsid(pid), pid);
	assert_true(r.started_t >= before.wall_ms && r.started_m >= before.mono_ms);
	kill((pid_t)r.pid, SIGKILL);
	wait_clean(pid);
	after = clock_now();
	r = read_it(t);
	assert_true(!r.is_locked && r.has_exit);
	assert_int_equal(r.exit.how, EXIT_SIGNAL);
	assert_int_equal(r.exit.value, SIGKILL);
	assert_true(r.exit_t <= after.wall_ms && r.exit_m <= after.mono_ms);
	text = text_of(t, t->record);
	assert_int_equal(strncmp(text, "{\"ev\":\"start\",\"t\":", 18), 0);
	free(text);
}

static void the_end_is_recorded_before_it_is_reaped(void **state)
{
	struct shim_test *t = *state;
	int i;

	/* Whenever the shim is killed: what it leaves is the exit line, or the agent unreaped. */
	for (i = 0; i < 50; i++) {
		char name[32];
		struct record r;
		pid_t pid;
		int status;

		snprintf(name, sizeof(name), "r%d", i);
		t->record = name;
		pid = start(t, "sh", "-c", "exit 6");
		usleep((useconds_t)i * 60);
		kill(pid, SIGKILL);
		wait_status(pid);
		do /* the agent's half holds the lock until it is executed */
			r = read_it(t);
		while (r.is_locked);
		if (!r.has_start || r.has_exit) {
			while (waitpid(-1, NULL, 0) > 0)
				;
			continue;
		}
		assert_int_equal(waitpid((pid_t)r.pid, &status, 0), r.pid);
		assert_int_equal(WEXITSTATUS(status), 6);
	}
}

static void a_record_that_is_there_stops_it(void **state)
{
	struct shim_test *t = *state;
	int fd = openat(t->attempts_fd, t->record, O_RDWR | O_CREAT, 0600);

	assert_int_equal(WEXITSTATUS(wait_status(start(t, "touch", "ran"))), SHIM_TAKEN);
	assert_int_not_equal(access(path_of(t, "ran"), F_OK), 0);
	close(fd);
	unlinkat(t->attempts_fd, t->record, 0);
	assert_int_equal(symlinkat("outside", t->attempts_fd, t->record), 0);
	assert_int_equal(WEXITSTATUS(wait_status(start(t, "touch", "ran"))), SHIM_TAKEN);
	assert_int_not_equal(access(path_of(t, "ran"), F_OK), 0);
	assert_int_not_equal(access(path_of(t, "outside"), F_OK), 0);
}

static void a_record_that_cannot_be_made_starts_nothing(void **state)
{
	struct shim_test *t = *state;

	t->record = "no/such/place";
	assert_int_equal(WEXITSTATUS(wait_status(start(t, "touch", "ran"))), ENOENT);
	assert_int_not_equal(access(path_of(t, "ran"), F_OK), 0);
}

static void d1_a_start_that_cannot_be_recorded_is_not_made(void **state)
{
	struct shim_test *t = *state;
	struct rlimit before, none = {0, 0};

	/* No byte may be written: as a full disk, but for the signal, which the shim blocks. */
	getrlimit(RLIMIT_FSIZE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(WEXITSTATUS(wait_status(start(t, "mkdir", "ran"))), EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_not_equal(access(path_of(t, "ran"), F_OK), 0);
	assert_false(read_it(t).has_start);
}

static void wrong_words_start_nothing(void **state)
{
	struct shim_test *t = *state;
	char *argv[] = {t->shim, (char *)"x", NULL};
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, t->shim, NULL, NULL, argv, environ), 0);
	assert_int_equal(WEXITSTATUS(wait_status(pid)), SHIM_USAGE);
}

static void what_could_not_run_is_said_in_valid_json(void **state)
{
	struct shim_test *t = *state;
	char name[3000];
	struct record r;

	wait_clean(start(t, "a\"b\\c\n\t\x01\x7f\xff\xc3\xa4"));
	r = read_it(t);
	assert_int_equal(r.exit.how, EXIT_FAILED);
	assert_int_equal(r.exit.value, ENOENT);
	assert_string_equal(r.message,
	    "cannot run 'a\"b\\c\n\t\x01\x7f\xef\xbf\xbd\xc3\xa4': No such file or directory");
	memset(name, 'x', sizeof(name) - 1); /* the cause is not cut off with the name */
	name[sizeof(name) - 1] = '\0';
	t->record = "b";
	wait_clean(start(t, name));
	assert_non_null(strstr(read_it(t).message, "xxx': File"));
}

/* ---- what the agent gets ---- */

static void p8_nothing_of_the_starters_passes_through(void **state)
{
	struct shim_test *t = *state;
	int stray = fcntl(t->notify[0], F_DUPFD, 30); /* no close-on-exec */
	posix_spawnattr_t attr;
	sigset_t set;
	char *text;

	signal(SIGCHLD, SIG_IGN); /* would take every status away */
	signal(SIGUSR1, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	posix_spawnattr_init(&attr);
	sigfillset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	{
		const char *const agent[] = {t->self, AGENT_CHILD, "describe", "-", NULL};
		pid_t pid = start_with(t, &attr, agent);

		signal(SIGCHLD, SIG_DFL);
		(void)wait_status(pid); /* none, where it ended before that */
	}
	posix_spawnattr_destroy(&attr);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	close(stray);
	assert_int_equal(read_it(t).exit.value, 0);
	text = text_of(t, "out");
	assert_non_null(strstr(text, "SigBlk:\t0000000000000000\n"));
	assert_non_null(strstr(text, "SigIgn:\t0000000000000000\n"));
	assert_non_null(strstr(text, "fd 2 "));
	assert_null(strstr(text, "fd 3 "));
	assert_null(strstr(text, "fd 30 "));
	free(text);
}

static void the_shim_itself_holds_nothing_of_a_strangers(void **state)
{
	struct shim_test *t = *state;
	int ends[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ends), 0); /* inherited: the reader waits for all writers */
	pid = start_agent(t, "sleep", path_of(t, "up"));
	close(ends[1]);
	wait_file(t, "up");
	assert_int_equal(read(ends[0], &c, 1), 0); /* end of file, though the agent runs */
	close(ends[0]);
	request(pid, SHIM_SIG_KILL, KILL_CANCEL);
	wait_clean(pid);
}

/* ---- signals ---- */

static void a_plain_signal_does_not_stop_it(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGQUIT};
	struct shim_test *t = *state;
	pid_t pid = start_agent(t, "sleep", path_of(t, "up"));
	size_t i;
	struct record r;

	wait_file(t, "up");
	for (i = 0; i < ARRAY_LEN(signals); i++)
		kill(pid, signals[i]);
	request(pid, SHIM_SIG_TERM, KILL_NONE); /* says no reason: none of ours */
	request(pid, SHIM_SIG_KILL, (enum kill_why)77);
	usleep(100 * 1000); /* nothing happens, so nothing can be waited for */
	r = read_it(t);
	assert_true(r.is_locked && r.killed == KILL_NONE);
	assert_true(proc_is_alive((pid_t)r.pid, r.start_ticks));
	request(pid, SHIM_SIG_TERM, KILL_STALL);
	wait_clean(pid);
	r = read_it(t);
	assert_int_equal(r.killed, KILL_STALL);
	assert_int_equal(r.exit.killed, KILL_STALL);
	assert_int_equal(r.exit.value, SIGTERM);
}

static void the_first_reason_stands(void **state)
{
	struct shim_test *t = *state;
	pid_t pid;
	struct record r;

	t->grace = "3600000";
	pid = start_agent(t, "stubborn", path_of(t, "up"));
	wait_file(t, "up");
	request(pid, SHIM_SIG_TERM, KILL_TIMEOUT);
	while (read_it(t).killed == KILL_NONE)
		usleep(500);
	request(pid, SHIM_SIG_KILL, KILL_CANCEL);
	wait_clean(pid);
	r = read_it(t);
	assert_int_equal(r.killed, KILL_TIMEOUT);
	assert_int_equal(r.exit.value, SIGKILL);
}

static void term_reaches_each_process_once(void **state)
{
	struct shim_test *t = *state;
	pid_t pid;
	char *text;

	pid = start(t, "sh", "-c",
	    "trap 'echo term >>terms' TERM; echo up >up; while :; do sleep 0.01; done");
	wait_file(t, "up");
	request(pid, SHIM_SIG_TERM, KILL_CANCEL);
	wait_clean(pid);
	text = text_of(t, "terms");
	assert_string_equal(text, "term\n");
	free(text);
}

/* A tree that forks while it is being ended: nothing of it may get away. */
static void a_forking_tree_is_ended_whole(void **state)
{
	struct shim_test *t = *state;
	pid_t pid;
	struct record r;

	t->grace = "50";
	pid = start(t, "sh", "-c",
	    "trap '' TERM; echo up >up; while :; do setsid sleep 1000 & sleep 0.002; done");
	wait_file(t, "up");
	r = read_it(t);
	request(pid, SHIM_SIG_TERM, KILL_CANCEL);
	wait_clean(pid);
	assert_false(proc_session_is_alive((pid_t)r.pid));
	/* Whatever had got away would be our child now. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void strays_are_reaped_while_the_agent_runs(void **state)
{
	struct shim_test *t = *state;
	pid_t pid = start(t, "sh", "-c",
	    "i=0; while [ $i -lt 20 ]; do (setsid true &); i=$((i + 1)); done;"
	    "echo up >up; exec sleep 1000");
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	char path[64], children[256] = "";
	struct record r;

	wait_file(t, "up");
	r = read_it(t);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	do {
		int fd = open(path, O_RDONLY);
		ssize_t n = read(fd, children, sizeof(children) - 1);

		close(fd);
		assert_true(n > 0 && clock_now().mono_ms < deadline);
		children[n] = '\0';
	} while (strtol(children, NULL, 10) != r.pid || strchr(children, ' ')[1] != '\0');
	request(pid, SHIM_SIG_KILL, KILL_CANCEL);
	wait_clean(pid);
}

/* ---- leftovers ---- */

static void it_tells_the_starter_that_it_stays(void **state)
{
	struct shim_test *t = *state;
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	char text[32] = "", *wanted;
	pid_t pid;

	t->grace = "3600000";
	pid = start_agent(t, "stubborn-daemon", path_of(t, "up"), "rest");
	while (read(t->notify[0], text, sizeof(text) - 1) < 0)
		assert_true(errno == EAGAIN && clock_now().mono_ms < deadline);
	wanted = xasprintf("%d\n", (int)pid);
	assert_string_equal(text, wanted);
	free(wanted);
	assert_true(read_it(t).has_exit);
	assert_true(read_it(t).is_locked);
	request(pid, SHIM_SIG_KILL, KILL_CANCEL);
	wait_clean(pid);
	assert_int_equal(read_it(t).killed, KILL_NONE);
}

static void a_full_pipe_delays_nobody_for_good(void **state)
{
	struct shim_test *t = *state;
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	char page[4096] = "";
	pid_t pid;
	char *wanted;

	t->grace = "3600000";
	while (write(t->notify[1], page, sizeof(page)) > 0)
		;
	pid = start_agent(t, "stubborn-daemon", path_of(t, "up"), "rest");
	while (!read_it(t).is_there || !read_it(t).has_exit)
		usleep(500);
	wanted = xasprintf("%d\n", (int)pid);
	for (page[0] = '\0'; memcmp(page, wanted, strlen(wanted)) != 0;) {
		memset(page, 0, sizeof(page));
		(void)!read(t->notify[0], page, sizeof(page));
		assert_true(clock_now().mono_ms < deadline);
	}
	free(wanted);
	request(pid, SHIM_SIG_KILL, KILL_CANCEL);
	wait_clean(pid);
}

static void it_outlives_its_starter_and_still_records(void **state)
{
	struct shim_test *t = *state;
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	pid_t starter;
	int status, fd;

	assert_int_equal(mkfifoat(t->attempts_fd, "gate", 0600), 0);
	starter = fork();
	if (starter == 0) {
		start_agent(t, "once", path_of(t, "up"), path_of(t, "gate"), "12");
		wait_file(t, "up");
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(starter, &status, 0), starter);
	assert_true(read_it(t).is_locked);
	fd = open(path_of(t, "gate"), O_WRONLY); /* when the agent reads */
	close(fd);
	while (read_it(t).is_locked)
		assert_true(clock_now().mono_ms < deadline);
	assert_int_equal(read_it(t).exit.value, 12);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

int main(int argc, char **argv)
{
#define SHIM(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SHIM(the_record_tells_who_ran_and_how_it_ended),
	    SHIM(the_end_is_recorded_before_it_is_reaped),
	    SHIM(a_record_that_is_there_stops_it),
	    SHIM(a_record_that_cannot_be_made_starts_nothing),
	    SHIM(d1_a_start_that_cannot_be_recorded_is_not_made),
	    SHIM(wrong_words_start_nothing),
	    SHIM(what_could_not_run_is_said_in_valid_json),
	    SHIM(p8_nothing_of_the_starters_passes_through),
	    SHIM(the_shim_itself_holds_nothing_of_a_strangers),
	    SHIM(a_plain_signal_does_not_stop_it),
	    SHIM(the_first_reason_stands),
	    SHIM(term_reaches_each_process_once),
	    SHIM(a_forking_tree_is_ended_whole),
	    SHIM(strays_are_reaped_while_the_agent_runs),
	    SHIM(it_tells_the_starter_that_it_stays),
	    SHIM(a_full_pipe_delays_nobody_for_good),
	    SHIM(it_outlives_its_starter_and_still_records),
	};

	agent_child_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
