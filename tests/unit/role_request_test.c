#include "formats/role_request.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"
#include "formats/tasks_csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char csv[] = "agent_id,prompt,depends_on,agent,region\n"
			  "a,\"Say \"\"hi\"\"\",,,\nb,Do B,a;a2,sim,north\na2,Do C,,,\n";

static void write_request(struct buf *out, enum solve_role role, const char *feedback)
{
	static const char *const attachments[] = {"/d/a.png"}, *const missing[] = {"the date"},
				 *const warnings[] = {"old data"};
	static const struct role_result results[] = {
	    {.id = "a",
		.status = "completed",
		.output = "hi \xff",
		.output_len = 4,
		.output_file = "a.md",
		.class_name = "success",
		.attempts = 2},
	    {.id = "b", .status = "failed", .class_name = "", .attempts = 0},
	};
	const struct tasks_read_opts opts = {.file = "t"};
	struct role_row rows[2];
	struct tasks ts;

	assert_int_equal(tasks_read_text(&ts, NULL, csv, strlen(csv), &opts, NULL), 0);
	rows[0] = (struct role_row){&ts, &ts.v[0]};
	rows[1] = (struct role_row){&ts, &ts.v[1]};
	buf_reset(out);
	role_request_write(out,
	    &(struct role_request){
		.role = role,
		.problem = "What \xe2\x82\xac?",
		.attachments = attachments,
		.nr_attachments = 1,
		.plan = rows,
		.nr_plan = 2,
		.missing = missing,
		.nr_missing = 1,
		.warnings = warnings,
		.nr_warnings = 1,
		.results = results,
		.nr_results = 2,
		.answer = "42",
		.feedback = feedback,
	    });
	tasks_release(&ts);
	assert_true(jsonr_is_value(out->data, out->len));
	assert_true(utf8_is_valid(out->data, out->len));
}

#define PLAN \
	"[{\"id\":\"a\",\"task\":\"Say \\\"hi\\\"\"},{\"id\":\"b\",\"task\":\"Do B\"," \
	"\"depends_on\":[\"a\",\"a2\"],\"agent\":\"sim\",\"region\":\"north\"}]"
#define RESULTS \
	"{\"a\":{\"status\":\"completed\",\"output\":\"hi " \
	"\xef\xbf\xbd\",\"output_file\":\"a.md\"," \
	"\"class\":\"success\",\"attempts\":2},\"b\":{\"status\":\"failed\",\"output\":null," \
	"\"output_file\":null,\"class\":null,\"attempts\":0}}"

static void each_role_is_told_its_part(void **state)
{
	struct buf got = BUF_INIT;

	(void)state;
	write_request(&got, SOLVE_PLANNER, NULL);
	assert_string_equal(got.data,
	    "{\"problem\":\"What \xe2\x82\xac?\",\"attachments\":[\"/d/a.png\"],"
	    "\"previous_plan\":" PLAN ",\"missing_requirements\":[\"the date\"],"
	    "\"warnings\":[\"old data\"],\"results\":" RESULTS "}");
	write_request(&got, SOLVE_SYNTHESIZER, NULL);
	assert_string_equal(got.data,
	    "{\"problem\":\"What \xe2\x82\xac?\",\"plan\":" PLAN ",\"results\":" RESULTS "}");
	write_request(&got, SOLVE_VALIDATOR, "no \"verdict\"");
	assert_string_equal(got.data,
	    "{\"problem\":\"What \xe2\x82\xac?\",\"plan\":" PLAN ",\"results\":" RESULTS
	    ",\"answer\":\"42\",\"feedback\":\"no \\\"verdict\\\"\"}");
	buf_release(&got);
}

static void nothing_is_a_request_too(void **state)
{
	struct buf got = BUF_INIT;

	(void)state;
	role_request_write(&got, &(struct role_request){.role = SOLVE_PLANNER});
	assert_string_equal(got.data,
	    "{\"problem\":\"\",\"attachments\":[],\"previous_plan\":[],"
	    "\"missing_requirements\":[],\"warnings\":[],\"results\":{}}");
	buf_release(&got);
}

/* Cut between characters, and said so. */
static void long_outputs_are_cut(void **state)
{
	char *text = xmalloc(ROLE_OUTPUT_MAX + 8);
	struct role_result res = {.id = "a", .status = "completed", .output = text};
	struct role_request r = {.role = SOLVE_SYNTHESIZER, .results = &res, .nr_results = 1};
	struct buf got = BUF_INIT, want = BUF_INIT;

	(void)state;
	memset(text, 'x', ROLE_OUTPUT_MAX + 8);
	memcpy(text + ROLE_OUTPUT_MAX - 2, "\xe2\x82\xac", 3);
	res.output_len = ROLE_OUTPUT_MAX + 8;
	role_request_write(&got, &r);
	buf_str(&want,
	    "{\"problem\":\"\",\"plan\":[],\"results\":{\"a\":{\"status\":\"completed\","
	    "\"output\":\"");
	buf_add(&want, text, ROLE_OUTPUT_MAX - 2);
	buf_str(&want,
	    "\",\"output_truncated\":true,\"output_file\":null,\"class\":null,"
	    "\"attempts\":0}}}");
	assert_string_equal(got.data, want.data);
	buf_release(&got);
	buf_release(&want);
	free(text);
}

/* Short ones are told whole; the others have one length. */
static void all_outputs_fit_together(void **state)
{
	char *text = xmalloc(5000);
	struct role_result res[] = {
	    {.id = "a", .output = text, .output_len = 5000},
	    {.id = "b", .output = text, .output_len = 10},
	    {.id = "c", .output = NULL},
	    {.id = "d", .output = text, .output_len = 400},
	};
	struct role_request r = {.role = SOLVE_SYNTHESIZER, .results = res, .nr_results = 4};
	static const struct {
		size_t max, a, b, d;
	} v[] = {
	    {0, 5000, 10, 400},
	    {5410, 5000, 10, 400},
	    {5409, 4999, 10, 400},
	    {810, 400, 10, 400},
	    {700, 345, 10, 345},
	    {30, 10, 10, 10},
	    {2, 0, 0, 0},
	};
	struct buf got = BUF_INIT;
	size_t i;

	(void)state;
	memset(text, 'x', 5000);
	for (i = 0; i < ARRAY_LEN(v); i++) {
		struct json results, a, b, d;

		buf_reset(&got);
		r.outputs_max = v[i].max;
		role_request_write(&got, &r);
		results = json_get((struct json){got.data, got.len, false}, "results");
		a = json_get(results, "a.output");
		b = json_get(results, "b.output");
		d = json_get(results, "d.output");
		assert_int_equal(a.n, v[i].a + 2);
		assert_int_equal(b.n, v[i].b + 2);
		assert_int_equal(d.n, v[i].d + 2);
		assert_int_equal(json_is_true(json_get(results, "d.output_truncated")),
		    v[i].d < 400);
	}
	buf_release(&got);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_role_is_told_its_part),
	    cmocka_unit_test(nothing_is_a_request_too),
	    cmocka_unit_test(long_outputs_are_cut),
	    cmocka_unit_test(all_outputs_fit_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
