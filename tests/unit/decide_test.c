#include "policy/decide.h"
#include "policy/retry.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "policy/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WALL INT64_C(1795262400000)
#define MONO INT64_C(1000000)
#define S INT64_C(1000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)

/* ---- a batch made of rows ------------------------------------------------------ */

struct row {
	const char *id, *agent, *depends_on, *priority;
};

struct scene {
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
	struct live *live;
	struct policy policy;
	struct instant now;
};

static void add_row(struct tasks *ts, const struct row *r)
{
	const char **cells = arena_alloc(&ts->arena, 4 * sizeof(*cells));

	cells[0] = r->id;
	cells[1] = r->agent ? r->agent : "";
	cells[2] = r->depends_on ? r->depends_on : "";
	cells[3] = r->priority ? r->priority : "";
	VEC_GROW(ts->v, ts->nr, ts->cap);
	ts->v[ts->nr] = (struct task){.id = r->id, .cells = cells, .line = ts->nr + 2};
	map_put(&ts->by_id, r->id, ts->nr++);
}

static void open_scene(struct scene *s, const struct row *rows, uint32_t nr, int jobs)
{
	struct graph_unknown unknown;
	uint32_t i;

	memset(s, 0, sizeof(*s));
	tasks_init(&s->tasks);
	s->tasks.nr_columns = 4;
	s->tasks.known[COL_ID] = 0;
	s->tasks.known[COL_AGENT] = 1;
	s->tasks.known[COL_DEPENDS_ON] = 2;
	s->tasks.known[COL_PRIORITY] = 3;
	for (i = 0; i < nr; i++)
		add_row(&s->tasks, &rows[i]);
	assert_int_equal(graph_build(&s->graph, &s->tasks, NULL, &unknown), 0);
	batch_init(&s->batch, &s->tasks, &s->graph, "sim", jobs);
	s->live = xcalloc(nr, sizeof(*s->live));
	s->policy = (struct policy){
	    .backoff = {5, 3, 300},
	    .attempts = 5,
	    .max_wait_ms = 24 * HOUR,
	    .validate_ms = 10 * MINUTE,
	    .live = s->live,
	    .hold_until_m = INT64_MIN,
	};
	s->now = (struct instant){.wall_ms = WALL, .mono_ms = MONO};
}

static void close_scene(struct scene *s)
{
	free(s->live);
	batch_release(&s->batch);
	graph_release(&s->graph);
	tasks_release(&s->tasks);
}

static void open_rows(struct scene *s, uint32_t nr, int jobs)
{
	static const struct row rows[] = {
	    {"r0", 0, 0, 0}, {"r1", 0, 0, 0}, {"r2", 0, 0, 0}, {"r3", 0, 0, 0}, {"r4", 0, 0, 0}};

	assert_true(nr <= ARRAY_LEN(rows));
	open_scene(s, rows, nr, jobs);
}

static void pass(struct scene *s, int64_t ms)
{
	s->now.wall_ms += ms;
	s->now.mono_ms += ms;
}

static void sleep_machine(struct scene *s, int64_t ms)
{
	s->now.wall_ms += ms;
}

/* ---- events ----------------------------------------------------------------------- */

static void emit(struct scene *s, struct event *ev)
{
	ev->t = s->now.wall_ms;
	ev->m = s->now.mono_ms;
	batch_apply(&s->batch, ev);
}

static void of(struct event *ev, enum event_type type, uint32_t agent)
{
	event_init(ev, type);
	ev->agent = agent;
}

static void start(struct scene *s, uint32_t agent)
{
	struct event ev;

	of(&ev, EV_START, agent);
	ev.n = s->batch.agents[agent].last_n + 1;
	emit(s, &ev);
}

static void set_status(struct scene *s, uint32_t agent, enum agent_status status,
    enum agent_phase phase)
{
	struct event ev;

	of(&ev, EV_STATUS, agent);
	ev.status.status = status;
	ev.status.phase = phase;
	emit(s, &ev);
}

static void verb(struct scene *s, const char *name, int64_t n)
{
	struct event ev;

	event_init(&ev, EV_VERB);
	ev.verb.verb = name;
	ev.verb.n = n;
	emit(s, &ev);
}

/* What the service told with a verdict. */
struct told {
	enum attempt_class class;
	int64_t retry_after_ms; /* 0: nothing */
	int64_t reset_in_ms; /* 0: nothing */
	const char *message;
};

static bool is_charged(const struct scene *s, uint32_t agent, struct told told)
{
	struct attempt at = *agent_last_attempt(&s->batch.agents[agent]);

	at.has_verdict = true;
	at.class = told.class;
	at.retry_after_ms = told.retry_after_ms ? told.retry_after_ms : NUM_NONE;
	at.reset_at_t = told.reset_in_ms ? s->now.wall_ms + told.reset_in_ms : NUM_NONE;
	return decide_is_charged(&s->batch, &s->policy, agent, &at, s->now);
}

/* The end of the running attempt: exit, verdict, and what decide_next makes of it, which is
 * returned and not applied. */
static struct next end(struct scene *s, uint32_t agent, struct told told)
{
	const struct agent *a = &s->batch.agents[agent];
	struct event ev;
	struct next next;

	of(&ev, EV_EXIT, agent);
	ev.n = a->last_n;
	ev.exit.value = told.class == CLASS_SUCCESS ? 0 : 1;
	emit(s, &ev);
	of(&ev, EV_VERDICT, agent);
	ev.n = a->last_n;
	ev.verdict.class = told.class;
	ev.verdict.charged = is_charged(s, agent, told);
	ev.verdict.message = told.message ? told.message : "as told";
	if (told.retry_after_ms)
		ev.verdict.retry_after_ms = told.retry_after_ms;
	if (told.reset_in_ms)
		ev.verdict.reset_at_t = s->now.wall_ms + told.reset_in_ms;
	emit(s, &ev);
	decide_next(&s->batch, &s->policy, agent, agent_last_attempt(a), s->now, &next);
	return next;
}

static void apply_next(struct scene *s, uint32_t agent, const struct next *next)
{
	static const enum agent_status status[] = {[NEXT_COMPLETED] = AGENT_COMPLETED,
	    [NEXT_FAILED] = AGENT_FAILED,
	    [NEXT_CANCELLED] = AGENT_CANCELLED};
	struct event ev;

	if (next->has_gate) {
		event_init(&ev, EV_GATE);
		ev.gate = next->gate;
		emit(s, &ev);
	}
	if (next->kind != NEXT_WAIT) {
		set_status(s, agent, status[next->kind], PHASE_NONE);
		return;
	}
	of(&ev, EV_WAIT, agent);
	ev.n = s->batch.agents[agent].last_n;
	ev.wait = next->wait;
	emit(s, &ev);
}

static void end_and_apply(struct scene *s, uint32_t agent, struct told told)
{
	struct next next = end(s, agent, told);

	apply_next(s, agent, &next);
}

