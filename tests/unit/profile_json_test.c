#include "base/xalloc.h"
#include "formats/profile_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *json, struct profile *p, struct err *err)
{
	err->msg[0] = '\0';
	return profile_parse(json, strlen(json), p, err);
}

static void every_field_is_read(void **state)
{
	struct profile p;
	struct err err;

	(void)state;
	assert_int_equal(
	    parse("{\"name\": \"mine\", \"description\": \"for people\","
		  " \"command\": [\"tool\", \"-p\", \"{task}\"], \"unattended\": [\"--yolo\"],"
		  " \"task\": \"argument\", \"timeout\": \"4h\", \"stall\": 90.5,"
		  " \"success_codes\": [3, 255], \"keep\": [\"gradle\", \"bazel\"],"
		  " \"patterns\": [{\"class\": \"rate_limit\", \"regex\": \"slow\\\\b\"},"
		  "                {\"regex\": \"(?i)key\", \"class\": \"auth\"}]}",
		&p, &err),
	    0);
	assert_string_equal(p.name, "mine");
	assert_null(p.path);
	assert_int_equal(p.nr_argv, 3);
	assert_string_equal(p.argv[2], "{task}");
	assert_int_equal(p.nr_unattended, 1);
	assert_string_equal(p.unattended_argv[0], "--yolo");
	assert_false(p.task_on_stdin);
	assert_float_equal(p.timeout_s, 14400, 0);
	assert_float_equal(p.stall_s, 90.5, 0);
	assert_int_equal(p.nr_success_codes, 2);
	assert_int_equal(p.success_codes[1], 255);
	assert_int_equal(p.nr_keep, 2);
	assert_string_equal(p.keep[1], "bazel");
	assert_int_equal(p.nr_patterns, 2);
	assert_int_equal(p.patterns[0].class, CLASS_RATE_LIMIT);
	assert_string_equal(p.patterns[0].regex, "slow\\b");
	assert_int_equal(p.patterns[1].class, CLASS_AUTH);
	profile_release(&p);
}

static void a_command_is_enough(void **state)
{
	static const struct {
		const char *json;
		bool on_stdin;
	} table[] = {
	    {"{\"command\": [\"x\"]}", true},
	    {"{\"command\": [\"x\", \"{task}\"]}", false},
	    {"{\"command\": [\"x\", \"--file={task_file}\"]}", false},
	    {"{\"command\": [\"x\", \"{task}\"], \"task\": \"stdin\"}", true},
	    {"{\"command\": [\"x\", \"{id}\"], \"task\": \"stdin\"}", true},
	};
	struct profile p;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(parse(table[i].json, &p, &err), 0);
		assert_int_equal(p.task_on_stdin, table[i].on_stdin);
		assert_null(p.name);
		assert_float_equal(p.timeout_s, 0, 0);
		assert_float_equal(p.stall_s, 0, 0);
		assert_int_equal(p.nr_keep + p.nr_patterns + p.nr_success_codes + p.nr_unattended,
		    0);
		profile_release(&p);
	}
}

