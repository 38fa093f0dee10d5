#include "policy/pool.h"
#include "base/xalloc.h"
#include "policy/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WALL INT64_C(1795262400000)
#define S INT64_C(1000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)

/* ---- a batch of claude's rows ---------------------------------------------------- */

struct scene {
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
	struct live *live;
	struct policy policy;
	struct instant now;
};

static void emit(struct scene *s, struct event *ev)
{
	ev->t = s->now.wall_ms;
	ev->m = s->now.mono_ms;
	batch_apply(&s->batch, ev);
}

static void take_up(struct scene *s, const char *accounts)
{
	struct event ev;

	event_init(&ev, EV_BATCH);
	ev.batch.version = "test";
	ev.batch.accounts = accounts;
	emit(s, &ev);
}

static void open_scene(struct scene *s, uint32_t nr, const char *accounts)
{
	struct graph_unknown unknown;
	uint32_t i;

	memset(s, 0, sizeof(*s));
	tasks_init(&s->tasks);
	s->tasks.nr_columns = 1;
	s->tasks.known[COL_ID] = 0;
	for (i = 0; i < nr; i++) {
		const char **cells = arena_alloc(&s->tasks.arena, sizeof(*cells));
		char id[16];

		snprintf(id, sizeof(id), "r%u", i);
		cells[0] = arena_strdup(&s->tasks.arena, id);
		VEC_GROW(s->tasks.v, s->tasks.nr, s->tasks.cap);
		s->tasks.v[i] = (struct task){.id = cells[0], .cells = cells, .line = i + 2};
		map_put(&s->tasks.by_id, cells[0], s->tasks.nr++);
	}
	assert_int_equal(graph_build(&s->graph, &s->tasks, NULL, &unknown), 0);
	batch_init(&s->batch, &s->tasks, &s->graph, "claude", 0);
	s->live = xcalloc(nr, sizeof(*s->live));
	s->policy = (struct policy){
	    .backoff = {5, 3, 300},
	    .attempts = 5,
	    .max_wait_ms = 24 * HOUR,
	    .live = s->live,
	    .hold_until_m = INT64_MIN,
	};
	s->now = (struct instant){.wall_ms = WALL, .mono_ms = 1000 * S};
	take_up(s, accounts);
}

static void close_scene(struct scene *s)
{
	free(s->live);
	batch_release(&s->batch);
	graph_release(&s->graph);
	tasks_release(&s->tasks);
}

static void pass(struct scene *s, int64_t ms)
{
	s->now.wall_ms += ms;
	s->now.mono_ms += ms;
}

static uint32_t account(const struct scene *s, const char *name)
{
	uint32_t i;

	for (i = 0; i < s->batch.nr_accounts; i++)
		if (strcmp(s->batch.accounts[i].name, name) == 0)
			return i;
	fail_msg("no account '%s'", name);
	return ACCOUNT_NONE;
}

static struct gate *gate(struct scene *s, const char *name)
{
	return &s->batch.accounts[account(s, name)].gate;
}

/* Asks until nothing is left to be done; starts go 200 ms apart. Tells them as "r0 a, r1 b, ". */
static struct decision turn(struct scene *s, char *started, size_t size)
{
	struct decision d;
	struct event ev;
	size_t len = 0;

	started[0] = '\0';
	for (;;) {
		decide(&s->batch, &s->policy, s->now, &d);
		event_init(&ev, d.kind == DECIDE_START ? EV_START : EV_GATE);
		if (d.kind == DECIDE_GATE) {
			ev.gate = d.gate;
		} else if (d.kind == DECIDE_START) {
			const char *name = s->batch.accounts[d.account].name;

			ev.agent = d.agent;
			ev.n = s->batch.agents[d.agent].last_n + 1;
			ev.start.account = name;
			len += (size_t)snprintf(started + len, size - len, "r%u %s, ", d.agent,
			    strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
		} else {
			return d;
		}
		emit(s, &ev);
		if (d.kind == DECIDE_START)
			pass(s, 200);
	}
}

static void assert_starts(struct scene *s, const char *want)
{
	char started[512];

	turn(s, started, sizeof(started));
	assert_string_equal(started, want);
}

struct told {
	enum attempt_class class;
	int64_t retry_after_ms, reset_in_ms; /* 0: nothing */
	const char *session;
};

/* Its attempt ends so; what follows is done. */
static struct next end(struct scene *s, uint32_t agent, struct told told)
{
	const struct agent *a = &s->batch.agents[agent];
	struct attempt at = *agent_last_attempt(a);
	struct event ev;
	struct next next;

