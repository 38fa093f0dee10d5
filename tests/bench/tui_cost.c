/* What the screen costs, measured inside: processor time of frames, folds, sorts and searches.
 *
 *   tui_cost BATCH [FILE]
 *
 * BATCH is one that tui_world has made, FILE a log of 1 GiB. A line for each figure: its name, what
 * was measured, and what TUI.md allows. */
#include "base/clock.h"
#include "base/xalloc.h"
#include "ui/control.h"
#include "ui/view_keys.h"
#include "view/screen/frame.h"
#include "view/text/sanitize.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FRAMES 200

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void say(const char *what, double measured, const char *unit, double most)
{
	printf("%s|%.2f|%s|%g\n", what, measured, unit, most);
}

/* ---- frames ------------------------------------------------------------- */

struct screen {
	struct viewer viewer;
	struct cells cells;
	struct instant now;
};

static void draw(struct screen *s)
{
	struct control_frame f;

	control_frame(&s->viewer, &f);
	cells_resize(&s->cells, 120, 40);
	frame_paint(&s->viewer, &f.opts, &s->cells);
}

/* A second goes by with each: the update and the painting, as the loop does them. */
static void frames_of(struct screen *s, const char *name)
{
	const struct view_place *p = view_of_name(name);
	double took[FRAMES];
	char what[64];
	int i;

	view_show(&s->viewer, p->view);
	while (viewer_work(&s->viewer))
		;
	draw(s);
	for (i = 0; i < FRAMES; i++) {
		double t = cpu_ms();

		s->now.wall_ms += 1000;
		s->now.mono_ms += 1000;
		viewer_update(&s->viewer, s->now);
		draw(s);
		took[i] = cpu_ms() - t;
	}
	qsort(took, FRAMES, sizeof(*took), by_size);
	snprintf(what, sizeof(what), "frame of %s, median", name);
	say(what, took[FRAMES / 2], "ms", 1);
	snprintf(what, sizeof(what), "frame of %s, worst of %d", name, FRAMES);
	say(what, took[FRAMES - 1], "ms", 3);
}

/* ---- rows --------------------------------------------------------------- */

static void rows_of(struct screen *s)
{
	struct err err = ERR_INIT;
	enum view_sort at = SORT_STATE;
	char what[64];
	double t, worst = 0;
	int i;

	for (i = 0; i < SORT__COUNT; i++) {
		t = cpu_ms();
		viewer_sort(&s->viewer, (enum view_sort)i, false);
		if (cpu_ms() - t > worst) {
			worst = cpu_ms() - t;
			at = (enum view_sort)i;
		}
	}
	snprintf(what, sizeof(what), "sort of all rows, worst column (%s)", view_sort_word(at));
	say(what, worst, "ms", 5);
	viewer_sort(&s->viewer, (enum view_sort)0, false);
	t = cpu_ms();
	viewer_set_filter(&s->viewer, VF_FAILED);
	say("filter by state", cpu_ms() - t, "ms", 5);
	viewer_set_filter(&s->viewer, VF_ALL);
	t = cpu_ms();
	(void)viewer_keep(&s->viewer, "number 00042", &err);
	say("filter by words", cpu_ms() - t, "ms", 5);
	t = cpu_ms();
	(void)viewer_keep(&s->viewer, "/number 0+42[0-9]$", &err);
	say("filter by an expression", cpu_ms() - t, "ms", 5);
	(void)viewer_keep(&s->viewer, "", &err);
}

/* All failed attempts into groups, in the slices of the loop. */
static void groups_of(struct screen *s)
{
	double begun = cpu_ms(), worst = 0, t;
	bool is_busy = true;

	s->viewer.view = VIEW_FAILURES;
	while (is_busy) {
		t = cpu_ms();
		is_busy = viewer_work(&s->viewer);
		if (cpu_ms() - t > worst)
			worst = cpu_ms() - t;
	}
	say("grouping all failures, longest slice", worst, "ms", 10);
	say("grouping all failures, in all", cpu_ms() - begun, "ms", 300);
}

/* ---- text --------------------------------------------------------------- */

static const char *const samples[] = {
    "assistant: Running the whole suite again.\n",
    "\033[32mok\033[0m 41 of 96 \xc3\xa9t\xc3\xa9 \xe2\x9c\x94 passed, \033[1mgood\033[0m\n",
};

