/* What is chosen of the overview's rows: searches, filters, sorts, tags, columns, by key and mouse. */
#include "views_fixture.h"
#include "view/screen/table.h"

static uint32_t find(const struct views_world *w, const char *id)
{
	return batch_find(&w->viewer.model.shown->state, id);
}

static void choose(struct views_world *w, const char *id)
{
	w->viewer.is_touched = true;
	viewer_select(&w->viewer, find(w, id));
	assert_string_equal(w->viewer.selected, id);
}

/* The ids of the first rows, a blank between them. */
static void check_rows(struct views_world *w, const char *want)
{
	struct buf got = BUF_INIT;
	const struct view_model *m = &w->viewer.model;
	uint32_t i;

	for (i = 0; i < m->nr_rows && got.len < strlen(want); i++)
		buf_fmt(&got, "%s%s", i ? " " : "", view_agent(m, m->rows[i])->task->id);
	if (strcmp(got.data, want) != 0)
		fail_msg("rows are %s, not %s", got.data, want);
	buf_release(&got);
}

static void a_filter_takes_words(void **state)
{
	static const struct {
		const char *typed;
		uint32_t nr;
	} rows[] = {
	    {"state:failed", 2},
	    {"state:wait", 4},
	    {"state:done", 42},
	    {"!state:completed", 20},
	    {"class:auth", 1},
	    {"state:back agent:gemini", 1},
	    {"agent:nobody", 0},
	    {"0415", 1},
	    {"dirty", 0},
	    {"uncommitted", 1},
	    {"/^00(17|18)$", 2},
	    {"state:", 62}, /* nothing yet */
	    {"!", 62},
	    {"", 62},
	};
	struct views_world *w = *state;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(viewer_keep(&w->viewer, rows[i].typed, &err), 0);
		if (w->viewer.model.nr_rows != rows[i].nr)
			fail_msg("&%s takes %u rows", rows[i].typed, w->viewer.model.nr_rows);
	}
	assert_int_equal(viewer_keep(&w->viewer, "/(", &err), -1);
	assert_int_equal(w->viewer.model.nr_rows, 62);
}

