/* Thousands of random batches under a simulated clock, disk and executor: the conductor and the
 * decisions are the real ones. After every step the promises of FAULTS.md that concern scheduling
 * are checked; a failure prints the seed that shows it again.
 *
 *   sim [--seed N] [--count N] [--verbose] */
#include "world.h"
#include "base/arena.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "engine/conductor.h"
#include "engine/cycle.h"
#include "formats/event_json.h"
#include "formats/tasks_csv.h"
#include "policy/class_rules.h"
#include "policy/fingerprint.h"
#include "policy/gate.h"
#include "policy/session.h"
#include "support/idle_ops.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_ROWS 40
#define MAX_STEPS 200000

struct sim {
	uint64_t seed;
	struct world w;
	struct options options;
	struct buf csv; /* of the living batch */
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
	struct conductor c;
	uint32_t nr_dirs; /* that the rows share */
	const char *accounts; /* of the pools; NULL: each profile is its own */
	uint32_t keyless_per_mille; /* how often an account's key is not there */
	bool is_alive;
	bool is_writing;
	bool is_resumed_by_person;
	struct buf writing;
	uint32_t cycle;
	unsigned nr_kills, nr_resumes, nr_stops;
	uint32_t fault_per_mille;
	bool operator_retried;
	/* Over the run. */
	char done[MAX_ROWS][16]; /* ids that completed in an ended batch */
	uint32_t nr_done;
	uint32_t limit_per_mille, hard_per_mille, fatal_per_mille;
	struct buf failures; /* "id fingerprint" a line, of ended batches */
	int64_t free_bytes; /* told last */
	double spent_usd; /* by ended batches */
	int64_t spent_tokens;
};

static struct sim *current;

_Noreturn void sim_fail(const char *file, int line, const char *cond, const char *fmt, ...)
{
	va_list ap;

	printf("not ok - seed %llu: %s:%d: %s: ", (unsigned long long)current->seed, file, line,
	    cond);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n# journal of the batch:\n%s\n", current->w.disk.data);
	fflush(stdout);
	_exit(1);
}

/* ---- the batch that is run ----------------------------------------------------------- */

static void random_csv(struct sim *s)
{
	struct dice *d = &s->w.dice;
	uint32_t n = 1 + dice_below(d, MAX_ROWS - 1), i, k;
	bool has_graph = dice_chance(d, 400);

	buf_str(&s->csv, "id,agent,task,depends_on,priority,validate\n");
	for (i = 0; i < n; i++) {
		buf_fmt(&s->csv, "r%u,%s,do %u,", i, dice_chance(d, 300) ? "beta" : "alpha", i);
		for (k = 0; has_graph && i > 0 && k < 2; k++)
			if (dice_chance(d, 350))
				buf_fmt(&s->csv, "r%u ", dice_below(d, i));
		buf_fmt(&s->csv, ",%s,%s\n", dice_chance(d, 200) ? "5" : "",
		    dice_chance(d, 150) ? "true" : "");
	}
}

static bool everything_is_met(void *ctx, const char *id)
{
	(void)ctx;
	(void)id;
	return true;
}

static int as_fd(const struct buf *b)
{
	int fd = memfd_create("csv", MFD_CLOEXEC);

	SIM_CHECK(fd >= 0 && write(fd, b->data, b->len) == (ssize_t)b->len, "memfd");
	SIM_CHECK(lseek(fd, 0, SEEK_SET) == 0, "memfd");
	return fd;
}

static void read_tasks(struct sim *s)
{
	const struct graph_met met = {.is_met = everything_is_met};
	const struct tasks_read_opts opts = {.file = "sim.csv", .met = &met};
	struct err err = ERR_INIT;
	int fd = as_fd(&s->csv);

	SIM_CHECK(tasks_read_fd(&s->tasks, &s->graph, fd, &opts, &err) == 0, "%s", err.msg);
	close(fd);
}

static void random_service(struct dice *d, struct service *s)
{
	*s = (struct service){
	    .kind = dice_chance(d, 500) ? SERVICE_FREE
					: (enum service_kind)dice_below(d, SERVICE_FLAKY + 1),
	    .per_s = 0.02 + dice_below(d, 100) / 50.0,
	    .burst = 1 + dice_below(d, 8),
	    .most = 1 + dice_below(d, 12),
	    .window_ms = 1000 + dice_below(d, 300000),
	    .resets_at_ms = dice_below(d, 3 * 3600 * 1000),
	    .refuses_pct = dice_below(d, 60),
	    .tells = dice_chance(d, 500),
	};
}

static void random_accounts(struct sim *s)
{
	static const char *const pools[] = {"alpha/a alpha/b",
	    "alpha/c alpha/a alpha/b beta/x beta/y", "alpha/b", "beta/y beta/x",
	    "alpha/a alpha/b alpha/c beta/x"};

	s->accounts = pools[dice_below(&s->w.dice, ARRAY_LEN(pools))];
}

