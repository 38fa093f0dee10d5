#include "base/xalloc.h"
#include "view/screen/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void bands_of_the_drawings(void **state)
{
	struct layout l;

	(void)state;
	layout_compute(&l, 120, 40, WANT_BOTH, false);
	assert_int_equal(l.table.rows, 19);
	assert_int_equal(l.pane.rows, 14);
	assert_int_equal(l.message.row, 38);
	layout_compute(&l, 80, 24, WANT_BOTH, false);
	assert_int_equal(l.head.row, 3);
	assert_int_equal(l.table.rows, 11);
	assert_int_equal(l.title.row, 15);
	assert_int_equal(l.pane.rows, 6);
	layout_compute(&l, 50, 12, WANT_BOTH, false);
	assert_int_equal(l.table.rows, 7);
	assert_int_equal(l.pane.rows, 0);
	assert_int_equal(l.message.rows, 0);
	layout_compute(&l, 30, 4, WANT_BOTH, false);
	assert_true(l.is_tiny);
	assert_int_equal(l.header.rows, 3);
	assert_int_equal(l.keys.row, 3);
	layout_compute(&l, 30, 1, WANT_BOTH, false);
	assert_int_equal(l.header.rows, 1);
	assert_int_equal(l.keys.rows, 0);
}

static int mark(char *used, int rows, struct band b)
{
	int i;

	for (i = 0; i < b.rows; i++) {
		if (b.row + i < 0 || b.row + i >= rows || used[b.row + i])
			return -1;
		used[b.row + i] = 1;
	}
	return 0;
}

/* Whatever the size: bands are on the screen, none lies over another, and on a screen that is not
 * tiny every row belongs to one. */
static void bands_never_meet(void **state)
{
	static const enum layout_want wants[] = {WANT_BOTH, WANT_TABLE, WANT_LOG};
	int cols, rows, has_phase;
	size_t i;

	(void)state;
	for (has_phase = 0; has_phase < 2; has_phase++)
		for (cols = 1; cols < 130; cols += 3)
			for (rows = 1; rows < 130; rows++)
				for (i = 0; i < ARRAY_LEN(wants); i++) {
					struct layout l;
					char used[130] = {0};

					layout_compute(&l, cols, rows, wants[i], has_phase);
					assert_int_equal(mark(used, rows, l.header), 0);
					assert_int_equal(mark(used, rows, l.head), 0);
					assert_int_equal(mark(used, rows, l.table), 0);
					assert_int_equal(mark(used, rows, l.title), 0);
					assert_int_equal(mark(used, rows, l.pane), 0);
					assert_int_equal(mark(used, rows, l.message), 0);
					assert_int_equal(mark(used, rows, l.keys), 0);
					if (!l.is_tiny)
						assert_null(memchr(used, 0, (size_t)rows));
					if (!l.is_tiny && wants[i] != WANT_LOG)
						assert_true(l.table.rows >= 5 - has_phase);
					if (wants[i] == WANT_BOTH && !l.is_tiny && rows >= 16)
						assert_true(l.pane.rows + l.title.rows >= 5);
				}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bands_of_the_drawings),
	    cmocka_unit_test(bands_never_meet),
	};
	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
