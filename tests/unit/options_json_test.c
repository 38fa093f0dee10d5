#include "formats/options_json.h"
#include "formats/journal.h"
#include "base/xalloc.h"

#include <cJSON.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *format(const struct options *o)
{
	struct buf out = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	options_format(o, &w);
	return buf_detach(&out);
}

static struct options unlike_the_defaults(void)
{
	struct options o;

	options_init(&o);
	o.auto_retry = true;
	o.max_retries = 8;
	o.jobs = 0;
	o.agent = xstrdup("claude");
	o.agent_command = xstrdup("my-agent \"{task}\"");
	o.attempts = 3;
	o.backoff = (struct ladder){.initial_s = 0.1, .factor = 2.5, .cap_s = 1};
	o.jitter_pct = 12.5;
	o.timeout_s = 3.25;
	o.stall_s = 0;
	o.grace_s = 0.5;
	o.max_wait_s = 60;
	o.retry_on = 1u << CLASS_AUTH | 1u << CLASS_LOST;
	o.accounts = xstrdup("claude/work,codex/ci");
	o.halt = xstrdup("soon,fail=10%");
	o.give_up_after = 3;
	o.budget_usd = 12.5;
	o.budget_tokens = 4e9; /* no int holds it */
	o.budget_hard = true;
	o.min_free_mem = 2147483648.0;
	o.feedback = o.fresh_session = true;
	o.keep_leftovers = true;
	o.exclusive_dir = true;
	o.unattended = true;
	o.dir = xstrdup("/batches");
	o.cwd = xstrdup("/work place/\xc3\xa9");
	o.role_profile[SOLVE_PLANNER] = xstrdup("claude");
	o.role_command[SOLVE_VALIDATOR] = xstrdup("check it");
	o.max_validation_retries = 4;
	o.problem = xstrdup("Which papers?\nAll of them.");
	text_list_add(&o.attachments, "/data/a b.csv");
	text_list_add(&o.attachments, "/data/c.png");
	o.role = xstrdup("planner");
	o.source_csv = xstrdup("-");
	return o;
}

static void every_option_reads_back(void **state)
{
	struct options o = unlike_the_defaults(), back;
	char *text = format(&o);
	char *again;

	(void)state;
	options_init(&back);
	assert_int_equal(options_parse(text, &back, NULL), 0);
	assert_true(back.auto_retry);
	assert_int_equal(back.max_retries, 8);
	assert_int_equal(back.jobs, 0);
	assert_string_equal(back.agent, "claude");
	assert_string_equal(back.agent_command, "my-agent \"{task}\"");
	assert_int_equal(back.attempts, 3);
	assert_true(back.backoff.initial_s == 0.1);
	assert_true(back.backoff.factor == 2.5);
	assert_true(back.backoff.cap_s == 1);
	assert_true(back.jitter_pct == 12.5);
	assert_true(back.timeout_s == 3.25);
	assert_true(back.stall_s == 0);
	assert_true(back.grace_s == 0.5);
	assert_true(back.max_wait_s == 60);
	assert_int_equal(back.retry_on, o.retry_on);
	assert_string_equal(back.accounts, "claude/work,codex/ci");
	assert_string_equal(back.halt, "soon,fail=10%");
	assert_int_equal(back.give_up_after, 3);
	assert_true(back.budget_usd == 12.5 && back.budget_tokens == 4e9 && back.budget_hard);
	assert_true(back.min_free_mem == 2147483648.0);
	assert_true(back.feedback && back.fresh_session);
	assert_true(back.keep_leftovers && back.exclusive_dir && back.unattended);
	assert_string_equal(back.dir, "/batches");
	assert_string_equal(back.cwd, o.cwd);
	assert_string_equal(back.role_profile[SOLVE_PLANNER], "claude");
	assert_string_equal(back.role_command[SOLVE_VALIDATOR], "check it");
	assert_false(options_has_role(&back, SOLVE_SYNTHESIZER));
	assert_false(options_is_solve(&back)); /* it is a role's call */
	assert_int_equal(back.max_validation_retries, 4);
	assert_string_equal(back.problem, o.problem);
	assert_int_equal(back.attachments.nr, 2);
	assert_string_equal(back.attachments.v[0], "/data/a b.csv");
	assert_string_equal(back.role, "planner");
	assert_string_equal(back.source_csv, "-");
	again = format(&back);
	assert_string_equal(again, text);
	free(again);
	free(text);
	options_release(&o);
	options_release(&back);
}

