/* The local executor with real processes; a test is named by what must be seen, with the id of the
 * fault (FAULTS.md) in front. */
#include "support/local_fixture.h"

#include "base/lock.h"
#include "exec/procfs.h"
#include "exec/procstat.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct attempt_ref attempt(uint32_t agent, uint32_t n)
{
	return (struct attempt_ref){.agent = agent, .n = n, .kind = RECORD_AGENT};
}

static int64_t start(struct fixture *f, struct attempt_ref ref)
{
	struct err err = ERR_INIT;
	int64_t from = -1;

	if (f->ex->ops->prepare(f->ex, ref, &from, &err) < 0)
		fail_msg("prepare: %s", err.msg);
	if (f->ex->ops->start(f->ex, ref, &err) != START_OK)
		fail_msg("start: %s", err.msg);
	return from;
}

static struct told *wait_gone(struct fixture *f, struct attempt_ref ref)
{
	struct told *t;

	assert_true(fixture_until(f, fixture_is_gone, &ref));
	t = fixture_told(f, ref);
	assert_int_equal(t->nr_ends, 1);
	assert_int_equal(t->nr_gones, 1);
	assert_true(t->end_at < t->gone_at);
	return t;
}

static void wait_file(struct fixture *f, const char *name)
{
	assert_true(fixture_until(f, fixture_is_file, fixture_path(f, name)));
}

/* Ended; it need not have been reaped. */
static bool is_dead(struct fixture *f, void *arg)
{
	struct procstat ps;

	(void)f;
	return procstat_read(*(int *)arg, &ps) < 0 || ps.state == 'Z';
}

static struct told *run(struct fixture *f, struct attempt_ref ref)
{
	start(f, ref);
	return wait_gone(f, ref);
}

static void assert_log_has(struct fixture *f, const char *text)
{
	if (!strstr(f->log, text))
		fail_msg("'%s' is not in the log: %s", text, f->log);
}

/* What the attempt printed, cut out of the agent's log by its offsets. */
static char *output_of(struct fixture *f, int64_t from, const struct told *t)
{
	char *log = fixture_read(f, "batch-20261121-231502/agent-a0.log");
	char *cut = xstrndup(log + from, (size_t)(t->exit.log_to - from));

	free(log);
	return cut;
}

/* ---- ends ---- */

static void an_exit_code_is_told_and_recorded(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct record r;
	struct told *t;

	(void)state;
	fixture_agent(f, "exit", "42");
	t = run(f, attempt(0, 1));
	assert_int_equal(t->exit.how, EXIT_CODE);
	assert_int_equal(t->exit.value, 42);
	assert_int_equal(t->exit.killed, KILL_NONE);
	assert_true(t->exit.rss_kb > 0);
	assert_true(t->exit.cpu_ms >= 0);
	fixture_record(f, attempt(0, 1), &r);
	assert_true(r.has_start && r.has_exit && !r.is_locked);
	assert_int_equal(r.exit.value, 42);
	assert_int_equal(r.exit_m >= r.started_m, 1);
	fixture_free(f);
}

static void the_log_holds_every_attempt_between_its_offsets(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct told *t;
	int64_t from;
	char *text;

	(void)state;
	fixture_command(f, "sh", "-c", "printf no-newline");
	from = start(f, attempt(0, 1));
	t = wait_gone(f, attempt(0, 1));
	text = output_of(f, from, t);
	assert_string_equal(text, "no-newline");
	free(text);
	fixture_command(f, "sh", "-c", "echo out; echo err >&2");
	from = start(f, attempt(0, 2));
	t = wait_gone(f, attempt(0, 2));
	text = output_of(f, from, t);
	assert_string_equal(text, "out\nerr\n");
	free(text);
	text = fixture_read(f, "batch-20261121-231502/agent-a0.log");
	assert_ptr_equal(strstr(text, "=== attempt 1 at 20"), text);
	assert_non_null(strstr(text, "no-newline\n=== attempt 2 at 20"));
	assert_int_equal(f->ex->ops->log_size(f->ex, 0), (int64_t)strlen(text));
	free(text);
	fixture_free(f);
}

static void i9_the_log_is_byte_for_byte_what_was_printed(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	int64_t from;
	char got[16];
	int fd;

	(void)state;
	fixture_agent(f, "binary", "-");
	from = start(f, attempt(0, 1));
	assert_int_equal(wait_gone(f, attempt(0, 1))->exit.log_to, from + 9);
	fd = openat(f->dir.fd, "agent-a0.log", O_RDONLY);
	assert_int_equal(pread(fd, got, sizeof(got), from), 9);
	assert_memory_equal(got, "\0\xff\x1b[31m\xc3(", 9);
	close(fd);
	fixture_free(f);
}

static void p4_a_signal_is_no_exit_code(void **state)
{
	static const struct {
		int signal;
		const char *script;
	} table[] = {{SIGKILL, "kill -KILL $$"}, {SIGSEGV, "kill -SEGV $$"},
	    {SIGTERM, "kill -TERM $$"}, {SIGABRT, "kill -ABRT $$"}};
	struct fixture *f = fixture_new(1, "do it");
	struct told *t;
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		fixture_command(f, "sh", "-c", table[i].script);
		t = run(f, attempt(0, i + 1));
		assert_int_equal(t->exit.how, EXIT_SIGNAL);
		assert_int_equal(t->exit.value, table[i].signal);
		assert_int_equal(t->exit.killed, KILL_NONE);
	}
	fixture_agent(f, "exit", "137");
	t = run(f, attempt(0, 100));
	assert_int_equal(t->exit.how, EXIT_CODE);
	assert_int_equal(t->exit.value, 137);
	fixture_free(f);
}

