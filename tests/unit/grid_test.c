/* The grid: its frames, who has a pane, and what its keys do. */
#include "views_fixture.h"

static void draw(struct views_world *w)
{
	views_draw(w, w->cols, w->rows);
}

static void press(struct views_world *w, int code)
{
	control_key(&w->control, code, (struct instant){w->now_t, 99999});
	draw(w);
}

static void open_grid(struct views_world *w)
{
	w->cols = 80;
	w->rows = 24;
	draw(w);
	press(w, '2');
	assert_int_equal(w->viewer.view, VIEW_GRID);
}

static uint32_t find(const struct views_world *w, const char *id)
{
	return batch_find(&w->viewer.model.shown->state, id);
}

static uint32_t lane_of(const struct views_world *w, const char *id)
{
	uint32_t i;

	for (i = 0; i < w->viewer.grid.nr; i++)
		if (w->viewer.grid.lanes[i] == find(w, id))
			return i;
	return UINT32_MAX;
}

static void at(struct views_world *w, int64_t t)
{
	w->now_t = t;
	draw(w);
}

/* What the fixture holds in its buffer is there from now on. */
static void happen(struct views_world *w, int64_t t)
{
	w->now_t = t;
	views_append(w);
	draw(w);
}

static void frames_of_all_sizes(void **state)
{
	struct views_world *w = *state;

	open_grid(w);
	views_golden(w, "grid");
}

static void those_in_work_have_a_pane_and_running_ones_come_first(void **state)
{
	struct views_world *w = *state;
	const struct batch *b;
	uint32_t i, nr = 0;
	int last = 0;

	open_grid(w);
	b = &w->viewer.model.shown->state;
	for (i = 0; i < b->nr_agents; i++)
		nr += b->agents[i].status == AGENT_IN_PROGRESS;
	assert_int_equal(w->viewer.grid.nr, nr);
	for (i = 0; i < nr; i++) {
		int role = (int)shown_role(&b->agents[w->viewer.grid.lanes[i]]);

		assert_true(role >= last);
		last = role;
	}
}

static void a_pane_stays_three_seconds_and_goes_to_the_next(void **state)
{
	struct views_world *w = *state;
	uint32_t lane, other;

	open_grid(w);
	lane = lane_of(w, "0023");
	other = lane_of(w, "0300");
	assert_true(lane != UINT32_MAX && other != UINT32_MAX);
	fix_end(&w->disk,
	    &(struct fix_end){"0023", 1, FIX_NOW_T + 1000, CLASS_SUCCESS, 0.1, NULL, 0});
	fix_status(&w->disk, "0023", FIX_NOW_T + 1000, AGENT_COMPLETED, PHASE_NONE);
	fix_start(&w->disk, "0512", 1, FIX_NOW_T + 1500, "claude");
	happen(w, FIX_NOW_T + 2000);
	assert_int_equal(lane_of(w, "0023"), lane);
	assert_true(lane_of(w, "0512") != lane);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "0023 claude 1/5 COMPLETED"));
	assert_true(views_shows(w, "(pane freed in 2 s)"));
	fix_start(&w->disk, "0600", 1, FIX_NOW_T + 4100, "codex");
	happen(w, FIX_NOW_T + 3999);
	assert_int_equal(lane_of(w, "0023"), lane);
	at(w, FIX_NOW_T + 4000);
	/* 0600 came while all were taken: it has one of its own, and nobody moves. */
	assert_int_equal(lane_of(w, "0023"), UINT32_MAX);
	assert_int_equal(lane_of(w, "0300"), other);
	fix_start(&w->disk, "0700", 1, FIX_NOW_T + 4200, "claude");
	happen(w, FIX_NOW_T + 5000);
	fix_start(&w->disk, "0739", 1, FIX_NOW_T + 5100, "claude");
	happen(w, FIX_NOW_T + 5200);
	assert_int_equal(lane_of(w, "0739"), lane);
	assert_int_equal(lane_of(w, "0300"), other);
}

static void the_focus_is_what_keys_act_on(void **state)
{
	struct views_world *w = *state;
	uint32_t page;

	open_grid(w);
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[0]);
	press(w, 'l');
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[1]);
	press(w, 'j');
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[3]);
	press(w, 'h');
	press(w, 'k');
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[0]);
	press(w, 'k'); /* there is none above */
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[0]);
	press(w, KEY_FUNCTION + 0522); /* PgDn */
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[4]);
	assert_int_equal(grid_pages(&w->viewer.grid, &page), (w->viewer.grid.nr + 3) / 4);
	assert_int_equal(page, 2);
	assert_true(views_shows(w, "PgDn more (2 of "));
	press(w, 'G');
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[w->viewer.grid.nr - 1]);
	press(w, 'g');
	while (w->viewer.grid.focus != lane_of(w, "0044"))
		press(w, 'l');
	press(w, 's');
	assert_non_null(strstr(w->sent.data, "\"ids\":[\"0044\"]"));
	press(w, 'z');
	assert_int_equal(w->viewer.grid.across * w->viewer.grid.down, 1);
	assert_true(views_shows(w, "0044 gemini"));
	press(w, 'q');
	assert_int_equal(w->viewer.grid.across * w->viewer.grid.down, 4);
	press(w, '\r');
	assert_int_equal(w->viewer.view, VIEW_LOG);
	assert_true(views_shows(w, "agent 0044 gemini"));
	press(w, 'q');
	assert_int_equal(w->viewer.view, VIEW_GRID);
	assert_int_equal(w->viewer.agent, find(w, "0044"));
	press(w, 'q');
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(frames_of_all_sizes),
	    views_test(those_in_work_have_a_pane_and_running_ones_come_first),
	    views_test(a_pane_stays_three_seconds_and_goes_to_the_next),
	    views_test(the_focus_is_what_keys_act_on),
	};
	return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
