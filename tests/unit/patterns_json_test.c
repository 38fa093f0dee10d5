#include "base/xalloc.h"
#include "exec/shared_patterns.h"
#include "formats/patterns_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define PARTS \
	"\"parts\": {\"status\": \"<(?:{{codes}})>\", \"a\": [\"x\", \"{{b}}\"], \"b\": \"y\"}"
#define REST \
	"\"announcements\": [{\"kind\": \"error\", \"regex\": \"error: \"}]," \
	"\"sentences\": [{\"class\": \"budget\", \"status\": \"402\"}]," \
	"\"prose\": [{\"regex\": \"we\", \"weak\": true}], \"trailers\": [{\"regex\": \"$\"}]," \
	"\"notices\": [{\"regex\": \"retrying\"}]," \
	"\"times\": {\"wait\": \"in (.)\", \"retrying\": \"r(.)\", \"field\": \"f(.)\"," \
	"            \"epoch\": \"e(.)\", \"reset\": \"{{a}}(.)\"}"
#define ERRORS \
	"\"errors\": [{\"about\": \"why\", \"class\": \"auth\", \"regex\": [\"p{{a}}q\", \"r\"]," \
	"              \"status\": \"401|403\", \"exit_0\": true, \"weak\": true}]"
static const char whole[] = "{" PARTS "," ERRORS "," REST "}";

static void parts_and_statuses_are_put_in(void **state)
{
	struct pattern_set set;
	const struct pattern_row *row;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(patterns_parse(whole, strlen(whole), &set, &err), 0);
	assert_false(set.has_base);
	assert_int_equal(patterns_settle(&set, &err), 0);
	row = &set.tables[TABLE_ERROR].v[0];
	assert_string_equal(row->regex, "p(?:x|(?:y))q|r|(?:<(?:(?:401|403))>)");
	assert_int_equal(row->class, CLASS_AUTH);
	assert_int_equal(row->flags, PATTERN_EXIT_0 | PATTERN_WEAK);
	assert_string_equal(set.tables[TABLE_SENTENCE].v[0].regex, "(?:<(?:(?:402))>)");
	assert_int_equal(set.tables[TABLE_ANNOUNCEMENT].v[0].prefix, PREFIX_ERROR);
	assert_string_equal(set.shapes[SHAPE_RESET], "(?:x|(?:y))(.)");
	pattern_set_release(&set);
}

/* Its rows go first, what it names itself stands, and its parts are those of the whole. */
static void a_set_goes_on_top_of_another(void **state)
{
	static const char mine[] =
	    "{\"base\": \"base\", \"parts\": {\"b\": \"z\"}, \"times\": {\"wait\": \"mine(.)\"},"
	    "\"errors\": [{\"class\": \"budget\", \"regex\": \"{{a}}\"}]}";
	struct pattern_set set, base;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(patterns_parse(mine, strlen(mine), &set, &err), 0);
	assert_true(set.has_base);
	assert_int_equal(patterns_parse(whole, strlen(whole), &base, &err), 0);
	pattern_set_inherit(&set, &base);
	assert_int_equal(patterns_settle(&set, &err), 0);
	assert_int_equal(set.tables[TABLE_ERROR].nr, 2);
	assert_string_equal(set.tables[TABLE_ERROR].v[0].regex, "(?:x|(?:z))");
	assert_int_equal(set.tables[TABLE_ERROR].v[0].class, CLASS_BUDGET);
	assert_int_equal(set.tables[TABLE_ERROR].v[1].class, CLASS_AUTH);
	assert_string_equal(set.shapes[SHAPE_TOLD_WAIT], "mine(.)");
	assert_string_equal(set.shapes[SHAPE_EPOCH], "e(.)");
	pattern_set_release(&set);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *json, *message;
	} table[] = {
	    {"[]", "not a JSON object"},
	    {"{\n\"errors\": [}", "not valid JSON at line 2, column 12"},
	    {"{\"error\": []}", "unknown field \"error\""},
	    {"{\"errors\": [], \"errors\": []}", "\"errors\" is there twice"},
	    {"{\"errors\": {}}", "\"errors\" must be an array of objects"},
	    {"{\"errors\": [3]}", "\"errors[0]\" must be an object"},
	    {"{\"errors\": [{\"regex\": \"a\"}]}", "\"errors[0]\" must have \"class\""},
	    {"{\"errors\": [{\"class\": \"auth\"}]}",
		"\"errors[0]\" must have \"regex\" or \"status\""},
	    {"{\"errors\": [{\"class\": \"auth\", \"status\": \"4.9\"}]}",
		"\"errors[0].status\" must be HTTP statuses, such as \"429|529\" or \"50[0-4]\""},
	    {"{\"errors\": [{\"class\": \"auth\", \"regex\": []}]}",
		"\"errors[0].regex\" must be an expression, or an array of its alternatives"},
	    {"{\"errors\": [{\"class\": \"quota\", \"regex\": \"a\"}]}",
		"\"errors[0].class\": unknown class 'quota'"},
	    {"{\"errors\": [{\"class\": \"auth\", \"regex\": \"a\", \"exit_0\": 1}]}",
		"\"errors[0].exit_0\" must be true or false"},
	    {"{\"errors\": [{\"class\": \"auth\", \"class\": \"auth\"}]}",
		"\"errors[0].class\" is there twice"},
	    {"{\"trailers\": [{\"class\": \"auth\", \"regex\": \"a\"}]}",
		"unknown field \"trailers[0].class\""},
	    {"{\"announcements\": [{\"regex\": \"a\"}]}",
		"\"announcements[0]\" must have \"kind\""},
	    {"{\"base\": \"mine\"}", "\"base\" must be \"base\", the one of ours"},
	    {"{\"parts\": {\"A1\": \"a\"}}",
		"\"parts.A1\": a part's name is of the letters a to z and _"},
	    {"{\"parts\": {\"codes\": \"a\"}}",
		"\"parts.codes\": a part's name is of the letters a to z and _, and this one is "
		"taken"},
	    {"{\"times\": {\"soon\": \"a\"}}", "unknown field \"times.soon\""},
	    {"{}",
		"patterns '': \"announcements\" is missing or empty; with \"base\": \"base\" a "
		"file "
		"adds to the one that comes with agent-batch"},
	    {"{" PARTS "," REST ", \"errors\": [{\"class\": \"auth\", \"regex\": \"{{c}}\"}]}",
		"patterns '': \"errors[0]\": there is no part 'c'"},
	    {"{\"parts\": {\"a\": \"{{a}}\"}," REST ","
	     "\"errors\": [{\"class\": \"auth\", \"regex\": \"{{a}}\"}]}",
		"patterns '': \"errors[0]\": the part 'a' leads round in a circle"},
	    {"{\"parts\": {\"a\": \"a\"}," REST ","
	     "\"errors\": [{\"class\": \"auth\", \"regex\": \"{{a}}\"}]}",
		"patterns '': \"sentences[0]\": there is no part 'status'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		const char *json = table[i].json;
		struct err err = ERR_INIT;
		struct pattern_set set;

		if (patterns_parse(json, strlen(json), &set, &err) == 0) {
			assert_int_equal(patterns_settle(&set, &err), -1);
			pattern_set_release(&set);
		}
		assert_string_equal(err.msg, table[i].message);
	}
}

