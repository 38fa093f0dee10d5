/* The fold: what a row of events makes of a batch, and that its counts and orders always agree. */
#include "model/batch.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define T0 INT64_C(1795262400000)

struct row {
	const char *id, *agent, *depends_on, *priority;
};

struct scene {
	struct tasks tasks;
	struct graph graph;
	struct batch b;
	int64_t now_ms; /* since T0; events are stamped with it */
};

/* ---- scenes ------------------------------------------------------------- */

static void add_row(struct tasks *ts, const struct row *r)
{
	const char **cells = arena_alloc(&ts->arena, 4 * sizeof(*cells));

	VEC_GROW(ts->v, ts->nr, ts->cap);
	cells[0] = arena_strdup(&ts->arena, r->id);
	cells[1] = arena_strdup(&ts->arena, r->agent ? r->agent : "");
	cells[2] = arena_strdup(&ts->arena, r->depends_on ? r->depends_on : "");
	cells[3] = arena_strdup(&ts->arena, r->priority ? r->priority : "");
	ts->v[ts->nr] = (struct task){.id = cells[0], .cells = cells, .line = ts->nr + 2};
	map_put(&ts->by_id, cells[0], ts->nr++);
}

static void scene_init(struct scene *s, const struct row *rows, size_t nr)
{
	struct graph_unknown unknown;
	size_t i;

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
	batch_init(&s->b, &s->tasks, &s->graph, "sim", 8);
}

static void scene_release(struct scene *s)
{
	batch_release(&s->b);
	graph_release(&s->graph);
	tasks_release(&s->tasks);
}

static struct event make(const struct scene *s, enum event_type type, const char *id)
{
	struct event ev;

	event_init(&ev, type);
	ev.t = T0 + s->now_ms;
	ev.m = 1000 + s->now_ms;
	ev.id = id;
	return ev;
}

static void announce(struct scene *s, const char *boot)
{
	struct event ev = make(s, EV_BATCH, NULL);

	ev.batch.version = "3.0.0";
	ev.batch.boot = boot;
	ev.batch.pid = 7;
	batch_apply(&s->b, &ev);
}

static void start(struct scene *s, const char *id, int64_t n)
{
	struct event ev = make(s, EV_START, id);

	ev.n = n;
	batch_apply(&s->b, &ev);
}

static void ends(struct scene *s, const char *id, int64_t n, enum exit_how how)
{
	struct event ev = make(s, EV_EXIT, id);

	ev.n = n;
	ev.exit.how = how;
	batch_apply(&s->b, &ev);
}

static void verdict(struct scene *s, const char *id, int64_t n, enum attempt_class c, bool charged)
{
	struct event ev = make(s, EV_VERDICT, id);

	ev.n = n;
	ev.verdict.class = c;
	ev.verdict.charged = charged;
	batch_apply(&s->b, &ev);
}

static void waits(struct scene *s, const char *id, int64_t span_ms, bool is_wall, bool is_parked)
{
	struct event ev = make(s, EV_WAIT, id);

	ev.wait.until_t = ev.t + span_ms;
	ev.wait.why = WAIT_LADDER;
	ev.wait.is_wall = is_wall;
	ev.wait.is_parked = is_parked;
	batch_apply(&s->b, &ev);
}

static void status(struct scene *s, const char *id, enum agent_status st, enum agent_phase p)
{
	struct event ev = make(s, EV_STATUS, id);

	ev.status.status = st;
	ev.status.phase = p;
	batch_apply(&s->b, &ev);
}

/* Start, exit, verdict and final status of attempt `n`. */
static void run_to(struct scene *s, const char *id, int64_t n, enum attempt_class c)
{
	start(s, id, n);
	ends(s, id, n, EXIT_CODE);
	verdict(s, id, n, c, true);
	status(s, id, c == CLASS_SUCCESS ? AGENT_COMPLETED : AGENT_FAILED, PHASE_NONE);
}

static const struct agent *agent(const struct scene *s, const char *id)
{
	uint32_t i = batch_find(&s->b, id);

	assert_int_not_equal(i, AGENT_NONE);
	return &s->b.agents[i];
}

static const struct account *account(const struct scene *s, const char *name)
{
	uint32_t i;

	for (i = 0; i < s->b.nr_accounts; i++)
		if (strcmp(s->b.accounts[i].name, name) == 0)
			return &s->b.accounts[i];
	fail_msg("no account '%s'", name);
	return NULL;
}

static const struct pool *pool(const struct scene *s, const char *name)
{
	uint32_t i;

	for (i = 0; i < s->b.nr_pools; i++)
		if (strcmp(s->b.pools[i].name, name) == 0)
			return &s->b.pools[i];
	fail_msg("no pool '%s'", name);
	return NULL;
}

/* ---- what must always agree --------------------------------------------- */

static bool is_in(const struct heap *h, uint32_t i)
{
	return i < h->pos_cap && h->pos[i] != 0;
}

static void check_heap(const struct heap *h)
{
	size_t i;

	for (i = 1; i < h->nr; i++) {
		const struct heap_node *up = &h->nodes[(i - 1) / 2], *node = &h->nodes[i];

		assert_true(up->key < node->key || (up->key == node->key && up->item < node->item));
	}
}

static bool is_ended_badly(const struct agent *a)
{
	return status_is_final(a->status) && !agent_is_done(a);
}

static void check_parents(const struct batch *b, uint32_t i)
{
	const struct agent *a = &b->agents[i];
	bool has_ended = false;
	uint32_t unmet = 0, k;

	for (k = b->graph ? b->graph->first_parent[i] : 0;
	     b->graph && k < b->graph->first_parent[i + 1]; k++) {
		const struct agent *parent = &b->agents[b->graph->parents[k]];

		unmet += !agent_is_done(parent);
		has_ended |= is_ended_badly(parent);
	}
	assert_int_equal(a->unmet, unmet);
	assert_int_equal(is_in(&b->doomed, i), a->status == AGENT_PENDING && has_ended);
}

static void check_orders_of(const struct batch *b, uint32_t i)
{
	const struct agent *a = &b->agents[i];
	bool waits_now = a->phase == PHASE_BACKOFF && !a->wait_is_parked;
	bool has_slot = a->phase == PHASE_RUNNING || a->phase == PHASE_VALIDATING;
	uint32_t k;

	for (k = 0; k < b->nr_pools; k++) {
		const struct pool *pool = &b->pools[k];
		bool mine = a->pool == k;

		assert_int_equal(is_in(&pool->ready, i),
		    mine && a->status == AGENT_PENDING && a->unmet == 0);
		assert_int_equal(is_in(&pool->waiting, i), mine && waits_now);
		assert_int_equal(is_in(&pool->waiting_wall, i),
		    mine && waits_now && a->wait_is_wall);
	}
	assert_int_equal(a->running_at != 0, has_slot);
	if (has_slot)
		assert_int_equal(b->running[a->running_at - 1], i);
	if (a->status != AGENT_IN_PROGRESS)
		assert_int_equal(a->phase, PHASE_NONE);
	if (a->phase != PHASE_BACKOFF)
		assert_false(a->wait_is_parked);
	check_parents(b, i);
}