static void random_options(struct sim *s)
{
	static const char *const halts[] = {"soon,fail=1", "now,fail=2", "soon,fail=20%",
	    "now,success=3", "soon,done=50%", "now,done=5", "never"};
	struct dice *d = &s->w.dice;
	struct options *o = &s->options;
	size_t i;

	options_init(o);
	o->auto_retry = dice_chance(d, 800);
	o->max_retries = 1 + (int)dice_below(d, 4);
	o->jobs = (int)dice_below(d, 9);
	o->attempts = 1 + (int)dice_below(d, 5);
	o->jitter_pct = dice_chance(d, 300) ? 20 : 0;
	o->max_wait_s = dice_chance(d, 300) ? 600 : 24 * 3600;
	if (dice_chance(d, 250))
		o->halt = xstrdup(halts[dice_below(d, ARRAY_LEN(halts))]);
	o->budget_usd = dice_chance(d, 200) ? 0.01 * (1 + dice_below(d, 400)) : 0;
	o->budget_tokens = dice_chance(d, 100) ? 1 + dice_below(d, 40000) : 0;
	o->budget_hard = dice_chance(d, 500);
	o->exclusive_dir = dice_chance(d, 250);
	s->nr_dirs = 1 + dice_below(d, 4);
	o->min_free_mem = dice_chance(d, 150) ? 1000 : 0;
	o->give_up_after = dice_chance(d, 300) ? 1 + (int)dice_below(d, 3) : 0;
	o->retry_on = dice_chance(d, 200) ? 1u << CLASS_REFUSAL | 1u << CLASS_AUTH : 0;
	s->fault_per_mille = dice_chance(d, 500) ? 0 : dice_below(d, 60);
	for (i = 0; i < SIM_ACCOUNTS; i++)
		random_service(d, &s->w.services[i]);
	if (dice_chance(d, 500))
		random_accounts(s);
	s->keyless_per_mille = dice_chance(d, 800) ? 0 : dice_below(d, 50);
	s->w.busy_per_mille = dice_chance(d, 800) ? 0 : 100;
	s->limit_per_mille = dice_below(d, 300);
	s->hard_per_mille = dice_below(d, 150);
	s->fatal_per_mille = dice_chance(d, 700) ? 0 : dice_below(d, 80);
}

static enum attempt_class random_class(const struct sim *s, struct dice *d)
{
	static const enum attempt_class limits[] = {
	    CLASS_RATE_LIMIT, CLASS_RATE_LIMIT, CLASS_TRANSIENT, CLASS_USAGE_LIMIT};
	static const enum attempt_class hard[] = {
	    CLASS_CRASH, CLASS_TIMEOUT, CLASS_TASK_ERROR, CLASS_NO_OUTPUT, CLASS_MAX_TURNS};
	static const enum attempt_class fatal[] = {
	    CLASS_AUTH, CLASS_CONFIG, CLASS_REFUSAL, CLASS_BUDGET, CLASS_CONTEXT_OVERFLOW};

	if (dice_chance(d, s->limit_per_mille))
		return limits[dice_below(d, ARRAY_LEN(limits))];
	if (dice_chance(d, s->hard_per_mille))
		return hard[dice_below(d, ARRAY_LEN(hard))];
	if (dice_chance(d, s->fatal_per_mille))
		return fatal[dice_below(d, ARRAY_LEN(fatal))];
	return CLASS_SUCCESS;
}

static bool is_done(const struct sim *s, const char *id)
{
	uint32_t i;

	for (i = 0; i < s->nr_done; i++)
		if (strcmp(s->done[i], id) == 0)
			return true;
	return false;
}

/* A row's script depends on the row and how often it ran, not on the order of events. */
static struct script script_of(void *ctx, const char *id, uint32_t run_attempt)
{
	struct sim *s = ctx;
	struct dice d = {s->seed * 31 + strtoul(id + 1, NULL, 10) * 1009 + run_attempt};
	struct script p = {.retry_after_ms = NUM_NONE, .reset_after_ms = NUM_NONE};

	SIM_CHECK(!is_done(s, id), "%s completed in an earlier cycle and runs again", id);
	p.class = random_class(s, &d);
	p.runs_ms = dice_chance(&d, 100) ? 0 : dice_below(&d, 90000);
	p.leftovers_ms = dice_chance(&d, 300) ? dice_below(&d, 60000) : 0;
	p.ignores_term = dice_chance(&d, 200);
	if (p.class == CLASS_RATE_LIMIT && dice_chance(&d, 500))
		p.retry_after_ms = dice_below(&d, 60000);
	if (p.class == CLASS_USAGE_LIMIT && dice_chance(&d, 500))
		p.reset_after_ms = (int64_t)dice_below(&d, 3 * 3600 * 1000) - 1000;
	p.cost_usd = dice_chance(&d, 700) ? 0.01 * dice_below(&d, 30) : -1;
	p.tokens = dice_chance(&d, 700) ? dice_below(&d, 3000) : NUM_NONE;
	return p;
}

/* ---- what the conductor asks ------------------------------------------------------------ */

static struct proc *proc_of(const struct sim *s, uint32_t agent, uint32_t n)
{
	size_t i;

	for (i = 0; i < s->w.nr_procs; i++) {
		struct proc *p = &s->w.procs[i];

		if (p->batch_no == s->w.batch_no && p->ref.agent == agent && p->ref.n == n &&
		    p->ref.kind == RECORD_AGENT)
			return p;
	}
	return NULL;
}

/* Every fourth batch's agents can go on with their sessions. */
static bool can_resume(void *ctx, uint32_t agent)
{
	const struct sim *s = ctx;

	(void)agent;
	return s->seed % 4 == 0;
}

/* That a later cycle's rows began on, be it of their pool or not. */
static const char *session_account(void *ctx, uint32_t agent)
{
	const struct sim *s = ctx;

	return s->cycle > 0 ? sim_accounts[(agent + s->seed / 4) % SIM_ACCOUNTS] : NULL;
}

static const char *op_session(void *ctx, uint32_t agent, const char *account)
{
	const struct sim *s = ctx;

	return session_to_resume(agent_last_judged(&s->batch.agents[agent]), account);
}

