#include "exec/procfs.h"
#include "base/clock.h"
#include "exec/procstat.h"

#include <poll.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A child that leads a session of its own and waits; it has `nr` children that do the same in it. */
static pid_t spawn_session(int nr)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		setsid();
		while (nr-- > 0 && fork() > 0)
			;
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	for (close(ready[1]); read(ready[0], &c, 1) == 1 && nr-- > 0;)
		;
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static size_t signal_session(pid_t sid, int64_t start, int sig)
{
	const struct proc_group group = {.sid = sid, .start_ticks = start};

	return proc_group_signal(&group, sig);
}

static void a_process_is_its_number_and_its_start(void **state)
{
	pid_t pid = spawn_session(0);
	int64_t start = proc_start_ticks(pid);
	siginfo_t si;

	(void)state;
	assert_true(start >= proc_start_ticks(getpid()));
	assert_true(proc_is_alive(pid, start));
	assert_false(proc_is_alive(pid, start + 1)); /* another one of that number */
	assert_int_equal(proc_pidfd(pid, start + 1), -1);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	assert_int_equal(proc_start_ticks(pid), start); /* a zombie still has its number */
	assert_false(proc_is_alive(pid, start));
	assert_int_equal(proc_pidfd(pid, start), -1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(proc_start_ticks(pid), -1);
	assert_false(proc_is_alive(pid, start));
}

static void nobody_has_no_identity(void **state)
{
	(void)state;
	assert_int_equal(proc_start_ticks(0), -1);
	assert_int_equal(proc_start_ticks(-1), -1);
	assert_false(proc_is_alive(0, 0));
	assert_int_equal(proc_pidfd(0, 0), -1);
	assert_int_equal(proc_pidfd(-5, 0), -1);
}

static void the_name_may_hold_anything(void **state)
{
	static const char *const names[] = {
	    ") R 1 1 1 (", "a b)", "((((", "))))", " ", "x) Z 0 0 0", "\n\t", "123456789012345"};
	int64_t start = proc_start_ticks(getpid());
	struct procstat ps;
	char old[16];
	size_t i;

	(void)state;
	prctl(PR_GET_NAME, old);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		prctl(PR_SET_NAME, names[i]);
		assert_int_equal(procstat_read(0, &ps), 0);
		assert_string_equal(ps.comm, names[i]);
		assert_int_equal(ps.pid, getpid());
		assert_int_equal(ps.ppid, getppid());
		assert_int_equal(ps.session, getsid(0));
		assert_int_equal(ps.start_ticks, start);
		assert_true(ps.state == 'R');
	}
	prctl(PR_SET_NAME, old);
}

static void paths_in_proc_are_built(void **state)
{
	char path[PROC_PATH_SIZE];

	(void)state;
	proc_path(path, 0, "/stat");
	assert_string_equal(path, "/proc/self/stat");
	proc_path(path, 4194304, "/task");
	assert_string_equal(path, "/proc/4194304/task");
	proc_path(path, 10, "");
	assert_string_equal(path, "/proc/10");
}

