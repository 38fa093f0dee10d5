#include "base/lock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[] = "/tmp/lock-test-XXXXXX";
static int dirfd_of_test = -1;

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	dirfd_of_test = dir_open(dir, NULL);
	close(file_create(dirfd_of_test, "lock", NULL));
	return dirfd_of_test < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	unlinkat(dirfd_of_test, "lock", 0);
	close(dirfd_of_test);
	return rmdir(dir);
}

static int open_lock(void)
{
	int fd = file_open_append(dirfd_of_test, "lock", NULL);

	assert_true(fd >= 0);
	return fd;
}

static int open_both_ways(void)
{
	int fd = openat(dirfd_of_test, "lock", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* The run's lock goes from one conductor to several, and nobody gets in between. */
static void a_lock_is_shared_out(void **state)
{
	int one = open_both_ways(), two = open_both_ways(), alone = open_both_ways();

	(void)state;
	assert_int_equal(lock_take(one, 1), 0);
	assert_int_equal(lock_share(two, 1), 1);
	assert_int_equal(lock_share(one, 1), 0);
	assert_int_equal(lock_take(alone, 1), 1);
	assert_int_equal(lock_share(two, 1), 0);
	close(one);
	assert_int_equal(lock_take(alone, 1), 1);
	assert_int_equal(lock_is_held(alone, 1), 1); /* who asks sees it, too */
	close(two);
	assert_int_equal(lock_take(alone, 1), 0);
	close(alone);
}

static void one_holds_and_others_see_it(void **state)
{
	int holder = open_lock();
	int other = open_lock();
	int reader = file_open_read(dirfd_of_test, "lock", NULL);

	(void)state;
	assert_int_equal(lock_is_held(reader, 0), 0);
	assert_int_equal(lock_take(holder, 0), 0);
	assert_int_equal(lock_take(holder, 0), 0); /* one's own is no hindrance */
	assert_int_equal(lock_take(other, 0), 1);
	assert_int_equal(lock_is_held(reader, 0), 1);
	assert_int_equal(lock_is_held(holder, 0), 0); /* somebody else, that is */
	/* The bytes are locks of their own, past the end of the file too. */
	assert_int_equal(lock_is_held(reader, 1), 0);
	assert_int_equal(lock_take(other, 1), 0);
	assert_int_equal(lock_is_held(reader, 1), 1);
	close(holder);
	assert_int_equal(lock_is_held(reader, 0), 0);
	assert_int_equal(lock_take(other, 0), 0);
	close(other);
	close(reader);
}

/* Unlike classic record locks: a reader that closes the file must not free it. */
static void closing_another_descriptor_frees_nothing(void **state)
{
	int holder = open_lock();
	int reader = file_open_read(dirfd_of_test, "lock", NULL);

	(void)state;
	assert_int_equal(lock_take(holder, 0), 0);
	close(file_open_read(dirfd_of_test, "lock", NULL));
	assert_int_equal(lock_is_held(reader, 0), 1);
	close(holder);
	close(reader);
}

static void it_passes_over_fork_and_ends_with_the_last_copy(void **state)
{
	int holder = open_lock();
	int reader = file_open_read(dirfd_of_test, "lock", NULL);
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(lock_take(holder, 0), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
	close(holder);
	assert_int_equal(lock_is_held(reader, 0), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(lock_is_held(reader, 0), 0);
	close(reader);
}

static void a_lock_that_cannot_be_is_an_error(void **state)
{
	int reader = file_open_read(dirfd_of_test, "lock", NULL);

	(void)state;
	assert_int_equal(lock_take(reader, 0), -1); /* a write lock wants a file open for writing */
	assert_int_equal(errno, EBADF);
	close(reader);
	assert_int_equal(lock_take(-1, 0), -1);
	assert_int_equal(lock_is_held(-1, 0), -1);
}

static void a_probe_leaves_nothing_behind(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	if (lock_probe(dirfd_of_test, dir, &err) < 0)
		fail_msg("%s", err.msg);
	/* "lock" is all there is: the directory can be removed once it is gone. */
	assert_int_equal(unlinkat(dirfd_of_test, "lock", 0), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(lock_probe(dirfd_of_test, dir, &err), -1);
	close(dirfd_of_test);
	assert_int_equal(mkdir(dir, 0700), 0);
	dirfd_of_test = dir_open(dir, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_lock_is_shared_out),
	    cmocka_unit_test(one_holds_and_others_see_it),
	    cmocka_unit_test(closing_another_descriptor_frees_nothing),
	    cmocka_unit_test(it_passes_over_fork_and_ends_with_the_last_copy),
	    cmocka_unit_test(a_lock_that_cannot_be_is_an_error),
	    cmocka_unit_test(a_probe_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
