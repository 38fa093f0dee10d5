/* The log as a view: its frames, and what its keys do. */
#include "views_fixture.h"

static int setup(void **state)
{
	struct views_world *w;

	if (views_setup(state) < 0)
		return -1;
	w = *state;
	w->viewer.look.ascii = false;
	w->cols = 80;
	w->rows = 24;
	return 0;
}

static void draw(struct views_world *w)
{
	views_draw(w, w->cols, w->rows);
}

static void type(struct views_world *w, const char *keys)
{
	views_press(w, keys);
	draw(w);
}

static void open_log_of(struct views_world *w, const char *id)
{
	w->viewer.is_touched = true;
	viewer_select(&w->viewer, batch_find(&w->viewer.model.shown->state, id));
	draw(w);
	type(w, "3");
	assert_int_equal(w->viewer.view, VIEW_LOG);
}

static void shows(struct views_world *w, const char *what)
{
	if (!views_shows(w, what))
		fail();
}

static void hides(struct views_world *w, const char *what)
{
	if (!views_hides(w, what))
		fail_msg("there is \"%s\"", what);
}

/* Appends "line FROM" to "line TO"; every 100th says "Needle". */
static void add_lines(struct views_world *w, int from, int to)
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
	draw(w);
}

/* Of an agent that has no log of its own. */
static void open_lines(struct views_world *w, int nr)
{
	open_log_of(w, "0512");
	add_lines(w, 1, nr);
}

static void frames_of_all_sizes(void **state)
{
	struct views_world *w = *state;

	open_log_of(w, "0018");
	type(w, "/429\r");
	views_golden(w, "log");
}

static void open_motley_log(struct views_world *w)
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
	draw(w);
}

static void frames_of_all_modes(void **state)
{
	struct views_world *w = *state;

	open_motley_log(w);
	views_golden_ascii(w, "log-text");
	type(w, "v");
	views_golden_ascii(w, "log-json");
	type(w, "w");
	views_golden_ascii(w, "log-json-wrapped");
	type(w, "vm");
	views_golden_ascii(w, "log-raw-wrapped");
	type(w, "wt");
	views_golden_ascii(w, "log-raw-times");
	type(w, "tv");
	type(w, "&!/^\\{\r");
	views_golden_ascii(w, "log-filter");
}

static void search_goes_to_and_fro(void **state)
{
	struct views_world *w = *state;

	open_lines(w, 20000);
	shows(w, "line 20000 of 20000  100%");
	shows(w, "FOLLOW");
	type(w, "g");
	shows(w, "     1  line 1\n");
	type(w, "/needle");
	shows(w, "/needle");
	type(w, "\r");
	shows(w, "   100* line 100 Needle");
	shows(w, "match 1 of 200");
	type(w, "nn");
	shows(w, "   300* line 300 Needle");
	shows(w, "match 3 of 200");
	type(w, "N");
	shows(w, "match 2 of 200");
	type(w, "NN");
	shows(w, "no earlier one");
	type(w, "GN");
	shows(w, "match 199 of 200");
	type(w, "n");
	shows(w, "match 200 of 200");
	type(w, "n");
	shows(w, "no later one");
	/* A capital makes case count. */
	type(w, "/NEEDLE\r");
	shows(w, "no match");
	type(w, "\x1b");
	hides(w, "/NEEDLE");
	assert_int_equal(w->viewer.view, VIEW_LOG);
	type(w, "\x1b");
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
}

static void only_lines_that_have_it_are_kept(void **state)
{
	struct views_world *w = *state;

	open_lines(w, 2000);
	type(w, "&needle\r");
	shows(w, "  2000  line 2000 Needle");
	shows(w, "  1900  line 1900 Needle");
	shows(w, "   100  line 100 Needle");
	hides(w, "line 1999");
	type(w, "\x1b");
	shows(w, "line 1999");
	type(w, "&is nowhere\r");
	shows(w, "(no line has it)");
}

static void what_is_read_stays_while_it_grows(void **state)
{
	struct views_world *w = *state;

	open_lines(w, 500);
	type(w, "k");
	shows(w, "follow OFF: F");
	shows(w, "line 499 of 500");
	add_lines(w, 501, 512);
	shows(w, "follow OFF, 12 new lines: F");
	shows(w, "line 499 of 512");
	hides(w, "  line 500 ");
	type(w, "F");
	shows(w, "line 512 of 512");
	shows(w, "FOLLOW");
}