static void check_account(const struct batch *b, uint32_t k)
{
	const struct account *acc = &b->accounts[k];
	uint32_t running = 0, completed = 0, i;

	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];

		if (a->account != k)
			continue;
		running += a->phase == PHASE_RUNNING || a->phase == PHASE_VALIDATING;
		completed += a->status == AGENT_COMPLETED;
	}
	assert_int_equal(acc->nr_running, running);
	assert_int_equal(acc->nr_completed, completed);
}

static void check_pool(const struct batch *b, uint32_t k)
{
	const struct pool *pool = &b->pools[k];
	uint32_t parked = 0, i;

	for (i = 0; i < b->nr_agents; i++)
		parked += b->agents[i].pool == k && b->agents[i].phase == PHASE_BACKOFF &&
		    b->agents[i].wait_is_parked;
	assert_int_equal(pool->nr_parked, parked);
	assert_true(pool->nr_members > 0);
	for (i = 0; i < pool->nr_members; i++) {
		assert_true(b->accounts[pool->members[i]].is_member);
		assert_int_equal(b->accounts[pool->members[i]].pool, k);
	}
	check_heap(&pool->ready);
	check_heap(&pool->waiting);
	check_heap(&pool->waiting_wall);
}

static void check_all(const struct batch *b)
{
	uint32_t counts[AGENT__COUNT] = {0}, phases[PHASE__COUNT] = {0};
	uint32_t lost = 0, running = 0, i;
	uint64_t attempts = 0;

	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];

		counts[a->status]++;
		if (a->status == AGENT_IN_PROGRESS)
			phases[a->phase]++;
		lost += a->status == AGENT_FAILED && a->class == CLASS_LOST;
		running += a->running_at != 0;
		attempts += agent_executions(a);
		check_orders_of(b, i);
	}
	assert_memory_equal(b->counts, counts, sizeof(counts));
	assert_memory_equal(b->phases, phases, sizeof(phases));
	assert_int_equal(b->nr_lost, lost);
	assert_int_equal(b->nr_running, running);
	assert_int_equal(b->nr_attempts, attempts);
	for (i = 0; i < b->nr_accounts; i++)
		check_account(b, i);
	for (i = 0; i < b->nr_pools; i++)
		check_pool(b, i);
	check_heap(&b->doomed);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_same_attempt(const struct attempt *a, const struct attempt *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->has_ended, b->has_ended);
	assert_int_equal(a->has_verdict, b->has_verdict);
	assert_int_equal(a->charged, b->charged);
	assert_int_equal(a->class, b->class);
	assert_int_equal(a->how, b->how);
	assert_int_equal(a->started_t, b->started_t);
	assert_int_equal(a->ended_t, b->ended_t);
	assert_int_equal(a->validating_t, b->validating_t);
	assert_int_equal(a->verdict_t, b->verdict_t);
	assert_int_equal(a->wait_until_t, b->wait_until_t);
	assert_true(same_text(a->message, b->message));
}

static void check_same_agent(const struct agent *a, const struct agent *b)
{
	uint32_t i;

	assert_int_equal(a->status, b->status);
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->account, b->account);
	assert_int_equal(a->last_n, b->last_n);
	assert_int_equal(a->charged, b->charged);
	assert_int_equal(a->hard_ends, b->hard_ends);
	assert_int_equal(a->unmet, b->unmet);
	assert_int_equal(a->class, b->class);
	assert_int_equal(a->waited_ms, b->waited_ms);
	assert_int_equal(a->tokens_in, b->tokens_in);
	assert_int_equal(a->wait_is_parked, b->wait_is_parked);
	if (a->phase == PHASE_BACKOFF)
		assert_int_equal(a->wait_until_m, b->wait_until_m);
	assert_int_equal(a->nr_attempts, b->nr_attempts);
	for (i = 0; i < a->nr_attempts; i++)
		check_same_attempt(&a->attempts[i], &b->attempts[i]);
}

static void check_same(const struct batch *a, const struct batch *b)
{
	uint32_t i;

	assert_memory_equal(a->counts, b->counts, sizeof(a->counts));
	assert_int_equal(a->nr_attempts, b->nr_attempts);
	assert_int_equal(a->nr_verdicts, b->nr_verdicts);
	assert_int_equal(a->nr_resumes, b->nr_resumes);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->is_paused, b->is_paused);
	assert_int_equal(a->nr_children, b->nr_children);
	for (i = 0; i < a->nr_agents; i++)
		check_same_agent(&a->agents[i], &b->agents[i]);
}

/* ---- one agent's life --------------------------------------------------- */

static const struct row two_rows[] = {{.id = "a"}, {.id = "b"}};

static void a_new_batch(void **state)
{
	static const struct row rows[] = {
	    {.id = "low", .priority = "-5"},
	    {.id = "mid"},
	    {.id = "high", .priority = "3"},
	    {.id = "other", .agent = "claude"},
	    {.id = "lowest", .priority = "-9223372036854775808"},
	};
	struct scene s;

	(void)state;
	scene_init(&s, rows, ARRAY_LEN(rows));
	assert_int_equal(s.b.counts[AGENT_PENDING], 5);
	assert_int_equal(s.b.jobs, 8);
	assert_int_equal(s.b.end, END_NONE);
	assert_int_equal(s.b.nr_accounts, 2);
	assert_string_equal(s.b.accounts[agent(&s, "other")->account].name, "claude");
	assert_int_equal(heap_top(&pool(&s, "sim")->ready)->item, batch_find(&s.b, "high"));
	assert_int_equal(heap_top(&pool(&s, "claude")->ready)->item, batch_find(&s.b, "other"));
	check_all(&s.b);
	scene_release(&s);
}

