/* The grid: its frames, who has a pane, and what its keys do. */
#include "golden.h"
#include "run_fixture.h"
#include "ui/control.h"
#include "view/frame.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HINTS_MAX 64

struct world {
	struct run_fixture disk;
	struct run_reader run;
	struct viewer viewer;
	struct control control;
	struct cells cells;
	struct buf text; /* of the last frame */
	int64_t now_t;
	char sent[64]; /* the agent of the last verb */
};

static void on_send(void *ctx, struct ctl_request *q)
{
	struct world *w = ctx;

	snprintf(w->sent, sizeof(w->sent), "%s", q->nr_ids ? q->ids[0] : "");
	ctl_request_release(q);
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void draw(struct world *w)
{
	struct key_hint hints[HINTS_MAX];
	struct frame_opts o = {.hints = hints};

	while (viewer_work(&w->viewer))
		;
	o.nr_hints = keys_hints(control_context(&w->viewer), hints, HINTS_MAX);
	cells_resize(&w->cells, w->cells.cols, w->cells.rows);
	frame_paint(&w->viewer, &o, &w->cells);
	buf_reset(&w->text);
	cells_print(&w->cells, w->viewer.look.ascii, &w->text);
}

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	const struct control_ops ops = {
	    .send = on_send, .leave = nothing, .redraw = nothing, .ctx = w};
	char path[128];

	setenv("TZ", "UTC", 1);
	tzset();
	if (!setlocale(LC_CTYPE, "C.UTF-8") || run_fixture_make(&w->disk) < 0)
		return -1;
	run_fixture_path(&w->disk, path);
	if (run_reader_open(&w->run, path, NULL) < 0)
		return -1;
	viewer_init(&w->viewer, &w->run, NULL);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 0});
	control_init(&w->control, &w->viewer, &ops);
	cells_init(&w->cells);
	cells_resize(&w->cells, 80, 24);
	buf_init(&w->text);
	w->now_t = FIX_NOW_T;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	buf_release(&w->text);
	cells_release(&w->cells);
	control_release(&w->control);
	viewer_release(&w->viewer);
	run_reader_close(&w->run);
	run_fixture_remove(&w->disk);
	free(w);
	return 0;
}

static void press(struct world *w, int code)
{
	control_key(&w->control, code, (struct instant){w->now_t, 100000});
	viewer_update(&w->viewer, (struct instant){w->now_t, 100000});
	draw(w);
}

static void open_grid(struct world *w)
{
	draw(w);
	press(w, '2');
	assert_int_equal(w->viewer.view, VIEW_GRID);
}

static uint32_t find(const struct world *w, const char *id)
{
	return batch_find(&w->viewer.model.shown->state, id);
}

static uint32_t lane_of(const struct world *w, const char *id)
{
	uint32_t i;

	for (i = 0; i < w->viewer.grid.nr; i++)
		if (w->viewer.grid.lanes[i] == find(w, id))
			return i;
	return UINT32_MAX;
}

/* What the fixture holds in its buffer happens now. */
static void happen(struct world *w)
{
	char path[192];
	int fd;

	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/events.jsonl", w->disk.root);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, w->disk.events.data, w->disk.events.len), 0);
	close(fd);
	buf_reset(&w->disk.events);
	assert_true(run_reader_refresh(&w->run, NULL) >= 0);
}

static void at(struct world *w, int64_t t)
{
	w->now_t = t;
	viewer_update(&w->viewer, (struct instant){t, 100000});
	draw(w);
}

static void shows(struct world *w, const char *what)
{
	if (!strstr(w->text.data, what))
		fail_msg("no \"%s\" in:\n%s", what, w->text.data);
}

