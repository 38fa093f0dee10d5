#include "engine/conductor.h"
#include "base/xalloc.h"
#include "support/idle_ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* What the simulator's dice hardly ever throw: requests that meet a start on its way to the disk,
 * and ends that meet requests. The executor notes what it is asked and answers as it is told. */

#define WALL INT64_C(1795262400000)
#define MONO INT64_C(1000000)

struct scene {
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
	struct options options;
	struct conductor c;
	struct executor ex;
	struct instant now;
	int64_t timeout_ms, stall_ms;
	int64_t log_bytes; /* that its log has by now */
	const char *validate;
	uint32_t chain; /* so many rows, each behind the one before it */
	enum start_result start_result;
	enum attempt_class class; /* of what ends next */
	unsigned nr_starts, nr_kills, nr_given_up;
	struct attempt_ref last; /* started or killed */
	enum kill_why killed;
	bool is_running;
};

static struct scene *scene_of(struct executor *ex)
{
	return (struct scene *)(void *)((char *)ex - offsetof(struct scene, ex));
}

static int op_prepare(struct executor *ex, struct attempt_ref ref, int64_t *log_from,
    struct err *err)
{
	(void)ex;
	(void)ref;
	(void)err;
	*log_from = 0;
	return 0;
}

static enum start_result op_start(struct executor *ex, struct attempt_ref ref, struct err *err)
{
	struct scene *s = scene_of(ex);

	if (s->start_result != START_OK) {
		err_set(err, "resource temporarily unavailable");
		return s->start_result;
	}
	s->nr_starts++;
	s->last = ref;
	s->is_running = true;
	return START_OK;
}

static void op_kill(struct executor *ex, struct attempt_ref ref, enum kill_why why, bool now)
{
	struct scene *s = scene_of(ex);

	(void)now;
	if (!s->is_running) {
		s->nr_given_up++;
		return;
	}
	s->nr_kills++;
	s->last = ref;
	s->killed = why;
}

static enum probe_result op_probe(struct executor *ex, struct attempt_ref ref, struct ev_exit *exit)
{
	(void)ex;
	(void)ref;
	(void)exit;
	return PROBE_VOID;
}

static int64_t op_log_size(struct executor *ex, uint32_t agent)
{
	(void)agent;
	return scene_of(ex)->log_bytes;
}

static const struct executor_ops executor_ops = {
    .prepare = op_prepare,
    .start = op_start,
    .kill = op_kill,
    .probe = op_probe,
    .log_size = op_log_size,
};

static bool op_judge(void *ctx, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	struct scene *s = ctx;

	(void)agent;
	v->class = at->killed == KILL_CANCEL || at->killed == KILL_WON ? CLASS_CANCELLED : s->class;
	v->message = "as told";
	return true;
}

static int op_brief(void *ctx, uint32_t agent, uint32_t n, struct err *err)
{
	(void)ctx;
	(void)agent;
	(void)n;
	(void)err;
	return 0;
}

static void op_keep_output(void *ctx, uint32_t agent, const struct attempt *last)
{
	(void)ctx;
	(void)agent;
	(void)last;
}

static const struct conductor_ops conductor_ops = {
    .judge = op_judge,
    .brief = op_brief,
    .keep_output = op_keep_output,
    .validation_said = idle_validation_said,
    .take_account = idle_take_account,
    .starts = idle_starts,
    .completes = idle_completes,
    .gather_results = idle_gather_results,
    .log = idle_log,
};

static void limits(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms)
{
	struct scene *s = ctx;

	(void)agent;
	*timeout_ms = s->timeout_ms;
	*stall_ms = s->stall_ms;
}

static void add_row(struct scene *s, const char *id, const char *depends_on)
{
	struct tasks *ts = &s->tasks;
	const char **cells = arena_alloc(&ts->arena, 3 * sizeof(*cells));

	cells[0] = id;
	cells[1] = s->validate ? s->validate : "";
	cells[2] = depends_on;
	VEC_GROW(ts->v, ts->nr, ts->cap);
	ts->v[ts->nr] = (struct task){.id = id, .cells = cells, .line = ts->nr + 2};
	map_put(&ts->by_id, id, ts->nr++);
}

