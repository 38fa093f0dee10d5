#include "run_fixture.h"
#include "view/frame.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/tui/golden/"

struct world {
	struct run_fixture disk;
	struct run_reader run;
	struct viewer viewer;
	struct cells cells;
};

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
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
	cells_init(&w->cells);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	cells_release(&w->cells);
	viewer_release(&w->viewer);
	run_reader_close(&w->run);
	run_fixture_remove(&w->disk);
	free(w);
	return 0;
}

/* A few keys, as data: what the last line is made of is tested with the key table. */
static const struct key_hint hints[] = {
    {"Enter", "open", KEYS_MOVE, "Enter log", NULL, 1},
    {"p", "pause", KEYS_STEER, "p pause", "p pause", 2},
    {"s", "skip the wait", KEYS_STEER, "s skip wait", "s skip", 3},
    {"x", "cancel", KEYS_STEER, "x cancel", NULL, 4},
    {"?", "help", KEYS_SCREEN, "? help", NULL, 0},
    {"q", "leave", KEYS_SCREEN, "q leave", NULL, 0},
};

static const struct frame_opts frame_opts = {
    .hints = hints,
    .nr_hints = ARRAY_LEN(hints),
    .all_hints = hints,
    .nr_all_hints = ARRAY_LEN(hints),
};

static void draw(struct world *w, int cols, int rows, bool ascii)
{
	w->viewer.look.ascii = ascii;
	cells_resize(&w->cells, cols, rows);
	frame_paint(&w->viewer, &frame_opts, &w->cells);
}

static void check_golden(const char *name, const struct buf *got)
{
	char path[128];
	struct buf want = BUF_INIT;
	int fd;

	snprintf(path, sizeof(path), GOLDEN "%s.txt", name);
	if (getenv("GENERATE")) {
		assert_int_equal(fix_put(AT_FDCWD, path, got->data, got->len), 0);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s is missing; run with GENERATE=1", path);
	assert_int_equal(file_read_fd(fd, 1 << 20, &want, NULL), 0);
	close(fd);
	if (want.len != got->len || memcmp(want.data, got->data, got->len) != 0) {
		print_message("%s differs; got:\n%s", path, got->data);
		fail();
	}
	buf_release(&want);
}

static void frames_of_all_sizes(void **state)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{120, 40}, {80, 24}, {60, 20}, {50, 12}, {40, 10}, {30, 4}, {30, 1}};
	struct world *w = *state;
	struct buf text = BUF_INIT;
	size_t i;
	int ascii;

	viewer_select(&w->viewer, batch_find(&w->viewer.model.shown->state, "0018"));
	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (ascii = 0; ascii < 2; ascii++) {
			char name[64];

			draw(w, sizes[i].cols, sizes[i].rows, ascii);
			buf_reset(&text);
			cells_print(&w->cells, ascii, &text);
			buf_ch(&text, '\n');
			cells_print_marks(&w->cells, &text);
			snprintf(name, sizeof(name), "overview-%dx%d%s", sizes[i].cols,
			    sizes[i].rows, ascii ? "-ascii" : "");
			check_golden(name, &text);
		}
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_of_all_sizes),
	};
	return cmocka_run_group_tests_name("overview", tests, setup, teardown);
}