/* A key that is not there, now and then; else the start that follows is on it. */
static int op_take_account(void *ctx, uint32_t account, struct err *err)
{
	struct sim *s = ctx;

	s->w.account = account;
	if (s->accounts && dice_chance(&s->w.dice, s->keyless_per_mille))
		return err_set(err, "its key is not there");
	return 0;
}

/* Every fifth has printed so much that it takes three turns to read. */
static bool is_still_read(struct sim *s, struct proc *p, uint32_t agent)
{
	return p && (s->seed + agent) % 5 == 0 && ++p->nr_judged % 3 != 0;
}

static bool op_judge(void *ctx, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	struct sim *s = ctx;
	struct proc *p = proc_of(s, agent, at->n);

	if (is_still_read(s, p, agent))
		return false;
	v->message = "as scripted";
	if (at->how == EXIT_UNKNOWN) {
		v->class = CLASS_LOST;
		return true;
	}
	SIM_CHECK(p && p->state == PROC_ENDED, "attempt %u is judged before it ended", at->n);
	if (at->killed != KILL_NONE) {
		v->class = at->killed == KILL_CANCEL || at->killed == KILL_HALT ? CLASS_CANCELLED
										: CLASS_TIMEOUT;
		return true;
	}
	if (can_resume(s, agent))
		v->session = "s-1";
	v->cost_usd = p->script.cost_usd;
	v->tokens_out = p->script.tokens;
	v->class = p->script.class;
	v->retry_after_ms = p->script.retry_after_ms;
	if (p->script.reset_after_ms != NUM_NONE)
		v->reset_at_t = s->w.now.wall_ms + p->script.reset_after_ms;
	return true;
}

static int op_brief(void *ctx, uint32_t agent, uint32_t n, struct err *err)
{
	(void)ctx;
	(void)agent;
	(void)n;
	(void)err;
	return 0;
}

static void op_keep_output(void *ctx, uint32_t agent, const struct attempt *last)
{
	(void)ctx;
	(void)agent;
	(void)last;
}

static void op_name_child(void *ctx, const char *branch, char child[NAME_SIZE], char csv[NAME_SIZE])
{
	struct sim *s = ctx;

	(void)branch;
	snprintf(child, NAME_SIZE, "batch-%u", s->cycle + 1);
	snprintf(csv, NAME_SIZE, "auto-retry-%u.csv", s->cycle + 1);
}

static uint32_t op_cycles_failed(void *ctx, const char *id)
{
	struct sim *s = ctx;

	return cycle_failed_before(&s->batch, id);
}

static uint32_t op_cycles_failed_alike(void *ctx, const char *id, const char *fingerprint)
{
	const struct sim *s = ctx;
	char *line = xasprintf("%s %s\n", id, fingerprint);
	const char *at = s->failures.data;
	uint32_t nr = 0;

	for (; (at = strstr(at, line)); at++)
		nr += at == s->failures.data || at[-1] == '\n';
	free(line);
	return nr;
}

static int64_t op_free_memory(void *ctx)
{
	struct sim *s = ctx;

	s->free_bytes = dice_chance(&s->w.dice, 300) ? NUM_NONE : dice_below(&s->w.dice, 2000);
	return s->free_bytes;
}

static uint32_t op_run_ends(void *ctx, enum end_state state)
{
	(void)ctx;
	(void)state;
	return 0;
}

static const struct conductor_ops ops = {
    .judge = op_judge,
    .brief = op_brief,
    .keep_output = op_keep_output,
    .validation_said = idle_validation_said,
    .session = op_session,
    .take_account = op_take_account,
    .starts = idle_starts,
    .completes = idle_completes,
    .gather_results = idle_gather_results,
    .name_child = op_name_child,
    .cycles_failed = op_cycles_failed,
    .cycles_failed_alike = op_cycles_failed_alike,
    .run_ends = op_run_ends,
    .free_memory = op_free_memory,
    .log = idle_log,
};

static void limits(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms)
{
	struct sim *s = ctx;

	(void)agent;
	*timeout_ms = s->seed % 3 == 0 ? 60000 : 0;
	*stall_ms = s->seed % 5 == 0 ? 30000 : 0;
}

static void on_end(void *ctx, struct attempt_ref ref, const struct ev_exit *exit)
{
	struct sim *s = ctx;

	conductor_on_end(&s->c, ref, exit, s->w.now);
}

static void on_gone(void *ctx, struct attempt_ref ref)
{
	struct sim *s = ctx;

	conductor_on_gone(&s->c, ref, s->w.now);
}

/* ---- the conductor's life ------------------------------------------------------------------ */

static void fold_disk(const struct sim *s, struct batch *b)
{
	const char *line = s->w.disk.data, *end;
	struct arena arena = ARENA_INIT;
	struct event ev;

	batch_init(b, &s->tasks, &s->graph, "alpha", s->options.jobs);
	for (; (end = strchr(line, '\n')); line = end + 1)
		if (end > line && event_parse(line, (size_t)(end - line), &ev, &arena, NULL) == 0)
			batch_apply(b, &ev);
	arena_release(&arena);
}

static uint32_t dir_of(const struct sim *s, const char *id)
{
	return (uint32_t)strtoul(id + 1, NULL, 10) % s->nr_dirs;
}

static uint32_t *dirs_of(const struct sim *s)
{
	uint32_t *of = xcalloc(s->tasks.nr + 1, sizeof(*of));
	uint32_t i;

	for (i = 0; i < s->tasks.nr; i++)
		of[i] = dir_of(s, s->tasks.v[i].id);
	return of;
}

