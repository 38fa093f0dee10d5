#include "formats/plan.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static bool only_sim(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "sim") == 0;
}

static const struct plan_opts plain = {.has_profile = only_sim};

static const struct plan_known known[] = {{"1", true}, {"2", true}, {"step_3", false}};
static const struct plan_opts extension = {
    .has_profile = only_sim, .known = known, .nr_known = ARRAY_LEN(known)};

/* "id:task:depends_on" of each row, parted by '|'. */
static void show(const struct plan *p, struct buf *out)
{
	uint32_t i;

	buf_reset(out);
	for (i = 0; i < p->tasks.nr; i++) {
		const struct task *t = &p->tasks.v[i];

		buf_fmt(out, "%s%s:%s:%s", i ? "|" : "", t->id, task_get(&p->tasks, t, COL_TASK),
		    task_get(&p->tasks, t, COL_DEPENDS_ON));
	}
}

static void expect_rows(const char *reply, size_t len, const struct plan_opts *o, const char *want)
{
	struct buf rows = BUF_INIT;
	struct err err = ERR_INIT;
	struct plan p;

	if (plan_read(&p, reply, len, o, &err) < 0)
		fail_msg("refused: %s\n%s", err.msg, reply);
	show(&p, &rows);
	assert_string_equal(rows.data, want);
	assert_int_equal(p.csv.len, strlen(p.csv.data));
	plan_release(&p);
	buf_release(&rows);
}

static void expect_fault(const char *reply, size_t len, const struct plan_opts *o, const char *want)
{
	struct err err = ERR_INIT;
	struct plan p;

	if (plan_read(&p, reply, len, o, &err) == 0)
		fail_msg("read: %s\nwanted: %s", reply, want);
	if (strncmp(err.msg, want, strlen(want)) != 0)
		fail_msg("'%s'\nwanted: '%s'\nfor: %.200s", err.msg, want, reply);
	plan_release(&p);
}

struct good {
	const char *reply, *rows;
};

static void check_good(const struct good *v, size_t nr, const struct plan_opts *o)
{
	size_t i;

	for (i = 0; i < nr; i++)
		expect_rows(v[i].reply, strlen(v[i].reply), o, v[i].rows);
}

static void check_faults(const struct good *v, size_t nr, const struct plan_opts *o)
{
	size_t i;

	for (i = 0; i < nr; i++)
		expect_fault(v[i].reply, strlen(v[i].reply), o, v[i].rows);
}

static void csv_is_found(void **state)
{
	static const struct good v[] = {
	    {"id,task,depends_on\na,Do A,\nb,Do B,a\n", "a:Do A:|b:Do B:a"},
	    {"\xef\xbb\xbfid,task\r\na,Do A\r\nb,\"Do\r\nB\"\r\n", "a:Do A:|b:Do\r\nB:"},
	    {"task\nDo A\nDo B", "1:Do A:|2:Do B:"},
	    {"prompt,agent_id\nDo A,x\n", "x:Do A:"},
	    {"\"id\",\"task\"\n\"a\",\"Do A\"\n", "a:Do A:"},
	    /* Alone, it goes on behind empty lines. */
	    {"task\nDo A\n\nDo B\n", "1:Do A:|2:Do B:"},
	    {"Here is the plan:\n\nid,task\na,Do A\n\nb,Do B\n\nI hope, this helps, a lot.\n",
		"a:Do A:|b:Do B:"},
	    {"Sure!\n```csv\nid,task\na,Do A\n\nb,Do B\n```\nTell me, if not.", "a:Do A:|b:Do B:"},
	    {"~~~\nid,task\na,Do A\n~~~\n", "a:Do A:"},
	    {"- plan:\n  ```\nid,task\na,Do A\n  ```\n", "a:Do A:"},
	    {"Plan:\n```csv\n\xef\xbb\xbfid,task\na,Do A\n```\n", "a:Do A:"},
	    {"Plan:\n\xef\xbb\xbfid,task\na,Do A\n", "a:Do A:"},
	    /* A fence inside of a cell. */
	    /* One file, one after the other. */
	    {"id,task,depends_on,output_file\na,Do A,,o\nb,Do B,a,o\nc,Do C,b,o\n",
		"a:Do A:|b:Do B:a|c:Do C:b"},
	    {"id,task,depends_on,output_file\na,Do A,b,o\nb,Do B,,o\n", "a:Do A:b|b:Do B:"},
	    {"````csv\nid,task\na,\"Run\n```sh\nmake, then\n```\nand look\"\nb,Do B\n````\nOk?",
		"a:Run\n```sh\nmake, then\n```\nand look:|b:Do B:"},
	    {"```csv\nid,task\na,\"Run\n```sh\nmake\n```\nnow\"\nb,Do B\n```\n",
		"a:Run\n```sh\nmake\n```\nnow:|b:Do B:"},
	    {"A {brace} and [one], {\"x\": 1}\n```\nid,task\na,\"{\"\"task\"\": [\"\n```\n",
		"a:{\"task\": [:"},
	    {"Before:\n```\nnothing\n```\nid,task\na,Do A\n\nAfter.\n", "a:Do A:"},
	};

	(void)state;
	check_good(v, ARRAY_LEN(v), &plain);
}

