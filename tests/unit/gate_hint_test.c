/* What conductors tell each other of an account: the file, and what a gate takes from it. */
#include "formats/gate_hint.h"
#include "base/xalloc.h"
#include "policy/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define WALL INT64_C(1795262400000)
#define S INT64_C(1000)
#define HOUR (3600 * S)

static int parse(const char *text, struct gate_hint *h)
{
	return gate_hint_parse(text, strlen(text), "claude", h);
}

static void what_is_written_reads_back(void **state)
{
	struct gate_hint h, back;
	struct buf text = BUF_INIT;
	int i;

	(void)state;
	gate_hint_init(&h);
	h.state = GATE_CLOSED;
	h.t = WALL;
	h.until_t = WALL + 30 * S;
	h.width = 3;
	h.pace_ms = 270;
	h.burst = 4;
	snprintf(h.by, sizeof(h.by), "batch-20261121-231502");
	snprintf(h.why, sizeof(h.why), "\"429\"\n");
	for (i = 0; i < HINT_LASTED + 3; i++)
		gate_hint_add_lasted(&h, i * S);
	gate_hint_format(&h, "claude", &text);
	assert_int_equal(gate_hint_parse(text.data, text.len, "claude", &back), 0);
	assert_int_equal(back.state, GATE_CLOSED);
	assert_int_equal(back.t, WALL);
	assert_int_equal(back.until_t, WALL + 30 * S);
	assert_int_equal(back.width, 3);
	assert_int_equal(back.pace_ms, 270);
	assert_int_equal(back.burst, 4);
	assert_string_equal(back.by, h.by);
	assert_string_equal(back.why, h.why);
	assert_int_equal(back.nr_lasted, HINT_LASTED);
	assert_int_equal(back.lasted_ms[0], 3 * S); /* the oldest gave way */
	assert_int_equal(gate_hint_parse(text.data, text.len, "codex", &back), -1);
	buf_release(&text);
}

static void a_long_text_is_cut_at_a_whole_character(void **state)
{
	struct gate_hint h;
	struct buf text = BUF_INIT;
	size_t i;

	(void)state;
	buf_str(&text,
	    "{\"version\":1,\"account\":\"claude\",\"t\":1,\"state\":\"open\",\"why\":\"");
	for (i = 0; i < sizeof(h.why); i++)
		buf_str(&text, "\xe2\x82\xac");
	buf_str(&text, "\"}");
	assert_int_equal(parse(text.data, &h), 0);
	assert_int_equal(strlen(h.why), (sizeof(h.why) - 1) / 3 * 3);
	buf_release(&text);
}

static void what_cannot_be_is_not_taken(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "null",
	    "{\"version\":2,\"account\":\"claude\",\"t\":1,\"state\":\"open\"}",
	    "{\"version\":1,\"account\":\"claude\",\"state\":\"open\"}",
	    "{\"version\":1,\"account\":\"claude\",\"t\":1,\"state\":\"ajar\"}",
	    /* for a person: that is not for others */
	    "{\"version\":1,\"account\":\"claude\",\"t\":1,\"state\":\"closed\"}"};
	struct gate_hint h;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(parse(bad[i], &h), -1);
	assert_int_equal(parse("{\"version\":1,\"account\":\"claude\",\"t\":1,\"state\":\"open\","
			       "\"width\":-3,\"pace\":-1,\"burst\":0,\"lasted\":[-5,1e300,\"x\",2]"
			       "}",
			     &h),
	    0);
	assert_int_equal(h.width, NUM_NONE);
	assert_int_equal(h.pace_ms, NUM_NONE);
	assert_int_equal(h.nr_lasted, 1);
	assert_int_equal(h.lasted_ms[0], 2 * S);
}

static void a_name_is_a_safe_file_name(void **state)
{
	char plain[HINT_NAME_SIZE], odd[HINT_NAME_SIZE], a[HINT_NAME_SIZE], b[HINT_NAME_SIZE];

	(void)state;
	gate_hint_name("claude", NULL, plain);
	assert_memory_equal(plain, "claude-", 7);
	gate_hint_name("../../etc/passwd\n", NULL, odd);
	assert_null(strpbrk(odd, "/\n"));
	gate_hint_name("command", "curl {task}", a);
	gate_hint_name("command", "wget {task}", b);
	assert_string_not_equal(a, b); /* another program has another account */
	gate_hint_name("x/y", NULL, a);
	gate_hint_name("x_y", NULL, b);
	assert_string_not_equal(a, b);
}

/* ---- what a gate takes from it ------------------------------------------------------- */