static void from_start_to_completed(void **state)
{
	const struct agent *a;
	struct event ev;
	struct scene s;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	announce(&s, "boot-1");
	s.now_ms = 10;
	ev = make(&s, EV_START, "a");
	ev.n = 1;
	ev.start.log_from = 0;
	ev.start.session = "s-0";
	batch_apply(&s.b, &ev);
	assert_int_equal(a->status, AGENT_IN_PROGRESS);
	assert_int_equal(a->phase, PHASE_RUNNING);
	assert_int_equal(a->since_t, T0 + 10);
	assert_int_equal(batch_slots_used(&s.b), 1);
	check_all(&s.b);

	s.now_ms = 20;
	ev = make(&s, EV_EXIT, "a");
	ev.n = 1;
	ev.exit =
	    (struct ev_exit){.how = EXIT_CODE, .value = 0, .log_to = 99, .rss_kb = 5, .cpu_ms = 6};
	batch_apply(&s.b, &ev);
	/* The slot is held until it is known what came of it. */
	assert_int_equal(batch_slots_used(&s.b), 1);
	status(&s, "a", AGENT_IN_PROGRESS, PHASE_VALIDATING);
	assert_int_equal(batch_slots_used(&s.b), 1);
	assert_int_equal(s.b.phases[PHASE_VALIDATING], 1);
	s.now_ms = 30;
	ev = make(&s, EV_VERDICT, "a");
	ev.n = 1;
	ev.verdict.class = CLASS_SUCCESS;
	ev.verdict.charged = true;
	ev.verdict.answer = "42";
	ev.verdict.cost_usd = 0.5;
	ev.verdict.tokens_in = 100;
	ev.verdict.tokens_out = 7;
	batch_apply(&s.b, &ev);
	status(&s, "a", AGENT_COMPLETED, PHASE_NONE);
	check_all(&s.b);

	assert_int_equal(a->status, AGENT_COMPLETED);
	assert_int_equal(a->attempts[0].log_to, 99);
	assert_int_equal(a->attempts[0].ended_t, T0 + 20);
	assert_int_equal(a->attempts[0].validating_t, T0 + 20);
	assert_string_equal(a->attempts[0].answer, "42");
	assert_string_equal(a->attempts[0].session, "s-0");
	assert_int_equal(batch_slots_used(&s.b), 0);
	assert_int_equal(s.b.nr_attempts, 1);
	assert_int_equal(s.b.nr_verdicts, 1);
	assert_true(s.b.cost_usd == 0.5 && a->cost_usd == 0.5);
	assert_int_equal(s.b.tokens_in, 100);
	assert_int_equal(a->tokens_out, 7);
	assert_int_equal(a->charged, 1);
	scene_release(&s);
}

static void backoff_holds_no_slot(void **state)
{
	struct scene s;
	const struct agent *a;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	start(&s, "a", 1);
	ends(&s, "a", 1, EXIT_CODE);
	verdict(&s, "a", 1, CLASS_RATE_LIMIT, true);
	waits(&s, "a", 5000, false, false);
	assert_int_equal(batch_slots_used(&s.b), 0);
	assert_int_equal(a->phase, PHASE_BACKOFF);
	assert_int_equal(a->wait_until_m, 1000 + 5000);
	assert_int_equal(agent_next_t(&s.b, a), T0 + 5000);
	assert_int_equal(a->attempts[0].wait_until_t, T0 + 5000);
	assert_int_equal(heap_top(&pool(&s, "sim")->waiting)->key, 6000);
	assert_int_equal(a->waited_ms, 0); /* it was charged */
	check_all(&s.b);
	s.now_ms = 5000;
	start(&s, "a", 2);
	assert_int_equal(a->phase, PHASE_RUNNING);
	assert_int_equal(a->last_n, 2);
	assert_null(heap_top(&pool(&s, "sim")->waiting));
	check_all(&s.b);
	scene_release(&s);
}

static void uncharged_waits_add_up_once(void **state)
{
	struct scene s;
	const struct agent *a;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	start(&s, "a", 1);
	ends(&s, "a", 1, EXIT_CODE);
	verdict(&s, "a", 1, CLASS_USAGE_LIMIT, false);
	waits(&s, "a", 60000, true, false);
	assert_int_equal(a->charged, 0);
	assert_int_equal(a->waited_ms, 60000);
	assert_int_equal(heap_top(&pool(&s, "sim")->waiting_wall)->key, T0 + 60000);
	waits(&s, "a", 0, false, false); /* skip-wait */
	assert_int_equal(a->waited_ms, 60000);
	assert_null(heap_top(&pool(&s, "sim")->waiting_wall));
	check_all(&s.b);
	start(&s, "a", 2);
	ends(&s, "a", 2, EXIT_CODE);
	verdict(&s, "a", 2, CLASS_USAGE_LIMIT, false);
	waits(&s, "a", 1000, true, false);
	assert_int_equal(a->waited_ms, 61000);
	scene_release(&s);
}

static void a_wait_in_the_past_is_due(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	start(&s, "a", 1);
	waits(&s, "a", -5000, false, false);
	assert_int_equal(agent(&s, "a")->wait_until_m, 1000);
	assert_int_equal(agent(&s, "a")->waited_ms, 0);
	scene_release(&s);
}

static void void_attempts_are_no_executions(void **state)
{
	struct scene s;
	const struct agent *a;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	start(&s, "a", 1);
	ends(&s, "a", 1, EXIT_VOID);
	assert_int_equal(s.b.nr_attempts, 0);
	ends(&s, "a", 1, EXIT_VOID);
	assert_int_equal(s.b.nr_attempts, 0);
	start(&s, "a", 2);
	assert_int_equal(s.b.nr_attempts, 1);
	assert_int_equal(agent_executions(a), 1);
	assert_int_equal(a->nr_attempts, 2);
	assert_int_equal(a->last_n, 2);
	assert_int_equal(a->charged, 0);
	assert_int_equal(batch_slots_used(&s.b), 1);
	check_all(&s.b);
	scene_release(&s);
}

/* ctl retry of a row that had used up its attempts. */
static void retry_of_a_final_agent(void **state)
{
	struct scene s;
	const struct agent *a;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	start(&s, "a", 1);
	ends(&s, "a", 1, EXIT_SIGNAL);
	verdict(&s, "a", 1, CLASS_CRASH, true);
	status(&s, "a", AGENT_FAILED, PHASE_NONE);
	assert_int_equal(a->hard_ends, 1);
	status(&s, "a", AGENT_PENDING, PHASE_NONE);
	assert_int_equal(a->charged, 0);
	assert_int_equal(a->hard_ends, 0);
	assert_int_equal(a->waited_ms, 0);
	assert_int_equal(a->nr_attempts, 1);
	assert_int_equal(a->last_n, 1); /* numbers are never used again */
	check_all(&s.b);
	start(&s, "a", 2);
	assert_int_equal(s.b.nr_attempts, 2);
	check_all(&s.b);
	scene_release(&s);
}

