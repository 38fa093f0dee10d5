/* The timeline: its frames, its rows, and what its keys do. */
#include "views_fixture.h"

static void frames_of_all_sizes(void **state)
{
	struct views_world *w = *state;

	views_press(w, "5");
	views_golden(w, "timeline");
}

static void now_stays_where_it_is_until_one_looks_elsewhere(void **state)
{
	struct views_world *w = *state;
	struct timeline *t = &w->viewer.timeline;
	int now;

	views_press(w, "5");
	views_draw(w, 120, 40);
	assert_int_equal(t->scale_s, 25);
	now = time_axis_cell(&t->axis, t->now_t);
	assert_true(t->follows);
	views_press(w, ".");
	views_draw(w, 120, 40);
	assert_int_equal(t->scale_s, 20);
	assert_int_equal(time_axis_cell(&t->axis, t->now_t), now);
	views_press(w, "h");
	views_draw(w, 120, 40);
	assert_false(t->follows);
	assert_true(time_axis_cell(&t->axis, t->now_t) > now);
	views_press(w, "g");
	views_draw(w, 120, 40);
	assert_true(t->axis.from_t <= FIX_CHILD_T && FIX_CHILD_T < t->axis.from_t + 5000);
	/* To the right as far as now, and there it follows again. */
	views_press(w, "lllllllll");
	views_draw(w, 120, 40);
	assert_true(t->follows);
	assert_int_equal(time_axis_cell(&t->axis, t->now_t), now);
	views_press(w, "hhG");
	views_draw(w, 120, 40);
	assert_true(t->follows);
}

static void scales_end_at_a_second_and_at_an_hour(void **state)
{
	struct views_world *w = *state;
	struct timeline *t = &w->viewer.timeline;

	views_press(w, "5,,,,,,,,,,,,,,,,,,,,,");
	views_draw(w, 120, 40);
	assert_int_equal(t->scale_s, 3600);
	assert_true(views_shows(w, "1 col = 1 h"));
	views_press(w, ".............................");
	views_draw(w, 120, 40);
	assert_int_equal(t->scale_s, 1);
	assert_true(views_shows(w, "1 col = 1 s"));
	assert_true(views_shows(w, "|23:51:45"));
}

/* At 2 min a column midnight is four columns right of now, where "!now" still stands. */
static void labels_leave_now_its_place(void **state)
{
	struct views_world *w = *state;
	struct timeline *t = &w->viewer.timeline;

	views_press(w, "5,,,,,");
	views_draw(w, 120, 40);
	assert_int_equal(t->scale_s, 120);
	assert_true(views_shows(w, "!now        "));
	views_press(w, "..");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "!now"));
	assert_true(views_shows(w, " |11-22"));
}

/* What is looked at holds still: the scale that fitted stays as time goes on. */
static void time_goes_on_without_another_scale(void **state)
{
	struct views_world *w = *state;
	struct timeline *t = &w->viewer.timeline;
	int64_t from_t;

	views_press(w, "5");
	views_draw(w, 120, 40);
	from_t = t->axis.from_t;
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T + 20 * 60000, 99999});
	timeline_lay(t, &w->viewer.model, t->axis.cells);
	assert_int_equal(t->scale_s, 25);
	assert_true(t->axis.from_t > from_t);
	assert_int_equal((t->axis.from_t - from_t) % 25000, 0);
	/* Another width has another one. */
	views_draw(w, 80, 24);
	assert_int_equal(t->scale_s, 38);
}

static void the_selection_goes_along(void **state)
{
	struct views_world *w = *state;

	views_press(w, "jj5j");
	views_draw(w, 120, 40);
	assert_string_equal(w->viewer.selected, "0160");
	assert_true(views_shows(w, ">0160 "));
	views_press(w, "1");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "> 0160 "));
	views_press(w, "5fff");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "only: failed"));
	assert_true(views_shows(w, "0088  X"));
	assert_true(views_hides(w, "0017  >"));
	views_press(w, "s");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "does not wait"));
}

