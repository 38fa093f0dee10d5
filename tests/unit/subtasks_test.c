#include "model/subtasks.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NR 6

struct scene {
	struct tasks tasks;
	struct batch batch;
};

static void open_scene(struct scene *s)
{
	static const char *const ids[NR] = {
	    "step_1", "step_2", "step_3", "step_4", "step_5", "step_6"};
	static const char *cells[NR][1];
	uint32_t i;

	tasks_init(&s->tasks);
	s->tasks.nr_columns = 1;
	s->tasks.known[COL_ID] = 0;
	for (i = 0; i < NR; i++) {
		cells[i][0] = ids[i];
		VEC_GROW(s->tasks.v, s->tasks.nr, s->tasks.cap);
		s->tasks.v[s->tasks.nr] = (struct task){.id = ids[i], .cells = cells[i]};
		map_put(&s->tasks.by_id, ids[i], s->tasks.nr++);
	}
	batch_init(&s->batch, &s->tasks, NULL, "sim", 8);
}

static void close_scene(struct scene *s)
{
	batch_release(&s->batch);
	tasks_release(&s->tasks);
}

static void set(struct scene *s, uint32_t row, enum agent_status status)
{
	struct event ev;

	event_init(&ev, EV_STATUS);
	ev.agent = row;
	ev.status.status = status;
	ev.status.phase = status == AGENT_IN_PROGRESS ? PHASE_RUNNING : PHASE_NONE;
	batch_apply(&s->batch, &ev);
}

static void open_seed(struct scene *s)
{
	open_scene(s);
	set(s, 0, AGENT_COMPLETED);
	set(s, 1, AGENT_FAILED);
	set(s, 2, AGENT_FAILED);
	set(s, 3, AGENT_IN_PROGRESS);
	set(s, 4, AGENT_SKIPPED);
}

static void the_summary_counts_the_failed_ones(void **state)
{
	struct subtasks_summary sum;
	struct scene s;

	(void)state;
	open_seed(&s);
	sum = subtasks_summary(&s.batch);
	assert_int_equal(sum.total, NR);
	assert_int_equal(sum.pending, 1);
	assert_int_equal(sum.in_progress, 1);
	assert_int_equal(sum.completed, 1);
	assert_int_equal(sum.failed, 2);
	assert_int_equal(sum.skipped, 1);
	assert_int_equal(sum.cancelled, 0);
	close_scene(&s);
}

static void the_failed_ones_are_named_in_order(void **state)
{
	uint32_t rows[NR];
	struct scene s;

	(void)state;
	open_seed(&s);
	assert_int_equal(subtasks_failed(&s.batch, NULL), 2);
	assert_int_equal(subtasks_failed(&s.batch, rows), 2);
	assert_int_equal(rows[0], 1);
	assert_int_equal(rows[1], 2);
	close_scene(&s);
}

static void only_a_failed_one_is_reset(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	open_seed(&s);
	assert_false(subtask_reset(&s.batch, 0, &ev));
	assert_false(subtask_reset(&s.batch, 3, &ev));
	assert_false(subtask_reset(&s.batch, 5, &ev));
	assert_true(subtask_reset(&s.batch, 1, &ev));
	batch_apply(&s.batch, &ev);
	assert_int_equal(s.batch.agents[1].status, AGENT_PENDING);
	assert_int_equal(subtasks_summary(&s.batch).failed, 1);
	assert_int_equal(subtasks_summary(&s.batch).completed, 1);
	assert_true(subtask_reset(&s.batch, 4, &ev));
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_summary_counts_the_failed_ones),
	    cmocka_unit_test(the_failed_ones_are_named_in_order),
	    cmocka_unit_test(only_a_failed_one_is_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