/* Both filters go together, show themselves, and Esc ends them. */
static void filters_show_themselves_and_end(void **state)
{
	struct views_world *w = *state;

	views_press(w, "&agent:codex\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "&agent:codex"));
	assert_true(views_shows(w, "& filter"));
	views_press(w, "ffff");
	assert_int_equal(w->viewer.model.filter, VF_DONE);
	views_press(w, "&nothing has this\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "no agent is taken by &nothing has this; Esc shows all"));
	views_press(w, "\x1b");
	views_draw(w, 120, 40);
	assert_int_equal(w->viewer.model.nr_rows, 62);
	assert_int_equal(w->viewer.model.filter, VF_ALL);
	views_press(w, "&/(\r");
	assert_non_null(strstr(w->viewer.message.data, "no regular expression"));
}

static void a_search_selects_as_it_is_typed(void **state)
{
	struct views_world *w = *state;

	views_press(w, "/429");
	assert_string_equal(w->viewer.selected, "0018");
	views_press(w, "\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "/429"));
	views_press(w, "n");
	assert_string_equal(w->viewer.selected, "0107");
	views_press(w, "N");
	assert_string_equal(w->viewer.selected, "0018");
	/* Given up it is where it was. */
	views_press(w, "/0415\x1b");
	assert_string_equal(w->viewer.selected, "0018");
	assert_false(needle_is_set(&w->viewer.search));
	views_press(w, "n");
	assert_non_null(strstr(w->viewer.message.data, "nothing is looked for"));
	views_press(w, "//^04[0-9]5$\r");
	assert_string_equal(w->viewer.selected, "0415");
	views_press(w, "/zzz\r");
	assert_string_equal(w->viewer.selected, "0415");
	views_press(w, "n");
	assert_non_null(strstr(w->viewer.message.data, "no row has 'zzz'"));
}

/* What the last line of a running agent's log says is on the screen, so it is found. */
static void a_search_sees_the_last_line(void **state)
{
	struct views_world *w = *state;
	struct buf marks = BUF_INIT;

	views_press(w, "/Reading tests\r");
	assert_string_equal(w->viewer.selected, "0023");
	views_press(w, "j");
	views_draw(w, 120, 40);
	cells_print_marks(&w->cells, &marks);
	assert_non_null(strstr(marks.data, "RRRRRRRRRRRRR"));
	buf_release(&marks);
}

static void columns_sort_and_turn_round(void **state)
{
	struct views_world *w = *state;

	choose(w, "0018");
	views_press(w, "<");
	assert_int_equal(w->viewer.model.sort, SORT_ID);
	check_rows(w, "0005 0009 0017 0018");
	assert_string_equal(w->viewer.selected, "0018");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "ID v"));
	assert_true(views_shows(w, "sort: id"));
	views_press(w, "I");
	views_draw(w, 120, 40);
	check_rows(w, "0740 0739");
	assert_true(views_shows(w, "ID ^"));
	views_press(w, ">>>");
	assert_int_equal(w->viewer.model.sort, SORT_TIME);
	views_press(w, ">>");
	assert_int_equal(w->viewer.model.sort, SORT_COST);
	check_rows(w, "0005 0102 0300"); /* the dearest first */
	views_press(w, ">");
	assert_int_equal(w->viewer.model.sort, SORT_AGENT);
	/* Round, past LAST LINE; on a narrow screen past what is not shown. */
	views_press(w, ">>");
	assert_int_equal(w->viewer.model.sort, SORT_STATE);
	views_draw(w, 80, 24);
	control_key(&w->control, '<', (struct instant){FIX_NOW_T, 0});
	control_key(&w->control, '<', (struct instant){FIX_NOW_T, 0});
	assert_int_equal(w->viewer.model.sort, SORT_CLASS);
}

/* A new state does not move rows while somebody is at the keys. */
static void rows_hold_still_for_two_seconds(void **state)
{
	struct views_world *w = *state;
	struct instant now = {FIX_NOW_T, 500000};

	check_rows(w, "0017 0023");
	control_key(&w->control, 'j', now);
	fix_end(&w->disk, &(struct fix_end){"0017", 2, FIX_NOW_T, CLASS_SUCCESS, 0.1, NULL, 0});
	fix_status(&w->disk, "0017", FIX_NOW_T, AGENT_COMPLETED, PHASE_NONE);
	views_append(w);
	now.mono_ms += 1999;
	viewer_update(&w->viewer, now);
	check_rows(w, "0017 0023");
	now.mono_ms += 1;
	viewer_update(&w->viewer, now);
	check_rows(w, "0023 0102");
}

static void tags_are_acted_on_together(void **state)
{
	struct views_world *w = *state;

	choose(w, "0018");
	views_press(w, "   "); /* and the next ones: each goes down a row */
	assert_int_equal(w->viewer.model.tags.nr, 3);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "3 tagged"));
	assert_true(views_shows(w, " *0018"));
	views_press(w, "gs");
	assert_int_equal(w->nr_sent, 1);
	assert_non_null(strstr(w->sent.data, "\"ids\":[\"0018\",\"0044\",\"0107\"]"));
	assert_non_null(strstr(w->sent.data, "\"if_status\":\"backoff\""));
	/* A running one among them: a request of its own, for another status was seen. */
	views_press(w, "g ");
	views_press(w, "x");
	assert_non_null(strstr(w->viewer.prompt.data, "cancel 4 agents, 1 running, $"));
	views_press(w, "y");
	assert_int_equal(w->nr_sent, 3);
	views_press(w, "U");
	assert_int_equal(w->viewer.model.tags.nr, 0);
	views_press(w, "gs");
	assert_int_equal(w->nr_sent, 3);
	assert_non_null(strstr(w->viewer.message.data, "does not wait"));
}

