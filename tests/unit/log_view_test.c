/* The log as a view: its frames, and what its keys do. */
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
	struct buf copied, plain; /* what went to the terminal beside frames */
};

static void no_verb(void *ctx, struct ctl_request *q)
{
	(void)ctx;
	ctl_request_release(q);
}

static bool take_copy(void *ctx, const char *text, size_t n)
{
	struct world *w = ctx;

	buf_reset(&w->copied);
	buf_add(&w->copied, text, n);
	return true;
}

static void take_plain(void *ctx, const char *text, size_t n)
{
	struct world *w = ctx;

	buf_reset(&w->plain);
	buf_add(&w->plain, text, n);
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
	    .send = no_verb,
	    .leave = nothing,
	    .redraw = nothing,
	    .copy = take_copy,
	    .plain = take_plain,
	    .ctx = w,
	};
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
	buf_init(&w->copied);
	buf_init(&w->plain);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	buf_release(&w->text);
	buf_release(&w->copied);
	buf_release(&w->plain);
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
	control_key(&w->control, code, (struct instant){FIX_NOW_T, 100000});
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
}

static void type(struct world *w, const char *text)
{
	while (*text)
		press(w, (unsigned char)*text++);
}

static void open_log_of(struct world *w, const char *id)
{
	viewer_select(&w->viewer, batch_find(&w->viewer.model.shown->state, id));
	draw(w);
	press(w, '3');
	assert_int_equal(w->viewer.view, VIEW_LOG);
}

static void shows(struct world *w, const char *what)
{
	if (!strstr(w->text.data, what))
		fail_msg("no \"%s\" in:\n%s", what, w->text.data);
}

static void hides(struct world *w, const char *what)
{
	if (strstr(w->text.data, what))
		fail_msg("there is \"%s\" in:\n%s", what, w->text.data);
}

/* Appends "line FROM" to "line TO"; every 100th says "Needle". */
static void add_lines(struct world *w, int from, int to)
{
	struct buf b = BUF_INIT;
	char path[256];
	int i, fd;

	for (i = from; i <= to; i++)
		buf_fmt(&b, i % 100 ? "line %d\r\n" : "line %d Needle\n", i);
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/agent-0512.log", w->disk.root);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, b.data, b.len), 0);
	close(fd);
	buf_release(&b);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
}

/* Of an agent that has no log of its own. */
static void open_lines(struct world *w, int nr)
{
	open_log_of(w, "0512");
	add_lines(w, 1, nr);
}

/* At every size, in ASCII and, where lines are no different, not. */
static void check_frames(struct world *w, const char *view, bool utf8)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{120, 40}, {80, 24}, {60, 20}, {40, 10}, {30, 4}};
	size_t i;
	int ascii;

	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (ascii = !utf8; ascii < 2; ascii++) {
			char name[64];

			w->viewer.look.ascii = ascii;
			cells_resize(&w->cells, sizes[i].cols, sizes[i].rows);
			draw(w);
			buf_ch(&w->text, '\n');
			cells_print_marks(&w->cells, &w->text);
			snprintf(name, sizeof(name), "%s-%dx%d%s", view, sizes[i].cols,
			    sizes[i].rows, ascii ? "-ascii" : "");
			check_golden(name, &w->text);
		}
	cells_resize(&w->cells, 80, 24);
	draw(w);
}

static void frames_of_all_sizes(void **state)
{
	struct world *w = *state;

	open_log_of(w, "0018");
	type(w, "/429");
	press(w, '\r');
	check_frames(w, "log", true);
}

static void open_motley_log(struct world *w)
{
	static const char text[] =
	    "{\"type\":\"system\",\"subtype\":\"init\",\"model\":\"large-4\",\"cwd\":\"/srv/"
	    "port\"}\n"
	    "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":"
	    "\"I will read the failing test first, then I change the parser, and then I run all of "
	    "it again.\"},{\"type\":\"tool_use\",\"name\":\"Bash\",\"input\":{\"command\":"
	    "\"make check 2>&1 | tail -n 20\"}}]}}\n"
	    "{\"type\":\"user\",\"message\":{\"content\":[{\"type\":\"tool_result\",\"content\":"
	    "\"FAIL tests/quotes.csv: row 3\\nexpected 4 fields, got 1\\n\"}]}}\n"
	    "{\"no\":\"stream\"}\n"
	    "plain \033[1mbold\033[0m \033[38;5;208morange\033[0m \033]0;title\a\302\2332Jtext\n"
	    "wide \346\227\245\346\234\254\350\252\236 and a tab\there \342\200\256turned\n"
	    "10%\r50%\rall of it\r\n"
	    "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"result\":"
	    "\"API Error: 429 rate limited\"}\n";

	open_log_of(w, "0023");
	assert_int_equal(fix_log(&w->disk, "0023", FIX_NOW_T, text), 0);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
}