/* A whole attempt. */
static struct next attempt(struct scene *s, uint32_t agent, struct told told)
{
	struct next next;

	start(s, agent);
	next = end(s, agent, told);
	apply_next(s, agent, &next);
	return next;
}

static struct decision ask(const struct scene *s)
{
	struct decision d;

	decide(&s->batch, &s->policy, s->now, &d);
	return d;
}

static void assert_starts(const struct scene *s, uint32_t agent)
{
	struct decision d = ask(s);

	assert_int_equal(d.kind, DECIDE_START);
	assert_int_equal(d.agent, agent);
}

static struct decision assert_waits(const struct scene *s)
{
	struct decision d = ask(s);

	assert_int_equal(d.kind, DECIDE_NOTHING);
	return d;
}

static struct decision assert_ends(const struct scene *s, enum end_state end, int exit_code)
{
	struct decision d = ask(s);

	assert_int_equal(d.kind, DECIDE_END);
	assert_int_equal(d.end, end);
	assert_int_equal(d.exit_code, exit_code);
	return d;
}

/* ---- the class table, row by row ------------------------------------------------------ */

enum follows { STAYS_OPEN, NARROWS, CLOSES_FOR_A_PERSON, CLOSES_WITH_THE_WAIT };

static const struct class_case {
	enum attempt_class class;
	enum next_kind next;
	bool charged;
	enum wait_why why; /* of the wait, when nothing is told */
	int64_t wait_ms;
	enum follows gate;
} class_cases[] = {
    {CLASS_SUCCESS, NEXT_COMPLETED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_RATE_LIMIT, NEXT_WAIT, true, WAIT_LADDER, 5 * S, NARROWS},
    {CLASS_USAGE_LIMIT, NEXT_WAIT, false, WAIT_PROBE, 5 * MINUTE, CLOSES_WITH_THE_WAIT},
    {CLASS_TRANSIENT, NEXT_WAIT, true, WAIT_LADDER, 5 * S, STAYS_OPEN},
    {CLASS_TIMEOUT, NEXT_WAIT, true, WAIT_LADDER, 5 * S, STAYS_OPEN},
    {CLASS_CRASH, NEXT_WAIT, true, WAIT_LADDER, 5 * S, STAYS_OPEN},
    {CLASS_TASK_ERROR, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_INVALID, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_NO_OUTPUT, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_MAX_TURNS, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_AUTH, NEXT_FAILED, true, WAIT_NONE, 0, CLOSES_FOR_A_PERSON},
    {CLASS_BUDGET, NEXT_FAILED, true, WAIT_NONE, 0, CLOSES_FOR_A_PERSON},
    {CLASS_CONFIG, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_REFUSAL, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_CONTEXT_OVERFLOW, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_CANCELLED, NEXT_CANCELLED, true, WAIT_NONE, 0, STAYS_OPEN},
    {CLASS_LOST, NEXT_FAILED, true, WAIT_NONE, 0, STAYS_OPEN},
};

static void check_gate(const struct class_case *c, const struct next *next)
{
	assert_int_equal(next->has_gate, c->gate != STAYS_OPEN);
	if (c->gate == STAYS_OPEN)
		return;
	assert_int_equal(next->gate.state, c->gate == NARROWS ? GATE_NARROWED : GATE_CLOSED);
	assert_string_equal(next->gate.account, "sim");
	assert_string_equal(next->gate.why, "as told");
	if (c->gate == NARROWS) {
		assert_int_equal(next->gate.width, 1);
		return;
	}
	assert_int_equal(next->gate.until_t,
	    c->gate == CLOSES_FOR_A_PERSON ? NUM_NONE : WALL + c->wait_ms);
}

static void what_follows_from_each_class(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(ARRAY_LEN(class_cases), CLASS__COUNT - 1); /* all but CLASS_NONE */
	for (i = 0; i < ARRAY_LEN(class_cases); i++) {
		const struct class_case *c = &class_cases[i];
		struct scene s;
		struct next next;

		open_rows(&s, 1, 8);
		start(&s, 0);
		next = end(&s, 0, (struct told){.class = c->class});
		assert_int_equal(next.kind, c->next);
		assert_int_equal(s.batch.agents[0].charged, c->charged);
		if (c->next == NEXT_WAIT) {
			assert_int_equal(next.wait.why, c->why);
			assert_int_equal(next.wait.until_t, WALL + c->wait_ms);
			assert_false(next.wait.is_wall);
			assert_false(next.wait.is_parked);
		}
		check_gate(c, &next);
		close_scene(&s);
	}
}

/* ---- attempts and their waits ------------------------------------------------------------ */

static void the_ladder_has_four_waits_for_five_attempts(void **state)
{
	static const int64_t waits_ms[] = {5 * S, 15 * S, 45 * S, 135 * S};
	struct scene s;
	size_t i;

	(void)state;
	open_rows(&s, 1, 8);
	for (i = 0; i < ARRAY_LEN(waits_ms); i++) {
		struct next next = attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT});

		assert_int_equal(next.kind, NEXT_WAIT);
		assert_int_equal(next.wait.until_t, s.now.wall_ms + waits_ms[i]);
		pass(&s, waits_ms[i] - 1);
		assert_int_equal(assert_waits(&s).wake_m, s.now.mono_ms + 1);
		pass(&s, 1);
		assert_starts(&s, 0);
	}
	assert_int_equal(attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT}).kind, NEXT_FAILED);
	assert_int_equal(s.batch.agents[0].last_n, 5);
	assert_ends(&s, END_FINISHED, 1);
	close_scene(&s);
}

static void longer_ladders_reach_the_cap(void **state)
{
	struct scene s;
	struct next next = {.kind = NEXT_FAILED};
	int i;

	(void)state;
	open_rows(&s, 1, 8);
	s.policy.attempts = 100;
	for (i = 0; i < 40; i++)
		next = attempt(&s, 0, (struct told){.class = CLASS_RATE_LIMIT});
	assert_int_equal(next.wait.until_t, s.now.wall_ms + 300 * S);
	close_scene(&s);
}

static void jitter_only_makes_longer_and_the_same_each_time(void **state)
{
	struct scene s;
	struct next next, again;

	(void)state;
	open_rows(&s, 1, 8);
	s.policy.jitter_pct = 20;
	start(&s, 0);
	next = end(&s, 0, (struct told){.class = CLASS_TRANSIENT});
	decide_next(&s.batch, &s.policy, 0, agent_last_attempt(&s.batch.agents[0]), s.now, &again);
	assert_in_range(next.wait.until_t, WALL + 5 * S, WALL + 6 * S);
	assert_int_equal(next.wait.until_t, again.wait.until_t);
	close_scene(&s);
}