	event_init(&ev, EV_EXIT);
	ev.agent = agent;
	ev.n = a->last_n;
	emit(s, &ev);
	event_init(&ev, EV_VERDICT);
	ev.agent = agent;
	ev.n = a->last_n;
	at.has_verdict = true;
	at.class = ev.verdict.class = told.class;
	at.session = ev.verdict.session = told.session;
	if (told.retry_after_ms)
		at.retry_after_ms = ev.verdict.retry_after_ms = told.retry_after_ms;
	if (told.reset_in_ms)
		at.reset_at_t = ev.verdict.reset_at_t = s->now.wall_ms + told.reset_in_ms;
	ev.verdict.message = "as told";
	ev.verdict.charged = decide_is_charged(&s->batch, &s->policy, agent, &at, s->now);
	emit(s, &ev);
	decide_next(&s->batch, &s->policy, agent, agent_last_attempt(a), s->now, &next);
	event_init(&ev, EV_GATE);
	ev.gate = next.gate;
	if (next.has_gate)
		emit(s, &ev);
	event_init(&ev, next.kind == NEXT_WAIT ? EV_WAIT : EV_STATUS);
	ev.agent = agent;
	if (next.kind == NEXT_WAIT) {
		ev.n = a->last_n;
		ev.wait = next.wait;
	} else {
		ev.status.status = next.kind == NEXT_COMPLETED ? AGENT_COMPLETED : AGENT_FAILED;
	}
	emit(s, &ev);
	return next;
}

static bool was_charged(const struct scene *s, uint32_t agent)
{
	return agent_last_attempt(&s->batch.agents[agent])->charged;
}

/* ---- starts --------------------------------------------------------------------- */

static void the_least_loaded_takes_the_next(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 9, "claude/a claude/b claude/c");
	s.batch.jobs = 5;
	assert_starts(&s, "r0 a, r1 b, r2 c, r3 a, r4 b, ");
	end(&s, 1, (struct told){.class = CLASS_SUCCESS});
	end(&s, 4, (struct told){.class = CLASS_SUCCESS});
	/* b has none left, c has one, a has two. */
	assert_starts(&s, "r5 b, r6 b, ");
	end(&s, 2, (struct told){.class = CLASS_SUCCESS});
	assert_starts(&s, "r7 c, ");
	close_scene(&s);
}

static void without_accounts_there_is_one(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 2, NULL);
	assert_starts(&s, "r0 claude, r1 claude, ");
	assert_int_equal(s.batch.nr_accounts, 1);
	close_scene(&s);
	open_scene(&s, 2, "");
	assert_starts(&s, "r0 claude, r1 claude, ");
	assert_int_equal(s.batch.nr_accounts, 1);
	close_scene(&s);
}

/* ---- limits ------------------------------------------------------------------------- */

static void a_told_limit_closes_one_key(void **state)
{
	struct scene s;
	struct next next;

	(void)state;
	open_scene(&s, 4, "claude/a claude/b");
	s.batch.jobs = 2;
	assert_starts(&s, "r0 a, r1 b, ");
	next = end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = MINUTE});
	assert_int_equal(gate(&s, "claude/a")->state, GATE_CLOSED);
	assert_int_equal(gate(&s, "claude/b")->state, GATE_OPEN);
	assert_string_equal(next.wait.account, "claude/a");
	assert_int_equal(next.wait.until_t, s.now.wall_ms + MINUTE);
	assert_false(was_charged(&s, 0));
	assert_starts(&s, "r0 b, "); /* at once, before rows that never ran */
	end(&s, 0, (struct told){.class = CLASS_SUCCESS});
	end(&s, 1, (struct told){.class = CLASS_SUCCESS});
	assert_starts(&s, "r2 b, r3 b, ");
	close_scene(&s);
}

/* Refused by both, it waits for the first of the two to take it; only that is charged. */
static void who_was_refused_by_all_waits_for_the_first(void **state)
{
	struct scene s;
	struct decision d;
	char started[64];

	(void)state;
	open_scene(&s, 1, "claude/a claude/b");
	assert_starts(&s, "r0 a, ");
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = 30 * S});
	assert_starts(&s, "r0 b, ");
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = 60 * S});
	assert_true(was_charged(&s, 0));
	assert_int_equal(s.batch.agents[0].charged, 1);
	assert_int_equal(agent_next_t(&s.batch, &s.batch.agents[0]), s.now.wall_ms + 30 * S - 200);
	d = turn(&s, started, sizeof(started));
	assert_string_equal(started, "");
	assert_int_equal(d.wake_m, s.now.mono_ms + 30 * S - 200);
	pass(&s, 30 * S);
	assert_starts(&s, "r0 a, ");
	close_scene(&s);
}

