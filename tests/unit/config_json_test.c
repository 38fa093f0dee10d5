#include "formats/config_json.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
	    {"{\"jobs\": 3}", "1:2: 'jobs' means nothing here: there are defaults and profiles"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_entries),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