static void hard_ends_have_two_tries_in_all(void **state)
{
	static const struct {
		enum attempt_class first, second;
	} cases[] = {
	    {CLASS_TIMEOUT, CLASS_TIMEOUT},
	    {CLASS_CRASH, CLASS_CRASH},
	    {CLASS_TIMEOUT, CLASS_CRASH},
	    {CLASS_CRASH, CLASS_TIMEOUT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		open_rows(&s, 1, 8);
		assert_int_equal(attempt(&s, 0, (struct told){.class = cases[i].first}).kind,
		    NEXT_WAIT);
		/* Another end between them does not give a third. */
		assert_int_equal(attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT}).kind,
		    NEXT_WAIT);
		assert_int_equal(attempt(&s, 0, (struct told){.class = cases[i].second}).kind,
		    NEXT_FAILED);
		close_scene(&s);
	}
}

static void a_told_wait_goes_before_the_ladder(void **state)
{
	struct scene s;
	struct next next;

	(void)state;
	open_rows(&s, 2, 8);
	next = attempt(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = 42 * S});
	assert_int_equal(next.wait.why, WAIT_TOLD);
	assert_int_equal(next.wait.until_t, WALL + 42 * S);
	/* It is told for the account: nobody else starts either, and then the one with work in it. */
	assert_true(next.has_gate);
	assert_int_equal(next.gate.until_t, WALL + 42 * S);
	assert_int_equal(assert_waits(&s).wake_m, MONO + 42 * S);
	pass(&s, 42 * S);
	assert_int_equal(ask(&s).kind, DECIDE_GATE);
	close_scene(&s);
}

static void operator_retry_gives_all_attempts_anew(void **state)
{
	struct scene s;
	int i;

	(void)state;
	open_rows(&s, 1, 8);
	for (i = 0; i < 5; i++)
		(void)attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT});
	assert_int_equal(s.batch.agents[0].status, AGENT_FAILED);
	set_status(&s, 0, AGENT_PENDING, PHASE_NONE);
	assert_starts(&s, 0);
	assert_int_equal(attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT}).kind, NEXT_WAIT);
	assert_int_equal(s.batch.agents[0].last_n, 6); /* but numbers go on */
	close_scene(&s);
}

/* ---- usage limits --------------------------------------------------------------------------- */

static void a_reset_is_a_time_of_day(void **state)
{
	struct scene s;
	struct next next;

	(void)state;
	open_rows(&s, 1, 8);
	next = attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT, .reset_in_ms = 3 * HOUR});
	assert_int_equal(next.wait.why, WAIT_TOLD);
	assert_int_equal(next.wait.until_t, WALL + 3 * HOUR);
	assert_true(next.wait.is_wall);
	assert_true(next.has_gate);
	assert_int_equal(next.gate.until_t, WALL + 3 * HOUR);
	/* C2: the machine sleeps over it; the gate opens and the agent starts. */
	sleep_machine(&s, 3 * HOUR);
	assert_int_equal(ask(&s).kind, DECIDE_GATE);
	assert_int_equal(ask(&s).gate.state, GATE_PROBING);
	s.batch.accounts[0].gate.state = GATE_PROBING;
	assert_starts(&s, 0);
	close_scene(&s);
}

static void a_told_wait_is_not_a_time_of_day(void **state)
{
	struct scene s;
	struct next next;

	(void)state;
	open_rows(&s, 1, 8);
	next = attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT, .retry_after_ms = 2 * S});
	assert_int_equal(next.wait.until_t, WALL + 2 * S);
	assert_int_equal(next.wait.why, WAIT_TOLD);
	assert_false(next.wait.is_wall);
	close_scene(&s);
}

static void a_limit_that_tells_nothing_is_probed(void **state)
{
	static const int64_t minutes[] = {5, 15, 30, 30, 30};
	struct scene s;
	size_t i;

	(void)state;
	open_rows(&s, 1, 8);
	for (i = 0; i < ARRAY_LEN(minutes); i++) {
		struct next next = attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT});

		assert_int_equal(next.wait.why, WAIT_PROBE);
		assert_int_equal(next.wait.until_t, s.now.wall_ms + minutes[i] * MINUTE);
		pass(&s, minutes[i] * MINUTE);
	}
	assert_int_equal(s.batch.agents[0].charged, 0);
	close_scene(&s);
}

/* A limit that is over by what was told, and is not: once the first step, then it is probed. None
 * of it is charged, so nothing else would bound how often it is tried. */
static void a_reset_in_the_past_is_no_loop(void **state)
{
	static const struct told tolds[] = {
	    {.class = CLASS_USAGE_LIMIT, .reset_in_ms = -HOUR},
	    {.class = CLASS_USAGE_LIMIT, .reset_in_ms = -1},
	    {.class = CLASS_USAGE_LIMIT, .retry_after_ms = -5},
	};
	static const int64_t waits_ms[] = {5 * S, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(tolds); i++) {
		struct scene s;

		open_rows(&s, 1, 8);
		for (k = 0; k < ARRAY_LEN(waits_ms); k++) {
			struct next next = attempt(&s, 0, tolds[i]);

			assert_int_equal(next.kind, NEXT_WAIT);
			assert_int_equal(next.wait.until_t, s.now.wall_ms + waits_ms[k]);
			assert_false(next.wait.is_wall);
			pass(&s, waits_ms[k]);
		}
		close_scene(&s);
	}
}

static void waits_beyond_the_bound_park_and_stop(void **state)
{
	struct scene s;
	struct next next;
	struct decision d;

	(void)state;
	open_rows(&s, 2, 8);
	s.policy.max_wait_ms = HOUR;
	next = attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT, .reset_in_ms = 2 * HOUR});
	assert_int_equal(next.kind, NEXT_WAIT);
	assert_true(next.wait.is_parked);
	/* The other row would wait behind the same gate for as long. */
	d = assert_ends(&s, END_STOPPED, 3);
	assert_int_equal(d.resume_t, WALL + 2 * HOUR);
	assert_non_null(strstr(d.why, "--max-wait"));
	close_scene(&s);
}

static void the_bound_is_on_the_sum(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	s.policy.max_wait_ms = 20 * MINUTE; /* 5 + 15 fit, another 30 do not */
	assert_false(attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT}).wait.is_parked);
	pass(&s, 5 * MINUTE);
	assert_false(attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT}).wait.is_parked);
	pass(&s, 15 * MINUTE);
	assert_true(attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT}).wait.is_parked);
	close_scene(&s);
}

static void charged_waits_are_not_in_the_sum(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	s.policy.max_wait_ms = 5 * MINUTE;
	(void)attempt(&s, 0, (struct told){.class = CLASS_RATE_LIMIT, .retry_after_ms = HOUR});
	pass(&s, HOUR);
	assert_false(attempt(&s, 0, (struct told){.class = CLASS_USAGE_LIMIT}).wait.is_parked);
	close_scene(&s);
}

