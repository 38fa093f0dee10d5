/* The lineage: its tree, what a cycle made of its agents, frames as drawn. */
#include "views_fixture.h"
#include "view/screen/lineage_words.h"

static void frames_of_the_drawings(void **state)
{
	struct views_world *w = *state;

	w->viewer.view = VIEW_LINEAGE;
	views_golden(w, "lineage");
}

static void folding_hides_the_children(void **state)
{
	struct views_world *w = *state;
	struct lineage *l = &w->viewer.lineage;

	views_press(w, "4");
	views_draw(w, 120, 40);
	assert_int_equal(l->nr_shown, 2);
	assert_true(lineage_selected(l)->batch == w->run.batches[1]);
	/* From the child up to its parent, which then folds. */
	views_press(w, "h");
	views_draw(w, 120, 40);
	assert_true(lineage_selected(l)->batch == w->run.batches[0]);
	assert_int_equal(l->nr_shown, 2);
	views_press(w, "h");
	views_draw(w, 120, 40);
	assert_int_equal(l->nr_shown, 1);
	assert_true(views_shows(w, ">+ 0 "));
	views_press(w, "l");
	views_draw(w, 120, 40);
	assert_int_equal(l->nr_shown, 2);
	assert_true(views_shows(w, ">- 0 "));
}

static void a_cycle_tells_what_it_healed_first(void **state)
{
	struct views_world *w = *state;
	const struct lineage_cycle *c;
	const struct lineage *l = &w->viewer.lineage;
	uint32_t i;

	views_press(w, "4");
	views_draw(w, 120, 40);
	c = lineage_selected(l);
	assert_int_equal(c->agents, 62);
	assert_int_equal(c->healed, 42);
	assert_int_equal(c->failed, 2);
	assert_int_equal(c->again, 2);
	assert_int_equal(c->left, 18);
	assert_int_equal(c->by_class[CLASS_AUTH], 1);
	assert_int_equal(l->nr_agents, 62);
	for (i = 0; i < 42; i++)
		assert_int_equal(c->batch->state.agents[l->agents[i]].status, AGENT_COMPLETED);
	assert_int_equal(c->batch->state.agents[l->agents[42]].status, AGENT_FAILED);
	/* In the original nobody had failed before: what failed leads. */
	views_press(w, "k");
	views_draw(w, 120, 40);
	c = lineage_selected(l);
	assert_int_equal(c->agents, 1000);
	assert_int_equal(c->healed, 0);
	assert_int_equal(c->again, 0);
	assert_int_equal(c->batch->state.agents[l->agents[0]].status, AGENT_FAILED);
}

static void enter_goes_down_and_q_up(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	views_press(w, "4\rjq");
	assert_int_equal(v->view, VIEW_LINEAGE);
	assert_false(v->lineage.in_agents);
	views_press(w, "q");
	assert_int_equal(v->view, VIEW_OVERVIEW);
	assert_int_equal(w->nr_left, 0);
	/* The cursor is where it was; Enter there opens the log. */
	views_press(w, "4\rj\r");
	assert_int_equal(v->view, VIEW_LOG);
	assert_string_equal(v->selected, "0031");
	/* One of an ended cycle has its log there. */
	views_press(w, "qqk\r\r");
	views_draw(w, 120, 40);
	assert_int_equal(v->view, VIEW_LOG);
	assert_ptr_equal(v->pane.batch, w->run.batches[0]);
	assert_true(views_shows(w, "agent 0005 claude  cycle 0"));
}

static void the_filter_is_shared(void **state)
{
	struct views_world *w = *state;

	views_press(w, "4fff");
	views_draw(w, 120, 40);
	assert_int_equal(w->viewer.model.filter, VF_FAILED);
	assert_int_equal(w->viewer.lineage.nr_agents, 2);
	assert_true(views_shows(w, "only: failed"));
	assert_true(views_shows(w, "failed again: task_error"));
	assert_true(views_hides(w, "completed at"));
}

