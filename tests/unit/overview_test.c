/* The overview: its frames, what hostile text becomes, the log pane. */
#include "view/print/status_text.h"
#include "views_fixture.h"
#include "base/utf8.h"

static void draw(struct views_world *w, int cols, int rows, bool ascii)
{
	w->viewer.look.ascii = ascii;
	views_draw(w, cols, rows);
}

static void choose(struct views_world *w, const char *id)
{
	w->viewer.is_touched = true;
	viewer_select(&w->viewer, batch_find(&w->viewer.model.shown->state, id));
}

static void frames_of_all_sizes(void **state)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{120, 40}, {80, 24}, {60, 20}, {50, 12}, {40, 10}, {30, 4}, {30, 1}};
	struct views_world *w = *state;
	size_t i;
	int ascii;

	choose(w, "0018");
	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (ascii = 0; ascii < 2; ascii++) {
			draw(w, sizes[i].cols, sizes[i].rows, ascii);
			views_golden_one(w, "overview");
		}
}

/* ---- text that is not ours ---------------------------------------------- */

/* Everything that a terminal, a reader of bidi text or a curious eye could trip over. */
#define HOSTILE \
	"\033]0;owned\007\033]52;c;aGk=\033\\\033[2J\033[?1049l\033P1$r\033\\\033c" \
	"\x9b" \
	"31m\x9d" \
	"0;x\x9c\xC2\x9b" \
	"5m\a\b\v\xE2\x80\xAE" \
	"evil\xE2\x80\xAC\xE2\x81\xA6\xF3\xA0\x81\xA1\xFF\xFE\xED\xA0\x80 end\rover"

static void check_harmless(const struct buf *b)
{
	static const char *const bidi[] = {
	    "\xE2\x80\xAE", "\xE2\x80\xAC", "\xE2\x81\xA6", "\xF3\xA0"};
	size_t i;

	assert_true(utf8_is_valid(b->data, b->len));
	for (i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];

		assert_true(c == '\n' || (c >= 0x20 && c != 0x7F));
		assert_false(c == 0xC2 && (unsigned char)b->data[i + 1] < 0xA0);
	}
	for (i = 0; i < ARRAY_LEN(bidi); i++)
		assert_null(strstr(b->data, bidi[i]));
}

static void nothing_hostile_leaves(void **state)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{120, 40}, {80, 24}, {50, 12}, {30, 4}, {7, 3}, {1, 1}};
	struct views_world *w = *state;
	struct event ev;
	struct buf text = BUF_INIT;
	size_t i;
	int overlay;

	fix_start(&w->disk, "0512", 1, FIX_NOW_T - 9000, "\033]0;account\007");
	fix_end(&w->disk,
	    &(struct fix_end){"0512", 1, FIX_NOW_T - 5000, CLASS_TASK_ERROR, 0, HOSTILE, 0});
	event_init(&ev, EV_STATUS);
	ev.status.status = AGENT_FAILED;
	ev.status.why = HOSTILE;
	fix_emit(&w->disk, &ev, FIX_NOW_T - 5000, "0512");
	event_init(&ev, EV_VERB);
	ev.verb.verb = "jobs";
	ev.verb.result = HOSTILE;
	fix_emit(&w->disk, &ev, FIX_NOW_T, NULL);
	views_append(w);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, HOSTILE "\n" HOSTILE), 0);
	choose(w, "0512");
	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (overlay = OVERLAY_NONE; overlay <= OVERLAY_DETAILS; overlay++) {
			w->viewer.overlay = (enum viewer_overlay)overlay;
			draw(w, sizes[i].cols, sizes[i].rows, false);
			buf_reset(&text);
			cells_print(&w->cells, false, &text);
			check_harmless(&text);
		}
	w->viewer.overlay = OVERLAY_NONE;
	draw(w, 120, 40, false);
	buf_reset(&text);
	cells_print(&w->cells, false, &text);
	assert_non_null(strstr(text.data, "over")); /* what follows the carriage return */
	buf_release(&text);
}

/* ---- the log pane ------------------------------------------------------- */

/* In the pane or its title; the table above tells last lines too. */
static bool shows(struct views_world *w, const char *text)
{
	struct buf b = BUF_INIT;
	bool found;
	int row;

	draw(w, 80, 24, true);
	for (row = w->viewer.layout.title.row; row < 24; row++) {
		cells_row_text(&w->cells, row, true, &b);
		buf_ch(&b, '\n');
	}
	found = strstr(b.data, text) != NULL;
	buf_release(&b);
	return found;
}

static void append_log(struct views_world *w, const char *id, const char *text)
{
	char path[192];
	int fd;

	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/agent-%s.log", w->disk.root, id);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void a_followed_log_shows_its_end(void **state)
{
	struct views_world *w = *state;
	int i;

	choose(w, "0023");
	for (i = 0; i < 30; i++)
		append_log(w, "0023", i == 15 ? "the middle\n" : "a line\n");
	append_log(w, "0023", "the newest");
	assert_true(shows(w, "the newest"));
	/* Moved up it stays where it is, whatever arrives and whatever the size. */
	log_pane_move(&w->viewer.pane, -12);
	assert_true(shows(w, "the middle"));
	append_log(w, "0023", " of all\nand more\n");
	assert_true(shows(w, "the middle"));
	draw(w, 120, 40, true);
	assert_true(shows(w, "the middle"));
	assert_false(shows(w, "and more"));
	assert_true(shows(w, "follow off"));
	log_pane_follow(&w->viewer.pane, true);
	assert_true(shows(w, "the newest of all"));
	assert_true(shows(w, "and more"));
}

/* Neither a silence nor a number of tries is cut in the table that status prints. */
static void status_has_room_for_the_longest(void **state)
{
	struct views_world *w = *state;
	struct status_opts o = {.columns = 80, .rows = 24, .now = {FIX_NOW_T, 0}};
	struct batch_reader *last = run_reader_last(&w->run);
	struct buf b = BUF_INIT;

	status_text(&w->run, last, &o, &b);
	assert_non_null(strstr(b.data, " 0160  IN_PROGRESS running silent 2:10 1/5 "));
	last->manifest.options.attempts = 100;
	o.columns = 100;
	buf_reset(&b);
	status_text(&w->run, last, &o, &b);
	assert_non_null(strstr(b.data, " silent 2:10 1/100    "));
	assert_non_null(strstr(b.data, " 2/100     rate_limit "));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(frames_of_all_sizes),
	    views_test(a_followed_log_shows_its_end),
	    views_test(nothing_hostile_leaves),
	    views_test(status_has_room_for_the_longest),
	};
	return cmocka_run_group_tests_name("overview", tests, NULL, NULL);
}
