/* A run whose cycle was forked into branches, as readers see it. */
#include "formats/run_reader.h"
#include "base/xalloc.h"
#include "disk_batch.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B0 "batch-20260101-000000"
#define FAST "batch-20260101-000100"
#define STRONG "batch-20260101-000100-2"
#define NEXT "batch-20260101-000200"

#define CSV "id,task\na,do a\nb,do b\nc,do c\n"

static struct temp_dir dir;

static int setup(void **state)
{
	(void)state;
	return temp_dir_make(&dir);
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static void open_run(struct run_reader *r, const char *name)
{
	char *path = xasprintf("%s/%s", dir.path, name);
	struct err err = ERR_INIT;

	if (run_reader_open(r, path, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

static void announce(const char *parent, const char *child, const char *branch)
{
	disk_event(&dir, parent,
	    "{\"t\":13,\"m\":13,\"ev\":\"cycle\",\"child\":\"%s\",\"branch\":\"%s\",\"rows\":3}",
	    child, branch);
}

static void born(const char *name, const char *parent, const char *branch, long t)
{
	disk_batch(&dir, name, CSV);
	disk_event(&dir, name,
	    "{\"t\":%ld,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,"
	    "\"cycle\":1,\"original\":\"" B0 "\",\"parent\":\"%s\",\"branch\":\"%s\"}",
	    t, parent, branch);
}

/* The original has ended; both branches are announced, none is there. */
static void make_parent(void)
{
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	disk_attempt(&dir, B0, "a", 1, "task_error", "failed");
	disk_attempt(&dir, B0, "b", 1, "task_error", "failed");
	disk_attempt(&dir, B0, "c", 1, "task_error", "failed");
	announce(B0, FAST, "fast");
	announce(B0, STRONG, "strong");
	disk_end(&dir, B0, "finished", 1);
}

static void make_both(void)
{
	make_parent();
	born(FAST, B0, "fast", 200);
	born(STRONG, B0, "strong", 200);
}

/* How the run stands, and who must be conducted: names without "batch-20260101-". */
static void check(enum run_state state, int code, const char *left)
{
	struct buf names = BUF_INIT;
	struct batch_reader **v;
	struct run_reader r;
	size_t nr, i;

	open_run(&r, B0);
	v = run_reader_left(&r, &nr);
	for (i = 0; i < nr; i++)
		buf_fmt(&names, "%s%s", i ? " " : "", v[i]->dir.name + 15);
	if (run_reader_state(&r) != state)
		fail_msg("%s, not %s", run_state_name(run_reader_state(&r)), run_state_name(state));
	assert_int_equal(run_reader_exit_code(&r), code);
	assert_string_equal(names.data, left);
	free(v);
	buf_release(&names);
	run_reader_close(&r);
}

static void end_all(const char *name, const char *status)
{
	disk_attempt(&dir, name, "a", 1, "task_error", status);
	disk_attempt(&dir, name, "b", 1, "task_error", status);
	disk_attempt(&dir, name, "c", 1, "task_error", status);
}

static void it_lives_as_long_as_one_branch_does(void **state)
{
	int fast, strong, run;

	(void)state;
	make_both();
	check(RUN_INTERRUPTED, 7, "000100 000100-2");
	run = disk_hold(&dir, B0, LOCK_RUN);
	fast = disk_hold(&dir, FAST, LOCK_BATCH);
	strong = disk_hold(&dir, STRONG, LOCK_BATCH);
	check(RUN_RUNNING, -1, "");
	/* One conductor dies: the other one runs, and who died may be carried on. */
	close(fast);
	check(RUN_RUNNING, -1, "000100");
	end_all(STRONG, "failed");
	disk_end(&dir, STRONG, "finished", 1);
	close(strong);
	close(run);
	check(RUN_INTERRUPTED, 7, "000100");
	end_all(FAST, "failed");
	disk_end(&dir, FAST, "stopped", 3);
	check(RUN_STOPPED, 3, "000100");
	disk_event(&dir, FAST,
	    "{\"t\":300,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":2,"
	    "\"resumed\":true}");
	disk_end(&dir, FAST, "finished", 1);
	check(RUN_FINISHED, 1, "");
}

/* P2: between the end of a batch and its branches, and between the one branch and the other. */
static void branches_that_are_not_there_are_their_parents_to_make(void **state)
{
	int run, fast;

	(void)state;
	make_parent();
	check(RUN_INTERRUPTED, 7, "000000");
	run = disk_hold(&dir, B0, LOCK_RUN);
	check(RUN_RUNNING, -1, "000000");
	born(FAST, B0, "fast", 200);
	fast = disk_hold(&dir, FAST, LOCK_BATCH);
	close(run);
	check(RUN_RUNNING, -1, "000000");
	close(fast);
	check(RUN_INTERRUPTED, 7, "000000");
	born(STRONG, B0, "strong", 200);
	check(RUN_INTERRUPTED, 7, "000100 000100-2");
	/* The next cycle is forked by the one that ended last. */
	disk_end(&dir, STRONG, "finished", 1);
	announce(FAST, NEXT, "fast");
	announce(FAST, NEXT "-2", "strong");
	disk_end(&dir, FAST, "finished", 1);
	check(RUN_INTERRUPTED, 7, "000100");
	born(NEXT, FAST, "fast", 300);
	check(RUN_INTERRUPTED, 7, "000100");
	born(NEXT "-2", FAST, "strong", 300);
	check(RUN_INTERRUPTED, 7, "000200 000200-2");
}

static void only_the_newest_cycle_says_how_it_stands(void **state)
{
	struct run_reader r;
	size_t nr;

	(void)state;
	make_both();
	disk_end(&dir, FAST, "stopped", 3); /* it went on nevertheless, by hand */
	disk_end(&dir, STRONG, "finished", 1);
	disk_cycle(&dir, STRONG, NEXT);
	disk_batch(&dir, NEXT, CSV);
	disk_born(&dir, NEXT, B0, STRONG, 2, 300);
	disk_attempt(&dir, NEXT, "a", 1, "success", "completed");
	disk_attempt(&dir, NEXT, "b", 1, "success", "completed");
	disk_attempt(&dir, NEXT, "c", 1, "success", "completed");
	disk_end(&dir, NEXT, "finished", 0);
	check(RUN_FINISHED, 0, "");
	open_run(&r, FAST);
	assert_int_equal(r.nr, 4);
	free(run_reader_round(&r, &nr));
	assert_int_equal(nr, 1);
	run_reader_close(&r);
}

static void status_at(const char *name, const char *id, const char *status, int t)
{
	disk_event(&dir, name, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"%s\",\"n\":1}", id);
	disk_event(&dir, name,
	    "{\"t\":%d,\"m\":10,\"ev\":\"exit\",\"id\":\"%s\",\"n\":1,\"code\":0}", t, id);
	disk_event(&dir, name,
	    "{\"t\":%d,\"m\":10,\"ev\":\"verdict\",\"id\":\"%s\",\"n\":1,\"class\":\"%s\"}", t, id,
	    strcmp(status, "completed") == 0 ? "success" : "task_error");
	disk_event(&dir, name,
	    "{\"t\":%d,\"m\":10,\"ev\":\"status\",\"id\":\"%s\",\"status\":\"%s\"}", t, id, status);
}

static void assert_from(const struct merged_row *row, const char *id, const char *batch,
    enum agent_status status)
{
	assert_string_equal(row->task->id, id);
	assert_string_equal(row->from->dir.name, batch);
	assert_int_equal(row->agent->status, status);
}

static void who_completed_a_row_first_has_it(void **state)
{
	struct merged_row *rows;
	struct run_reader r;
	uint32_t nr;

	(void)state;
	make_both();
	/* a: the second was earlier; b: in the same moment; c: it runs on where the other has failed. */
	status_at(FAST, "a", "completed", 50);
	status_at(STRONG, "a", "completed", 40);
	status_at(FAST, "b", "completed", 60);
	status_at(STRONG, "b", "completed", 60);
	disk_event(&dir, FAST, "{\"t\":61,\"m\":10,\"ev\":\"start\",\"id\":\"c\",\"n\":1}");
	status_at(STRONG, "c", "failed", 70);
	open_run(&r, B0);
	rows = run_merge(&r, &nr);
	assert_int_equal(nr, 3);
	assert_from(&rows[0], "a", STRONG, AGENT_COMPLETED);
	assert_from(&rows[1], "b", FAST, AGENT_COMPLETED);
	assert_from(&rows[2], "c", FAST, AGENT_IN_PROGRESS);
	assert_int_equal(rows[0].attempts, 3);
	free(rows);
	/* As it will be when all has ended, c was not settled there, and it is how it failed that counts. */
	rows = run_merge_ended(&r, &nr);
	assert_from(&rows[2], "c", STRONG, AGENT_FAILED);
	free(rows);
	run_reader_close(&r);
}

/* What was cancelled for another branch is no outcome of the row. */
static void a_row_that_was_won_is_its_winners(void **state)
{
	struct merged_row *rows;
	struct run_reader r;
	uint32_t nr;

	(void)state;
	make_both();
	disk_event(&dir, FAST,
	    "{\"t\":41,\"m\":10,\"ev\":\"status\",\"id\":\"a\",\"status\":\"cancelled\",\"branch\":"
	    "\"strong\"}");
	status_at(STRONG, "a", "completed", 40);
	status_at(FAST, "b", "completed", 40);
	disk_event(&dir, STRONG,
	    "{\"t\":41,\"m\":10,\"ev\":\"status\",\"id\":\"b\",\"status\":\"cancelled\",\"branch\":"
	    "\"fast\"}");
	status_at(FAST, "c", "failed", 40);
	disk_event(&dir, STRONG,
	    "{\"t\":41,\"m\":10,\"ev\":\"status\",\"id\":\"c\",\"status\":\"skipped\"}");
	open_run(&r, B0);
	rows = run_merge(&r, &nr);
	assert_from(&rows[0], "a", STRONG, AGENT_COMPLETED);
	assert_from(&rows[1], "b", FAST, AGENT_COMPLETED);
	assert_from(&rows[2], "c", FAST, AGENT_FAILED);
	free(rows);
	run_reader_close(&r);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(it_lives_as_long_as_one_branch_does),
	    T(branches_that_are_not_there_are_their_parents_to_make),
	    T(only_the_newest_cycle_says_how_it_stands),
	    T(who_completed_a_row_first_has_it),
	    T(a_row_that_was_won_is_its_winners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