/* Above ten also what does no harm is asked about, and what makes no sense is left out. */
static void many_are_asked_about(void **state)
{
	struct views_world *w = *state;
	uint32_t i;

	for (i = 0; i < w->viewer.model.shown->state.nr_agents; i++)
		tags_set(&w->viewer.model.tags, i, true);
	views_press(w, "s");
	assert_int_equal(w->nr_sent, 1); /* only four wait */
	views_press(w, "r");
	assert_int_equal(w->nr_sent, 3); /* they, and two that failed */
	views_press(w, "x");
	assert_non_null(strstr(w->viewer.prompt.data, "cancel 18 agents, 6 running"));
	views_press(w, "n");
	assert_string_equal(w->viewer.message.data, "nothing was done");
	assert_int_equal(w->nr_sent, 3);
}

static void thousands_go_in_several_lines(void **state)
{
	struct orders o = {0};
	struct task task = {.id = "a-rather-long-id-of-an-agent\xc3\xa9"};
	struct agent a = {.task = &task, .status = AGENT_PENDING};
	size_t i, nr = 0;

	(void)state;
	for (i = 0; i < 5000; i++)
		orders_add(&o, CTL_CANCEL, &a);
	assert_true(o.nr > 1);
	for (i = 0; i < o.nr; i++) {
		struct buf line = BUF_INIT;

		ctl_request_format(&o.v[i].q, &line);
		assert_true(line.len <= CTL_LINE_MAX);
		nr += o.v[i].q.nr_ids;
		buf_release(&line);
	}
	assert_int_equal(nr, 5000);
	assert_int_equal(o.nr_agents, 5000);
	orders_release(&o);
}

static void columns_scroll(void **state)
{
	struct views_world *w = *state;

	views_draw(w, 80, 24);
	assert_true(views_hides(w, "COST"));
	w->viewer.scrolled = 2;
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "TIME        LAST CLASS  COST  AGENT   LAST LINE"));
	assert_true(views_hides(w, "STATE"));
	views_press(w, "llllllll");
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "  ID    LAST LINE"));
	assert_true(views_hides(w, "Reading tests"));
	views_press(w, "hhhhhhhhhhhhhhhhh");
	assert_int_equal(w->viewer.scrolled, 0);
}

static void numbers_are_ids_without_their_zeros(void **state)
{
	struct views_world *w = *state;

	views_press(w, "&agent:codex\r:17\r");
	assert_string_equal(w->viewer.selected, "0017");
	views_press(w, ":4711\r");
	assert_string_equal(w->viewer.selected, "0017");
	assert_string_equal(w->viewer.message.data, "no agent 4711 in this batch");
}

/* ---- the mouse ---------------------------------------------------------- */

/* The column of a text in a row of the screen. */
static int column_of(struct views_world *w, int row, const char *text)
{
	struct buf b = BUF_INIT;
	const char *found;
	int col;

	views_draw(w, 120, 40);
	cells_row_text(&w->cells, row, true, &b);
	found = strstr(b.data, text);
	if (!found)
		fail_msg("no '%s' in '%s'", text, b.data);
	col = (int)(found - b.data);
	buf_release(&b);
	return col;
}

