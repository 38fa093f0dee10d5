/* The end of a batch: what follows on it, what is journalled of that, and what its run ends with. The
 * batch is one whose rows have ended; the process that it lives in only notes what it is asked. */
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

#include <cmocka.h>

#define WALL INT64_C(1795262400000)
#define NOW ((struct instant){.wall_ms = WALL, .mono_ms = 1000000})

struct scene {
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
	struct options options;
	struct conductor c;
	/* What it is told, where it asks. */
	uint32_t failed_alike; /* in so many cycles before */
	uint32_t nr_outside; /* rows that are not done elsewhere */
	int64_t resume_t; /* when what stopped it is over, or NUM_NONE */
	/* What it has asked. */
	unsigned nr_run_ends, nr_names;
	enum end_state run_ended;
	char branches[64]; /* "x y ": names of those that names were asked for */
};

/* ---- the process it lives in --------------------------------------------------------- */

static void op_name_child(void *ctx, const char *branch, char child[NAME_SIZE], char csv[NAME_SIZE])
{
	struct scene *s = ctx;
	size_t len = strlen(s->branches);

	snprintf(s->branches + len, sizeof(s->branches) - len, "%s ", branch ? branch : "-");
	snprintf(child, NAME_SIZE, "batch-child-%u", ++s->nr_names);
	if (!csv[0])
		snprintf(csv, NAME_SIZE, "rows-%u.csv", s->nr_names);
}

static uint32_t op_cycles_failed(void *ctx, const char *id)
{
	(void)ctx;
	(void)id;
	return 0;
}

static uint32_t op_cycles_failed_alike(void *ctx, const char *id, const char *fingerprint)
{
	struct scene *s = ctx;

	assert_string_equal(id, "b");
	assert_string_equal(fingerprint, "task_error as told");
	return s->failed_alike;
}

static uint32_t op_run_ends(void *ctx, enum end_state state)
{
	struct scene *s = ctx;

	s->nr_run_ends++;
	s->run_ended = state;
	return s->nr_outside;
}

static const struct conductor_ops ops = {
    .name_child = op_name_child,
    .cycles_failed = op_cycles_failed,
    .cycles_failed_alike = op_cycles_failed_alike,
    .run_ends = op_run_ends,
    .log = idle_log,
};

static void limits(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms)
{
	(void)ctx;
	(void)agent;
	*timeout_ms = *stall_ms = 0;
}

/* ---- a batch of two rows --------------------------------------------------------------- */

static void make_batch(struct tasks *ts, struct graph *g, struct batch *b)
{
	static const char *const ids[] = {"a", "b"};
	struct graph_unknown unknown;
	uint32_t i;

	tasks_init(ts);
	ts->nr_columns = 1;
	ts->known[COL_ID] = 0;
	for (i = 0; i < ARRAY_LEN(ids); i++) {
		VEC_GROW(ts->v, ts->nr, ts->cap);
		ts->v[i] = (struct task){.id = ids[i], .cells = &ids[i], .line = i + 2};
		map_put(&ts->by_id, ids[i], ts->nr++);
	}
	assert_int_equal(graph_build(g, ts, NULL, &unknown), 0);
	batch_init(b, ts, g, "sim", 8);
}

static void end_row(struct batch *b, uint32_t row, enum attempt_class class)
{
	struct event ev;
	enum event_type types[] = {EV_START, EV_EXIT, EV_VERDICT, EV_STATUS};
	size_t i;

	for (i = 0; i < ARRAY_LEN(types); i++) {
		event_init(&ev, types[i]);
		ev.agent = row;
		ev.n = 1;
		ev.t = WALL - 1000;
		if (types[i] == EV_VERDICT) {
			ev.verdict.class = class;
			ev.verdict.message = "as told";
		} else if (types[i] == EV_STATUS) {
			ev.status.status = class == CLASS_SUCCESS ? AGENT_COMPLETED : AGENT_FAILED;
		}
		batch_apply(b, &ev);
	}
}

static void begin(struct batch *b, const char *branch)
{
	struct event ev;

	event_init(&ev, EV_BATCH);
	ev.batch.version = "test";
	ev.batch.branch = branch;
	batch_apply(b, &ev);
}

/* Row a has completed, and row b has ended as it is told. */
static void open_scene(struct scene *s, enum attempt_class b)
{
	memset(s, 0, sizeof(*s));
	s->resume_t = NUM_NONE;
	make_batch(&s->tasks, &s->graph, &s->batch);
	options_init(&s->options);
	s->options.auto_retry = true;
	s->options.max_retries = 2;
	begin(&s->batch, NULL);
	end_row(&s->batch, 0, CLASS_SUCCESS);
	end_row(&s->batch, 1, b);
}

