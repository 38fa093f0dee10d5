#include "formats/tasks_csv.h"
#include "base/buf.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* What the callbacks were told, one a line. */
static struct buf warnings = BUF_INIT;
static struct buf faults = BUF_INIT;
static int nr_profile_questions;

static void note(void *ctx, const char *text)
{
	assert_null(strchr(text, '\n'));
	buf_fmt(ctx, "%s\n", text);
}

static bool only_sim(void *ctx, const char *name)
{
	(void)ctx;
	nr_profile_questions++;
	return strcmp(name, "sim") == 0;
}

static struct tasks_read_opts opts_for_tests(void)
{
	buf_reset(&warnings);
	buf_reset(&faults);
	nr_profile_questions = 0;
	return (struct tasks_read_opts){
	    .file = "t.csv",
	    .has_profile = only_sim,
	    .warn = note,
	    .warn_ctx = &warnings,
	};
}

static void read_good_n(struct tasks *ts, const char *text, size_t len)
{
	struct tasks_read_opts opts = opts_for_tests();
	struct err err = ERR_INIT;

	if (tasks_read_text(ts, NULL, text, len, &opts, &err) < 0)
		fail_msg("refused: %s", err.msg);
}

static void read_good(struct tasks *ts, const char *text)
{
	read_good_n(ts, text, strlen(text));
}

static const char *cell(const struct tasks *ts, uint32_t row, const char *column)
{
	const char *s = task_get_named(ts, &ts->v[row], column);

	assert_non_null(s);
	return s;
}

static void columns_come_in_any_order_and_others_are_kept(void **state)
{
	struct tasks ts;

	(void)state;
	read_good(&ts, "colour,prompt,agent,agent_id\nblue,do it,sim,a1\n\"\",again,sim,b2\n");
	assert_int_equal(ts.nr, 2);
	assert_int_equal(ts.nr_columns, 4);
	assert_string_equal(ts.columns[3], "agent_id");
	assert_string_equal(ts.v[0].id, "a1");
	assert_string_equal(task_get(&ts, &ts.v[0], COL_TASK), "do it");
	assert_string_equal(cell(&ts, 0, "colour"), "blue");
	assert_string_equal(cell(&ts, 1, "colour"), "");
	assert_string_equal(task_get(&ts, &ts.v[1], COL_MODEL), "");
	assert_int_equal(tasks_find(&ts, "b2"), 1);
	assert_int_equal(tasks_find(&ts, "c3"), MAP_NONE);
	assert_int_equal(nr_profile_questions, 1);
	assert_string_equal(warnings.data, "");
	tasks_release(&ts);
}

/* FAULTS.md I4. Each text must give the rows "a" and "b", the second with the cell told. */
static void every_way_to_write_a_cell_is_defined(void **state)
{
	static const struct {
		const char *text, *want;
		uint32_t line;
	} t[] = {
	    {"id,task\na,x\nb,y\n", "y", 3},
	    {"id,task\na,x\nb,y", "y", 3},
	    {"id,task\r\na,x\r\nb,y\r\n", "y", 3},
	    {"id,task\r\na,x\nb,y", "y", 3},
	    {"\xef\xbb\xbfid,task\na,x\nb,y\n", "y", 3},
	    {"\n\nid,task\n\na,x\n\r\n\nb,y\n\n\n", "y", 8},
	    {"id,task\na,x\nb,\"y\"", "y", 3},
	    {"id,task\r\na,x\r\nb,\"y\"\r\n", "y", 3},
	    {"id,task\na,x\nb,\"say \"\"y\"\"\"\n", "say \"y\"", 3},
	    {"id,task\na,x\nb,\"\"\"\"\n", "\"", 3},
	    {"id,task\na,x\nb,\"1,2\"\n", "1,2", 3},
	    {"id,task\na,\"x\nx\n\"\nb,\"1\n2\"\n", "1\n2", 5},
	    {"id,task\r\na,\"x\r\n\"\r\nb,\"1\r\n2\"\r\n", "1\r\n2", 4},
	    {"id,task\na,x\nb,\"1\r2\r\"\n", "1\r2\r", 3},
	    {"id,task\na,x\nb,  y \t\n", "  y \t", 3},
	    {"id,task\na,x\nb,\"  y \"\n", "  y ", 3},
	    {"\"id\",\"task\"\n\"a\",\"x\"\n\"b\",\"y\"\n", "y", 3},
	    {"id,task\na,x\nb,$(x) `x` ; 'x' \\n %s *\n", "$(x) `x` ; 'x' \\n %s *", 3},
	    {"id,task\na,x\nb,\"\n\"\"\n\"\"\ny\"\n", "\n\"\n\"\ny", 3},
	    {"id,task\na,x\nb,\xc3\xa9\xe2\x82\xac\n", "\xc3\xa9\xe2\x82\xac", 3},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct tasks ts;

		read_good(&ts, t[i].text);
		assert_int_equal(ts.nr, 2);
		assert_string_equal(ts.v[0].id, "a");
		assert_string_equal(ts.v[1].id, "b");
		assert_string_equal(task_get(&ts, &ts.v[1], COL_TASK), t[i].want);
		assert_int_equal(ts.v[1].line, t[i].line);
		assert_string_equal(warnings.data, "");
		tasks_release(&ts);
	}
}