static void write_program(struct fixture *f, const char *name, const char *text, mode_t mode)
{
	int fd = open(fixture_path(f, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && write_all(fd, text, strlen(text)) == 0 && fchmod(fd, mode) == 0);
	close(fd);
}

static void p5_a_program_that_cannot_run_says_why(void **state)
{
	static const struct {
		const char *program;
		int errnum;
		const char *message;
	} table[] = {
	    {"no-such-program", ENOENT, "cannot run 'no-such-program': No such file or directory"},
	    {"./gone", ENOENT, "cannot run './gone': No such file or directory"},
	    {"./plain", EACCES, "cannot run './plain': Permission denied"},
	    {"/", EACCES, "cannot run '/': Permission denied"},
	    {"./garbage", ENOEXEC, "cannot run './garbage': Exec format error"},
	    {"./script", ENOENT,
		"cannot run './script': its interpreter '/no/such/sh': No such file or directory"},
	    {"./plain/x", ENOTDIR, "cannot run './plain/x': Not a directory"},
	    {"", ENOENT, "cannot run '': No such file or directory"},
	};
	struct fixture *f = fixture_new(1, "do it");
	uint32_t i;

	(void)state;
	write_program(f, "plain", "#!/bin/sh\n", 0600);
	write_program(f, "garbage", "echo this is no script without its first line\n", 0700);
	write_program(f, "script", "#! /no/such/sh -e\n", 0700);
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct told *t;

		fixture_command(f, table[i].program, "x");
		t = run(f, attempt(0, i + 1));
		assert_int_equal(t->exit.how, EXIT_FAILED);
		assert_int_equal(t->exit.value, table[i].errnum);
		assert_string_equal(t->message, table[i].message);
	}
	fixture_command(f, "sh", "-c", "exit 127");
	assert_int_equal(run(f, attempt(0, 100))->exit.how, EXIT_CODE);
	fixture_free(f);
}

static void p5_the_path_of_the_agents_environment_counts(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	char *path = xasprintf("/no/such:%s/bin:/usr/bin:/bin", f->root);
	char *old = xstrdup(getenv("PATH"));

	(void)state;
	assert_int_equal(mkdir(fixture_path(f, "bin"), 0700), 0);
	write_program(f, "bin/my-agent", "#!/bin/sh\nexit 33\n", 0700);
	write_program(f, "bin/sh", "not executable: the search goes on\n", 0600);
	setenv("PATH", path, 1);
	fixture_command(f, "my-agent");
	assert_int_equal(run(f, attempt(0, 1))->exit.value, 33);
	setenv("PATH", old, 1);
	free(path);
	free(old);
	fixture_free(f);
}

static void p16_a_directory_that_is_gone_says_so(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct record r;
	struct told *t;

	(void)state;
	fixture_agent(f, "exit", "0");
	f->cwd = "/no/such/place";
	t = run(f, attempt(0, 1));
	assert_int_equal(t->exit.how, EXIT_FAILED);
	assert_int_equal(t->exit.value, ENOENT);
	assert_string_equal(t->message,
	    "cannot enter directory '/no/such/place': No such file or directory");
	fixture_record(f, attempt(0, 1), &r);
	assert_false(r.has_start);
	fixture_free(f);
}

static void p9_ends_in_the_first_microseconds_are_all_told(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	uint32_t n;

	(void)state;
	fixture_command(f, "true");
	for (n = 1; n <= 200; n++) {
		struct told *t;

		start(f, attempt(0, n));
		t = wait_gone(f, attempt(0, n));
		assert_int_equal(t->exit.how, EXIT_CODE);
		assert_int_equal(t->exit.value, 0);
	}
	fixture_free(f);
}

#define CROWD 500

static bool all_gone(struct fixture *f, void *arg)
{
	size_t i;

	(void)arg;
	for (i = 0; i < CROWD; i++)
		if (f->told[i].nr_gones != 1)
			return false;
	return true;
}

static bool all_waiting(struct fixture *f, void *arg)
{
	struct stat st;

	(void)arg;
	return stat(fixture_path(f, "up"), &st) == 0 && st.st_size == CROWD * 3;
}

static void p10_five_hundred_ends_in_one_moment_are_all_told(void **state)
{
	struct fixture *f = fixture_new(CROWD, "do it");
	uint32_t i;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(fixture_path(f, "gate"), 0600), 0);
	fixture_command(f, "sh", "-c", "echo up >>up; read x <gate; exit 7");
	for (i = 0; i < CROWD; i++) {
		start(f, attempt(i, 1));
		fixture_told(f, attempt(i, 1));
	}
	assert_true(fixture_until(f, all_waiting, NULL));
	/* All of them read end of file at the same moment. */
	fd = open(fixture_path(f, "gate"), O_WRONLY);
	assert_true(fd >= 0);
	usleep(200 *
	    1000); /* who has said "up" opens the gate next; a late one would wait for ever */
	close(fd);
	fd = open(fixture_path(f, "gate"), O_RDWR | O_NONBLOCK);
	close(fd);
	assert_true(fixture_until(f, all_gone, NULL));
	for (i = 0; i < CROWD; i++) {
		assert_int_equal(f->told[i].nr_ends, 1);
		assert_int_equal(f->told[i].exit.how, EXIT_CODE);
		assert_int_equal(f->told[i].exit.value, 7);
	}
	fixture_free(f);
}

/* ---- what is left behind ---- */

static void p6_the_attempt_ends_with_the_agent_and_leftovers_are_ended(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;
	int pid;

	(void)state;
	fixture_agent(f, "daemon", fixture_path(f, "daemon"), "lingerer");
	t = run(f, ref);
	pid = (int)fixture_read_number(f, "daemon");
	assert_int_equal(t->exit.value, 5);
	assert_true(pid > 0 && is_dead(f, &pid));
	fixture_record(f, ref, &r);
	assert_non_null(strstr(r.left, "lingerer["));
	assert_non_null(strstr(r.left, "ended by TERM"));
	/* Who started it may still be on his way out, and is then named before it. */
	assert_log_has(f, "agent a0 attempt 1: left processes behind: ");
	assert_log_has(f, "lingerer[");
	fixture_free(f);
}

