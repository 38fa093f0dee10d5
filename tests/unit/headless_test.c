/* A journal as lines: each change of state once, what concerns all, and milestones alone. */
#include "view/print/headless.h"
#include "base/xalloc.h"
#include "disk_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B0 "batch-20260101-000000"
#define CSV "id,task\na,do a\nb,do b\nc,do c\n"

static struct temp_dir dir;
static struct batch_reader reader;
static struct headless lines;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	buf_init(&out);
	return temp_dir_make(&dir);
}

static int teardown(void **state)
{
	(void)state;
	headless_release(&lines);
	batch_reader_close(&reader);
	buf_release(&out);
	temp_dir_remove(&dir);
	return 0;
}

static void take_event(void *ctx, const struct event *ev)
{
	(void)ctx;
	headless_event(&lines, ev, &out);
}

/* Tells the whole journal of B0. */
static void tell(struct headless_opts opts)
{
	char *path = xasprintf("%s/" B0, dir.path);
	struct journal_reader journal;
	struct err err = ERR_INIT;

	assert_int_equal(batch_reader_open(&reader, path, &err), 0);
	headless_init(&lines, &opts, &reader);
	assert_int_equal(journal_reader_open(&journal, reader.dir.fd, &err), 0);
	journal_read(&journal, 0, take_event, NULL, &err);
	journal_reader_close(&journal);
	free(path);
}

/* One event at t seconds; `rest` are its fields as JSON, without the braces. */
static void event(int t, const char *ev, const char *rest)
{
	disk_event(&dir, B0, "{\"t\":%d,\"m\":%d,\"ev\":\"%s\",%s}", t, t, ev, rest);
}

static void an_agents_states_are_told_once_each(void **state)
{
	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	event(6, "start", "\"id\":\"a\",\"n\":1");
	event(8, "exit", "\"id\":\"a\",\"n\":1,\"code\":1");
	event(8, "verdict",
	    "\"id\":\"a\",\"n\":1,\"class\":\"rate_limit\",\"charged\":true,\"message\":\"429 slow "
	    "down\"");
	event(8, "wait", "\"id\":\"a\",\"until\":38,\"why\":\"told\"");
	event(38, "start", "\"id\":\"a\",\"n\":2");
	event(39, "status", "\"id\":\"a\",\"status\":\"in_progress\",\"phase\":\"validating\"");
	event(40, "verdict", "\"id\":\"a\",\"n\":2,\"class\":\"success\",\"charged\":true");
	event(40, "status", "\"id\":\"a\",\"status\":\"completed\"");
	event(40, "status", "\"id\":\"a\",\"status\":\"completed\"");
	event(41, "status", "\"id\":\"b\",\"status\":\"skipped\",\"why\":\"a parent failed\"");
	event(42, "status", "\"id\":\"nobody\",\"status\":\"failed\"");
	tell((struct headless_opts){0});
	assert_string_equal(out.data,
	    "00:00:05 batch " B0 " begins: 3 agents, 8 at a time\n"
	    "00:00:06 a RUNNING try 1/5\n"
	    "00:00:08 a BACKOFF try 1/5 rate_limit in 0:30 (00:00:38) told 429 slow down\n"
	    "00:00:38 a RUNNING try 2/5\n"
	    "00:00:39 a VALIDATING try 2/5\n"
	    "00:00:40 a COMPLETED try 2/5 success\n"
	    "00:00:41 b SKIPPED a parent failed\n");
}

