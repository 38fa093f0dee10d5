#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "view/log/log_finder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	int fd;
	int64_t size;
	struct log_finder finder;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char path[] = "/tmp/log_finder_test.XXXXXX";

	f->fd = mkstemp(path);
	(void)unlink(path);
	*state = f;
	return f->fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_finder_release(&f->finder);
	close(f->fd);
	free(f);
	return 0;
}

static void append(struct fixture *f, const char *p, size_t n)
{
	assert_int_equal(write_all(f->fd, p, n), 0);
	f->size += (int64_t)n;
}

static void append_str(struct fixture *f, const char *s)
{
	append(f, s, strlen(s));
}

static void append_same(struct fixture *f, char c, size_t n)
{
	char *p = xmalloc(n);

	memset(p, c, n);
	append(f, p, n);
	free(p);
}

static void look_for(struct fixture *f, const char *word)
{
	assert_int_equal(log_finder_set_typed(&f->finder, word, false, NULL), 0);
}

static void count(struct fixture *f)
{
	while (log_finder_step(&f->finder, f->fd, f->size))
		;
	assert_true(log_finder_is_done(&f->finder, f->size));
}

static int64_t rank(struct fixture *f, int64_t at)
{
	return log_finder_rank(&f->finder, f->fd, at);
}

static int64_t next(struct fixture *f, int64_t at)
{
	return log_finder_next(&f->finder, f->fd, at);
}

static int64_t prev(struct fixture *f, int64_t at)
{
	return log_finder_prev(&f->finder, f->fd, at);
}

static void lines_are_counted_as_the_file_grows(void **state)
{
	struct fixture *f = *state;
	int i;

	look_for(f, "\n");
	count(f);
	assert_int_equal(f->finder.nr, 0);
	for (i = 0; i < 30000; i++) {
		append_str(f, "line\r\n"); /* 6 bytes: line i begins at 6 * i */
		if (i % 1000 == 0)
			count(f);
	}
	append_str(f, "no newline");
	count(f);
	assert_int_equal(f->finder.nr, 30000);
	assert_int_equal(rank(f, 0), 0);
	assert_int_equal(rank(f, 5), 0);
	assert_int_equal(rank(f, 6), 1);
	for (i = 10900; i < 10960; i++) /* around the first 64 KiB */
		assert_int_equal(rank(f, 6 * i), i);
	assert_int_equal(rank(f, f->size), 30000);
	append_str(f, "\n");
	count(f);
	assert_int_equal(f->finder.nr, 30001);
}

static void a_line_without_end_costs_a_bounded_block(void **state)
{
	struct fixture *f = *state;

	append_str(f, "first\n");
	append_same(f, 'x', 3 << 20);
	append_str(f, "needle");
	append_same(f, 'y', 1 << 20);
	append_str(f, "\nlast");
	look_for(f, "\n");
	count(f);
	assert_int_equal(f->finder.nr, 2);
	assert_int_equal(rank(f, f->size), 2);
	assert_int_equal(next(f, 6), f->size - 5);
	look_for(f, "needle");
	count(f);
	assert_int_equal(f->finder.nr, 1);
	assert_int_equal(next(f, 0), 6 + (3 << 20));
	assert_int_equal(prev(f, f->size), 6 + (3 << 20));
}

/* At every place around the edge of a block, also one byte at a time. */
static void a_word_over_an_edge_is_found_once(void **state)
{
	struct fixture *f = *state;
	int off;

	for (off = -8; off <= 2; off++) {
		int64_t at = LOG_FINDER_STEP + off;

		assert_int_equal(ftruncate(f->fd, 0), 0);
		assert_int_equal(lseek(f->fd, 0, SEEK_SET), 0);
		f->size = 0;
		look_for(f, "word!");
		append_same(f, '.', (size_t)at);
		count(f);
		append_str(f, "wor");
		count(f);
		assert_int_equal(next(f, 0), -1);
		append_str(f, "d!");
		append_same(f, '.', 100);
		count(f);
		assert_int_equal(f->finder.nr, 1);
		assert_int_equal(next(f, 0), at);
		assert_int_equal(next(f, at), at);
		assert_int_equal(next(f, at + 1), -1);
		assert_int_equal(prev(f, f->size), at);
		assert_int_equal(prev(f, at), -1);
		assert_int_equal(prev(f, at + 1), at);
		assert_int_equal(rank(f, at), 0);
		assert_int_equal(rank(f, at + 1), 1);
	}
}