static void p6_the_end_is_told_at_once_though_a_leftover_ignores_term(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	int pid;

	(void)state;
	fixture_close_executor(f);
	f->grace_s = 3600;
	fixture_open_executor(f);
	fixture_agent(f, "stubborn-daemon", fixture_path(f, "daemon"), "stubborn");
	start(f, ref);
	assert_true(fixture_until(f, fixture_has_ended, &ref));
	pid = (int)fixture_read_number(f, "daemon");
	assert_true(pid > 0);
	assert_false(is_dead(f, &pid));
	assert_int_equal(fixture_told(f, ref)->nr_gones, 0);
	f->ex->ops->kill(f->ex, ref, KILL_CANCEL, true); /* the operator does not wait an hour */
	wait_gone(f, ref);
	assert_true(is_dead(f, &pid));
	assert_int_equal(fixture_told(f, ref)->exit.value, 5);
	assert_int_equal(fixture_told(f, ref)->exit.killed, KILL_NONE);
	fixture_record(f, ref, &r);
	assert_int_equal(r.killed, KILL_NONE);
	assert_non_null(strstr(r.left, "ended by KILL"));
	fixture_free(f);
}

static void p6_kept_leftovers_stay(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct record r;
	int pid;

	(void)state;
	fixture_agent(f, "daemon", fixture_path(f, "first"), "lingerer");
	f->keep_leftovers = true;
	run(f, attempt(0, 1));
	pid = (int)fixture_read_number(f, "first");
	assert_false(is_dead(f, &pid));
	fixture_record(f, attempt(0, 1), &r);
	assert_non_null(strstr(r.left, "kept"));
	kill(pid, SIGKILL);

	f->keep_leftovers = false;
	f->keep = "lingerer";
	fixture_agent(f, "daemon", fixture_path(f, "second"), "lingerer");
	run(f, attempt(0, 2));
	pid = (int)fixture_read_number(f, "second");
	assert_false(is_dead(f, &pid));
	kill(pid, SIGKILL);

	fixture_agent(f, "daemon", fixture_path(f, "third"), "linger"); /* another name */
	run(f, attempt(0, 3));
	pid = (int)fixture_read_number(f, "third");
	assert_true(is_dead(f, &pid));
	fixture_free(f);
}

/* ---- kill ---- */

static void p7_term_then_kill_to_everything(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;
	int64_t asked;
	int pid;

	(void)state;
	fixture_agent(f, "stubborn", fixture_path(f, "child"));
	start(f, ref);
	wait_file(f, "child");
	asked = clock_now().mono_ms;
	f->ex->ops->kill(f->ex, ref, KILL_TIMEOUT, false);
	t = wait_gone(f, ref);
	pid = (int)fixture_read_number(f, "child");
	assert_true(is_dead(f, &pid));
	assert_int_equal(t->exit.how, EXIT_SIGNAL);
	assert_int_equal(t->exit.value, SIGKILL);
	assert_int_equal(t->exit.killed, KILL_TIMEOUT);
	assert_true(t->end_m - asked >= 290); /* the grace was given */
	fixture_record(f, ref, &r);
	assert_int_equal(r.killed, KILL_TIMEOUT);
	fixture_free(f);
}

static void p7_an_agent_that_obeys_term_ends_at_once(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct told *t;

	(void)state;
	fixture_close_executor(f);
	f->grace_s = 3600;
	fixture_open_executor(f);
	fixture_command(f, "sh", "-c",
	    "trap 'exit 0' TERM; echo up >up; while :; do sleep 0.05; done");
	start(f, ref);
	wait_file(f, "up");
	f->ex->ops->kill(f->ex, ref, KILL_STALL, false);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_CODE);
	assert_int_equal(t->exit.value, 0);
	assert_int_equal(t->exit.killed, KILL_STALL); /* never a success */
	fixture_free(f);
}

static void p7_a_stopped_agent_dies_too(void **state)
{
	struct fixture *f = fixture_new(2, "do it");
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct told *t;
		char *up = fixture_path(f, i ? "up1" : "up0");

		fixture_agent(f, "stop", up);
		start(f, attempt(i, 1));
		assert_true(fixture_until(f, fixture_is_file, up));
		f->ex->ops->kill(f->ex, attempt(i, 1), KILL_CANCEL, i == 1);
		t = wait_gone(f, attempt(i, 1));
		assert_int_equal(t->exit.how, EXIT_SIGNAL);
		assert_int_equal(t->exit.value, i ? SIGKILL : SIGTERM);
		assert_int_equal(t->exit.killed, KILL_CANCEL);
	}
	fixture_free(f);
}

static void p7_a_kill_right_behind_the_start_is_not_lost(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	uint32_t n;

	(void)state;
	fixture_command(f, "sleep", "1000");
	for (n = 1; n <= 50; n++) {
		struct told *t;

		start(f, attempt(0, n));
		f->ex->ops->kill(f->ex, attempt(0, n), KILL_CANCEL, false);
		if (n % 2)
			f->ex->ops->kill(f->ex, attempt(0, n), KILL_TIMEOUT, true);
		t = wait_gone(f, attempt(0, n));
		assert_int_equal(t->exit.how, EXIT_SIGNAL);
		assert_int_not_equal(t->exit.killed, KILL_NONE);
	}
	fixture_free(f);
}

static void x4_an_exit_that_happened_first_wins(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;

	(void)state;
	fixture_command(f, "sh", "-c", "exit 3");
	start(f, ref);
	do
		fixture_record(f, ref, &r);
	while (!r.has_exit);
	f->ex->ops->kill(f->ex, ref, KILL_CANCEL, false);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.value, 3);
	assert_int_equal(t->exit.killed, KILL_NONE);
	f->ex->ops->kill(f->ex, ref, KILL_CANCEL, true); /* nothing happens */
	fixture_free(f);
}

/* ---- what an agent inherits ---- */

static void assert_line(const char *text, const char *line)
{
	char *wanted = xasprintf("%s\n", line);

	if (!strstr(text, wanted))
		fail_msg("no line '%s' in:\n%s", line, text);
	free(wanted);
}

