/* Keys, without a terminal: what is seen next, and which verbs go out. */
#include "run_fixture.h"
#include "ui/control.h"
#include "view/screen/frame.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
	struct run_fixture disk;
	struct run_reader run;
	struct viewer viewer;
	struct control control;
	struct cells cells;
	int nr_sent, nr_left, nr_redrawn;
	struct buf sent; /* the last one, as the conductor reads it */
	int64_t mono_ms;
};

static void on_send(void *ctx, struct ctl_request *q)
{
	struct world *w = ctx;

	buf_reset(&w->sent);
	ctl_request_format(q, &w->sent);
	ctl_request_release(q);
	w->nr_sent++;
}

static void on_leave(void *ctx)
{
	((struct world *)ctx)->nr_left++;
}

static void on_redraw(void *ctx)
{
	((struct world *)ctx)->nr_redrawn++;
}

static int make_disk(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	setenv("TZ", "UTC", 1);
	*state = w;
	return setlocale(LC_CTYPE, "C.UTF-8") && run_fixture_make(&w->disk) == 0 ? 0 : -1;
}

static int remove_disk(void **state)
{
	struct world *w = *state;

	run_fixture_remove(&w->disk);
	free(w);
	return 0;
}

/* Every test starts with a viewer that nobody has touched, at 120x40. */
static int setup(void **state)
{
	struct world *w = *state;
	const struct control_ops ops = {
	    .send = on_send, .leave = on_leave, .redraw = on_redraw, .ctx = w};
	char path[128];

	run_fixture_path(&w->disk, path);
	if (run_reader_open(&w->run, path, NULL) < 0)
		return -1;
	w->mono_ms = 1000000;
	w->nr_sent = w->nr_left = w->nr_redrawn = 0;
	viewer_init(&w->viewer, &w->run, NULL);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, w->mono_ms});
	control_init(&w->control, &w->viewer, &ops);
	buf_init(&w->sent);
	cells_init(&w->cells);
	cells_resize(&w->cells, 120, 40);
	frame_paint(&w->viewer, &(struct frame_opts){0}, &w->cells);
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	cells_release(&w->cells);
	buf_release(&w->sent);
	control_release(&w->control);
	viewer_release(&w->viewer);
	run_reader_close(&w->run);
	return 0;
}

static void press(struct world *w, int code)
{
	struct instant now = {FIX_NOW_T, w->mono_ms};

	control_key(&w->control, code, now);
	viewer_update(&w->viewer, now);
	frame_paint(&w->viewer, &(struct frame_opts){0}, &w->cells);
}

static void type(struct world *w, const char *text)
{
	while (*text)
		press(w, (unsigned char)*text++);
}

static void go_to(struct world *w, const char *id)
{
	viewer_select(&w->viewer, batch_find(&w->viewer.model.shown->state, id));
	assert_string_equal(w->viewer.selected, id);
}

static void check_sent(const struct world *w, int nr, const char *json)
{
	assert_int_equal(w->nr_sent, nr);
	if (nr == 0)
		return;
	if (!strstr(w->sent.data, json))
		fail_msg("sent %s, not %s", w->sent.data, json);
}

/* ---- steering ----------------------------------------------------------- */

static void verbs_carry_what_the_screen_said(void **state)
{
	struct world *w = *state;

	go_to(w, "0018");
	press(w, 's');
	check_sent(w, 1, "\"verb\":\"skip-wait\"");
	check_sent(w, 1, "\"ids\":[\"0018\"]");
	check_sent(w, 1, "\"if_status\":\"backoff\"");
	check_sent(w, 1, "\"by\":\"operator\"");
	go_to(w, "0088");
	press(w, 'r');
	check_sent(w, 2, "\"verb\":\"retry\"");
	check_sent(w, 2, "\"if_status\":\"failed\"");
	go_to(w, "0044");
	press(w, 'r'); /* on a waiting one it is the same as s */
	check_sent(w, 3, "\"verb\":\"skip-wait\"");
	press(w, 'p');
	check_sent(w, 4, "\"verb\":\"pause\"");
	press(w, '+');
	check_sent(w, 5, "\"n\":9");
	press(w, '-');
	check_sent(w, 6, "\"n\":7");
}