static void a_row_without_an_id_has_its_number(void **state)
{
	struct tasks ts;

	(void)state;
	read_good(&ts, "task\nx\n\ny\n");
	assert_string_equal(ts.v[0].id, "1");
	assert_string_equal(ts.v[1].id, "2"); /* empty lines are no rows */
	tasks_release(&ts);
	read_good(&ts, "id,task\na,x\n,y\n1,z\n");
	assert_string_equal(ts.v[1].id, "2");
	assert_int_equal(tasks_find(&ts, "2"), 1);
	assert_int_equal(tasks_find(&ts, "1"), 2);
	tasks_release(&ts);
}

#define ID_229 \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhh" \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhh" \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggggggg"

static void an_id_may_be_as_long_as_its_files_allow(void **state)
{
	struct tasks ts;
	char name[300];

	(void)state;
	read_good(&ts, "id,task\n" ID_229 ",x\n");
	assert_int_equal(strlen(ts.v[0].id), TASK_ID_MAX);
	snprintf(name, sizeof(name), "%s.%u.validate.jsonl", ts.v[0].id, UINT32_MAX);
	assert_int_equal(strlen(name), 255);
	tasks_release(&ts);
}

static void refusals_say_where_and_what(void **state)
{
	static const struct {
		const char *text, *place, *what;
	} t[] = {
	    /* nothing to do */
	    {"", "1:1", "empty"},
	    {"\xef\xbb\xbf", "1:1", "empty"},
	    {"\n\r\n\n", "4:1", "empty"},
	    {"id,task\n", "2:1", "no rows"},
	    {"id,task", "1:8", "no rows"},
	    {"id,task\n\n\n", "4:1", "no rows"},
	    /* the header */
	    {"id,agent\na,sim\n", "1:1", "no column 'task'"},
	    {"id;agent;task\na;sim;x\n", "1:1", "commas"},
	    {"id,task,id\na,x,b\n", "1:9", "column 'id'"},
	    {"id,task,agent_id\na,x,b\n", "1:9", "'id'"},
	    {"prompt,x,task\na,x,b\n", "1:10", "'prompt'"},
	    {"id,x,task,y,x\na,1,t,2,3\n", "1:13", "column 'x'"},
	    {"\xef\xbb\xbfid,task,id\na,x,b\n", "1:9", "column 'id'"},
	    {"\"i\"\"d\",\"task\",\"a\nb\",\"a\nb\"\na,x,b,c\n", "2:4", "column 'a?b'"},
	    /* the shape of rows */
	    {"id,task\na,x\nb\n", "3:2", "wrong number of fields, 1 where the header names 2"},
	    {"id,task\na,x\nb,y,z\n", "3:5", "wrong number of fields, 3 where"},
	    {"id,task\na,x\nb,\"1\n2\",z\n", "4:4", "wrong number of fields, 3"},
	    {"id,task\na,x\n\"b\n\nc\"\n", "5:3", "wrong number of fields, 1"},
	    {"id,task\r\na,x\r\nb\r\n", "3:2", "wrong number of fields"},
	    {"id,task\n  \n", "2:3", "wrong number of fields"},
	    /* quotes */
	    {"id,task\na,\"x\nb,y\n", "2:3", "unclosed quote"},
	    {"id,task\na,x\nb,\"y", "3:3", "unclosed quote"},
	    {"id,task\na,\"1\n2\"\nb,\"\"\"\n\n", "4:3", "unclosed quote"},
	    {"id,\"task\na,x\n", "1:4", "unclosed quote"},
	    {"id,task\na,\"x\"y\n", "2:6", "text after a closing quote"},
	    {"id,task\na,\"x\" \n", "2:6", "text after a closing quote"},
	    {"id,task\n\"a\" ,x\n", "2:4", "text after a closing quote"},
	    {"id,task\na,\"x\nb,\"y\"\n", "3:4", "opens at 2:3"},
	    {"id,task\na, \"x\"\n", "2:4", "quote in a field"},
	    {"id,task\na,say \"x\"\n", "2:7", "quote in a field"},
	    /* carriage returns */
	    {"id,task\na,x\rb,y\n", "2:4", "carriage return"},
	    {"id,task\ra,x\rb,y\r", "1:8", "carriage return"},
	    {"id,task\na,x\r", "2:4", "carriage return"},
	    {"id,task\na,x\r\r\n", "2:4", "carriage return"},
	    {"id,task\na,\"x\"\ry\n", "2:6", "carriage return"},
	    {"id,task\na,\"x\r\n\ry\",\r\n", "3:5", "wrong number of fields"},
	    /* ids */
	    {"id,task\na,x\nb,y\na,z\n", "4:1", "duplicate id 'a', first on line 2"},
	    {"task,id\nx,a\ny,\"a\"\n", "3:3", "duplicate id 'a'"},
	    {"id,task\n2,x\n,y\n", "3:1", "duplicate id '2'"},
	    {"id,task\n,x\n1,y\n", "3:1", "duplicate id '1'"},
	    {"id,task\na/b,x\n", "2:1", "no safe file name"},
	    {"id,task\n..,x\n", "2:1", "no safe file name"},
	    {"id,task\n.,x\n", "2:1", "no safe file name"},
	    {"id,task\n\"a\nb\",x\n", "2:1", "no safe file name"},
	    {"id,task\na\x1b[2J,x\n", "2:1", "no safe file name"},
	    {"id,task\na\x7f,x\n", "2:1", "no safe file name"},
	    {"id,task\na\xc2\x9b,x\n", "2:1", "no safe file name"},
	    {"id,task\na" ID_229 ",x\n", "2:1", "no safe file name"},
	    {"id,task\na\xff,x\n", "2:1", "not UTF-8"},
	    {"id,task\na b,x\n", "2:1", "space, comma or semicolon"},
	    {"id,task\n\"a,b\",x\n", "2:1", "space, comma or semicolon"},
	    {"id,task\na;b,x\n", "2:1", "space, comma or semicolon"},
	    /* cells */
	    {"id,task\na,\n", "2:3", "task is empty"},
	    {"id,task\na,\" \n\"\n", "2:3", "task is empty"},
	    {"id,agent,task\na,sim,x\nb,nobody,y\n", "3:3", "unknown profile 'nobody'"},
	    {"id,agent,task\na, sim,x\n", "2:3", "unknown profile ' sim'"},
	    {"task,max_turns\nx,ten\n", "2:3", "bad number 'ten' in column 'max_turns'"},
	    {"task,max_turns\nx,0\n", "2:3", "'max_turns'"},
	    {"task,max_turns\nx,-1\n", "2:3", "'max_turns'"},
	    {"task,max_turns\nx,1.5\n", "2:3", "'max_turns'"},
	    {"task,max_turns\nx,99999999999999999999\n", "2:3", "'max_turns'"},
	    {"task,max_turns\nx, 5\n", "2:3", "'max_turns'"},
	    {"task,timeout\nx,-1\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,1e3\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,.\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,1.2.3\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,nan\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,inf\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,0x10\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,\"1,5\"\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,1000000001\n", "2:3", "'timeout'"},
	    {"task,timeout\nx,\n5,10s\n", "3:3", "'timeout'"},
	    {"task,priority\nx,high\n", "2:3", "'priority'"},
	    {"task,priority\nx,1.0\n", "2:3", "'priority'"},
	    {"task,priority\nx,-\n", "2:3", "'priority'"},
	    {"task,priority\nx,2147483648\n", "2:3", "'priority'"},
	    {"task,priority\nx,--1\n", "2:3", "'priority'"},
	    /* dependencies */
	    {"id,task,depends_on\na,x,\nb,y,a c\n", "3:5", "unknown dependency 'c'"},
	    {"id,task,depends_on\na,x," ID_229 "aa\n", "2:5", "unknown dependency 'aaa"},
	    {"id,task,depends_on\na,x,a\n", "2:5", "dependency cycle a -> a:"},
	    {"id,task,depends_on\nr,x,a\na,x,c\nb,x,a\nc,x,b\n", "3:5",
		"dependency cycle a -> c -> b -> a:"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct tasks_read_opts opts = opts_for_tests();
		struct err err = ERR_INIT;
		struct graph g;
		struct tasks ts;
		char place[64];

		snprintf(place, sizeof(place), "t.csv:%s: ", t[i].place);
		assert_int_equal(tasks_read_text(&ts, &g, t[i].text, strlen(t[i].text), &opts,
				     &err),
		    -1);
		if (strncmp(err.msg, place, strlen(place)) != 0 || !strstr(err.msg, t[i].what))
			fail_msg("case %zu: wanted '%s...%s', got '%s'", i, place, t[i].what,
			    err.msg);
		/* Nothing is left, and what is left may be released again. */
		assert_int_equal(ts.nr, 0);
		assert_null(ts.v);
		assert_null(g.parents);
		tasks_release(&ts);
		graph_release(&g);
	}
}

static void refuse_n(const char *text, size_t len, const char *want)
{
	struct tasks_read_opts opts = opts_for_tests();
	struct err err = ERR_INIT;
	struct tasks ts;

	assert_int_equal(tasks_read_text(&ts, NULL, text, len, &opts, &err), -1);
	if (strncmp(err.msg, want, strlen(want)) != 0)
		fail_msg("wanted '%s', got '%s'", want, err.msg);
}

#define REFUSE_BYTES(text, want) refuse_n(text, sizeof(text) - 1, want)

static void what_is_no_text_is_refused_first(void **state)
{
	(void)state;
	REFUSE_BYTES("id,task\na,x\nb,y\0z\n", "t.csv:3:4: NUL byte");
	REFUSE_BYTES("id,task\na,\"x\0\n", "t.csv:2:5: NUL byte");
	REFUSE_BYTES("\0", "t.csv:1:1: NUL byte");
	REFUSE_BYTES("\xff\xfei\0d\0,\0t\0", "t.csv:1:1: the file is UTF-16");
	REFUSE_BYTES("\xfe\xff\0i\0d", "t.csv:1:1: the file is UTF-16");
	REFUSE_BYTES("\xff\xfe", "t.csv:1:1: the file is UTF-16");
}

static void numbers_are_read_as_written(void **state)
{
	static const struct {
		const char *cell;
		double want;
	} t[] = {
	    {"0", 0},
	    {"90", 90},
	    {"0.1", 0.1},
	    {".5", 0.5},
	    {"5.", 5},
	    {"007.250", 7.25},
	    {"1000000000", 1e9},
	    {"0.0000000000000000000000000000000000000000000000000000000000000000001", 0},
	};
	char text[256];
	struct tasks ts;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		snprintf(text, sizeof(text), "task,timeout\nx,%s\n", t[i].cell);
		read_good(&ts, text);
		assert_true(task_timeout_s(&ts, &ts.v[0]) >= t[i].want - 1e-9);
		assert_true(task_timeout_s(&ts, &ts.v[0]) <= t[i].want + 1e-9);
		assert_int_equal(task_max_turns(&ts, &ts.v[0]), 0);
		tasks_release(&ts);
	}
	read_good(&ts, "task,max_turns,priority\nx,2147483647,-2147483648\ny,,+7\nz,1,\n");
	assert_int_equal(task_max_turns(&ts, &ts.v[0]), 2147483647);
	assert_int_equal(task_max_turns(&ts, &ts.v[1]), 0);
	assert_int_equal(task_max_turns(&ts, &ts.v[2]), 1);
	assert_true(task_timeout_s(&ts, &ts.v[0]) == 0);
	tasks_release(&ts);
}