static void conductor_lives(struct sim *s)
{
	const struct conductor_opts opts = {
	    .batch = &s->batch,
	    .options = &s->options,
	    .ex = &s->w.ex,
	    .ops = &ops,
	    .ctx = s,
	    .limits = limits,
	    .can_resume = can_resume,
	    .session_account = session_account,
	    .dir_of = s->options.exclusive_dir ? dirs_of(s) : NULL,
	};
	struct event ev;

	if (s->w.disk.len && s->w.disk.data[s->w.disk.len - 1] != '\n')
		buf_ch(&s->w.disk, '\n');
	fold_disk(s, &s->batch);
	s->w.batch = &s->batch;
	s->w.ex.on_end = on_end;
	s->w.ex.on_gone = on_gone;
	s->w.ex.ctx = s;
	conductor_init(&s->c, &opts);
	event_init(&ev, EV_BATCH);
	ev.batch.version = "sim";
	ev.batch.boot = s->w.boot_id;
	ev.batch.cycle = s->cycle;
	ev.batch.resumed = s->batch.version != NULL;
	ev.batch.accounts = s->accounts;
	ev.batch.spent_usd = s->spent_usd;
	ev.batch.spent_tokens = s->spent_tokens;
	conductor_emit(&s->c, &ev, s->w.now);
	conductor_begin(&s->c, s->w.now);
	s->is_alive = true;
}

static void conductor_dies(struct sim *s)
{
	conductor_release(&s->c);
	batch_release(&s->batch);
	buf_reset(&s->writing);
	s->is_writing = false;
	s->is_alive = false;
	s->nr_kills++;
	world_conductor_died(&s->w);
}

static bool is_pool_closed(const struct batch *b, const struct pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->nr_members; i++)
		if (b->accounts[pool->members[i]].gate.state != GATE_CLOSED)
			return false;
	return true;
}

/* With --exclusive-dir nobody else's process is in the directory, leftovers counted, nor anybody who
 * will come back to it by himself. */
static void check_dir(const struct sim *s, uint32_t agent)
{
	const struct batch *b = &s->batch;
	const char *id = b->agents[agent].task->id;
	size_t i;

	for (i = 0; i < s->w.nr_procs; i++) {
		const struct proc *p = &s->w.procs[i];

		SIM_CHECK(p->state == PROC_VOID || p->is_gone || p->batch_no != s->w.batch_no ||
			p->ref.agent == agent || dir_of(s, p->id) != dir_of(s, id),
		    "%s starts in the directory where %s is", id, p->id);
	}
	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];

		bool comes_back = a->phase == PHASE_BACKOFF && !a->wait_is_parked &&
		    !is_pool_closed(b, &b->pools[a->pool]);

		/* Of several that wait in one, one goes first. */
		if (i == agent || (comes_back && b->agents[agent].nr_attempts > 0))
			continue;
		SIM_CHECK((!comes_back && !a->running_at) ||
			dir_of(s, a->task->id) != dir_of(s, id),
		    "%s starts while %s is not through", id, a->task->id);
	}
}

/* ---- pools: reckoned here anew, from the attempts ------------------------------------------ */

static uint32_t in_flight_on(const struct batch *b, uint32_t account)
{
	uint32_t i, nr = 0;

	for (i = 0; i < b->nr_agents; i++)
		nr += b->agents[i].phase == PHASE_RUNNING && b->agents[i].account == account;
	return nr;
}

/* Whether what the row met on that account last is still to be waited for. */
static bool is_kept_from(const struct sim *s, const struct agent *a, uint32_t account)
{
	uint32_t i;

	if (a->phase != PHASE_BACKOFF || a->wait_why == WAIT_OPERATOR)
		return false;
	for (i = a->nr_attempts; i-- > 0;) {
		const struct attempt *at = &a->attempts[i];

		if (strcmp(at->account, s->batch.accounts[account].name) == 0)
			return at->wait_is_account && at->wait_until_m > s->w.now.mono_ms &&
			    (!at->wait_is_wall || at->wait_until_t > s->w.now.wall_ms);
	}
	return false;
}

/* It goes on with what it has begun there, unless it is closed to it. */
static bool keeps_session(const struct sim *s, const struct agent *a, uint32_t account)
{
	const struct batch *b = &s->batch;

	return a->phase == PHASE_BACKOFF && can_resume((void *)s, 0) && a->account != account &&
	    b->accounts[a->account].is_member &&
	    b->accounts[a->account].gate.state != GATE_CLOSED && !is_kept_from(s, a, a->account) &&
	    session_to_resume(agent_last_judged(a), b->accounts[a->account].name);
}

static bool may_start_on(const struct sim *s, const struct agent *a, uint32_t account)
{
	int64_t again_m;

	return gate_lets_start(&s->batch.accounts[account].gate, s->w.now, &again_m) &&
	    !is_kept_from(s, a, account) && !keeps_session(s, a, account);
}

/* Its first start in this cycle goes to the account of its pool that has its session. */
static bool is_home(const struct sim *s, const struct agent *a, uint32_t account)
{
	return s->c.live[a - s->batch.agents].session_at == account + 1 && !agent_last_judged(a) &&
	    s->batch.accounts[account].is_member && s->batch.accounts[account].pool == a->pool;
}

