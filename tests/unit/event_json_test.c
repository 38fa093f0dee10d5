/* Events as lines: what is written reads back, and what is hostile does no harm. */
#include "formats/event_json.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct arena arena;
	struct buf line;
	struct event ev; /* the one read back */
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	arena_init(&f->arena);
	buf_init(&f->line);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	buf_release(&f->line);
	free(f);
	return 0;
}

static int parse(struct fixture *f, const char *line)
{
	return event_parse(line, strlen(line), &f->ev, &f->arena, NULL);
}

/* Writes `ev`, expects exactly `line`, reads it back into f->ev. */
static void check_line(struct fixture *f, const struct event *ev, const char *line)
{
	buf_reset(&f->line);
	event_format(ev, &f->line);
	assert_true(f->line.len > 0);
	assert_int_equal(f->line.data[f->line.len - 1], '\n');
	buf_cut(&f->line, f->line.len - 1);
	assert_string_equal(f->line.data, line);
	assert_int_equal(parse(f, f->line.data), 0);
	assert_int_equal(f->ev.type, ev->type);
	assert_int_equal(f->ev.t, ev->t);
	assert_int_equal(f->ev.m, ev->m);
	assert_int_equal(f->ev.agent, AGENT_NONE);
	if (ev->type != EV_VERB)
		assert_int_equal(f->ev.n, ev->n);
}

static struct event make(enum event_type type, const char *id, int64_t n)
{
	struct event ev;

	event_init(&ev, type);
	ev.t = 1795262400123;
	ev.m = 5000;
	ev.id = id;
	ev.n = n;
	return ev;
}

static void batch_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_BATCH, NULL, NUM_NONE);

	ev.batch = (struct ev_batch){
	    .version = "3.0.0",
	    .boot = "b-1",
	    .host = "here",
	    .pid = 42,
	    .cycle = 2,
	    .original = "batch-20260101-000000",
	    .parent = "batch-20260101-000100",
	    .options_json = "{\"jobs\":\n8}",
	    .not_before_t = 1795262460000,
	    .jobs = 8,
	    .spent_usd = 12.5,
	    .spent_tokens = 4000,
	    .resumed = true,
	};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b-"
	    "1\","
	    "\"host\":\"here\",\"pid\":42,\"cycle\":2,\"original\":\"batch-20260101-000000\","
	    "\"parent\":\"batch-20260101-000100\",\"resumed\":true,\"not_before\":1795262460,"
	    "\"jobs\":8,\"spent_usd\":12.5,\"spent_tokens\":4000,\"options\":{\"jobs\": 8}}");
	assert_true(f->ev.batch.spent_usd == 12.5);
	assert_int_equal(f->ev.batch.spent_tokens, 4000);
	assert_string_equal(f->ev.batch.version, "3.0.0");
	assert_string_equal(f->ev.batch.boot, "b-1");
	assert_string_equal(f->ev.batch.host, "here");
	assert_string_equal(f->ev.batch.original, "batch-20260101-000000");
	assert_string_equal(f->ev.batch.parent, "batch-20260101-000100");
	assert_string_equal(f->ev.batch.options_json, "{\"jobs\": 8}");
	assert_int_equal(f->ev.batch.pid, 42);
	assert_int_equal(f->ev.batch.cycle, 2);
	assert_int_equal(f->ev.batch.not_before_t, 1795262460000);
	assert_int_equal(f->ev.batch.jobs, 8);
	assert_true(f->ev.batch.resumed);
}

/* None, and nothing told of them, are two things. */
static void accounts_of_a_batch(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_BATCH, NULL, NUM_NONE);

	ev.batch.accounts = "claude/work,codex/ci";
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"batch\",\"cycle\":0,"
	    "\"accounts\":[\"claude/work\",\"codex/ci\"]}");
	assert_string_equal(f->ev.batch.accounts, "claude/work codex/ci");
	ev.batch.accounts = "";
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"batch\",\"cycle\":0,\"accounts\":[]}");
	assert_string_equal(f->ev.batch.accounts, "");
}