static void json_is_found(void **state)
{
	static const struct good v[] = {
	    {"[{\"id\":\"a\",\"task\":\"Do A\"},{\"id\":\"b\",\"task\":\"Do B\","
	     "\"depends_on\":[\"a\"]}]",
		"a:Do A:|b:Do B:a"},
	    {"{\"subtasks\":[{\"task\":\"Do A\"}]}", "1:Do A:"},
	    {"{\"tasks\":[{\"prompt\":\"Do A\"}],\"plan\":\"first A\"}", "1:Do A:"},
	    {"{\"plan\":[{\"task\":\"Do A\",\"depends_on\":null}]}", "1:Do A:"},
	    {"{\"plan\":{\"subtasks\":[{\"task\":\"Do A\"}]}}", "1:Do A:"},
	    {"{\"task\":\"all of it\",\"subtasks\":[{\"task\":\"Do A\"}]}", "1:Do A:"},
	    {"{\"task\":\"Do A\"}\n{\"task\":\"Do B\"}\n", "1:Do A:|2:Do B:"},
	    {"Only one is left: {\"task\":\"Do A\"}.", "1:Do A:"},
	    {"I think {so} and [perhaps]:\r\n\r\n```json\r\n[\r\n  {\"task\": \"Do "
	     "A\"}\r\n]\r\n```\r\n",
		"1:Do A:"},
	    {"```\n[{\"task\":\"see\\n```\\n{x}\\n```\"}]\n```", "1:see\n```\n{x}\n```:"},
	    {"- [ ] read\n- [x] plan\n[{\"task\":\"Do A\"}]\n- [ ] go\n", "1:Do A:"},
	    {"[{\"id\":1,\"task\":\"Do A\"},{\"id\":2,\"task\":\"See "
	     "{result:1}\",\"depends_on\":[1]}]",
		"1:Do A:|2:See {result:1}:1"},
	    {"[{\"task\":\"Write {result}\",\"requires\":\"x\",\"depends_on\":\"\"}]",
		"1:Write {result}:"},
	    {"[{\"task\":\"h\\u00e4 \\ud83d\\ude00\",\"id\":7}]", "7:h\xc3\xa4 \xf0\x9f\x98\x80:"},
	};

	(void)state;
	check_good(v, ARRAY_LEN(v), &plain);
}

