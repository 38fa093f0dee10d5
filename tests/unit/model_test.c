#include "run_fixture.h"
#include "view/screen/header.h"
#include "view/row.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a batch in memory -------------------------------------------------- */

struct world {
	struct batch_reader reader;
	struct batch_reader *list[1];
	struct run_reader run;
	struct view_model model;
};

static struct world *world_new(uint32_t nr, const char *boot)
{
	static const char *const columns[] = {"id", "agent", "task"};
	struct world *w = xcalloc(1, sizeof(*w));
	struct tasks *ts = &w->reader.tasks;
	uint32_t i;

	tasks_init(ts);
	ts->nr_columns = 3;
	ts->columns = xmalloc(sizeof(columns));
	memcpy(ts->columns, columns, sizeof(columns));
	for (i = 0; i < COL__COUNT; i++)
		ts->known[i] = i == COL_ID ? 0 : i == COL_AGENT ? 1 : i == COL_TASK ? 2 : -1;
	ts->v = xcalloc(nr, sizeof(*ts->v));
	ts->nr = ts->cap = nr;
	for (i = 0; i < nr; i++) {
		const char **cells = arena_alloc(&ts->arena, 3 * sizeof(*cells));
		char id[16];

		snprintf(id, sizeof(id), "%u", i + 1);
		cells[0] = arena_strdup(&ts->arena, id);
		cells[1] = i % 2 ? "codex" : "claude";
		cells[2] = "do it";
		ts->v[i] = (struct task){.id = cells[0], .cells = cells};
		map_put(&ts->by_id, ts->v[i].id, i);
	}
	manifest_init(&w->reader.manifest);
	batch_init(&w->reader.state, ts, NULL, "claude", 8);
	w->reader.is_held = true;
	w->list[0] = &w->reader;
	w->run = (struct run_reader){.batches = w->list, .nr = 1, .cap = 1, .is_held = true};
	view_model_init(&w->model, &w->run, boot);
	return w;
}

static void world_free(struct world *w)
{
	view_model_release(&w->model);
	batch_release(&w->reader.state);
	manifest_release(&w->reader.manifest);
	tasks_release(&w->reader.tasks);
	free(w);
}

static void apply(struct world *w, struct event *ev, uint32_t agent, int64_t t)
{
	ev->agent = agent;
	ev->t = t;
	ev->m = t + 500;
	batch_apply(&w->reader.state, ev);
}

static void boot(struct world *w, const char *id, int64_t t)
{
	struct event ev;

	event_init(&ev, EV_BATCH);
	ev.batch.version = "3.0.0";
	ev.batch.boot = id;
	ev.batch.jobs = 8;
	apply(w, &ev, AGENT_NONE, t);
}

static void start(struct world *w, uint32_t agent, int n, int64_t t)
{
	struct event ev;

	event_init(&ev, EV_START);
	ev.n = n;
	apply(w, &ev, agent, t);
}

static void end(struct world *w, uint32_t agent, int n, int64_t t, enum attempt_class class)
{
	struct event ev;

	event_init(&ev, EV_EXIT);
	ev.n = n;
	ev.exit.how = EXIT_CODE;
	apply(w, &ev, agent, t);
	event_init(&ev, EV_VERDICT);
	ev.n = n;
	ev.verdict.class = class;
	ev.verdict.charged = true;
	apply(w, &ev, agent, t);
}

static void settle(struct world *w, uint32_t agent, int64_t t, enum agent_status s)
{
	struct event ev;

	event_init(&ev, EV_STATUS);
	ev.status.status = s;
	apply(w, &ev, agent, t);
}

static void wait_until(struct world *w, uint32_t agent, int64_t t, int64_t until_t)
{
	struct event ev;

	event_init(&ev, EV_WAIT);
	ev.wait.until_t = until_t;
	ev.wait.why = WAIT_LADDER;
	apply(w, &ev, agent, t);
}

static void update(struct world *w, int64_t now_t, bool keep)
{
	view_model_update(&w->model, (struct instant){now_t, now_t + 500}, keep);
}

static void check_order(const struct world *w, const char *want)
{
	struct buf b = BUF_INIT;
	uint32_t i;

	for (i = 0; i < w->model.nr_rows; i++)
		buf_fmt(&b, "%s%s", i ? " " : "", w->reader.tasks.v[w->model.rows[i]].id);
	assert_string_equal(b.data, want);
	buf_release(&b);
	for (i = 0; i < w->model.nr_rows; i++)
		assert_int_equal(w->model.places[w->model.rows[i]], i);
}

/* ---- order -------------------------------------------------------------- */