static void p8_an_agent_inherits_its_own_things_only(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	int stray = open("/dev/null", O_RDONLY); /* somebody's, without close-on-exec */
	char *text, *line, *log;
	sigset_t set, old;

	(void)state;
	assert_true(stray > 2);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	setenv("AGENT_TEST", "a value with = and blanks", 1);
	fixture_agent(f, "describe", "-");
	run(f, attempt(0, 1));
	text = fixture_read(f, "batch-20261121-231502/agent-a0.log");
	log = xasprintf("%s/batch-20261121-231502/agent-a0.log", f->root);
	assert_line(text, "fd 0 /dev/null");
	line = xasprintf("fd 1 %s", log);
	assert_line(text, line);
	free(line);
	line = xasprintf("fd 2 %s", log);
	assert_line(text, line);
	free(line);
	for (line = strstr(text, "\nfd "); line; line = strstr(line + 1, "\nfd "))
		assert_true(strtol(line + 4, NULL, 10) <= 2);
	assert_line(text, "SigBlk:\t0000000000000000");
	assert_line(text, "SigIgn:\t0000000000000000");
	assert_line(text, "leads its session 1");
	assert_line(text, "has a terminal 0");
	assert_line(text, "env a value with = and blanks");
	line = xasprintf("cwd %s", f->root);
	assert_line(text, line);
	free(line);
	free(log);
	free(text);
	close(stray);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	unsetenv("AGENT_TEST");
	fixture_free(f);
}

static void p11_the_agent_has_the_users_limit_of_open_files(void **state)
{
	struct rlimit before, small, now;
	struct fixture *f;
	char *text;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	small = before;
	small.rlim_cur = 200;
	setrlimit(RLIMIT_NOFILE, &small);
	f = fixture_new(1, "do it");
	getrlimit(RLIMIT_NOFILE, &now);
	assert_true(now.rlim_cur == before.rlim_max); /* ours is raised */
	fixture_agent(f, "describe", "-");
	run(f, attempt(0, 1));
	text = fixture_read(f, "batch-20261121-231502/agent-a0.log");
	assert_line(text, "nofile 200");
	free(text);
	fixture_free(f);
	getrlimit(RLIMIT_NOFILE, &now);
	assert_int_equal(now.rlim_cur, 200); /* as it was */
	setrlimit(RLIMIT_NOFILE, &before);
}

static void p11_without_descriptors_a_start_is_put_off_not_failed(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct rlimit before, none;
	struct err err = ERR_INIT;
	int64_t from;

	(void)state;
	fixture_agent(f, "input", "x");
	f->task_on_stdin = true;
	assert_int_equal(f->ex->ops->prepare(f->ex, ref, &from, &err), 0);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 5;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(f->ex->ops->start(f->ex, ref, &err), START_BUSY);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(f->ex->ops->start(f->ex, ref, &err), START_OK);
	assert_int_equal(wait_gone(f, ref)->exit.how, EXIT_CODE);
	fixture_free(f);
}

static size_t nr_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

/* What P11 needs: a start that is given up does not keep the descriptors that it lacked. */
static void a_prepared_attempt_can_be_given_up(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct err err = ERR_INIT;
	size_t before = nr_descriptors();
	int64_t from;
	uint32_t n;

	(void)state;
	for (n = 1; n <= 3; n++) {
		struct attempt_ref ref = attempt(0, n);

		assert_int_equal(f->ex->ops->prepare(f->ex, ref, &from, &err), 0);
		assert_int_equal(nr_descriptors(), before + 1);
		f->ex->ops->kill(f->ex, ref, KILL_CANCEL, true);
		assert_int_equal(nr_descriptors(), before);
	}
	assert_int_equal(f->nr_calls, 0);
	fixture_free(f);
}

static long oom_score_adj(pid_t pid)
{
	char path[64], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strtol(text, NULL, 10);
}

static void p12_the_agent_is_the_likelier_victim(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;

	(void)state;
	fixture_agent(f, "sleep", fixture_path(f, "up"));
	start(f, ref);
	wait_file(f, "up");
	fixture_record(f, ref, &r);
	assert_true(oom_score_adj((pid_t)r.pid) > oom_score_adj((pid_t)r.shim_pid));
	assert_int_equal(oom_score_adj((pid_t)r.shim_pid), oom_score_adj(getpid()));
	kill((pid_t)r.pid, SIGKILL); /* as the out-of-memory killer does */
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_SIGNAL);
	assert_int_equal(t->exit.value, SIGKILL);
	assert_int_equal(t->exit.killed, KILL_NONE);
	fixture_free(f);
}

/* ---- a shim is killed ---- */

/* Starts "once" and returns when its agent waits at the gate. */
static void start_at_gate(struct fixture *f, struct attempt_ref ref, const char *code)
{
	mkfifo(fixture_path(f, "gate"), 0600);
	fixture_agent(f, "once", fixture_path(f, "count"), fixture_path(f, "gate"), code);
	start(f, ref);
	wait_file(f, "count");
}