/* Into glyphs, as for the screen. */
static double glyphs_mb_s(const char *sample)
{
	struct buf in = BUF_INIT;
	struct sanitizer s;
	struct glyph g[256];
	double t;
	int i;

	while (in.len < 1 << 20)
		buf_str(&in, sample);
	sanitize_init(&s, SANITIZE_LOG);
	t = cpu_ms();
	for (i = 0; i < 32; i++) {
		const char *p = in.data, *end = in.data + in.len;

		while (p < end)
			(void)sanitize_feed(&s, &p, end, g, ARRAY_LEN(g));
	}
	t = (double)in.len * 32 / 1e6 / ((cpu_ms() - t) / 1e3);
	buf_release(&in);
	return t;
}

static double text_mb_s(const char *sample)
{
	struct sanitize_stream st;
	struct buf in = BUF_INIT, out = BUF_INIT;
	double t;
	int i;

	while (in.len < 1 << 20)
		buf_str(&in, sample);
	sanitize_stream_init(&st, SANITIZE_LOG);
	t = cpu_ms();
	for (i = 0; i < 32; i++) {
		buf_reset(&out);
		sanitize_stream_feed(&st, in.data, in.len, &out);
	}
	t = cpu_ms() - t;
	sanitize_stream_end(&st, &out);
	sanitize_stream_release(&st);
	t = (double)in.len * 32 / 1e6 / (t / 1e3);
	buf_release(&in);
	buf_release(&out);
	return t;
}

/* ---- a very long log ---------------------------------------------------- */

static void long_log(struct screen *s, const char *file)
{
	struct viewer *v = &s->viewer;
	double t = cpu_ms();

	(void)file;
	view_show_log(v);
	log_pane_refresh(&v->pane);
	draw(s);
	say("open a log of 1 GiB at its end", cpu_ms() - t, "ms", 50);
	t = cpu_ms();
	log_view_search(&v->log, "nowhere in it");
	while (viewer_work(v) && !log_finder_is_done(&v->log.search, v->pane.tail.size))
		;
	say("search it", (cpu_ms() - t) / 1e3, "s", 2);
}

int main(int argc, char **argv)
{
	static const char *const names[] = {
	    "overview", "grid", "log", "lineage", "timeline", "failures"};
	struct run_reader run;
	struct screen s = {.now = clock_now()};
	struct err err = ERR_INIT;
	char boot[BOOT_ID_LEN + 1], what[96];
	double t = cpu_ms();
	size_t i;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc < 2 || run_reader_open(&run, argv[1], &err) < 0)
		return 2;
	snprintf(what, sizeof(what), "fold of %llu events, %u agents",
	    (unsigned long long)run.batches[0]->state.nr_events, run.batches[0]->state.nr_agents);
	say(what, cpu_ms() - t, "ms", 300);
	clock_boot_id(boot);
	t = cpu_ms();
	viewer_init(&s.viewer, &run, boot);
	s.viewer.look.ascii = true;
	cells_init(&s.cells);
	viewer_update(&s.viewer, s.now);
	draw(&s);
	say("first frame after the fold", cpu_ms() - t, "ms", 100);
	rows_of(&s);
	groups_of(&s);
	for (i = 0; i < ARRAY_LEN(names); i++)
		frames_of(&s, names[i]);
	say("sanitiser, plain text, for the screen", glyphs_mb_s(samples[0]), "MB/s", -200);
	say("sanitiser, plain text, for printers", text_mb_s(samples[0]), "MB/s", -200);
	/* Something to decide at nearly every byte: no log is like that. */
	say("sanitiser, colours and UTF-8, for the screen", glyphs_mb_s(samples[1]), "MB/s", -20);
	say("sanitiser, colours and UTF-8, for printers", text_mb_s(samples[1]), "MB/s", -20);
	if (argc > 2) {
		view_show(&s.viewer, VIEW_OVERVIEW);
		viewer_select(&s.viewer, batch_find(&s.viewer.model.shown->state, argv[2]));
		long_log(&s, argv[2]);
	}
	cells_release(&s.cells);
	viewer_release(&s.viewer);
	run_reader_close(&run);
	return 0;
}