static void told_twice_counts_once(void **state)
{
	struct scene s;
	const struct agent *a;
	struct event ev;
	int i;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	for (i = 0; i < 2; i++)
		announce(&s, "boot-1");
	assert_int_equal(s.b.nr_resumes, 0);
	for (i = 0; i < 2; i++)
		start(&s, "a", 1);
	for (i = 0; i < 2; i++)
		ends(&s, "a", 1, i ? EXIT_SIGNAL : EXIT_CODE);
	for (i = 0; i < 2; i++) {
		ev = make(&s, EV_VERDICT, "a");
		ev.n = 1;
		ev.verdict.class = i ? CLASS_SUCCESS : CLASS_CONFIG;
		ev.verdict.charged = true;
		ev.verdict.cost_usd = 1;
		ev.verdict.tokens_in = 10;
		batch_apply(&s.b, &ev);
	}
	for (i = 0; i < 2; i++)
		status(&s, "a", AGENT_FAILED, PHASE_NONE);
	assert_int_equal(a->nr_attempts, 1);
	assert_int_equal(a->attempts[0].how, EXIT_CODE); /* what happened first stands */
	assert_int_equal(a->class, CLASS_CONFIG);
	assert_int_equal(a->charged, 1);
	assert_true(a->cost_usd == 1);
	assert_int_equal(a->tokens_in, 10);
	assert_int_equal(s.b.nr_verdicts, 1);
	assert_int_equal(s.b.counts[AGENT_FAILED], 1);
	assert_int_equal(account(&s, "sim")->nr_config, 1);
	check_all(&s.b);
	scene_release(&s);
}

/* The message of a start that failed is the system's; a verdict without one leaves it. */
static void a_failed_start_keeps_its_message(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	start(&s, "a", 1);
	ev = make(&s, EV_EXIT, "a");
	ev.n = 1;
	ev.exit.how = EXIT_FAILED;
	ev.exit.value = 2;
	ev.exit.message = "no such file";
	batch_apply(&s.b, &ev);
	verdict(&s, "a", 1, CLASS_CONFIG, true);
	assert_string_equal(agent(&s, "a")->attempts[0].message, "no such file");
	scene_release(&s);
}

static void what_is_unknown_changes_nothing(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	start(&s, "zzz", 1);
	batch_apply(&s.b, &(struct event){.type = EV_UNKNOWN, .agent = AGENT_NONE});
	batch_apply(&s.b, &(struct event){.type = EV_START, .agent = 77, .n = 1});
	batch_apply(&s.b, &(struct event){.type = EV_STATUS, .agent = AGENT_NONE});
	assert_int_equal(s.b.nr_unknown, 4);
	assert_int_equal(s.b.nr_events, 4);
	ends(&s, "a", 1, EXIT_CODE); /* of an attempt that never started */
	verdict(&s, "a", 9, CLASS_SUCCESS, true);
	start(&s, "a", NUM_NONE);
	start(&s, "a", INT64_C(4294967296));
	assert_int_equal(agent(&s, "a")->status, AGENT_PENDING);
	assert_int_equal(agent(&s, "a")->nr_attempts, 0);
	assert_int_equal(s.b.nr_attempts, 0);
	check_all(&s.b);
	scene_release(&s);
}

static void lost_rows_are_counted_apart(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	run_to(&s, "a", 1, CLASS_LOST);
	assert_int_equal(s.b.nr_lost, 1);
	assert_int_equal(s.b.counts[AGENT_FAILED], 1);
	status(&s, "a", AGENT_PENDING, PHASE_NONE);
	assert_int_equal(s.b.nr_lost, 0);
	check_all(&s.b);
	scene_release(&s);
}

/* ---- dependencies ------------------------------------------------------- */

/*   a   b
 *    \ / \
 *     c   d
 *     |
 *     e      */
static const struct row diamond[] = {
    {.id = "a"},
    {.id = "b"},
    {.id = "c", .depends_on = "a b"},
    {.id = "d", .depends_on = "b"},
    {.id = "e", .depends_on = "c"},
};

static void children_wait_for_all_parents(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, diamond, ARRAY_LEN(diamond));
	assert_int_equal(agent(&s, "c")->unmet, 2);
	assert_int_equal(pool(&s, "sim")->ready.nr, 2);
	run_to(&s, "b", 1, CLASS_SUCCESS);
	assert_int_equal(agent(&s, "c")->unmet, 1);
	assert_int_equal(agent(&s, "d")->unmet, 0);
	check_all(&s.b);
	run_to(&s, "a", 1, CLASS_SUCCESS);
	assert_int_equal(agent(&s, "c")->unmet, 0);
	assert_true(is_in(&pool(&s, "sim")->ready, batch_find(&s.b, "c")));
	check_all(&s.b);
	scene_release(&s);
}

/* Another branch has it: what hangs on it goes on here as well. */
static void a_row_that_a_branch_has_won_is_as_good_as_done(void **state)
{
	struct event ev;
	struct scene s;

	(void)state;
	scene_init(&s, diamond, ARRAY_LEN(diamond));
	ev = make(&s, EV_STATUS, "b");
	ev.status.status = AGENT_CANCELLED;
	ev.status.branch = "fast";
	batch_apply(&s.b, &ev);
	batch_apply(&s.b, &ev); /* told again */
	check_all(&s.b);
	assert_string_equal(agent(&s, "b")->won_by, "fast");
	assert_int_equal(agent(&s, "d")->unmet, 0);
	assert_int_equal(s.b.doomed.nr, 0);
	status(&s, "b", AGENT_PENDING, PHASE_NONE);
	check_all(&s.b);
	assert_null(agent(&s, "b")->won_by);
	assert_int_equal(agent(&s, "d")->unmet, 1);
	scene_release(&s);
}

/* The children of a cycle are found by their branches; a name that is told again is the same one. */
static void children_are_told_apart_by_branch(void **state)
{
	static const struct {
		const char *child, *branch;
	} told[] = {{"batch-1", NULL}, {"batch-2", "fast"}, {"batch-3", "strong"},
	    {"batch-2", "fast"}, {"batch-4", "strong"}};
	struct scene s;
	size_t i;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	for (i = 0; i < ARRAY_LEN(told); i++) {
		struct event ev = make(&s, EV_CYCLE, NULL);

		ev.cycle.child = told[i].child;
		ev.cycle.branch = told[i].branch;
		batch_apply(&s.b, &ev);
	}
	assert_int_equal(s.b.nr_children, 4);
	assert_string_equal(batch_child_of(&s.b, NULL)->name, "batch-1");
	assert_string_equal(batch_child_of(&s.b, "fast")->name, "batch-2");
	assert_string_equal(batch_child_of(&s.b, "strong")->name, "batch-4");
	assert_null(batch_child_of(&s.b, "other"));
	scene_release(&s);
}

static void a_failed_parent_dooms_its_children(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, diamond, ARRAY_LEN(diamond));
	run_to(&s, "b", 1, CLASS_TASK_ERROR);
	assert_int_equal(s.b.doomed.nr, 2);
	assert_false(is_in(&s.b.doomed, batch_find(&s.b, "e"))); /* not before c is skipped */
	status(&s, "c", AGENT_SKIPPED, PHASE_NONE);
	assert_true(is_in(&s.b.doomed, batch_find(&s.b, "e")));
	check_all(&s.b);
	scene_release(&s);
}

