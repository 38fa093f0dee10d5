#include "base/json_scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct json parse(const char *s)
{
	struct json v = {0};

	(void)json_value(s, strlen(s), &v);
	return v;
}

/* The text at a path, "-" where there is nothing. */
static const char *at(const char *s, const char *path)
{
	static char buf[256];
	struct json v = json_get(parse(s), path);

	if (!v.n)
		return "-";
	json_text(v, buf, sizeof(buf));
	return buf;
}

static void members_are_found_by_path(void **state)
{
	static const char doc[] =
	    " { \"a\" : 1 , \"b\":{\"a\":\"x\\\"}\",\"c\":[{\"a\":2}]},\"d\":null,"
	    "\"ab\":true,\"\":\"empty\",\"b\":\"second\"}";
	static const struct {
		const char *path, *text;
	} table[] = {{"a", "1"}, {"b.a", "x\"}"}, {"b.c", "[{\"a\":2}]"}, {"d", "null"},
	    {"ab", "true"}, {"", "empty"}, {"b.x", "-"}, {"a.b", "-"}, {"b.c.a", "-"}, {"A", "-"},
	    {"abc", "-"}};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++)
		assert_string_equal(at(doc, table[i].path), table[i].text);
}

static void what_is_broken_has_no_members_behind_the_break(void **state)
{
	static const char *const broken[] = {"", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\" 1}",
	    "{a:1}", "{\"b\":1 \"a\":2}", "{\"b\":\"x,\"a\":1}", "[\"a\",1]", "\"a\"", "{,\"a\":1}",
	    "{\"b\"}", "nonsense"};
	size_t i;

	(void)state;
	for (i = 0; i < N(broken); i++)
		assert_string_equal(at(broken[i], "a"), "-");
}

static void a_value_ends_where_it_ends(void **state)
{
	static const struct {
		const char *s;
		size_t n; /* 0: no complete value */
	} table[] = {{"{\"a\":\"}\"} tail", 9}, {"[1,[2]]]", 7}, {"\"a\\\"b\"c", 6}, {"12.5e3,", 6},
	    {"true}", 4}, {"\"open", 0}, {"\"open\\", 0}, {"[[1]", 0}, {"", 0}, {"  ", 0}, {"}", 0},
	    {":", 0}};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		struct json v = {0};

		assert_int_equal(json_value(table[i].s, strlen(table[i].s), &v), table[i].n > 0);
		assert_int_equal(v.n, table[i].n);
	}
}

static void elements_come_one_after_the_other(void **state)
{
	struct json array = parse("[ 1, \"two\" ,{\"three\":3},[]]"), v = {0};
	unsigned n = 0;

	(void)state;
	while (json_next(array, &v))
		n++;
	assert_int_equal(n, 4);
	assert_true(json_is_array(json_last(array)));
	assert_int_equal(json_last(parse("[]")).n, 0);
	assert_int_equal(json_last(parse("{}")).n, 0);
	assert_int_equal(json_last(parse("[1,")).n, 0);
}

static void strings_are_decoded(void **state)
{
	static const struct {
		const char *json, *text;
	} table[] = {
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	    {"\"\\u00e9\\u20ac\"", "é€"},
	    {"\"\\ud83d\\ude00!\"", "😀!"},
	    {"\"\\ud83d!\"", "\\ud83d!"}, /* half of a pair is kept as it stands */
	    {"\"\\udc00\"", "\\udc00"},
	    {"\"\\u0000x\"", "\\u0000x"},
	    {"\"\\u12g4\"", "\\u12g4"},
	    {"\"\\q\"", "\\q"},
	    {"12", "12"},
	    {"\"\"", ""},
	};
	char buf[64];
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		assert_int_equal(json_text(parse(table[i].json), buf, sizeof(buf)),
		    strlen(table[i].text));
		assert_string_equal(buf, table[i].text);
	}
}

static void a_string_is_cut_at_a_whole_character(void **state)
{
	static const struct {
		size_t cap;
		const char *text;
	} table[] = {
	    {1, ""}, {2, "a"}, {3, "a"}, {4, "aé"}, {5, "aé"}, {6, "aé"}, {7, "aé€"}, {8, "aé€"}};
	static const char *const same[] = {"\"aé€z\"", "\"a\\u00e9\\u20acz\""};
	char buf[64];
	size_t i, k;

	(void)state;
	for (k = 0; k < N(same); k++)
		for (i = 0; i + 1 < N(table); i++) {
			json_text(parse(same[k]), buf, table[i].cap);
			assert_string_equal(buf, table[i].text);
		}
}