/* The least loaded of those that it may start on, the first of them in the pool's order. */
static void check_account(const struct sim *s, uint32_t agent)
{
	const struct batch *b = &s->batch;
	const struct agent *a = &b->agents[agent];
	const struct pool *pool = &b->pools[a->pool];
	uint32_t chosen = s->w.account, load = in_flight_on(b, chosen), i;
	bool is_before = true;

	SIM_CHECK(may_start_on(s, a, chosen), "%s starts on %s, which does not take it",
	    a->task->id, b->accounts[chosen].name);
	for (i = 0; i < pool->nr_members; i++) {
		uint32_t k = pool->members[i], other = in_flight_on(b, k);

		is_before = is_before && k != chosen;
		SIM_CHECK(k == chosen || !may_start_on(s, a, k) || !is_home(s, a, k),
		    "%s starts on %s, not on %s, which has its session", a->task->id,
		    b->accounts[chosen].name, b->accounts[k].name);
		SIM_CHECK(k == chosen || is_home(s, a, chosen) || !may_start_on(s, a, k) ||
			other > load || (other == load && !is_before),
		    "%s starts on %s with %u in flight, not on %s with %u", a->task->id,
		    b->accounts[chosen].name, load, b->accounts[k].name, other);
	}
}

static bool has_time_come(const struct sim *s, uint32_t agent)
{
	const struct agent *a = &s->batch.agents[agent];

	if (s->c.live[agent].busy)
		return false;
	if (a->status == AGENT_PENDING)
		return a->unmet == 0;
	return a->phase == PHASE_BACKOFF && !a->wait_is_parked &&
	    (s->w.now.mono_ms >= a->wait_until_m ||
		(a->wait_is_wall && s->w.now.wall_ms >= a->wait_until_t));
}

/* After a turn with a slot left nothing stands idle: no row could start on any account. */
static void check_nothing_idle(const struct sim *s)
{
	const struct batch *b = &s->batch;
	uint32_t i, k;

	if (s->c.is_over || s->options.exclusive_dir || s->options.min_free_mem > 0 ||
	    b->is_paused || b->is_draining || s->w.now.mono_ms < s->c.policy.hold_until_m ||
	    (b->jobs > 0 && (int64_t)b->nr_running >= b->jobs) ||
	    (b->not_before_t != NUM_NONE && s->w.now.mono_ms < b->not_before_m &&
		s->w.now.wall_ms < b->not_before_t))
		return;
	for (i = 0; i < b->nr_agents; i++) {
		const struct pool *pool = &b->pools[b->agents[i].pool];

		for (k = 0; has_time_come(s, i) && k < pool->nr_members; k++)
			SIM_CHECK(!may_start_on(s, &b->agents[i], pool->members[k]),
			    "%s could start on %s and does not", b->agents[i].task->id,
			    b->accounts[pool->members[k]].name);
	}
}

/* Nothing starts beyond the budget, over all batches of the run, nor once --halt says so. */
static void check_start(void *ctx, uint32_t agent)
{
	const struct sim *s = ctx;
	const struct options *o = &s->options;
	const struct batch *b = &s->batch;
	const char *id = b->agents[agent].task->id;
	char why[256];

	if (o->exclusive_dir)
		check_dir(s, agent);
	check_account(s, agent);
	SIM_CHECK(o->budget_usd == 0 || s->spent_usd + b->cost_usd < o->budget_usd,
	    "%s starts beyond $%.2f", id, o->budget_usd);
	SIM_CHECK(o->budget_tokens == 0 ||
		(double)(s->spent_tokens + b->tokens_out) < o->budget_tokens,
	    "%s starts beyond %.0f tokens", id, o->budget_tokens);
	SIM_CHECK(o->min_free_mem == 0 || s->free_bytes == NUM_NONE || s->free_bytes >= 1000 ||
		b->nr_running == 0,
	    "%s starts beside others without memory", id);
	SIM_CHECK(!halt_is_reached(&s->c.policy.halt, b, why, sizeof(why)), "%s starts after %s",
	    id, why);
	SIM_CHECK(!o->halt || strcmp(o->halt, "soon,fail=1") != 0 ||
		b->counts[AGENT_FAILED] <= b->counts_then[AGENT_FAILED],
	    "%s starts after a failure", id);
}

/* ---- what must hold at any moment --------------------------------------------------------------- */

static void check_counts(const struct sim *s)
{
	const struct batch *b = &s->batch;
	uint32_t counts[AGENT__COUNT] = {0}, slots = 0, i;

	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];
		const char *id = a->task->id;

		counts[a->status]++;
		if (a->phase == PHASE_RUNNING || a->phase == PHASE_VALIDATING)
			slots++;
		SIM_CHECK(a->status == AGENT_IN_PROGRESS || a->phase == PHASE_NONE, "%s", id);
		SIM_CHECK(a->charged <= (uint32_t)s->options.attempts || s->operator_retried,
		    "%s is charged %u attempts", id, a->charged);
		SIM_CHECK(a->phase != PHASE_BACKOFF ||
			a->wait_until_m - s->w.now.mono_ms <= a->wait_until_t - a->wait_from_t,
		    "%s waits longer than was planned", id);
		SIM_CHECK(a->hard_ends <= 2 || s->operator_retried, "%s ended hard %u times", id,
		    a->hard_ends);
	}
	for (i = 0; i < AGENT__COUNT; i++)
		SIM_CHECK(counts[i] == b->counts[i], "count of %s is %u, not %u",
		    status_name((enum agent_status)i), b->counts[i], counts[i]);
	SIM_CHECK(slots == b->nr_running, "%u slots are counted as %u", slots, b->nr_running);
}