static void rows_go_by_state_then_by_the_csv(void **state)
{
	struct world *w = world_new(6, NULL);

	(void)state;
	update(w, 0, false);
	check_order(w, "1 2 3 4 5 6");
	start(w, 4, 1, 10);
	start(w, 1, 1, 10);
	start(w, 0, 1, 10);
	end(w, 0, 1, 20, CLASS_SUCCESS);
	settle(w, 0, 20, AGENT_COMPLETED);
	start(w, 2, 1, 20);
	end(w, 2, 1, 30, CLASS_TRANSIENT);
	wait_until(w, 2, 30, 5030);
	start(w, 3, 1, 30);
	end(w, 3, 1, 40, CLASS_LOST);
	settle(w, 3, 40, AGENT_FAILED);
	update(w, 100, false);
	check_order(w, "2 5 3 4 6 1");
	assert_int_equal(w->model.counts[ROLE_LOST], 1);
	assert_int_equal(w->model.counts[ROLE_FAILED], 0);
	world_free(w);
}

/* Nothing jumps under a cursor that is being moved; then it sorts. */
static void rows_hold_still_when_asked(void **state)
{
	struct world *w = world_new(3, NULL);

	(void)state;
	update(w, 0, false);
	start(w, 2, 1, 10);
	update(w, 10, true);
	check_order(w, "1 2 3");
	assert_int_equal(w->model.counts[ROLE_RUNNING], 1); /* counts never hold */
	update(w, 20, true);
	check_order(w, "1 2 3");
	update(w, 30, false);
	check_order(w, "3 1 2");
	world_free(w);
}

static void a_filter_leaves_rows_out(void **state)
{
	struct world *w = world_new(3, NULL);

	(void)state;
	start(w, 1, 1, 10);
	w->model.filter = VF_ACTIVE;
	w->model.order++;
	update(w, 10, true); /* a new filter counts although rows are held */
	check_order(w, "2");
	assert_int_equal(w->model.places[0], AGENT_NONE);
	w->model.filter = VF_WAITING;
	w->model.order++;
	update(w, 10, false);
	check_order(w, "1 3");
	w->model.filter = VF_DONE;
	w->model.order++;
	update(w, 10, false);
	check_order(w, "");
	world_free(w);
}

/* ---- times -------------------------------------------------------------- */

static const char *time_of(struct world *w, uint32_t agent, int64_t output_at_t)
{
	static struct view_row row;

	view_row_fill(&w->model, agent, output_at_t, &row);
	return row.time;
}

static void running_times_and_silence(void **state)
{
	struct world *w = world_new(1, NULL);

	(void)state;
	start(w, 0, 1, 1000);
	update(w, 222000, false);
	assert_string_equal(time_of(w, 0, 221000), "3:41");
	assert_string_equal(time_of(w, 0, 222000 - 119000), "3:41");
	assert_string_equal(time_of(w, 0, 222000 - 130000), "silent 2:10");
	/* A log of an earlier attempt is no silence before this one began. */
	assert_string_equal(time_of(w, 0, -999999), "silent 3:41");
	/* A log from the future is no silence at all. */
	assert_string_equal(time_of(w, 0, 999999), "3:41");
	/* Nothing of it is cut off in its column. */
	update(w, 600000, false);
	assert_string_equal(time_of(w, 0, 1000), "silent 9:59");
	update(w, 601000, false);
	assert_string_equal(time_of(w, 0, 1000), "silent 10m");
	update(w, 6000000, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "silent 99m");
	update(w, 7300000, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "silent 2h");
	world_free(w);
}

/* A clock that was set back or forward changes nothing while it is the same boot. */
static void countdowns_run_on_the_boots_own_clock(void **state)
{
	struct world *w = world_new(1, "this boot");

	(void)state;
	boot(w, "this boot", 0);
	start(w, 0, 1, 1000);
	end(w, 0, 1, 2000, CLASS_TRANSIENT);
	wait_until(w, 0, 2000, 32000);
	view_model_update(&w->model, (struct instant){9999999, 12000 + 500}, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "in 0:20");
	view_model_update(&w->model, (struct instant){0, 33000 + 500}, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "due");
	/* Of another boot only the time of day is left. */
	boot(w, "another boot", 20000);
	w->model.boot = "this boot";
	view_model_update(&w->model, (struct instant){22000, 1}, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "in 0:10");
	world_free(w);
}