static void numbers_are_numbers_in_every_locale(void **state)
{
	static const struct {
		const char *json;
		double value;
	} table[] = {{"0", 0}, {"-12", -12}, {"0.25", 0.25}, {"1e3", 1000}, {"2.5E-1", 0.25},
	    {"\"429\"", 429}, {"1e-400", 0}};
	static const char *const none[] = {"\"\"", "\"x\"", "null", "true", "\"1 2\"", "\"0x10\"",
	    "-", "1e", "\"nan\"", "{}", "1..2"};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++)
		if (!(fabs(json_number(parse(table[i].json)) - table[i].value) < 1e-9))
			fail_msg("%s is %g", table[i].json, json_number(parse(table[i].json)));
	for (i = 0; i < N(none); i++)
		assert_true(isnan(json_number(parse(none[i]))));
	assert_true(isnan(json_number((struct json){0})));
}

static void kinds_are_told_apart(void **state)
{
	(void)state;
	assert_true(json_is(parse("\"result\""), "result"));
	assert_false(json_is(parse("\"results\""), "result"));
	assert_false(json_is(parse("result"), "result"));
	assert_true(json_is_true(parse("true")) && !json_is_true(parse("\"true\"")));
	assert_true(json_is_false(parse("false")) && !json_is_false(parse("null")));
	assert_true(json_is_string(parse("\"\"")) && !json_is_string(parse("1")));
}

static void only_what_begins_like_json_is_looked_at(void **state)
{
	static const char *const yes[] = {
	    "{}", "{\"a\":1}", "{ \"", "[{", "[]", "[\"a\"", "[1,", "{\n  \"a\""};
	static const char *const no[] = {"", "x", "{", "[", "[ERROR] x", "[API Error: 429]",
	    "{\n  code: 4", "{x", " {\"a\":1}", "\"a\""};
	size_t i;

	(void)state;
	for (i = 0; i < N(yes); i++)
		assert_true(json_looks_like(yes[i], strlen(yes[i])));
	for (i = 0; i < N(no); i++)
		assert_false(json_looks_like(no[i], strlen(no[i])));
}

static void a_hundred_thousand_levels_are_only_a_walk(void **state)
{
	enum { DEPTH = 100000 };
	char *s = malloc(2 * DEPTH + 1);
	struct json v = {0};

	(void)state;
	memset(s, '[', DEPTH);
	memset(s + DEPTH, ']', DEPTH);
	assert_true(json_value(s, 2 * DEPTH, &v));
	assert_int_equal(v.n, 2 * DEPTH);
	assert_false(json_value(s, 2 * DEPTH - 1, &v));
	free(s);
}

static void what_is_cut_off_is_read_as_far_as_it_goes(void **state)
{
	static const char doc[] =
	    "{\"type\":\"say\",\"m\":{\"list\":[{\"t\":1},{\"text\":\"half a se";
	struct json v, m, e = {0};
	char text[64];

	(void)state;
	assert_false(json_value(doc, strlen(doc), &v));
	assert_true(json_part(doc, strlen(doc), &v));
	assert_true(v.is_cut && json_is_object(v));
	assert_true(json_is(json_get(v, "type"), "say"));
	m = json_get(v, "m.list");
	assert_true(m.is_cut && json_next(m, &e) && !e.is_cut);
	assert_true(json_next(m, &e) && e.is_cut);
	json_text(json_get(e, "text"), text, sizeof(text));
	assert_string_equal(text, "half a se");
	assert_false(json_next(m, &e));
	assert_true(json_part("{\"a\":1}", 7, &v) && !v.is_cut);
	assert_false(json_part("", 0, &v));
}

static void members_are_picked_in_one_pass(void **state)
{
	static const char *const keys[] = {"b", "x", "a"};
	struct json out[N(keys)];

	(void)state;
	json_pick(parse("{\"a\":1,\"b\":2,\"a\":3}"), keys, N(keys), out);
	assert_true(out[0].n == 1 && *out[0].p == '2');
	assert_int_equal(out[1].n, 0);
	assert_true(out[2].n == 1 && *out[2].p == '1');
	json_pick(parse("[1]"), keys, N(keys), out);
	assert_int_equal(out[0].n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_are_found_by_path),
	    cmocka_unit_test(what_is_broken_has_no_members_behind_the_break),
	    cmocka_unit_test(a_value_ends_where_it_ends),
	    cmocka_unit_test(elements_come_one_after_the_other),
	    cmocka_unit_test(strings_are_decoded),
	    cmocka_unit_test(a_string_is_cut_at_a_whole_character),
	    cmocka_unit_test(numbers_are_numbers_in_every_locale),
	    cmocka_unit_test(kinds_are_told_apart),
	    cmocka_unit_test(only_what_begins_like_json_is_looked_at),
	    cmocka_unit_test(what_is_cut_off_is_read_as_far_as_it_goes),
	    cmocka_unit_test(members_are_picked_in_one_pass),
	    cmocka_unit_test(a_hundred_thousand_levels_are_only_a_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