static void what_is_not_told_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_BATCH, NULL, NUM_NONE);

	check_line(f, &ev, "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"batch\",\"cycle\":0}");
	assert_null(f->ev.batch.version);
	assert_null(f->ev.batch.options_json);
	assert_null(f->ev.batch.accounts);
	assert_int_equal(f->ev.batch.pid, NUM_NONE);
	assert_int_equal(f->ev.batch.jobs, NUM_NONE);
	assert_int_equal(f->ev.batch.not_before_t, NUM_NONE);
	assert_false(f->ev.batch.resumed);

	ev = make(EV_VERDICT, "a", 1);
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"verdict\",\"id\":\"a\",\"n\":1,"
	    "\"charged\":false}");
	assert_int_equal(f->ev.verdict.class, CLASS_NONE);
	assert_true(f->ev.verdict.cost_usd < 0);
	assert_int_equal(f->ev.verdict.tokens_in, NUM_NONE);
	assert_int_equal(f->ev.verdict.tokens_total, NUM_NONE);
	assert_int_equal(f->ev.verdict.retry_after_ms, NUM_NONE);
	assert_int_equal(f->ev.verdict.reset_at_t, NUM_NONE);
	assert_null(f->ev.verdict.message);
}

static void start_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_START, "17", 3);

	ev.start = (struct ev_start){
	    .boot = "b-1", .account = "claude", .session = "s-1", .log_from = 900};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"start\",\"id\":\"17\",\"n\":3,"
	    "\"boot\":\"b-1\",\"account\":\"claude\",\"log_from\":900,\"session\":\"s-1\"}");
	assert_string_equal(f->ev.id, "17");
	assert_string_equal(f->ev.start.boot, "b-1");
	assert_string_equal(f->ev.start.account, "claude");
	assert_string_equal(f->ev.start.session, "s-1");
	assert_int_equal(f->ev.start.log_from, 900);
}