static void frames_of_all_modes(void **state)
{
	struct world *w = *state;

	open_motley_log(w);
	check_frames(w, "log-text", false);
	press(w, 'v');
	check_frames(w, "log-json", false);
	press(w, 'w');
	check_frames(w, "log-json-wrapped", false);
	press(w, 'v');
	press(w, 'm');
	check_frames(w, "log-raw-wrapped", false);
	press(w, 'w');
	press(w, 't');
	check_frames(w, "log-raw-times", false);
	press(w, 't');
	press(w, 'v');
	type(w, "&!/^\\{");
	press(w, '\r');
	check_frames(w, "log-filter", false);
}

static void search_goes_to_and_fro(void **state)
{
	struct world *w = *state;

	open_lines(w, 20000);
	shows(w, "line 20000 of 20000  100%");
	shows(w, "FOLLOW");
	press(w, 'g');
	shows(w, "     1  line 1\n");
	type(w, "/needle");
	shows(w, "/needle");
	press(w, '\r');
	shows(w, "   100* line 100 Needle");
	shows(w, "match 1 of 200");
	press(w, 'n');
	press(w, 'n');
	shows(w, "   300* line 300 Needle");
	shows(w, "match 3 of 200");
	press(w, 'N');
	shows(w, "match 2 of 200");
	press(w, 'N');
	press(w, 'N');
	shows(w, "no earlier one");
	press(w, 'G');
	press(w, 'N');
	shows(w, "match 199 of 200");
	press(w, 'n');
	shows(w, "match 200 of 200");
	press(w, 'n');
	shows(w, "no later one");
	/* A capital makes case count. */
	type(w, "/NEEDLE");
	press(w, '\r');
	shows(w, "no match");
	press(w, 0x1B);
	hides(w, "/NEEDLE");
	assert_int_equal(w->viewer.view, VIEW_LOG);
	press(w, 0x1B);
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
}

static void only_lines_that_have_it_are_kept(void **state)
{
	struct world *w = *state;

	open_lines(w, 2000);
	type(w, "&needle");
	press(w, '\r');
	shows(w, "  2000  line 2000 Needle");
	shows(w, "  1900  line 1900 Needle");
	shows(w, "   100  line 100 Needle");
	hides(w, "line 1999");
	press(w, 0x1B);
	shows(w, "line 1999");
	type(w, "&is nowhere");
	press(w, '\r');
	shows(w, "(no line has it)");
}

static void what_is_read_stays_while_it_grows(void **state)
{
	struct world *w = *state;

	open_lines(w, 500);
	press(w, 'k');
	shows(w, "follow OFF: F");
	shows(w, "line 499 of 500");
	add_lines(w, 501, 512);
	shows(w, "follow OFF, 12 new lines: F");
	shows(w, "line 499 of 512");
	hides(w, "  line 500 ");
	press(w, 'F');
	shows(w, "line 512 of 512");
	shows(w, "FOLLOW");
}

static void a_log_that_was_cut_is_read_anew(void **state)
{
	struct world *w = *state;

	open_lines(w, 500);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, "one\ntwo\n"), 0);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
	shows(w, "the log was cut or replaced");
	shows(w, "line 3 of 3");
	hides(w, "line 500");
}

static void errors_and_attempts_are_found(void **state)
{
	struct world *w = *state;

	open_log_of(w, "0018");
	press(w, 'g');
	press(w, '}');
	shows(w, "=== attempt 1 failed: rate_limit");
	press(w, 'g');
	press(w, 'e');
	assert_true(w->viewer.log.cursor >= 0);
	shows(w, "* ");
	press(w, 'q');
	open_lines(w, 3000);
	press(w, 'E');
	shows(w, "no earlier one");
}

static void a_filter_of_states_takes_no_log_away(void **state)
{
	struct world *w = *state;
	char path[192];
	int fd;

	viewer_set_filter(&w->viewer, VF_ACTIVE);
	open_log_of(w, "0023");
	fix_status(&w->disk, "0023", FIX_NOW_T, AGENT_COMPLETED, PHASE_NONE);
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/events.jsonl", w->disk.root);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, w->disk.events.data, w->disk.events.len), 0);
	close(fd);
	assert_true(run_reader_refresh(&w->run, NULL) > 0);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 200000});
	draw(w);
	assert_string_equal(w->viewer.selected, "0023");
	shows(w, "COMPLETED  agent 0023");
}

