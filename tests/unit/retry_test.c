#include "policy/retry.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "policy/class_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BIT(c) (UINT32_C(1) << (c))

/* One row of a batch that has ended. */
struct row {
	const char *id, *depends_on;
	enum agent_status status;
	enum attempt_class class;
};

struct scene {
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
};

static void add_row(struct tasks *ts, const char *id, const char *depends_on)
{
	const char **cells = arena_alloc(&ts->arena, 2 * sizeof(*cells));
	struct task *t;

	VEC_GROW(ts->v, ts->nr, ts->cap);
	t = &ts->v[ts->nr];
	cells[0] = arena_strdup(&ts->arena, id);
	cells[1] = arena_strdup(&ts->arena, depends_on);
	*t = (struct task){.id = cells[0], .cells = cells, .line = ts->nr + 2};
	map_put(&ts->by_id, t->id, ts->nr++);
}

static void scene_tasks(struct scene *s, const struct row *rows, uint32_t nr)
{
	uint32_t i;

	tasks_init(&s->tasks);
	s->tasks.nr_columns = 2;
	s->tasks.known[COL_ID] = 0;
	s->tasks.known[COL_DEPENDS_ON] = 1;
	for (i = 0; i < nr; i++)
		add_row(&s->tasks, rows[i].id, rows[i].depends_on);
}

static void start(struct batch *b, uint32_t i, int64_t n)
{
	struct event ev;

	event_init(&ev, EV_START);
	ev.agent = i;
	ev.n = n;
	ev.t = 1000;
	batch_apply(b, &ev);
}

static void end(struct batch *b, uint32_t i, int64_t n, enum attempt_class c, int64_t told_ms)
{
	struct event ev;

	event_init(&ev, EV_EXIT);
	ev.agent = i;
	ev.n = n;
	ev.t = 2000;
	batch_apply(b, &ev);
	event_init(&ev, EV_VERDICT);
	ev.agent = i;
	ev.n = n;
	ev.verdict.class = c;
	ev.verdict.retry_after_ms = told_ms;
	batch_apply(b, &ev);
}

static void set_status(struct batch *b, uint32_t i, enum agent_status s)
{
	struct event ev;

	event_init(&ev, EV_STATUS);
	ev.agent = i;
	ev.status.status = s;
	ev.status.phase = s == AGENT_IN_PROGRESS ? PHASE_RUNNING : PHASE_NONE;
	batch_apply(b, &ev);
}

static void apply_row(struct batch *b, uint32_t i, const struct row *r)
{
	if (r->status == AGENT_PENDING)
		return;
	if (r->class != CLASS_NONE || r->status == AGENT_IN_PROGRESS)
		start(b, i, 1);
	if (r->class != CLASS_NONE)
		end(b, i, 1, r->class, NUM_NONE);
	if (r->status != AGENT_IN_PROGRESS)
		set_status(b, i, r->status);
}

static void scene_init(struct scene *s, const struct row *rows, uint32_t nr)
{
	struct graph_unknown unknown;
	uint32_t i;

	scene_tasks(s, rows, nr);
	assert_int_equal(graph_build(&s->graph, &s->tasks, NULL, &unknown), 0);
	batch_init(&s->batch, &s->tasks, &s->graph, "sim", 8);
	for (i = 0; i < nr; i++)
		apply_row(&s->batch, i, &rows[i]);
}

static void scene_release(struct scene *s)
{
	batch_release(&s->batch);
	graph_release(&s->graph);
	tasks_release(&s->tasks);
}

/* The selection as words: "id" for a row without a tag, "id:k" with RETRY-k. */
static char *select_text(const struct batch *b, uint32_t retry_on,
    uint32_t (*before)(void *ctx, const char *id), void *ctx)
{
	struct retry_row *rows = xcalloc(b->nr_agents, sizeof(*rows));
	uint32_t nr = retry_select(b, retry_on, before, ctx, rows);
	struct buf text = BUF_INIT;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		buf_fmt(&text, "%s%s", i ? " " : "", b->tasks->v[rows[i].task].id);
		if (rows[i].failed_cycles)
			buf_fmt(&text, ":%u", rows[i].failed_cycles);
	}
	free(rows);
	return buf_detach(&text);
}

static void check_select(const struct row *rows, uint32_t nr, uint32_t retry_on,
    const char *expected)
{
	struct scene s;
	char *text;

	scene_init(&s, rows, nr);
	text = select_text(&s.batch, retry_on, NULL, NULL);
	assert_string_equal(text, expected);
	free(text);
	scene_release(&s);
}

