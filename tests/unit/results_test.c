#include "formats/results.h"
#include "base/xalloc.h"
#include "disk_batch.h"

#include <cJSON.h>

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B0 "batch-20260101-000000"
#define B1 "batch-20260101-000100"

static struct temp_dir dir;

static int setup(void **state)
{
	(void)state;
	if (temp_dir_make(&dir) < 0)
		return -1;
	disk_batch(&dir, B0, "id,task,output_file\na,do a,\nb,do b,out/b.md\nc,do c,\n");
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	disk_attempt(&dir, B0, "b", 1, "transient", "in_progress");
	disk_attempt(&dir, B0, "b", 2, "transient", "failed");
	disk_event(&dir, B0,
	    "{\"t\":9,\"ev\":\"status\",\"id\":\"c\",\"status\":\"skipped\",\"why\":\"b failed\"}");
	disk_cycle(&dir, B0, B1);
	disk_end(&dir, B0, "finished", 1);
	disk_batch(&dir, B1, "id,task,output_file\nb,do b,out/b.md\n");
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_event(&dir, B1, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"b\",\"n\":1}");
	disk_event(&dir, B1,
	    "{\"t\":12,\"m\":1510,\"ev\":\"exit\",\"id\":\"b\",\"n\":1,\"code\":0}");
	disk_event(&dir, B1,
	    "{\"t\":12,\"m\":1510,\"ev\":\"verdict\",\"id\":\"b\",\"n\":1,\"class\":\"success\","
	    "\"charged\":true,\"answer\":\"42 \\u001b \\ud800\",\"session\":\"s-1\"}");
	disk_event(&dir, B1, "{\"t\":12,\"ev\":\"status\",\"id\":\"b\",\"status\":\"completed\"}");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static cJSON *write_and_parse(const char *open_by, enum end_state state)
{
	char *path = xasprintf("%s/%s", dir.path, open_by), *text;
	struct err err = ERR_INIT;
	struct run_reader r;
	cJSON *j;

	assert_int_equal(run_reader_open(&r, path, &err), 0);
	if (results_write(&r, state, &err) < 0)
		fail_msg("%s", err.msg);
	run_reader_close(&r);
	free(path);
	text = temp_dir_get(&dir, B0 "/" RESULTS_NAME);
	assert_non_null(text);
	j = cJSON_ParseWithOpts(text, NULL, true);
	assert_non_null(j);
	free(text);
	return j;
}

static void check(const cJSON *j, const char *key, const char *expected)
{
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(j, key));

	if (!text)
		fail_msg("no %s", key);
	assert_string_equal(text, expected);
	cJSON_free(text);
}

/* In the original batch, whichever batch the run was opened by. */
static void the_run(void **state)
{
	cJSON *j = write_and_parse(B1, END_FINISHED);

	(void)state;
	check(j, "run", "\"" B0 "\"");
	check(j, "state", "\"finished\"");
	check(j, "counts",
	    "{\"pending\":0,\"in_progress\":0,\"completed\":2,\"failed\":0,\"skipped\":1,"
	    "\"cancelled\":0}");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(j, "agents")), 3);
	assert_false(temp_dir_has(&dir, B1 "/" RESULTS_NAME));
	cJSON_Delete(j);
	j = write_and_parse(B0, END_STOPPED);
	check(j, "state", "\"stopped\"");
	cJSON_Delete(j);
}

static void rows(void **state)
{
	cJSON *j = write_and_parse(B0, END_FINISHED);
	const cJSON *agents = cJSON_GetObjectItem(j, "agents");
	const cJSON *a = cJSON_GetArrayItem(agents, 0);

	(void)state;
	check(a, "id", "\"a\"");
	check(a, "batch", "\"" B0 "\"");
	check(a, "cycle", "0");
	check(a, "output_file", "null");
	check(a, "answer", "null");
	check(a, "cost_usd", "0.25");
	a = cJSON_GetArrayItem(agents, 1);
	check(a, "id", "\"b\"");
	check(a, "status", "\"completed\"");
	check(a, "class", "\"success\"");
	check(a, "batch", "\"" B1 "\"");
	check(a, "cycle", "1");
	check(a, "attempt", "1");
	check(a, "attempts", "3");
	check(a, "cycles_failed", "1");
	check(a, "output_file", "\"out/b.md\"");
	check(a, "answer", "\"42 \\u001b \xef\xbf\xbd\"");
	check(a, "session", "\"s-1\"");
	check(a, "cost_usd", "0.5"); /* of all attempts of the run */
	check(a, "tokens_in", "200");
	check(a, "duration_s", "1.5");
	a = cJSON_GetArrayItem(agents, 2);
	check(a, "status", "\"skipped\"");
	check(a, "class", "null");
	check(a, "attempt", "null");
	check(a, "attempts", "0");
	check(a, "cost_usd", "null");
	check(a, "tokens_in", "null");
	check(a, "why", "\"b failed\"");
	cJSON_Delete(j);
}

/* Stopped before the child came to a row: how it failed before is what is known of it. The end
 * itself is not told yet when the results are written. */
static void a_row_the_stop_came_before(void **state)
{
	const cJSON *a;
	cJSON *j;

	(void)state;
	temp_dir_put_str(&dir, B1 "/" TASKS_NAME, "id,task,output_file\nb,do b,\nd,do d,\n");
	temp_dir_put_str(&dir, B0 "/" TASKS_NAME, "id,task\na,do a\nb,do b\nc,do c\nd,do d\n");
	disk_attempt(&dir, B0, "d", 1, "timeout", "failed");
	j = write_and_parse(B0, END_STOPPED);
	a = cJSON_GetArrayItem(cJSON_GetObjectItem(j, "agents"), 3);
	check(a, "id", "\"d\"");
	check(a, "status", "\"failed\"");
	check(a, "class", "\"timeout\"");
	check(a, "batch", "\"" B0 "\"");
	cJSON_Delete(j);
}

/* S3, and one after the other: old or new, never half. */
static void replaced_not_followed(void **state)
{
	char *text;

	(void)state;
	temp_dir_put_str(&dir, "precious", "keep");
	assert_int_equal(symlinkat("../precious", dir.fd, B0 "/" RESULTS_NAME), 0);
	cJSON_Delete(write_and_parse(B0, END_FINISHED));
	cJSON_Delete(write_and_parse(B0, END_FINISHED));
	text = temp_dir_get(&dir, "precious");
	assert_string_equal(text, "keep");
	free(text);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(the_run), T(rows), T(a_row_the_stop_came_before), T(replaced_not_followed)};

	return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
