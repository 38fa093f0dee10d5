#include "view/text/cells.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KANJI "\xE6\xBC\xA2"
#define ACUTE "\xCC\x81"

static const struct style none;

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void check_row(const struct cells *c, int row, bool ascii, const char *want)
{
	struct buf b = BUF_INIT;

	cells_row_text(c, row, ascii, &b);
	assert_string_equal(b.data, want);
	buf_release(&b);
}

static void text_ends_at_its_column(void **state)
{
	struct cells c;

	(void)state;
	cells_init(&c);
	cells_resize(&c, 10, 2);
	assert_int_equal(cells_text(&c, 0, 2, 5, none, "abcdef"), 5);
	check_row(&c, 0, false, "  abc");
	assert_int_equal(cells_text(&c, 0, 8, 99, none, "xyz"), 10);
	check_row(&c, 0, false, "  abc   xy");
	/* Outside is nowhere. */
	cells_text(&c, 2, 0, 9, none, "no");
	cells_text(&c, -1, 0, 9, none, "no");
	cells_text(&c, 1, 12, 19, none, "no");
	check_row(&c, 1, false, "");
	cells_release(&c);
}

static void wide_and_combining_characters(void **state)
{
	struct cells c;

	(void)state;
	cells_init(&c);
	cells_resize(&c, 6, 1);
	assert_int_equal(cells_text(&c, 0, 0, 6, none, "e" ACUTE KANJI "z"), 4);
	check_row(&c, 0, false, "e" ACUTE KANJI "z");
	check_row(&c, 0, true, "e??z");
	/* No half of a wide one: neither at the end of a field ... */
	cells_resize(&c, 6, 1);
	assert_int_equal(cells_text(&c, 0, 0, 3, none, "ab" KANJI), 3);
	cells_text(&c, 0, 3, 6, none, "|");
	check_row(&c, 0, false, "ab |");
	/* ... nor when its other half is painted over. */
	cells_text(&c, 0, 0, 6, none, KANJI KANJI);
	cells_text(&c, 0, 1, 2, none, "x");
	check_row(&c, 0, false, " x" KANJI);
	cells_text(&c, 0, 2, 3, none, "y");
	check_row(&c, 0, false, " xy");
	cells_release(&c);
}

static void a_mark_at_the_last_column_stays_with_its_base(void **state)
{
	struct cells c;

	(void)state;
	cells_init(&c);
	cells_resize(&c, 2, 1);
	cells_text(&c, 0, 0, 2, none, "ae" ACUTE "z");
	check_row(&c, 0, false, "ae" ACUTE);
	cells_release(&c);
}

static void nothing_hostile_gets_in(void **state)
{
	struct cells c;
	int col;

	(void)state;
	cells_init(&c);
	cells_resize(&c, 40, 1);
	cells_text(&c, 0, 0, 40, none,
	    "a\033]0;x\007\033[2J\x9b"
	    "31mb\xE2\x80\xAE\nc\td");
	check_row(&c, 0, false, "ab c       d");
	for (col = 0; col < 40; col++)
		assert_true(cells_at(&c, 0, col)->cp >= 0x20 && cells_at(&c, 0, col)->cp < 0x7F);
	cells_release(&c);
}

static void marks_tell_how_cells_look(void **state)
{
	struct cells c;
	struct buf b = BUF_INIT;

	(void)state;
	cells_init(&c);
	cells_resize(&c, 8, 2);
	cells_text(&c, 0, 0, 8, (struct style){.role = ROLE_RUNNING}, "ab");
	cells_text(&c, 0, 2, 8, (struct style){.flags = STYLE_BOLD}, "c");
	cells_text(&c, 0, 3, 8, (struct style){.flags = STYLE_HAS_FG, .fg = 3}, "d");
	cells_text(&c, 0, 4, 8, (struct style){.flags = STYLE_DIM}, "e");
	cells_text(&c, 0, 5, 8, (struct style){.flags = STYLE_UNDERLINE}, "f");
	cells_add_flags(&c, 0, 1, 2, STYLE_REVERSE);
	cells_add_flags(&c, 1, 0, 2, STYLE_REVERSE);
	cells_print(&c, true, &b);
	cells_print_marks(&c, &b);
	assert_string_equal(b.data, "abcdef\n\nrRBCDU..\nRR......\n");
	buf_release(&b);
	cells_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_ends_at_its_column),
	    cmocka_unit_test(wide_and_combining_characters),
	    cmocka_unit_test(a_mark_at_the_last_column_stays_with_its_base),
	    cmocka_unit_test(nothing_hostile_gets_in),
	    cmocka_unit_test(marks_tell_how_cells_look),
	};
	return cmocka_run_group_tests_name("cells", tests, utf8_locale, NULL);
}