static void a_pidfd_tells_the_end(void **state)
{
	pid_t pid = spawn_session(0);
	struct pollfd p = {.fd = proc_pidfd(pid, proc_start_ticks(pid)), .events = POLLIN};

	(void)state;
	assert_true(p.fd >= 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	kill(pid, SIGKILL);
	assert_int_equal(poll(&p, 1, 10000), 1);
	close(p.fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_session_lives_while_one_of_it_lives(void **state)
{
	pid_t leader = spawn_session(2);
	int64_t start = proc_start_ticks(leader);

	(void)state;
	assert_true(proc_session_is_alive(leader));
	assert_int_equal(signal_session(leader, start, 0), 3);
	assert_int_equal(signal_session(leader, start + 1, 0), 0); /* not that session */
	end(leader);
	assert_true(proc_session_is_alive(leader)); /* its children are still there */
	assert_int_equal(signal_session(leader, start, SIGKILL), 2);
	while (proc_session_is_alive(leader))
		usleep(1000);
	assert_int_equal(signal_session(leader, start, 0), 0);
}

static void descendants_that_left_the_session_belong_to_it(void **state)
{
	int ready[2];
	char c;
	pid_t pid;
	int64_t start;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		setsid();
		if (fork() == 0) {
			setsid();
			(void)!write(ready[1], "x", 1);
		}
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	start = proc_start_ticks(pid);
	assert_int_equal(signal_session(pid, start, SIGKILL), 2);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* exec lets go of its parent a moment before /proc shows the new environment. */
static void wait_for_environment(pid_t pid)
{
	char path[64], c;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
	do {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		n = read(fd, &c, 1);
		close(fd);
	} while (n == 0);
	assert_int_equal(n, 1);
}

static void who_has_the_marks_belongs_to_it(void **state)
{
	/* Only ours: the same test may run twice on a machine. */
	char mine[64];
	const char *const marks[] = {mine, "AB_TEST_N=1", NULL};
	const struct proc_group group = {.sid = -1, .start_ticks = 0, .marks = marks};
	char *argv[] = {(char *)"sleep", (char *)"1000", NULL};
	char *both[] = {(char *)"X=1", (char *)"AB_TEST_N=1", mine, NULL};
	char *one[] = {mine, (char *)"AB_TEST_N=11", (char *)"Y=AB_TEST_N=1", NULL};
	pid_t member, stranger;
	int status;

	(void)state;
	snprintf(mine, sizeof(mine), "AB_TEST_ID=a %ld", (long)getpid());
	assert_int_equal(posix_spawnp(&member, "sleep", NULL, NULL, argv, both), 0);
	assert_int_equal(posix_spawnp(&stranger, "sleep", NULL, NULL, argv, one), 0);
	wait_for_environment(member);
	wait_for_environment(stranger);
	assert_int_equal(proc_group_signal(&group, SIGTERM), 1);
	assert_int_equal(waitpid(member, &status, 0), member);
	assert_int_equal(waitpid(stranger, &status, WNOHANG), 0);
	end(stranger);
}

static void our_own_session_is_never_signalled(void **state)
{
	(void)state;
	assert_int_equal(signal_session(getsid(0), 0, 0), 0);
	assert_int_equal(signal_session(0, 0, 0), 0);
	assert_int_equal(signal_session(1, 0, 0), 0);
	assert_int_equal(signal_session(-1, 0, 0), 0);
}

/* The middle of a /proc/PID/status: a conductor that was killed while its disk flushed. */
static void a_kill_that_is_pending_is_seen(void **state)
{
	(void)state;
	assert_true(proc_status_is_killed("Name:\tx\nSigPnd:\t0000000000000100\nShdPnd:\t0\n"));
	assert_true(proc_status_is_killed("Name:\tx\nSigPnd:\t0\nShdPnd:\t0000000000004100\n"));
	assert_false(proc_status_is_killed("SigPnd:\t0\nShdPnd:\t0000000000004000\nSigBlk:"
					   "\t0000000000000100\n"));
	/* A name cannot hold a newline. */
	assert_false(proc_status_is_killed("Name:\t\\nSigPnd:\t100\nSigPnd:\t0\n"));
	assert_false(proc_status_is_killed(""));
}

static void who_is_not_killed_is_not(void **state)
{
	(void)state;
	assert_false(proc_is_killed(getpid()));
	assert_false(proc_is_killed(0));
	assert_false(proc_is_killed(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_process_is_its_number_and_its_start),
	    cmocka_unit_test(nobody_has_no_identity),
	    cmocka_unit_test(the_name_may_hold_anything),
	    cmocka_unit_test(paths_in_proc_are_built),
	    cmocka_unit_test(a_pidfd_tells_the_end),
	    cmocka_unit_test(a_session_lives_while_one_of_it_lives),
	    cmocka_unit_test(descendants_that_left_the_session_belong_to_it),
	    cmocka_unit_test(who_has_the_marks_belongs_to_it),
	    cmocka_unit_test(our_own_session_is_never_signalled),
	    cmocka_unit_test(a_kill_that_is_pending_is_seen),
	    cmocka_unit_test(who_is_not_killed_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