/* ---- branches ------------------------------------------------------------- */

#define NR_BRANCHES 2

/* A row as each of two branches has left it. */
struct forked {
	const char *id, *depends_on;
	struct {
		enum agent_status status;
		enum attempt_class class;
		bool is_won; /* cancelled because the other one has it */
	} in[NR_BRANCHES];
};

static void set_won(struct batch *b, uint32_t i)
{
	struct event ev;

	event_init(&ev, EV_STATUS);
	ev.agent = i;
	ev.status.status = AGENT_CANCELLED;
	ev.status.branch = "other";
	batch_apply(b, &ev);
}

static void branch_init(struct scene *s, const struct forked *forked, uint32_t nr, size_t k)
{
	struct row *rows = xcalloc(nr, sizeof(*rows));
	uint32_t i;

	for (i = 0; i < nr; i++) {
		rows[i] = (struct row){.id = forked[i].id, .depends_on = forked[i].depends_on};
		if (!forked[i].in[k].is_won)
			rows[i].status = forked[i].in[k].status;
		rows[i].class = forked[i].in[k].class;
	}
	scene_init(s, rows, nr);
	for (i = 0; i < nr; i++)
		if (forked[i].in[k].is_won)
			set_won(&s->batch, i);
	free(rows);
}

static void a_row_is_in_when_one_branch_would_have_it(void **state)
{
	static const struct forked rows[] = {
	    {"healed", "", {{AGENT_COMPLETED, CLASS_SUCCESS, 0}, {AGENT_CANCELLED, 0, true}}},
	    {"healed-after-all", "",
		{{AGENT_FAILED, CLASS_TASK_ERROR, 0}, {AGENT_COMPLETED, CLASS_SUCCESS, 0}}},
	    {"twice", "", {{AGENT_FAILED, CLASS_TASK_ERROR, 0}, {AGENT_FAILED, CLASS_LOST, 0}}},
	    /* In one branch its configuration is wrong, in the other it may come again. */
	    {"one", "", {{AGENT_FAILED, CLASS_CONFIG, 0}, {AGENT_FAILED, CLASS_TRANSIENT, 0}}},
	    {"neither", "", {{AGENT_FAILED, CLASS_CONFIG, 0}, {AGENT_FAILED, CLASS_AUTH, 0}}},
	    {"cancelled", "",
		{{AGENT_CANCELLED, CLASS_CANCELLED, 0}, {AGENT_FAILED, CLASS_TASK_ERROR, 0}}},
	    /* It ran where the other one had healed its parent, and was skipped in the other. */
	    {"after-healed", "healed-after-all",
		{{AGENT_SKIPPED, 0, 0}, {AGENT_FAILED, CLASS_TASK_ERROR, 0}}},
	    {"after-twice", "twice", {{AGENT_SKIPPED, 0, 0}, {AGENT_SKIPPED, 0, 0}}},
	    {"after-neither", "neither", {{AGENT_SKIPPED, 0, 0}, {AGENT_SKIPPED, 0, 0}}},
	};
	const struct retry_wish wish = {.retry_on = 0};
	struct retry_row chosen[ARRAY_LEN(rows)];
	const struct batch *v[NR_BRANCHES];
	struct scene s[NR_BRANCHES];
	struct buf text = BUF_INIT;
	uint32_t nr, i;
	size_t k;

	(void)state;
	for (k = 0; k < NR_BRANCHES; k++) {
		branch_init(&s[k], rows, ARRAY_LEN(rows), k);
		v[k] = &s[k].batch;
	}
	nr = retry_select_of(v, NR_BRANCHES, &wish, chosen);
	for (i = 0; i < nr; i++)
		buf_fmt(&text, "%s:%u ", rows[chosen[i].task].id, chosen[i].failed_cycles);
	assert_string_equal(text.data, "twice:1 one:1 after-healed:1 after-twice:0 ");
	assert_false(retry_all_done(v, NR_BRANCHES));
	buf_release(&text);
	for (k = 0; k < NR_BRANCHES; k++)
		scene_release(&s[k]);
}

