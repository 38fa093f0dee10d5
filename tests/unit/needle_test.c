#include "view/text/highlight.h"
#include "base/xalloc.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void what_is_typed_is_found(void **state)
{
	static const struct {
		const char *typed, *text;
		int at, end; /* -1: not found */
	} rows[] = {
	    {"abc", "xxabc", 2, 5},
	    {"abc", "xxABc", 2, 5},
	    {"aBc", "abc aBc", 4, 7}, /* a capital: case counts */
	    {"aBc", "abc", -1, -1},
	    {"a.c", "abc a.c", 4, 7}, /* plain */
	    {"/a.c", "abc a.c", 0, 3},
	    {"/^b", "abc", -1, -1},
	    {"/\\Sc", "abC", 1, 3}, /* the S of \S is no capital */
	    {"/[0-9]+ B", "7 B", 0, 3},
	    {"/[0-9]+ B", "7 b", -1, -1},
	    {"x", "", -1, -1},
	    {"longer than that", "long", -1, -1},
	    {"//", "a/b", 1, 2},
	    {"/x*", "aaa", -1, -1}, /* nothing is no match */
	    {"aab", "aaab", 1, 4},
	    {"-", "a-b", 1, 2},
	};
	size_t i, at, end;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct needle n = {0};
		bool found;

		assert_int_equal(needle_set(&n, rows[i].typed, NULL), 0);
		found = needle_find(&n, rows[i].text, strlen(rows[i].text), 0, &at, &end);
		if (found != (rows[i].at >= 0) ||
		    (found && ((int)at != rows[i].at || (int)end != rows[i].end)))
			fail_msg("'%s' in '%s'", rows[i].typed, rows[i].text);
		needle_release(&n);
	}
}

static void what_is_no_expression_finds_nothing(void **state)
{
	struct needle n = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(needle_set(&n, "/a(", &err), -1);
	assert_non_null(strstr(err.msg, "no regular expression: "));
	assert_false(needle_is_set(&n));
	assert_false(needle_matches(&n, "a(", 2));
	assert_int_equal(needle_set(&n, "/", NULL), 0);
	assert_false(needle_is_set(&n));
	needle_release(&n);
}

/* (a+)+$ on a long row of letters ends by the limit, not in a year. */
static void matching_is_bounded(void **state)
{
	struct needle n = {0};
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 'b';
	assert_int_equal(needle_set(&n, "/(a+)+$", NULL), 0);
	assert_false(needle_matches(&n, text, sizeof(text)));
	/* Bytes that are no UTF-8 end nothing. */
	assert_int_equal(needle_set(&n, "/b.$", NULL), 0);
	assert_true(needle_matches(&n, "\xff\xfe b!", 5));
	needle_release(&n);
}

static void matches_are_marked_where_they_stand(void **state)
{
	struct cells c;
	struct buf marks = BUF_INIT;
	struct needle n = {0};

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	cells_init(&c);
	cells_resize(&c, 12, 1);
	cells_text(&c, 0, 0, 12, (struct style){0},
	    "ab\xe6\xbc\xa2"
	    "ab ab");
	assert_int_equal(needle_set(&n,
			     "\xe6\xbc\xa2"
			     "a",
			     NULL),
	    0);
	assert_int_equal(highlight_row(&c, 0, 0, 12, &n), 1);
	cells_print_marks(&c, &marks);
	assert_string_equal(marks.data, "..RRR.......\n");
	assert_int_equal(needle_set(&n, "ab", NULL), 0);
	assert_int_equal(highlight_row(&c, 0, 1, 12, &n), 2);
	buf_release(&marks);
	needle_release(&n);
	cells_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_typed_is_found),
	    cmocka_unit_test(what_is_no_expression_finds_nothing),
	    cmocka_unit_test(matching_is_bounded),
	    cmocka_unit_test(matches_are_marked_where_they_stand),
	};
	return cmocka_run_group_tests_name("needle", tests, NULL, NULL);
}
