/* With the fuzz entry, driven here by fixed noise. */
#include "../fuzz/sanitize_fuzz.c"
#include "base/xalloc.h"
#include "view/text/sanitize.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BAD "\xEF\xBF\xBD"
#define E_ACUTE "\xCC\x81"

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

/* The lines as shown, fed in pieces of `piece` bytes. */
static void show(enum sanitize_mode mode, const char *p, size_t n, size_t piece, struct buf *out)
{
	struct sanitize_stream st;
	size_t at;

	buf_reset(out);
	sanitize_stream_init(&st, mode);
	for (at = 0; at < n; at += piece)
		sanitize_stream_feed(&st, p + at, n - at < piece ? n - at : piece, out);
	sanitize_stream_end(&st, out);
	sanitize_stream_release(&st);
}

struct row {
	const char *in, *want;
};

static void check_rows(enum sanitize_mode mode, const struct row *rows, size_t nr)
{
	struct buf b = BUF_INIT;
	size_t i, piece;

	for (i = 0; i < nr; i++)
		for (piece = 1; piece < 6; piece++) {
			show(mode, rows[i].in, strlen(rows[i].in), piece, &b);
			assert_string_equal(b.data, rows[i].want);
		}
	buf_release(&b);
}

static void sequences_are_stepped_over(void **state)
{
	static const struct row rows[] = {
	    {"plain", "plain"},
	    {"a\033[2Jb", "ab"},
	    {"a\033[31mb\033[0mc", "abc"},
	    {"a\033[?1049hb", "ab"},
	    {"a\033]0;title\007b", "ab"},
	    {"a\033]0;title\033\\b", "ab"},
	    {"a\033]8;;http://x\033\\link\033]8;;\033\\b", "alinkb"},
	    {"a\033]52;c;aGk=\007b", "ab"},
	    {"a\033Pq#0\033\\b", "ab"},
	    {"a\033_apc\033\\b", "ab"},
	    {"a\033^pm\033\\b", "ab"},
	    {"a\033Xsos\033\\b", "ab"},
	    {"a\033(0b", "ab"},
	    {"a\033cb", "ab"},
	    {"a\0337b\0338c", "abc"},
	    {"a\033#8b", "ab"},
	    {"a\033[31\030mb", "amb"},
	    {"a\033[1;\033[2mb", "ab"},
	    {"\033]0;\033[31mx\007y", "xy"},
	    /* C1 in both forms. */
	    {"a\x9b"
	     "31mb",
		"ab"},
	    {"a\xC2\x9b"
	     "31mb",
		"ab"},
	    {"a\x9d"
	     "0;t\x9c"
	     "b",
		"ab"},
	    {"a\xC2\x9d"
	     "0;t\xC2\x9c"
	     "b",
		"ab"},
	    {"a\x90x\033\\b\x85"
	     "c",
		"abc"},
	    {"a\x07\x08\x0B\x0C\x0E\x7F"
	     "b",
		"ab"},
	};

	(void)state;
	check_rows(SANITIZE_PLAIN, rows, ARRAY_LEN(rows));
	check_rows(SANITIZE_LOG, rows, ARRAY_LEN(rows));
}

/* Nothing unterminated swallows the next line. */
static void a_sequence_ends_with_its_line(void **state)
{
	static const struct row rows[] = {
	    {"a\033]0;never\nb", "a\nb"},
	    {"a\033[31\nb", "a\nb"},
	    {"a\033\nb", "a\nb"},
	    {"a\033P\nb", "a\nb"},
	    {"a\x90\nb", "a\nb"},
	    {"a\033[\xC3\xA9z", "a\xC3\xA9z"},
	};

	(void)state;
	check_rows(SANITIZE_PLAIN, rows, ARRAY_LEN(rows));
}

static void a_return_restarts_its_line(void **state)
{
	static const struct row rows[] = {
	    {"one\r\ntwo\r\n", "one\ntwo\n"},
	    {"10%\r20%\r30%\n", "30%\n"},
	    {"10%\r20%\r\n", "20%\n"},
	    {"a\nbb\rc\nd", "a\nc\nd"},
	    /* Behind its line's text and before nothing, it takes nothing away. */
	    {"50%\r", "50%"},
	    {"50%\r\r\n", "50%\n"},
	    {"x\r\033[0m\n", "x\n"},
	    {"a\033]0;\rb", "b"},
	    {"\x80\xFF\r\xFFz", BAD "z"},
	};

	(void)state;
	check_rows(SANITIZE_PLAIN, rows, ARRAY_LEN(rows));
}