static void check_same_gate(const struct gate *x, const struct gate *y)
{
	SIM_CHECK(x->state == y->state && x->until_t == y->until_t && x->until_m == y->until_m,
	    "gate %s, replayed %s", gate_state_name(x->state), gate_state_name(y->state));
	SIM_CHECK(x->width == y->width && x->pace_ms == y->pace_ms && x->burst == y->burst,
	    "width or pace of a gate");
	SIM_CHECK(x->nr_in_flight == y->nr_in_flight && x->nr_starts == y->nr_starts &&
		x->served == y->served && x->tries == y->tries && x->probe_seq == y->probe_seq,
	    "what a gate has seen");
	SIM_CHECK(x->doubt.is_free == y->doubt.is_free && x->doubt.nr == y->doubt.nr &&
		x->doubt.nr_refused == y->doubt.nr_refused && x->doubt.pace_ms == y->doubt.pace_ms,
	    "what a gate doubts");
	SIM_CHECK(x->level >= y->level && x->level <= y->level && x->level_m == y->level_m,
	    "a gate holds %f, replayed %f", x->level, y->level);
}

static void check_same(const struct batch *a, const struct batch *b)
{
	uint32_t i;

	for (i = 0; i < a->nr_agents; i++) {
		const struct agent *x = &a->agents[i], *y = &b->agents[i];
		const char *id = x->task->id;

		SIM_CHECK(x->status == y->status && x->phase == y->phase, "%s: %s/%s, %s/%s", id,
		    status_name(x->status), phase_name(x->phase), status_name(y->status),
		    phase_name(y->phase));
		SIM_CHECK(x->last_n == y->last_n && x->charged == y->charged, "%s", id);
		SIM_CHECK(x->hard_ends == y->hard_ends && x->unmet == y->unmet, "%s", id);
		SIM_CHECK(x->waited_ms == y->waited_ms, "%s", id);
		if (x->phase == PHASE_BACKOFF)
			SIM_CHECK(x->wait_until_t == y->wait_until_t &&
				x->wait_until_m == y->wait_until_m,
			    "%s waits until %lld, replayed %lld", id, (long long)x->wait_until_m,
			    (long long)y->wait_until_m);
	}
	SIM_CHECK(a->nr_attempts == b->nr_attempts, "attempts");
	for (i = 0; i < a->nr_accounts; i++)
		check_same_gate(&a->accounts[i].gate, &b->accounts[i].gate);
	for (i = 0; i < a->nr_pools; i++)
		SIM_CHECK(a->pools[i].ready.nr == b->pools[i].ready.nr &&
			a->pools[i].waiting.nr == b->pools[i].waiting.nr,
		    "pool %s", a->pools[i].name);
}

/* The journal alone tells everything: folded again it gives the state that lives. */
static void check_replay(const struct sim *s)
{
	struct batch again;

	if (s->is_writing || s->c.out.len)
		return;
	fold_disk(s, &again);
	check_same(&s->batch, &again);
	batch_release(&again);
}

static void check_executions(const struct sim *s)
{
	uint64_t ran = 0;
	size_t i;

	for (i = 0; i < s->w.nr_procs; i++)
		if (s->w.procs[i].batch_no == s->w.batch_no &&
		    s->w.procs[i].ref.kind == RECORD_AGENT && s->w.procs[i].state != PROC_VOID)
			ran++;
	SIM_CHECK(ran == s->batch.nr_attempts, "%llu ran, %llu are journalled",
	    (unsigned long long)ran, (unsigned long long)s->batch.nr_attempts);
}

static bool is_taken(const struct sim *s, uint32_t agent)
{
	uint32_t i;

	for (i = 0; i < s->c.nr_rows; i++)
		if (s->c.rows[i].task == agent)
			return true;
	return false;
}

/* It has failed alike in as many cycles as --give-up-after allows. */
static bool has_had_enough(const struct sim *s, const struct agent *a)
{
	struct buf fingerprint = BUF_INIT;
	uint32_t nr = 0;

	if (s->options.give_up_after > 0 && fingerprint_of(a, &fingerprint))
		nr = 1 + op_cycles_failed_alike((void *)s, a->task->id, fingerprint.data);
	buf_release(&fingerprint);
	return nr > 0 && nr >= (uint32_t)s->options.give_up_after;
}

static void check_cycle(const struct sim *s)
{
	const struct batch *b = &s->batch;
	uint32_t i;

	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];
		bool taken = is_taken(s, i);

		SIM_CHECK(!taken || a->status == AGENT_FAILED || a->status == AGENT_SKIPPED,
		    "%s is %s and goes into the next cycle", a->task->id, status_name(a->status));
		if (a->status == AGENT_FAILED)
			SIM_CHECK(taken ==
				(class_in_next_cycle(a->class, s->options.retry_on) &&
				    !has_had_enough(s, a)),
			    "%s failed by %s and is %staken", a->task->id, class_name(a->class),
			    taken ? "" : "not ");
	}
}

/* Whether something outside the batch must change before any row of it can go on. */
static bool is_halted(const struct sim *s)
{
	const struct batch *b = &s->batch;
	uint32_t i, k;

	for (i = 0; i < b->nr_pools; i++) {
		const struct pool *pool = &b->pools[i];

		for (k = 0; (pool->ready.nr || pool->waiting.nr) && k < pool->nr_members; k++) {
			const struct gate *g = &b->accounts[pool->members[k]].gate;

			if (g->state != GATE_CLOSED ||
			    (g->until_t != NUM_NONE &&
				g->until_t - s->w.now.wall_ms <= s->c.policy.max_wait_ms))
				return false;
		}
	}
	return true;
}