static void all_is_done_when_each_row_is_somewhere(void **state)
{
	static const struct forked rows[] = {
	    {"a", "", {{AGENT_COMPLETED, CLASS_SUCCESS, 0}, {AGENT_FAILED, CLASS_AUTH, 0}}},
	    {"b", "", {{AGENT_CANCELLED, 0, true}, {AGENT_COMPLETED, CLASS_SUCCESS, 0}}},
	};
	const struct batch *v[NR_BRANCHES];
	struct scene s[NR_BRANCHES];
	size_t k;

	(void)state;
	for (k = 0; k < NR_BRANCHES; k++) {
		branch_init(&s[k], rows, ARRAY_LEN(rows), k);
		v[k] = &s[k].batch;
	}
	assert_true(retry_all_done(v, NR_BRANCHES));
	assert_false(retry_all_done(v + 1, 1));
	for (k = 0; k < NR_BRANCHES; k++)
		scene_release(&s[k]);
}

static void the_table_decides_which_failures_come_again(void **state)
{
	struct row rows[CLASS__COUNT];
	static char ids[CLASS__COUNT][16];
	int c;

	(void)state;
	for (c = 1; c < CLASS__COUNT; c++) {
		snprintf(ids[c], sizeof(ids[c]), "%d", c);
		rows[c - 1] = (struct row){ids[c], "", AGENT_FAILED, (enum attempt_class)c};
	}
	rows[CLASS_SUCCESS - 1].status = AGENT_COMPLETED;
	rows[CLASS_CANCELLED - 1].status = AGENT_CANCELLED;
	check_select(rows, CLASS__COUNT - 1, 0, "2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1 10:1 17:1");
	check_select(rows, CLASS__COUNT - 1, BIT(CLASS_AUTH) | BIT(CLASS_REFUSAL),
	    "2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1 10:1 11:1 14:1 17:1");
	check_select(rows, CLASS__COUNT - 1, UINT32_MAX,
	    "2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1 10:1 11:1 12:1 13:1 14:1 15:1 17:1");
}

static void rows_without_a_trace_have_failed(void **state)
{
	static const struct row rows[] = {
	    {"done", "", AGENT_COMPLETED, CLASS_SUCCESS},
	    {"never", "", AGENT_PENDING, CLASS_NONE},
	    {"running", "", AGENT_IN_PROGRESS, CLASS_NONE},
	    {"waiting", "", AGENT_IN_PROGRESS, CLASS_RATE_LIMIT},
	    {"stopped", "", AGENT_CANCELLED, CLASS_NONE},
	};

	(void)state;
	check_select(rows, 5, 0, "never:1 running:1 waiting:1");
}

static void a_new_try_without_a_verdict_counts_as_traceless(void **state)
{
	static const struct row rows[] = {{"a", "", AGENT_IN_PROGRESS, CLASS_AUTH}};
	struct scene s;
	char *text;

	(void)state;
	scene_init(&s, rows, 1);
	text = select_text(&s.batch, 0, NULL, NULL);
	assert_string_equal(text, ""); /* its key is bad */
	free(text);
	start(&s.batch, 0, 2); /* the operator's retry; then the machine went down */
	text = select_text(&s.batch, 0, NULL, NULL);
	assert_string_equal(text, "a:1");
	free(text);
	scene_release(&s);
}

static void skipped_rows_come_along_with_all_their_ancestors(void **state)
{
	static const struct row rows[] = {
	    /* children stand before their parents: order of the file must not matter */
	    {"grandchild", "child", AGENT_SKIPPED, CLASS_NONE},
	    {"child", "flaky done", AGENT_SKIPPED, CLASS_NONE},
	    {"both", "flaky denied", AGENT_SKIPPED, CLASS_NONE},
	    {"of_both", "both", AGENT_SKIPPED, CLASS_NONE},
	    {"of_cancelled", "stopped flaky", AGENT_SKIPPED, CLASS_NONE},
	    {"flaky", "", AGENT_FAILED, CLASS_TRANSIENT},
	    {"denied", "", AGENT_FAILED, CLASS_AUTH},
	    {"stopped", "", AGENT_CANCELLED, CLASS_CANCELLED},
	    {"done", "", AGENT_COMPLETED, CLASS_SUCCESS},
	};

	(void)state;
	check_select(rows, 9, 0, "grandchild child flaky:1");
	check_select(rows, 9, BIT(CLASS_AUTH), "grandchild child both of_both flaky:1 denied:1");
}