/* One row, "a", about to start. */
static void open_scene(struct scene *s)
{
	const struct conductor_opts opts = {.batch = &s->batch,
	    .options = &s->options,
	    .ex = &s->ex,
	    .ops = &conductor_ops,
	    .ctx = s,
	    .limits = limits};
	struct graph_unknown unknown;
	struct event ev;
	uint32_t i;

	tasks_init(&s->tasks);
	s->tasks.nr_columns = 3;
	s->tasks.known[COL_ID] = 0;
	s->tasks.known[COL_VALIDATE] = 1;
	s->tasks.known[COL_DEPENDS_ON] = 2;
	add_row(s, "a", "");
	for (i = 1; i < s->chain; i++) {
		char id[16];

		snprintf(id, sizeof(id), "r%u", i);
		add_row(s, arena_strdup(&s->tasks.arena, id), s->tasks.v[i - 1].id);
	}
	assert_int_equal(graph_build(&s->graph, &s->tasks, NULL, &unknown), 0);
	batch_init(&s->batch, &s->tasks, &s->graph, "sim", 8);
	options_init(&s->options);
	s->ex.ops = &executor_ops;
	s->now = (struct instant){.wall_ms = WALL, .mono_ms = MONO};
	conductor_init(&s->c, &opts);
	event_init(&ev, EV_BATCH);
	ev.batch.version = "test";
	ev.batch.boot = "boot";
	conductor_emit(&s->c, &ev, s->now);
	conductor_begin(&s->c, s->now);
}

static void close_scene(struct scene *s)
{
	conductor_release(&s->c);
	batch_release(&s->batch);
	graph_release(&s->graph);
	options_release(&s->options);
	tasks_release(&s->tasks);
}

static void pass(struct scene *s, int64_t ms)
{
	s->now.wall_ms += ms;
	s->now.mono_ms += ms;
}

static bool take(struct scene *s)
{
	struct buf bytes = BUF_INIT;
	bool taken;

	conductor_turn(&s->c, s->now);
	taken = conductor_take(&s->c, &bytes);
	buf_release(&bytes);
	return taken;
}

static void turn(struct scene *s)
{
	if (take(s))
		conductor_flushed(&s->c, s->now);
}

static void ask(struct scene *s, enum ctl_verb verb, const char *id)
{
	struct buf message = BUF_INIT;
	char *ids[] = {(char *)id};
	struct ctl_request q = {.verb = verb, .ids = ids, .nr_ids = id ? 1 : 0};
	bool ok;

	conductor_verb(&s->c, &q, s->now, &ok, &message);
	assert_true(ok);
	buf_release(&message);
}

static void end(struct scene *s, int code)
{
	struct ev_exit exit = {.how = EXIT_CODE,
	    .value = code,
	    .log_to = 10,
	    .rss_kb = NUM_NONE,
	    .cpu_ms = NUM_NONE,
	    .killed = s->killed};

	s->is_running = false;
	conductor_on_end(&s->c, s->last, &exit, s->now);
	conductor_on_gone(&s->c, s->last, s->now);
}

static const struct agent *row(const struct scene *s)
{
	return &s->batch.agents[0];
}

static void a_row_is_started_when_its_start_is_on_disk(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS};

	(void)state;
	open_scene(&s);
	assert_true(take(&s));
	assert_int_equal(s.nr_starts, 0);
	conductor_flushed(&s.c, s.now);
	assert_int_equal(s.nr_starts, 1);
	end(&s, 0);
	turn(&s);
	assert_int_equal(row(&s)->status, AGENT_COMPLETED);
	assert_true(s.c.is_over);
	close_scene(&s);
}

static void a_cancel_meets_a_start_on_its_way(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS};

	(void)state;
	open_scene(&s);
	assert_true(take(&s));
	ask(&s, CTL_CANCEL, "a");
	conductor_flushed(&s.c, s.now);
	assert_int_equal(s.nr_starts, 0);
	assert_int_equal(row(&s)->status, AGENT_CANCELLED);
	assert_int_equal(agent_executions(row(&s)), 0);
	assert_int_equal(s.nr_given_up, 1); /* what was prepared for it */
	turn(&s);
	assert_true(s.c.is_over);
	close_scene(&s);
}

