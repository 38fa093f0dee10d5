#include "base/buf.h"
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
	if (profile_parse(json, strlen(json), p, err) < 0)
		return -1;
	if (profile_settle(p, err) == 0)
		return 0;
	profile_release(p);
	return -1;
}

/* The words with their groups: "a 1:b 1:c d". */
static void assert_words(const struct profile_words *words, const char *want)
{
	struct buf got = BUF_INIT;
	size_t i;

	buf_str(&got, "");
	for (i = 0; i < words->nr; i++) {
		buf_str(&got, i ? " " : "");
		if (words->v[i].group)
			buf_fmt(&got, "%u:", words->v[i].group);
		buf_str(&got, words->v[i].text);
	}
	assert_string_equal(got.data, want);
	buf_release(&got);
}

static const char every_field[] =
    "{\"name\": \"mine\", \"description\": \"for people\", \"base\": \"other\","
    " \"command\": [\"tool\", \"-p\", [\"--model\", \"{model}\"], \"{permissions}\","
    "               [\"-d\", \"{context}\"], \"{task}\"],"
    " \"edits\": [\"--ask\"], \"unattended\": [\"--yolo\"],"
    " \"resume\": [\"--resume\", \"{session}\"],"
    " \"env\": {\"NO_COLOR\": \"1\", \"GONE\": null},"
    " \"unattended_env\": {\"MODE\": \"auto\"},"
    " \"task\": \"argument\", \"timeout\": \"4h\", \"stall\": 90.5, \"silent_wait\": \"2h\","
    " \"answer\": {\"after\": \"^=\", \"until\": \"^tokens\", \"skip\": \"^$\"},"
    " \"error\": {\"type\": \"oops\", \"field\": \"e.why\"},"
    " \"session\": {\"field\": \"id\", \"type\": \"hello\"},"
    " \"usage\": \"sum\","
    " \"success_codes\": [3, 255], \"exit_codes\": {\"53\": \"max_turns\", \"0\": \"auth\"},"
    " \"keep\": [\"gradle\", \"bazel\"],"
    " \"price\": [{\"model\": \"big\", \"input\": 1.25, \"output\": 10},"
    "             {\"input\": 0, \"output\": 0.5}],"
    " \"patterns\": [{\"class\": \"rate_limit\", \"regex\": \"slow\\\\b\"},"
    "                {\"regex\": \"(?i)key\", \"class\": \"auth\"}]}";

static void every_field_is_read(void **state)
{
	struct profile p;
	struct err err;

	(void)state;
	assert_int_equal(parse(every_field, &p, &err), 0);
	assert_int_equal(p.given, (1u << PROFILE__COUNT) - 1); /* the list above lacks none */
	assert_string_equal(p.name, "mine");
	assert_string_equal(p.description, "for people");
	assert_string_equal(p.base, "other");
	assert_null(p.path);
	assert_words(&p.command,
	    "tool -p 1:--model 1:{model} {permissions} 2:-d 2:{context} {task}");
	assert_words(&p.edits, "--ask");
	assert_words(&p.unattended, "--yolo");
	assert_words(&p.resume, "--resume {session}");
	assert_int_equal(p.env.nr, 2);
	assert_string_equal(p.env.v[0].name, "NO_COLOR");
	assert_string_equal(p.env.v[0].value, "1");
	assert_null(p.env.v[1].value);
	assert_string_equal(p.unattended_env.v[0].value, "auto");
	assert_false(p.task_on_stdin);
	assert_int_equal(p.answer.way, ANSWER_TEXT);
	assert_string_equal(p.answer.after, "^=");
	assert_string_equal(p.answer.until, "^tokens");
	assert_string_equal(p.answer.skip, "^$");
	assert_string_equal(p.error.type, "oops");
	assert_string_equal(p.error.field, "e.why");
	assert_string_equal(p.session.type, "hello");
	assert_string_equal(p.session.field, "id");
	assert_true(p.usage_is_sum);
	assert_float_equal(p.timeout_s, 14400, 0);
	assert_float_equal(p.stall_s, 90.5, 0);
	assert_float_equal(p.silent_wait_s, 7200, 0);
	assert_int_equal(p.nr_success_codes, 2);
	assert_int_equal(p.success_codes[1], 255);
	assert_int_equal(p.nr_exit_codes, 2);
	assert_int_equal(p.exit_codes[0].code, 53);
	assert_int_equal(p.exit_codes[0].class, CLASS_MAX_TURNS);
	assert_int_equal(p.nr_keep, 2);
	assert_string_equal(p.keep[1], "bazel");
	assert_int_equal(p.nr_prices, 2);
	assert_string_equal(p.prices[0].model, "big");
	assert_float_equal(p.prices[0].in_usd, 1.25, 0);
	assert_null(p.prices[1].model);
	assert_float_equal(p.prices[1].out_usd, 0.5, 0);
	assert_int_equal(p.nr_patterns, 2);
	assert_int_equal(p.patterns[0].class, CLASS_RATE_LIMIT);
	assert_string_equal(p.patterns[0].regex, "slow\\b");
	assert_int_equal(p.patterns[1].class, CLASS_AUTH);
	profile_release(&p);
}