static void check_end(const struct sim *s)
{
	const struct batch *b = &s->batch;
	uint32_t left = b->counts[AGENT_PENDING] + b->counts[AGENT_IN_PROGRESS];
	struct decision stop;

	SIM_CHECK(world_nr_running(&s->w) == 0, "the batch ends while something runs");
	check_executions(s);
	if (b->end == END_FINISHED) {
		SIM_CHECK(left == 0, "%u agents are left", left);
		SIM_CHECK((b->counts[AGENT_COMPLETED] == b->nr_agents) == (b->exit_code == 0),
		    "exit code %lld", (long long)b->exit_code);
	} else {
		SIM_CHECK(b->exit_code == 3, "stopped with exit code %lld",
		    (long long)b->exit_code);
		SIM_CHECK(b->is_draining || is_halted(s) || s->c.over.resume_t != NUM_NONE ||
			decide_stop(b, &s->c.policy, &stop),
		    "it stops for no reason");
	}
	if (!s->c.has_child)
		return;
	SIM_CHECK(!decide_stop(b, &s->c.policy, &stop), "a cycle comes after %s", stop.why);
	check_cycle(s);
}

/* ---- faults -------------------------------------------------------------------------------------- */

static void random_verb(struct sim *s)
{
	static const enum ctl_verb verbs[] = {CTL_PAUSE, CTL_RESUME, CTL_RESUME, CTL_JOBS,
	    CTL_CANCEL, CTL_RETRY, CTL_RETRY, CTL_SKIP_WAIT, CTL_GATE_OPEN, CTL_STOP};
	struct dice *d = &s->w.dice;
	struct ctl_request q = {.verb = verbs[dice_below(d, ARRAY_LEN(verbs))]};
	struct buf message = BUF_INIT;
	char id[16];
	char *ids[1] = {id};
	bool ok;

	snprintf(id, sizeof(id), "%s", s->tasks.v[dice_below(d, s->tasks.nr)].id);
	q.n = dice_below(d, 6);
	if (q.verb == CTL_CANCEL || q.verb == CTL_RETRY) {
		q.ids = ids;
		q.nr_ids = 1;
	}
	if (q.verb == CTL_GATE_OPEN)
		q.account = (char *)sim_accounts[dice_below(d, SIM_ACCOUNTS)]; /* perhaps of none */
	if (q.verb == CTL_STOP && s->nr_stops++ > 2)
		q.verb = CTL_RESUME;
	conductor_verb(&s->c, &q, s->w.now, &ok, &message);
	if (q.verb == CTL_RETRY && ok)
		s->operator_retried = true;
	SIM_CHECK(message.len > 0, "a verb without an answer");
	buf_release(&message);
}

static void inject(struct sim *s)
{
	struct dice *d = &s->w.dice;

	if (!dice_chance(d, s->fault_per_mille))
		return;
	switch (dice_below(d, 8)) {
	case 0:
	case 1:
		conductor_dies(s);
		break;
	case 2:
		conductor_dies(s);
		world_reboot(&s->w);
		break;
	case 3:
		s->w.now.wall_ms +=
		    (int64_t)dice_below(d, 7200000) - 3600000; /* the clock is set */
		break;
	case 4:
		s->w.disk_refuses = !s->w.disk_refuses;
		break;
	default:
		random_verb(s);
		break;
	}
}

/* ---- a step ------------------------------------------------------------------------------------------ */

/* A power cut or a kill in the middle of a write leaves any beginning of it. */
static void tear_write(struct sim *s)
{
	buf_add(&s->w.disk, s->writing.data, dice_below(&s->w.dice, (uint32_t)s->writing.len + 1));
	conductor_dies(s);
}

static void serve_disk(struct sim *s)
{
	if (!s->is_writing) {
		s->is_writing = conductor_take(&s->c, &s->writing);
		return;
	}
	if (s->w.disk_refuses) {
		conductor_disk_refused(&s->c, "no space left on device", s->w.now);
		if (dice_chance(&s->w.dice, 300))
			s->w.disk_refuses = false;
		return;
	}
	if (s->fault_per_mille && dice_chance(&s->w.dice, 10)) {
		tear_write(s);
		return;
	}
	buf_add(&s->w.disk, s->writing.data, s->writing.len);
	buf_reset(&s->writing);
	s->is_writing = false;
	if (s->fault_per_mille && dice_chance(&s->w.dice, 5)) {
		conductor_dies(s); /* between the flush and the starts it allows */
		return;
	}
	conductor_flushed(&s->c, s->w.now);
}

static int64_t next_moment(const struct sim *s)
{
	int64_t at = world_next(&s->w);

	if (s->c.wake_m < at)
		at = s->c.wake_m;
	if (s->c.wake_t != NEVER && s->w.now.mono_ms + (s->c.wake_t - s->w.now.wall_ms) < at)
		at = s->w.now.mono_ms + (s->c.wake_t - s->w.now.wall_ms);
	return at;
}

static void pass_time(struct sim *s)
{
	int64_t at = next_moment(s);
	struct ctl_request resume = {.verb = CTL_RESUME};
	struct buf message = BUF_INIT;
	bool ok;

	if (s->is_writing || s->w.disk_refuses) {
		world_advance(&s->w, s->w.now.mono_ms + 1 + dice_below(&s->w.dice, 50));
		if (dice_chance(&s->w.dice, 300))
			s->w.disk_refuses = false;
		return;
	}
	if (at == INT64_MAX && !s->c.is_over) {
		SIM_CHECK(s->batch.is_paused, "nothing will ever happen again");
		conductor_verb(&s->c, &resume, s->w.now, &ok, &message);
		buf_release(&message);
		return;
	}
	if (at != INT64_MAX)
		world_advance(&s->w, at);
}