static void exits(void **state)
{
	static const struct {
		enum exit_how how;
		int value;
		enum kill_why killed;
		const char *message;
		const char *text;
	} table[] = {
	    {EXIT_CODE, 0, KILL_NONE, NULL, "\"code\":0"},
	    {EXIT_CODE, 137, KILL_NONE, NULL, "\"code\":137"},
	    {EXIT_SIGNAL, 9, KILL_TIMEOUT, NULL, "\"signal\":9,\"killed\":\"timeout\""},
	    {EXIT_SIGNAL, 15, KILL_STALL, NULL, "\"signal\":15,\"killed\":\"stall\""},
	    {EXIT_SIGNAL, 15, KILL_HALT, NULL, "\"signal\":15,\"killed\":\"halt\""},
	    {EXIT_CODE, 1, KILL_CANCEL, NULL, "\"code\":1,\"killed\":\"cancel\""},
	    {EXIT_FAILED, 2, KILL_NONE, "no such file",
		"\"failed\":2,\"message\":\"no such file\""},
	    {EXIT_VOID, 0, KILL_NONE, NULL, "\"void\":true"},
	    {EXIT_UNKNOWN, 0, KILL_NONE, NULL, "\"unknown\":true"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct event ev = make(EV_EXIT, "17", 1);
		char *line =
		    xasprintf("{\"t\":1795262400.123,\"m\":5000,\"ev\":\"exit\",\"id\":\"17\","
			      "\"n\":1,%s,\"log_to\":10,\"rss_kb\":20,\"cpu_ms\":30}",
			table[i].text);

		ev.exit = (struct ev_exit){
		    .how = table[i].how,
		    .value = table[i].value,
		    .killed = table[i].killed,
		    .message = table[i].message,
		    .log_to = 10,
		    .rss_kb = 20,
		    .cpu_ms = 30,
		};
		check_line(f, &ev, line);
		assert_int_equal(f->ev.exit.how, table[i].how);
		assert_int_equal(f->ev.exit.value, table[i].value);
		assert_int_equal(f->ev.exit.killed, table[i].killed);
		if (table[i].message)
			assert_string_equal(f->ev.exit.message, table[i].message);
		assert_int_equal(f->ev.exit.log_to, 10);
		assert_int_equal(f->ev.exit.rss_kb, 20);
		assert_int_equal(f->ev.exit.cpu_ms, 30);
		free(line);
	}
}

static void no_exit_code_is_invented(void **state)
{
	static const char *const lines[] = {
	    "{\"t\":1,\"ev\":\"exit\",\"id\":\"1\",\"n\":1}",
	    "{\"t\":1,\"ev\":\"exit\",\"id\":\"1\",\"n\":1,\"code\":\"0\"}",
	    "{\"t\":1,\"ev\":\"exit\",\"id\":\"1\",\"n\":1,\"code\":null}",
	    "{\"t\":1,\"ev\":\"exit\",\"id\":\"1\",\"n\":1,\"code\":0.5}",
	    "{\"t\":1,\"ev\":\"exit\",\"id\":\"1\",\"n\":1,\"code\":4294967296}",
	    "{\"t\":1,\"ev\":\"exit\",\"id\":\"1\",\"n\":1,\"void\":1}",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(parse(f, lines[i]), 0);
		assert_int_equal(f->ev.exit.how, EXIT_UNKNOWN);
	}
}

static void verdict_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_VERDICT, "17", 1);

	ev.verdict = (struct ev_verdict){
	    .class = CLASS_RATE_LIMIT,
	    .charged = true,
	    .message = "429 \"too many\"",
	    .evidence = "a\tb\n",
	    .session = "s",
	    .answer = "42",
	    .retry_after_ms = 1500,
	    .reset_at_t = 1795262460001,
	    .cost_usd = 0.1,
	    .tokens_in = 1200,
	    .tokens_out = 7,
	    .turns = 2,
	    .tokens_total = 1207,
	};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"verdict\",\"id\":\"17\",\"n\":1,"
	    "\"class\":\"rate_limit\",\"charged\":true,\"message\":\"429 \\\"too many\\\"\","
	    "\"evidence\":\"a\\tb\\n\",\"retry_after\":1.5,\"reset_at\":1795262460.001,"
	    "\"cost_usd\":0.1,\"tokens_in\":1200,\"tokens_out\":7,\"tokens_total\":1207,\"turns\":"
	    "2,\"session\":\"s\","
	    "\"answer\":\"42\"}");
	assert_int_equal(f->ev.verdict.class, CLASS_RATE_LIMIT);
	assert_true(f->ev.verdict.charged);
	assert_string_equal(f->ev.verdict.message, "429 \"too many\"");
	assert_string_equal(f->ev.verdict.evidence, "a\tb\n");
	assert_int_equal(f->ev.verdict.retry_after_ms, 1500);
	assert_int_equal(f->ev.verdict.reset_at_t, 1795262460001);
	assert_true(f->ev.verdict.cost_usd == 0.1);
	assert_int_equal(f->ev.verdict.tokens_in, 1200);
	assert_int_equal(f->ev.verdict.tokens_out, 7);
	assert_int_equal(f->ev.verdict.turns, 2);
	assert_string_equal(f->ev.verdict.session, "s");
	assert_string_equal(f->ev.verdict.answer, "42");
	assert_int_equal(f->ev.verdict.tokens_total, 1207);
}

static void wait_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_WAIT, "17", NUM_NONE);

	ev.wait = (struct ev_wait){.until_t = 1795262460120, .why = WAIT_TOLD};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"wait\",\"id\":\"17\","
	    "\"until\":1795262460.12,\"why\":\"told\"}");
	assert_int_equal(f->ev.wait.until_t, 1795262460120);
	assert_int_equal(f->ev.wait.why, WAIT_TOLD);
	assert_false(f->ev.wait.is_wall);
	assert_false(f->ev.wait.is_parked);

	ev.wait.is_wall = ev.wait.is_parked = true;
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"wait\",\"id\":\"17\","
	    "\"until\":1795262460.12,\"why\":\"told\",\"wall\":true,\"parked\":true}");
	assert_true(f->ev.wait.is_wall);
	assert_true(f->ev.wait.is_parked);
	assert_null(f->ev.wait.account);

	ev.wait = (struct ev_wait){
	    .until_t = 1795262460120, .why = WAIT_LADDER, .account = "claude/work"};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"wait\",\"id\":\"17\","
	    "\"until\":1795262460.12,\"why\":\"ladder\",\"account\":\"claude/work\"}");
	assert_string_equal(f->ev.wait.account, "claude/work");
}