static void case_counts_with_a_capital(void **state)
{
	struct fixture *f = *state;

	append_str(f, "Error error ERROR eRRor");
	look_for(f, "error");
	count(f);
	assert_int_equal(f->finder.nr, 4);
	look_for(f, "Error");
	count(f);
	assert_int_equal(f->finder.nr, 1);
	assert_int_equal(next(f, 0), 0);
	look_for(f, "");
	count(f);
	assert_int_equal(f->finder.nr, 0);
	assert_int_equal(next(f, 0), -1);
}

/* Every byte, at every place of eight. */
static void only_ascii_letters_are_alike(void **state)
{
	struct fixture *f = *state;
	char bytes[256 * 9], word[3] = {0};
	int c, k, at = 0;

	for (c = 0; c < 256; c++)
		for (k = 0; k < 9; k++)
			bytes[at++] = (char)c;
	append(f, bytes, sizeof(bytes));
	for (c = 1; c < 256; c++) {
		if (c == '/') /* begins an expression */
			continue;
		bool is_lower = c >= 'a' && c <= 'z';

		word[0] = (char)c;
		look_for(f, word);
		count(f);
		assert_int_equal(f->finder.nr, is_lower ? 18 : 9);
		assert_int_equal(next(f, 0), 9 * (is_lower ? c - 'a' + 'A' : c));
	}
}

static void several_words_and_all_their_places(void **state)
{
	static const char *const words[] = {"aa", "fail", "b"};
	struct fixture *f = *state;

	append_str(f, "aaa FAIL xb");
	log_finder_set(&f->finder, words, ARRAY_LEN(words), true);
	count(f);
	assert_int_equal(f->finder.nr, 3); /* aa twice: they may overlap; the rest is too short */
	assert_int_equal(next(f, 0), 0);
	assert_int_equal(next(f, 1), 1);
	assert_int_equal(next(f, 2), 4);
	assert_int_equal(next(f, 5), 10);
	assert_int_equal(next(f, 11), -1);
	assert_int_equal(prev(f, 11), 10);
	assert_int_equal(prev(f, 10), 4);
	assert_true(log_finder_has(&f->finder, "a Failure", 9));
	assert_false(log_finder_has(&f->finder, "a fai", 5));
	assert_false(log_finder_has(&f->finder, "", 0));
}

static void nothing_is_known_of_another_file(void **state)
{
	struct fixture *f = *state;

	append_str(f, "one\ntwo\n");
	look_for(f, "\n");
	count(f);
	log_finder_reset(&f->finder);
	assert_int_equal(rank(f, 8), 0);
	assert_int_equal(next(f, 0), -1);
	assert_int_equal(prev(f, 8), -1);
	/* It shrank while it was read: no endless loop, no invented match. */
	f->size = 1 << 20;
	assert_false(log_finder_step(&f->finder, f->fd, f->size));
}

/* ---- by lines ----------------------------------------------------------- */

static void filter(struct fixture *f, const char *word)
{
	assert_int_equal(log_finder_set_typed(&f->finder, word, true, NULL), 0);
}

static void an_expression_finds_lines(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	append_str(f, "one 1\ntwo\r\n\nthree 33\nfour 4");
	look_for(f, "/ \\d$");
	count(f);
	assert_int_equal(f->finder.nr, 2);
	assert_int_equal(next(f, 0), 0);
	assert_int_equal(next(f, 1), f->size - 6);
	assert_int_equal(prev(f, f->size - 6), 0);
	assert_int_equal(rank(f, f->size - 6), 1);
	look_for(f, "/o$"); /* a carriage return is none of the line */
	count(f);
	assert_int_equal(f->finder.nr, 1);
	look_for(f, "/^$");
	count(f);
	assert_int_equal(f->finder.nr, 0); /* an empty match is none */
	assert_int_equal(log_finder_set_typed(&f->finder, "/(", false, &err), -1);
	assert_non_null(strstr(err.msg, "no regular expression"));
	count(f);
	assert_int_equal(f->finder.nr, 0);
}

