#include "formats/role_reply.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* "yes good: missing,missing / warnings", or why not. */
static void read_verdict(const char *reply, size_t len, struct buf *out)
{
	struct err err = ERR_INIT;
	struct verdict_reply v;
	size_t i;

	buf_reset(out);
	if (verdict_reply_read(&v, reply, len, &err) < 0) {
		buf_fmt(out, "! %s", err.msg);
	} else {
		buf_fmt(out, "%s %s:", v.is_complete ? "yes" : "no", solve_quality_name(v.quality));
		for (i = 0; i < v.nr_missing; i++)
			buf_fmt(out, "%s%s", i ? "," : " ", v.missing[i]);
		for (i = 0; i < v.nr_warnings; i++)
			buf_fmt(out, "%s%s", i ? "," : " / ", v.warnings[i]);
	}
	verdict_reply_release(&v);
}

static void verdicts_are_read(void **state)
{
	static const struct {
		const char *reply, *want;
	} v[] = {
	    {"{\"is_complete\":true,\"data_quality\":\"good\",\"missing_requirements\":[],"
	     "\"warnings\":[]}",
		"yes good:"},
	    {"{\"is_complete\": false, \"data_quality\": \"poor\", \"missing_requirements\": "
	     "[\"a\", \"\", \"b\"], \"warnings\": [\"w\"], \"score\": 3}",
		"no poor: a,b / w"},
	    {"\xef\xbb\xbfI {think}:\r\n```json\r\n{\"is_complete\":true,\r\n\"data_quality\":"
	     "\"fair\",\"missing_requirements\":null}\r\n```\r\nOk [then]?",
		"yes fair:"},
	    /* The last one counts. */
	    {"E.g. {\"is_complete\":true,\"data_quality\":\"good\"}. Mine: "
	     "{\"is_complete\":false,\"data_quality\":\"poor\"} {\"x\":1}",
		"no poor:"},
	    {"{\"is_complete\":true,\"data_quality\":\"good\"}\n{\"is_complete\":fa",
		"! reply:2:16: the verdict breaks off here: close what is open"},
	    {"{\"is_complete\":perhaps,\"data_quality\":\"good\"}",
		"! reply:1:16: the verdict is not JSON from here on, or is nested too deep: "
		"correct it"},
	    /* A piece of it does not. */
	    {"{\"is_complete\":false,\"data_quality\":\"poor\"}\nOnly then {\"is_complete\":true}.",
		"no poor:"},
	    {"{\"is_complete\":true,\"data_quality\":",
		"! reply:1:36: the verdict breaks off here: close what is open"},
	    {"{\"is_complete\":false,\"data_quality\":\"poor\",\"missing_requirements\":"
	     "[\"\\u00e4 \\\"q\\\"\\n\\u0000\"]}",
		"no poor: \xc3\xa4 \"q\"\n\\u0000"},
	    {"",
		"! the reply is empty: answer with a JSON object that has 'is_complete' and "
		"'data_quality'"},
	    {"It is complete.",
		"! no verdict in the reply: answer with a JSON object that has "
		"'is_complete' and 'data_quality'"},
	    {"{\"is_complete\":\"true\",\"data_quality\":\"good\"}",
		"! 'is_complete' is neither true nor false: write it without quotes"},
	    {"{\"is_complete\":1,\"data_quality\":\"good\"}",
		"! 'is_complete' is neither true nor false: write it without quotes"},
	    {"{\"is_complete\":true}",
		"! 'data_quality' is missing: say \"good\", \"fair\" or \"poor\""},
	    {"{\"is_complete\":true,\"data_quality\":\"excellent indeed, really\"}",
		"! 'data_quality' is 'excellent indee': say \"good\", \"fair\" or \"poor\""},
	    {"{\"is_complete\":true,\"data_quality\":\"\"}",
		"! 'data_quality' is '': say \"good\", \"fair\" or \"poor\""},
	    {"{\"is_complete\":true,\"data_quality\":\"good\",\"is_complete\":false}",
		"! 'is_complete' stands twice in the verdict: say it once"},
	    {"{\"is_complete\":false,\"data_quality\":\"poor\",\"missing_requirements\":\"all\"}",
		"! 'missing_requirements' is no array: write [\"...\"], or [] for none"},
	    {"{\"is_complete\":false,\"data_quality\":\"poor\",\"warnings\":[{\"a\":1}]}",
		"! 'warnings' holds something else than strings"},
	};
	struct buf got = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(v); i++) {
		read_verdict(v[i].reply, strlen(v[i].reply), &got);
		if (strcmp(got.data, v[i].want) != 0)
			fail_msg("'%s'\nwanted '%s'\nfor %s", got.data, v[i].want, v[i].reply);
	}
	buf_release(&got);
}

static void complete_and_not_poor_passes(void **state)
{
	(void)state;
	assert_true(solve_has_passed(true, QUALITY_GOOD));
	assert_true(solve_has_passed(true, QUALITY_FAIR));
	assert_false(solve_has_passed(true, QUALITY_POOR));
	assert_false(solve_has_passed(false, QUALITY_GOOD));
}

static void an_answer_ends_where_its_text_does(void **state)
{
	size_t len = 7;

	(void)state;
	assert_int_equal(answer_reply_read("  42 \n\r\n\t", 9, &len, NULL), 0);
	assert_int_equal(len, 4);
	assert_int_equal(answer_reply_read("a\0\n", 3, &len, NULL), 0);
	assert_int_equal(len, 2);
	assert_int_equal(answer_reply_read(" \n", 2, &len, NULL), -1);
	assert_int_equal(answer_reply_read("", 0, &len, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verdicts_are_read),
	    cmocka_unit_test(complete_and_not_poor_passes),
	    cmocka_unit_test(an_answer_ends_where_its_text_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
