#include "base/file.h"
#include "base/xalloc.h"
#include "view/log_tail.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME "agent-1.log"

struct fixture {
	char path[64];
	int dirfd;
	struct log_tail tail;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	memcpy(f->path, "/tmp/log_tail_test.XXXXXX", 26);
	if (!mkdtemp(f->path))
		return -1;
	f->dirfd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	log_tail_init(&f->tail);
	*state = f;
	return f->dirfd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_tail_release(&f->tail);
	(void)unlinkat(f->dirfd, NAME, 0);
	close(f->dirfd);
	(void)rmdir(f->path);
	free(f);
	return 0;
}

static void append(struct fixture *f, const char *p, size_t n)
{
	int fd = openat(f->dirfd, NAME, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, n), 0);
	close(fd);
}

static void check_line(struct fixture *f, int64_t at, const char *want)
{
	size_t n;
	const char *p = log_tail_line(&f->tail, at, &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(p, want, n);
}

static void lines_forward_and_back(void **state)
{
	static const char text[] = "one\ntwo\n\nfour";
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;

	append(f, text, strlen(text));
	log_tail_open(t, f->dirfd, NAME);
	assert_int_equal(t->size, 13);
	check_line(f, 0, "one");
	assert_int_equal(log_tail_next(t, 0), 4);
	check_line(f, 4, "two");
	assert_int_equal(log_tail_next(t, 4), 8);
	check_line(f, 8, "");
	assert_int_equal(log_tail_next(t, 8), 9);
	check_line(f, 9, "four");
	assert_int_equal(log_tail_next(t, 9), 13);
	assert_int_equal(log_tail_next(t, 13), 13);
	assert_int_equal(log_tail_prev(t, 13), 9);
	assert_int_equal(log_tail_prev(t, 9), 8);
	assert_int_equal(log_tail_prev(t, 8), 4);
	assert_int_equal(log_tail_prev(t, 4), 0);
	assert_int_equal(log_tail_prev(t, 0), 0);
	assert_int_equal(log_tail_line_from(t, 4), 4);
	assert_int_equal(log_tail_line_from(t, 5), 8);
	assert_int_equal(log_tail_line_from(t, 10), 13);
}

static void an_open_end_grows(void **state)
{
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;

	log_tail_open(t, f->dirfd, NAME);
	assert_int_equal(t->fd, -1);
	assert_false(log_tail_refresh(t));
	check_line(f, 0, "");
	append(f, "ab", 2);
	assert_true(log_tail_refresh(t));
	check_line(f, 0, "ab");
	assert_false(log_tail_refresh(t));
	append(f, "c\nd", 3);
	check_line(f, 0, "ab"); /* as of the last refresh */
	assert_true(log_tail_refresh(t));
	check_line(f, 0, "abc");
	assert_int_equal(log_tail_prev(t, t->size), 4);
	assert_false(t->was_replaced);
}

static void another_file_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;

	append(f, "old text\n", 9);
	log_tail_open(t, f->dirfd, NAME);
	assert_int_equal(unlinkat(f->dirfd, NAME, 0), 0);
	/* Gone, but still open. */
	assert_false(log_tail_refresh(t));
	check_line(f, 0, "old text");
	append(f, "new text, and longer\n", 21);
	assert_true(log_tail_refresh(t));
	assert_true(t->was_replaced);
	check_line(f, 0, "new text, and longer");
	t->was_replaced = false;
	/* Cut off. */
	close(openat(f->dirfd, NAME, O_WRONLY | O_TRUNC | O_CLOEXEC));
	assert_true(log_tail_refresh(t));
	assert_true(t->was_replaced);
	assert_int_equal(t->size, 0);
}

/* A file far larger than a block, with a line that never ends in it: walking from the end and back
 * meets the same lines. */
static void long_lines_come_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;
	const size_t giant = 5 * LOG_LINE_MAX + 100;
	char *text = xmalloc(giant);
	int64_t at;
	size_t n, nr = 0, pieces = 0;
	int i;

	for (i = 0; i < 5000; i++)
		append(f, "0123456789 a line of the usual kind\n", 36);
	memset(text, 'x', giant);
	append(f, text, giant);
	append(f, "\nlast\n", 6);
	log_tail_open(t, f->dirfd, NAME);
	at = log_tail_prev(t, t->size);
	check_line(f, at, "last");
	at = log_tail_prev(t, at);
	(void)log_tail_line(t, at, &n);
	assert_true(n > 0 && n <= LOG_LINE_MAX);
	for (at = 0; at < t->size; at = log_tail_next(t, at)) {
		const char *p = log_tail_line(t, at, &n);

		assert_true(n <= LOG_LINE_MAX);
		assert_null(memchr(p, '\n', n));
		pieces += n > 1000;
		nr++;
	}
	assert_int_equal(at, t->size);
	assert_int_equal(pieces, 5);
	assert_int_equal(nr, 5000 + 6 + 1);
	for (nr = 0, at = t->size; at > 0; nr++) {
		int64_t before = log_tail_prev(t, at);

		assert_true(before < at);
		at = before;
	}
	assert_int_equal(nr, 5000 + 6 + 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines_forward_and_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_open_end_grows, setup, teardown),
	    cmocka_unit_test_setup_teardown(another_file_is_noticed, setup, teardown),
	    cmocka_unit_test_setup_teardown(long_lines_come_in_pieces, setup, teardown),
	};
	return cmocka_run_group_tests_name("log_tail", tests, NULL, NULL);
}
