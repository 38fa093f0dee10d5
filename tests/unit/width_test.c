#include "view/text/width.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define E_ACUTE "e\xCC\x81" /* e and a combining acute */
#define KANJI "\xE6\xBC\xA2" /* two columns */

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void columns_of_strings(void **state)
{
	(void)state;
	assert_int_equal(width_str(""), 0);
	assert_int_equal(width_str("abc"), 3);
	assert_int_equal(width_str(E_ACUTE), 1);
	assert_int_equal(width_str("a" KANJI "b"), 4);
	assert_int_equal(width_of(0x1F), -1);
	assert_int_equal(width_of(0x9B), -1);
	assert_int_equal(width_of(0x0301), 0);
}

static void a_cut_never_ends_inside_a_character(void **state)
{
	const char *s = "a" KANJI E_ACUTE "z";
	size_t used;

	(void)state;
	assert_int_equal(width_cut(s, strlen(s), 0, &used), 0);
	assert_int_equal(width_cut(s, strlen(s), 1, &used), 1);
	/* The wide one does not fit into the one column left. */
	assert_int_equal(width_cut(s, strlen(s), 2, &used), 1);
	assert_int_equal(used, 1);
	assert_int_equal(width_cut(s, strlen(s), 3, &used), 4);
	assert_int_equal(used, 3);
	/* A mark stays with its base. */
	assert_int_equal(width_cut(s, strlen(s), 4, &used), 7);
	assert_int_equal(used, 4);
	assert_int_equal(width_cut(s, strlen(s), 99, &used), strlen(s));
}

static void padding_is_exact(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	width_pad(&b, "ab", 4);
	assert_string_equal(b.data, "ab  ");
	buf_reset(&b);
	width_pad(&b, "a" KANJI "b", 2);
	assert_string_equal(b.data, "a ");
	buf_reset(&b);
	width_pad_left(&b, "0.31", 5);
	assert_string_equal(b.data, " 0.31");
	buf_reset(&b);
	width_pad(&b, "", 0);
	assert_string_equal(b.data, "");
	buf_release(&b);
}

static void the_locale_decides_on_glyphs(void **state)
{
	(void)state;
	assert_true(width_has_utf8());
	assert_non_null(setlocale(LC_CTYPE, "C"));
	assert_false(width_has_utf8());
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_of_strings),
	    cmocka_unit_test(a_cut_never_ends_inside_a_character),
	    cmocka_unit_test(padding_is_exact),
	    cmocka_unit_test(the_locale_decides_on_glyphs),
	};
	return cmocka_run_group_tests_name("width", tests, utf8_locale, NULL);
}
