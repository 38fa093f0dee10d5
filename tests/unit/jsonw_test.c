#include "formats/jsonw.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <cJSON.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buf out = BUF_INIT;

static struct jsonw begin(int indent)
{
	struct jsonw w;

	buf_reset(&out);
	jsonw_init(&w, &out, indent);
	return w;
}

static int release(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static void commas_and_colons(void **state)
{
	struct jsonw w = begin(0);

	(void)state;
	jsonw_object(&w);
	jsonw_kint(&w, "a", 1);
	jsonw_key(&w, "b");
	jsonw_array(&w);
	jsonw_int(&w, 2);
	jsonw_object(&w);
	jsonw_end(&w, '}');
	jsonw_array(&w);
	jsonw_end(&w, ']');
	jsonw_str(&w, "x");
	jsonw_end(&w, ']');
	jsonw_kbool(&w, "c", true);
	jsonw_key(&w, "d");
	jsonw_null(&w);
	jsonw_kstr(&w, "e", NULL);
	jsonw_key(&w, "f");
	jsonw_raw(&w, "{\"g\":0}");
	jsonw_kbool(&w, "h", false);
	jsonw_end(&w, '}');
	assert_string_equal(out.data,
	    "{\"a\":1,\"b\":[2,{},[],\"x\"],\"c\":true,\"d\":null,"
	    "\"e\":null,\"f\":{\"g\":0},\"h\":false}");
}

static void indented(void **state)
{
	struct jsonw w = begin(2);

	(void)state;
	jsonw_object(&w);
	jsonw_kint(&w, "a", 1);
	jsonw_key(&w, "b");
	jsonw_array(&w);
	jsonw_int(&w, 2);
	jsonw_int(&w, 3);
	jsonw_end(&w, ']');
	jsonw_key(&w, "c");
	jsonw_array(&w);
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	assert_string_equal(out.data,
	    "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    3\n  ],\n  \"c\": []\n}");
}

static void strings(void **state)
{
	static const struct {
		const char *in, *out;
	} table[] = {
	    {"", "\"\""}, {"plain", "\"plain\""}, {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
	    {"\b\t\n\v\f\r", "\"\\b\\t\\n\\u000b\\f\\r\""},
	    {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""}, {"\x1b[31m", "\"\\u001b[31m\""},
	    {"\xc2\x9b"
	     "31m",
		"\"\\u009b31m\""}, /* an 8-bit CSI */
	    {"a\xe2\x80\xae.b", "\"a\\u202e.b\""}, /* from right to left */
	    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
	    {"a\xff"
	     "b",
		"\"a\xef\xbf\xbd"
		"b\""},
	    {"\xe2\x82", "\"\xef\xbf\xbd\""}, /* cut off */
	    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
	    {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""}, /* an overlong slash */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct jsonw w = begin(0);

		jsonw_str(&w, table[i].in);
		assert_string_equal(out.data, table[i].out);
		assert_true(utf8_is_valid(out.data, out.len));
	}
}

static void a_nul_inside(void **state)
{
	struct jsonw w = begin(0);

	(void)state;
	jsonw_strn(&w, "a\0b", 3);
	assert_string_equal(out.data, "\"a\\u0000b\"");
}

static void whole_numbers(void **state)
{
	static const struct {
		int64_t in;
		const char *out;
	} table[] = {
	    {0, "0"},
	    {-1, "-1"},
	    {1234567890, "1234567890"},
	    {INT64_MAX, "9223372036854775807"},
	    {INT64_MIN, "-9223372036854775808"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct jsonw w = begin(0);

		jsonw_int(&w, table[i].in);
		assert_string_equal(out.data, table[i].out);
	}
}

static void seconds_of_milliseconds(void **state)
{
	static const struct {
		int64_t in;
		const char *out;
	} table[] = {
	    {0, "0"},
	    {1, "0.001"},
	    {20, "0.02"},
	    {300, "0.3"},
	    {1000, "1"},
	    {1010, "1.01"},
	    {1795262400123, "1795262400.123"},
	    {-1500, "-1.5"},
	    {-1, "-0.001"},
	    {INT64_MIN, "-9223372036854775.808"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct jsonw w = begin(0);

		jsonw_ms(&w, table[i].in);
		assert_string_equal(out.data, table[i].out);
	}
}

static void numbers_read_back(void **state)
{
	static const double table[] = {0, 0.1, 0.02, 1.0 / 3, 1e21, 5e-324, 1.7976931348623157e308,
	    -2.5, 123456789.125, 0.30000000000000004};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct jsonw w = begin(0);

		jsonw_num(&w, table[i]);
		assert_true(strtod(out.data, NULL) == table[i]);
	}
}

static void numbers_are_short(void **state)
{
	struct jsonw w = begin(0);

	(void)state;
	jsonw_array(&w);
	jsonw_num(&w, 0.1);
	jsonw_num(&w, 300);
	jsonw_num(&w, INFINITY);
	jsonw_num(&w, -INFINITY);
	jsonw_num(&w, NAN);
	jsonw_end(&w, ']');
	assert_string_equal(out.data, "[0.1,300,null,null,null]");
}

/* Whatever bytes come in, another parser takes what comes out. */
static void any_bytes_make_valid_json(void **state)
{
	uint32_t seed = 42;
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct jsonw w = begin(i % 3);
		char bytes[40];
		size_t k, n;
		cJSON *j;

		for (k = 0; k < sizeof(bytes); k++) {
			seed = seed * 1664525 + 1013904223;
			bytes[k] = (char)(seed >> 24);
		}
		n = (seed >> 8) % sizeof(bytes);
		jsonw_object(&w);
		jsonw_key(&w, "key");
		jsonw_strn(&w, bytes, n);
		jsonw_end(&w, '}');
		assert_true(utf8_is_valid(out.data, out.len));
		j = cJSON_ParseWithOpts(out.data, NULL, true);
		assert_non_null(j);
		cJSON_Delete(j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commas_and_colons),
	    cmocka_unit_test(indented),
	    cmocka_unit_test(strings),
	    cmocka_unit_test(a_nul_inside),
	    cmocka_unit_test(whole_numbers),
	    cmocka_unit_test(seconds_of_milliseconds),
	    cmocka_unit_test(numbers_read_back),
	    cmocka_unit_test(numbers_are_short),
	    cmocka_unit_test(any_bytes_make_valid_json),
	};

	return cmocka_run_group_tests_name("jsonw", tests, NULL, release);
}