/* One row has waited long enough; the others do not wait for it. */
static void a_parked_row_does_not_stop_the_others(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	open_rows(&s, 2, 8);
	start(&s, 0);
	of(&ev, EV_WAIT, 0);
	ev.n = 1;
	ev.wait.until_t = WALL + 48 * HOUR;
	ev.wait.is_parked = true;
	emit(&s, &ev);
	assert_starts(&s, 1);
	(void)attempt(&s, 1, (struct told){.class = CLASS_SUCCESS});
	assert_int_equal(assert_ends(&s, END_STOPPED, 3).resume_t, WALL + 48 * HOUR);
	close_scene(&s);
}

/* ---- who starts ------------------------------------------------------------------------------- */

static void slots_bound_the_starts(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 4, 2);
	start(&s, 0);
	pass(&s, GATE_SPACING_MS);
	assert_starts(&s, 1);
	start(&s, 1);
	pass(&s, GATE_SPACING_MS);
	assert_int_equal(assert_waits(&s).wake_m, NEVER);
	/* A validating agent holds its slot, a waiting one does not. */
	set_status(&s, 0, AGENT_IN_PROGRESS, PHASE_VALIDATING);
	assert_waits(&s);
	(void)end(&s, 1, (struct told){.class = CLASS_TRANSIENT});
	set_status(&s, 1, AGENT_IN_PROGRESS, PHASE_BACKOFF);
	assert_int_equal(ask(&s).kind, DECIDE_START);
	close_scene(&s);
}

static void jobs_0_is_all_at_once(void **state)
{
	struct scene s;
	uint32_t i;

	(void)state;
	open_rows(&s, 5, 0);
	for (i = 0; i < 5; i++) {
		assert_starts(&s, i);
		start(&s, i);
		pass(&s, GATE_SPACING_MS);
	}
	assert_waits(&s);
	close_scene(&s);
}

/* A wait that ends is looked for only where a slot is free then: with --jobs 0 one always is. */
static void waits_wake_whoever_has_a_slot(void **state)
{
	static const struct {
		int jobs;
		bool wakes;
	} cases[] = {{0, true}, {2, true}, {1, false}};
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		open_rows(&s, 2, cases[i].jobs);
		(void)attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT});
		start(&s, 1);
		pass(&s, GATE_SPACING_MS);
		assert_true(assert_waits(&s).wake_m == (cases[i].wakes ? MONO + 5 * S : NEVER));
		close_scene(&s);
	}
}

static void fewer_jobs_end_nobody(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 4, 3);
	start(&s, 0);
	start(&s, 1);
	pass(&s, GATE_SPACING_MS);
	verb(&s, "jobs", 1);
	assert_waits(&s);
	(void)end(&s, 0, (struct told){.class = CLASS_SUCCESS});
	set_status(&s, 0, AGENT_COMPLETED, PHASE_NONE);
	assert_waits(&s);
	verb(&s, "jobs", 0);
	assert_starts(&s, 2);
	close_scene(&s);
}

static void priority_then_the_files_order(void **state)
{
	static const struct row rows[] = {{"a", "x", 0, "0"}, {"b", "y", 0, "-1"},
	    {"c", "y", 0, "7"}, {"d", "x", 0, "7"}, {"e", "x", 0, NULL}};
	static const uint32_t order[] = {2, 3, 0, 4, 1};
	struct scene s;
	size_t i;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 0);
	for (i = 0; i < ARRAY_LEN(order); i++) {
		assert_starts(&s, order[i]);
		start(&s, order[i]);
		pass(&s, GATE_SPACING_MS);
	}
	close_scene(&s);
}

static void among_equals_the_longer_chain_goes_first(void **state)
{
	/* `first` has nothing behind it; `fork` has many, but one deep; `chain` two deep. */
	static const struct row rows[] = {{"first", "x", 0, NULL}, {"fork", "x", 0, NULL},
	    {"chain", "y", 0, "0"}, {"f1", "x", "fork", NULL}, {"f2", "x", "fork", NULL},
	    {"c1", "y", "chain", NULL}, {"c2", "y", "c1", NULL}, {"urgent", "x", 0, "2147483647"},
	    {"last", "x", 0, "-2147483648"}};
	static const uint32_t order[] = {7, 2, 1, 0, 8};
	struct scene s;
	size_t i;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 0);
	for (i = 0; i < ARRAY_LEN(order); i++) {
		assert_starts(&s, order[i]);
		start(&s, order[i]);
		pass(&s, GATE_SPACING_MS);
	}
	close_scene(&s);
}

static void due_waiters_go_before_fresh_rows(void **state)
{
	static const struct row rows[] = {
	    {"a", "x", 0, "9"}, {"b", "y", 0, NULL}, {"c", "x", 0, "9"}};
	struct scene s;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 1);
	(void)attempt(&s, 1, (struct told){.class = CLASS_TRANSIENT});
	assert_starts(&s, 0);
	pass(&s, 5 * S);
	assert_starts(&s, 1); /* of another account, and of lower priority */
	close_scene(&s);
}

static void what_is_busy_does_not_start_again(void **state)
{
	static const struct row rows[] = {
	    {"a", "x", 0, "9"}, {"b", "x", 0, "1"}, {"c", "y", 0, "5"}};
	struct scene s;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 8);
	s.live[0].busy = 1;
	s.policy.nr_busy = 1;
	/* Its account offers b then, which is less urgent than c. */
	assert_starts(&s, 2);
	start(&s, 2);
	assert_starts(&s, 1);
	start(&s, 1);
	pass(&s, GATE_SPACING_MS);
	assert_waits(&s);
	s.live[0].busy = 0;
	s.policy.nr_busy = 0;
	assert_starts(&s, 0);
	close_scene(&s);
}

/* a and b share a directory, d has its own; c shares theirs and runs on another account. */
static void one_agent_at_a_time_in_a_directory(void **state)
{
	static const struct row rows[] = {
	    {"a", "x", 0, 0}, {"b", "x", 0, 0}, {"c", "y", 0, 0}, {"d", "x", 0, 0}};
	static const uint32_t dirs[] = {0, 0, 0, 1};
	uint32_t *dir_of = xmalloc(sizeof(dirs));
	struct scene s;
	struct dirs d;

	(void)state;
	memcpy(dir_of, dirs, sizeof(dirs));
	dirs_init(&d, dir_of, ARRAY_LEN(dirs));
	open_scene(&s, rows, ARRAY_LEN(rows), 8);
	s.policy.dirs = &d;
	assert_starts(&s, 0);
	start(&s, 0);
	pass(&s, S); /* starts are spaced */
	assert_starts(&s, 3);
	start(&s, 3);
	assert_waits(&s);

	/* Between its attempts the directory stays its own: what it has begun is lying there. */
	end_and_apply(&s, 0, (struct told){.class = CLASS_TRANSIENT});
	assert_waits(&s);
	pass(&s, 5 * S);
	assert_starts(&s, 0);
	start(&s, 0);

	/* So it does while something of it is left over. */
	s.live[0].busy = 1;
	s.policy.nr_busy = 1;
	end_and_apply(&s, 0, (struct told){.class = CLASS_SUCCESS});
	assert_waits(&s);
	s.live[0].busy = 0;
	s.policy.nr_busy = 0;
	pass(&s, S);
	assert_starts(&s, 1);

	/* Who cannot go on by himself holds nothing: c need not wait for a person. */
	start(&s, 1);
	end_and_apply(&s, 1, (struct told){.class = CLASS_USAGE_LIMIT, .reset_in_ms = 48 * HOUR});
	assert_starts(&s, 2);
	dirs_release(&d);
	close_scene(&s);
}