/* true: the batch has ended. */
static bool step(struct sim *s)
{
	if (!s->is_alive) {
		world_advance(&s->w, s->w.now.mono_ms + dice_below(&s->w.dice, 30000));
		s->nr_resumes++;
		conductor_lives(s);
	}
	world_deliver(&s->w);
	conductor_turn(&s->c, s->w.now);
	check_counts(s);
	check_nothing_idle(s);
	serve_disk(s);
	if (!s->is_alive)
		return false;
	check_counts(s);
	if (s->c.is_over && conductor_is_settled(&s->c)) {
		check_replay(s);
		if (s->c.is_finished)
			return true;
		conductor_finish(&s->c, NULL, s->w.now);
		return false;
	}
	inject(s);
	if (s->is_alive && (s->c.out.len == 0 || s->is_writing) &&
	    (!s->c.nr_queue || s->w.now.mono_ms < s->c.policy.hold_until_m))
		pass_time(s);
	return false;
}

static void run_batch(struct sim *s)
{
	unsigned steps = 0;

	conductor_lives(s);
	while (!step(s)) {
		SIM_CHECK(++steps < MAX_STEPS, "the batch does not end");
		if (steps % 64 == 0 && s->is_alive)
			check_replay(s);
	}
	check_end(s);
}

/* ---- cycles -------------------------------------------------------------------------------------------- */

static void note_done(struct sim *s)
{
	struct buf fingerprint = BUF_INIT;
	uint32_t i;

	for (i = 0; i < s->batch.nr_agents; i++) {
		buf_reset(&fingerprint);
		if (fingerprint_of(&s->batch.agents[i], &fingerprint))
			buf_fmt(&s->failures, "%s %s\n", s->batch.agents[i].task->id,
			    fingerprint.data);
	}
	buf_release(&fingerprint);

	for (i = 0; i < s->batch.nr_agents; i++)
		if (s->batch.agents[i].status == AGENT_COMPLETED)
			snprintf(s->done[s->nr_done++], sizeof(s->done[0]), "%s",
			    s->batch.agents[i].task->id);
}

static void end_batch(struct sim *s)
{
	conductor_release(&s->c);
	batch_release(&s->batch);
	graph_release(&s->graph);
	tasks_release(&s->tasks);
	s->is_alive = false;
}

static void go_to_child(struct sim *s)
{
	struct err err = ERR_INIT;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	SIM_CHECK(tasks_write_retry(f, &s->tasks, s->c.rows, s->c.nr_rows, &err) == 0, "%s",
	    err.msg);
	fclose(f);
	note_done(s);
	s->spent_usd += s->batch.cost_usd;
	s->spent_tokens += s->batch.tokens_out;
	buf_reset(&s->csv);
	buf_add(&s->csv, text, len);
	free(text);
	end_batch(s);
	s->cycle++;
	world_new_batch(&s->w);
	read_tasks(s);
}

/* A stopped batch is resumed by a person, a few times. */
static bool person_resumes(struct sim *s)
{
	if (s->batch.end != END_STOPPED || s->nr_resumes > 12 || dice_chance(&s->w.dice, 300))
		return false;
	conductor_dies(s);
	s->nr_resumes++;
	if (dice_chance(&s->w.dice, 700)) { /* and is given more */
		s->options.budget_usd *= 2;
		s->options.budget_tokens *= 2;
	}
	if (s->accounts && dice_chance(&s->w.dice, 200)) /* or other keys */
		random_accounts(s);
	else if (s->accounts && dice_chance(&s->w.dice, 100))
		s->accounts = "";
	return true;
}

static void run_one(uint64_t seed, bool verbose)
{
	struct sim s = {.seed = seed};
	uint64_t starts;

	current = &s;
	world_init(&s.w, seed);
	buf_init(&s.csv);
	buf_init(&s.writing);
	buf_init(&s.failures);
	s.w.script_of = script_of;
	s.w.check_start = check_start;
	s.w.ctx = &s;
	random_options(&s);
	random_csv(&s);
	read_tasks(&s);
	for (;;) {
		run_batch(&s);
		if (person_resumes(&s))
			continue;
		if (!s.c.has_child)
			break;
		SIM_CHECK((int)s.cycle < s.options.max_retries, "more cycles than allowed");
		go_to_child(&s);
	}
	starts = s.w.nr_starts;
	end_batch(&s);
	options_release(&s.options);
	buf_release(&s.csv);
	buf_release(&s.writing);
	buf_release(&s.failures);
	world_release(&s.w);
	if (verbose)
		printf("# seed %llu: %u cycles, %llu executions, %u kills, %u resumes\n",
		    (unsigned long long)seed, s.cycle, (unsigned long long)starts, s.nr_kills,
		    s.nr_resumes);
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, count = 2000, i;
	bool verbose = false;
	int k;

	for (k = 1; k < argc; k++) {
		if (strcmp(argv[k], "--verbose") == 0)
			verbose = true;
		else if (strcmp(argv[k], "--seed") == 0 && k + 1 < argc)
			seed = strtoull(argv[++k], NULL, 10);
		else if (strcmp(argv[k], "--count") == 0 && k + 1 < argc)
			count = strtoull(argv[++k], NULL, 10);
		else
			return 2;
	}
	for (i = 0; i < count; i++)
		run_one(seed + i, verbose);
	printf("ok 1 - %llu random batches from seed %llu keep every promise\n1..1\n",
	    (unsigned long long)count, (unsigned long long)seed);
	return 0;
}