static void bad_utf8_is_one_mark_a_run(void **state)
{
	static const struct row rows[] = {
	    {"a\xFF\xFE\xFFz", "a" BAD "z"}, {"a\xE2\x82z", "a" BAD "z"}, {"a\xE2\x82", "a" BAD},
	    {"a\xE2\x82\nb", "a" BAD "\nb"}, {"a\xC3\xC3\xA9", "a" BAD "\xC3\xA9"},
	    {"a\xED\xA0\x80z", "a" BAD "z"}, /* a surrogate */
	    {"\xF4\x90\xBF\xBFz", BAD "z"}, /* above U+10FFFF */
	    {"a\xC0\xAFz", "a" BAD "z"}, /* overlong */
	    {"\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80", "\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80"},
	    {"x\xEF\xB7\x90y", "x" BAD "y"}, /* a noncharacter: no width */
	};

	(void)state;
	check_rows(SANITIZE_PLAIN, rows, ARRAY_LEN(rows));
}

static void what_is_invisible_goes(void **state)
{
	static const struct row rows[] = {
	    {"a\xE2\x80\xAE"
	     "b\xE2\x80\xAC",
		"ab"}, /* right-to-left override */
	    {"a\xE2\x81\xA6"
	     "b\xE2\x81\xA9",
		"ab"}, /* isolates */
	    {"a\xE2\x80\x8B\xE2\x80\x8D\xEF\xBB\xBF"
	     "b",
		"ab"}, /* zero width, joiner, BOM */
	    {"a\xEF\xB8\x8F"
	     "b",
		"ab"}, /* a variation selector */
	    {"a\xF3\xA0\x81\xA1"
	     "b",
		"ab"}, /* a tag */
	    {"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", "\xF0\x9F\x91\x8D"}, /* a skin tone */
	    {"e" E_ACUTE E_ACUTE E_ACUTE E_ACUTE "z", "e" E_ACUTE E_ACUTE "z"},
	    {E_ACUTE "z", "z"}, /* no base to stand on */
	};

	(void)state;
	check_rows(SANITIZE_PLAIN, rows, ARRAY_LEN(rows));
}

static void tabs_stop_at_eight(void **state)
{
	static const struct row rows[] = {
	    {"\tx", "        x"},
	    {"abc\tx", "abc     x"},
	    {"1234567\tx", "1234567 x"},
	    {"12345678\tx", "12345678        x"},
	    {"\xE6\xBC\xA2\tx", "\xE6\xBC\xA2      x"},
	    {"abc\rd\tx", "d       x"},
	    {"abc\n\tx", "abc\n        x"},
	};

	(void)state;
	check_rows(SANITIZE_PLAIN, rows, ARRAY_LEN(rows));
}

static void raw_shows_controls(void **state)
{
	static const struct row rows[] = {
	    {"a\033[31mb", "a^[[31mb"},
	    {"a\x9b"
	     "1mb",
		"a<9b>1mb"},
	    {"a\xC2\x9b"
	     "1mb",
		"a<9b>1mb"},
	    {"a\rb\r\n", "a^Mb^M\n"},
	    {"a\007\x7F", "a^G^?"},
	    {"a\xE2\x80\xAE"
	     "b\xE2\x80\x8B",
		"a<202e>b<200b>"},
	};

	(void)state;
	check_rows(SANITIZE_RAW, rows, ARRAY_LEN(rows));
}

/* The style of the last glyph. */
static struct style style_of(enum sanitize_mode mode, const char *s)
{
	struct sanitizer sz;
	struct glyph g[64];
	const char *end = s + strlen(s);
	struct style last = {0};
	size_t nr;

	sanitize_init(&sz, mode);
	while (s < end) {
		nr = sanitize_feed(&sz, &s, end, g, ARRAY_LEN(g));
		if (nr)
			last = g[nr - 1].style;
	}
	return last;
}