/* None told: the key that refused is open to others, but not to that row before its own wait. */
static void an_untold_limit_keeps_the_row_from_that_key(void **state)
{
	struct scene s;
	struct next next;

	(void)state;
	open_scene(&s, 2, "claude/a claude/b");
	assert_starts(&s, "r0 a, r1 b, ");
	next = end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT});
	assert_int_equal(next.wait.why, WAIT_LADDER);
	assert_int_equal(gate(&s, "claude/a")->state, GATE_NARROWED);
	assert_starts(&s, "r0 b, "); /* though a has none in flight */
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT});
	assert_starts(&s, "");
	pass(&s, 5 * S);
	assert_starts(&s, "r0 a, ");
	close_scene(&s);
}

static void skipped_waits_hold_for_no_key(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	open_scene(&s, 1, "claude/a claude/b");
	assert_starts(&s, "r0 a, ");
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT});
	assert_starts(&s, "r0 b, ");
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT});
	event_init(&ev, EV_WAIT);
	ev.agent = 0;
	ev.n = 2;
	ev.wait.until_t = s.now.wall_ms;
	ev.wait.why = WAIT_OPERATOR;
	emit(&s, &ev);
	assert_starts(&s, "r0 a, ");
	close_scene(&s);
}

/* Past --max-wait on one key, it is still the other's to take; on both it is parked. */
static void max_wait_bounds_what_it_waits_in_truth(void **state)
{
	struct scene s;
	struct decision d;
	char started[64];

	(void)state;
	open_scene(&s, 1, "claude/a claude/b");
	assert_starts(&s, "r0 a, ");
	end(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT, .reset_in_ms = 30 * HOUR});
	assert_false(s.batch.agents[0].wait_is_parked);
	assert_int_equal(s.batch.agents[0].waited_ms, 0);
	assert_starts(&s, "r0 b, ");
	end(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT, .reset_in_ms = 40 * HOUR});
	assert_true(s.batch.agents[0].wait_is_parked);
	d = turn(&s, started, sizeof(started));
	assert_int_equal(d.kind, DECIDE_END);
	assert_int_equal(d.exit_code, 3);
	assert_int_equal(d.resume_t, WALL + 200 + 30 * HOUR);
	close_scene(&s);
}

/* ---- a person's matter ------------------------------------------------------------------ */

static void a_wrong_key_is_left_behind(void **state)
{
	struct scene s;
	struct next next;
	struct decision d;
	char started[64];

	(void)state;
	open_scene(&s, 3, "claude/a claude/b");
	s.batch.jobs = 2;
	s.policy.attempts = 1;
	assert_starts(&s, "r0 a, r1 b, ");
	next = end(&s, 0, (struct told){.class = CLASS_AUTH});
	assert_int_equal(next.kind, NEXT_WAIT);
	assert_int_equal(next.wait.why, WAIT_GATE);
	assert_true(account_needs_person(&s.batch.accounts[account(&s, "claude/a")]));
	assert_starts(&s, "r0 b, ");
	/* The last one of the pool: the row has failed, and what is left waits for somebody. */
	next = end(&s, 0, (struct told){.class = CLASS_AUTH});
	assert_int_equal(next.kind, NEXT_FAILED);
	end(&s, 1, (struct told){.class = CLASS_SUCCESS});
	d = turn(&s, started, sizeof(started));
	assert_string_equal(started, "");
	assert_int_equal(d.kind, DECIDE_END);
	assert_int_equal(d.exit_code, 3);
	assert_non_null(strstr(d.why, "nothing more starts on 'claude/"));
	close_scene(&s);
}

static void one_key_that_is_closed_stops_nobody(void **state)
{
	struct scene s;
	struct decision d;
	char started[64];

	(void)state;
	open_scene(&s, 2, "claude/a claude/b");
	s.batch.jobs = 1;
	assert_starts(&s, "r0 a, ");
	end(&s, 0, (struct told){.class = CLASS_BUDGET});
	assert_starts(&s, "r0 b, ");
	end(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT, .reset_in_ms = HOUR});
	d = turn(&s, started, sizeof(started));
	assert_string_equal(started, "");
	assert_int_equal(d.kind, DECIDE_NOTHING); /* b opens again by itself */
	assert_true(d.wake_t == s.now.wall_ms + HOUR);
	close_scene(&s);
}