static bool can_open_gate(struct fixture *f, void *arg)
{
	int *fd = arg;

	if (*fd < 0)
		*fd = open(fixture_path(f, "gate"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return *fd >= 0;
}

static void open_gate(struct fixture *f)
{
	int fd = -1;

	assert_true(fixture_until(f, can_open_gate, &fd));
	close(fd);
}

static bool log_tells(struct fixture *f, void *arg)
{
	return strstr(f->log, arg) != NULL;
}

static void p3_a_killed_shims_agent_goes_on_and_its_exit_is_told(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;
	char *count;

	(void)state;
	start_at_gate(f, ref, "42");
	fixture_record(f, ref, &r);
	kill((pid_t)r.shim_pid, SIGKILL);
	assert_true(fixture_until(f, log_tells, (void *)"its shim was killed by signal 9"));
	assert_true(proc_is_alive((pid_t)r.pid, r.start_ticks));
	assert_int_equal(fixture_told(f, ref)->nr_ends, 0);
	open_gate(f);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_CODE);
	assert_int_equal(t->exit.value, 42);
	fixture_record(f, ref, &r);
	assert_true(r.has_exit);
	assert_int_equal(r.exit.value, 42);
	count = fixture_read(f, "count");
	assert_string_equal(count, "started\n"); /* once */
	free(count);
	fixture_free(f);
}

/* Both ends wait to be reaped, in whichever order the kernel hands them out. */
static void p3_shim_and_agent_that_end_together_leave_the_true_status(void **state)
{
	struct fixture *f = fixture_new(20, "do it");
	uint32_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		struct attempt_ref ref = attempt(i, 1);
		char *up = xasprintf("%s/up%u", f->root, (unsigned)i);
		struct record r;
		struct told *t;

		fixture_agent(f, "sleep", up);
		start(f, ref);
		assert_true(fixture_until(f, fixture_is_file, up));
		free(up);
		fixture_record(f, ref, &r);
		kill((pid_t)r.shim_pid, SIGKILL);
		kill((pid_t)r.pid, i % 2 ? SIGUSR2 : SIGKILL);
		t = wait_gone(f, ref);
		assert_int_equal(t->exit.how, EXIT_SIGNAL);
		assert_int_equal(t->exit.value, i % 2 ? SIGUSR2 : SIGKILL);
		assert_int_equal(t->exit.killed, KILL_NONE);
	}
	fixture_free(f);
}

static void p3_what_an_orphan_leaves_behind_is_ended(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;
	int pid;

	(void)state;
	fixture_command(f, "sh", "-c", "setsid sleep 1000 & echo $! >up; read x <gate; exit 3");
	mkfifo(fixture_path(f, "gate"), 0600);
	start(f, ref);
	wait_file(f, "up");
	pid = (int)fixture_read_number(f, "up");
	fixture_record(f, ref, &r);
	kill((pid_t)r.shim_pid, SIGKILL);
	assert_true(fixture_until(f, log_tells, (void *)"its shim was killed"));
	assert_false(is_dead(f, &pid));
	open_gate(f);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.value, 3);
	assert_true(fixture_until(f, is_dead, &pid));
	fixture_free(f);
}

static void p3_an_orphan_can_still_be_cancelled(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct record r;
	struct told *t;
	int pid;

	(void)state;
	fixture_agent(f, "stubborn", fixture_path(f, "child"));
	start(f, ref);
	wait_file(f, "child");
	pid = (int)fixture_read_number(f, "child");
	fixture_record(f, ref, &r);
	kill((pid_t)r.shim_pid, SIGKILL);
	assert_true(fixture_until(f, log_tells, (void *)"its shim was killed"));
	f->ex->ops->kill(f->ex, ref, KILL_CANCEL, false);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_SIGNAL);
	assert_int_equal(t->exit.value, SIGKILL);
	assert_int_equal(t->exit.killed, KILL_CANCEL);
	fixture_record(f, ref, &r);
	assert_int_equal(r.killed, KILL_CANCEL);
	assert_true(fixture_until(f, is_dead,
	    &pid)); /* though it had left for a session of its own */
	fixture_free(f);
}

/* ---- a conductor comes back ---- */

static void note_start(struct fixture *f, struct attempt_ref ref, const char *boot)
{
	char here[BOOT_ID_LEN + 1];
	struct event ev;

	clock_boot_id(here);
	event_init(&ev, EV_START);
	ev.agent = ref.agent;
	ev.id = f->tasks.v[ref.agent].id;
	ev.n = ref.n;
	ev.start.boot = boot ? boot : here;
	batch_apply(&f->batch, &ev);
}

static void a_start_that_no_shim_has_seen_is_claimed_and_never_runs(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct ev_exit exit;
	struct told *t;

	(void)state;
	note_start(f, ref, NULL);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_VOID);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_VOID); /* for ever */
	fixture_agent(f, "sleep", fixture_path(f, "ran")); /* the late shim */
	start(f, ref);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_VOID);
	assert_int_not_equal(access(fixture_path(f, "ran"), F_OK), 0);
	fixture_free(f);
}

static void an_empty_record_is_claimed_only_when_its_shim_is_gone(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	char *path = fixture_path(f, "batch-20261121-231502/attempts/a0.1.jsonl");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct ev_exit exit;

	(void)state;
	note_start(f, ref, NULL);
	assert_int_equal(lock_take(fd, 0), 0); /* a shim that is about to start its agent */
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_ALIVE);
	assert_int_equal(fixture_told(f, ref)->nr_ends, 0);
	close(fd); /* and dies */
	assert_int_equal(wait_gone(f, ref)->exit.how, EXIT_VOID);
	fixture_free(f);
}

static void p14_a_start_of_another_boot_without_a_record_is_unknown(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct ev_exit exit;

	(void)state;
	note_start(f, attempt(0, 1), "00000000-0000-0000-0000-000000000000");
	assert_int_equal(f->ex->ops->probe(f->ex, attempt(0, 1), &exit), PROBE_UNKNOWN);
	assert_int_not_equal(access(fixture_path(f, "batch-20261121-231502/attempts/a0.1.jsonl"),
				 F_OK),
	    0);
	fixture_free(f);
}

static void p14_a_record_of_another_boot_names_nobody(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct ev_exit exit;
	char *text = xasprintf("{\"ev\":\"start\",\"t\":1,\"m\":1,\"pid\":%d,\"start\":%lld,"
			       "\"boot\":\"another\","
			       "\"host\":\"h\",\"shim_pid\":%d,\"shim_start\":1}\n",
	    (int)getpid(), (long long)proc_start_ticks(getpid()), (int)getpid());

	(void)state;
	write_program(f, "batch-20261121-231502/attempts/a0.1.jsonl", text, 0600);
	note_start(f, attempt(0, 1), NULL);
	assert_int_equal(f->ex->ops->probe(f->ex, attempt(0, 1), &exit), PROBE_UNKNOWN);
	free(text);
	fixture_free(f);
}