static void a_program_that_edits_nothing_says_so(void **state)
{
	struct profile p;
	struct err err;

	(void)state;
	assert_int_equal(parse("{\"command\": [\"x\"], \"edits\": false}", &p, &err), 0);
	assert_true(p.edits_nothing);
	assert_int_equal(p.edits.nr, 0);
	profile_release(&p);
	assert_int_equal(parse("{\"command\": [\"x\"], \"edits\": []}", &p, &err), 0);
	assert_false(p.edits_nothing);
	profile_release(&p);
	assert_int_equal(parse("{\"command\": [\"x\"], \"edits\": true}", &p, &err), -1);
}

static void the_answer_is_where_it_is_said(void **state)
{
	static const struct {
		const char *json;
		enum answer_way way;
	} table[] = {
	    {"\"events\"", ANSWER_EVENTS},
	    {"\"text\"", ANSWER_TEXT},
	    {"\"none\"", ANSWER_NONE},
	    {"{\"skip\": \"x\"}", ANSWER_TEXT},
	    {"{\"type\": \"done\", \"field\": \"data.text\"}", ANSWER_EVENT},
	};
	struct profile p;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		char *json = xasprintf("{\"command\": [\"x\"], \"answer\": %s}", table[i].json);

		assert_int_equal(parse(json, &p, &err), 0);
		assert_int_equal(p.answer.way, table[i].way);
		free(json);
		profile_release(&p);
	}
	assert_int_equal(parse("{\"command\": [\"x\", \"-o\", \"{answer_file}\"], \"answer\": "
			       "\"file\"}",
			     &p, &err),
	    0);
	assert_int_equal(p.answer.way, ANSWER_FILE);
	profile_release(&p);
}