static void the_mouse_points_and_presses(void **state)
{
	struct views_world *w = *state;
	const struct layout *l = &w->viewer.layout;

	views_draw(w, 120, 40);
	views_mouse(w, l->table.row + 4, 20, 0);
	assert_int_equal(viewer_row(&w->viewer), 4);
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
	views_mouse(w, l->table.row + 4, 3, 3);
	assert_int_equal(viewer_row(&w->viewer), 7);
	views_mouse(w, l->pane.row + 1, 3, -3); /* the log, without the focus */
	assert_int_equal(viewer_row(&w->viewer), 7);
	assert_false(w->viewer.pane.follows);
	views_mouse(w, l->head.row, column_of(w, l->head.row, "COST"), 0);
	assert_int_equal(w->viewer.model.sort, SORT_COST);
	assert_false(w->viewer.model.is_reversed);
	views_mouse(w, l->head.row, column_of(w, l->head.row, "COST") + 2, 0);
	assert_true(w->viewer.model.is_reversed);
	views_mouse(w, l->keys.row, column_of(w, l->keys.row, "p pause") + 3, 0);
	assert_int_equal(w->nr_sent, 1);
	assert_non_null(strstr(w->sent.data, "\"pause\""));
	views_mouse(w, l->keys.row, 119, 0); /* nothing is there */
	views_mouse(w, l->table.row, 20, 0);
	views_mouse(w, l->table.row, 20, 0);
	assert_int_equal(w->viewer.view, VIEW_LOG);
	views_mouse(w, l->keys.row, column_of(w, l->keys.row, "q back"), 0);
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
	/* A question is answered by keys. */
	views_press(w, "X");
	views_mouse(w, l->table.row + 2, 20, 0);
	assert_int_equal(w->nr_sent, 1);
	assert_true(w->viewer.prompt.len > 0);
}

/* ---- help ---------------------------------------------------------------- */

static void help_is_searched(void **state)
{
	struct views_world *w = *state;

	views_press(w, "4?");
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "Help: lineage"));
	assert_true(views_shows(w, "/ finds a key"));
	assert_true(views_hides(w, "cancel the agent"));
	control_key(&w->control, '/', (struct instant){FIX_NOW_T, 0});
	views_draw(w, 80, 24);
	control_key(&w->control, 'X', (struct instant){FIX_NOW_T, 0});
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "stop the batch, asks"));
	assert_int_equal(w->nr_sent, 0); /* it was typed, not pressed */
	control_key(&w->control, '\r', (struct instant){FIX_NOW_T, 0});
	control_key(&w->control, 'n', (struct instant){FIX_NOW_T, 0});
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "stop the batch, asks"));
	views_press(w, "/no such key\r");
	assert_string_equal(w->viewer.message.data, "no key has 'no such key'");
	views_press(w, "\x1b");
	assert_int_equal(w->viewer.overlay, OVERLAY_HELP);
	views_press(w, "\x1b");
	assert_int_equal(w->viewer.overlay, OVERLAY_NONE);
	assert_int_equal(w->viewer.view, VIEW_LINEAGE);
}

static void frames_of_help(void **state)
{
	struct views_world *w = *state;

	views_press(w, "?");
	views_draw(w, 120, 40);
	views_golden_one(w, "help");
	views_draw(w, 80, 24);
	views_golden_one(w, "help");
}

/* Of an agent that has been tried twice, waits, and has a task of some length. */
static void frames_of_details(void **state)
{
	struct views_world *w = *state;

	choose(w, "0018");
	w->viewer.overlay = OVERLAY_DETAILS;
	views_golden(w, "details");
}

/* Tags, a sort, a filter, a search and columns that are scrolled, all at once. */
static void frames_of_chosen_rows(void **state)
{
	struct views_world *w = *state;

	choose(w, "0018");
	viewer_tag(&w->viewer);
	tags_set(&w->viewer.model.tags, find(w, "0391"), true);
	assert_int_equal(viewer_keep(&w->viewer, "!state:completed", NULL), 0);
	viewer_sort(&w->viewer, SORT_TIME, true);
	assert_int_equal(viewer_search(&w->viewer, NULL, NULL), 1);
	assert_int_equal(viewer_search(&w->viewer, "429", NULL), 1);
	w->viewer.scrolled = 1;
	views_golden(w, "rows");
}