static void status_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_STATUS, "17", NUM_NONE);

	ev.status = (struct ev_status){
	    .status = AGENT_IN_PROGRESS, .phase = PHASE_VALIDATING, .why = "because"};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"status\",\"id\":\"17\","
	    "\"status\":\"in_progress\",\"phase\":\"validating\",\"why\":\"because\"}");
	assert_int_equal(f->ev.status.status, AGENT_IN_PROGRESS);
	assert_int_equal(f->ev.status.phase, PHASE_VALIDATING);
	assert_string_equal(f->ev.status.why, "because");
}

static void gate_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_GATE, NULL, NUM_NONE);

	ev.gate = (struct ev_gate){
	    .account = "claude",
	    .state = GATE_NARROWED,
	    .until_t = 1795262460000,
	    .width = 3,
	    .pace_ms = 250,
	    .burst = 4,
	    .lasted_ms = 1500,
	    .nr_lasted = 7,
	    .why = "limits",
	};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"gate\",\"account\":\"claude\","
	    "\"state\":\"narrowed\",\"until\":1795262460,\"width\":3,\"pace\":0.25,\"burst\":4,"
	    "\"lasted\":1.5,\"seen\":7,"
	    "\"why\":\"limits\"}");
	assert_string_equal(f->ev.gate.account, "claude");
	assert_int_equal(f->ev.gate.state, GATE_NARROWED);
	assert_int_equal(f->ev.gate.until_t, 1795262460000);
	assert_int_equal(f->ev.gate.width, 3);
	assert_int_equal(f->ev.gate.pace_ms, 250);
	assert_int_equal(f->ev.gate.burst, 4);
	assert_int_equal(f->ev.gate.lasted_ms, 1500);
	assert_int_equal(f->ev.gate.nr_lasted, 7);
	assert_string_equal(f->ev.gate.why, "limits");
}

static void verb_line(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_VERB, NULL, NUM_NONE);

	ev.verb = (struct ev_verb){
	    .verb = "cancel", .ids = "17 1\"8", .by = "operator", .result = "2", .n = NUM_NONE};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"verb\",\"verb\":\"cancel\","
	    "\"ids\":[\"17\",\"1\\\"8\"],\"by\":\"operator\",\"result\":\"2\"}");
	assert_string_equal(f->ev.verb.verb, "cancel");
	assert_string_equal(f->ev.verb.ids, "17 1\"8");
	assert_string_equal(f->ev.verb.by, "operator");
	assert_string_equal(f->ev.verb.result, "2");
	assert_int_equal(f->ev.verb.n, NUM_NONE);

	ev.verb = (struct ev_verb){.verb = "jobs", .n = 12};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"verb\",\"verb\":\"jobs\",\"n\":12}");
	assert_int_equal(f->ev.verb.n, 12);
	assert_int_equal(f->ev.n, NUM_NONE);
}

static void cycle_and_end_lines(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_CYCLE, NULL, NUM_NONE);
	int s;

	ev.cycle = (struct ev_cycle){
	    .child = "batch-x", .csv = "auto-retry-x.csv", .rows = 4, .until_t = 1795262460000};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"cycle\",\"child\":\"batch-x\","
	    "\"csv\":\"auto-retry-x.csv\",\"rows\":4,\"until\":1795262460}");
	assert_string_equal(f->ev.cycle.child, "batch-x");
	assert_string_equal(f->ev.cycle.csv, "auto-retry-x.csv");
	assert_int_equal(f->ev.cycle.rows, 4);
	assert_int_equal(f->ev.cycle.until_t, 1795262460000);

	ev = make(EV_END, NULL, NUM_NONE);
	ev.end = (struct ev_end){
	    .state = END_STOPPED, .why = "log in", .counts = {1, 0, 20, 3, 4, 5}, .exit_code = 3};
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"end\",\"state\":\"stopped\",\"counts\":"
	    "{\"pending\":1,\"in_progress\":0,\"completed\":20,\"failed\":3,\"skipped\":4,"
	    "\"cancelled\":5},\"exit\":3,\"why\":\"log in\"}");
	assert_int_equal(f->ev.end.state, END_STOPPED);
	assert_int_equal(f->ev.end.exit_code, 3);
	assert_string_equal(f->ev.end.why, "log in");
	for (s = 0; s < AGENT__COUNT; s++)
		assert_int_equal(f->ev.end.counts[s], ev.end.counts[s]);
}