/* The second cancel of a row is the impatient one: it kills at once. */
static void a_row_named_twice_is_cancelled_once(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS};
	struct buf message = BUF_INIT;
	char id[] = "a", *ids[] = {id, id};
	struct ctl_request q = {.verb = CTL_CANCEL, .ids = ids, .nr_ids = 2};
	bool ok;

	(void)state;
	open_scene(&s);
	turn(&s);
	conductor_verb(&s.c, &q, s.now, &ok, &message);
	assert_true(ok);
	assert_string_equal(message.data, "1 agent cancelled");
	assert_int_equal(s.nr_kills, 1);
	buf_release(&message);
	close_scene(&s);
}

static void a_cancel_holds_where_there_was_no_room(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .start_result = START_BUSY};

	(void)state;
	open_scene(&s);
	turn(&s);
	assert_int_equal(row(&s)->status, AGENT_PENDING);
	assert_int_equal(s.nr_given_up, 1);
	pass(&s, 1000);
	assert_true(take(&s)); /* tried again */
	ask(&s, CTL_CANCEL, NULL);
	conductor_flushed(&s.c, s.now);
	s.start_result = START_OK;
	pass(&s, 1000);
	turn(&s);
	turn(&s);
	assert_int_equal(row(&s)->status, AGENT_CANCELLED);
	assert_int_equal(s.nr_starts, 0);
	close_scene(&s);
}

/* D1: nothing runs while the disk refuses, so nothing runs out of time either. */
static void a_timeout_counts_from_the_process_not_from_its_event(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .timeout_ms = 60000};

	(void)state;
	open_scene(&s);
	assert_true(take(&s));
	conductor_disk_refused(&s.c, "no space left on device", s.now);
	pass(&s, 90000);
	conductor_turn(&s.c, s.now);
	conductor_flushed(&s.c, s.now);
	assert_int_equal(s.nr_starts, 1);
	turn(&s);
	pass(&s, 59999);
	turn(&s);
	assert_int_equal(s.nr_kills, 0);
	assert_int_equal(s.c.wake_m, s.now.mono_ms + 1);
	pass(&s, 1);
	turn(&s);
	assert_int_equal(s.nr_kills, 1);
	assert_int_equal(s.killed, KILL_TIMEOUT);
	close_scene(&s);
}

/* A stall is only suspected by the clock: what has grown meanwhile is not stuck. */
static void who_writes_is_not_stuck(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .stall_ms = 60000};

	(void)state;
	open_scene(&s);
	turn(&s);
	assert_int_equal(s.nr_starts, 1);
	s.log_bytes = 10;
	pass(&s, 60000);
	turn(&s);
	assert_int_equal(s.nr_kills, 0);
	assert_int_equal(s.c.wake_m, s.now.mono_ms + 60000); /* from here on */
	pass(&s, 59999);
	turn(&s);
	assert_int_equal(s.nr_kills, 0);
	pass(&s, 1);
	turn(&s);
	assert_int_equal(s.nr_kills, 1);
	assert_int_equal(s.killed, KILL_STALL);
	end(&s, 0);
	close_scene(&s);
}

static void a_cancel_meets_a_validation_on_its_way(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .validate = "true"};

	(void)state;
	open_scene(&s);
	turn(&s);
	end(&s, 0);
	assert_true(take(&s));
	assert_int_equal(row(&s)->phase, PHASE_VALIDATING);
	ask(&s, CTL_CANCEL, "a");
	conductor_flushed(&s.c, s.now);
	assert_int_equal(s.nr_starts, 1); /* the agent's, not the validation's */
	assert_int_equal(row(&s)->status, AGENT_CANCELLED);
	close_scene(&s);
}

/* X4: an exit that happened first is what the attempt amounts to; but another one is not started
 * for a row that the operator was told to be cancelled. */