static void what_concerns_all_brings_the_counts(void **state)
{
	static const char counts[] = " counts completed 0 running 0 backoff 0 validating 0 pending "
				     "3 failed 0 skipped 0 cancelled 0 of 3, cycle 0\n";
	char *want;

	(void)state;
	disk_batch(&dir, B0, CSV);
	event(6, "gate", "\"account\":\"sim\",\"state\":\"closed\",\"until\":66,\"why\":\"429\"");
	event(7, "gate", "\"account\":\"sim\",\"state\":\"open\"");
	event(8, "gate", "\"account\":\"sim\",\"state\":\"narrowed\",\"width\":2");
	event(9, "gate", "\"account\":\"sim\",\"state\":\"closed\",\"why\":\"401\"");
	event(10, "verb", "\"verb\":\"pause\",\"by\":\"ann\",\"result\":\"paused\"");
	event(11, "end", "\"state\":\"stopped\",\"why\":\"by the operator\",\"exit\":3");
	tell((struct headless_opts){0});
	want = xasprintf("00:00:06 limit sim closed in 1:00 (00:01:06) 429\n00:00:06%s"
			 "00:00:07 limit sim open\n00:00:07%s"
			 "00:00:08 limit sim narrowed to 2\n"
			 "00:00:09 limit sim closed until you act 401\n00:00:09%s"
			 "00:00:10 operator pause: paused\n00:00:10%s"
			 "00:00:11 end stopped by the operator\n00:00:11%s",
	    counts, counts, counts, counts, counts);
	assert_string_equal(out.data, want);
	free(want);
}

static void a_batch_with_a_child_has_no_end(void **state)
{
	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_attempt(&dir, B0, "a", 1, "task_error", "failed");
	disk_event(&dir, B0,
	    "{\"t\":13,\"m\":13,\"ev\":\"cycle\",\"child\":\"batch-x\",\"csv\":\"c.csv\","
	    "\"rows\":1,\"until\":73}");
	disk_end(&dir, B0, "finished", 1);
	tell((struct headless_opts){0});
	assert_non_null(strstr(out.data,
	    "00:00:13 cycle 1: 1 of 3 agents again in 1:00 (00:01:13), batch-x c.csv\n"));
	assert_null(strstr(out.data, "finished"));
}

static void milestones_are_few(void **state)
{
	static const char *const ids = "abcdefghij";
	struct buf csv = BUF_INIT;
	int i;

	(void)state;
	buf_str(&csv, "id,task\n");
	for (i = 0; i < 10; i++)
		buf_fmt(&csv, "%c,x\n", ids[i]);
	disk_batch(&dir, B0, csv.data);
	buf_release(&csv);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	disk_attempt(&dir, B0, "b", 1, "task_error", "failed");
	disk_attempt(&dir, B0, "c", 1, "task_error", "failed");
	disk_attempt(&dir, B0, "d", 1, "crash", "failed");
	tell((struct headless_opts){.plain = true});
	assert_string_equal(out.data,
	    "00:00:05 batch " B0 " begins: 10 agents, 8 at a time\n"
	    "00:00:12 counts completed 1 running 0 backoff 0 validating 0 pending 9 failed 0 "
	    "skipped 0 "
	    "cancelled 0 of 10, cycle 0\n"
	    "00:00:12 b FAILED try 1/5 task_error task_error of " B0 "\n"
	    "00:00:12 d FAILED try 1/5 crash crash of " B0 "\n");
}

static void what_is_not_ours_is_harmless(void **state)
{
	(void)state;
	disk_batch(&dir, B0, CSV);
	event(6, "start", "\"id\":\"a\",\"n\":1");
	event(8, "verdict",
	    "\"id\":\"a\",\"n\":1,\"class\":\"task_error\",\"charged\":true,\"message\":\"x\\u001b]"
	    "0;"
	    "title\\u0007y\\nz\"");
	event(8, "status", "\"id\":\"a\",\"status\":\"failed\"");
	event(9, "gate",
	    "\"account\":\"s\\u001b[2Jim\",\"state\":\"closed\",\"until\":66,\"why\":"
	    "\"\\u009b1m\"");
	tell((struct headless_opts){0});
	assert_non_null(strstr(out.data, "a FAILED try 1/5 task_error xy z\n"));
	assert_null(strchr(out.data, '\033'));
	assert_null(strstr(out.data, "\xc2\x9b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_agents_states_are_told_once_each, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_concerns_all_brings_the_counts, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_batch_with_a_child_has_no_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(milestones_are_few, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_not_ours_is_harmless, setup, teardown),
	};

	return cmocka_run_group_tests_name("headless", tests, NULL, NULL);
}