static void the_last_plan_counts(void **state)
{
	static const struct good v[] = {
	    {"For example [{\"task\":\"example\"}]. Yours:\n```csv\ntask\nDo A\n```\n", "1:Do A:"},
	    {"```csv\ntask\nexample\n```\nNow:\n{\"subtasks\":[{\"task\":\"Do A\"}]}", "1:Do A:"},
	    {"Such as {\"task\":\"a\"} and {\"task\":\"b\"}:\n[{\"task\":\"Do A\"}]", "1:Do A:"},
	    {"[{\"task\":\"draft\"}]\nBetter:\n[{\"task\":\"Do A\"}]\nIt will answer "
	     "{\"is_complete\": true} or [{\"id\":1}].",
		"1:Do A:"},
	    /* An object alone is what a plan is made of, or an example of it. */
	    {"[{\"task\":\"Do A\"},{\"task\":\"Do B\"}]\nEach is a {\"task\": \"...\"}.",
		"1:Do A:|2:Do B:"},
	    {"So:\n\ntask\nDo A\n\nAs {\"task\":\"x\"} {\"task\":\"y\"} says.", "1:Do A:"},
	};
	static const struct good faults[] = {
	    {"[{\"task\":\"draft\"}]\nBetter:\n[{\"task\":\"Do A\"},\n{\"task\": oops}]",
		"reply:4:10: the plan is not JSON from here on"},
	    {"First:\n```json\n{\"task\":\"A\"}\n```\nThen:\n```json\n{\"task\":\"B\"}\n```\n",
		"reply:7:1: the subtasks stand apart from each other: "},
	    {"[{\"task\":\"draft\"}]\nBetter:\n[{\"task\":\"Do A\"},\n{\"task\":",
		"reply:4:9: the plan breaks off here"},
	    {"[{\"task\":\"Do A\"},\n{\"task\": \"Do \\\"B",
		"reply:2:10: the plan breaks off here"},
	    {"[{\"task\":\"Do A\"},\n]", "reply:2:1: the plan has a comma before this bracket: "},
	    {"[{\"task\":\"Do A\",}]", "reply:1:17: the plan has a comma before this bracket: "},
	    {"[{\"task\":\"Do\nA\"}]", "reply:1:10: the plan has a line break or a tab "},
	    {"[{\"task\":'Do A'}]", "reply:1:10: the plan has a quote here "},
	    {"[{\"task\":\xe2\x80\x9c"
	     "A\"}]",
		"reply:1:10: the plan has a quote here "},
	    {"[{\"task\":\"A\"}, // then\n{\"task\":\"B\"}]",
		"reply:1:16: the plan has a comment "},
	};

	(void)state;
	check_good(v, ARRAY_LEN(v), &plain);
	check_faults(faults, ARRAY_LEN(faults), &plain);
}