static void the_whole_run_has_each_agent_once(void **state)
{
	struct views_world *w = *state;
	struct lineage *l = &w->viewer.lineage;
	const struct batch_reader *r;
	uint32_t agent;

	views_press(w, "4C");
	views_draw(w, 120, 40);
	assert_int_equal(l->nr_agents, 1000);
	assert_true(views_shows(w, "whole run: 1000 agents, healed 42, failed 2 "));
	assert_true(views_shows(w, "1: completed at attempt 2"));
	/* Those that never failed come last, from the cycle that they were in. */
	views_press(w, "\rG");
	r = lineage_row(l, l->at, &agent);
	assert_ptr_equal(r, w->run.batches[0]);
	assert_int_equal(r->state.agents[agent].status, AGENT_COMPLETED);
	views_press(w, "\r");
	views_draw(w, 120, 40);
	assert_ptr_equal(w->viewer.pane.batch, w->run.batches[0]);
	views_press(w, "qqC");
	views_draw(w, 120, 40);
	assert_int_equal(l->nr_agents, 62);
	assert_true(views_shows(w, "cycle 1: healed 42, failed again 2"));
}

static void classes_are_cut_to_the_room(void **state)
{
	struct lineage_cycle c = {.failed = 62};
	static const struct {
		size_t columns;
		const char *text;
	} rows[] = {
	    {80, "rate_limit 51, timeout 7, transient 2, auth 1, task_error 1"},
	    {34, "rate_limit 51, timeout 7, +4"},
	    {20, "rate_limit 51, +11"},
	    {1, "rate_limit 51, +11"},
	};
	size_t i;

	(void)state;
	c.by_class[CLASS_RATE_LIMIT] = 51;
	c.by_class[CLASS_TIMEOUT] = 7;
	c.by_class[CLASS_TRANSIENT] = 2;
	c.by_class[CLASS_AUTH] = 1;
	c.by_class[CLASS_TASK_ERROR] = 1;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF_INIT;

		lineage_classes(&c, rows[i].columns, &b);
		if (i != 0)
			assert_string_equal(b.data, rows[i].text);
		else
			assert_non_null(strstr(b.data, "transient 2, "));
		buf_release(&b);
	}
}

static void the_next_cycle_has_its_condition(void **state)
{
	struct views_world *w = *state;
	struct event ev;

	views_press(w, "4");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "`-- 2 only if some fail; starts at once"));
	event_init(&ev, EV_CYCLE);
	ev.cycle.child = "batch-20261121-235400";
	ev.cycle.rows = 2;
	ev.cycle.until_t = FIX_NOW_T + 60000;
	fix_emit(&w->disk, &ev, FIX_NOW_T - 1, NULL);
	views_append(w);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "`-- 2 2 agents, at 23:53:09"));
}

static void details_and_searches_are_of_its_own_rows(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	views_press(w, "4i");
	assert_int_equal(v->overlay, OVERLAY_NONE);
	assert_non_null(strstr(v->message.data, "no agent is selected here"));
	/* An agent of an ended cycle, which the overview has no row of. */
	views_press(w, "k/0001\ri");
	views_draw(w, 120, 40);
	assert_int_equal(v->overlay, OVERLAY_DETAILS);
	assert_true(views_shows(w, " agent         0001"));
	assert_true(views_shows(w, "COMPLETED"));
	/* What is over cannot be steered, and the selection behind it is not. */
	views_press(w, "r");
	assert_int_equal(w->nr_sent, 0);
	assert_non_null(strstr(v->message.data, "that cycle is over"));
	views_press(w, "c");
	assert_string_equal(w->copied.data, "0001");
	assert_string_equal(v->message.data, "copied 0001");
	/* Nor is it the one whose log of that cycle is read. */
	buf_reset(&w->copied);
	views_press(w, "q\rc");
	assert_int_equal(v->view, VIEW_LOG);
	assert_string_equal(w->copied.data, "0001");
	views_press(w, "q");
	views_press(w, "qj/0018\ri");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, " agent         0018"));
	views_press(w, "s");
	assert_int_equal(w->nr_sent, 1);
	assert_non_null(strstr(w->sent.data, "\"0018\""));
	views_press(w, "q\x1b");
	views_press(w, "qg4j\ri");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, " agent         0005"));
	views_press(w, "qc"); /* under the cursor */
	assert_string_equal(w->copied.data, "0005");
	views_press(w, "q1i");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, " agent         0017"));
	views_press(w, "c");
	assert_string_equal(w->copied.data, "0017");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(details_and_searches_are_of_its_own_rows),
	    views_test(frames_of_the_drawings),
	    views_test(folding_hides_the_children),
	    views_test(a_cycle_tells_what_it_healed_first),
	    views_test(enter_goes_down_and_q_up),
	    views_test(the_filter_is_shared),
	    views_test(the_whole_run_has_each_agent_once),
	    cmocka_unit_test(classes_are_cut_to_the_room),
	    views_test(the_next_cycle_has_its_condition),
	};
	return cmocka_run_group_tests_name("lineage", tests, NULL, NULL);
}
