#include "base/file.h"
#include "base/xalloc.h"
#include "view/log/log_tail.h"

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
	struct log_bytes b;

	log_tail_line(&f->tail, at, false, &b);
	assert_int_equal(b.n, strlen(want));
	assert_int_equal(b.more, 0);
	assert_memory_equal(b.p, want, b.n);
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

static void append_run(struct fixture *f, char c, size_t n)
{
	char *text = xmalloc(n);

	memset(text, c, n);
	append(f, text, n);
	free(text);
}

/* Of all of a line that is too long the beginning is given, and how much more there is. */
static void a_long_line_is_one_line(void **state)
{
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;
	const size_t giant = 5 * LOG_LINE_MAX + 100;
	struct log_bytes b;
	int64_t at;

	append(f, "first\n", 6);
	append_run(f, 'x', giant);
	append(f, "\nlast\n", 6);
	log_tail_open(t, f->dirfd, NAME);
	at = log_tail_prev(t, t->size);
	check_line(f, at, "last");
	at = log_tail_prev(t, at);
	assert_int_equal(at, 6);
	log_tail_line(t, at, false, &b);
	assert_int_equal(b.n, LOG_LINE_MAX);
	assert_int_equal(b.more, giant - LOG_LINE_MAX);
	assert_int_equal(log_tail_next(t, at), 6 + giant + 1);
	assert_int_equal(log_tail_line_at(t, 6 + 3 * LOG_LINE_MAX), 6);
	assert_int_equal(log_tail_line_at(t, 5), 0);
	assert_int_equal(log_tail_prev(t, at), 0);
	/* Without its newline it may still grow. */
	append_run(f, 'y', 2 * LOG_LINE_MAX);
	assert_true(log_tail_refresh(t));
	at = log_tail_prev(t, t->size);
	log_tail_line(t, at, false, &b);
	assert_int_equal(b.more, LOG_LINE_MAX);
	append(f, "z\n", 2);
	assert_true(log_tail_refresh(t));
	assert_int_equal(log_tail_prev(t, t->size), at);
	log_tail_line(t, at, false, &b);
	assert_int_equal(b.more, LOG_LINE_MAX + 1);
}

/* Only what follows the last carriage return of a line is shown of it. */
static void the_end_of_a_progress_bar_is_given(void **state)
{
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;
	struct log_bytes b;
	int i;

	for (i = 0; i < 20000; i++)
		append(f, "downloading 10%\r", 16);
	append(f, "all there\r\n", 11);
	log_tail_open(t, f->dirfd, NAME);
	log_tail_line(t, 0, false, &b);
	assert_int_equal(b.more, 0);
	assert_int_equal(b.n, 10);
	assert_memory_equal(b.p, "all there\r", 10);
	log_tail_line(t, 0, true, &b);
	assert_int_equal(b.n, LOG_LINE_MAX);
	assert_int_equal(b.more, 20000 * 16 + 10 - LOG_LINE_MAX);
}

/* Walking from the end and back meets the same lines; once they are counted a line is one, however
 * long it is. */
static void lines_without_an_end_come_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct log_tail *t = &f->tail;
	const char *const newline = "\n";
	const int64_t giant = 2 * (int64_t)LOG_PIECE_MAX + 100;
	struct log_finder lines = {0};
	struct log_bytes b;
	int64_t at;
	size_t nr = 0;
	int i;

	for (i = 0; i < 1000; i++)
		append(f, "0123456789 a line of the usual kind\n", 36);
	append_run(f, 'x', (size_t)giant);
	append(f, "\nlast\n", 6);
	log_tail_open(t, f->dirfd, NAME);
	for (at = 0; at < t->size; at = log_tail_next(t, at))
		nr++;
	assert_int_equal(at, t->size);
	assert_int_equal(nr, 1000 + 3 + 1);
	log_tail_forget(t);
	for (nr = 0, at = t->size; at > 0; nr++) {
		int64_t before = log_tail_prev(t, at);

		assert_true(before < at);
		at = before;
	}
	assert_int_equal(nr, 1000 + 3 + 1);
	log_finder_set(&lines, &newline, 1, false);
	while (log_finder_step(&lines, t->fd, t->size))
		;
	t->lines = &lines;
	log_tail_forget(t);
	at = log_tail_prev(t, log_tail_prev(t, t->size));
	assert_int_equal(at, 36000);
	log_tail_line(t, at, false, &b);
	assert_int_equal(b.more, giant - LOG_LINE_MAX);
	assert_int_equal(log_tail_next(t, at), t->size - 5);
	assert_int_equal(log_tail_line_at(t, at + giant / 2), at);
	log_finder_release(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines_forward_and_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_open_end_grows, setup, teardown),
	    cmocka_unit_test_setup_teardown(another_file_is_noticed, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_line_is_one_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_end_of_a_progress_bar_is_given, setup, teardown),
	    cmocka_unit_test_setup_teardown(lines_without_an_end_come_in_pieces, setup, teardown),
	};
	return cmocka_run_group_tests_name("log_tail", tests, NULL, NULL);
}