/* ctl retry of the parent, before its children were skipped. */
static void a_retried_parent_gives_hope_again(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, diamond, ARRAY_LEN(diamond));
	run_to(&s, "a", 1, CLASS_TASK_ERROR);
	run_to(&s, "b", 1, CLASS_TASK_ERROR);
	assert_int_equal(s.b.doomed.nr, 2);
	status(&s, "b", AGENT_PENDING, PHASE_NONE);
	/* d depended on b alone, c also on a. */
	assert_false(is_in(&s.b.doomed, batch_find(&s.b, "d")));
	assert_true(is_in(&s.b.doomed, batch_find(&s.b, "c")));
	check_all(&s.b);
	scene_release(&s);
}

static void a_skipped_child_is_taken_up_with_its_parent(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, diamond, ARRAY_LEN(diamond));
	run_to(&s, "b", 1, CLASS_TASK_ERROR);
	status(&s, "d", AGENT_SKIPPED, PHASE_NONE);
	status(&s, "b", AGENT_PENDING, PHASE_NONE);
	status(&s, "d", AGENT_PENDING, PHASE_NONE);
	check_all(&s.b);
	assert_int_equal(s.b.doomed.nr, 0);
	assert_false(is_in(&pool(&s, "sim")->ready, batch_find(&s.b, "d")));
	run_to(&s, "b", 2, CLASS_SUCCESS);
	assert_true(is_in(&pool(&s, "sim")->ready, batch_find(&s.b, "d")));
	check_all(&s.b);
	scene_release(&s);
}

/* A completed parent that is run again: what has not started waits for it. */
static void a_parent_run_again_holds_its_children(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, diamond, ARRAY_LEN(diamond));
	run_to(&s, "b", 1, CLASS_SUCCESS);
	assert_true(is_in(&pool(&s, "sim")->ready, batch_find(&s.b, "d")));
	status(&s, "b", AGENT_PENDING, PHASE_NONE);
	assert_false(is_in(&pool(&s, "sim")->ready, batch_find(&s.b, "d")));
	check_all(&s.b);
	scene_release(&s);
}

/* ---- accounts and gates ------------------------------------------------- */

static void a_start_may_move_to_another_account(void **state)
{
	static const enum agent_phase phases[] = {PHASE_NONE, PHASE_RUNNING, PHASE_BACKOFF};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(phases); i++) {
		struct scene s;
		struct event ev;

		scene_init(&s, two_rows, ARRAY_LEN(two_rows));
		if (phases[i] != PHASE_NONE)
			start(&s, "a", 1);
		if (phases[i] == PHASE_BACKOFF)
			waits(&s, "a", 1000, true, true);
		ev = make(&s, EV_START, "a");
		ev.n = 2;
		ev.start.account = "elsewhere";
		batch_apply(&s.b, &ev);
		assert_int_equal(account(&s, "elsewhere")->nr_running, 1);
		assert_int_equal(account(&s, "sim")->nr_running, 0);
		check_all(&s.b);
		scene_release(&s);
	}
}

static void gates(void **state)
{
	struct scene s;
	struct event ev;
	const struct agent *a;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	ev = make(&s, EV_GATE, NULL);
	ev.gate.account = "sim";
	ev.gate.state = GATE_CLOSED;
	ev.gate.until_t = T0 + 9000;
	ev.gate.why = "told";
	batch_apply(&s.b, &ev);
	assert_int_equal(account(&s, "sim")->gate.until_m, 1000 + 9000);
	start(&s, "a", 1);
	waits(&s, "a", 5000, false, false);
	assert_int_equal(agent_next_t(&s.b, a), T0 + 9000); /* the later of the two */
	waits(&s, "a", 20000, false, false);
	assert_int_equal(agent_next_t(&s.b, a), T0 + 20000);
	ev.gate.until_t = NUM_NONE;
	batch_apply(&s.b, &ev);
	assert_int_equal(agent_next_t(&s.b, a), NUM_NONE); /* a person must act */
	announce(&s, "boot-1");
	s.now_ms = 50;
	announce(&s, "boot-1"); /* and does, by resuming */
	assert_int_equal(account(&s, "sim")->gate.state, GATE_OPEN);
	assert_int_equal(agent_next_t(&s.b, a), T0 + 20000);
	check_all(&s.b);
	scene_release(&s);
}

static void config_failures_by_message(void **state)
{
	static const struct row rows[] = {{.id = "1"}, {.id = "2"}, {.id = "3"}, {.id = "4"}};
	static const char *const messages[] = {"no key", "other", "no key", "other"};
	struct scene s;
	char id[2] = "1";
	int i;

	(void)state;
	scene_init(&s, rows, ARRAY_LEN(rows));
	for (i = 0; i < 4; i++, id[0]++) {
		struct event ev;

		start(&s, id, 1);
		ev = make(&s, EV_VERDICT, id);
		ev.n = 1;
		ev.verdict.class = CLASS_CONFIG;
		ev.verdict.message = messages[i];
		batch_apply(&s.b, &ev);
		status(&s, id, AGENT_FAILED, PHASE_NONE);
		assert_int_equal(account(&s, "sim")->nr_config, i / 2 + 1);
	}
	assert_string_equal(account(&s, "sim")->config_message, "other");
	status(&s, "1", AGENT_PENDING, PHASE_NONE);
	run_to(&s, "1", 2, CLASS_SUCCESS);
	assert_int_equal(account(&s, "sim")->nr_config, 0);
	scene_release(&s);
}

/* ---- time --------------------------------------------------------------- */

/* C4 and P14: what is left of a wait is waited on the new boot's clock. */
static void waits_over_a_reboot(void **state)
{
	static const struct {
		int64_t wall_after_ms; /* since the wait began, by the wall clock */
		int64_t left_ms;
	} table[] = {
	    {4000, 6000}, /* the rest, not the whole and not none */
	    {10000, 0}, {99999, 0},
	    {-3600000, 10000}, /* the wall clock was set back: never more than was planned */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct scene s;
		struct event ev;

		scene_init(&s, two_rows, ARRAY_LEN(two_rows));
		announce(&s, "boot-1");
		s.now_ms = 500000;
		start(&s, "a", 1);
		waits(&s, "a", 10000, false, false);
		ev = make(&s, EV_BATCH, NULL);
		ev.t += table[i].wall_after_ms;
		ev.m = 77; /* monotonic time began anew */
		ev.batch.boot = "boot-2";
		batch_apply(&s.b, &ev);
		assert_int_equal(agent(&s, "a")->wait_until_m, 77 + table[i].left_ms);
		assert_int_equal(heap_top(&pool(&s, "sim")->waiting)->key, 77 + table[i].left_ms);
		assert_int_equal(agent(&s, "a")->nr_attempts, 1);
		check_all(&s.b);
		scene_release(&s);
	}
}