static void every_fault_is_told_to_who_asks(void **state)
{
	static const char text[] = "id,agent,task,timeout,depends_on\n"
				   "a,nobody,,x,\n"
				   "a,sim,t,1,\n"
				   "b,sim,t,1\n"
				   "c,nobody,t,1,b zzz\n";
	struct tasks_read_opts opts = opts_for_tests();
	struct err err = ERR_INIT;
	struct tasks ts;

	(void)state;
	opts.fault = note;
	opts.fault_ctx = &faults;
	assert_int_equal(tasks_read_text(&ts, NULL, text, sizeof(text) - 1, &opts, &err), -1);
	assert_string_equal(faults.data,
	    "t.csv:2:10: the task is empty: say what is to be done, or remove the row\n"
	    "t.csv:2:3: unknown profile 'nobody': agent-batch-profile(5) tells where profiles are "
	    "looked for\n"
	    "t.csv:2:11: bad number 'x' in column 'timeout': write seconds, such as 90 or 0.5, 0 "
	    "for none, or nothing\n"
	    "t.csv:3:1: duplicate id 'a', first on line 2: every row needs its own\n"
	    "t.csv:4:10: wrong number of fields, 4 where the header names 5: add the missing ones, "
	    "empty will do\n"
	    "t.csv:5:3: unknown profile 'nobody': agent-batch-profile(5) tells where profiles are "
	    "looked for\n");
	/* The first one is the one that counts; the lost row b spoils no judgement on c. */
	assert_string_equal(err.msg,
	    "t.csv:2:10: the task is empty: say what is to be done, or remove the row");
	assert_int_equal(nr_profile_questions, 2);
}