static void a_cancelled_row_does_not_wait_for_another_try(void **state)
{
	struct scene s = {.class = CLASS_RATE_LIMIT};

	(void)state;
	open_scene(&s);
	turn(&s);
	ask(&s, CTL_CANCEL, "a");
	assert_int_equal(s.nr_kills, 1);
	s.killed = KILL_NONE; /* it had ended by itself */
	end(&s, 1);
	turn(&s);
	assert_int_equal(agent_last_attempt(row(&s))->class, CLASS_RATE_LIMIT);
	assert_int_equal(row(&s)->status, AGENT_CANCELLED);
	assert_true(s.c.is_over);
	close_scene(&s);
}

static void a_second_try_after_a_cancelled_first_may_wait(void **state)
{
	struct scene s = {.class = CLASS_RATE_LIMIT};

	(void)state;
	open_scene(&s);
	turn(&s);
	ask(&s, CTL_CANCEL, "a");
	end(&s, 1);
	assert_int_equal(row(&s)->status, AGENT_CANCELLED);
	ask(&s, CTL_RETRY, "a");
	turn(&s);
	assert_int_equal(s.nr_starts, 2);
	s.killed = KILL_NONE;
	end(&s, 1);
	assert_int_equal(row(&s)->phase, PHASE_BACKOFF);
	close_scene(&s);
}

/* A validation that finds no room is asked for again after the hold, not at every turn. */
static void a_validation_without_room_is_held(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .validate = "true"};

	(void)state;
	open_scene(&s);
	turn(&s);
	end(&s, 0);
	s.start_result = START_BUSY;
	turn(&s);
	assert_false(take(&s));
	assert_int_equal(s.c.wake_m, s.now.mono_ms + 1000);
	s.start_result = START_OK;
	pass(&s, 1000);
	turn(&s);
	assert_int_equal(s.last.kind, RECORD_VALIDATE);
	assert_int_equal(s.nr_starts, 2);
	end(&s, 0);
	assert_int_equal(row(&s)->status, AGENT_COMPLETED);
	close_scene(&s);
}

/* As long a chain as a CSV may hold: what was skipped for a row is taken up again with it. */
static void a_long_chain_is_unskipped(void **state)
{
	struct scene s = {.class = CLASS_TASK_ERROR, .chain = 200000};
	struct rlimit before, small;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_STACK, &before), 0);
	small = before;
	small.rlim_cur = 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_STACK, &small), 0);
	open_scene(&s);
	turn(&s);
	end(&s, 1);
	turn(&s);
	assert_int_equal(s.batch.counts[AGENT_SKIPPED], s.chain - 1);
	s.c.is_over = false; /* it would have ended: the operator was quicker */
	ask(&s, CTL_RETRY, "a");
	assert_int_equal(s.batch.counts[AGENT_PENDING], s.chain);
	close_scene(&s);
	assert_int_equal(setrlimit(RLIMIT_STACK, &before), 0);
}

/* ---- branches ------------------------------------------------------------- */

static void assert_won(const struct scene *s)
{
	assert_int_equal(row(s)->status, AGENT_CANCELLED);
	assert_string_equal(row(s)->won_by, "fast");
	assert_string_equal(row(s)->why, "branch fast completed it first");
}

/* Whatever the row is at, it is given up, and nothing of it starts again. */
static void a_row_that_is_won_is_given_up_before_it_runs(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .chain = 2};

	(void)state;
	open_scene(&s);
	conductor_won(&s.c, 0, "fast", s.now);
	assert_won(&s);
	/* What waits for it goes on as if it had completed here. */
	turn(&s);
	assert_int_equal(s.nr_starts, 1);
	assert_int_equal(s.last.agent, 1);
	end(&s, 0);
	turn(&s);
	assert_true(s.c.is_over);
	close_scene(&s);
}

static void a_row_that_is_won_meets_a_start_on_its_way(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS};

	(void)state;
	open_scene(&s);
	assert_true(take(&s));
	conductor_won(&s.c, 0, "fast", s.now);
	conductor_flushed(&s.c, s.now);
	assert_won(&s);
	assert_int_equal(s.nr_starts, 0);
	assert_int_equal(agent_executions(row(&s)), 0);
	turn(&s);
	assert_true(s.c.is_over);
	close_scene(&s);
}