static void a_huge_line_does_no_harm(void **state)
{
	struct world *w = *state;
	struct buf b = BUF_INIT;
	char path[256];
	int i;

	buf_str(&b, "begin\n");
	for (i = 0; i < 300000; i++)
		buf_str(&b, "0123456789");
	buf_str(&b, "needle\nend without newline");
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/agent-0512.log", w->disk.root);
	assert_int_equal(fix_put(AT_FDCWD, path, b.data, b.len), 0);
	buf_release(&b);
	open_log_of(w, "0512");
	shows(w, "     3  end without newline");
	shows(w, "line 3 of 3");
	type(w, "/needle");
	press(w, '\r');
	/* It is found where it is not shown. */
	shows(w, "match 1 of 1");
	shows(w, "     2* 0123456789");
	press(w, 'w');
	press(w, 'G');
	shows(w, " ...2934470 more bytes\n     3  end without newline");
}

static void controls_are_shown_when_asked_for(void **state)
{
	struct world *w = *state;

	open_log_of(w, "0023");
	assert_int_equal(fix_log(&w->disk, "0023", FIX_NOW_T, "a\033[31mb\n"), 0);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
	shows(w, "  ab\n");
	press(w, 'v');
	press(w, 'v');
	shows(w, "  a^[[31mb\n");
	press(w, 'v');
	shows(w, "  ab\n");
}

/* JSON as what it says, in one row or in as many as it has lines. */
static void json_is_read_out(void **state)
{
	struct world *w = *state;

	open_log_of(w, "0023");
	assert_int_equal(fix_log(&w->disk, "0023", FIX_NOW_T,
			     "plain\n"
			     "{\"type\":\"item.started\",\"item\":{\"command\":\"make check\"}}\n"
			     "{\"type\":\"text\",\"text\":\"one\\ntwo "
			     "\\u001b]0;x\\u0007\\u202ethree\"}\n"
			     "{\"no\":\"type\"}\n"),
	    0);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
	shows(w, "     2  {\"type\":\"item.started\"");
	press(w, 'v');
	shows(w,
	    "     1  plain\n     2  tool: shell  make check\n"
	    "     3  assistant: one two three\n     4  {\"no\":\"type\"}\n");
	shows(w, "  json");
	press(w, 'w');
	shows(w, "     3  assistant: one\n        two three\n     4  ");
}

static void json_that_tells_of_no_error_is_none(void **state)
{
	struct world *w = *state;
	struct buf b = BUF_INIT;
	int i;

	open_log_of(w, "0023");
	for (i = 1; i <= 3000; i++)
		buf_str(&b,
		    i == 1500 ? "{\"type\":\"turn.failed\",\"error\":{\"message\":\"no\"}}\n"
			: i == 2500
			? "{\"type\":\"text\",\"text\":\"an Error in it\",\"is_error\":false}\n"
			: "{\"type\":\"result\",\"is_error\":false,\"result\":\"fine\"}\n");
	assert_int_equal(fix_log(&w->disk, "0023", FIX_NOW_T, b.data), 0);
	buf_release(&b);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
	press(w, 'g');
	press(w, 'e');
	shows(w, "* {\"type\":\"turn.failed\"");
	press(w, 'e');
	shows(w, "\"text\":\"an Error in it\"");
	press(w, 'e');
	shows(w, "no later one");
	press(w, 'G');
	press(w, 'E');
	shows(w, "\"text\":\"an Error in it\"");
	press(w, 'E');
	press(w, 'E');
	shows(w, "no earlier one");
}

static void long_lines_are_wrapped(void **state)
{
	struct world *w = *state;
	struct buf b = BUF_INIT;
	int i;

	open_log_of(w, "0512");
	for (i = 1; i <= 30; i++)
		buf_fmt(&b, "%d %0100d end\n", i, i);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, b.data), 0);
	buf_release(&b);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
	hides(w, "30 end");
	press(w, 'w');
	shows(w, "00030 end\n");
	shows(w, "    30  30 0000");
	press(w, 'k');
	hides(w, "00030 end\n");
	shows(w, "    30  30 0000");
	press(w, 'g');
	shows(w, "     1  1 0000");
	press(w, 'j');
	hides(w, "     1  1 0000");
	shows(w, "0001 end\n     2  2 0000");
	type(w, "/30 00");
	press(w, '\r');
	shows(w, "    30* 30 0000");
	cells_resize(&w->cells, 60, 20);
	draw(w);
	press(w, 'w');
	shows(w, "    30* 30 0000");
	hides(w, " end\n");
}