static void all_unknown_dependencies_are_told(void **state)
{
	static const char text[] = "id,task,depends_on\na,t,x\nb,t,a\nc,t,y a z\n";
	struct tasks_read_opts opts = opts_for_tests();
	struct tasks ts;

	(void)state;
	opts.fault = note;
	opts.fault_ctx = &faults;
	assert_int_equal(tasks_read_text(&ts, NULL, text, sizeof(text) - 1, &opts, NULL), -1);
	assert_string_equal(faults.data,
	    "t.csv:2:5: unknown dependency 'x': no row has this id, add one or remove it here\n"
	    "t.csv:4:5: unknown dependency 'y': no row has this id, add one or remove it here\n"
	    "t.csv:4:5: unknown dependency 'z': no row has this id, add one or remove it here\n");
}

static void a_flood_of_faults_ends(void **state)
{
	struct tasks_read_opts opts = opts_for_tests();
	struct buf text = BUF_INIT;
	struct tasks ts;
	size_t i, nr = 0;

	(void)state;
	buf_str(&text, "id,task\n");
	for (i = 0; i < 1000; i++)
		buf_str(&text, "same,t\n");
	opts.fault = note;
	opts.fault_ctx = &faults;
	assert_int_equal(tasks_read_text(&ts, NULL, text.data, text.len, &opts, NULL), -1);
	for (i = 0; i < faults.len; i++)
		nr += faults.data[i] == '\n';
	assert_int_equal(nr, TASKS_MAX_FAULTS);
	buf_release(&text);
}

static void a_long_cycle_is_spelled_out_in_part(void **state)
{
	struct tasks_read_opts opts = opts_for_tests();
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct tasks ts;
	int i;

	(void)state;
	buf_str(&text, "id,task,depends_on\n");
	for (i = 0; i < 10000; i++)
		buf_fmt(&text, "n%d,t,n%d\n", i, (i + 1) % 10000);
	assert_int_equal(tasks_read_text(&ts, NULL, text.data, text.len, &opts, &err), -1);
	assert_string_equal(err.msg,
	    "t.csv:2:6: dependency cycle n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> n7 -> n8 -> n9 "
	    "-> n10 -> ... 9988 more ... -> n9999 -> n0: each waits for the next, remove one of "
	    "them");
	buf_release(&text);
}