static void pause_holds_and_resume_lets_go(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 2, 8);
	verb(&s, "pause", NUM_NONE);
	assert_waits(&s); /* it does not end, though nothing runs */
	verb(&s, "resume", NUM_NONE);
	assert_starts(&s, 0);
	close_scene(&s);
}

static void a_pause_ends_with_the_last_row(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	start(&s, 0);
	verb(&s, "pause", NUM_NONE);
	(void)end(&s, 0, (struct told){.class = CLASS_SUCCESS});
	set_status(&s, 0, AGENT_COMPLETED, PHASE_NONE);
	assert_ends(&s, END_FINISHED, 0);
	close_scene(&s);
}

static void draining_lets_run_and_starts_nothing(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 2, 1);
	start(&s, 0);
	verb(&s, "stop", NUM_NONE);
	assert_waits(&s);
	(void)end(&s, 0, (struct told){.class = CLASS_SUCCESS});
	set_status(&s, 0, AGENT_COMPLETED, PHASE_NONE);
	assert_ends(&s, END_STOPPED, 3);
	close_scene(&s);
}

static void a_drain_that_cuts_nothing_short_is_an_end(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 1);
	start(&s, 0);
	verb(&s, "stop", NUM_NONE);
	(void)end(&s, 0, (struct told){.class = CLASS_SUCCESS});
	set_status(&s, 0, AGENT_COMPLETED, PHASE_NONE);
	assert_ends(&s, END_FINISHED, 0);
	close_scene(&s);
}

static void a_hold_ends_by_itself(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	s.policy.hold_until_m = MONO + S;
	assert_int_equal(assert_waits(&s).wake_m, MONO + S);
	pass(&s, S);
	assert_starts(&s, 0);
	close_scene(&s);
}

static void a_cool_off_ends_by_either_clock(void **state)
{
	struct scene s;
	struct event ev;
	struct decision d;

	(void)state;
	open_rows(&s, 1, 8);
	event_init(&ev, EV_BATCH);
	ev.batch.version = "3";
	ev.batch.not_before_t = WALL + HOUR;
	emit(&s, &ev);
	d = assert_waits(&s);
	assert_int_equal(d.wake_m, MONO + HOUR);
	assert_int_equal(d.wake_t, WALL + HOUR);
	sleep_machine(&s, HOUR);
	assert_starts(&s, 0);
	s.now = (struct instant){.wall_ms = WALL - HOUR, .mono_ms = MONO + HOUR};
	assert_starts(&s, 0); /* C1: set back */
	close_scene(&s);
}

static void a_clock_set_back_prolongs_no_wait(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	(void)attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT});
	s.now.wall_ms -= HOUR;
	s.now.mono_ms += 5 * S;
	assert_starts(&s, 0);
	close_scene(&s);
}

/* C2: a wait that is not a time of day is waited on the monotonic clock, asleep or not. */
static void sleep_does_not_shorten_a_ladder_wait(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	(void)attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT});
	sleep_machine(&s, HOUR);
	assert_int_equal(assert_waits(&s).wake_m, MONO + 5 * S);
	close_scene(&s);
}

/* ---- gates and halting ---------------------------------------------------------------------------- */

static void an_account_for_itself(void **state)
{
	static const struct row rows[] = {
	    {"a", "x", 0, 0}, {"b", "x", 0, 0}, {"c", "y", 0, 0}, {"d", "y", 0, 0}};
	struct scene s;
	struct decision d;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 8);
	(void)attempt(&s, 0, (struct told){.class = CLASS_AUTH, .message = "please log in"});
	assert_starts(&s, 2); /* y knows nothing of it */
	(void)attempt(&s, 2, (struct told){.class = CLASS_SUCCESS});
	(void)attempt(&s, 3, (struct told){.class = CLASS_SUCCESS});
	d = assert_ends(&s, END_STOPPED, 3);
	assert_non_null(strstr(d.why, "'x'"));
	assert_non_null(strstr(d.why, "please log in"));
	close_scene(&s);
}

/* The rows that closed a gate run again with the person who opens it; what failed otherwise, and what
 * is on another account, does not. */
static void who_closed_the_gate_goes_on_with_it(void **state)
{
	static const struct row rows[] = {{"a", "x", 0, 0}, {"b", "x", 0, 0}, {"c", "x", 0, 0},
	    {"d", "x", 0, 0}, {"e", "y", 0, 0}, {"f", "y", 0, 0}};
	struct scene s;
	uint32_t again[ARRAY_LEN(rows)];
	struct decision d;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 8);
	(void)attempt(&s, 0, (struct told){.class = CLASS_TASK_ERROR});
	assert_int_equal(retry_by_person(&s.batch, ACCOUNT_NONE, again), 0);
	(void)attempt(&s, 1, (struct told){.class = CLASS_AUTH, .message = "please log in"});
	(void)attempt(&s, 2, (struct told){.class = CLASS_AUTH, .message = "please log in"});
	(void)attempt(&s, 4, (struct told){.class = CLASS_CONFIG});
	(void)attempt(&s, 5, (struct told){.class = CLASS_SUCCESS});
	assert_int_equal(retry_by_person(&s.batch, ACCOUNT_NONE, again), 2);
	assert_int_equal(again[0], 1);
	assert_int_equal(again[1], 2);
	assert_int_equal(retry_by_person(&s.batch, s.batch.agents[4].account, again), 0);
	d = assert_ends(&s, END_STOPPED, 3);
	assert_non_null(strstr(d.why, "resume: the 2 that it ended run again, too"));
	close_scene(&s);
}

/* Where every row has ended by itself there is nothing to resume: 1. */
static void a_halt_with_nothing_left_is_an_end(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 8);
	(void)attempt(&s, 0, (struct told){.class = CLASS_BUDGET});
	assert_ends(&s, END_FINISHED, 1);
	close_scene(&s);
}