static void solve_lines(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_SOLVE, NULL, NUM_NONE);

	ev.solve.phase = SOLVE_PLANNING;
	ev.solve.role = "roles/planner-2";
	ev.solve.is_unread = true;
	ev.solve.why = "no rows";
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"solve\",\"phase\":\"planning\",\"round\":0,"
	    "\"role\":\"roles/planner-2\",\"unread\":true,\"why\":\"no rows\"}");
	assert_int_equal(f->ev.solve.phase, SOLVE_PLANNING);
	assert_string_equal(f->ev.solve.role, "roles/planner-2");
	assert_true(f->ev.solve.is_unread && !f->ev.solve.has_verdict);
	assert_int_equal(f->ev.solve.exit_code, NUM_NONE);

	ev = make(EV_SOLVE, NULL, NUM_NONE);
	ev.solve.phase = SOLVE_EXECUTING;
	ev.solve.round = 1;
	ev.solve.child = "batch-x";
	ev.solve.kind = BATCH_EXTENSION;
	ev.solve.rows = 3;
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"solve\",\"phase\":\"executing\",\"round\":1,"
	    "\"child\":\"batch-x\",\"kind\":\"extension\",\"rows\":3}");
	assert_int_equal(f->ev.solve.kind, BATCH_EXTENSION);
	assert_int_equal(f->ev.solve.rows, 3);

	ev = make(EV_SOLVE, NULL, NUM_NONE);
	ev.solve.phase = SOLVE_VALIDATING;
	ev.solve.round = 1;
	ev.solve.has_verdict = true;
	ev.solve.quality = QUALITY_POOR;
	ev.solve.nr_missing = 2;
	ev.solve.why = "a; b";
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"solve\",\"phase\":\"validating\",\"round\":"
	    "1,"
	    "\"is_complete\":false,\"data_quality\":\"poor\",\"missing\":2,\"why\":\"a; b\"}");
	assert_true(f->ev.solve.has_verdict && !f->ev.solve.is_complete);
	assert_int_equal(f->ev.solve.quality, QUALITY_POOR);
	assert_int_equal(f->ev.solve.nr_missing, 2);

	ev = make(EV_SOLVE, NULL, NUM_NONE);
	ev.solve.phase = SOLVE_DONE;
	ev.solve.round = 1;
	ev.solve.exit_code = 1;
	check_line(f, &ev,
	    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"solve\",\"phase\":\"done\",\"round\":1,"
	    "\"exit\":1}");
	assert_int_equal(f->ev.solve.exit_code, 1);
}

static void refused_lines(void **state)
{
	static const char *const lines[] = {
	    "",
	    " ",
	    "x",
	    "[]",
	    "null",
	    "\"s\"",
	    "{}",
	    "{\"t\":1}",
	    "{\"ev\":\"start\"}",
	    "{\"t\":\"1\",\"ev\":\"start\"}",
	    "{\"t\":1,\"ev\":7}",
	    "{\"t\":1e300,\"ev\":\"start\"}",
	    "{\"t\":1e999,\"ev\":\"start\"}",
	    "{\"t\":-1e999,\"ev\":\"start\"}",
	    "{\"t\":1,\"ev\":\"start\"",
	    "{\"t\":1,\"ev\":\"start\",",
	    "{\"t\":1,\"ev\":\"start\",}",
	    "{\"t\":1,\"ev\":\"star",
	    "{\"t\":1,\"ev\":\"start\"}{\"t\":1,\"ev\":\"start\"}",
	    "{\"t\":1,\"ev\":\"start\"}x",
	    "{\"t\":01,\"ev\":\"start\"}",
	    "{\"t\":1.,\"ev\":\"start\"}",
	    "{\"t\":.5,\"ev\":\"start\"}",
	    "{\"t\":+1,\"ev\":\"start\"}",
	    "{\"t\":1e,\"ev\":\"start\"}",
	    "{\"t\":-,\"ev\":\"start\"}",
	    "{\"t\":0x1,\"ev\":\"start\"}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":tru}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":truex}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":[1,]}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":[1}}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":{\"a\":1,}}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":{\"a\"}}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":{a:1}}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":\"\\x\"}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":\"\\u12g4\"}",
	    "{\"t\":1,\"ev\":\"start\",\"x\":\"a\tb\"}",
	    "{'t':1,'ev':'start'}",
	    "{\"t\":NaN,\"ev\":\"start\"}",
	};
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lines); i++) {
		if (parse(f, lines[i]) == 0)
			fail_msg("was taken: %s", lines[i]);
	}
	assert_int_equal(event_parse("{", 1, &f->ev, &f->arena, &err), -1);
	assert_string_not_equal(err.msg, "");
}