static void what_makes_no_sense_is_not_sent(void **state)
{
	struct world *w = *state;

	go_to(w, "0017");
	press(w, 's');
	assert_string_equal(w->viewer.message.data, "0017 does not wait");
	press(w, 'r');
	go_to(w, "0005");
	press(w, 'r');
	press(w, 'x');
	assert_string_equal(w->viewer.message.data, "0005 has ended");
	check_sent(w, 0, "");
}

static void cancelling_asks(void **state)
{
	struct world *w = *state;

	go_to(w, "0017");
	press(w, 'x');
	assert_string_equal(w->viewer.prompt.data, "cancel 0017, running 3:41, $0.31? y/N");
	press(w, 'n');
	assert_int_equal(w->viewer.prompt.len, 0);
	press(w, 'x');
	press(w, '\r'); /* the default is no */
	press(w, 'x');
	press(w, 0x1B);
	check_sent(w, 0, "");
	press(w, 'x');
	press(w, 'y');
	check_sent(w, 1, "\"verb\":\"cancel\"");
	check_sent(w, 1, "\"ids\":[\"0017\"]");
	check_sent(w, 1, "\"if_status\":\"running\"");
}

/* What was asked about is cancelled, whatever is selected when the answer comes. */
static void an_answer_is_for_its_question(void **state)
{
	struct world *w = *state;

	go_to(w, "0017");
	press(w, 'x');
	go_to(w, "0023");
	press(w, 'y');
	check_sent(w, 1, "\"ids\":[\"0017\"]");
}

static void stopping_asks_twice_for_all(void **state)
{
	struct world *w = *state;

	press(w, 'X');
	press(w, 'z');
	check_sent(w, 0, "");
	press(w, 'X');
	press(w, 'd');
	check_sent(w, 1, "\"verb\":\"stop\"");
	press(w, 'X');
	press(w, 'c');
	type(w, "ye\r");
	check_sent(w, 1, "");
	press(w, 'X');
	press(w, 'c');
	type(w, "yex\177s\r");
	check_sent(w, 2, "\"verb\":\"cancel\"");
	assert_null(strstr(w->sent.data, "\"ids\":[\""));
}

static void the_command_line_takes_any_verb(void **state)
{
	struct world *w = *state;

	press(w, ':');
	type(w, "jobs 12\r");
	check_sent(w, 1, "\"n\":12");
	press(w, ':');
	type(w, "cancel 0017 0023\r");
	check_sent(w, 2, "\"0023\"");
	press(w, ':');
	type(w, "nonsense\r");
	check_sent(w, 2, "");
	assert_true(w->viewer.message.len > 0);
	press(w, ':');
	type(w, "0415\r");
	assert_string_equal(w->viewer.selected, "0415");
	press(w, ':');
	type(w, "9999\r");
	assert_string_equal(w->viewer.selected, "0415");
	assert_string_equal(w->viewer.message.data, "no agent 9999 in this batch");
	press(w, ':');
	type(w, "q");
	assert_int_equal(w->nr_left, 0);
	press(w, '\r');
	assert_int_equal(w->nr_left, 1);
	check_sent(w, 2, "");
}

/* ---- moving ------------------------------------------------------------- */

static void the_table_moves(void **state)
{
	struct world *w = *state;

	assert_string_equal(w->viewer.selected, "0017");
	press(w, 'j');
	assert_string_equal(w->viewer.selected, "0023");
	press(w, 'k');
	press(w, 'k');
	assert_string_equal(w->viewer.selected, "0017");
	press(w, 'G');
	assert_string_equal(w->viewer.selected, "0737");
	assert_int_equal(w->viewer.top, 62 - w->viewer.layout.table.rows);
	press(w, 'g');
	assert_string_equal(w->viewer.selected, "0017");
	assert_int_equal(w->viewer.top, 0);
	press(w, KEY_FUNCTION + 0522); /* PgDn */
	assert_int_equal(viewer_row(&w->viewer), w->viewer.layout.table.rows - 1);
	press(w, ']');
	press(w, '[');
	assert_int_equal(viewer_row(&w->viewer), w->viewer.layout.table.rows - 1);
}