static bool met_elsewhere(void *ctx, const char *id)
{
	return strcmp(ctx, id) == 0;
}

static void a_dependency_may_be_met_elsewhere(void **state)
{
	static const char text[] = "id,task,depends_on\na,x,\nb,y,\"a;done\"\n";
	char done[] = "done";
	struct graph_met met = {.is_met = met_elsewhere, .ctx = done};
	struct tasks_read_opts opts = opts_for_tests();
	struct tasks ts;
	struct graph g;

	(void)state;
	assert_int_equal(tasks_read_text(&ts, &g, text, sizeof(text) - 1, &opts, NULL), -1);
	opts.met = &met;
	assert_int_equal(tasks_read_text(&ts, &g, text, sizeof(text) - 1, &opts, NULL), 0);
	assert_int_equal(g.first_parent[2] - g.first_parent[1], 1);
	assert_int_equal(g.parents[0], 0);
	graph_release(&g);
	tasks_release(&ts);
}

static void a_column_that_is_nearly_ours_is_pointed_at(void **state)
{
	struct tasks ts;

	(void)state;
	read_good(&ts, "Agent,task, id,colour\nx,y,z,\n");
	assert_string_equal(warnings.data,
	    "t.csv:1:1: column 'Agent' is kept as one of your own: write 'agent' if it is meant\n"
	    "t.csv:1:12: column ' id' is kept as one of your own: write 'id' if it is meant\n");
	assert_string_equal(ts.v[0].id, "1");
	tasks_release(&ts);
	/* Spreadsheets leave nameless columns behind. */
	read_good(&ts, "task,,\ny,,\n");
	assert_string_equal(warnings.data, "");
	tasks_release(&ts);
}

static void bytes_that_are_not_utf8_are_kept_and_warned_of_once(void **state)
{
	struct tasks ts;

	(void)state;
	read_good(&ts, "id,task\na,fine \xc3\xa9\nb,caf\xe9\nc,\xff\n");
	assert_string_equal(task_get(&ts, &ts.v[1], COL_TASK), "caf\xe9");
	assert_string_equal(warnings.data,
	    "t.csv:3:6: not UTF-8 from here on: agents get the bytes as they are, screens and JSON "
	    "a replacement character\n");
	tasks_release(&ts);
}

/* ---- context paths and what rows share: a directory with d1/, d2/ and the file f ---- */

static char cwd[] = "/tmp/tasks-csv-test-XXXXXX";

static int make_cwd(void **state)
{
	char path[128];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(cwd));
	snprintf(path, sizeof(path), "%s/d1", cwd);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/d 2", cwd);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/link", cwd);
	assert_int_equal(symlink("d1", path), 0);
	snprintf(path, sizeof(path), "%s/f", cwd);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	setenv("HOME", cwd, 1);
	return 0;
}

static int remove_cwd(void **state)
{
	static const char *const names[] = {"d1", "d 2", "link", "f", "."};
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", cwd, names[i]);
		if (unlink(path) < 0)
			(void)rmdir(i == 4 ? cwd : path);
	}
	return access(cwd, F_OK) == 0 ? -1 : 0;
}

static int read_in_cwd(const char *text, struct err *err)
{
	struct tasks_read_opts opts = opts_for_tests();
	struct tasks ts;
	int rc;

	opts.cwd = cwd;
	rc = tasks_read_text(&ts, NULL, text, strlen(text), &opts, err);
	tasks_release(&ts);
	return rc;
}

static void context_paths_must_be_there(void **state)
{
	static const struct {
		const char *cell, *fault; /* NULL: good */
	} t[] = {
	    {"", NULL},
	    {"d1", NULL},
	    {".", NULL},
	    {"~", NULL},
	    {"~/d1", NULL},
	    {"link", NULL},
	    {"/", NULL},
	    {"d1;f", NULL},
	    {"d1 ; d 2 ;f;", NULL},
	    {";f", NULL},
	    {"nope", "missing context path 'nope'"},
	    {"~/nope", "missing context path '~/nope'"},
	    {"~nobody", "missing context path '~nobody'"},
	    {"d1;nope", "missing context path 'nope'"},
	    {"d1;f;d1/x", "missing context path 'd1/x'"},
	    {"f", "is no directory"},
	    {"f/x", "missing context path 'f/x'"},
	    {"d1,f", "missing context path 'd1,f'"},
	};
	struct err err = ERR_INIT;
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		int rc;

		snprintf(text, sizeof(text), "task,context_path\na,d1\nb,\"%s\"\n", t[i].cell);
		rc = read_in_cwd(text, &err);
		if (!t[i].fault != (rc == 0))
			fail_msg("'%s': %d, %s", t[i].cell, rc, err.msg);
		if (!t[i].fault)
			continue;
		assert_non_null(strstr(err.msg, t[i].fault));
		assert_memory_equal(err.msg, "t.csv:3:3: ", 11);
	}
}