static void the_same_boot_leaves_waits_alone(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	announce(&s, "boot-1");
	start(&s, "a", 1);
	waits(&s, "a", 10000, false, false);
	s.now_ms = 4000;
	announce(&s, "boot-1");
	assert_int_equal(agent(&s, "a")->wait_until_m, 1000 + 10000);
	assert_int_equal(s.b.nr_resumes, 1);
	scene_release(&s);
}

/* Where the boot has no name, its clock tells it from the last one. */
static void a_boot_without_a_name(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	announce(&s, "unknown");
	s.now_ms = 500000;
	start(&s, "a", 1);
	waits(&s, "a", 10000, false, false);
	ev = make(&s, EV_BATCH, NULL);
	ev.m = 5;
	ev.batch.boot = "unknown";
	batch_apply(&s.b, &ev);
	assert_int_equal(agent(&s, "a")->wait_until_m, 5 + 10000);
	scene_release(&s);
}

static void the_cool_off_of_a_cycle(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	ev = make(&s, EV_BATCH, NULL);
	ev.batch.boot = "boot-1";
	ev.batch.version = "3.0.0";
	ev.batch.cycle = 2;
	ev.batch.not_before_t = ev.t + 15000;
	batch_apply(&s.b, &ev);
	assert_int_equal(s.b.cycle, 2);
	assert_int_equal(s.b.not_before_m, 1000 + 15000);
	ev.t += 5000;
	ev.m = 10;
	ev.batch.boot = "boot-2";
	batch_apply(&s.b, &ev);
	assert_int_equal(s.b.not_before_m, 10 + 10000);
	scene_release(&s);
}

static void parked_waits_go_on_when_resumed(void **state)
{
	struct scene s;
	const struct agent *a;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	a = agent(&s, "a");
	announce(&s, "boot-1");
	start(&s, "a", 1);
	verdict(&s, "a", 1, CLASS_USAGE_LIMIT, false);
	waits(&s, "a", 90000000, true, true);
	assert_int_equal(pool(&s, "sim")->nr_parked, 1);
	assert_null(heap_top(&pool(&s, "sim")->waiting));
	check_all(&s.b);
	s.now_ms = 10;
	announce(&s, "boot-1");
	assert_int_equal(pool(&s, "sim")->nr_parked, 0);
	assert_int_equal(a->waited_ms, 0);
	assert_int_equal(heap_top(&pool(&s, "sim")->waiting)->item, batch_find(&s.b, "a"));
	check_all(&s.b);
	scene_release(&s);
}

/* ---- the batch ---------------------------------------------------------- */

static void apply_verb(struct scene *s, const char *verb, const char *ids, int64_t n)
{
	struct event ev = make(s, EV_VERB, NULL);

	ev.verb.verb = verb;
	ev.verb.ids = ids;
	ev.verb.n = n;
	ev.verb.result = "done";
	batch_apply(&s->b, &ev);
}

static void verbs(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	apply_verb(&s, "pause", NULL, NUM_NONE);
	assert_true(s.b.is_paused);
	apply_verb(&s, "resume", NULL, NUM_NONE);
	assert_false(s.b.is_paused);
	apply_verb(&s, "jobs", NULL, 3);
	assert_int_equal(s.b.jobs, 3);
	apply_verb(&s, "jobs", NULL, NUM_NONE);
	assert_int_equal(s.b.jobs, 3);
	apply_verb(&s, "cancel", "a", NUM_NONE);
	assert_false(s.b.is_cancelling);
	apply_verb(&s, "cancel", "", NUM_NONE);
	assert_true(s.b.is_cancelling && s.b.is_draining);
	announce(&s, "boot-1");
	assert_false(s.b.is_cancelling || s.b.is_draining);
	apply_verb(&s, "stop", NULL, NUM_NONE);
	assert_true(s.b.is_draining);
	assert_false(s.b.is_cancelling);
	assert_string_equal(s.b.last_verb, "done");
	apply_verb(&s, "dance", NULL, NUM_NONE);
	scene_release(&s);
}

static void the_end_and_after(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	announce(&s, "boot-1");
	ev = make(&s, EV_CYCLE, NULL);
	ev.cycle.child = "batch-1";
	ev.cycle.rows = 4;
	batch_apply(&s.b, &ev);
	batch_apply(&s.b, &ev);
	ev.cycle.child = "batch-2";
	batch_apply(&s.b, &ev);
	assert_int_equal(s.b.nr_children, 2);
	assert_string_equal(s.b.children[0].name, "batch-1");
	assert_string_equal(s.b.child, "batch-2");
	assert_int_equal(s.b.child_rows, 4);
	ev = make(&s, EV_END, NULL);
	ev.end.state = END_STOPPED;
	ev.end.exit_code = 3;
	ev.end.why = "log in";
	batch_apply(&s.b, &ev);
	assert_int_equal(s.b.end, END_STOPPED);
	assert_int_equal(s.b.exit_code, 3);
	assert_string_equal(s.b.end_why, "log in");
	s.now_ms = 1;
	announce(&s, "boot-1");
	assert_int_equal(s.b.end, END_NONE);
	assert_null(s.b.end_why);
	assert_int_equal(s.b.ended_t, NUM_NONE);
	scene_release(&s);
}

/* ---- solve -------------------------------------------------------------- */

static void tell_call(struct scene *s, enum solve_phase phase, int64_t round, const char *call,
    bool is_unread)
{
	struct event ev = make(s, EV_SOLVE, NULL);

	ev.solve.phase = phase;
	ev.solve.round = round;
	ev.solve.role = call;
	ev.solve.is_unread = is_unread;
	batch_apply(&s->b, &ev);
}