static void faults_have_their_place(void **state)
{
	static const struct good v[] = {
	    {"", "the reply is empty: "},
	    {" \r\n", "the reply is empty: "},
	    {"I cannot do that [1].", "no plan in the reply: "},
	    {"Nothing is left:\n []", "reply:2:2: no subtasks: "},
	    {"Hm.\n{\"steps\":[{\"task\":\"A\"}]}", "reply:2:1: this JSON is no plan: "},
	    {"[\"Do A\",\"Do B\"]", "reply:1:1: this JSON is no plan: "},
	    {"{\"subtasks\":[]}", "reply:1:15: no tasks: "},
	    {"Hm.\n[{\"id\":1},{\"name\":\"x\"}]", "reply:2:1: no key 'task': "},
	    {"Hm.\n  [{\"task\":\"A\",\"id\":\"a\"},\n   {\"task\":\"B\",\"id\":\"a\"}]",
		"reply:3:21: duplicate id 'a', first on line 2: "},
	    {"Hm.\n```\nid,task,depends_on\na,Do A,x\n```", "reply:4:8: unknown dependency 'x': "},
	    {"Hm.\n```\nid,task,depends_on\na,Do A,b\nb,Do B,a\n```",
		"reply:4:8: dependency cycle a -> b -> a: "},
	    {"Hm.\n```csv\n\xff\xfei\n```", "reply:3:1: the file is UTF-16: "},
	    {"task,agent\nDo A,gpt\n", "reply:2:6: unknown profile 'gpt': leave 'agent' out"},
	    {"id,task\na,Do A, and B\n", "reply:2:8: wrong number of fields, 3 "},
	    {"id,task\na,\"Do A\n", "reply:2:3: unclosed quote: "},
	    {"```csv\nid;task\na;b\n```", "reply:2:1: no column 'task': "},
	    {"[{\"task\":\"A\",\"task\":\"B\"}]", "reply:1:14: key 'task' stands twice: "},
	    {"[{\"task\":\"A\\u0000\"}]", "reply:1:10: a NUL "},
	    {"[{\"task\":\"A\"},{\"task\":\"\"}]", "reply:1:23: the task is empty: "},
	    {"[{\"task\":\"A\",\"id\":\"../x\"}]", "reply:1:19: id '../x' is no safe file name"},
	    {"id,task,Depends-On\na,Do A,\nb,Do B,a\n",
		"reply:2: 'Depends-On' means nothing: call it 'depends_on'"},
	    {"[{\"task\":\"A\",\"dependsOn\":[]}]",
		"reply:1: 'dependsOn' means nothing: call it 'depends_on'"},
	    {"[{\"task\":\"A\",\"dependencies\":[]}]",
		"reply:1: 'dependencies' means nothing: call it 'depends_on'"},
	    {"[{\"task\":\"A\",\"After\":[]}]",
		"reply:1: 'After' means nothing: call it 'depends_on'"},
	    {"id,task\na,Do A\nb,Look at {result:a}\n",
		"reply:3: 'b' uses '{result:a}', but does not wait for it: "},
	    {"id,task,depends_on\na,Do A,\nb,Look at {result:A},a\n",
		"reply:3: 'b' uses '{result:A}', and no row has this id: "},
	    {"id,task\na,Do A\nb,...\n", "reply:3: the task of 'b' is '...': "},
	    {"id,task,output_file\na,Do A,o\nb,Do B,p\nc,Do C,o\n",
		"reply:4: 'c' writes 'o', as 'a' does: "},
	    /* All of them, as far as they fit. */
	    {"id,task,priority\na,A,x\nb,B,y\n",
		"reply:2:5: bad number 'x' in column 'priority': write a whole number, such as 10 "
		"or -1, or nothing; reply:3:5: bad number 'y'"},
	};

	(void)state;
	check_faults(v, ARRAY_LEN(v), &plain);
}

static void extensions_add_to_what_is_there(void **state)
{
	static const struct good v[] = {
	    {"id,task,depends_on\nstep_5,Do E,1 2\n", "step_5:Do E:1 2"},
	    {"[{\"task\":\"Do E\"},{\"task\":\"Do F\",\"depends_on\":[\"2\"]}]",
		"3:Do E:|4:Do F:2"},
	    {"id,task\nx,Do X\n,Do Y\n", "x:Do X:|4:Do Y:"},
	    {"id,task,depends_on\nx,See {result:2},2\n", "x:See {result:2}:2"},
	};
	static const struct good faults[] = {
	    {"id,task\n2,Do it again\n", "reply:2:1: id '2' is in the plan already: "},
	    {"[{\"id\":\"step_3\",\"task\":\"A\"}]",
		"reply:1:8: id 'step_3' is in the plan already: "},
	    {"id,task,depends_on\nx,A,step_3\n",
		"reply:2: 'x' depends on 'step_3', which did not complete: "},
	    {"id,task\nx,See {result:2}\n",
		"reply:2: 'x' uses '{result:2}', but does not wait for it: "},
	    {"id,task,depends_on\nx,A,9\n", "reply:2:5: unknown dependency '9': "},
	};

	(void)state;
	check_good(v, ARRAY_LEN(v), &extension);
	check_faults(faults, ARRAY_LEN(faults), &extension);
}