static void a_countdown_is_the_later_of_wait_and_gate(void **state)
{
	struct world *w = world_new(2, NULL);
	struct event ev;

	(void)state;
	start(w, 0, 1, 1000);
	end(w, 0, 1, 2000, CLASS_RATE_LIMIT);
	wait_until(w, 0, 2000, 12000);
	event_init(&ev, EV_GATE);
	ev.gate.account = "claude";
	ev.gate.state = GATE_CLOSED;
	ev.gate.until_t = 62000;
	apply(w, &ev, AGENT_NONE, 2000);
	update(w, 2000, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "in 1:00");
	ev.gate.until_t = 5000;
	apply(w, &ev, AGENT_NONE, 2000);
	update(w, 2000, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "in 0:10");
	assert_int_equal(view_next_event_left(&w->model), 10000);
	ev.gate.until_t = NUM_NONE;
	apply(w, &ev, AGENT_NONE, 2000);
	update(w, 2000, false);
	assert_string_equal(time_of(w, 0, NUM_NONE), "needs you");
	world_free(w);
}

static void tries_classes_and_costs(void **state)
{
	struct world *w = world_new(2, NULL);
	struct view_row row;
	struct event ev;

	(void)state;
	update(w, 0, false);
	view_row_fill(&w->model, 0, NUM_NONE, &row);
	assert_string_equal(row.try, "-");
	assert_string_equal(row.cost, "");
	start(w, 0, 1, 0);
	view_row_fill(&w->model, 0, NUM_NONE, &row);
	assert_string_equal(row.try, "1/5");
	assert_string_equal(row.last_class, "");
	event_init(&ev, EV_EXIT);
	ev.n = 1;
	apply(w, &ev, 0, 9000);
	event_init(&ev, EV_VERDICT);
	ev.n = 1;
	ev.verdict.class = CLASS_RATE_LIMIT;
	ev.verdict.charged = true;
	ev.verdict.cost_usd = 0.125;
	apply(w, &ev, 0, 9000);
	wait_until(w, 0, 9000, 14000);
	view_row_fill(&w->model, 0, NUM_NONE, &row);
	assert_string_equal(row.try, "2/5"); /* the one it waits for */
	assert_string_equal(row.last_class, "rate_limit");
	assert_string_equal(row.cost, "0.12");
	start(w, 0, 2, 14000);
	view_row_fill(&w->model, 0, NUM_NONE, &row);
	assert_string_equal(row.try, "2/5");
	assert_string_equal(row.last_class, "rate_limit");
	end(w, 0, 2, 20000, CLASS_SUCCESS);
	settle(w, 0, 20000, AGENT_COMPLETED);
	view_row_fill(&w->model, 0, NUM_NONE, &row);
	assert_string_equal(row.try, "2/5");
	assert_string_equal(row.last_class, "");
	assert_string_equal(row.time, "0:06");
	world_free(w);
}

/* ---- estimates ---------------------------------------------------------- */

static void nothing_is_estimated_from_little(void **state)
{
	struct world *w = world_new(20, NULL);
	struct event ev;
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		start(w, i, 1, 0);
		end(w, i, 1, 60000, CLASS_SUCCESS);
		settle(w, i, 60000, AGENT_COMPLETED);
	}
	update(w, 60000, false);
	assert_false(w->model.eta.is_known);
	start(w, 4, 1, 0);
	end(w, 4, 1, 60000, CLASS_SUCCESS);
	settle(w, 4, 60000, AGENT_COMPLETED);
	update(w, 70000, false);
	assert_true(w->model.eta.is_known);
	/* 15 agents of a minute each, 8 at a time. */
	assert_int_equal(w->model.eta.ms, 15 * 60000 / 8);
	assert_true(w->model.eta.low_ms <= w->model.eta.ms);
	assert_true(w->model.eta.high_ms >= w->model.eta.ms);
	/* But 7 of them are of an account that lets in one every half a minute. */
	event_init(&ev, EV_GATE);
	ev.gate.account = "claude";
	ev.gate.state = GATE_NARROWED;
	ev.gate.pace_ms = 30000;
	ev.gate.burst = 1;
	apply(w, &ev, AGENT_NONE, 70000);
	update(w, 130000, false);
	assert_int_equal(w->model.eta.ms, 7 * 30000);
	world_free(w);
}

/* ---- rows 1 to 3 -------------------------------------------------------- */

static void assert_header(const struct world *w, int line, const char *has, const char *has_not)
{
	const struct look look = {.ascii = true};
	struct buf text = BUF_INIT;
	struct cells c;

	cells_init(&c);
	cells_resize(&c, 120, 1);
	header_paint(&w->model, &look, line, &c, 0);
	cells_row_text(&c, 0, true, &text);
	if (!strstr(text.data, has) || (has_not && strstr(text.data, has_not)))
		fail_msg("row %d: %s", line, text.data);
	buf_release(&text);
	cells_release(&c);
}