/* The batch is over, by itself. */
static void finish(struct scene *s, const struct round *round)
{
	bool is_done = s->batch.counts[AGENT_COMPLETED] == s->batch.nr_agents;
	const struct conductor_opts opts = {
	    .batch = &s->batch, .options = &s->options, .ops = &ops, .ctx = s, .limits = limits};

	conductor_init(&s->c, &opts);
	s->c.is_over = true;
	s->c.over = (struct decision){
	    .end = END_FINISHED, .exit_code = is_done ? 0 : 1, .resume_t = s->resume_t};
	conductor_finish(&s->c, round, NOW);
}

static void close_scene(struct scene *s)
{
	conductor_release(&s->c);
	batch_release(&s->batch);
	graph_release(&s->graph);
	options_release(&s->options);
	tasks_release(&s->tasks);
}

static bool is_journalled(const struct scene *s, const char *text)
{
	return strstr(s->c.out.data, text) != NULL;
}

static void assert_ended(const struct scene *s, int exit_code, unsigned nr_run_ends)
{
	char text[32];

	snprintf(text, sizeof(text), "\"exit\":%d", exit_code);
	assert_int_equal(s->c.exit_code, exit_code);
	assert_true(is_journalled(s, "\"ev\":\"end\""));
	assert_true(is_journalled(s, text));
	assert_int_equal(s->nr_run_ends, nr_run_ends);
	assert_int_equal(s->c.has_child, nr_run_ends == 0);
}

/* ---- one batch after the other ------------------------------------------------------------ */

static void the_run_ends_where_all_is_done(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, CLASS_SUCCESS);
	finish(&s, NULL);
	assert_ended(&s, 0, 1);
	assert_int_equal(s.run_ended, END_FINISHED);
	assert_false(is_journalled(&s, "\"ev\":\"cycle\""));
	close_scene(&s);
	/* Rows of an earlier batch that this one did not have are not. */
	open_scene(&s, CLASS_SUCCESS);
	s.nr_outside = 1;
	finish(&s, NULL);
	assert_ended(&s, 1, 1);
	close_scene(&s);
}

static void what_failed_is_the_next_cycles(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, CLASS_TASK_ERROR);
	finish(&s, NULL);
	assert_ended(&s, 1, 0);
	assert_int_equal(s.c.nr_rows, 1);
	assert_int_equal(s.c.rows[0].task, 1);
	assert_true(is_journalled(&s,
	    "\"ev\":\"cycle\",\"child\":\"batch-child-1\",\"csv\":\"rows-1.csv\",\"rows\":1}"));
	close_scene(&s);
	/* By a passing cause it waits first. */
	open_scene(&s, CLASS_TRANSIENT);
	finish(&s, NULL);
	assert_true(is_journalled(&s, "\"rows\":1,\"until\":1795262405}"));
	close_scene(&s);
}

static void retries_have_an_end(void **state)
{
	static const struct {
		bool auto_retry;
		int64_t cycle;
		enum attempt_class class;
	} cases[] = {
	    {false, 0, CLASS_TASK_ERROR}, {true, 2, CLASS_TASK_ERROR}, {true, 0, CLASS_REFUSAL}};
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		open_scene(&s, cases[i].class);
		s.options.auto_retry = cases[i].auto_retry;
		s.batch.cycle = cases[i].cycle;
		finish(&s, NULL);
		assert_ended(&s, 1, 1);
		close_scene(&s);
	}
	open_scene(&s, CLASS_TASK_ERROR);
	s.batch.cycle = 1;
	finish(&s, NULL);
	assert_ended(&s, 1, 0);
	close_scene(&s);
}

static void what_fails_alike_again_and_again_is_set_aside(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, CLASS_TASK_ERROR);
	s.options.give_up_after = 3;
	s.failed_alike = 1;
	finish(&s, NULL);
	assert_ended(&s, 1, 0);
	assert_false(is_journalled(&s, "set_aside"));
	close_scene(&s);
	open_scene(&s, CLASS_TASK_ERROR);
	s.options.give_up_after = 3;
	s.failed_alike = 2;
	finish(&s, NULL);
	assert_ended(&s, 1, 1);
	assert_true(is_journalled(&s, "\"set_aside\":true"));
	assert_true(is_journalled(&s, "set aside: it failed alike in 3 cycles"));
	close_scene(&s);
}

static void a_rule_that_is_reached_ends_the_run_here(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, CLASS_TASK_ERROR);
	s.options.halt = xstrdup("soon,fail=1");
	finish(&s, NULL);
	assert_ended(&s, 3, 1);
	assert_true(is_journalled(&s, "\"state\":\"stopped\""));
	assert_true(is_journalled(&s, "--halt soon,fail=1"));
	close_scene(&s);
}

static void it_says_when_to_go_on(void **state)
{
	struct scene s;

	(void)state;
	setenv("TZ", "UTC", 1);
	open_scene(&s, CLASS_TASK_ERROR);
	s.options.auto_retry = false;
	s.resume_t = WALL + 3600000;
	finish(&s, NULL);
	assert_true(is_journalled(&s, "\"why\":\" (at 2026-11-21 13:00:00)\""));
	close_scene(&s);
	open_scene(&s, CLASS_TASK_ERROR);
	s.options.auto_retry = false;
	finish(&s, NULL);
	assert_false(is_journalled(&s, "\"why\""));
	close_scene(&s);
}