static void a_row_that_still_waited_for_its_parents_is_in_only_with_them(void **state)
{
	static const struct row rows[] = {
	    {"a", "", AGENT_FAILED, CLASS_TASK_ERROR},
	    {"b", "", AGENT_FAILED, CLASS_CONFIG},
	    {"of_a", "a", AGENT_PENDING, CLASS_NONE},
	    {"of_b", "b", AGENT_PENDING, CLASS_NONE},
	    {"of_of_b", "of_b a", AGENT_PENDING, CLASS_NONE},
	};

	(void)state;
	check_select(rows, 5, 0, "a:1 of_a:1");
}

static uint32_t table_of_failures(void *ctx, const char *id)
{
	(void)ctx;
	return strcmp(id, "old") == 0 ? 2 : 0;
}

static void the_tag_counts_cycles_failed_with_this_one(void **state)
{
	static const struct row rows[] = {
	    {"old", "", AGENT_FAILED, CLASS_TASK_ERROR},
	    {"new", "", AGENT_FAILED, CLASS_LOST},
	    {"kid", "old new", AGENT_SKIPPED, CLASS_NONE},
	};
	struct scene s;
	char *text;

	(void)state;
	scene_init(&s, rows, 3);
	text = select_text(&s.batch, 0, table_of_failures, NULL);
	assert_string_equal(text, "old:3 new:1 kid");
	free(text);
	scene_release(&s);
}

/* A quadratic walk over a chain and a comb of this size would run for minutes. */
static void a_deep_chain_and_a_wide_fan_take_linear_time(void **state)
{
	enum { NR = 60000 };
	struct row *rows = xcalloc(NR, sizeof(*rows));
	struct retry_row *out = xcalloc(NR, sizeof(*out));
	struct arena names = ARENA_INIT;
	struct scene s;
	uint32_t i;

	(void)state;
	for (i = 0; i < NR; i++) {
		char id[16], parent[16];

		snprintf(id, sizeof(id), "r%u", i);
		snprintf(parent, sizeof(parent), "r%u", i % 2 ? 0 : i - 2);
		rows[i] = (struct row){arena_strdup(&names, id),
		    i ? arena_strdup(&names, parent) : "", AGENT_SKIPPED, CLASS_NONE};
	}
	rows[0].status = AGENT_FAILED;
	rows[0].class = CLASS_CRASH;
	scene_init(&s, rows, NR);
	assert_int_equal(retry_select(&s.batch, 0, NULL, NULL, out), NR);
	assert_int_equal(out[NR - 1].task, NR - 1);
	scene_release(&s);
	arena_release(&names);
	free(out);
	free(rows);
}

static bool cools_off(const struct row *rows, uint32_t nr)
{
	struct scene s;
	int64_t until_t = 0;
	bool answer;

	scene_init(&s, rows, nr);
	answer = retry_must_cool_off(&s.batch, &until_t);
	assert_true(until_t == NUM_NONE);
	/* The ladder's step for the next cycle, from now on. */
	s.batch.cycle = 1;
	until_t = retry_cool_off_until(&s.batch, &(struct ladder){5, 3, 300}, 1000000);
	assert_true(until_t == (answer ? 1015000 : NUM_NONE));
	scene_release(&s);
	return answer;
}

static void only_passing_causes_cool_off(void **state)
{
	static const struct row passing[] = {
	    {"a", "", AGENT_FAILED, CLASS_RATE_LIMIT},
	    {"b", "", AGENT_FAILED, CLASS_TRANSIENT},
	    {"c", "", AGENT_IN_PROGRESS, CLASS_USAGE_LIMIT}, /* parked */
	    {"d", "a", AGENT_SKIPPED, CLASS_NONE},
	    {"e", "", AGENT_CANCELLED, CLASS_CANCELLED},
	    {"f", "", AGENT_COMPLETED, CLASS_SUCCESS},
	};
	static const struct row mixed[] = {
	    {"a", "", AGENT_FAILED, CLASS_RATE_LIMIT},
	    {"b", "", AGENT_FAILED, CLASS_TASK_ERROR},
	};
	static const struct row excluded[] = {
	    {"a", "", AGENT_FAILED, CLASS_RATE_LIMIT},
	    {"b", "", AGENT_FAILED, CLASS_AUTH},
	};
	static const struct row traceless[] = {
	    {"a", "", AGENT_FAILED, CLASS_RATE_LIMIT},
	    {"b", "", AGENT_PENDING, CLASS_NONE},
	};
	static const struct row good[] = {{"a", "", AGENT_COMPLETED, CLASS_SUCCESS}};

	(void)state;
	assert_true(cools_off(passing, 6));
	assert_false(cools_off(mixed, 2));
	assert_false(cools_off(excluded, 2));
	assert_false(cools_off(traceless, 2));
	assert_false(cools_off(good, 1));
}