static void a_run_that_is_over_is_not_limited(void **state)
{
	struct world *w = world_new(2, NULL);
	struct event ev;

	(void)state;
	event_init(&ev, EV_GATE);
	ev.gate.account = "claude";
	ev.gate.state = GATE_NARROWED;
	ev.gate.width = 4;
	apply(w, &ev, AGENT_NONE, 0);
	update(w, 1000, false);
	assert_header(w, 3, "rate claude NARROWED to 4", NULL);
	w->model.state = RUN_FINISHED;
	assert_header(w, 3, "rate ok", "NARROWED");
	world_free(w);
}

static void an_estimate_without_width_is_no_range(void **state)
{
	struct world *w = world_new(2, NULL);

	(void)state;
	update(w, 1000, false);
	w->model.eta =
	    (struct view_eta){.is_known = true, .ms = 26400, .low_ms = 26000, .high_ms = 26900};
	assert_header(w, 1, "ETA 26s", "ETA 26s (");
	w->model.eta.high_ms = 40000;
	assert_header(w, 1, "ETA 26s (26-40s)", NULL);
	world_free(w);
}

/* ---- the whole run ------------------------------------------------------ */

static void a_run_of_two_cycles(void **state)
{
	struct run_fixture f;
	struct run_reader run;
	struct view_model m;
	struct buf b = BUF_INIT;
	char path[128];

	(void)state;
	setenv("TZ", "UTC", 1);
	assert_int_equal(run_fixture_make(&f), 0);
	run_fixture_path(&f, path);
	assert_int_equal(run_reader_open(&run, path, NULL), 0);
	view_model_init(&m, &run, NULL);
	view_model_update(&m, (struct instant){FIX_NOW_T, 0}, false);
	assert_string_equal(m.shown->dir.name, FIX_CHILD);
	assert_int_equal(m.totals.agents, 1000);
	assert_int_equal(m.totals.done, 980);
	assert_int_equal(m.totals.healed, 42);
	assert_int_equal(m.totals.left, 20);
	assert_true(view_row_line(&m, batch_find(&m.shown->state, "0005"), &b));
	assert_string_equal(b.data, "healed: failed in cycle 0 by rate_limit");
	buf_reset(&b);
	assert_true(view_row_line(&m, batch_find(&m.shown->state, "0513"), &b));
	assert_string_equal(b.data, "waits for 0512, 0231 (pending, validating 0:09)");
	/* Nobody holds it any more. */
	close(f.lock_fd);
	f.lock_fd = -1;
	assert_true(run_reader_refresh(&run, NULL) >= 0);
	view_model_update(&m, (struct instant){FIX_NOW_T, 0}, false);
	assert_string_equal(view_run_word(&m), "NO CONDUCTOR");
	view_model_release(&m);
	run_reader_close(&run);
	run_fixture_remove(&f);
	buf_release(&b);
}

/* ---- cost --------------------------------------------------------------- */

static void ten_thousand_rows_sort_in_no_time(void **state)
{
	enum { ROWS = 10000, ROUNDS = 20 };
	struct world *w = world_new(ROWS, NULL);
	struct timespec a, b;
	uint32_t i;
	int round;
	double ms;

	(void)state;
	for (i = 0; i < ROWS; i += 3)
		start(w, i, 1, 1);
	update(w, 1, false);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (round = 0; round < ROUNDS; round++) {
		settle(w, (uint32_t)round, 2, AGENT_CANCELLED);
		update(w, 2, false);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	ms = ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6) / ROUNDS;
	print_message("# an update of %d rows takes %.2f ms\n", ROWS, ms);
	/* The budget is 5 ms; sanitizers and a busy machine get more. */
	assert_true(ms < 50);
	world_free(w);
}

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_go_by_state_then_by_the_csv),
	    cmocka_unit_test(rows_hold_still_when_asked),
	    cmocka_unit_test(a_filter_leaves_rows_out),
	    cmocka_unit_test(running_times_and_silence),
	    cmocka_unit_test(countdowns_run_on_the_boots_own_clock),
	    cmocka_unit_test(a_countdown_is_the_later_of_wait_and_gate),
	    cmocka_unit_test(tries_classes_and_costs),
	    cmocka_unit_test(nothing_is_estimated_from_little),
	    cmocka_unit_test(a_run_that_is_over_is_not_limited),
	    cmocka_unit_test(an_estimate_without_width_is_no_range),
	    cmocka_unit_test(a_run_of_two_cycles),
	    cmocka_unit_test(ten_thousand_rows_sort_in_no_time),
	};
	return cmocka_run_group_tests_name("model", tests, utf8_locale, NULL);
}