/* ---- branches ------------------------------------------------------------------------------- */

static void add_branch(struct options *o, const char *name, bool has_own_agent)
{
	*options_add_branch(o) = (struct branch){
	    .name = xstrdup(name),
	    .flags = xstrdup(""),
	    .set = xstrdup("{}"),
	    .has_own_agent = has_own_agent,
	};
}

/* One CSV for all. What runs another agent does not wait for what limited this one. */
static void a_cycle_is_forked_into_its_branches(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, CLASS_TRANSIENT);
	add_branch(&s.options, "x", false);
	add_branch(&s.options, "y", true);
	finish(&s, NULL);
	assert_ended(&s, 1, 0);
	assert_string_equal(s.branches, "x y ");
	assert_true(is_journalled(&s,
	    "\"child\":\"batch-child-1\",\"csv\":\"rows-1.csv\",\"branch\":\"x\",\"rows\":1,"
	    "\"until\":1795262405}"));
	assert_true(is_journalled(&s,
	    "\"child\":\"batch-child-2\",\"csv\":\"rows-1.csv\",\"branch\":\"y\",\"rows\":1}"));
	close_scene(&s);
}

struct other {
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
};

/* Beside this batch, which is branch x: y, whose rows have ended so. */
static void open_other(struct scene *s, struct other *y, enum attempt_class a, enum attempt_class b)
{
	s->batch.branch = "x";
	make_batch(&y->tasks, &y->graph, &y->batch);
	begin(&y->batch, "y");
	end_row(&y->batch, 0, a);
	end_row(&y->batch, 1, b);
}

static void close_other(struct other *y)
{
	batch_release(&y->batch);
	graph_release(&y->graph);
	tasks_release(&y->tasks);
}

static void the_last_branch_has_the_last_word(void **state)
{
	static const struct {
		enum attempt_class other; /* row b, which failed here */
		bool have_ended, have_finished;
		int exit_code;
		unsigned nr_run_ends;
		bool has_child;
		enum end_state run_ended;
	} cases[] = {
	    {CLASS_TASK_ERROR, false, false, 1, 0, false, END_NONE},
	    {CLASS_TASK_ERROR, true, true, 1, 0, true, END_NONE},
	    {CLASS_SUCCESS, true, true, 0, 1, false, END_FINISHED},
	    {CLASS_TASK_ERROR, true, false, 1, 1, false, END_STOPPED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct batch *v[2];
		struct round round = {.v = v, .nr = 2};
		struct scene s;
		struct other y;

		open_scene(&s, CLASS_TASK_ERROR);
		open_other(&s, &y, CLASS_TASK_ERROR, cases[i].other);
		add_branch(&s.options, "x", false);
		add_branch(&s.options, "y", false);
		v[0] = &s.batch;
		v[1] = &y.batch;
		round.have_ended = cases[i].have_ended;
		round.have_finished = cases[i].have_finished;
		finish(&s, &round);
		assert_int_equal(s.c.exit_code, cases[i].exit_code);
		assert_int_equal(s.nr_run_ends, cases[i].nr_run_ends);
		assert_int_equal(s.c.has_child, cases[i].has_child);
		assert_int_equal(s.run_ended, cases[i].run_ended);
		close_other(&y);
		close_scene(&s);
	}
}

/* Each waits by what it met itself. */
static void a_branch_cools_off_by_its_own_failures(void **state)
{
	const struct batch *v[2];
	const struct round round = {.v = v, .nr = 2, .have_ended = true, .have_finished = true};
	struct scene s;
	struct other y;

	(void)state;
	open_scene(&s, CLASS_TASK_ERROR);
	open_other(&s, &y, CLASS_TRANSIENT, CLASS_TRANSIENT);
	add_branch(&s.options, "x", false);
	add_branch(&s.options, "y", false);
	v[0] = &s.batch;
	v[1] = &y.batch;
	finish(&s, &round);
	assert_true(is_journalled(&s, "\"branch\":\"x\",\"rows\":1}"));
	assert_true(is_journalled(&s, "\"branch\":\"y\",\"rows\":1,\"until\":1795262405}"));
	close_other(&y);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_run_ends_where_all_is_done),
	    cmocka_unit_test(what_failed_is_the_next_cycles),
	    cmocka_unit_test(retries_have_an_end),
	    cmocka_unit_test(what_fails_alike_again_and_again_is_set_aside),
	    cmocka_unit_test(a_rule_that_is_reached_ends_the_run_here),
	    cmocka_unit_test(it_says_when_to_go_on),
	    cmocka_unit_test(a_cycle_is_forked_into_its_branches),
	    cmocka_unit_test(the_last_branch_has_the_last_word),
	    cmocka_unit_test(a_branch_cools_off_by_its_own_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