/* A judgement kept for a path must not be the wrong one for the next row. */
static void a_path_named_often_is_judged_for_each_row(void **state)
{
	static const char text[] = "task,context_path\na,d1\nb,nope\nc,d1\nd,nope\n";
	struct tasks_read_opts opts = opts_for_tests();
	struct tasks ts;

	(void)state;
	opts.cwd = cwd;
	opts.fault = note;
	opts.fault_ctx = &faults;
	assert_int_equal(tasks_read_text(&ts, NULL, text, sizeof(text) - 1, &opts, NULL), -1);
	assert_non_null(strstr(faults.data, "t.csv:3:3: missing"));
	assert_non_null(strstr(faults.data, "t.csv:5:3: missing"));
	assert_null(strstr(faults.data, "t.csv:4:"));
}

static void rows_that_may_overwrite_each_other_are_warned_of(void **state)
{
	static const struct {
		const char *text, *output, *dir; /* pieces of a warning; NULL: none of this kind */
	} t[] = {
	    {"id,task\na,x\nb,y\n", NULL, NULL},
	    {"id,task,output_file\na,x,o1\nb,y,o2\nc,z,\nd,z,\n", NULL, NULL},
	    {"id,task,output_file\na,x,o\nb,y,o\n",
		"t.csv:3:5: rows 'a' and 'b' write the same output_file 'o' and may", NULL},
	    {"id,task,output_file\na,x,o\nb,y,./o\nc,z,o\n", "'./o' (and 1 more such row) and",
		NULL},
	    {"id,task,output_file\na,x,o\nb,y,o\nc,z,o\nd,z,o\n", "(and 2 more such rows)", NULL},
	    /* One name in two directories is two files; one directory by two names is one. */
	    {"id,task,output_file,context_path\na,x,o,d1\nb,y,o,d 2\n", NULL, NULL},
	    {"id,task,output_file,context_path\na,x,o,d1\nb,y,o,link\n", "rows 'a' and 'b' write",
		"rows 'a' and 'b' work in the same directory 'link'"},
	    {"id,task,output_file,context_path\na,x,/o,d1\nb,y,/o,d 2\n", "rows 'a' and 'b' write",
		NULL},
	    {"id,task,output_file,context_path\na,x,o,\nb,y,o,.\n", "rows 'a' and 'b' write", NULL},
	    {"id,task,context_path\na,x,d1\nb,y,d 2\nc,z,d1;f\n", NULL,
		"t.csv:4:5: rows 'a' and 'c' work in the same directory 'd1' and may"},
	    {"id,task,context_path\na,x,d1\nb,y,\nc,z,\n", NULL, NULL},
	    /* A chain works in turns; two of its rows that do not wait for each other do not. */
	    {"id,task,context_path,depends_on\na,x,d1,\nb,y,d1,a\nc,z,d1,a b\n", NULL, NULL},
	    {"id,task,context_path,depends_on\na,x,d1,\nb,y,d1,a\nc,z,d1,a\n", NULL,
		"rows 'b' and 'c' work"},
	};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		const char *output, *dir;

		assert_int_equal(read_in_cwd(t[i].text, &err), 0);
		output = strstr(warnings.data, "write the same output_file");
		dir = strstr(warnings.data, "work in the same directory");
		if (!output != !t[i].output || !dir != !t[i].dir)
			fail_msg("case %zu: '%s'", i, warnings.data);
		if (output)
			assert_non_null(strstr(warnings.data, t[i].output));
		if (dir)
			assert_non_null(strstr(warnings.data, t[i].dir));
	}
}

/* Where the reader of a file of its own finds the cell again; quotes and newlines before it. */
static void a_cell_is_found_again(void **state)
{
	static const char text[] = "\xef\xbb\xbfid,task\r\n\r\na,\"x\ny\"\r\nb,\"\"\"z\"\r\n";
	static const struct {
		uint32_t row;
		int cell;
		const char *place;
	} t[] = {{0, 0, "t.csv:3:1: "}, {0, 1, "t.csv:3:3: "}, {1, 1, "t.csv:5:3: "},
	    {1, -1, "t.csv:5:1: "}};
	struct tasks_read_opts opts = opts_for_tests();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct buf place = BUF_INIT;

		tasks_place(&place, text, sizeof(text) - 1, &opts, t[i].row, t[i].cell);
		assert_string_equal(place.data, t[i].place);
		buf_release(&place);
	}
}

/* ---- files ---- */

static void a_descriptor_is_read_to_its_end(void **state)
{
	static const char half[] = "id,task\na,x\nb,";
	struct tasks_read_opts opts = opts_for_tests();
	struct err err = ERR_INIT;
	struct tasks ts;
	struct graph g;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(write(fd[1], half, sizeof(half) - 1), sizeof(half) - 1);
	assert_int_equal(write(fd[1], "y\nb,z\n", 6), 6);
	close(fd[1]);
	opts.file = "-";
	assert_int_equal(tasks_read_fd(&ts, &g, fd[0], &opts, &err), -1);
	assert_memory_equal(err.msg, "<stdin>:4:1: duplicate", 22);
	close(fd[0]);
	fd[0] = open("/", O_RDONLY | O_CLOEXEC);
	opts.file = "/";
	assert_int_equal(tasks_read_fd(&ts, &g, fd[0], &opts, &err), -1);
	assert_memory_equal(err.msg, "/: ", 3);
	tasks_release(&ts);
	graph_release(&g);
	close(fd[0]);
}

