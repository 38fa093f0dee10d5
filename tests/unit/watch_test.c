/* A run kept fresh in a loop: appends, children, the end of a conductor. */
#include "view/watch.h"
#include "base/xalloc.h"
#include "disk_batch.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FIRST "batch-20260101-000000"
#define CHILD "batch-20260101-000100"
#define DEADLINE_MS 5000

static struct temp_dir dir;
static uv_loop_t loop;
static struct run_reader run;
static struct run_watch *watch;
static unsigned nr_changes;
static bool (*is_reached)(void);
static bool was_reached;
static uv_timer_t deadline;

static int setup(void **state)
{
	char *path;

	(void)state;
	if (temp_dir_make(&dir) < 0)
		return -1;
	nr_changes = 0;
	was_reached = false;
	disk_batch(&dir, FIRST, "id,task\na,x\nb,x\n");
	disk_born(&dir, FIRST, NULL, NULL, 0, 5);
	path = xasprintf("%s/" FIRST, dir.path);
	if (run_reader_open(&run, path, NULL) < 0)
		return -1;
	free(path);
	return uv_loop_init(&loop);
}

static int teardown(void **state)
{
	(void)state;
	run_reader_close(&run);
	temp_dir_remove(&dir);
	return uv_loop_close(&loop); /* busy: a handle was left */
}

static void stop(void)
{
	run_watch_free(watch);
	uv_close((uv_handle_t *)&deadline, NULL);
}

static void on_change(void *ctx)
{
	(void)ctx;
	nr_changes++;
	if (!is_reached())
		return;
	was_reached = true;
	stop();
}

static void on_deadline(uv_timer_t *t)
{
	(void)t;
	stop();
}

static void later(uv_timer_t *t)
{
	((void (*)(void))t->data)();
	uv_close((uv_handle_t *)t, NULL);
}

/* Runs until `reached`, doing `deed` shortly after the start. */
static void run_until(void (*deed)(void), bool (*reached)(void))
{
	uv_timer_t timer = {.data = (void *)deed};
	struct err err = ERR_INIT;

	is_reached = reached;
	watch = run_watch_new(&loop, &run, on_change, NULL, &err);
	assert_non_null(watch);
	uv_timer_init(&loop, &deadline);
	uv_timer_start(&deadline, on_deadline, DEADLINE_MS, 0);
	uv_timer_init(&loop, &timer);
	timer.data = (void *)deed;
	uv_timer_start(&timer, later, 20, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static void append_many(void)
{
	disk_attempt(&dir, FIRST, "a", 1, "success", "completed");
	disk_attempt(&dir, FIRST, "b", 1, "task_error", "failed");
}

static bool both_ended(void)
{
	return run.batches[0]->state.counts[AGENT_PENDING] == 0;
}

static void a_burst_of_appends_is_one_change(void **state)
{
	(void)state;
	run_until(append_many, both_ended);
	assert_true(was_reached);
	assert_int_equal(nr_changes, 1);
}

static void add_child(void)
{
	disk_cycle(&dir, FIRST, CHILD);
	disk_batch(&dir, CHILD, "id,task\nb,x\n");
	disk_born(&dir, CHILD, FIRST, FIRST, 1, 20);
}

static bool child_is_seen(void)
{
	return run.nr == 2;
}

static bool child_has_ended(void)
{
	return run.nr == 2 && run.batches[1]->state.counts[AGENT_COMPLETED] == 1;
}

static void complete_child(void)
{
	disk_attempt(&dir, CHILD, "b", 1, "success", "completed");
}

static void children_are_watched_too(void **state)
{
	(void)state;
	run_until(add_child, child_is_seen);
	assert_true(was_reached);
	was_reached = false;
	run_until(complete_child, child_has_ended);
	assert_true(was_reached);
}

static int lock = -1;

static void release_lock(void)
{
	close(lock);
}

static bool is_let_go(void)
{
	return run_reader_exit_code(&run) == 7;
}

static void a_lock_that_is_let_go_is_noticed(void **state)
{
	(void)state;
	lock = disk_hold(&dir, FIRST, LOCK_BATCH);
	assert_int_equal(run_reader_refresh(&run, NULL), 1);
	run_until(release_lock, is_let_go);
	assert_true(was_reached);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_burst_of_appends_is_one_change, setup, teardown),
	    cmocka_unit_test_setup_teardown(children_are_watched_too, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_lock_that_is_let_go_is_noticed, setup, teardown),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