/* I8: 100,000 levels must neither be taken nor end in a deep recursion. */
static void a_hundred_thousand_levels(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT;
	int i;

	buf_str(&b, "{\"t\":1,\"ev\":\"batch\",\"options\":");
	for (i = 0; i < 100000; i++)
		buf_str(&b, i % 2 ? "[" : "{\"a\":");
	assert_int_equal(parse(f, b.data), -1);
	buf_ch(&b, '1');
	for (i = 100000; i-- > 0;)
		buf_ch(&b, i % 2 ? ']' : '}');
	buf_ch(&b, '}');
	assert_int_equal(parse(f, b.data), -1);
	buf_release(&b);
}

static void numbers_out_of_range_are_not_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f,
			     "{\"t\":1,\"m\":1e30,\"ev\":\"verdict\",\"id\":\"1\",\"n\":4294967297,"
			     "\"tokens_in\":9223372036854775807,\"tokens_out\":-1e400,"
			     "\"retry_after\":1e18,\"reset_at\":\"soon\",\"cost_usd\":1e999}"),
	    0);
	assert_int_equal(f->ev.m, 0);
	assert_int_equal(f->ev.n, NUM_NONE);
	assert_int_equal(f->ev.verdict.tokens_in, NUM_NONE);
	assert_int_equal(f->ev.verdict.tokens_out, NUM_NONE);
	assert_int_equal(f->ev.verdict.retry_after_ms, NUM_NONE);
	assert_int_equal(f->ev.verdict.reset_at_t, NUM_NONE);
	assert_true(f->ev.verdict.cost_usd < 0);
}

static void numbers_in_every_spelling(void **state)
{
	static const struct {
		const char *text;
		double value;
	} table[] = {
	    {"0", 0},
	    {"0.5", 0.5},
	    {"0.000001", 0.000001},
	    {"123456789012345", 123456789012345.0},
	    {"1234567890123456789", 1234567890123456789.0},
	    {"0.1234567890123456789", 0.1234567890123456789},
	    {"1e3", 1000},
	    {"1E+3", 1000},
	    {"25e-2", 0.25},
	    {"1.7976931348623157e308", 1.7976931348623157e308},
	    {"5e-324", 5e-324},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		char *line =
		    xasprintf("{\"t\":1,\"ev\":\"verdict\",\"cost_usd\":%s}", table[i].text);

		assert_int_equal(parse(f, line), 0);
		if (f->ev.verdict.cost_usd != table[i].value)
			fail_msg("%s is %.17g", table[i].text, f->ev.verdict.cost_usd);
		free(line);
	}
}

static void unknown_words_and_fields(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, "{\"t\":1,\"ev\":\"hologram\",\"x\":[{}]}"), 0);
	assert_int_equal(f->ev.type, EV_UNKNOWN);
	assert_int_equal(parse(f, "{\"t\":1,\"ev\":\"\"}"), 0);
	assert_int_equal(f->ev.type, EV_UNKNOWN);
	/* Must not be read as pending, open, or an end that is none. */
	assert_int_equal(parse(f,
			     "{\"t\":1,\"ev\":\"status\",\"id\":\"1\",\"status\":\"blessed\"}"),
	    0);
	assert_int_equal(f->ev.type, EV_UNKNOWN);
	assert_int_equal(parse(f, "{\"t\":1,\"ev\":\"status\",\"id\":\"1\"}"), 0);
	assert_int_equal(f->ev.type, EV_UNKNOWN);
	assert_int_equal(parse(f, "{\"t\":1,\"ev\":\"gate\",\"account\":\"a\",\"state\":5}"), 0);
	assert_int_equal(f->ev.type, EV_UNKNOWN);
	assert_int_equal(parse(f, "{\"t\":1,\"ev\":\"end\",\"state\":\"torn\"}"), 0);
	assert_int_equal(f->ev.type, EV_UNKNOWN);
	/* A class of a newer version is one that is not known. */
	assert_int_equal(parse(f,
			     "{\"t\":1,\"ev\":\"verdict\",\"class\":\"new\",\"charged\":true}"),
	    0);
	assert_int_equal(f->ev.type, EV_VERDICT);
	assert_int_equal(f->ev.verdict.class, CLASS_NONE);
	assert_true(f->ev.verdict.charged);
}