/* --as-conductor ROOT AGENT-ARGS...: starts attempt 1 of a0 and is killed. */
static int be_conductor(int argc, char **argv)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = ERR_INIT;
	int64_t from;
	char *path;
	int i;

	snprintf(f->root, sizeof(f->root), "%s", argv[0]);
	path = xasprintf("%s/batch-20261121-231502", f->root);
	if (batch_dir_open(&f->dir, path, &err) < 0)
		die("%s", err.msg);
	fixture_find_self(f);
	fixture_fill(f, 1, "do it");
	f->grace_s = 0.3;
	uv_loop_init(&f->loop);
	fixture_open_executor(f);
	f->argv[0] = f->self;
	f->argv[1] = AGENT_CHILD;
	for (i = 1; i < argc; i++)
		f->argv[i + 1] = argv[i];
	if (f->ex->ops->prepare(f->ex, attempt(0, 1), &from, &err) < 0 ||
	    f->ex->ops->start(f->ex, attempt(0, 1), &err) != START_OK)
		die("%s", err.msg);
	return uv_run(&f->loop, UV_RUN_DEFAULT);
}

#define BE_CONDUCTOR "--as-conductor"

/* Has another process start the agent, and kills that process when the agent is up. */
static void orphan_of_conductor(struct fixture *f, const char *up,
    const char *const agent[static 5], struct record *r)
{
	char *argv[] = {f->self, (char *)BE_CONDUCTOR, f->root, (char *)agent[0], (char *)agent[1],
	    (char *)agent[2], (char *)agent[3], (char *)agent[4], NULL};
	pid_t pid;
	int status;

	assert_int_equal(posix_spawn(&pid, f->self, NULL, NULL, argv, environ), 0);
	note_start(f, attempt(0, 1), NULL);
	while (access(up, F_OK) < 0)
		usleep(1000);
	fixture_record(f, attempt(0, 1), r);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void p1_an_agent_of_a_killed_conductor_is_found_again(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct ev_exit exit;
	struct record r;
	struct told *t;
	char *count;

	(void)state;
	assert_int_equal(mkfifo(fixture_path(f, "gate"), 0600), 0);
	orphan_of_conductor(f, fixture_path(f, "count"),
	    (const char *[5]){"once", fixture_path(f, "count"), fixture_path(f, "gate"), "42"}, &r);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_ALIVE);
	assert_int_equal(fixture_told(f, ref)->nr_ends, 0);
	open_gate(f);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_CODE);
	assert_int_equal(t->exit.value, 42);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_ENDED);
	assert_int_equal(exit.value, 42);
	count = fixture_read(f, "count");
	assert_string_equal(count, "started\n");
	free(count);
	fixture_free(f);
}

static void p1_an_agent_found_again_can_be_cancelled(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct ev_exit exit;
	struct record r;
	struct told *t;
	int pid;

	(void)state;
	orphan_of_conductor(f, fixture_path(f, "child"),
	    (const char *[5]){"stubborn", fixture_path(f, "child")}, &r);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_ALIVE);
	f->ex->ops->kill(f->ex, ref, KILL_CANCEL, false);
	t = wait_gone(f, ref);
	assert_int_equal(t->exit.how, EXIT_SIGNAL);
	assert_int_equal(t->exit.value, SIGKILL);
	assert_int_equal(t->exit.killed, KILL_CANCEL);
	pid = (int)fixture_read_number(f, "child");
	assert_true(is_dead(f, &pid));
	fixture_free(f);
}

/* Conductor and shim killed: nobody may reap the agent for us, so its end stays unknown. */
static void p3_without_shim_and_conductor_the_end_is_unknown(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	struct ev_exit exit;
	struct record r;

	(void)state;
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	orphan_of_conductor(f, fixture_path(f, "up"),
	    (const char *[5]){"sleep", fixture_path(f, "up")}, &r);
	kill((pid_t)r.shim_pid, SIGKILL);
	do
		fixture_record(f, ref, &r);
	while (r.is_locked);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_ALIVE);
	assert_int_equal(fixture_told(f, ref)->nr_ends, 0);
	kill((pid_t)r.pid, SIGKILL);
	assert_int_equal(wait_gone(f, ref)->exit.how, EXIT_UNKNOWN);
	assert_int_equal(f->ex->ops->probe(f->ex, ref, &exit), PROBE_UNKNOWN);
	fixture_free(f);
}

static void x2_a_dead_conductors_lock_is_free_at_once(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref ref = attempt(0, 1);
	int fd = openat(f->dir.fd, LOCK_NAME, O_RDWR | O_CLOEXEC);
	struct record r;

	(void)state;
	assert_int_equal(lock_take(fd, LOCK_BATCH), 0);
	fixture_agent(f, "sleep", fixture_path(f, "up"));
	start(f, ref);
	wait_file(f, "up");
	assert_int_equal(batch_dir_is_held(f->dir.fd, LOCK_BATCH), 1);
	close(fd); /* all that the kernel does with it when we die */
	fixture_record(f, ref, &r);
	assert_true(r.is_locked && proc_is_alive((pid_t)r.pid, r.start_ticks));
	assert_int_equal(batch_dir_is_held(f->dir.fd, LOCK_BATCH), 0);
	f->ex->ops->kill(f->ex, ref, KILL_CANCEL, true);
	wait_gone(f, ref);
	fixture_free(f);
}

static void x7_an_attempt_is_never_read_as_another(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct ev_exit exit;

	(void)state;
	fixture_agent(f, "exit", "1");
	assert_int_equal(run(f, attempt(0, 1))->exit.value, 1);
	note_start(f, attempt(0, 2), NULL);
	assert_int_equal(f->ex->ops->probe(f->ex, attempt(0, 2), &exit), PROBE_VOID);
	fixture_agent(f, "exit", "0");
	assert_int_equal(run(f, attempt(0, 3))->exit.value, 0);
	assert_int_equal(f->ex->ops->probe(f->ex, attempt(0, 1), &exit), PROBE_ENDED);
	assert_int_equal(exit.value, 1);
	fixture_free(f);
}