static void a_row_that_is_won_is_ended_where_it_runs(void **state)
{
	struct scene s = {.class = CLASS_TRANSIENT};

	(void)state;
	open_scene(&s);
	turn(&s);
	conductor_won(&s.c, 0, "fast", s.now);
	conductor_won(&s.c, 0, "fast", s.now); /* told until it is through */
	assert_int_equal(s.nr_kills, 1);
	assert_int_equal(s.killed, KILL_WON);
	assert_int_equal(row(&s)->status, AGENT_IN_PROGRESS);
	end(&s, 143);
	assert_won(&s);
	assert_int_equal(row(&s)->charged, 0);
	turn(&s);
	assert_true(s.c.is_over);
	close_scene(&s);
}

/* X4: its own end was there first. */
static void a_row_that_ends_by_itself_as_it_is_won(void **state)
{
	static const struct {
		enum attempt_class class;
		enum agent_status status;
	} cases[] = {
	    {CLASS_SUCCESS, AGENT_COMPLETED}, {CLASS_TASK_ERROR, AGENT_FAILED},
	    {CLASS_TRANSIENT, AGENT_CANCELLED}, /* it would be tried again */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s = {.class = cases[i].class};

		open_scene(&s);
		turn(&s);
		conductor_won(&s.c, 0, "fast", s.now);
		s.killed = KILL_NONE;
		end(&s, 0);
		assert_int_equal(row(&s)->status, cases[i].status);
		turn(&s);
		assert_true(s.c.is_over);
		conductor_won(&s.c, 0, "fast", s.now); /* nothing happens */
		assert_int_equal(row(&s)->status, cases[i].status);
		close_scene(&s);
	}
}

static void a_row_that_is_won_while_it_waits(void **state)
{
	struct scene s = {.class = CLASS_TRANSIENT};

	(void)state;
	open_scene(&s);
	turn(&s);
	end(&s, 1);
	assert_int_equal(row(&s)->phase, PHASE_BACKOFF);
	conductor_won(&s.c, 0, "fast", s.now);
	assert_won(&s);
	turn(&s);
	assert_true(s.c.is_over);
	close_scene(&s);
}

static void a_row_that_is_won_while_it_is_validated(void **state)
{
	struct scene s = {.class = CLASS_SUCCESS, .validate = "true"};

	(void)state;
	open_scene(&s);
	turn(&s);
	end(&s, 0);
	turn(&s);
	assert_int_equal(row(&s)->phase, PHASE_VALIDATING);
	conductor_won(&s.c, 0, "fast", s.now);
	assert_int_equal(s.last.kind, RECORD_VALIDATE);
	end(&s, 143);
	assert_won(&s);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_that_is_won_is_given_up_before_it_runs),
	    cmocka_unit_test(a_row_that_is_won_meets_a_start_on_its_way),
	    cmocka_unit_test(a_row_that_is_won_is_ended_where_it_runs),
	    cmocka_unit_test(a_row_that_ends_by_itself_as_it_is_won),
	    cmocka_unit_test(a_row_that_is_won_while_it_waits),
	    cmocka_unit_test(a_row_that_is_won_while_it_is_validated),
	    cmocka_unit_test(a_row_is_started_when_its_start_is_on_disk),
	    cmocka_unit_test(a_cancel_meets_a_start_on_its_way),
	    cmocka_unit_test(a_row_named_twice_is_cancelled_once),
	    cmocka_unit_test(a_cancel_holds_where_there_was_no_room),
	    cmocka_unit_test(a_timeout_counts_from_the_process_not_from_its_event),
	    cmocka_unit_test(who_writes_is_not_stuck),
	    cmocka_unit_test(a_cancel_meets_a_validation_on_its_way),
	    cmocka_unit_test(a_cancelled_row_does_not_wait_for_another_try),
	    cmocka_unit_test(a_second_try_after_a_cancelled_first_may_wait),
	    cmocka_unit_test(a_validation_without_room_is_held),
	    cmocka_unit_test(a_long_chain_is_unskipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