static void expressions_are_found(void **state)
{
	struct world *w = *state;

	open_lines(w, 3000);
	press(w, 'g');
	type(w, "//^line [0-9]*77$");
	shows(w, "    77* line 77");
	press(w, '\r');
	shows(w, "match 1 of 30");
	press(w, 'n');
	shows(w, "   177* line 177");
	press(w, 0x1B);
	type(w, "//(");
	press(w, '\r');
	shows(w, "no regular expression: missing closing parenthesis");
	hides(w, "*");
	press(w, 0x1B);
	type(w, "&/^line 1?1$");
	press(w, '\r');
	shows(w, "     1  line 1\n    11  line 11\n\n");
	press(w, 0x1B);
	type(w, "&!/[0-8]");
	press(w, '\r');
	shows(w, "     9  line 9\n    99  line 99\n   999  line 999\n\n");
	press(w, 0x1B);
	type(w, "&!1");
	press(w, '\r');
	press(w, 'g');
	shows(w, "     9  line 9\n    20  line 20\n");
	press(w, 'G');
	shows(w, "  2999  line 2999\n  3000  line 3000 Needle\n");
	press(w, 0x1B);
	shows(w, "  3000  line 3000 Needle\n");
}

static void lines_are_marked_one_below_the_other(void **state)
{
	struct world *w = *state;
	struct buf text = BUF_INIT;

	open_lines(w, 3000);
	press(w, 'g');
	press(w, 'm');
	shows(w, "marked; 1 marked");
	press(w, 'm');
	press(w, 'm');
	shows(w, "     1m line 1\n     2m line 2\n     3m line 3\n     4  line 4\n");
	press(w, 'j');
	press(w, 'k');
	press(w, 'm');
	shows(w, "     1  line 1\n     2m line 2\n");
	type(w, "/line 2999");
	press(w, '\r');
	press(w, 'm');
	shows(w, "  2999m line 2999\n");
	press(w, 'm');
	press(w, 'm');
	shows(w, "no line to mark below");
	assert_int_equal(log_view_marked_text(&w->viewer.log, 1000, &text), 4);
	assert_string_equal(text.data, "line 2\nline 3\nline 2999\nline 3000 Needle");
	buf_reset(&text);
	assert_int_equal(log_view_marked_text(&w->viewer.log, 20, &text), 2);
	assert_string_equal(text.data, "line 2\nline 3");
	buf_release(&text);
	/* Marks belong to a file. */
	press(w, 'q');
	open_log_of(w, "0023");
	assert_int_equal(w->viewer.log.marks.nr, 0);
}

/* What leaves the screen is whole, and as clean as what is on it. */
static void lines_go_to_the_clipboard_and_out(void **state)
{
	struct world *w = *state;
	struct buf b = BUF_INIT;
	int i;

	open_log_of(w, "0512");
	buf_str(&b, "first \033]52;c;eA==\a\033[31mred\342\200\256\n");
	for (i = 0; i < 60; i++)
		buf_fmt(&b, "%0*d\n", i == 3 ? 60000 : 2000, i);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, b.data), 0);
	viewer_update(&w->viewer, (struct instant){FIX_NOW_T, 100000});
	draw(w);
	press(w, 'g');
	press(w, 'c');
	assert_string_equal(w->copied.data, "0512");
	press(w, 'm');
	press(w, 'm');
	press(w, 'c');
	shows(w, "copied 2 lines");
	assert_int_equal(w->copied.len, 9 + 1 + 2000);
	assert_memory_equal(w->copied.data, "first red\n0000", 14);
	press(w, 'U');
	hides(w, " 1m ");
	press(w, 'm');
	for (i = 0; i < 6; i++)
		press(w, 'm');
	press(w, 'c');
	shows(w, "copied the first 4 of 7 lines: no more than 64 KiB");
	press(w, 'y');
	assert_memory_equal(w->plain.data, "first red\n0000", 14);
	assert_true(w->plain.len > 60000 && w->plain.data[w->plain.len - 1] == '\n');
	buf_release(&b);
}

static void times_are_told_as_far_as_they_are_known(void **state)
{
	struct world *w = *state;

	open_log_of(w, "0018");
	press(w, 't');
	shows(w, "     7 <23:50:56  bold words");
	shows(w, "     8: 23:50:56  === attempt 1 failed");
	press(w, 't');
	hides(w, "<23:");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(frames_of_all_sizes),
	    T(frames_of_all_modes),
	    T(search_goes_to_and_fro),
	    T(only_lines_that_have_it_are_kept),
	    T(what_is_read_stays_while_it_grows),
	    T(a_log_that_was_cut_is_read_anew),
	    T(errors_and_attempts_are_found),
	    T(a_filter_of_states_takes_no_log_away),
	    T(a_huge_line_does_no_harm),
	    T(controls_are_shown_when_asked_for),
	    T(json_is_read_out),
	    T(json_that_tells_of_no_error_is_none),
	    T(long_lines_are_wrapped),
	    T(expressions_are_found),
	    T(lines_are_marked_one_below_the_other),
	    T(lines_go_to_the_clipboard_and_out),
	    T(times_are_told_as_far_as_they_are_known),
	};
	return cmocka_run_group_tests_name("log_view", tests, NULL, NULL);
}