static void logs_keep_their_colours(void **state)
{
	static const struct {
		const char *in;
		struct style want;
	} rows[] = {
	    {"x", {0, 0, 0, 0}},
	    {"\033[1mx", {STYLE_BOLD, 0, 0, 0}},
	    {"\033[1;4;7mx", {STYLE_BOLD | STYLE_UNDERLINE | STYLE_REVERSE, 0, 0, 0}},
	    {"\033[1m\033[22mx", {0, 0, 0, 0}},
	    {"\033[1m\033[mx", {0, 0, 0, 0}},
	    {"\033[31mx", {STYLE_HAS_FG, 1, 0, 0}},
	    {"\033[91mx", {STYLE_HAS_FG, 9, 0, 0}},
	    {"\033[38;5;208mx", {STYLE_HAS_FG, 208, 0, 0}},
	    {"\033[38:5:208mx", {STYLE_HAS_FG, 208, 0, 0}},
	    {"\033[48;2;255;0;0mx", {STYLE_HAS_BG, 0, 196, 0}},
	    {"\033[38:2::255:255:255mx", {STYLE_HAS_FG, 231, 0, 0}},
	    {"\033[38;5;208;1mx", {STYLE_HAS_FG | STYLE_BOLD, 208, 0, 0}},
	    {"\033[4:3mx", {STYLE_UNDERLINE, 0, 0, 0}},
	    {"\033[4m\033[4:0mx", {0, 0, 0, 0}},
	    /* Never: blink, conceal, text of the colour of its ground. */
	    {"\033[5;8mx", {0, 0, 0, 0}},
	    {"\033[30;40mx", {0, 0, 0, 0}},
	    {"\033[31;41;1mx", {STYLE_BOLD, 1, 1, 0}},
	    {"\033[38;5;16;40mx", {0, 0, 0, 0}}, /* two of 256 that are the same black */
	    {"\033[38;2;255;255;255;107mx", {0, 0, 0, 0}},
	    {"\033[91;48;5;9mx", {0, 0, 0, 0}},
	    {"\033[90;48;5;244mx", {0, 0, 0, 0}},
	    /* Not SGR. */
	    {"\033[>4mx", {0, 0, 0, 0}},
	    {"\033[?1mx", {0, 0, 0, 0}},
	    {"\033[1 mx", {0, 0, 0, 0}},
	    /* Cut off or out of range. */
	    {"\033[38mx", {0, 0, 0, 0}},
	    {"\033[38;5mx", {0, 0, 0, 0}},
	    {"\033[38;5;999mx", {0, 0, 0, 0}},
	    {"\033[99999999999999999999mx", {0, 0, 0, 0}},
	    {"\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mx", {0, 0, 0, 0}},
	    /* It ends with its line. */
	    {"\033[1;31ma\nx", {0, 0, 0, 0}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct style got = style_of(SANITIZE_LOG, rows[i].in);

		assert_int_equal(got.flags, rows[i].want.flags);
		if (got.flags & STYLE_HAS_FG)
			assert_int_equal(got.fg, rows[i].want.fg);
		if (got.flags & STYLE_HAS_BG)
			assert_int_equal(got.bg, rows[i].want.bg);
		assert_int_equal(style_of(SANITIZE_PLAIN, rows[i].in).flags, 0);
	}
}

static void one_line_of_a_task(void **state)
{
	static const struct row rows[] = {
	    {"Port the\nCSV  rules\n", "Port the CSV rules"},
	    {"  \t a\r\n\r\nb  ", "a b"},
	    {"", ""},
	    {"\033]0;x\007", ""},
	    {"$(rm)\033[2J`x`", "$(rm)`x`"},
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		buf_str(&b, "> ");
		sanitize_line(&b, rows[i].in);
		assert_string_equal(b.data + 2, rows[i].want);
	}
	sanitize_line(&b, NULL);
	buf_release(&b);
}

static void a_long_line_is_cut_and_says_so(void **state)
{
	const size_t n = SANITIZE_LINE_MAX + 1234;
	char *line = xmalloc(n + 3);
	struct buf b = BUF_INIT;

	(void)state;
	memset(line, 'a', n);
	memcpy(line + n, "\nb", 3);
	show(SANITIZE_PLAIN, line, n + 2, 1000, &b);
	assert_int_equal(b.len, SANITIZE_LINE_MAX + strlen(" ...1234 more bytes\nb"));
	assert_string_equal(b.data + SANITIZE_LINE_MAX, " ...1234 more bytes\nb");
	/* What a carriage return took away does not count. */
	line[n - 3] = '\r';
	show(SANITIZE_PLAIN, line, n + 2, 1000, &b);
	assert_string_equal(b.data, "aa\nb");
	free(line);
	buf_release(&b);
}

/* ---- properties, on noise ----------------------------------------------- */

static void noise_stays_harmless(void **state)
{
	/* Bytes that begin, end and break things are drawn more often than others. */
	static const char spice[] = "\033\033[]PX^_\\\a\r\n\t;:?mHJ0189\x9b\x9d\x90\x9c\xC2\xC3\xE2"
				    "\x80\xAE\xF0\x9F\x91\x8D\xCC\x81\xFF";
	uint8_t text[200];
	unsigned seed = 20261121;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		size_t i, n;

		seed = seed * 1103515245u + 12345u;
		n = (seed >> 16) % sizeof(text);
		for (i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = (uint8_t)(seed & 0x1000000
				? seed >> 8
				: (unsigned char)spice[(seed >> 16) % (sizeof(spice) - 1)]);
		}
		assert_int_equal(LLVMFuzzerTestOneInput(text, n), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sequences_are_stepped_over),
	    cmocka_unit_test(a_sequence_ends_with_its_line),
	    cmocka_unit_test(a_return_restarts_its_line),
	    cmocka_unit_test(bad_utf8_is_one_mark_a_run),
	    cmocka_unit_test(what_is_invisible_goes),
	    cmocka_unit_test(tabs_stop_at_eight),
	    cmocka_unit_test(raw_shows_controls),
	    cmocka_unit_test(logs_keep_their_colours),
	    cmocka_unit_test(one_line_of_a_task),
	    cmocka_unit_test(a_long_line_is_cut_and_says_so),
	    cmocka_unit_test(noise_stays_harmless),
	};
	return cmocka_run_group_tests_name("sanitize", tests, utf8_locale, NULL);
}