static void a_log_that_was_cut_is_read_anew(void **state)
{
	struct views_world *w = *state;

	open_lines(w, 500);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, "one\ntwo\n"), 0);
	draw(w);
	shows(w, "the log was cut or replaced");
	shows(w, "line 3 of 3");
	hides(w, "line 500");
}

static void errors_and_attempts_are_found(void **state)
{
	struct views_world *w = *state;

	open_log_of(w, "0018");
	type(w, "g}");
	shows(w, "=== attempt 1 failed: rate_limit");
	type(w, "ge");
	assert_true(w->viewer.log.cursor >= 0);
	shows(w, "* ");
	type(w, "q");
	open_lines(w, 3000);
	type(w, "E");
	shows(w, "no earlier one");
}

static void a_filter_of_states_takes_no_log_away(void **state)
{
	struct views_world *w = *state;

	viewer_set_filter(&w->viewer, VF_ACTIVE);
	open_log_of(w, "0023");
	fix_status(&w->disk, "0023", FIX_NOW_T, AGENT_COMPLETED, PHASE_NONE);
	views_append(w);
	draw(w);
	assert_string_equal(w->viewer.selected, "0023");
	shows(w, "COMPLETED  agent 0023");
}

static void a_huge_line_does_no_harm(void **state)
{
	struct views_world *w = *state;
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
	type(w, "/needle\r");
	/* It is found where it is not shown. */
	shows(w, "match 1 of 1");
	shows(w, "     2* 0123456789");
	type(w, "wG");
	shows(w, " ...2934470 more bytes\n     3  end without newline");
}

static void controls_are_shown_when_asked_for(void **state)
{
	struct views_world *w = *state;

	open_log_of(w, "0023");
	assert_int_equal(fix_log(&w->disk, "0023", FIX_NOW_T, "a\033[31mb\n"), 0);
	draw(w);
	shows(w, "  ab\n");
	type(w, "vv");
	shows(w, "  a^[[31mb\n");
	type(w, "v");
	shows(w, "  ab\n");
}

/* JSON as what it says, in one row or in as many as it has lines. */
static void json_is_read_out(void **state)
{
	struct views_world *w = *state;

	open_log_of(w, "0023");
	assert_int_equal(fix_log(&w->disk, "0023", FIX_NOW_T,
			     "plain\n"
			     "{\"type\":\"item.started\",\"item\":{\"command\":\"make check\"}}\n"
			     "{\"type\":\"text\",\"text\":\"one\\ntwo "
			     "\\u001b]0;x\\u0007\\u202ethree\"}\n"
			     "{\"no\":\"type\"}\n"),
	    0);
	draw(w);
	shows(w, "     2  {\"type\":\"item.started\"");
	type(w, "v");
	shows(w,
	    "     1  plain\n     2  tool: shell  make check\n"
	    "     3  assistant: one two three\n     4  {\"no\":\"type\"}\n");
	shows(w, "  json");
	type(w, "w");
	shows(w, "     3  assistant: one\n        two three\n     4  ");
}

static void json_that_tells_of_no_error_is_none(void **state)
{
	struct views_world *w = *state;
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
	draw(w);
	type(w, "ge");
	shows(w, "* {\"type\":\"turn.failed\"");
	type(w, "e");
	shows(w, "\"text\":\"an Error in it\"");
	type(w, "e");
	shows(w, "no later one");
	type(w, "GE");
	shows(w, "\"text\":\"an Error in it\"");
	type(w, "EE");
	shows(w, "no earlier one");
}

static void long_lines_are_wrapped(void **state)
{
	struct views_world *w = *state;
	struct buf b = BUF_INIT;
	int i;

	open_log_of(w, "0512");
	for (i = 1; i <= 30; i++)
		buf_fmt(&b, "%d %0100d end\n", i, i);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, b.data), 0);
	buf_release(&b);
	draw(w);
	hides(w, "30 end");
	type(w, "w");
	shows(w, "00030 end\n");
	shows(w, "    30  30 0000");
	type(w, "k");
	hides(w, "00030 end\n");
	shows(w, "    30  30 0000");
	type(w, "g");
	shows(w, "     1  1 0000");
	type(w, "j");
	hides(w, "     1  1 0000");
	shows(w, "0001 end\n     2  2 0000");
	type(w, "/30 00\r");
	shows(w, "    30* 30 0000");
	w->cols = 60;
	w->rows = 20;
	draw(w);
	type(w, "w");
	shows(w, "    30* 30 0000");
	hides(w, " end\n");
}

