#include "formats/extract_names.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_clean(void **state)
{
	static const struct {
		const char *path, *expected;
		bool is_inside;
	} cases[] = {
	    {"a.md", "a.md", true},
	    {"./out//a.md", "out/a.md", true},
	    {"out/../a.md", "a.md", true},
	    {"out/../../a.md", "a.md", false},
	    {"../../a.md", "a.md", false},
	    {"/etc/passwd", "etc/passwd", false},
	    {"/../etc", "etc", false},
	    {"..", "", false},
	    {"a/..", "", true},
	    {".", "", true},
	    {"", "", true},
	    {"a/", "a", true},
	    {"...", "...", true},
	    {"..a/b..", "..a/b..", true},
	};
	struct buf out = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(extract_name_clean(&out, cases[i].path), cases[i].is_inside);
		assert_string_equal(out.data, cases[i].expected);
	}
	buf_release(&out);
}

/* Each row's path, in order: who comes first has it. */
static void test_claims(void **state)
{
	static const struct {
		const char *id, *path, *expected;
	} rows[] = {
	    {"1", "report.md", "report.md"},
	    {"2", "report.md", "2/report.md"},
	    {"3", "2/report.md", "3/2/report.md"},
	    {"4", "report.md/x", "4/report.md/x"}, /* a file is no directory */
	    {"5", "out/a", "out/a"},
	    {"6", "out", "6/out"}, /* nor a directory a file */
	    {"7", "8", "8"},
	    {"8", "report.md", "8.2/report.md"}, /* its own name is somebody's file */
	    {"9", "out/b", "out/b"},
	};
	struct extract_names n;
	size_t i;

	(void)state;
	extract_names_init(&n);
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(extract_names_claim(&n, rows[i].path, rows[i].id),
		    rows[i].expected);
	extract_names_release(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