/* ---- sessions ------------------------------------------------------------------------------ */

static void a_session_is_worth_a_minute(void **state)
{
	static const struct {
		struct told told;
		const char *at_once, *later; /* a minute later */
	} cases[] = {
	    {{CLASS_TRANSIENT, 0, 0, "s-1"}, "", "r0 a, "},
	    {{CLASS_RATE_LIMIT, 20 * S, 0, "s-1"}, "", "r0 a, "},
	    {{CLASS_RATE_LIMIT, 0, 0, "s-1"}, "", "r0 a, "},
	    {{CLASS_RATE_LIMIT, 10 * MINUTE, 0, "s-1"}, "r0 b, ", ""},
	    {{CLASS_USAGE_LIMIT, 0, HOUR, "s-1"}, "r0 b, ", ""},
	    {{CLASS_USAGE_LIMIT, 0, 0, "s-1"}, "r0 b, ", ""},
	    {{CLASS_MAX_TURNS, 0, 0, "s-1"}, "r0 a, ", ""},
	    {{CLASS_RATE_LIMIT, 20 * S, 0, NULL}, "r0 b, ", ""}, /* none was told */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		open_scene(&s, 2, "claude/a claude/b");
		s.live[0].can_resume = true;
		s.batch.jobs = 2;
		assert_starts(&s, "r0 a, r1 b, ");
		end(&s, 1, (struct told){.class = CLASS_SUCCESS});
		end(&s, 0, cases[i].told);
		assert_starts(&s, cases[i].at_once);
		pass(&s, MINUTE);
		assert_starts(&s, cases[i].later);
		close_scene(&s);
	}
}

/* Its own account is busier than another one that is free: it goes on where its session is. */
static void a_session_is_taken_up_where_it_is(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 3, "claude/a claude/b");
	s.live[0].can_resume = true;
	assert_starts(&s, "r0 a, r1 b, r2 a, ");
	end(&s, 1, (struct told){.class = CLASS_SUCCESS});
	end(&s, 0, (struct told){.class = CLASS_TRANSIENT, .session = "s-1"});
	pass(&s, MINUTE);
	assert_starts(&s, "r0 a, ");
	/* But it does not wait for one that is closed. */
	end(&s, 0, (struct told){.class = CLASS_TRANSIENT, .session = "s-1"});
	end(&s, 2, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = HOUR});
	assert_starts(&s, "r2 b, ");
	pass(&s, MINUTE);
	assert_starts(&s, "r0 b, ");
	close_scene(&s);
}

/* A later cycle: what it began is on b, which takes it while it lets anything start. */
static void a_session_of_an_earlier_cycle_is_where_it_was(void **state)
{
	struct scene s;
	uint32_t i;

	(void)state;
	open_scene(&s, 5, "claude/a claude/b");
	for (i = 0; i < 3; i++)
		s.live[i].session_at = account(&s, "claude/b") + 1;
	assert_starts(&s, "r0 b, r1 b, r2 b, r3 a, r4 a, ");
	/* From then on it goes by what it has met here. */
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = HOUR});
	assert_starts(&s, "r0 a, ");
	close_scene(&s);

	open_scene(&s, 1, "claude/a claude/b");
	s.live[0].session_at = account(&s, "claude/b") + 1;
	gate(&s, "claude/b")->state = GATE_CLOSED;
	assert_starts(&s, "r0 a, ");
	close_scene(&s);

	/* It is no account of the pool any more. */
	open_scene(&s, 1, "claude/a claude/b");
	s.live[0].session_at = account(&s, "claude/b") + 1;
	pass(&s, S);
	take_up(&s, "claude/a claude/c");
	assert_starts(&s, "r0 a, ");
	close_scene(&s);
}

/* ---- elsewhere ----------------------------------------------------------------------------------- */