static void times_have_units(void **state)
{
	static const struct {
		const char *text;
		double seconds; /* < 0: refused */
	} table[] = {
	    {"0", 0},
	    {"90", 90},
	    {"0.5", 0.5},
	    {"\"90\"", 90},
	    {"\"90s\"", 90},
	    {"\"1.5m\"", 90},
	    {"\"2h\"", 7200},
	    {"\"1d\"", 86400},
	    {"-1", -1},
	    {"1e999", -1},
	    {"\"-1s\"", -1},
	    {"\"\"", -1},
	    {"\"h\"", -1},
	    {"\"4 h\"", -1},
	    {"\"4w\"", -1},
	    {"\"4h30m\"", -1},
	    {"\"inf\"", -1},
	    {"\"1e999h\"", -1},
	    {"null", -1},
	    {"true", -1},
	    {"[4]", -1},
	};
	struct profile p;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		char *json = xasprintf("{\"command\": [\"x\"], \"timeout\": %s}", table[i].text);
		int rc = parse(json, &p, &err);

		free(json);
		assert_int_equal(rc, table[i].seconds < 0 ? -1 : 0);
		if (rc < 0) {
			assert_string_equal(err.msg,
			    "\"timeout\" must be seconds, or a time such as \"30m\" or \"4h\"");
			continue;
		}
		assert_float_equal(p.timeout_s, table[i].seconds, 1e-9);
		profile_release(&p);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *json, *message;
	} table[] = {
	    {"", "not valid JSON"},
	    {"{", "not valid JSON"},
	    {"{} x", "not valid JSON"},
	    {"[]", "not a JSON object"},
	    {"null", "not a JSON object"},
	    {"{}", "\"command\" is missing or empty"},
	    {"{\"command\": []}", "\"command\" is missing or empty"},
	    {"{\"command\": [\"\"]}", "\"command\" is missing or empty"},
	    {"{\"command\": \"x y\"}", "\"command\" must be an array of strings"},
	    {"{\"command\": [\"x\", 1]}", "\"command\" must be an array of strings"},
	    {"{\"command\": {\"a\": \"b\"}}", "\"command\" must be an array of strings"},
	    {"{\"comand\": [\"x\"]}", "unknown field \"comand\""},
	    {"{\"Command\": [\"x\"]}", "unknown field \"Command\""},
	    {"{\"command\": [\"x\"], \"\": 1}", "unknown field \"\""},
	    {"{\"command\": [\"x\"], \"command\": [\"y\"]}", "\"command\" is there twice"},
	    {"{\"name\": \"\", \"command\": [\"x\"]}", "\"name\" must be a string, and not empty"},
	    {"{\"name\": 1, \"command\": [\"x\"]}", "\"name\" must be a string, and not empty"},
	    {"{\"command\": [\"x\"], \"description\": 1}", "\"description\" must be a string"},
	    {"{\"command\": [\"x\"], \"unattended\": \"-y\"}",
		"\"unattended\" must be an array of strings"},
	    {"{\"command\": [\"x\"], \"keep\": [null]}", "\"keep\" must be an array of strings"},
	    {"{\"command\": [\"x\"], \"task\": \"pipe\"}",
		"\"task\" must be \"argument\", \"file\" or \"stdin\""},
	    {"{\"command\": [\"x\"], \"task\": \"argument\"}",
		"\"task\" is \"argument\", but \"command\" has no {task}"},
	    {"{\"command\": [\"x\", \"{task}\"], \"task\": \"file\"}",
		"\"task\" is \"file\", but \"command\" has no {task_file}"},
	    {"{\"command\": [\"x\"], \"success_codes\": 3}",
		"\"success_codes\" must be an array of exit codes"},
	    {"{\"command\": [\"x\"], \"success_codes\": [256]}",
		"\"success_codes\" must be an array of exit codes from 0 to 255"},
	    {"{\"command\": [\"x\"], \"success_codes\": [1.5]}",
		"\"success_codes\" must be an array of exit codes from 0 to 255"},
	    {"{\"command\": [\"x\"], \"success_codes\": [\"1\"]}",
		"\"success_codes\" must be an array of exit codes from 0 to 255"},
	    {"{\"command\": [\"x\"], \"patterns\": {}}",
		"\"patterns\" must be an array of {\"class\", \"regex\"}"},
	    {"{\"command\": [\"x\"], \"patterns\": [\"a\"]}",
		"\"patterns\" must be an array of {\"class\", \"regex\"}"},
	    {"{\"command\": [\"x\"], \"patterns\": [{\"class\": \"auth\"}]}",
		"\"patterns\" must be an array of {\"class\", \"regex\"}, strings both"},
	    {"{\"command\": [\"x\"], \"patterns\": [{\"class\": \"quota\", \"regex\": \"a\"}]}",
		"unknown class \"quota\" in \"patterns\""},
	    {"{\"command\": [\"x\"], \"patterns\": [{\"class\": \"\", \"regex\": \"a\"}]}",
		"unknown class \"\" in \"patterns\""},
	    {"{\"command\": [\"x\"], \"patterns\": [{\"class\": \"auth\", \"regexp\": \"a\"}]}",
		"unknown field \"regexp\" in \"patterns\""},
	};
	struct profile p;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(parse(table[i].json, &p, &err), -1);
		assert_string_equal(err.msg, table[i].message);
		assert_null(p.argv); /* nothing is left to release */
	}
}

static void hostile_json_is_an_error(void **state)
{
	size_t depth = 100000;
	char *deep = xmalloc(depth + 1);
	struct profile p;
	struct err err;

	(void)state;
	memset(deep, '[', depth);
	deep[depth] = '\0';
	assert_int_equal(parse(deep, &p, &err), -1);
	free(deep);
	assert_int_equal(profile_parse("{\"command\":[\"x\"]}\0{", 19, &p, &err), -1);
	/* The text need not end in a NUL. */
	assert_int_equal(profile_parse("{\"command\":[\"x\"]}garbage", 17, &p, &err), 0);
	profile_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_is_read),
	    cmocka_unit_test(a_command_is_enough),
	    cmocka_unit_test(times_have_units),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(hostile_json_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