static void what_runs_is_waited_for_before_a_halt(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 3, 2);
	start(&s, 1);
	(void)attempt(&s, 0, (struct told){.class = CLASS_AUTH});
	assert_waits(&s);
	(void)end(&s, 1, (struct told){.class = CLASS_SUCCESS});
	set_status(&s, 1, AGENT_COMPLETED, PHASE_NONE);
	/* So is what it left behind. */
	s.policy.nr_busy = 1;
	assert_waits(&s);
	s.policy.nr_busy = 0;
	assert_ends(&s, END_STOPPED, 3);
	close_scene(&s);
}

static struct decision after_configs(struct scene *s, const char *const *messages, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		(void)attempt(s, i, (struct told){.class = CLASS_CONFIG, .message = messages[i]});
	return ask(s);
}

static void three_equal_config_faults_halt(void **state)
{
	static const char *const same[] = {"no such model", "no such model", "no such model"};
	static const char *const other[] = {"no such model", "no such file", "no such model"};
	struct scene s;
	struct decision d;

	(void)state;
	open_rows(&s, 5, 8);
	assert_int_equal(after_configs(&s, same, 2).kind, DECIDE_START);
	d = after_configs(&s, same, 3);
	assert_int_equal(d.kind, DECIDE_GATE);
	assert_int_equal(d.gate.state, GATE_CLOSED);
	assert_int_equal(d.gate.until_t, NUM_NONE);
	assert_string_equal(d.gate.why, "no such model");
	close_scene(&s);

	open_rows(&s, 5, 8);
	assert_int_equal(after_configs(&s, other, 3).kind, DECIDE_START);
	(void)attempt(&s, 3, (struct told){.class = CLASS_CONFIG, .message = "no such model"});
	assert_int_equal(ask(&s).kind, DECIDE_GATE); /* another one between them is no help */
	close_scene(&s);
}

static void one_that_completed_is_against_a_halt(void **state)
{
	struct scene s;
	uint32_t i;

	(void)state;
	open_rows(&s, 5, 8);
	(void)attempt(&s, 4, (struct told){.class = CLASS_SUCCESS});
	for (i = 0; i < 3; i++)
		(void)attempt(&s, i, (struct told){.class = CLASS_CONFIG, .message = "m"});
	assert_starts(&s, 3);
	close_scene(&s);
}

static void a_gate_is_never_shortened(void **state)
{
	static const struct told longer = {.class = CLASS_RATE_LIMIT, .retry_after_ms = 60 * S};
	static const struct told shorter = {.class = CLASS_RATE_LIMIT, .retry_after_ms = 10 * S};
	struct scene s;
	struct next next;

	(void)state;
	open_rows(&s, 4, 8);
	start(&s, 1);
	start(&s, 2);
	start(&s, 3);
	(void)attempt(&s, 0, longer);
	next = end(&s, 1, shorter);
	assert_true(!next.has_gate || next.gate.until_t == WALL + 60 * S);
	next = end(&s, 2, (struct told){.class = CLASS_AUTH});
	assert_true(next.has_gate); /* a person is longer than any time */
	apply_next(&s, 2, &next);
	next = end(&s, 3, longer);
	assert_false(next.has_gate);
	close_scene(&s);
}

/* ---- dependencies and the end ------------------------------------------------------------------------ */

static void descendants_of_a_failure_are_skipped(void **state)
{
	static const struct row rows[] = {
	    {"a", 0, NULL, 0}, {"b", 0, "a", 0}, {"c", 0, "b", 0}, {"d", 0, NULL, 0}};
	struct scene s;
	struct decision d;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 8);
	start(&s, 0);
	start(&s, 3);
	assert_waits(&s); /* b waits for a */
	(void)end(&s, 0, (struct told){.class = CLASS_TASK_ERROR});
	set_status(&s, 0, AGENT_FAILED, PHASE_NONE);
	d = ask(&s);
	assert_int_equal(d.kind, DECIDE_SKIP);
	assert_int_equal(d.agent, 1);
	assert_int_equal(d.parent, 0);
	set_status(&s, 1, AGENT_SKIPPED, PHASE_NONE);
	d = ask(&s);
	assert_int_equal(d.kind, DECIDE_SKIP);
	assert_int_equal(d.agent, 2);
	assert_int_equal(d.parent, 1);
	set_status(&s, 2, AGENT_SKIPPED, PHASE_NONE);
	(void)end(&s, 3, (struct told){.class = CLASS_SUCCESS});
	set_status(&s, 3, AGENT_COMPLETED, PHASE_NONE);
	assert_ends(&s, END_FINISHED, 1);
	close_scene(&s);
}

static void a_child_starts_when_all_parents_completed(void **state)
{
	static const struct row rows[] = {
	    {"a", 0, NULL, 0}, {"b", 0, NULL, 0}, {"c", 0, "a b", "9"}};
	struct scene s;

	(void)state;
	open_scene(&s, rows, ARRAY_LEN(rows), 8);
	(void)attempt(&s, 0, (struct told){.class = CLASS_SUCCESS});
	assert_starts(&s, 1);
	(void)attempt(&s, 1, (struct told){.class = CLASS_SUCCESS});
	assert_starts(&s, 2);
	(void)attempt(&s, 2, (struct told){.class = CLASS_SUCCESS});
	assert_ends(&s, END_FINISHED, 0);
	close_scene(&s);
}

static void nothing_is_decided_after_the_end(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	open_rows(&s, 1, 8);
	event_init(&ev, EV_END);
	ev.end.state = END_STOPPED;
	emit(&s, &ev);
	assert_int_equal(assert_waits(&s).wake_m, NEVER);
	close_scene(&s);
}

static void cancelling_everything_is_a_stop(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 2, 8);
	verb(&s, "cancel", NUM_NONE);
	set_status(&s, 0, AGENT_CANCELLED, PHASE_NONE);
	set_status(&s, 1, AGENT_CANCELLED, PHASE_NONE);
	assert_ends(&s, END_STOPPED, 3);
	close_scene(&s);
}

static void cancelling_one_is_not(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 2, 8);
	set_status(&s, 0, AGENT_CANCELLED, PHASE_NONE);
	(void)attempt(&s, 1, (struct told){.class = CLASS_SUCCESS});
	assert_ends(&s, END_FINISHED, 1);
	close_scene(&s);
}

/* ---- time used up ---------------------------------------------------------------------------------------- */

static enum kill_why overdue(const struct scene *s, uint32_t *agent, int64_t *wake_m)
{
	uint32_t cursor = 0;

	*agent = AGENT_NONE;
	return decide_overdue(&s->batch, &s->policy, s->now, &cursor, agent, wake_m);
}

static void a_timeout_is_an_absolute_deadline(void **state)
{
	struct scene s;
	uint32_t agent;
	int64_t wake_m;

	(void)state;
	open_rows(&s, 2, 8);
	s.live[0].timeout_ms = HOUR;
	s.live[1].timeout_ms = 10 * S;
	start(&s, 0);
	start(&s, 1);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	assert_int_equal(wake_m, MONO + 10 * S);
	sleep_machine(&s, HOUR); /* C2: asleep, it used up nothing */
	pass(&s, 10 * S - 1);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	pass(&s, 1);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_TIMEOUT);
	assert_int_equal(agent, 1);
	/* It is told once to go; the next deadline is the other's. */
	s.live[1].is_ending = true;
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	assert_int_equal(wake_m, MONO + HOUR);
	close_scene(&s);
}