/* However small the screen: what is asked is seen, and that it is frozen. */
static void the_smallest_screens_hide_no_question(void **state)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{120, 40}, {80, 24}, {50, 12}, {40, 10}, {30, 4}, {30, 3}, {30, 2}, {30, 1}};
	static const char *const places[] = {"1", "2", "3", "4", "5", "6", "1?", "1i"};
	struct views_world *w = *state;
	size_t i, k;

	for (k = 0; k < ARRAY_LEN(places); k++) {
		views_press(w, places[k]);
		for (i = 0; i < ARRAY_LEN(sizes); i++) {
			control_key(&w->control, 'X', (struct instant){FIX_NOW_T, 0});
			views_draw(w, sizes[i].cols, sizes[i].rows);
			assert_true(views_shows(w, ": d drain"));
			control_key(&w->control, 0x1B, (struct instant){FIX_NOW_T, 0});
			control_key(&w->control, '=', (struct instant){FIX_NOW_T, 0});
			views_draw(w, sizes[i].cols, sizes[i].rows);
			if (!views_shows(w, "FROZEN"))
				fail_msg("%s at %dx%d", places[k], sizes[i].cols, sizes[i].rows);
			control_key(&w->control, '=', (struct instant){FIX_NOW_T, 0});
		}
		views_press(w, "q");
	}
}

static void the_mouse_points_in_other_views(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;
	uint32_t first;

	views_press(w, "2");
	views_draw(w, 120, 40);
	first = grid_agent(&v->grid);
	views_mouse(w, v->layout.pane.row + 2, 50, 0); /* the second pane of three */
	assert_int_equal(v->grid.focus, 1);
	views_mouse(w, v->layout.pane.row + 2, 10, 0);
	assert_int_equal(grid_agent(&v->grid), first);
	views_mouse(w, v->layout.pane.row + 2, 10, 0);
	assert_int_equal(v->view, VIEW_LOG);
	views_press(w, "4");
	views_draw(w, 120, 40);
	views_mouse(w, v->layout.header.rows + 1, 20, 0);
	assert_true(lineage_selected(&v->lineage)->batch == w->run.batches[0]);
	views_mouse(w, v->layout.header.rows + 2, 20, 0);
	assert_true(lineage_selected(&v->lineage)->batch == w->run.batches[1]);
	views_mouse(w, v->layout.header.rows + 3, 20, 0); /* one that is only to come */
	assert_true(lineage_selected(&v->lineage)->batch == w->run.batches[1]);
	views_mouse(w, v->layout.table.row + 1, 20, 0);
	assert_true(v->lineage.in_agents);
	assert_int_equal(v->lineage.at, 1);
	views_mouse(w, v->layout.table.row + 1, 20, 0);
	assert_int_equal(v->view, VIEW_LOG);
	assert_string_equal(v->selected, "0009");
}

/* There is no column to go to: that came to no end. */
static void the_smallest_screen_is_not_sorted(void **state)
{
	struct views_world *w = *state;

	w->cols = 5;
	w->rows = 2;
	views_press(w, "<>I");
	assert_int_equal(w->viewer.model.sort, SORT_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(a_filter_takes_words),
	    views_test(filters_show_themselves_and_end),
	    views_test(a_search_selects_as_it_is_typed),
	    views_test(a_search_sees_the_last_line),
	    views_test(columns_sort_and_turn_round),
	    views_test(rows_hold_still_for_two_seconds),
	    views_test(tags_are_acted_on_together),
	    views_test(many_are_asked_about),
	    cmocka_unit_test(thousands_go_in_several_lines),
	    views_test(columns_scroll),
	    views_test(numbers_are_ids_without_their_zeros),
	    views_test(the_mouse_points_and_presses),
	    views_test(the_mouse_points_in_other_views),
	    views_test(help_is_searched),
	    views_test(the_smallest_screens_hide_no_question),
	    views_test(frames_of_help),
	    views_test(frames_of_details),
	    views_test(the_smallest_screen_is_not_sorted),
	    views_test(frames_of_chosen_rows),
	};
	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
