/* What is told of a whole run: report, tree, summary, status, and the rows that retry takes. */
#include "view/print/report.h"
#include "base/xalloc.h"
#include "cli/left_over.h"
#include "disk_batch.h"
#include "view/print/lineage_text.h"
#include "view/print/status_text.h"
#include "view/summary.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B0 "batch-20260101-000000"
#define B1 "batch-20260101-000100"
#define NOW \
	{ \
		.wall_ms = 100000, .mono_ms = 100000 \
	}

static struct temp_dir dir;
static struct run_reader run;
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
	run_reader_close(&run);
	buf_release(&out);
	temp_dir_remove(&dir);
	return 0;
}

static void open_run(void)
{
	char *path = xasprintf("%s/" B0, dir.path);
	struct err err = ERR_INIT;

	if (run_reader_open(&run, path, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

/* a succeeds, b is healed by the child, c fails in both, d waits for c. */
static void make_run(void)
{
	disk_batch(&dir, B0, "id,task,depends_on\na,do a,\nb,do b,\nc,do c,\nd,do d,c\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	disk_attempt(&dir, B0, "b", 1, "rate_limit", "failed");
	disk_attempt(&dir, B0, "c", 1, "task_error", "failed");
	disk_event(&dir, B0,
	    "{\"t\":12,\"m\":12,\"ev\":\"status\",\"id\":\"d\",\"status\":\"skipped\",\"why\":\"c "
	    "did "
	    "not complete\"}");
	disk_cycle(&dir, B0, B1);
	disk_end(&dir, B0, "finished", 1);
	disk_batch(&dir, B1,
	    "id,task,depends_on,tags\nb,do b,,RETRY-1\nc,do c,,RETRY-1\nd,do d,c,\n");
	disk_born(&dir, B1, B0, B0, 1, 13);
	disk_attempt(&dir, B1, "b", 1, "success", "completed");
	disk_attempt(&dir, B1, "c", 1, "task_error", "failed");
	disk_event(&dir, B1,
	    "{\"t\":12,\"m\":12,\"ev\":\"status\",\"id\":\"d\",\"status\":\"skipped\",\"why\":\"c "
	    "did "
	    "not complete\"}");
	disk_end(&dir, B1, "finished", 1);
	open_run();
}

static void check_line(const char *want)
{
	char *line = xasprintf("%s\n", want);

	if (!strstr(out.data, line))
		fail_msg("missing: %s\nin:\n%s", want, out.data);
	free(line);
}

static void the_report_tells_healed_left_and_saved(void **state)
{
	(void)state;
	make_run();
	report_text(&run, (struct instant)NOW, false, &out);
	check_line(B0 ": 2/4 succeeded after 1 retry");
	check_line("  cycle 0  " B0 "  4 agents, 1 done, 2 failed, 1 skipped, 00:00:09, $0.75");
	check_line("  b: rate_limit in cycle 0, completed in cycle 1 at 1970-01-01 00:00:12, 2 "
		   "attempts "
		   "in all");
	check_line("  FAILED 1 by task_error: task_error of " B1);
	check_line("      c");
	check_line("  SKIPPED 1: c did not complete");
	check_line("      d");
	check_line("      likely: what it depends on did not complete: c did not complete");
	check_line("      next: heal that row: this one goes along");
	check_line("  $1.25 in all");
	check_line("  $0.50 of it for rows that are left");
	check_line("  $0.50 for the dearest row, b, in 2 attempts");
	assert_null(strstr(out.data, "last retry")); /* no --auto-retry */
	check_line("  again by hand: agent-batch retry " B0 " --launch");
	check_line("  5 executions of agents (5 attempts) instead of 8, had every cycle run every "
		   "agent: "
		   "3 saved, 37% fewer, nothing that succeeded ran again");
	assert_null(strstr(out.data, "  a:"));
}

static void the_same_in_markdown_and_json(void **state)
{
	(void)state;
	make_run();
	report_markdown(&run, (struct instant)NOW, &out);
	check_line("# " B0 ": 2/4 succeeded after 1 retry");
	check_line("## healed");
	check_line("- FAILED 1 by task_error: task_error of " B1);
	buf_reset(&out);
	report_json(&run, (struct instant)NOW, &out);
	assert_non_null(strstr(out.data, "\"succeeded\":2,\"total\":4,\"retries\":1"));
	assert_non_null(strstr(out.data, "\"executions\":5,\"executions_if_all_rerun\":8"));
	assert_non_null(strstr(out.data,
	    "\"healed\":[{\"id\":\"b\",\"status\":\"completed\",\"class\":\"success\",\"batch\":"
	    "\"" B1
	    "\",\"cycle\":1,\"attempts\":2,\"cycles_failed\":1,\"failed_by\":\"rate_limit\""));
}

/* Two rows fail alike, one of them in the last cycle there may be. What they say is no markup. */
static void rows_at_their_last_retry(void **state)
{
	static const char said[] = "{\"t\":12,\"m\":2010,\"ev\":\"verdict\",\"id\":\"%s\",\"n\":1,"
				   "\"class\":\"task_error\",\"charged\":true,\"message\":"
				   "\"<b>cannot find `%s`\"}";

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\nb,do b\n");
	disk_event(&dir, B0,
	    "{\"t\":5,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"cycle\":1,\"options\":"
	    "{\"auto_retry\":true,\"max_retries\":1}}");
	disk_event(&dir, B0, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	disk_event(&dir, B0, said, "a", "x.h");
	disk_event(&dir, B0, "{\"t\":12,\"ev\":\"status\",\"id\":\"a\",\"status\":\"failed\"}");
	disk_event(&dir, B0, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"b\",\"n\":1}");
	disk_event(&dir, B0, said, "b", "y.h");
	disk_event(&dir, B0, "{\"t\":12,\"ev\":\"status\",\"id\":\"b\",\"status\":\"failed\"}");
	disk_end(&dir, B0, "finished", 1);
	open_run();
	report_markdown(&run, (struct instant)NOW, &out);
	check_line("- FAILED 2 by task_error: \\<b\\>cannot find \\`x.h\\`");
	check_line("  - likely: insufficient context: it said \"cannot find\"");
	check_line("- RETRY-1 task_error: a, b");
	buf_reset(&out);
	report_json(&run, (struct instant)NOW, &out);
	assert_non_null(strstr(out.data,
	    "\"rows\":2,\"ids\":[\"a\",\"b\"],\"at_last_retry\":[\"a\",\"b\"],\"root_cause\":"
	    "\"insufficient_context\",\"evidence\":\"it said \\\"cannot find\\\"\""));
}

/* a and b are limited and served at last, c is limited until it gives up, d has no other try. */
static void attempts_that_had_another_behind_them(void **state)
{
	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\nb,do b\nc,do c\nd,do d\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_attempt(&dir, B0, "a", 1, "rate_limit", "pending");
	disk_attempt(&dir, B0, "a", 2, "rate_limit", "pending");
	disk_attempt(&dir, B0, "a", 3, "success", "completed");
	disk_attempt(&dir, B0, "b", 1, "crash", "pending");
	disk_attempt(&dir, B0, "b", 2, "rate_limit", "pending");
	disk_attempt(&dir, B0, "b", 3, "success", "completed");
	disk_attempt(&dir, B0, "c", 1, "rate_limit", "pending");
	disk_attempt(&dir, B0, "c", 2, "rate_limit", "failed");
	disk_attempt(&dir, B0, "d", 1, "config", "failed");
	disk_end(&dir, B0, "finished", 1);
	open_run();
	report_text(&run, (struct instant)NOW, false, &out);
	check_line("  4 executions of agents (9 attempts)");
	check_line("  4 attempts of 3 agents ended by rate_limit and had another: 2 completed");
	check_line("  1 attempt of 1 agent ended by crash and had another: 1 completed");
	assert_null(strstr(out.data, "ended by success"));
	assert_null(strstr(out.data, "ended by config"));
	buf_reset(&out);
	report_json(&run, (struct instant)NOW, &out);
	assert_non_null(strstr(out.data,
	    "{\"class\":\"rate_limit\",\"attempts\":4,\"agents\":3,\"completed\":2}"));
}

static void the_tree_hangs_children_below_their_parents(void **state)
{
	(void)state;
	make_run();
	lineage_text(&run, (struct instant)NOW, false, &out);
	check_line(B0
	    "  cycle 0  4 agents  1 done  2 failed: 1 rate_limit, 1 task_error  1 skipped  "
	    "00:00:09  finished");
	check_line("  " B1
		   "  cycle 1  3 agents  1 done  1 failed: 1 task_error  1 skipped  00:00:01  "
		   "finished");
	check_line("      healed 1: b (rate_limit)");
}

static void what_stays_after_the_end(void **state)
{
	(void)state;
	make_run();
	view_leaving_text(&run, (struct instant)NOW, &out);
	assert_int_equal(strncmp(out.data, B0 ": 2 of 4 completed in 2 cycles, ", 53), 0);
	assert_non_null(strstr(out.data, "; healed 1; FAILED 1; SKIPPED 1\n"));
	check_line("  FAILED  c  task_error  task_error of " B1);
	check_line("report: agent-batch report " B0 "      logs: agent-batch logs " B0 " ID");
}

static void what_stays_while_it_runs(void **state)
{
	int lock;

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\nb,do b\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_event(&dir, B0, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	disk_event(&dir, B0,
	    "{\"t\":12,\"m\":12,\"ev\":\"wait\",\"id\":\"a\",\"until\":123,\"why\":\"ladder\"}");
	lock = disk_hold(&dir, B0, LOCK_BATCH);
	open_run();
	view_leaving_text(&run, (struct instant)NOW, &out);
	assert_string_equal(out.data,
	    "still running, nothing was stopped: " B0 ", " B0 ", cycle 0\n"
	    "  0 of 2 completed, 0 running, 1 in backoff, 1 pending, 0 failed\n"
	    "  next: a tries again in 0:23 (00:02:03)\n"
	    "come back: agent-batch monitor " B0 "\n"
	    "stop:      agent-batch ctl " B0 " stop\n");
	buf_reset(&out);
	report_text(&run, (struct instant)NOW, false, &out);
	assert_null(strstr(out.data, "resume")); /* nobody needs to do anything */
	close(lock);
}

/* A time that is over is no time to wait for, nor is any while starting is held back. */
static void what_stays_tells_what_holds_it_up(void **state)
{
	int lock;

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_event(&dir, B0, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	disk_event(&dir, B0,
	    "{\"t\":12,\"m\":12,\"ev\":\"wait\",\"id\":\"a\",\"until\":99,\"why\":\"ladder\"}");
	lock = disk_hold(&dir, B0, LOCK_BATCH);
	open_run();
	view_leaving_text(&run, (struct instant)NOW, &out);
	check_line("  next: a tries again as soon as there is room for it");
	buf_reset(&out);
	disk_event(&dir, B0, "{\"t\":13,\"m\":13,\"ev\":\"verb\",\"verb\":\"pause\"}");
	assert_true(run_reader_refresh(&run, NULL) >= 0);
	view_leaving_text(&run, (struct instant)NOW, &out);
	check_line("  paused: nothing new starts until it is resumed");
	check_line("resume:    agent-batch ctl " B0 " resume");
	assert_null(strstr(out.data, "next:"));
	buf_reset(&out);
	disk_event(&dir, B0, "{\"t\":14,\"m\":14,\"ev\":\"verb\",\"verb\":\"stop\"}");
	assert_true(run_reader_refresh(&run, NULL) >= 0);
	view_leaving_text(&run, (struct instant)NOW, &out);
	check_line("  draining: what runs goes to its end, nothing new starts");
	assert_null(strstr(out.data, "resume:"));
	close(lock);
}

static void a_run_without_a_conductor_says_so(void **state)
{
	struct status_opts opts = {.now = NOW, .columns = 80, .rows = 24};

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	open_run();
	view_leaving_text(&run, (struct instant)NOW, &out);
	check_line("carry on: agent-batch resume " B0);
	buf_reset(&out);
	status_text(&run, run.batches[0], &opts, &out);
	assert_non_null(strstr(out.data, "NO CONDUCTOR"));
	check_line(" INTERRUPTED: carry on with agent-batch resume " B0);
}

static unsigned count_lines(const char *s)
{
	unsigned nr = 0;

	for (; *s; s++)
		nr += *s == '\n';
	return nr;
}

static void status_keeps_to_its_lines_and_columns(void **state)
{
	struct status_opts opts = {.now = NOW, .columns = 40, .rows = 5};
	const char *s;

	(void)state;
	make_run();
	status_text(&run, run.batches[0], &opts, &out);
	assert_int_equal(count_lines(out.data), 5);
	check_line(" and 3 more");
	for (s = out.data; *s; s += strcspn(s, "\n") + 1)
		assert_true(strcspn(s, "\n") <= 40);
	buf_reset(&out);
	opts.keep_failures = true;
	status_text(&run, run.batches[0], &opts, &out);
	assert_non_null(strstr(out.data, " b     FAILED"));
	assert_non_null(strstr(out.data, " c     FAILED"));
	check_line(" and 1 more");
	buf_reset(&out);
	opts.all = true;
	status_text(&run, run.batches[0], &opts, &out);
	assert_int_equal(count_lines(out.data), 4 + 4);
}

/* ---- the rows of retry -------------------------------------------------- */

static void check_left(const struct batch_reader *from, const char *want)
{
	struct left_over l;
	struct buf got = BUF_INIT;
	uint32_t i;

	left_over_init(&l, &run, from);
	for (i = 0; i < l.nr; i++)
		buf_fmt(&got, "%s:%u ", from->tasks.v[l.rows[i].task].id, l.rows[i].failed_cycles);
	if (l.nr_cancelled || l.nr_stranded)
		buf_fmt(&got, "cancelled %u stranded %u", l.nr_cancelled, l.nr_stranded);
	assert_string_equal(got.data, want);
	buf_release(&got);
	left_over_release(&l);
}

static void healed_rows_are_not_taken(void **state)
{
	(void)state;
	make_run();
	check_left(run.batches[0], "c:2 d:0 ");
	check_left(run.batches[1], "c:2 d:0 ");
}

static void what_hangs_on_a_cancelled_row_stays(void **state)
{
	(void)state;
	disk_batch(&dir, B0, "id,task,depends_on\na,x,\nb,x,a\nc,x,b\nd,x,\ne,x,d\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_event(&dir, B0,
	    "{\"t\":10,\"m\":10,\"ev\":\"status\",\"id\":\"a\",\"status\":\"cancelled\"}");
	disk_event(&dir, B0,
	    "{\"t\":10,\"m\":10,\"ev\":\"status\",\"id\":\"b\",\"status\":\"skipped\"}");
	disk_event(&dir, B0,
	    "{\"t\":10,\"m\":10,\"ev\":\"status\",\"id\":\"c\",\"status\":\"skipped\"}");
	disk_attempt(&dir, B0, "d", 1, "auth", "failed");
	disk_end(&dir, B0, "stopped", 3);
	open_run();
	/* e left no trace: it was planned, and it did not complete. */
	check_left(run.batches[0], "d:1 e:1 cancelled 1 stranded 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_report_tells_healed_left_and_saved, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(the_same_in_markdown_and_json, setup, teardown),
	    cmocka_unit_test_setup_teardown(rows_at_their_last_retry, setup, teardown),
	    cmocka_unit_test_setup_teardown(attempts_that_had_another_behind_them, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_tree_hangs_children_below_their_parents, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(what_stays_after_the_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_stays_while_it_runs, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_stays_tells_what_holds_it_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_run_without_a_conductor_says_so, setup, teardown),
	    cmocka_unit_test_setup_teardown(status_keeps_to_its_lines_and_columns, setup, teardown),
	    cmocka_unit_test_setup_teardown(healed_rows_are_not_taken, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_hangs_on_a_cancelled_row_stays, setup, teardown),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
