#include "formats/config_json.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_entry(const struct config_entry *e, const char *profile, const char *name,
    const char *value, uint32_t line, size_t column)
{
	if (profile)
		assert_string_equal(e->profile, profile);
	else
		assert_null(e->profile);
	assert_string_equal(e->name, name);
	assert_string_equal(e->value, value);
	assert_int_equal(e->line, line);
	assert_int_equal(e->column, column);
}

static void test_entries(void **state)
{
	static const char text[] = "{\n"
				   " \"defaults\": {\"jobs\": 4, \"auto-retry\": true,\n"
				   "  \"retry-on\": [\"auth\", \"budget\"]},\n"
				   " \"profiles\": {\"x\": {\"timeout\": \"2h\"}, \"y\": {}}\n"
				   "}\n";
	struct config_json c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(config_json_parse(&c, text, strlen(text), &err), 0);
	assert_int_equal(c.nr, 4);
	check_entry(&c.v[0], NULL, "jobs", "4", 2, 15);
	check_entry(&c.v[1], NULL, "auto-retry", "true", 2, 26);
	assert_true(c.v[1].is_flag && !c.v[0].is_flag);
	check_entry(&c.v[2], NULL, "retry-on", "auth,budget", 3, 3);
	check_entry(&c.v[3], "x", "timeout", "2h", 4, 21);
	config_json_release(&c);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"", "1:1: this is no valid JSON"},
	    {"{\n\"defaults\": {\"jobs\": x}}", "2:22: this is no valid JSON"},
	    {"{} x", "1:4: this is no valid JSON"},
	    {"[]", "1:1: an object belongs here: {...}"},
	    {"{\"defaults\": 3}", "1:14: an object belongs here: {...}"},
	    {"{\"jobs\": 3}",
		"1:2: 'jobs' means nothing here: there are defaults, profiles "
		"and accounts"},
	    {"{\"defaults\": {\"jobs\": 1,\n \"jobs\": 2}}", "2:2: 'jobs' stands here twice"},
	    {"{\"defaults\": {}, \"defaults\": {}}", "1:18: 'defaults' stands here twice"},
	    {"{\"defaults\": {\"jobs\": null}}",
		"1:23: 'jobs' wants a text, a number, true or false, or a list of words"},
	    {"{\"defaults\": {\"retry-on\": [\"a,b\"]}}",
		"1:27: 'retry-on' wants a text, a number, true or false, or a list of words"},
	    {"{\"profiles\": {\"x\": 1}}", "1:20: an object belongs here: {...}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct config_json c;
		struct err err = ERR_INIT;

		assert_int_equal(config_json_parse(&c, cases[i].text, strlen(cases[i].text), &err),
		    -1);
		assert_string_equal(err.msg, cases[i].message);
		config_json_release(&c);
	}
}

static void test_accounts(void **state)
{
	static const char text[] =
	    "{\"accounts\": {\n"
	    " \"claude\": {\"work\": {\"KEY\": {\"from\": \"WORK_KEY\"}},\n"
	    "  \"home\": {\"DIR\": {\"value\": \"~/x \\u00e4\"}, \"KEY\": {\"file\": \"~/k\"}}},\n"
	    " \"command\": {\"a.b-c\": {}}}}";
	const struct config_account *a;
	struct config_json c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(config_json_parse(&c, text, strlen(text), &err), 0);
	assert_int_equal(c.nr_accounts, 3);
	assert_string_equal(c.accounts[0].name, "claude/work");
	assert_int_equal(c.accounts[0].v[0].from, ASSIGN_FROM_VARIABLE);
	assert_string_equal(c.accounts[0].v[0].text, "WORK_KEY");
	a = config_account_find(&c, "claude/home");
	assert_ptr_equal(a, &c.accounts[1]);
	assert_string_equal(a->profile, "claude");
	assert_int_equal(a->nr, 2);
	assert_string_equal(a->v[0].name, "DIR");
	assert_int_equal(a->v[0].from, ASSIGN_VALUE);
	assert_string_equal(a->v[0].text, "~/x \xc3\xa4");
	assert_int_equal(a->v[1].from, ASSIGN_FROM_FILE);
	assert_int_equal(config_account_find(&c, "command/a.b-c")->nr, 0);
	assert_null(config_account_find(&c, "claude"));
	assert_null(config_account_find(&c, "home"));
	config_json_release(&c);
}