static void phases_and_rounds_of_solve(void **state)
{
	const struct solve *v;
	struct scene s;
	struct event ev;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	v = &s.b.solve;
	assert_false(v->is_told);
	announce(&s, "boot-1");
	tell_call(&s, SOLVE_PLANNING, 0, "roles/planner-1", false);
	assert_true(v->is_told && v->nr_calls == 1 && v->nr_unread == 0);
	tell_call(&s, SOLVE_PLANNING, 0, "roles/planner-2", true);
	tell_call(&s, SOLVE_PLANNING, 0, "roles/planner-2", true); /* told again */
	assert_true(v->nr_calls == 2 && v->nr_unread == 1);
	assert_string_equal(v->call, "roles/planner-2");
	tell_call(&s, SOLVE_EXECUTING, 0, NULL, false);
	assert_null(v->call);
	ev = make(&s, EV_END, NULL);
	ev.end.state = END_FINISHED;
	batch_apply(&s.b, &ev);
	tell_call(&s, SOLVE_VALIDATING, 0, "roles/validator-1", false);
	assert_null(solve_verdict_now(v));
	ev = make(&s, EV_SOLVE, NULL);
	ev.solve.phase = SOLVE_VALIDATING;
	ev.solve.has_verdict = ev.solve.is_complete = true;
	ev.solve.quality = QUALITY_POOR;
	ev.solve.nr_missing = 1;
	ev.solve.why = "a source";
	batch_apply(&s.b, &ev);
	batch_apply(&s.b, &ev);
	assert_int_equal(v->nr_verdicts, 1);
	assert_string_equal(solve_verdict_now(v)->why, "a source");
	assert_string_equal(solve_verdict_now(v)->call, "roles/validator-1");
	ev = make(&s, EV_SOLVE, NULL);
	ev.solve.phase = SOLVE_EXECUTING;
	ev.solve.round = 1;
	ev.solve.child = "batch-x";
	ev.solve.kind = BATCH_RETRY;
	batch_apply(&s.b, &ev);
	assert_null(solve_verdict_now(v));
	assert_non_null(solve_last_verdict(v));
	assert_string_equal(v->child, "batch-x");
	assert_int_equal(s.b.end, END_FINISHED); /* the run goes on behind the batch's own end */
	scene_release(&s);
}

static void a_stop_of_solve_is_no_end(void **state)
{
	struct scene s;
	struct event ev;

	(void)state;
	scene_init(&s, two_rows, ARRAY_LEN(two_rows));
	tell_call(&s, SOLVE_PLANNING, 0, "roles/planner-1", false);
	ev = make(&s, EV_SOLVE, NULL);
	ev.solve.phase = SOLVE_PLANNING;
	ev.solve.exit_code = 1;
	ev.solve.why = "planner: auth";
	batch_apply(&s.b, &ev);
	assert_true(s.b.solve.is_stopped && s.b.solve.exit_code == 1);
	assert_string_equal(s.b.solve.call, "roles/planner-1");
	assert_int_equal(s.b.solve.last_call[SOLVE_PLANNER], 1);
	tell_call(&s, SOLVE_PLANNING, 0, "roles/planner-2", false);
	assert_false(s.b.solve.is_stopped);
	assert_int_equal(s.b.solve.nr_calls, 2);
	scene_release(&s);
}

/* The name becomes a path. */
static void calls_have_no_other_names(void **state)
{
	(void)state;
	assert_int_equal(solve_call_number(SOLVE_PLANNER, "roles/planner-12"), 12);
	assert_int_equal(solve_call_number(SOLVE_PLANNER, "roles/validator-1"), 0);
	assert_int_equal(solve_call_number(SOLVE_PLANNER, "roles/planner-0"), 0);
	assert_int_equal(solve_call_number(SOLVE_PLANNER, "roles/planner-1/../../x"), 0);
	assert_int_equal(solve_call_number(SOLVE_PLANNER, "roles/planner-01"), 0);
	assert_int_equal(solve_call_number(SOLVE_PLANNER, "../planner-1"), 0);
	assert_int_equal(solve_call_number(SOLVE_PLANNER, ""), 0);
}

/* ---- properties --------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static uint32_t below(uint32_t *seed, uint32_t n)
{
	return next_random(seed) % n;
}

#define NR_RANDOM_ROWS 9
static const struct row random_rows[NR_RANDOM_ROWS] = {
    {.id = "0"},
    {.id = "1", .priority = "5"},
    {.id = "2", .depends_on = "0"},
    {.id = "3", .depends_on = "0 1"},
    {.id = "4", .depends_on = "3", .agent = "claude"},
    {.id = "5", .depends_on = "2;4"},
    {.id = "6", .agent = "claude"},
    {.id = "7", .depends_on = "6"},
    {.id = "8"},
};

/* Any event at all, of any agent, in no order that makes sense. */
static struct event random_event(const struct scene *s, uint32_t *seed)
{
	static const char *const accounts[] = {
	    NULL, "sim", "claude", "third", "claude/work", "claude/home", "sim/a"};
	static const char *const lists[] = {NULL, "", "claude/work", "claude/home claude/work",
	    "sim/a sim/b claude/work", "third/x / claude/ /work"};
	static const int64_t numbers[] = {NUM_NONE, 0, 1, 9007199254740992, -9007199254740992};
	struct event ev = make(s, (enum event_type)below(seed, EV__COUNT), NULL);

	ev.agent = below(seed, NR_RANDOM_ROWS + 1);
	ev.n = below(seed, 6);
	ev.t += (int64_t)below(seed, 2000000) - 1000000;
	ev.m += (int64_t)below(seed, 2000) - 1000;
	switch (ev.type) {
	case EV_BATCH:
		ev.batch.boot = below(seed, 2) ? "boot-1" : "boot-2";
		ev.batch.not_before_t = below(seed, 2) ? NUM_NONE : ev.t + 5000;
		ev.batch.accounts = lists[below(seed, ARRAY_LEN(lists))];
		break;
	case EV_START:
		ev.start.account = accounts[below(seed, ARRAY_LEN(accounts))];
		break;
	case EV_EXIT:
		ev.exit.how = (enum exit_how)below(seed, EXIT_UNKNOWN + 1);
		break;
	case EV_VERDICT:
		ev.verdict.class = (enum attempt_class)below(seed, CLASS__COUNT);
		ev.verdict.charged = below(seed, 2);
		ev.verdict.tokens_in = numbers[below(seed, ARRAY_LEN(numbers))];
		break;
	case EV_WAIT:
		ev.wait.until_t = ev.t + (int64_t)below(seed, 100000) - 50000;
		ev.wait.is_wall = below(seed, 2);
		ev.wait.is_parked = below(seed, 4) == 0;
		ev.wait.account = accounts[below(seed, ARRAY_LEN(accounts))];
		break;
	case EV_STATUS:
		ev.status.status = (enum agent_status)below(seed, AGENT__COUNT);
		ev.status.phase = (enum agent_phase)below(seed, PHASE__COUNT);
		ev.status.branch = below(seed, 2) ? "fast" : NULL;
		break;
	case EV_GATE:
		ev.gate.account = accounts[below(seed, ARRAY_LEN(accounts))];
		ev.gate.state = (enum gate_state)below(seed, GATE__COUNT);
		ev.gate.until_t = below(seed, 2) ? NUM_NONE : ev.t + 5000;
		break;
	case EV_VERB:
		ev.verb.verb = below(seed, 2) ? "pause" : "cancel";
		break;
	case EV_CYCLE:
		ev.cycle.child = accounts[below(seed, ARRAY_LEN(accounts))];
		break;
	case EV_SOLVE:
		ev.solve.phase = (enum solve_phase)below(seed, SOLVE_PHASE__COUNT);
		ev.solve.round = below(seed, 3);
		ev.solve.role = below(seed, 2) ? "roles/planner-2" : "roles/validator-1";
		ev.solve.has_verdict = below(seed, 2);
		break;
	case EV_END:
		ev.end.state = (enum end_state)below(seed, END__COUNT);
		break;
	case EV_UNKNOWN:
	case EV__COUNT:
		break;
	}
	return ev;
}