static void frames_of_all_sizes(void **state)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{120, 40}, {80, 24}, {60, 20}, {40, 10}, {30, 4}};
	struct world *w = *state;
	size_t i;
	int ascii;

	open_grid(w);
	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (ascii = 0; ascii < 2; ascii++) {
			char name[64];

			w->viewer.look.ascii = ascii;
			cells_resize(&w->cells, sizes[i].cols, sizes[i].rows);
			draw(w);
			buf_ch(&w->text, '\n');
			cells_print_marks(&w->cells, &w->text);
			snprintf(name, sizeof(name), "grid-%dx%d%s", sizes[i].cols, sizes[i].rows,
			    ascii ? "-ascii" : "");
			check_golden(name, &w->text);
		}
}

static void those_in_work_have_a_pane_and_running_ones_come_first(void **state)
{
	struct world *w = *state;
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
	struct world *w = *state;
	uint32_t lane, other;

	open_grid(w);
	lane = lane_of(w, "0023");
	other = lane_of(w, "0300");
	assert_true(lane != UINT32_MAX && other != UINT32_MAX);
	fix_end(&w->disk,
	    &(struct fix_end){"0023", 1, FIX_NOW_T + 1000, CLASS_SUCCESS, 0.1, NULL, 0});
	fix_status(&w->disk, "0023", FIX_NOW_T + 1000, AGENT_COMPLETED, PHASE_NONE);
	fix_start(&w->disk, "0512", 1, FIX_NOW_T + 1500, "claude");
	happen(w);
	at(w, FIX_NOW_T + 2000);
	assert_int_equal(lane_of(w, "0023"), lane);
	assert_true(lane_of(w, "0512") != lane);
	cells_resize(&w->cells, 120, 40);
	draw(w);
	shows(w, "0023 claude 1/5 COMPLETED");
	shows(w, "(pane freed in 2 s)");
	fix_start(&w->disk, "0600", 1, FIX_NOW_T + 4100, "codex");
	happen(w);
	at(w, FIX_NOW_T + 3999);
	assert_int_equal(lane_of(w, "0023"), lane);
	at(w, FIX_NOW_T + 4000);
	/* 0600 came while all were taken: it has one of its own, and nobody moves. */
	assert_int_equal(lane_of(w, "0023"), UINT32_MAX);
	assert_int_equal(lane_of(w, "0300"), other);
	fix_start(&w->disk, "0700", 1, FIX_NOW_T + 4200, "claude");
	happen(w);
	at(w, FIX_NOW_T + 5000);
	fix_start(&w->disk, "0739", 1, FIX_NOW_T + 5100, "claude");
	happen(w);
	at(w, FIX_NOW_T + 5200);
	assert_int_equal(lane_of(w, "0739"), lane);
	assert_int_equal(lane_of(w, "0300"), other);
}

static void the_focus_is_what_keys_act_on(void **state)
{
	struct world *w = *state;
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
	shows(w, "PgDn more (2 of ");
	press(w, 'G');
	assert_int_equal(w->viewer.agent, w->viewer.grid.lanes[w->viewer.grid.nr - 1]);
	press(w, 'g');
	while (w->viewer.grid.focus != lane_of(w, "0044"))
		press(w, 'l');
	press(w, 's');
	assert_string_equal(w->sent, "0044");
	press(w, 'z');
	assert_int_equal(w->viewer.grid.across * w->viewer.grid.down, 1);
	shows(w, "0044 gemini");
	press(w, 'q');
	assert_int_equal(w->viewer.grid.across * w->viewer.grid.down, 4);
	press(w, '\r');
	assert_int_equal(w->viewer.view, VIEW_LOG);
	shows(w, "agent 0044 gemini");
	press(w, 'q');
	assert_int_equal(w->viewer.view, VIEW_GRID);
	assert_int_equal(w->viewer.agent, find(w, "0044"));
	press(w, 'q');
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(frames_of_all_sizes),
	    T(those_in_work_have_a_pane_and_running_ones_come_first),
	    T(a_pane_stays_three_seconds_and_goes_to_the_next),
	    T(the_focus_is_what_keys_act_on),
	};
	return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