/* `rest`: what stands behind {"accounts": . A key that somebody wrote where only its place belongs
 * is in no message. */
static void test_refused_accounts(void **state)
{
	static const struct {
		const char *rest, *message;
	} cases[] = {
	    {"3}", "1:14: an object belongs here: {...}"},
	    {"{\"a b\": {}}}", "1:15: 'a b' cannot have accounts: it is no name of a profile"},
	    {"{\"x/y\": {}}}", "1:15: 'x/y' cannot have accounts: it is no name of a profile"},
	    {"{\"\": {}}}", "1:15: '' cannot have accounts: it is no name of a profile"},
	    {"{\"x\": {}}}", "1:20: 'x' names no account"},
	    {"{\"x\": []}}", "1:20: an object belongs here: {...}"},
	    {"{\"x\": {\"none\": {}}}}",
		"1:21: 'none' cannot be an account's name: letters, digits and . _ - can, but not "
		"'none'"},
	    {"{\"x\": {\"a,b\": {}}}}",
		"1:21: 'a,b' cannot be an account's name: letters, digits and . _ - can, but not "
		"'none'"},
	    {"{\"x\": {\"-a\": {}}}}",
		"1:21: '-a' cannot be an account's name: letters, digits and . _ - can, but not "
		"'none'"},
	    {"{\"x\": {\"a\": {}, \"a\": {}}}}", "1:30: 'a' stands here twice"},
	    {"{\"x\": {\"a\": {}}, \"x\": {}}}", "1:31: 'x' stands here twice"},
	    {"{\"x\": {\"a\": \"sk-secret\"}}}", "1:26: an object belongs here: {...}"},
	    {"{\"x\": {\"a\": {\"K\": \"sk-secret\"}}}}",
		"1:32: 'K' wants one of {\"from\": \"VARIABLE\"}, {\"file\": \"PATH\"} or "
		"{\"value\": \"TEXT\"}"},
	    {"{\"x\": {\"a\": {\"K\": {}}}}}",
		"1:32: 'K' wants one of {\"from\": \"VARIABLE\"}, {\"file\": \"PATH\"} or "
		"{\"value\": \"TEXT\"}"},
	    {"{\"x\": {\"a\": {\"K\": {\"from\": \"A\", \"file\": \"/b\"}}}}}",
		"1:32: 'K' wants one of {\"from\": \"VARIABLE\"}, {\"file\": \"PATH\"} or "
		"{\"value\": \"TEXT\"}"},
	    {"{\"x\": {\"a\": {\"K\": {\"value\": 3}}}}}",
		"1:32: 'K' wants one of {\"from\": \"VARIABLE\"}, {\"file\": \"PATH\"} or "
		"{\"value\": \"TEXT\"}"},
	    {"{\"x\": {\"a\": {\"K=V\": {\"value\": \"\"}}}}}",
		"1:27: 'K=V' is no name of a variable that an account may set"},
	    {"{\"x\": {\"a\": {\"AGENT_BATCH_ID\": {\"value\": \"\"}}}}}",
		"1:27: 'AGENT_BATCH_ID' is no name of a variable that an account may set"},
	    {"{\"x\": {\"a\": {\"K\": {\"from\": \"sk-secret\"}}}}}",
		"1:41: what stands here is no name of a variable (which is not shown: a key does "
		"not belong here)"},
	    {"{\"x\": {\"a\": {\"K\": {\"file\": \"keys/ci\"}}}}}",
		"1:41: the path of a file begins with / or ~/ here"},
	    {"{\"x\": {\"a\": {\"K\": {\"file\": \"\"}}}}}",
		"1:41: the path of a file begins with / or ~/ here"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char *text = xasprintf("{\"accounts\": %s", cases[i].rest);
		struct config_json c;
		struct err err = ERR_INIT;

		assert_int_equal(config_json_parse(&c, text, strlen(text), &err), -1);
		assert_string_equal(err.msg, cases[i].message);
		assert_null(strstr(err.msg, "secret"));
		config_json_release(&c);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_entries),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_accounts),
	    cmocka_unit_test(test_refused_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