static void duplicate_keys_the_first_counts(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f,
			     "{\"t\":1,\"t\":2,\"ev\":\"start\",\"ev\":\"end\",\"id\":\"a\","
			     "\"id\":\"b\"}"),
	    0);
	assert_int_equal(f->ev.t, 1000);
	assert_int_equal(f->ev.type, EV_START);
	assert_string_equal(f->ev.id, "a");
}

static void blanks_and_escapes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f,
			     " { \"t\" : 1.5 , \"ev\" :\"verb\",\t\"ids\" : [ \"a\" , 7, [\"n\"] ,"
			     " \"\\u00e9\\ud83d\\ude00\" ] , "
			     "\"result\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
			     "\"by\":\"\\ud800x\", \"verb\":\"a\\u0000b\" } "),
	    0);
	assert_int_equal(f->ev.t, 1500);
	assert_string_equal(f->ev.verb.ids, "a \xc3\xa9\xf0\x9f\x98\x80");
	assert_string_equal(f->ev.verb.result, "\"\\/\b\f\n\r\t");
	assert_string_equal(f->ev.verb.by, "\xef\xbf\xbdx");
	assert_string_equal(f->ev.verb.verb, "a");
}

/* I9: whatever an agent printed, the line is valid and has no newline in its middle. */
static void every_byte_in_a_message(void **state)
{
	struct fixture *f = *state;
	struct event ev = make(EV_VERDICT, "1", 1);
	char bytes[256];
	int i;

	for (i = 0; i < 255; i++)
		bytes[i] = (char)(i + 1);
	bytes[255] = '\0';
	ev.verdict.message = bytes;
	event_format(&ev, &f->line);
	assert_ptr_equal(strchr(f->line.data, '\n'), f->line.data + f->line.len - 1);
	assert_int_equal(event_parse(f->line.data, f->line.len, &f->ev, &f->arena, NULL), 0);
	assert_memory_equal(f->ev.verdict.message, bytes, 127);
	assert_string_equal(f->ev.verdict.message + 127 + 128 * 3 - 3, "\xef\xbf\xbd");
}

/* The screen sets the user's locale; files keep their point. */
static void a_locale_with_a_comma(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
	struct fixture *f = *state;
	struct event ev = make(EV_VERDICT, "1", 1);
	size_t i;

	for (i = 0; i < ARRAY_LEN(names) && !setlocale(LC_NUMERIC, names[i]); i++)
		;
	if (i == ARRAY_LEN(names))
		skip();
	ev.verdict.cost_usd = 0.12345678901234567;
	event_format(&ev, &f->line);
	assert_non_null(strstr(f->line.data, "\"cost_usd\":0.1234"));
	assert_int_equal(event_parse(f->line.data, f->line.len, &f->ev, &f->arena, NULL), 0);
	assert_true(f->ev.verdict.cost_usd == ev.verdict.cost_usd);
	setlocale(LC_NUMERIC, "C");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(batch_line),
	    T(accounts_of_a_batch),
	    T(what_is_not_told_is_left_out),
	    T(start_line),
	    T(exits),
	    T(no_exit_code_is_invented),
	    T(verdict_line),
	    T(wait_line),
	    T(status_line),
	    T(gate_line),
	    T(verb_line),
	    T(cycle_and_end_lines),
	    T(solve_lines),
	    T(refused_lines),
	    T(a_hundred_thousand_levels),
	    T(numbers_out_of_range_are_not_told),
	    T(numbers_in_every_spelling),
	    T(unknown_words_and_fields),
	    T(duplicate_keys_the_first_counts),
	    T(blanks_and_escapes),
	    T(every_byte_in_a_message),
	    T(a_locale_with_a_comma),
	};

	return cmocka_run_group_tests_name("event_json", tests, NULL, NULL);
}