static void ugly_bytes_are_taken_as_they_come(void **state)
{
	static const char nul_in_prose[] = "a\0b {\"\0\": [\0\n[{\"task\":\"Do A\"}]";
	static const char nul_in_csv[] = "id,task\na,Do\0A\n";
	static const char not_utf8[] = "\xff\xfe [{\"task\":\"A \xff\"}] \xc3";

	(void)state;
	expect_rows(nul_in_prose, sizeof(nul_in_prose) - 1, &plain, "1:Do A:");
	expect_fault(nul_in_csv, sizeof(nul_in_csv) - 1, &plain, "reply:2:5: NUL byte: ");
	expect_rows(not_utf8, sizeof(not_utf8) - 1, &plain, "1:A \xff:");
}

static void nested_at(struct buf *out, size_t depth)
{
	size_t i;

	for (i = 0; i < depth; i++)
		buf_ch(out, '[');
	for (i = 0; i < depth; i++)
		buf_ch(out, ']');
}

static void deep_values_are_told(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	nested_at(&text, 100000);
	buf_str(&text, "\n[{\"task\":\"Do A\"}]");
	expect_rows(text.data, text.len, &plain, "1:Do A:");
	buf_str(&text, "\n[{\"task\":\"Do A\",\"x\":");
	nested_at(&text, 64);
	buf_str(&text, "}]");
	expect_fault(text.data, text.len, &plain,
	    "reply:3:83: the plan is not JSON from here on, or is nested too deep");
	buf_release(&text);
}

/* What could make a reader go back again and again, and the plan behind it. What stands before may
 * swallow it; it must only come to an end. */
static void hostile_replies_take_linear_time(void **state)
{
	static const char *const units[] = {"[", "{\"", "[\"[\",", "{\"task\":[", "\n\n", "```\n",
	    "\"", "task,id\n\n", "[1,", "[],", "{\"a\":", "x,task\n\""};
	struct buf text = BUF_INIT;
	struct plan p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(units); i++) {
		buf_reset(&text);
		while (text.len < 256u << 10)
			buf_str(&text, units[i]);
		buf_str(&text, "\n```\n\n```json\n[{\"id\":\"z\",\"task\":\"Do A\"}]\n```\n");
		(void)plan_read(&p, text.data, text.len, &plain, NULL);
		plan_release(&p);
	}
	buf_release(&text);
}

static clock_t time_of_reading(const char *unit)
{
	struct buf text = BUF_INIT;
	struct plan p;
	clock_t was;

	while (text.len < 1u << 20)
		buf_str(&text, unit);
	was = clock();
	(void)plan_read(&p, text.data, text.len, &plain, NULL);
	was = clock() - was;
	plan_release(&p);
	buf_release(&text);
	return was;
}

/* A value that breaks deep inside is not read again from each bracket that was open there. */
static void what_breaks_is_read_once(void **state)
{
	static const char *const units[] = {"[", "{\"a\":", "[[1],[2],"};
	clock_t whole = time_of_reading("[]"), took;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(units); i++) {
		took = time_of_reading(units[i]);
		print_message("%s: %ld us, [] %ld us\n", units[i], (long)took, (long)whole);
		assert_true(took < 5 * whole + CLOCKS_PER_SEC / 20);
	}
}

static void ten_megabytes_of_prose_hide_no_plan(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	while (text.len < 10u << 20)
		buf_str(&text, "Let me {think} about \"it\", step by step [1]:\n");
	buf_str(&text, "```json\n[{\"task\":\"Do A\"}]\n```\n");
	expect_rows(text.data, text.len, &plain, "1:Do A:");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(csv_is_found),
	    cmocka_unit_test(json_is_found),
	    cmocka_unit_test(the_last_plan_counts),
	    cmocka_unit_test(faults_have_their_place),
	    cmocka_unit_test(extensions_add_to_what_is_there),
	    cmocka_unit_test(ugly_bytes_are_taken_as_they_come),
	    cmocka_unit_test(deep_values_are_told),
	    cmocka_unit_test(hostile_replies_take_linear_time),
	    cmocka_unit_test(what_breaks_is_read_once),
	    cmocka_unit_test(ten_megabytes_of_prose_hide_no_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