/* Parts that double at every level are given up before they fill the memory. */
static void parts_do_not_explode(void **state)
{
	static const char json[] =
	    "{\"parts\": {\"a\": \"{{b}}{{b}}{{b}}{{b}}{{b}}{{b}}{{b}}{{b}}\","
	    "\"b\": \"{{c}}{{c}}{{c}}{{c}}{{c}}{{c}}{{c}}{{c}}\","
	    "\"c\": \"{{d}}{{d}}{{d}}{{d}}{{d}}{{d}}{{d}}{{d}}\","
	    "\"d\": \"{{e}}{{e}}{{e}}{{e}}{{e}}{{e}}{{e}}{{e}}\","
	    "\"e\": \"{{f}}{{f}}{{f}}{{f}}{{f}}{{f}}{{f}}{{f}}\","
	    "\"f\": \"{{g}}{{g}}{{g}}{{g}}{{g}}{{g}}{{g}}{{g}}\", \"g\": \"gggggggg\"},"
	    "\"notices\": [{\"regex\": \"{{a}}\"}],"
	    "\"announcements\": [{\"kind\": \"none\", \"regex\": \"{{a}}\"}]}";
	struct err err = ERR_INIT;
	struct pattern_set set;

	(void)state;
	assert_int_equal(patterns_parse(json, strlen(json), &set, &err), 0);
	assert_int_equal(patterns_settle(&set, &err), -1);
	assert_non_null(strstr(err.msg, "longer than 65536 bytes"));
	pattern_set_release(&set);
}

static void ours_compile(void **state)
{
	char *files[2];
	struct err err = ERR_INIT;

	(void)state;
	setenv("XDG_CONFIG_HOME", "/no/such/place", 1);
	assert_int_equal(shared_patterns_check(files, &err), 1);
	assert_non_null(strstr(files[0], "/share/agent-batch/patterns/base.json"));
	free(files[0]);
}

/* A pattern that would take for ever on hostile output has not matched, and soon. */
static void no_pattern_can_hang(void **state)
{
	static const char slow[] = "^(?:a+)+$";
	char line[4096];
	struct line_pattern *lp = line_pattern_new(slow, NULL);

	(void)state;
	assert_non_null(lp);
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '!';
	assert_false(line_pattern_matches(lp, line, sizeof(line)));
	line_pattern_free(lp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_and_statuses_are_put_in),
	    cmocka_unit_test(a_set_goes_on_top_of_another),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(parts_do_not_explode),
	    cmocka_unit_test(ours_compile),
	    cmocka_unit_test(no_pattern_can_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