static const struct instant now = {.wall_ms = WALL, .mono_ms = 1000 * S};

static struct account open_account(void)
{
	struct account acc = {.name = "claude"};

	gate_init(&acc.gate);
	return acc;
}

static struct ev_gate closed_for(int64_t ms)
{
	return (struct ev_gate){.account = "claude",
	    .state = GATE_CLOSED,
	    .until_t = WALL + ms,
	    .width = NUM_NONE,
	    .pace_ms = NUM_NONE,
	    .burst = NUM_NONE,
	    .lasted_ms = NUM_NONE,
	    .nr_lasted = NUM_NONE,
	    .why = "usage limit"};
}

static void a_short_closure_is_believed_a_long_one_tried(void **state)
{
	struct account acc = open_account();
	struct ev_gate told = closed_for(12 * S), ev;

	(void)state;
	assert_true(gate_hinted(&acc, &told, WALL - S, now, &ev));
	assert_int_equal(ev.state, GATE_CLOSED);
	assert_int_equal(ev.until_t, WALL + 12 * S);
	assert_string_equal(ev.why, "usage limit");
	told = closed_for(5 * HOUR);
	assert_true(gate_hinted(&acc, &told, WALL - S, now, &ev));
	assert_int_equal(ev.state, GATE_PROBING);
	acc.gate.state = GATE_PROBING;
	assert_false(gate_hinted(&acc, &told, WALL - S, now, &ev));
}

static void nothing_is_taken_from_a_hint_that_is_over(void **state)
{
	struct account acc = open_account();
	struct ev_gate told = closed_for(-1), ev;

	(void)state;
	assert_false(gate_hinted(&acc, &told, WALL - HOUR, now, &ev));
	told = closed_for(365 * 24 * HOUR); /* nor from one that cannot be */
	assert_false(gate_hinted(&acc, &told, WALL, now, &ev));
	/* A gate that is closed for a person stays so. */
	told = closed_for(30 * S);
	acc.gate.state = GATE_CLOSED;
	assert_false(gate_hinted(&acc, &told, WALL, now, &ev));
	/* One that is closed for about as long is not told again. */
	acc.gate.until_t = WALL + 29 * S;
	assert_false(gate_hinted(&acc, &told, WALL, now, &ev));
	acc.gate.until_t = WALL + 10 * S;
	assert_true(gate_hinted(&acc, &told, WALL, now, &ev));
	assert_int_equal(ev.until_t, WALL + 30 * S);
}

static void a_new_batch_goes_on_at_the_pace_of_others(void **state)
{
	struct account acc = open_account();
	struct ev_gate told = closed_for(-1), ev;

	(void)state;
	told.state = GATE_NARROWED;
	told.until_t = NUM_NONE;
	told.pace_ms = 270;
	told.burst = 3;
	assert_true(gate_hinted(&acc, &told, WALL - S, now, &ev));
	assert_int_equal(ev.state, GATE_NARROWED);
	assert_int_equal(ev.pace_ms, 270);
	assert_int_equal(ev.burst, 3);
	assert_false(gate_hinted(&acc, &told, WALL - HOUR, now, &ev)); /* long ago */
	acc.gate.nr_starts = 1; /* who has begun learns for himself */
	assert_false(gate_hinted(&acc, &told, WALL - S, now, &ev));
}

static void what_limits_lasted_is_taken_along(void **state)
{
	struct account acc = open_account();
	struct ev_gate told = closed_for(-1), ev;

	(void)state;
	told.lasted_ms = 900;
	told.nr_lasted = 7;
	assert_true(gate_hinted(&acc, &told, WALL - 100 * HOUR, now, &ev));
	assert_int_equal(ev.state, GATE_OPEN);
	assert_int_equal(ev.lasted_ms, 900);
	gate_set(&acc.gate, &ev, WALL, 1000 * S, ev.why);
	assert_int_equal(acc.gate.before_nr, 7);
	assert_false(gate_hinted(&acc, &told, WALL - 100 * HOUR, now, &ev)); /* once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_reads_back),
	    cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
	    cmocka_unit_test(what_cannot_be_is_not_taken),
	    cmocka_unit_test(a_name_is_a_safe_file_name),
	    cmocka_unit_test(a_short_closure_is_believed_a_long_one_tried),
	    cmocka_unit_test(nothing_is_taken_from_a_hint_that_is_over),
	    cmocka_unit_test(a_new_batch_goes_on_at_the_pace_of_others),
	    cmocka_unit_test(what_limits_lasted_is_taken_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