static void the_latest_told_reset_ends_the_cool_off(void **state)
{
	static const struct row rows[] = {
	    {"a", "", AGENT_IN_PROGRESS, CLASS_NONE},
	    {"b", "", AGENT_IN_PROGRESS, CLASS_NONE},
	    {"c", "", AGENT_IN_PROGRESS, CLASS_NONE},
	};
	struct scene s;
	struct event ev;
	int64_t until_t;
	uint32_t i;

	(void)state;
	scene_init(&s, rows, 3);
	end(&s.batch, 0, 1, CLASS_RATE_LIMIT, 30000);
	end(&s.batch, 1, 1, CLASS_TRANSIENT, NUM_NONE);
	event_init(&ev, EV_VERDICT);
	ev.agent = 2;
	ev.n = 1;
	ev.verdict.class = CLASS_USAGE_LIMIT;
	ev.verdict.reset_at_t = 31000;
	batch_apply(&s.batch, &ev);
	for (i = 0; i < 3; i++)
		set_status(&s.batch, i, AGENT_FAILED);
	assert_true(retry_must_cool_off(&s.batch, &until_t));
	assert_int_equal(until_t, 32000); /* it ended at 2 s and was told 30 s */
	until_t = retry_cool_off_until(&s.batch, &(struct ladder){5, 3, 300}, 1000000);
	assert_int_equal(until_t, 32000);
	scene_release(&s);
}

static void close_gate(struct batch *b, const char *account, int64_t until_t)
{
	struct event ev;

	event_init(&ev, EV_GATE);
	ev.gate.account = account;
	ev.gate.state = GATE_CLOSED;
	ev.gate.until_t = until_t;
	batch_apply(b, &ev);
}

/* Two keys, one told an hour and one a minute: the cycle waits for the first that a row can use. */
static void a_free_key_ends_the_cool_off(void **state)
{
	static const struct row rows[] = {{"a", "", AGENT_PENDING, CLASS_NONE}};
	struct scene s;
	struct event ev;
	int64_t until_t;

	(void)state;
	scene_init(&s, rows, 1);
	event_init(&ev, EV_BATCH);
	ev.batch.version = "test";
	ev.batch.accounts = "sim/a sim/b";
	batch_apply(&s.batch, &ev);
	event_init(&ev, EV_START);
	ev.agent = 0;
	ev.n = 1;
	ev.t = 1000;
	ev.start.account = "sim/a";
	batch_apply(&s.batch, &ev);
	end(&s.batch, 0, 1, CLASS_RATE_LIMIT, 3600000);
	close_gate(&s.batch, "sim/a", 3602000);
	set_status(&s.batch, 0, AGENT_FAILED);

	close_gate(&s.batch, "sim/b", 62000);
	assert_true(retry_must_cool_off(&s.batch, &until_t));
	assert_int_equal(until_t, 62000);
	/* One that waits for a person opens for nobody. */
	close_gate(&s.batch, "sim/b", NUM_NONE);
	assert_true(retry_must_cool_off(&s.batch, &until_t));
	assert_int_equal(until_t, 3602000);
	/* And one that is open leaves the ladder. */
	event_init(&ev, EV_GATE);
	ev.gate.account = "sim/b";
	ev.gate.state = GATE_OPEN;
	batch_apply(&s.batch, &ev);
	assert_true(retry_must_cool_off(&s.batch, &until_t));
	assert_true(until_t == NUM_NONE);
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_is_in_when_one_branch_would_have_it),
	    cmocka_unit_test(all_is_done_when_each_row_is_somewhere),
	    cmocka_unit_test(the_table_decides_which_failures_come_again),
	    cmocka_unit_test(rows_without_a_trace_have_failed),
	    cmocka_unit_test(a_new_try_without_a_verdict_counts_as_traceless),
	    cmocka_unit_test(skipped_rows_come_along_with_all_their_ancestors),
	    cmocka_unit_test(a_row_that_still_waited_for_its_parents_is_in_only_with_them),
	    cmocka_unit_test(the_tag_counts_cycles_failed_with_this_one),
	    cmocka_unit_test(a_deep_chain_and_a_wide_fan_take_linear_time),
	    cmocka_unit_test(only_passing_causes_cool_off),
	    cmocka_unit_test(the_latest_told_reset_ends_the_cool_off),
	    cmocka_unit_test(a_free_key_ends_the_cool_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
