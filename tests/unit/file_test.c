#include "base/file.h"
#include "base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct dir {
	char path[64];
	int fd;
};

static int setup(void **state)
{
	struct dir *d = xcalloc(1, sizeof(*d));

	snprintf(d->path, sizeof(d->path), "/tmp/file-test-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	d->fd = dir_open(d->path, NULL);
	assert_true(d->fd >= 0);
	*state = d;
	return 0;
}

static void empty_dir(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, e->d_name, 0) == 0)
			continue;
		empty_dir(openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		assert_int_equal(unlinkat(fd, e->d_name, AT_REMOVEDIR), 0);
	}
	closedir(dir);
}

static int teardown(void **state)
{
	struct dir *d = *state;

	empty_dir(d->fd);
	assert_int_equal(rmdir(d->path), 0);
	free(d);
	return 0;
}

static size_t nr_names(const struct dir *d)
{
	DIR *dir = opendir(d->path);
	size_t nr = 0;

	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr - 2;
}

static mode_t mode_of(const struct dir *d, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void put(const struct dir *d, const char *name, const char *text)
{
	int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void assert_holds(const struct dir *d, const char *name, const char *text)
{
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;

	if (file_read(d->fd, name, 1 << 20, &b, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(b.data, text);
	buf_release(&b);
}

static bool is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

/* FAULTS.md S4. */
static void modes_do_not_depend_on_the_umask(void **state)
{
	static const mode_t masks[] = {0, 022, 0777};
	struct dir *d = *state;
	char deep[128];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_LEN(masks); i++) {
		mode_t old = umask(masks[i]);

		assert_int_equal(dir_make(d->fd, "dir", NULL), 0);
		fd = file_create(d->fd, "new", NULL);
		assert_true(fd >= 0 && is_cloexec(fd));
		close(fd);
		fd = file_open_append(d->fd, "log", NULL);
		assert_true(fd >= 0 && is_cloexec(fd));
		close(fd);
		assert_int_equal(file_replace(d->fd, "whole", "x", 1, NULL), 0);
		snprintf(deep, sizeof(deep), "%s/a/b/c", d->path);
		assert_int_equal(dir_make_path(deep, NULL), 0);
		umask(old);
		assert_int_equal(mode_of(d, "dir"), 0700);
		assert_int_equal(mode_of(d, "new"), 0600);
		assert_int_equal(mode_of(d, "log"), 0600);
		assert_int_equal(mode_of(d, "whole"), 0600);
		assert_int_equal(mode_of(d, "a"), 0700);
		assert_int_equal(mode_of(d, "a/b/c"), 0700);
		empty_dir(dup(d->fd));
		lseek(d->fd, 0, SEEK_SET);
	}
}

static void a_directory_is_made_once(void **state)
{
	struct dir *d = *state;
	struct err err = ERR_INIT;

	assert_int_equal(dir_make(d->fd, "x", &err), 0);
	assert_int_equal(dir_make(d->fd, "x", &err), 1);
	put(d, "file", "");
	assert_int_equal(dir_make(d->fd, "file", &err), 1);
	assert_int_equal(symlinkat("/nowhere", d->fd, "link"), 0);
	assert_int_equal(dir_make(d->fd, "link", &err), 1);
	assert_int_equal(dir_make(d->fd, "no/such", &err), -1);
	assert_non_null(strstr(err.msg, "'no/such'"));
}

static void a_path_is_made_with_its_parents(void **state)
{
	struct dir *d = *state;
	struct err err = ERR_INIT;
	char path[128];

	snprintf(path, sizeof(path), "%s/a//b/c/", d->path);
	assert_int_equal(dir_make_path(path, &err), 0);
	assert_int_equal(dir_make_path(path, &err), 0);
	assert_int_equal(mode_of(d, "a/b/c"), 0700);
	assert_int_equal(dir_make_path("/", &err), 0);
	assert_int_equal(dir_make_path("/tmp", &err), 0);
	put(d, "file", "");
	snprintf(path, sizeof(path), "%s/file", d->path);
	assert_int_equal(dir_make_path(path, &err), -1);
	assert_non_null(strstr(err.msg, "Not a directory"));
	snprintf(path, sizeof(path), "%s/file/x", d->path);
	assert_int_equal(dir_make_path(path, &err), -1);
	assert_non_null(strstr(err.msg, "Not a directory"));
	assert_int_equal(dir_make_path("", &err), -1);
	/* A relative one, too. */
	assert_int_equal(fchdir(d->fd), 0);
	assert_int_equal(dir_make_path("r/s", &err), 0);
	assert_int_equal(mode_of(d, "r/s"), 0700);
	assert_int_equal(chdir("/"), 0);
}

/* FAULTS.md S3: a link planted under a name that is to be written. */
static void planted_links_are_refused(void **state)
{
	struct dir *d = *state;
	struct err err = ERR_INIT;
	struct stat st;

	put(d, "victim", "precious");
	assert_int_equal(symlinkat("victim", d->fd, "soft"), 0);
	assert_int_equal(linkat(d->fd, "victim", d->fd, "hard", 0), 0);
	assert_int_equal(file_create(d->fd, "soft", &err), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(file_create(d->fd, "hard", &err), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(file_open_append(d->fd, "soft", &err), -1);
	assert_int_equal(file_open_append(d->fd, "hard", &err), -1);
	assert_non_null(strstr(err.msg, "'hard'"));
	assert_int_equal(file_open_read(d->fd, "soft", &err), -1);
	/* Replacing takes the link away and leaves what it led to alone. */
	assert_int_equal(file_replace(d->fd, "soft", "new", 3, &err), 0);
	assert_int_equal(fstatat(d->fd, "soft", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(file_replace(d->fd, "hard", "new", 3, &err), 0);
	assert_holds(d, "victim", "precious");
	assert_holds(d, "soft", "new");
}

/* For what did not come to be: only a plain file of this one name gives way. */
static void only_a_plain_file_is_made_again(void **state)
{
	struct dir *d = *state;
	struct err err = ERR_INIT;
	int fd;

	assert_int_equal(file_replace(d->fd, "f", "old", 3, &err), 0);
	assert_int_equal(file_create(d->fd, "f", &err), -1);
	fd = file_create_again(d->fd, "f", &err);
	assert_true(fd >= 0);
	close(fd);
	assert_holds(d, "f", "");
	fd = file_create_again(d->fd, "new", &err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_replace(d->fd, "f", "kept", 4, &err), 0);
	assert_int_equal(linkat(d->fd, "f", d->fd, "twin", 0), 0);
	assert_int_equal(file_create_again(d->fd, "f", &err), -1);
	assert_holds(d, "f", "kept");
	assert_int_equal(symlinkat("new", d->fd, "link"), 0);
	assert_int_equal(file_create_again(d->fd, "link", &err), -1);
	assert_int_equal(mkfifoat(d->fd, "fifo", 0600), 0);
	assert_int_equal(file_create_again(d->fd, "fifo", &err), -1);
	assert_int_equal(dir_make(d->fd, "dir", &err), 0);
	assert_int_equal(file_create_again(d->fd, "dir", &err), -1);
	assert_int_equal(nr_names(d), 6);
}

static void a_fifo_is_neither_waited_for_nor_written(void **state)
{
	struct dir *d = *state;
	int fd;

	assert_int_equal(mkfifoat(d->fd, "fifo", 0600), 0);
	assert_int_equal(file_open_append(d->fd, "fifo", NULL), -1);
	fd = file_open_read(d->fd, "fifo", NULL);
	assert_true(fd >= 0);
	close(fd);
}

static void appending_goes_to_the_end(void **state)
{
	struct dir *d = *state;
	int a = file_open_append(d->fd, "log", NULL);
	int b = file_open_append(d->fd, "log", NULL);

	assert_true(a >= 0 && b >= 0);
	assert_false(fcntl(a, F_GETFL) & O_NONBLOCK);
	assert_int_equal(write_all(a, "1\n", 2), 0);
	assert_int_equal(write_all(b, "2\n", 2), 0);
	assert_int_equal(write_all(a, "3\n", 2), 0);
	close(a);
	close(b);
	assert_holds(d, "log", "1\n2\n3\n");
}

static void a_read_is_whole_or_nothing(void **state)
{
	struct dir *d = *state;
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;

	put(d, "f", "0123456789");
	buf_str(&b, "old ");
	assert_int_equal(file_read(d->fd, "f", 10, &b, &err), 0);
	assert_string_equal(b.data, "old 0123456789");
	assert_int_equal(file_read(d->fd, "f", 9, &b, &err), -1);
	assert_string_equal(err.msg, "'f': larger than 9 bytes");
	assert_string_equal(b.data, "old 0123456789");
	assert_int_equal(file_read(d->fd, "none", 9, &b, &err), -1);
	assert_string_equal(err.msg, "cannot open 'none': No such file or directory");
	assert_int_equal(file_read(d->fd, ".", 9, &b, &err), -1);
	assert_string_equal(b.data, "old 0123456789");
	buf_release(&b);
}

static void a_large_file_is_read_whole(void **state)
{
	const size_t size = 1000003;
	struct dir *d = *state;
	struct buf b = BUF_INIT;
	char *text = xmalloc(size);
	size_t i;

	for (i = 0; i < size; i++)
		text[i] = (char)(i * 7);
	assert_int_equal(file_replace(d->fd, "big", text, size, NULL), 0);
	assert_int_equal(file_read(d->fd, "big", size, &b, NULL), 0);
	assert_int_equal(b.len, size);
	assert_memory_equal(b.data, text, size);
	free(text);
	buf_release(&b);
}

static void replacing_leaves_old_or_new_and_nothing_beside(void **state)
{
	struct dir *d = *state;
	struct err err = ERR_INIT;
	struct file_new f;
	char name[300];

	assert_int_equal(file_replace(d->fd, "m", "old", 3, &err), 0);
	assert_int_equal(file_new_begin(&f, d->fd, "m", &err), 0);
	assert_int_equal(write_all(f.fd, "half", 4), 0);
	assert_holds(d, "m", "old");
	file_new_abandon(&f);
	file_new_abandon(&f);
	assert_holds(d, "m", "old");
	assert_int_equal(nr_names(d), 1);
	/* What a process of this number left behind when it died is no hindrance. */
	assert_int_equal(file_new_begin(&f, d->fd, "m", &err), 0);
	close(f.fd);
	assert_int_equal(file_replace(d->fd, "m", "new", 3, &err), 0);
	assert_holds(d, "m", "new");
	assert_int_equal(nr_names(d), 1);
	/* Nor is a directory replaced, and again nothing is left beside. */
	assert_int_equal(dir_make(d->fd, "dir", &err), 0);
	assert_int_equal(file_replace(d->fd, "dir", "x", 1, &err), -1);
	assert_int_equal(nr_names(d), 2);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(file_replace(d->fd, name, "x", 1, &err), -1);
	assert_int_equal(nr_names(d), 2);
	/* As long as a name may be: what is put around it on the way makes it no longer. */
	name[NAME_MAX] = '\0';
	assert_int_equal(file_replace(d->fd, name, "x", 1, &err), 0);
	assert_int_equal(nr_names(d), 3);
}

/* A reader who looks all the time must never see anything but one of the two whole texts. */
static void a_reader_never_sees_half(void **state)
{
	struct dir *d = *state;
	char text[9000];
	pid_t pid;
	int status, i;

	memset(text, 'a', sizeof(text));
	assert_int_equal(file_replace(d->fd, "m", text, sizeof(text), NULL), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (i = 0; i < 300; i++) {
			memset(text, i % 2 ? 'a' : 'b', sizeof(text));
			if (file_replace(d->fd, "m", text, sizeof(text), NULL) < 0)
				_exit(1);
		}
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct buf b = BUF_INIT;

		assert_int_equal(file_read(d->fd, "m", sizeof(text), &b, NULL), 0);
		assert_int_equal(b.len, sizeof(text));
		assert_true(b.data[0] == 'a' || b.data[0] == 'b');
		assert_int_equal(b.data[sizeof(text) - 1], b.data[0]);
		buf_release(&b);
	}
	assert_int_equal(status, 0);
}

static void writing_stops_at_the_first_error(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(write_all(fd, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void reading_at_an_offset_ends_with_the_file(void **state)
{
	struct dir *d = *state;
	char out[16];
	int fd;

	put(d, "f", "0123456789");
	fd = file_open_read(d->fd, "f", NULL);
	assert_int_equal(pread_all(fd, out, 4, 3), 4);
	assert_memory_equal(out, "3456", 4);
	assert_int_equal(pread_all(fd, out, 16, 8), 2);
	assert_int_equal(pread_all(fd, out, 16, 10), 0);
	assert_int_equal(pread_all(fd, out, 16, 99), 0);
	close(fd);
	assert_int_equal(pread_all(-1, out, 1, 0), -1);
	assert_int_equal(errno, EBADF);
}

static void a_copy_is_a_part_at_most_so_long(void **state)
{
	const struct dir *d = *state;
	int from, to;

	put(d, "from", "0123456789");
	from = file_open_read(d->fd, "from", NULL);
	to = file_create(d->fd, "to", NULL);
	assert_int_equal(file_copy(to, from, 3, 4), 0);
	assert_holds(d, "to", "3456");
	assert_int_equal(file_copy(to, from, 8, 100), 0); /* behind what is there */
	assert_holds(d, "to", "345689");
	assert_int_equal(file_copy(to, from, 0, 0), 0);
	assert_int_equal(file_copy(to, from, 50, 5), 0);
	assert_holds(d, "to", "345689");
	assert_int_equal(file_copy(from, from, 0, 5), -1); /* not open for writing */
	assert_int_equal(errno, EBADF);
	close(from);
	close(to);
}

static void only_one_element_is_a_safe_name(void **state)
{
	(void)state;
	assert_true(is_safe_name("a", 1));
	assert_true(is_safe_name("...", 10));
	assert_true(is_safe_name("-rf *", 10));
	assert_true(is_safe_name("\xc3\xa9", 2));
	assert_false(is_safe_name("ab", 1));
	assert_false(is_safe_name("", 10));
	assert_false(is_safe_name(".", 10));
	assert_false(is_safe_name("..", 10));
	assert_false(is_safe_name("a/b", 10));
	assert_false(is_safe_name("a\nb", 10));
	assert_false(is_safe_name("a\x7f", 10));
	assert_false(is_safe_name("\x1f", 10));
}

static void the_program_knows_where_it_stands(void **state)
{
	struct stat here, self;
	char path[PATH_MAX + 64];

	(void)state;
	snprintf(path, sizeof(path), "%s/%s", exe_dir(), program_invocation_short_name);
	assert_int_equal(stat(path, &here), 0);
	assert_int_equal(stat("/proc/self/exe", &self), 0);
	assert_true(here.st_ino == self.st_ino && here.st_dev == self.st_dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(modes_do_not_depend_on_the_umask, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_directory_is_made_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_path_is_made_with_its_parents, setup, teardown),
	    cmocka_unit_test_setup_teardown(planted_links_are_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(only_a_plain_file_is_made_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_fifo_is_neither_waited_for_nor_written, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(appending_goes_to_the_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_read_is_whole_or_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_large_file_is_read_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(replacing_leaves_old_or_new_and_nothing_beside, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_reader_never_sees_half, setup, teardown),
	    cmocka_unit_test(writing_stops_at_the_first_error),
	    cmocka_unit_test_setup_teardown(reading_at_an_offset_ends_with_the_file, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_copy_is_a_part_at_most_so_long, setup, teardown),
	    cmocka_unit_test(only_one_element_is_a_safe_name),
	    cmocka_unit_test(the_program_knows_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
