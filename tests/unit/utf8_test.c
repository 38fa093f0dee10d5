#include "base/utf8.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void every_code_point_comes_back(void **state)
{
	uint32_t cp, back;

	(void)state;
	for (cp = 0; cp <= 0x10FFFF; cp++) {
		char s[4];
		size_t n;

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		n = utf8_encode(cp, s);
		if (utf8_decode(s, n, &back) != n || back != cp)
			fail_msg("U+%04X came back as %04X", cp, back);
		/* Cut short it is bad, and taken whole. */
		if (n > 1 && (utf8_decode(s, n - 1, &back) != n - 1 || back != UTF8_BAD))
			fail_msg("U+%04X cut short", cp);
	}
}

/* How much a bad sequence takes: the longest part that could have begun a good one (Unicode 15,
 * 3.9, "substitution of maximal subparts"). */
static void bad_sequences_take_what_could_have_been_good(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, takes;
	} t[] = {
	    {"\x80", 1, 1}, /* a continuation alone */
	    {"\xbf\x80", 2, 1},
	    {"\xc0\x80", 2, 1}, /* overlong */
	    {"\xc1\xbf", 2, 1},
	    {"\xe0\x80\x80", 3, 1},
	    {"\xe0\x9f\xbf", 3, 1},
	    {"\xf0\x8f\xbf\xbf", 4, 1},
	    {"\xed\xa0\x80", 3, 1}, /* a surrogate */
	    {"\xf4\x90\x80\x80", 4, 1}, /* past U+10FFFF */
	    {"\xf5\x80\x80\x80", 4, 1},
	    {"\xff", 1, 1},
	    {"\xc3", 1, 1}, /* cut short */
	    {"\xc3(", 2, 1},
	    {"\xe2\x82", 2, 2},
	    {"\xe2\x82(", 3, 2},
	    {"\xf0\x9f\x98", 3, 3},
	    {"\xf0\x9f\x98x", 4, 3},
	    {"\xf0\x9f(", 3, 2},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		uint32_t cp = 0;

		assert_int_equal(utf8_decode(t[i].bytes, t[i].n, &cp), t[i].takes);
		assert_true(cp == UTF8_BAD);
		assert_false(utf8_is_valid(t[i].bytes, t[i].n));
	}
}

/* A bad byte at every place of a text longer than the pieces that are looked at at once. */
static void the_good_prefix_ends_at_the_bad_byte(void **state)
{
	char s[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(s); i++) {
		memset(s, 'a', sizeof(s));
		assert_int_equal(utf8_valid_prefix(s, i), i);
		s[i] = (char)0xff;
		assert_int_equal(utf8_valid_prefix(s, sizeof(s)), i);
		assert_int_equal(utf8_valid_prefix(s, i), i);
		if (i + 2 > sizeof(s))
			continue;
		memcpy(s + i, "\xc3\xa9", 2);
		assert_int_equal(utf8_valid_prefix(s, sizeof(s)), sizeof(s));
		assert_int_equal(utf8_valid_prefix(s, i + 1), i);
	}
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("\0\xe2\x82\xac", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_point_comes_back),
	    cmocka_unit_test(bad_sequences_take_what_could_have_been_good),
	    cmocka_unit_test(the_good_prefix_ends_at_the_bad_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