static void expressions_are_found(void **state)
{
	struct views_world *w = *state;

	open_lines(w, 3000);
	type(w, "g");
	type(w, "//^line [0-9]*77$");
	shows(w, "    77* line 77");
	type(w, "\r");
	shows(w, "match 1 of 30");
	type(w, "n");
	shows(w, "   177* line 177");
	type(w, "\x1b");
	type(w, "//(\r");
	shows(w, "no regular expression: missing closing parenthesis");
	hides(w, "*");
	type(w, "\x1b");
	type(w, "&/^line 1?1$\r");
	shows(w, "     1  line 1\n    11  line 11\n\n");
	type(w, "\x1b");
	type(w, "&!/[0-8]\r");
	shows(w, "     9  line 9\n    99  line 99\n   999  line 999\n\n");
	type(w, "\x1b");
	type(w, "&!1\rg");
	shows(w, "     9  line 9\n    20  line 20\n");
	type(w, "G");
	shows(w, "  2999  line 2999\n  3000  line 3000 Needle\n");
	type(w, "\x1b");
	shows(w, "  3000  line 3000 Needle\n");
}

static void lines_are_marked_one_below_the_other(void **state)
{
	struct views_world *w = *state;
	struct buf text = BUF_INIT;

	open_lines(w, 3000);
	type(w, "gm");
	shows(w, "marked; 1 marked");
	type(w, "mm");
	shows(w, "     1m line 1\n     2m line 2\n     3m line 3\n     4  line 4\n");
	type(w, "jkm");
	shows(w, "     1  line 1\n     2m line 2\n");
	type(w, "/line 2999\rm");
	shows(w, "  2999m line 2999\n");
	type(w, "mm");
	shows(w, "no line to mark below");
	assert_int_equal(log_view_marked_text(&w->viewer.log, 1000, &text), 4);
	assert_string_equal(text.data, "line 2\nline 3\nline 2999\nline 3000 Needle");
	buf_reset(&text);
	assert_int_equal(log_view_marked_text(&w->viewer.log, 20, &text), 2);
	assert_string_equal(text.data, "line 2\nline 3");
	buf_release(&text);
	/* Marks belong to a file. */
	type(w, "q");
	open_log_of(w, "0023");
	assert_int_equal(w->viewer.log.marks.nr, 0);
}

/* What leaves the screen is whole, and as clean as what is on it. */
static void lines_go_to_the_clipboard_and_out(void **state)
{
	struct views_world *w = *state;
	struct buf b = BUF_INIT;
	int i;

	open_log_of(w, "0512");
	buf_str(&b, "first \033]52;c;eA==\a\033[31mred\342\200\256\n");
	for (i = 0; i < 60; i++)
		buf_fmt(&b, "%0*d\n", i == 3 ? 60000 : 2000, i);
	assert_int_equal(fix_log(&w->disk, "0512", FIX_NOW_T, b.data), 0);
	draw(w);
	type(w, "gc");
	assert_string_equal(w->copied.data, "0512");
	type(w, "mmc");
	shows(w, "copied 2 lines");
	assert_int_equal(w->copied.len, 9 + 1 + 2000);
	assert_memory_equal(w->copied.data, "first red\n0000", 14);
	type(w, "U");
	hides(w, " 1m ");
	type(w, "mmmmmmmc");
	shows(w, "copied the first 4 of 7 lines: no more than 64 KiB");
	type(w, "y");
	assert_memory_equal(w->plain.data, "first red\n0000", 14);
	assert_true(w->plain.len > 60000 && w->plain.data[w->plain.len - 1] == '\n');
	buf_release(&b);
}

static void times_are_told_as_far_as_they_are_known(void **state)
{
	struct views_world *w = *state;

	open_log_of(w, "0018");
	type(w, "t");
	shows(w, "     7 <23:50:56  bold words");
	shows(w, "     8: 23:50:56  === attempt 1 failed");
	type(w, "t");
	hides(w, "<23:");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, views_teardown)
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