static void a_base_gives_what_is_not_said(void **state)
{
	struct profile p, base;
	struct err err = ERR_INIT;
	static const char mine[] =
	    "{\"name\": \"mine\", \"stall\": 5, \"env\": {},"
	    " \"patterns\": [{\"class\": \"budget\", \"regex\": \"broke\"}]}";

	(void)state;
	assert_int_equal(parse(every_field, &base, &err), 0);
	assert_int_equal(profile_parse(mine, strlen(mine), &p, &err), 0);
	profile_inherit(&p, &base);
	assert_int_equal(profile_settle(&p, &err), 0);
	assert_string_equal(p.name, "mine");
	assert_string_equal(p.command.v[0].text, "tool");
	assert_false(p.task_on_stdin);
	assert_float_equal(p.stall_s, 5, 0);
	assert_float_equal(p.timeout_s, 14400, 0);
	assert_int_equal(p.env.nr, 0); /* said: none */
	assert_int_equal(p.unattended_env.nr, 1);
	assert_int_equal(p.nr_patterns, 3);
	assert_string_equal(p.patterns[0].regex, "broke"); /* its own go first */
	assert_string_equal(p.patterns[1].regex, "slow\\b");
	assert_null(base.command.v);
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
		assert_int_equal(p.nr_keep + p.nr_patterns + p.nr_success_codes + p.unattended.nr,
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
	    {"1e9", 1e9},
	    {"1e300", -1},
	    {"\"99999d\"", -1},
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

#define C(words) "{\"command\": " words "}"
#define X(field) "{\"command\": [\"x\"], " field "}"
#define WORDS "an array of strings, and of arrays of strings"
#define PRICE "{\"input\", \"output\"} in USD a million tokens, and maybe \"model\""

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *json, *message;
	} table[] = {
	    {"", "not valid JSON at line 1, column 1"},
	    {"{", "not valid JSON at line 1, column 2"},
	    {"{} x", "not valid JSON at line 1, column 4"},
	    {"{\n  \"command\": [\"x\"]\n  \"task\": 1}", "not valid JSON at line 3, column 3"},
	    {"[]", "not a JSON object"},
	    {"null", "not a JSON object"},
	    {"{}", "\"command\" is missing or empty"},
	    {C("[]"), "\"command\" is missing or empty"},
	    {C("[\"\"]"), "\"command\" is missing or empty"},
	    {C("[[\"x\"]]"), "\"command\" must begin with the program, not with a group"},
	    {C("\"x y\""), "\"command\" must be " WORDS},
	    {C("[\"x\", 1]"), "\"command\" must be " WORDS},
	    {C("[\"x\", []]"), "\"command\" must be " WORDS},
	    {C("[\"x\", [[\"y\"]]]"), "\"command\" must be " WORDS},
	    {C("{\"a\": \"b\"}"), "\"command\" must be " WORDS},
	    {"{\"comand\": [\"x\"]}", "unknown field \"comand\""},
	    {"{\"Command\": [\"x\"]}", "unknown field \"Command\""},
	    {X("\"\": 1"), "unknown field \"\""},
	    {X("\"command\": [\"y\"]"), "\"command\" is there twice"},
	    {X("\"name\": \"\""), "\"name\" must be a string, and not empty"},
	    {X("\"name\": 1"), "\"name\" must be a string, and not empty"},
	    {X("\"description\": 1"), "\"description\" must be a string, and not empty"},
	    {X("\"unattended\": \"-y\""), "\"unattended\" must be " WORDS},
	    {X("\"resume\": [\"-c\"]"), "\"resume\" must have {session} in one of its words"},
	    {X("\"keep\": [null]"), "\"keep\" must be an array of strings"},
	    {X("\"env\": [\"A=1\"]"), "\"env\" must be an object of strings or null"},
	    {X("\"env\": {\"A\": 1}"), "\"env\" must be an object of strings or null"},
	    {X("\"env\": {\"A=B\": \"1\"}"), "\"env\": 'A=B' is no name of a variable"},
	    {X("\"env\": {\"AGENT_BATCH_ID\": \"1\"}"),
		"\"env\": 'AGENT_BATCH_ID' is agent-batch's own"},
	    {X("\"task\": \"pipe\""), "\"task\" must be \"argument\", \"file\" or \"stdin\""},
	    {X("\"task\": \"argument\""),
		"\"task\" is \"argument\", but \"command\" has no {task}"},
	    {"{\"command\": [\"x\", \"{task}\"], \"task\": \"file\"}",
		"\"task\" is \"file\", but \"command\" has no {task_file}"},
	    {X("\"answer\": \"file\""),
		"\"answer\" is \"file\", but \"command\" has no {answer_file}"},
	    {X("\"answer\": \"last\""),
		"\"answer\" must be \"events\", \"text\", \"file\" or \"none\""},
	    {X("\"answer\": {\"type\": \"done\"}"),
		"\"answer\" must have \"type\" and \"field\" both"},
	    {X("\"answer\": {\"skip\": \"a\", \"field\": \"b\"}"),
		"\"answer\" has either \"type\" and \"field\", or \"after\", \"until\" and "
		"\"skip\""},
	    {X("\"answer\": {\"skip\": 1}"), "\"answer.skip\" must be a string, and not empty"},
	    {X("\"answer\": {\"skop\": \"a\"}"), "unknown field \"answer.skop\""},
	    {X("\"error\": {\"type\": \"oops\"}"), "\"error\" must have \"type\" and \"field\""},
	    {X("\"session\": \"id\""), "\"session\" must be an object of strings"},
	    {X("\"usage\": true"), "\"usage\" must be \"end\", \"sum\" or \"session\""},
	    {X("\"success_codes\": 3"), "\"success_codes\" must be an array of exit codes"},
	    {X("\"success_codes\": [256]"),
		"\"success_codes\" must be an array of exit codes from 0 to 255"},
	    {X("\"success_codes\": [1.5]"),
		"\"success_codes\" must be an array of exit codes from 0 to 255"},
	    {X("\"success_codes\": [\"1\"]"),
		"\"success_codes\" must be an array of exit codes from 0 to 255"},
	    {X("\"exit_codes\": {\"256\": \"auth\"}"),
		"\"exit_codes\": '256' is no exit code from 0 to 255"},
	    {X("\"exit_codes\": {\"\": \"auth\"}"),
		"\"exit_codes\": '' is no exit code from 0 to 255"},
	    {X("\"exit_codes\": {\"7\": \"quota\"}"), "\"exit_codes.7\": unknown class 'quota'"},
	    {X("\"patterns\": {}"), "\"patterns\" must be an array of {\"class\", \"regex\"}"},
	    {X("\"patterns\": [\"a\"]"),
		"\"patterns[0]\" must be an object of \"class\" and \"regex\""},
	    {X("\"patterns\": [{\"class\": \"auth\"}]"),
		"\"patterns[0]\" must have \"class\" and \"regex\""},
	    {X("\"patterns\": [{\"class\": \"auth\", \"regex\": \"a\"},"
	       " {\"class\": \"quota\", \"regex\": \"a\"}]"),
		"\"patterns[1].class\": unknown class 'quota'"},
	    {X("\"patterns\": [{\"class\": \"\", \"regex\": \"a\"}]"),
		"\"patterns[0].class\": unknown class ''"},
	    {X("\"patterns\": [{\"class\": \"auth\", \"regexp\": \"a\"}]"),
		"unknown field \"patterns[0].regexp\""},
	    {X("\"patterns\": [{\"class\": \"auth\", \"class\": \"auth\"}]"),
		"\"patterns[0].class\" is there twice"},
	    {X("\"patterns\": [{\"class\": \"auth\", \"regex\": [\"a\", 3]}]"),
		"\"patterns[0].regex\" must be an expression, or an array of its alternatives"},
	    {X("\"price\": 3"), "\"price\" must be " PRICE},
	    {X("\"price\": {\"input\": 3}"), "\"price\" must be " PRICE},
	    {X("\"price\": [{\"input\": 3, \"output\": -1}]"), "\"price[0]\" must be " PRICE},
	    {X("\"price\": {\"input\": 3, \"output\": 1, \"cached\": 1}"),
		"\"price\" must be " PRICE},
	};
	struct profile p;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(parse(table[i].json, &p, &err), -1);
		assert_string_equal(err.msg, table[i].message);
		assert_null(p.command.v); /* nothing is left to release */
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
	    cmocka_unit_test(a_program_that_edits_nothing_says_so),
	    cmocka_unit_test(the_answer_is_where_it_is_said),
	    cmocka_unit_test(a_base_gives_what_is_not_said),
	    cmocka_unit_test(a_command_is_enough),
	    cmocka_unit_test(times_have_units),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(hostile_json_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