static void the_whole_run_has_those_that_are_done_with(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	views_press(w, "5C");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "jobs in use  whole run  agents 1-"));
	assert_true(views_shows(w, " of 1000 "));
	assert_int_equal(timeline_nr_rows(&v->timeline, &v->model), 1000);
	assert_int_equal(v->timeline.axis.from_t, FIX_START_T - FIX_START_T % 5000);
	/* 0009 timed out in cycle 0, after a minute; cycle 1 healed it. */
	views_press(w, "fff");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "0088  X 1/5 "));
	views_press(w, "f");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "0009  + 1/5   "));
	/* Behind the overview's rows nothing can be steered. */
	views_press(w, "\033");
	control_key(&w->control, KEY_FUNCTION + 0522, (struct instant){FIX_NOW_T, 99999});
	control_key(&w->control, KEY_FUNCTION + 0522, (struct instant){FIX_NOW_T, 99999});
	control_key(&w->control, KEY_FUNCTION + 0522, (struct instant){FIX_NOW_T, 99999});
	views_draw(w, 120, 40);
	assert_true(v->timeline.in_rest);
	assert_int_equal(v->agent, AGENT_NONE);
	views_press(w, "x");
	views_draw(w, 120, 40);
	assert_int_equal(w->nr_sent, 0);
	assert_true(views_shows(w, "no agent is selected"));
	/* Up again, and the overview's selection is one of its own. */
	control_key(&w->control, KEY_FUNCTION + 0523, (struct instant){FIX_NOW_T, 99999});
	control_key(&w->control, KEY_FUNCTION + 0523, (struct instant){FIX_NOW_T, 99999});
	control_key(&w->control, KEY_FUNCTION + 0523, (struct instant){FIX_NOW_T, 99999});
	views_draw(w, 120, 40);
	assert_false(v->timeline.in_rest);
	assert_true(v->agent != AGENT_NONE);
}

/* The second of 0018's attempts begins at byte 400 of its log. */
static void enter_opens_the_log_of_the_moment(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	views_press(w, "5:0018\r\r");
	assert_int_equal(v->view, VIEW_LOG);
	assert_true(v->pane.follows);
	views_press(w, "q");
	assert_int_equal(v->view, VIEW_TIMELINE);
	views_press(w, "........hh\r");
	assert_int_equal(v->view, VIEW_LOG);
	assert_false(v->pane.follows);
	assert_int_equal(v->pane.top.at, 0);
	views_press(w, "q");
	views_press(w, "q");
	assert_int_equal(v->view, VIEW_OVERVIEW);
	assert_int_equal(w->nr_left, 0);
}

static void another_cycle_has_a_start_of_its_own(void **state)
{
	struct views_world *w = *state;
	struct timeline *t = &w->viewer.timeline;

	views_press(w, "5.h");
	t->anchor_t -= 3600000; /* as if an earlier cycle had been shown */
	views_draw(w, 120, 40);
	assert_true(t->follows);
	assert_int_equal(t->anchor_t, FIX_CHILD_T - FIX_CHILD_T % 5000);
}

static void the_mouse_selects_and_opens(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;
	const struct band *b = &v->layout.table;

	views_press(w, "5");
	views_mouse(w, b->row + 4, 60, 0);
	views_mouse(w, b->row + 4, 60, 0);
	assert_int_equal(v->view, VIEW_LOG);
	assert_string_equal(v->selected, "0272");
	views_press(w, "q");
	views_draw(w, 120, 40);
	views_mouse(w, b->row - 1, 60, 0); /* the axis */
	views_mouse(w, b->row + b->rows, 60, 0); /* jobs in use */
	assert_int_equal(viewer_timeline_row(v), 4);
	assert_int_equal(v->view, VIEW_TIMELINE);
	/* What only an earlier cycle had stands behind the others. */
	views_press(w, "C");
	views_draw(w, 120, 40);
	views_mouse(w, b->row + 1, 60, 25);
	views_mouse(w, b->row + 1, 60, 50);
	assert_true(v->timeline.in_rest);
	views_mouse(w, b->row + b->rows - 4, 60, 0);
	assert_int_equal(viewer_timeline_row(v), v->timeline.top + b->rows - 4);
	views_mouse(w, b->row + b->rows - 4, 60, 0);
	assert_int_equal(v->view, VIEW_LOG);
	assert_true(v->log_batch == w->run.batches[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(frames_of_all_sizes),
	    views_test(now_stays_where_it_is_until_one_looks_elsewhere),
	    views_test(scales_end_at_a_second_and_at_an_hour),
	    views_test(labels_leave_now_its_place),
	    views_test(time_goes_on_without_another_scale),
	    views_test(the_selection_goes_along),
	    views_test(the_whole_run_has_those_that_are_done_with),
	    views_test(enter_opens_the_log_of_the_moment),
	    views_test(another_cycle_has_a_start_of_its_own),
	    views_test(the_mouse_selects_and_opens),
	};
	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