static void another_account_may_take_it_when_it_is_free(void **state)
{
	const struct attempt *on_a;
	struct scene s;

	(void)state;
	open_scene(&s, 2, "claude/a claude/b");
	assert_starts(&s, "r0 a, r1 b, ");
	assert_true(pool_elsewhere_t(&s.batch, 0, s.now) == s.now.wall_ms);
	/* Refused there itself: when its own wait is over. */
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT});
	assert_starts(&s, "r0 b, ");
	on_a = agent_last_on(&s.batch, &s.batch.agents[0], account(&s, "claude/a"));
	assert_true(on_a->wait_until_t > s.now.wall_ms);
	assert_true(pool_elsewhere_t(&s.batch, 0, s.now) == on_a->wait_until_t);
	pass(&s, MINUTE);
	assert_true(pool_elsewhere_t(&s.batch, 0, s.now) == s.now.wall_ms);
	/* Closed for all: when it opens; for a person: never. */
	gate(&s, "claude/a")->until_t = s.now.wall_ms + HOUR;
	assert_true(pool_elsewhere_t(&s.batch, 0, s.now) == s.now.wall_ms); /* it is open */
	gate(&s, "claude/a")->state = GATE_CLOSED;
	assert_true(pool_elsewhere_t(&s.batch, 0, s.now) == s.now.wall_ms + HOUR);
	gate(&s, "claude/a")->until_t = NUM_NONE;
	assert_true(pool_elsewhere_t(&s.batch, 0, s.now) == NUM_NONE);
	close_scene(&s);
}

/* What a countdown shows: the first of all accounts that may take the row. */
static void the_next_start_is_that_of_the_first_account(void **state)
{
	struct scene s;
	const struct agent *a, *pending;

	(void)state;
	open_scene(&s, 3, "claude/a claude/b");
	s.batch.jobs = 2;
	a = &s.batch.agents[1];
	pending = &s.batch.agents[2];
	assert_string_equal(agent_account_name(&s.batch, a), "claude");
	assert_starts(&s, "r0 a, r1 b, ");
	assert_string_equal(agent_account_name(&s.batch, a), "claude/b");
	assert_true(agent_next_t(&s.batch, a) == NUM_NONE); /* it runs, and nothing holds it */
	/* It waits for b by what it was told, and for a only as long as that is closed. */
	end(&s, 1, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = HOUR});
	assert_true(agent_next_t(&s.batch, a) == a->wait_until_t);
	gate(&s, "claude/a")->state = GATE_CLOSED;
	gate(&s, "claude/a")->until_t = s.now.wall_ms + MINUTE;
	assert_true(agent_next_t(&s.batch, a) == s.now.wall_ms + MINUTE);
	assert_true(agent_next_t(&s.batch, pending) == s.now.wall_ms + MINUTE);
	gate(&s, "claude/b")->state = GATE_OPEN;
	assert_true(agent_next_t(&s.batch, pending) == NUM_NONE); /* it waits for nothing */
	gate(&s, "claude/b")->state = GATE_CLOSED;
	gate(&s, "claude/a")->until_t = s.now.wall_ms + 2 * HOUR;
	assert_true(agent_next_t(&s.batch, a) == s.now.wall_ms + HOUR);
	/* For a person both: nobody knows when. */
	gate(&s, "claude/a")->until_t = gate(&s, "claude/b")->until_t = NUM_NONE;
	assert_true(agent_next_t(&s.batch, a) == NUM_NONE);
	close_scene(&s);
}

/* ---- other accounts at a resume ---------------------------------------------------------------- */

static void other_accounts_from_a_resume_on(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 2, "claude/a");
	s.batch.jobs = 1;
	assert_starts(&s, "r0 a, ");
	end(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = HOUR});
	assert_starts(&s, "");
	take_up(&s, "claude/c claude/a");
	assert_starts(&s, "r0 c, "); /* what a told concerned a */
	take_up(&s, "");
	assert_false(s.batch.accounts[account(&s, "claude/c")].is_member);
	assert_true(s.batch.accounts[account(&s, "claude")].is_member);
	assert_true(account_is_shown(&s.batch.accounts[account(&s, "claude/c")]));
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_least_loaded_takes_the_next),
	    cmocka_unit_test(without_accounts_there_is_one),
	    cmocka_unit_test(a_told_limit_closes_one_key),
	    cmocka_unit_test(who_was_refused_by_all_waits_for_the_first),
	    cmocka_unit_test(an_untold_limit_keeps_the_row_from_that_key),
	    cmocka_unit_test(skipped_waits_hold_for_no_key),
	    cmocka_unit_test(max_wait_bounds_what_it_waits_in_truth),
	    cmocka_unit_test(a_wrong_key_is_left_behind),
	    cmocka_unit_test(one_key_that_is_closed_stops_nobody),
	    cmocka_unit_test(a_session_is_worth_a_minute),
	    cmocka_unit_test(a_session_is_taken_up_where_it_is),
	    cmocka_unit_test(a_session_of_an_earlier_cycle_is_where_it_was),
	    cmocka_unit_test(another_account_may_take_it_when_it_is_free),
	    cmocka_unit_test(the_next_start_is_that_of_the_first_account),
	    cmocka_unit_test(other_accounts_from_a_resume_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