static void no_bounds_never_end_anybody(void **state)
{
	struct scene s;
	uint32_t agent;
	int64_t wake_m;

	(void)state;
	open_rows(&s, 1, 8);
	start(&s, 0);
	pass(&s, 1000 * HOUR);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	assert_int_equal(wake_m, NEVER);
	close_scene(&s);
}

static void a_stall_counts_from_the_last_output(void **state)
{
	struct scene s;
	uint32_t agent;
	int64_t wake_m;

	(void)state;
	open_rows(&s, 1, 8);
	s.live[0].stall_ms = 30 * S;
	start(&s, 0);
	s.live[0].active_m = MONO + 20 * S;
	pass(&s, 45 * S);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	assert_int_equal(wake_m, MONO + 50 * S);
	pass(&s, 5 * S);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_STALL);
	/* What an earlier attempt printed is no sign of life of this one, nor of its death. */
	s.live[0].active_m = MONO - HOUR;
	s.now = (struct instant){.wall_ms = WALL, .mono_ms = MONO + 29 * S};
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	close_scene(&s);
}

static void p17_a_validation_has_its_own_bound(void **state)
{
	struct scene s;
	uint32_t agent;
	int64_t wake_m;

	(void)state;
	open_rows(&s, 1, 8);
	s.live[0].timeout_ms = 10 * S;
	s.live[0].stall_ms = S;
	start(&s, 0);
	pass(&s, 9 * S);
	set_status(&s, 0, AGENT_IN_PROGRESS, PHASE_VALIDATING);
	s.live[0].active_m = s.now.mono_ms;
	pass(&s, 10 * MINUTE - 1);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_NONE);
	pass(&s, 1);
	assert_int_equal(overdue(&s, &agent, &wake_m), KILL_TIMEOUT);
	close_scene(&s);
}

/* Every one that is due is found in one walk, also when several are. */
static void the_cursor_finds_all(void **state)
{
	struct scene s;
	uint32_t cursor = 0, agent, seen = 0, i;
	int64_t wake_m;

	(void)state;
	open_rows(&s, 5, 0);
	for (i = 0; i < 5; i++) {
		s.live[i].timeout_ms = i == 2 ? HOUR : S;
		start(&s, i);
	}
	pass(&s, 2 * S);
	while (decide_overdue(&s.batch, &s.policy, s.now, &cursor, &agent, &wake_m) == KILL_TIMEOUT)
		seen |= 1u << agent;
	assert_int_equal(seen, 0x1b);
	assert_int_equal(wake_m, MONO + HOUR);
	close_scene(&s);
}

/* ---- rules that end a batch before its time ------------------------------------------ */

static struct decision assert_stops(struct scene *s, const char *rule, const char *words)
{
	struct decision d = ask(s);
	struct event ev;

	assert_int_equal(d.kind, DECIDE_STOP);
	assert_string_equal(d.rule, rule);
	assert_non_null(strstr(d.why, words));
	event_init(&ev, EV_VERB);
	ev.verb.verb = "stop";
	ev.verb.by = d.rule;
	ev.verb.result = d.why;
	emit(s, &ev);
	return d;
}

static void a_halt_rule_drains_and_stops(void **state)
{
	struct scene s;
	struct decision d;

	(void)state;
	open_rows(&s, 5, 2);
	assert_int_equal(halt_parse("soon,fail=2", &s.policy.halt), 0);
	attempt(&s, 0, (struct told){.class = CLASS_TASK_ERROR});
	assert_starts(&s, 1);
	start(&s, 1);
	attempt(&s, 2, (struct told){.class = CLASS_TASK_ERROR});
	d = assert_stops(&s, "--halt", "--halt soon,fail=2: 2 of 5 agents failed");
	assert_false(d.is_now);
	assert_waits(&s); /* for the one that runs */
	apply_next(&s, 1, &(struct next){.kind = NEXT_COMPLETED});
	d = assert_ends(&s, END_STOPPED, 3);
	assert_non_null(strstr(d.why, "--halt"));
	close_scene(&s);
}

static void who_lets_it_go_on_is_not_stopped_by_old_failures(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 5, 1);
	assert_int_equal(halt_parse("soon,fail=1", &s.policy.halt), 0);
	attempt(&s, 0, (struct told){.class = CLASS_TASK_ERROR});
	assert_stops(&s, "--halt", "1 of 5");
	verb(&s, "resume", NUM_NONE);
	assert_starts(&s, 1);
	attempt(&s, 1, (struct told){.class = CLASS_TASK_ERROR});
	assert_stops(&s, "--halt", "1 of 5");
	close_scene(&s);
}

static void a_waiting_row_does_not_hold_a_spent_budget_open(void **state)
{
	struct scene s;
	struct decision d;

	(void)state;
	open_rows(&s, 2, 1);
	s.policy.budget = (struct budget){.usd = 5, .is_hard = true};
	s.batch.earlier_usd = 4.5;
	attempt(&s, 0, (struct told){.class = CLASS_TRANSIENT});
	assert_starts(&s, 1);
	s.batch.cost_usd = 0.5;
	d = assert_stops(&s, "--budget", "$5.00 of $5.00");
	assert_true(d.is_now);
	assert_ends(&s, END_STOPPED, 3);
	verb(&s, "resume", NUM_NONE); /* with nothing more to spend */
	assert_stops(&s, "--budget", "$5.00 of $5.00");
	close_scene(&s);
}

static void what_has_all_ended_is_not_stopped(void **state)
{
	struct scene s;

	(void)state;
	open_rows(&s, 1, 1);
	s.policy.budget.usd = 1;
	s.batch.cost_usd = 2;
	assert_stops(&s, "--budget", "$2.00 of $1.00");
	attempt(&s, 0, (struct told){.class = CLASS_SUCCESS});
	assert_ends(&s, END_FINISHED, 0);
	close_scene(&s);
}

/* Nobody wished its end and it did nothing wrong: it is as if it had not been tried. */
static void what_a_rule_ended_is_pending_again(void **state)
{
	struct scene s;
	struct attempt at = {.class = CLASS_CANCELLED, .killed = KILL_HALT};
	struct next next;

	(void)state;
	open_rows(&s, 1, 1);
	decide_next(&s.batch, &s.policy, 0, &at, s.now, &next);
	assert_int_equal(next.kind, NEXT_PENDING);
	at.killed = KILL_CANCEL;
	decide_next(&s.batch, &s.policy, 0, &at, s.now, &next);
	assert_int_equal(next.kind, NEXT_CANCELLED);
	assert_true(decide_is_charged(&s.batch, &s.policy, 0, &at, s.now));
	at.killed = KILL_HALT;
	assert_false(decide_is_charged(&s.batch, &s.policy, 0, &at, s.now));
	close_scene(&s);
}