static void any_events_leave_counts_and_orders_right(void **state)
{
	uint32_t seed = 20261121;
	int round, i;

	(void)state;
	for (round = 0; round < 60; round++) {
		struct scene s;

		scene_init(&s, random_rows, NR_RANDOM_ROWS);
		for (i = 0; i < 300; i++) {
			struct event ev = random_event(&s, &seed);

			s.now_ms += below(&seed, 1000);
			batch_apply(&s.b, &ev);
			check_all(&s.b);
		}
		scene_release(&s);
	}
}

/* What a conductor could tell next of an agent in this state; false: nothing. */
static bool plausible_event(const struct scene *s, uint32_t i, uint32_t *seed, struct event *ev)
{
	const struct agent *a = &s->b.agents[i];
	const struct attempt *last = agent_last_attempt(a);

	*ev = make(s, EV_UNKNOWN, NULL);
	if (a->status == AGENT_PENDING && a->unmet > 0) {
		if (!is_in(&s->b.doomed, i))
			return false;
		event_init(ev, EV_STATUS);
		ev->status.status = AGENT_SKIPPED;
	} else if (a->status == AGENT_PENDING || a->phase == PHASE_BACKOFF) {
		event_init(ev, EV_START);
		ev->n = a->last_n + 1;
	} else if (status_is_final(a->status)) {
		if (below(seed, 6))
			return false;
		event_init(ev, EV_STATUS); /* ctl retry */
	} else if (last && !last->has_ended) {
		event_init(ev, EV_EXIT);
		ev->n = last->n;
		ev->exit.how = below(seed, 8) ? EXIT_CODE : EXIT_VOID;
	} else if (last && last->how == EXIT_VOID) {
		event_init(ev, EV_START);
		ev->n = a->last_n + 1;
	} else if (last && !last->has_verdict && a->phase == PHASE_RUNNING && below(seed, 3) == 0) {
		event_init(ev, EV_STATUS);
		ev->status.status = AGENT_IN_PROGRESS;
		ev->status.phase = PHASE_VALIDATING;
	} else if (last && !last->has_verdict) {
		event_init(ev, EV_VERDICT);
		ev->n = last->n;
		ev->verdict.class = below(seed, 2) ? CLASS_SUCCESS : CLASS_TRANSIENT;
		ev->verdict.charged = below(seed, 2);
		ev->verdict.tokens_in = 10;
	} else if (last && last->class == CLASS_SUCCESS) {
		event_init(ev, EV_STATUS);
		ev->status.status = AGENT_COMPLETED;
	} else if (below(seed, 2)) {
		event_init(ev, EV_WAIT);
		ev->n = last->n;
		ev->wait.until_t = T0 + s->now_ms + 5000;
		ev->wait.is_wall = below(seed, 2);
	} else {
		event_init(ev, EV_STATUS);
		ev->status.status = AGENT_FAILED;
	}
	ev->agent = i;
	ev->t = T0 + s->now_ms;
	ev->m = 1000 + s->now_ms;
	return true;
}

/* A conductor whose flush failed writes the turn once more: `twice` hears every third turn so. */
static void a_turn_told_twice_leaves_the_same_state(void **state)
{
	uint32_t seed = 7;
	int round;

	(void)state;
	for (round = 0; round < 80; round++) {
		struct scene once, twice;
		struct event turn[8];
		size_t nr, i, tries;
		int t;

		scene_init(&once, random_rows, NR_RANDOM_ROWS);
		scene_init(&twice, random_rows, NR_RANDOM_ROWS);
		announce(&once, "boot-1");
		announce(&twice, "boot-1");
		for (t = 0; t < 60; t++) {
			once.now_ms += 100;
			for (nr = tries = 0; nr < 1 + below(&seed, 7) && tries < 50; tries++) {
				uint32_t who = below(&seed, NR_RANDOM_ROWS);

				if (plausible_event(&once, who, &seed, &turn[nr]))
					batch_apply(&once.b, &turn[nr++]);
			}
			for (i = 0; i < nr; i++)
				batch_apply(&twice.b, &turn[i]);
			if (t % 3 == 0)
				for (i = 0; i < nr; i++)
					batch_apply(&twice.b, &turn[i]);
			check_all(&twice.b);
			check_same(&once.b, &twice.b);
		}
		scene_release(&once);
		scene_release(&twice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_batch),
	    cmocka_unit_test(from_start_to_completed),
	    cmocka_unit_test(backoff_holds_no_slot),
	    cmocka_unit_test(uncharged_waits_add_up_once),
	    cmocka_unit_test(a_wait_in_the_past_is_due),
	    cmocka_unit_test(void_attempts_are_no_executions),
	    cmocka_unit_test(retry_of_a_final_agent),
	    cmocka_unit_test(told_twice_counts_once),
	    cmocka_unit_test(a_failed_start_keeps_its_message),
	    cmocka_unit_test(what_is_unknown_changes_nothing),
	    cmocka_unit_test(lost_rows_are_counted_apart),
	    cmocka_unit_test(children_wait_for_all_parents),
	    cmocka_unit_test(a_row_that_a_branch_has_won_is_as_good_as_done),
	    cmocka_unit_test(children_are_told_apart_by_branch),
	    cmocka_unit_test(a_failed_parent_dooms_its_children),
	    cmocka_unit_test(a_retried_parent_gives_hope_again),
	    cmocka_unit_test(a_skipped_child_is_taken_up_with_its_parent),
	    cmocka_unit_test(a_parent_run_again_holds_its_children),
	    cmocka_unit_test(a_start_may_move_to_another_account),
	    cmocka_unit_test(gates),
	    cmocka_unit_test(config_failures_by_message),
	    cmocka_unit_test(waits_over_a_reboot),
	    cmocka_unit_test(the_same_boot_leaves_waits_alone),
	    cmocka_unit_test(a_boot_without_a_name),
	    cmocka_unit_test(the_cool_off_of_a_cycle),
	    cmocka_unit_test(parked_waits_go_on_when_resumed),
	    cmocka_unit_test(verbs),
	    cmocka_unit_test(the_end_and_after),
	    cmocka_unit_test(phases_and_rounds_of_solve),
	    cmocka_unit_test(a_stop_of_solve_is_no_end),
	    cmocka_unit_test(calls_have_no_other_names),
	    cmocka_unit_test(any_events_leave_counts_and_orders_right),
	    cmocka_unit_test(a_turn_told_twice_leaves_the_same_state),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