static void x10_a_second_start_of_one_attempt_runs_nothing(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	char *count;

	(void)state;
	fixture_command(f, "sh", "-c", "echo started >>count; exit 4");
	assert_int_equal(run(f, attempt(0, 1))->exit.value, 4);
	f->nr_told = 0;
	memset(f->told, 0, sizeof(f->told));
	start(f, attempt(0, 1));
	assert_int_equal(wait_gone(f, attempt(0, 1))->exit.value, 4); /* what is on record */
	count = fixture_read(f, "count");
	assert_string_equal(count, "started\n");
	free(count);
	fixture_free(f);
}

static void a_validation_has_a_record_of_its_own_and_may_begin_late(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct attempt_ref check = {.agent = 0, .n = 1, .kind = RECORD_VALIDATE};
	struct ev_exit exit;

	(void)state;
	fixture_agent(f, "exit", "0");
	run(f, attempt(0, 1));
	assert_int_equal(f->ex->ops->probe(f->ex, check, &exit), PROBE_VOID);
	fixture_agent(f, "exit", "9");
	assert_int_equal(run(f, check)->exit.value, 9);
	assert_int_equal(f->ex->ops->probe(f->ex, attempt(0, 1), &exit), PROBE_ENDED);
	assert_int_equal(exit.value, 0);
	fixture_free(f);
}

/* ---- data is data ---- */

static void assert_input(struct fixture *f, const char *what, const char *data)
{
	size_t n = strlen(data);
	char *line = xasprintf("%s %zu %llx", what, n,
	    (unsigned long long)agent_hash(AGENT_HASH_SEED, data, n));
	char *log = fixture_read(f, "batch-20261121-231502/agent-a0.log");

	assert_line(log, line);
	free(line);
	free(log);
}

static char *long_text(size_t n)
{
	char *text = xmalloc(n + 1);
	size_t i;

	for (i = 0; i < n; i++)
		text[i] = (char)('!' + i % 90);
	text[n] = '\0';
	return text;
}

static void i1_a_long_task_arrives_whole(void **state)
{
	char *most = long_text(131071), *more = long_text(131072), *huge = long_text(10 << 20);
	const char *on_stdin[] = {more, huge};
	struct fixture *f;
	struct err err = ERR_INIT;
	int64_t from;
	size_t i;

	(void)state;
	f = fixture_new(1, "do it");
	fixture_agent(f, "input", most);
	run(f, attempt(0, 1));
	assert_input(f, "arg", most);
	fixture_agent(f, "input", more); /* the kernel's bound: refused, nothing runs */
	assert_int_equal(f->ex->ops->prepare(f->ex, attempt(0, 2), &from, &err), 0);
	assert_int_equal(f->ex->ops->start(f->ex, attempt(0, 2), &err), START_FAILED);
	assert_non_null(strstr(err.msg, "Argument list too long"));
	fixture_free(f);
	for (i = 0; i < ARRAY_LEN(on_stdin); i++) {
		f = fixture_new(1, on_stdin[i]);
		f->task_on_stdin = true;
		fixture_agent(f, "input", "-");
		run(f, attempt(0, 1));
		assert_input(f, "stdin", on_stdin[i]);
		fixture_free(f);
	}
	free(most);
	free(more);
	free(huge);
}

static void i2_i3_no_byte_of_a_task_means_anything_to_us(void **state)
{
	static const char *const tasks[] = {"-", "--", "-x", "@file", "=1", "$(touch x)", "`id`",
	    "a;b|c&d", "'\"'\"", "line\nline\r\n", "tab\t", "%s%n%d", "back\\slash\\", "*?[", "",
	    "\xff\xfe\x01", "{task}", "--as-agent"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(tasks); i++) {
		struct fixture *f = fixture_new(1, tasks[i]);

		f->task_on_stdin = true;
		fixture_agent(f, "input", tasks[i]);
		run(f, attempt(0, 1));
		assert_input(f, "arg", tasks[i]);
		assert_input(f, "stdin", tasks[i]);
		fixture_free(f);
	}
}

/* ---- planted links, modes ---- */

static void s3_a_planted_link_is_refused(void **state)
{
	static const char *const names[] = {"agent-a0.log", "attempts/a0.1.task"};
	size_t i;
	int hard;

	(void)state;
	for (i = 0; i < 2 * ARRAY_LEN(names); i++) {
		struct fixture *f = fixture_new(1, "do it");
		char *place = xasprintf("%s/batch-20261121-231502/%s", f->root, names[i % 2]);
		struct err err = ERR_INIT;
		int64_t from;
		char *victim;

		hard = i >= 2;
		write_program(f, "victim", "precious", 0600);
		assert_int_equal(hard ? link(fixture_path(f, "victim"), place)
				      : symlink(fixture_path(f, "victim"), place),
		    0);
		assert_int_equal(f->ex->ops->prepare(f->ex, attempt(0, 1), &from, &err), -1);
		victim = fixture_read(f, "victim");
		assert_string_equal(victim, "precious");
		free(victim);
		free(place);
		fixture_free(f);
	}
}

static void s3_a_link_in_the_records_place_starts_nothing(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct told *t;

	(void)state;
	assert_int_equal(symlink(fixture_path(f, "outside"),
			     fixture_path(f, "batch-20261121-231502/attempts/a0.1.jsonl")),
	    0);
	fixture_agent(f, "sleep", fixture_path(f, "ran"));
	start(f, attempt(0, 1));
	t = wait_gone(f, attempt(0, 1));
	assert_true(t->exit.how == EXIT_VOID || t->exit.how == EXIT_UNKNOWN);
	assert_int_not_equal(access(fixture_path(f, "outside"), F_OK), 0);
	assert_int_not_equal(access(fixture_path(f, "ran"), F_OK), 0);
	fixture_free(f);
}