static void lines_that_have_it_not_are_kept(void **state)
{
	struct fixture *f = *state;

	append_str(f, "a\nkeep\na\n\nb a\nkeep too");
	filter(f, "!a");
	count(f);
	assert_int_equal(f->finder.nr, 3);
	assert_int_equal(next(f, 0), 2);
	assert_int_equal(next(f, 3), 9);
	assert_int_equal(prev(f, f->size), f->size - 8);
	filter(f, "!/^[ab]");
	count(f);
	assert_int_equal(f->finder.nr, 3);
	look_for(f, "!a"); /* a search has no '!' */
	count(f);
	assert_int_equal(f->finder.nr, 0);
}

/* A line without its newline may become another one. */
static void an_open_line_is_looked_at_again(void **state)
{
	struct fixture *f = *state;
	int i;

	look_for(f, "/^ab+c$");
	append_str(f, "x\nab");
	count(f);
	assert_int_equal(f->finder.nr, 0);
	append_str(f, "c");
	count(f);
	assert_int_equal(f->finder.nr, 1);
	assert_int_equal(next(f, 0), 2);
	append_str(f, "d");
	count(f);
	assert_int_equal(f->finder.nr, 0);
	/* Over several blocks, too. */
	append_str(f, "\nabb");
	for (i = 0; i < 5; i++) {
		append_same(f, 'b', 50000);
		count(f);
		assert_int_equal(f->finder.nr, 0);
	}
	append_str(f, "c\nabc\n");
	count(f);
	assert_int_equal(next(f, 100), f->size - 4);
}

/* Against counting by hand, over edges of blocks, in a file that grows. */
static void lines_over_edges_are_found_once(void **state)
{
	struct fixture *f = *state;
	int64_t *hits = xmalloc(40000 * sizeof(*hits)), at = 0;
	uint32_t seed = 7;
	int i, nr = 0, k;

	look_for(f, "/needle[0-9]");
	for (i = 0; i < 20000; i++) {
		struct buf b = BUF_INIT;
		int len;

		seed = seed * 1664525u + 1013904223u;
		len = (int)(seed >> 16) % (i % 500 == 0 ? 30000 : 40);
		for (k = 0; k < len; k++)
			buf_ch(&b, 'n');
		if ((seed >> 8) % 7 == 0) {
			buf_str(&b, "needle5");
			hits[nr++] = at;
		}
		buf_ch(&b, '\n');
		append(f, b.data, b.len);
		at = f->size;
		buf_release(&b);
		if (i % 100 == 0)
			count(f);
	}
	count(f);
	assert_int_equal(f->finder.nr, nr);
	for (i = 0, at = 0; i < nr; i++) {
		assert_int_equal(next(f, at), hits[i]);
		at = hits[i] + 1;
	}
	assert_int_equal(next(f, at), -1);
	for (i = nr - 1, at = f->size; i >= 0; i--) {
		assert_int_equal(prev(f, at), hits[i]);
		assert_int_equal(rank(f, hits[i]), i);
		at = hits[i];
	}
	free(hits);
}

static void a_long_line_is_matched_by_pieces(void **state)
{
	struct fixture *f = *state;

	append_same(f, 'x', 1 << 20);
	append_str(f, "needle7");
	append_same(f, 'y', 1 << 20);
	append_str(f, "\nlast\n");
	look_for(f, "/needle[0-9]");
	count(f);
	assert_true(f->finder.nr >= 1);
	assert_true(next(f, 0) > 0 && next(f, 0) <= 1 << 20);
	look_for(f, "/^last$");
	count(f);
	assert_int_equal(f->finder.nr, 1);
	assert_int_equal(next(f, 0), f->size - 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines_are_counted_as_the_file_grows, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_line_without_end_costs_a_bounded_block, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_word_over_an_edge_is_found_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(case_counts_with_a_capital, setup, teardown),
	    cmocka_unit_test_setup_teardown(only_ascii_letters_are_alike, setup, teardown),
	    cmocka_unit_test_setup_teardown(several_words_and_all_their_places, setup, teardown),
	    cmocka_unit_test_setup_teardown(nothing_is_known_of_another_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_expression_finds_lines, setup, teardown),
	    cmocka_unit_test_setup_teardown(lines_that_have_it_not_are_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_open_line_is_looked_at_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(lines_over_edges_are_found_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_line_is_matched_by_pieces, setup, teardown),
	};
	return cmocka_run_group_tests_name("log_finder", tests, NULL, NULL);
}
