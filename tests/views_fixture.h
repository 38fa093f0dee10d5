/* A viewer on the run of TUI.md's drawings, with keys in and frames out: for tests of the views. */
#ifndef AB_TESTS_VIEWS_FIXTURE_H
#define AB_TESTS_VIEWS_FIXTURE_H

#include "golden.h"
#include "run_fixture.h"
#include "ui/control.h"
#include "ui/keys.h"
#include "view/screen/frame.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct views_world {
	struct run_fixture disk;
	struct run_reader run;
	struct viewer viewer;
	struct control control;
	struct cells cells;
	struct buf sent; /* the last verb, as the conductor reads it */
	struct buf copied, plain; /* what went to the terminal beside frames, last */
	int nr_sent, nr_left;
	int64_t now_t; /* Unix ms, FIX_NOW_T at first */
	int cols, rows; /* of the frames between keys, 120x40 at first */
};

static inline void views_on_send(void *ctx, struct ctl_request *q)
{
	struct views_world *w = ctx;

	buf_reset(&w->sent);
	ctl_request_format(q, &w->sent);
	ctl_request_release(q);
	w->nr_sent++;
}

static inline bool views_on_copy(void *ctx, const char *text, size_t n)
{
	struct views_world *w = ctx;

	buf_reset(&w->copied);
	buf_add(&w->copied, text, n);
	return true;
}

static inline void views_on_plain(void *ctx, const char *text, size_t n)
{
	struct views_world *w = ctx;

	buf_reset(&w->plain);
	buf_add(&w->plain, text, n);
}

static inline void views_on_leave(void *ctx)
{
	((struct views_world *)ctx)->nr_left++;
}

static inline void views_on_redraw(void *ctx)
{
	(void)ctx;
}

/* A viewer on the run of that directory. NULL: it cannot be read. */
static inline struct views_world *views_open(const char *path)
{
	struct views_world *w = xcalloc(1, sizeof(*w));
	const struct control_ops ops = {
	    .send = views_on_send,
	    .leave = views_on_leave,
	    .redraw = views_on_redraw,
	    .copy = views_on_copy,
	    .plain = views_on_plain,
	    .ctx = w,
	};

	setenv("TZ", "UTC", 1);
	tzset();
	if (!setlocale(LC_CTYPE, "C.UTF-8") || run_reader_open(&w->run, path, NULL) < 0)
		return NULL;
	viewer_init(&w->viewer, &w->run, NULL);
	w->viewer.look.ascii = true;
	w->now_t = FIX_NOW_T;
	w->cols = 120;
	w->rows = 40;
	control_init(&w->control, &w->viewer, &ops);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 0});
	cells_init(&w->cells);
	return w;
}

static inline void views_close(struct views_world *w)
{
	cells_release(&w->cells);
	control_release(&w->control);
	viewer_release(&w->viewer);
	run_reader_close(&w->run);
	buf_release(&w->sent);
	buf_release(&w->copied);
	buf_release(&w->plain);
	free(w);
}

static inline int views_setup(void **state)
{
	struct run_fixture disk;
	struct views_world *w;
	char path[128];

	if (run_fixture_make(&disk) < 0)
		return -1;
	run_fixture_path(&disk, path);
	w = views_open(path);
	if (!w)
		return -1;
	w->disk = disk;
	*state = w;
	return 0;
}

static inline int views_teardown(void **state)
{
	struct views_world *w = *state;

	run_fixture_remove(&w->disk);
	views_close(w);
	return 0;
}

#define views_test(f) cmocka_unit_test_setup_teardown(f, views_setup, views_teardown)

/* One frame, with the last line that the key table gives it. */
static inline void views_draw(struct views_world *w, int cols, int rows)
{
	struct control_frame f;

	viewer_update(&w->viewer, (struct instant){w->now_t, 99999});
	while (viewer_work(&w->viewer))
		;
	control_frame(&w->viewer, &f);
	cells_resize(&w->cells, cols, rows);
	frame_paint(&w->viewer, &f.opts, &w->cells);
}

/* Keys, one a byte, each with a frame behind it as on a terminal. */
static inline void views_press(struct views_world *w, const char *keys)
{
	for (; *keys; keys++) {
		views_draw(w, w->cols, w->rows);
		control_key(&w->control, (unsigned char)*keys, (struct instant){w->now_t, 99999});
	}
}

/* A click, or a wheel that turned by `rows`, with a frame of 120x40 before and behind it. */
static inline void views_mouse(struct views_world *w, int row, int col, int rows)
{
	struct control_mouse m = {.row = row, .col = col, .rows = rows};

	views_draw(w, 120, 40);
	control_mouse(&w->control, &m, (struct instant){w->now_t, 99999});
	views_draw(w, 120, 40);
}

static inline bool views_shows(struct views_world *w, const char *text)
{
	struct buf b = BUF_INIT;
	bool found;

	cells_print(&w->cells, true, &b);
	found = strstr(b.data, text) != NULL;
	if (!found)
		print_message("not shown: '%s'\n%s", text, b.data);
	buf_release(&b);
	return found;
}

static inline bool views_hides(struct views_world *w, const char *text)
{
	struct buf b = BUF_INIT;
	bool found;

	cells_print(&w->cells, true, &b);
	found = strstr(b.data, text) != NULL;
	buf_release(&b);
	return !found;
}

/* More of the living batch's journal, from disk.events. */
static inline void views_append(struct views_world *w)
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
	viewer_update(&w->viewer, (struct instant){w->now_t, 99999});
}

static inline void views_golden_one(struct views_world *w, const char *view)
{
	struct buf text = BUF_INIT;
	char name[128];

	cells_print(&w->cells, w->viewer.look.ascii, &text);
	buf_ch(&text, '\n');
	cells_print_marks(&w->cells, &text);
	snprintf(name, sizeof(name), "%s-%dx%d%s", view, w->cells.cols, w->cells.rows,
	    w->viewer.look.ascii ? "-ascii" : "");
	check_golden(name, &text);
	buf_release(&text);
}

/* The view as it stands, at all sizes that are kept, with the sets of signs from `ascii_from` on;
 * the other sizes only have to come out. */
static inline void views_golden_from(struct views_world *w, const char *view, int ascii_from)
{
	static const struct {
		int cols, rows;
		bool is_kept;
	} sizes[] = {{120, 40, true}, {80, 24, true}, {60, 20, true}, {40, 10, true}, {30, 4, true},
	    {39, 9, false}, {300, 100, false}, {41, 16, false}, {7, 2, false}};
	size_t i;
	int ascii;

	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (ascii = ascii_from; ascii < 2; ascii++) {
			w->viewer.look.ascii = ascii;
			views_draw(w, sizes[i].cols, sizes[i].rows);
			if (sizes[i].is_kept)
				views_golden_one(w, view);
		}
}

static inline void views_golden(struct views_world *w, const char *view)
{
	views_golden_from(w, view, 0);
}

/* Where what is shown has no signs of its own. */
static inline void views_golden_ascii(struct views_world *w, const char *view)
{
	views_golden_from(w, view, 1);
}

#endif