static void s4_modes_hold_under_any_umask(void **state)
{
	static const mode_t masks[] = {0000, 0777, 0022};
	static const char *const names[] = {
	    "agent-a0.log", "attempts/a0.1.jsonl", "attempts/a0.1.task"};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(masks); i++) {
		mode_t old = umask(masks[i]);
		struct fixture *f = fixture_new(1, "do it");
		struct stat st;

		fixture_command(f, "sh", "-c", "umask");
		f->task_on_stdin = true;
		assert_int_equal(run(f, attempt(0, 1))->exit.value, 0);
		for (k = 0; k < ARRAY_LEN(names); k++) {
			assert_int_equal(fstatat(f->dir.fd, names[k], &st, 0), 0);
			assert_int_equal(st.st_mode & 07777, 0600);
		}
		fixture_free(f);
		umask(old);
	}
}

static void a_command_that_cannot_be_made_is_told(void **state)
{
	struct fixture *f = fixture_new(1, "do it");
	struct err err = ERR_INIT;
	int64_t from;

	(void)state;
	f->refusal = "no such column";
	assert_int_equal(f->ex->ops->prepare(f->ex, attempt(0, 1), &from, &err), 0);
	assert_int_equal(f->ex->ops->start(f->ex, attempt(0, 1), &err), START_FAILED);
	assert_string_equal(err.msg, "no such column");
	fixture_free(f);
}

static void a_prepared_attempt_can_be_prepared_again(void **state)
{
	struct fixture *f = fixture_new(1, "the task");
	struct err err = ERR_INIT;
	int64_t first, second;

	(void)state;
	assert_int_equal(f->ex->ops->prepare(f->ex, attempt(0, 1), &first, &err), 0);
	assert_int_equal(f->ex->ops->prepare(f->ex, attempt(0, 1), &second, &err), 0);
	assert_true(second > first);
	fixture_agent(f, "input", "-");
	f->task_on_stdin = true;
	assert_int_equal(f->ex->ops->start(f->ex, attempt(0, 1), &err), START_OK);
	wait_gone(f, attempt(0, 1));
	assert_input(f, "stdin", "the task");
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_exit_code_is_told_and_recorded),
	    cmocka_unit_test(the_log_holds_every_attempt_between_its_offsets),
	    cmocka_unit_test(i9_the_log_is_byte_for_byte_what_was_printed),
	    cmocka_unit_test(p4_a_signal_is_no_exit_code),
	    cmocka_unit_test(p5_a_program_that_cannot_run_says_why),
	    cmocka_unit_test(p5_the_path_of_the_agents_environment_counts),
	    cmocka_unit_test(p16_a_directory_that_is_gone_says_so),
	    cmocka_unit_test(p9_ends_in_the_first_microseconds_are_all_told),
	    cmocka_unit_test(p10_five_hundred_ends_in_one_moment_are_all_told),
	    cmocka_unit_test(p6_the_attempt_ends_with_the_agent_and_leftovers_are_ended),
	    cmocka_unit_test(p6_the_end_is_told_at_once_though_a_leftover_ignores_term),
	    cmocka_unit_test(p6_kept_leftovers_stay),
	    cmocka_unit_test(p7_term_then_kill_to_everything),
	    cmocka_unit_test(p7_an_agent_that_obeys_term_ends_at_once),
	    cmocka_unit_test(p7_a_stopped_agent_dies_too),
	    cmocka_unit_test(p7_a_kill_right_behind_the_start_is_not_lost),
	    cmocka_unit_test(x4_an_exit_that_happened_first_wins),
	    cmocka_unit_test(p8_an_agent_inherits_its_own_things_only),
	    cmocka_unit_test(p11_the_agent_has_the_users_limit_of_open_files),
	    cmocka_unit_test(p11_without_descriptors_a_start_is_put_off_not_failed),
	    cmocka_unit_test(a_prepared_attempt_can_be_given_up),
	    cmocka_unit_test(p12_the_agent_is_the_likelier_victim),
	    cmocka_unit_test(p3_a_killed_shims_agent_goes_on_and_its_exit_is_told),
	    cmocka_unit_test(p3_shim_and_agent_that_end_together_leave_the_true_status),
	    cmocka_unit_test(p3_what_an_orphan_leaves_behind_is_ended),
	    cmocka_unit_test(p3_an_orphan_can_still_be_cancelled),
	    cmocka_unit_test(a_start_that_no_shim_has_seen_is_claimed_and_never_runs),
	    cmocka_unit_test(an_empty_record_is_claimed_only_when_its_shim_is_gone),
	    cmocka_unit_test(p14_a_start_of_another_boot_without_a_record_is_unknown),
	    cmocka_unit_test(p14_a_record_of_another_boot_names_nobody),
	    cmocka_unit_test(p1_an_agent_of_a_killed_conductor_is_found_again),
	    cmocka_unit_test(p1_an_agent_found_again_can_be_cancelled),
	    cmocka_unit_test(p3_without_shim_and_conductor_the_end_is_unknown),
	    cmocka_unit_test(x2_a_dead_conductors_lock_is_free_at_once),
	    cmocka_unit_test(x7_an_attempt_is_never_read_as_another),
	    cmocka_unit_test(x10_a_second_start_of_one_attempt_runs_nothing),
	    cmocka_unit_test(a_validation_has_a_record_of_its_own_and_may_begin_late),
	    cmocka_unit_test(i1_a_long_task_arrives_whole),
	    cmocka_unit_test(i2_i3_no_byte_of_a_task_means_anything_to_us),
	    cmocka_unit_test(s3_a_planted_link_is_refused),
	    cmocka_unit_test(s3_a_link_in_the_records_place_starts_nothing),
	    cmocka_unit_test(s4_modes_hold_under_any_umask),
	    cmocka_unit_test(a_command_that_cannot_be_made_is_told),
	    cmocka_unit_test(a_prepared_attempt_can_be_prepared_again),
	};

	agent_child_main(argc, argv);
	if (argc > 2 && strcmp(argv[1], BE_CONDUCTOR) == 0)
		return be_conductor(argc - 2, argv + 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