static void the_defaults_read_back(void **state)
{
	struct options o, back;
	char *text, *again;

	(void)state;
	options_init(&o);
	text = format(&o);
	back = unlike_the_defaults();
	/* Strings that are not given do not take others away. */
	assert_int_equal(options_parse(text, &back, NULL), 0);
	assert_string_equal(back.agent, "claude");
	assert_true(back.timeout_s == TIME_BY_PROFILE);
	assert_int_equal(back.retry_on, 0);
	assert_false(back.keep_leftovers);
	options_release(&back);
	options_init(&back);
	assert_int_equal(options_parse(text, &back, NULL), 0);
	again = format(&back);
	assert_string_equal(again, text);
	assert_null(strchr(text, '\n'));
	assert_null(strstr(text, "accounts")); /* what nobody has is not told */
	free(again);
	free(text);
	options_release(&o);
	options_release(&back);
}

static void what_is_missing_or_wrong_keeps_its_value(void **state)
{
	static const char *const texts[] = {
	    "{}",
	    "{\"jobs\":\"4\",\"attempts\":-1,\"max_retries\":1.5,\"grace\":null,\"jitter\":\"1\"}",
	    "{\"jobs\":1e30,\"grace\":1e300,\"max_wait\":-5,\"timeout\":\"soon\",\"agent\":7}",
	    "{\"auto_retry\":1,\"backoff\":5,\"retry_on\":\"auth\",\"leftovers\":true,\"cwd\":[]}",
	    "{\"backoff\":{\"initial\":\"x\",\"factor\":null},\"nobody\":{\"knows\":[1]}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct options o = unlike_the_defaults(), before = unlike_the_defaults();
		char *a, *b;

		assert_int_equal(options_parse(texts[i], &o, NULL), 0);
		a = format(&o);
		b = format(&before);
		assert_string_equal(a, b);
		free(a);
		free(b);
		options_release(&o);
		options_release(&before);
	}
}

static void only_what_is_given_anew(void **state)
{
	struct options o = unlike_the_defaults();

	(void)state;
	assert_int_equal(options_parse("{\"jobs\":12,\"timeout\":\"profile\",\"retry_on\":["
				       "\"budget\","
				       "\"nonsense\",3]}",
			     &o, NULL),
	    0);
	assert_int_equal(o.jobs, 12);
	assert_true(o.timeout_s == TIME_BY_PROFILE);
	assert_int_equal(o.retry_on, 1u << CLASS_BUDGET);
	assert_int_equal(o.max_retries, 8);
	assert_string_equal(o.agent, "claude");
	options_release(&o);
}

static void what_is_no_object(void **state)
{
	static const char *const texts[] = {"", "x", "[]", "7", "null", "{\"jobs\":"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct options o;
		struct err err = ERR_INIT;

		options_init(&o);
		assert_int_equal(options_parse(texts[i], &o, &err), -1);
		assert_string_not_equal(err.msg, "");
		options_release(&o);
	}
}

/* I8 */
static void deep_and_huge(void **state)
{
	struct buf text = BUF_INIT;
	struct options o;
	int i;

	(void)state;
	options_init(&o);
	buf_str(&text, "{\"backoff\":");
	for (i = 0; i < 100000; i++)
		buf_ch(&text, '[');
	assert_int_equal(options_parse(text.data, &o, NULL), -1);
	buf_release(&text);
	assert_int_equal(options_parse("{\"jobs\":1e999,\"jobs\":3,\"grace\":-1e999}", &o, NULL),
	    0);
	assert_int_equal(o.jobs, 8);
	assert_true(o.grace_s == 10);
	options_release(&o);
}

/* The first event of a batch is one line of the journal, and readers pass longer ones over. */
static void options_fit_into_a_line(void **state)
{
	struct options o;
	struct err err = ERR_INIT;
	char *text = xmalloc(JOURNAL_LINE_MAX);

	(void)state;
	options_init(&o);
	assert_int_equal(options_check_length(&o, &err), 0);
	memset(text, 'x', JOURNAL_LINE_MAX / 2);
	text[JOURNAL_LINE_MAX / 2] = '\0';
	o.agent_command = text;
	assert_int_equal(options_check_length(&o, &err), -1);
	assert_non_null(strstr(err.msg, "put long texts into files"));
	text[JOURNAL_LINE_MAX / 2 - 4096] = '\0';
	assert_int_equal(options_check_length(&o, &err), 0);
	/* As it is written there: each of these takes six bytes. */
	memset(text, '\1', 100000);
	text[100000] = '\0';
	assert_int_equal(options_check_length(&o, &err), -1);
	options_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_fit_into_a_line),
	    cmocka_unit_test(every_option_reads_back),
	    cmocka_unit_test(the_defaults_read_back),
	    cmocka_unit_test(what_is_missing_or_wrong_keeps_its_value),
	    cmocka_unit_test(only_what_is_given_anew),
	    cmocka_unit_test(what_is_no_object),
	    cmocka_unit_test(deep_and_huge),
	};

	return cmocka_run_group_tests_name("options_json", tests, NULL, NULL);
}