static void a_cell_may_be_a_megabyte(void **state)
{
	const size_t size = (size_t)1 << 20;
	struct buf text = BUF_INIT;
	const char *task;
	struct tasks ts;
	size_t i;

	(void)state;
	buf_str(&text, "id,task\na,\"");
	for (i = 0; i < size; i++)
		buf_str(&text, i % 64 == 63 ? "\"\"" : i % 64 == 31 ? "\n" : "x");
	buf_str(&text, "\"\nb,");
	for (i = 0; i < size; i++)
		buf_ch(&text, 'y');
	buf_str(&text, "\n");
	read_good_n(&ts, text.data, text.len);
	task = task_get(&ts, &ts.v[0], COL_TASK);
	assert_int_equal(strlen(task), size);
	for (i = 0; i < size; i++)
		if (task[i] != (i % 64 == 63 ? '"' : i % 64 == 31 ? '\n' : 'x'))
			fail_msg("byte %zu is '%c'", i, task[i]);
	assert_int_equal(strlen(task_get(&ts, &ts.v[1], COL_TASK)), size);
	assert_int_equal(ts.v[1].line, 3 + size / 64);
	tasks_release(&ts);
	buf_release(&text);
}

/* ---- retry CSVs ---- */

static char *retry_text(const struct tasks *ts, const struct retry_row *rows, uint32_t nr)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(tasks_write_retry(out, ts, rows, nr, NULL), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_retry_csv_keeps_columns_and_their_words(void **state)
{
	static const struct retry_row rows[] = {{2, 1}, {0, 3}, {1, 0}};
	static const struct {
		const char *text, *want;
	} t[] = {
	    {"task\nx\ny\nz\n", "id,task,tags\n3,z,RETRY-1\n1,x,RETRY-3\n2,y,\n"},
	    {"prompt,agent_id,tags,own\nx,a,,1\ny,b,t u,2\nz,c,\"t,u\",3\n",
		"prompt,agent_id,tags,own\nz,c,\"t,u,RETRY-1\",3\nx,a,RETRY-3,1\ny,b,t u,2\n"},
	    {"tags,task\nRETRY-2,x\nRETRY-9,y\na;RETRY-2;b,z\n",
		"id,tags,task\n3,a;RETRY-1;b,z\n1,RETRY-3,x\n2,RETRY-9,y\n"},
	    /* An empty id was its row's number and must stay it. */
	    {"id,task\n,x\n,y\nc,z\n", "id,task,tags\nc,z,RETRY-1\n1,x,RETRY-3\n2,y,\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct tasks ts;
		char *text;

		read_good(&ts, t[i].text);
		text = retry_text(&ts, rows, ARRAY_LEN(rows));
		assert_string_equal(text, t[i].want);
		free(text);
		tasks_release(&ts);
	}
}

static void an_older_retry_tag_gives_way(void **state)
{
	static const struct {
		const char *tags, *want;
	} t[] = {
	    {"", "RETRY-4"},
	    {"a", "a RETRY-4"},
	    {"a b", "a b RETRY-4"},
	    {"a;b", "a;b;RETRY-4"},
	    {"\"a,b\"", "\"a,b,RETRY-4\""},
	    {"RETRY-3", "RETRY-4"},
	    {"RETRY-12 a", "RETRY-4 a"},
	    {"a RETRY-3", "a RETRY-4"},
	    {"a; RETRY-3 ;b", "a; RETRY-4 ;b"},
	    {"RETRY-1 a RETRY-2 b RETRY-3", "RETRY-4 a b"},
	    {"RETRY-1;RETRY-2", "RETRY-4"},
	    {"NO-RETRY-1", "NO-RETRY-1 RETRY-4"},
	    {"RETRY-", "RETRY- RETRY-4"},
	    {"RETRY-1x", "RETRY-1x RETRY-4"},
	    {"retry-1", "retry-1 RETRY-4"},
	};
	static const struct retry_row row = {0, 4};
	char text[128], want[128];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct tasks ts;
		char *got;

		snprintf(text, sizeof(text), "id,task,tags\na,x,%s\n", t[i].tags);
		snprintf(want, sizeof(want), "id,task,tags\na,x,%s\n", t[i].want);
		read_good(&ts, text);
		got = retry_text(&ts, &row, 1);
		assert_string_equal(got, want);
		free(got);
		tasks_release(&ts);
	}
}

/* Quotes are also for readers that trim blanks, and nowhere they are not needed. */
static void a_cell_is_quoted_only_where_it_must_be(void **state)
{
	static const char *const t[][2] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"in the middle", "in the middle"},
	    {"a;b=c'd\\", "a;b=c'd\\"},
	    {"=1+1", "=1+1"},
	    {" x", "\" x\""},
	    {"x\t", "\"x\t\""},
	    {" ", "\" \""},
	    {"a,b", "\"a,b\""},
	    {"a\nb", "\"a\nb\""},
	    {"a\rb", "\"a\rb\""},
	    {"\"", "\"\"\"\""},
	    {"say \"x\" now", "\"say \"\"x\"\" now\""},
	};
	size_t i, size;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		char *text = NULL;
		FILE *out = open_memstream(&text, &size);

		csv_write_cell(out, t[i][0]);
		fclose(out);
		assert_string_equal(text, t[i][1]);
		free(text);
	}
}