/* ---- sessions ------------------------------------------------------------------------- */

/* A whole attempt that told its session; `resumed`: it was to go on with one. */
static struct next session_attempt(struct scene *s, enum attempt_class class, const char *resumed)
{
	struct event ev;
	struct next next;

	of(&ev, EV_START, 0);
	ev.n = s->batch.agents[0].last_n + 1;
	ev.start.session = resumed;
	emit(s, &ev);
	of(&ev, EV_EXIT, 0);
	ev.n = s->batch.agents[0].last_n;
	ev.exit.value = 1;
	emit(s, &ev);
	of(&ev, EV_VERDICT, 0);
	ev.n = s->batch.agents[0].last_n;
	ev.verdict.class = class;
	ev.verdict.charged = true;
	ev.verdict.session = "s-1";
	emit(s, &ev);
	decide_next(&s->batch, &s->policy, 0, agent_last_attempt(&s->batch.agents[0]), s->now,
	    &next);
	apply_next(s, 0, &next);
	return next;
}

static void turns_that_ran_out_are_gone_on_with_at_once(void **state)
{
	struct scene s;
	struct next next;
	int i;

	(void)state;
	open_rows(&s, 1, 1);
	s.live[0].can_resume = true;
	for (i = 1; i < 5; i++) {
		next = session_attempt(&s, CLASS_MAX_TURNS, i > 1 ? "s-1" : NULL);
		assert_int_equal(next.kind, NEXT_WAIT);
		assert_int_equal(next.wait.until_t, s.now.wall_ms);
	}
	assert_int_equal(session_attempt(&s, CLASS_MAX_TURNS, "s-1").kind, NEXT_FAILED);
	close_scene(&s);
	open_rows(&s, 1, 1); /* where it cannot: as the table says */
	assert_int_equal(session_attempt(&s, CLASS_MAX_TURNS, NULL).kind, NEXT_FAILED);
	close_scene(&s);
}

/* An unknown session is no fault of the set-up: the row starts over, at once, and once. */
static void a_session_that_is_gone_is_started_over(void **state)
{
	struct scene s;
	struct next next;

	(void)state;
	open_rows(&s, 1, 1);
	s.live[0].can_resume = true;
	next = session_attempt(&s, CLASS_CONFIG, "s-1");
	assert_int_equal(next.kind, NEXT_WAIT);
	assert_int_equal(next.wait.until_t, s.now.wall_ms);
	assert_int_equal(session_attempt(&s, CLASS_CONFIG, NULL).kind, NEXT_FAILED);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_follows_from_each_class),
	    cmocka_unit_test(the_ladder_has_four_waits_for_five_attempts),
	    cmocka_unit_test(longer_ladders_reach_the_cap),
	    cmocka_unit_test(jitter_only_makes_longer_and_the_same_each_time),
	    cmocka_unit_test(hard_ends_have_two_tries_in_all),
	    cmocka_unit_test(a_told_wait_goes_before_the_ladder),
	    cmocka_unit_test(operator_retry_gives_all_attempts_anew),
	    cmocka_unit_test(a_reset_is_a_time_of_day),
	    cmocka_unit_test(a_told_wait_is_not_a_time_of_day),
	    cmocka_unit_test(a_limit_that_tells_nothing_is_probed),
	    cmocka_unit_test(a_reset_in_the_past_is_no_loop),
	    cmocka_unit_test(waits_beyond_the_bound_park_and_stop),
	    cmocka_unit_test(the_bound_is_on_the_sum),
	    cmocka_unit_test(charged_waits_are_not_in_the_sum),
	    cmocka_unit_test(a_parked_row_does_not_stop_the_others),
	    cmocka_unit_test(slots_bound_the_starts),
	    cmocka_unit_test(jobs_0_is_all_at_once),
	    cmocka_unit_test(waits_wake_whoever_has_a_slot),
	    cmocka_unit_test(fewer_jobs_end_nobody),
	    cmocka_unit_test(priority_then_the_files_order),
	    cmocka_unit_test(among_equals_the_longer_chain_goes_first),
	    cmocka_unit_test(due_waiters_go_before_fresh_rows),
	    cmocka_unit_test(what_is_busy_does_not_start_again),
	    cmocka_unit_test(one_agent_at_a_time_in_a_directory),
	    cmocka_unit_test(pause_holds_and_resume_lets_go),
	    cmocka_unit_test(a_pause_ends_with_the_last_row),
	    cmocka_unit_test(draining_lets_run_and_starts_nothing),
	    cmocka_unit_test(a_drain_that_cuts_nothing_short_is_an_end),
	    cmocka_unit_test(a_hold_ends_by_itself),
	    cmocka_unit_test(a_cool_off_ends_by_either_clock),
	    cmocka_unit_test(a_clock_set_back_prolongs_no_wait),
	    cmocka_unit_test(sleep_does_not_shorten_a_ladder_wait),
	    cmocka_unit_test(an_account_for_itself),
	    cmocka_unit_test(who_closed_the_gate_goes_on_with_it),
	    cmocka_unit_test(a_halt_with_nothing_left_is_an_end),
	    cmocka_unit_test(what_runs_is_waited_for_before_a_halt),
	    cmocka_unit_test(three_equal_config_faults_halt),
	    cmocka_unit_test(one_that_completed_is_against_a_halt),
	    cmocka_unit_test(a_gate_is_never_shortened),
	    cmocka_unit_test(descendants_of_a_failure_are_skipped),
	    cmocka_unit_test(a_child_starts_when_all_parents_completed),
	    cmocka_unit_test(nothing_is_decided_after_the_end),
	    cmocka_unit_test(cancelling_everything_is_a_stop),
	    cmocka_unit_test(cancelling_one_is_not),
	    cmocka_unit_test(a_timeout_is_an_absolute_deadline),
	    cmocka_unit_test(no_bounds_never_end_anybody),
	    cmocka_unit_test(a_stall_counts_from_the_last_output),
	    cmocka_unit_test(p17_a_validation_has_its_own_bound),
	    cmocka_unit_test(the_cursor_finds_all),
	    cmocka_unit_test(a_halt_rule_drains_and_stops),
	    cmocka_unit_test(who_lets_it_go_on_is_not_stopped_by_old_failures),
	    cmocka_unit_test(a_waiting_row_does_not_hold_a_spent_budget_open),
	    cmocka_unit_test(what_has_all_ended_is_not_stopped),
	    cmocka_unit_test(what_a_rule_ended_is_pending_again),
	    cmocka_unit_test(turns_that_ran_out_are_gone_on_with_at_once),
	    cmocka_unit_test(a_session_that_is_gone_is_started_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