static void back_goes_one_step_and_then_leaves(void **state)
{
	struct world *w = *state;

	press(w, '\r');
	assert_int_equal(w->viewer.view, VIEW_LOG);
	assert_int_equal(w->viewer.layout.table.rows, 0);
	press(w, '?');
	press(w, 'q');
	assert_int_equal(w->viewer.overlay, OVERLAY_NONE);
	assert_int_equal(w->viewer.view, VIEW_LOG);
	press(w, 0x1B);
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
	press(w, 0x1B); /* Esc never leaves */
	assert_int_equal(w->nr_left, 0);
	press(w, 'q');
	assert_int_equal(w->nr_left, 1);
	check_sent(w, 0, "");
}

static void the_log_is_followed_until_it_is_moved(void **state)
{
	struct world *w = *state;
	struct log_place top;

	go_to(w, "0018");
	press(w, '\t');
	assert_true(w->viewer.pane.follows);
	press(w, 'j');
	assert_true(w->viewer.pane.follows);
	press(w, 'k');
	assert_false(w->viewer.pane.follows);
	top = w->viewer.pane.top;
	press(w, 'k');
	press(w, 'j');
	assert_int_equal(w->viewer.pane.top.at, top.at);
	assert_int_equal(w->viewer.pane.top.note, top.note);
	press(w, 'G');
	assert_true(w->viewer.pane.follows);
	press(w, 'g');
	assert_false(w->viewer.pane.follows);
	assert_int_equal(w->viewer.pane.top.at, 0);
	press(w, 'F');
	assert_true(w->viewer.pane.follows);
	/* Another agent's log is followed again. */
	press(w, 'k');
	press(w, ']');
	assert_true(w->viewer.pane.follows);
}

static void filters_go_round(void **state)
{
	static const uint32_t rows[] = {7, 11, 2, 42, 62};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		press(w, 'f');
		assert_int_equal(w->viewer.model.nr_rows, rows[i]);
		assert_true(viewer_row(&w->viewer) < rows[i]);
	}
	press(w, 'f');
	press(w, 0x1B);
	assert_int_equal(w->viewer.model.filter, VF_ALL);
}

static void ctrl_c_twice_leaves(void **state)
{
	struct world *w = *state;

	control_interrupt(&w->control, (struct instant){0, 5000});
	assert_int_equal(w->nr_left, 0);
	assert_non_null(strstr(w->viewer.message.data, "X stops"));
	control_interrupt(&w->control, (struct instant){0, 8000}); /* too late */
	assert_int_equal(w->nr_left, 0);
	control_interrupt(&w->control, (struct instant){0, 9000});
	assert_int_equal(w->nr_left, 1);
	check_sent(w, 0, "");
}

static void freezing_and_redrawing(void **state)
{
	struct world *w = *state;

	press(w, '=');
	assert_true(w->viewer.look.is_frozen);
	press(w, '=');
	assert_false(w->viewer.look.is_frozen);
	press(w, 'L' & 0x1F);
	assert_int_equal(w->nr_redrawn, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(verbs_carry_what_the_screen_said),
	    TEST(what_makes_no_sense_is_not_sent),
	    TEST(cancelling_asks),
	    TEST(an_answer_is_for_its_question),
	    TEST(stopping_asks_twice_for_all),
	    TEST(the_command_line_takes_any_verb),
	    TEST(the_table_moves),
	    TEST(back_goes_one_step_and_then_leaves),
	    TEST(the_log_is_followed_until_it_is_moved),
	    TEST(filters_go_round),
	    TEST(ctrl_c_twice_leaves),
	    TEST(freezing_and_redrawing),
	};
	return cmocka_run_group_tests_name("control", tests, make_disk, remove_disk);
}