/* A small generator of our own, so that every machine sees the same cells. */
static uint32_t next_random(uint32_t *s)
{
	*s = *s * 1664525u + 1013904223u;
	return *s >> 8;
}

static void random_cell(uint32_t *s, char out[16])
{
	static const char bytes[] = "\",\r\n \tab;=\xc3\xa9\xff\xef\xbb\xbf\xfe'\\";
	size_t n = next_random(s) % 8;
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = bytes[next_random(s) % (sizeof(bytes) - 1)];
	out[n] = '\0';
}

static void every_cell_reads_back_to_the_same_bytes(void **state)
{
	static const struct retry_row rows[] = {{1, 0}, {0, 0}};
	uint32_t seed = 20261121;
	char cells[4][16];
	int round, i;

	(void)state;
	for (round = 0; round < 3000; round++) {
		struct tasks ts, back;
		FILE *out;
		char *text = NULL, *retry;
		size_t size;

		out = open_memstream(&text, &size);
		for (i = 0; i < 4; i++)
			random_cell(&seed, cells[i]);
		fputs("task,own", out);
		/* The first column's name stands at the beginning of the file. */
		fputs("\nx,", out);
		csv_write_cell(out, cells[0]);
		fputs("\nx", out);
		csv_write_cell(out, "");
		fputs(",", out);
		csv_write_cell(out, cells[1]);
		fputs("\n", out);
		fclose(out);
		read_good_n(&ts, text, size);
		assert_string_equal(ts.v[0].cells[1], cells[0]);
		assert_string_equal(ts.v[1].cells[1], cells[1]);
		retry = retry_text(&ts, rows, 2);
		read_good(&back, retry);
		assert_string_equal(back.v[0].id, "2");
		assert_string_equal(back.v[0].cells[2], cells[1]);
		assert_string_equal(back.v[1].id, "1");
		assert_string_equal(back.v[1].cells[2], cells[0]);
		tasks_release(&back);
		tasks_release(&ts);
		free(retry);
		free(text);
	}
}

/* The bytes that begin a file in some encoding must not be taken for it. */
static void a_first_cell_that_looks_like_a_mark_is_quoted(void **state)
{
	static const char *const marks[] = {"\xef\xbb\xbftask", "\xff\xfe", "\xfe\xff"};
	size_t i, size;

	(void)state;
	for (i = 0; i < ARRAY_LEN(marks); i++) {
		char *text = NULL;
		FILE *out = open_memstream(&text, &size);
		struct tasks ts;

		csv_write_cell(out, marks[i]);
		fputs(",task\n1,x\n", out);
		fclose(out);
		read_good_n(&ts, text, size);
		assert_string_equal(ts.columns[0], marks[i]);
		tasks_release(&ts);
		free(text);
	}
}

static void a_full_disk_is_noticed(void **state)
{
	static const struct retry_row row = {0, 1};
	struct err err = ERR_INIT;
	struct tasks ts;
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	if (!out)
		skip();
	read_good(&ts, "task\nx\n");
	assert_int_equal(tasks_write_retry(out, &ts, &row, 1, &err), -1);
	assert_non_null(strstr(err.msg, "No space left"));
	(void)fclose(out);
	tasks_release(&ts);
}

static int release_buffers(void **state)
{
	(void)state;
	buf_release(&warnings);
	buf_release(&faults);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_come_in_any_order_and_others_are_kept),
	    cmocka_unit_test(every_way_to_write_a_cell_is_defined),
	    cmocka_unit_test(a_row_without_an_id_has_its_number),
	    cmocka_unit_test(an_id_may_be_as_long_as_its_files_allow),
	    cmocka_unit_test(refusals_say_where_and_what),
	    cmocka_unit_test(what_is_no_text_is_refused_first),
	    cmocka_unit_test(numbers_are_read_as_written),
	    cmocka_unit_test(every_fault_is_told_to_who_asks),
	    cmocka_unit_test(all_unknown_dependencies_are_told),
	    cmocka_unit_test(a_flood_of_faults_ends),
	    cmocka_unit_test(a_long_cycle_is_spelled_out_in_part),
	    cmocka_unit_test(a_dependency_may_be_met_elsewhere),
	    cmocka_unit_test(a_column_that_is_nearly_ours_is_pointed_at),
	    cmocka_unit_test(bytes_that_are_not_utf8_are_kept_and_warned_of_once),
	    cmocka_unit_test_setup(context_paths_must_be_there, make_cwd),
	    cmocka_unit_test(a_path_named_often_is_judged_for_each_row),
	    cmocka_unit_test_teardown(rows_that_may_overwrite_each_other_are_warned_of, remove_cwd),
	    cmocka_unit_test(a_cell_is_found_again),
	    cmocka_unit_test(a_descriptor_is_read_to_its_end),
	    cmocka_unit_test(a_cell_may_be_a_megabyte),
	    cmocka_unit_test(a_retry_csv_keeps_columns_and_their_words),
	    cmocka_unit_test(an_older_retry_tag_gives_way),
	    cmocka_unit_test(a_cell_is_quoted_only_where_it_must_be),
	    cmocka_unit_test(every_cell_reads_back_to_the_same_bytes),
	    cmocka_unit_test(a_first_cell_that_looks_like_a_mark_is_quoted),
	    cmocka_unit_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, release_buffers);
}
