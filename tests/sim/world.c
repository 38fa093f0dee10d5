#include "world.h"
#include "base/xalloc.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sim_accounts[SIM_ACCOUNTS] = {
    "alpha", "beta", "alpha/a", "alpha/b", "alpha/c", "beta/x", "beta/y"};

/* SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to choose faults with. */
uint64_t dice_next(struct dice *d)
{
	uint64_t z = (d->state += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
	return n ? (uint32_t)(dice_next(d) % n) : 0;
}

bool dice_chance(struct dice *d, uint32_t per_mille)
{
	return dice_below(d, 1000) < per_mille;
}

/* ---- processes ------------------------------------------------------------------ */

static bool same(struct attempt_ref a, struct attempt_ref b)
{
	return a.agent == b.agent && a.n == b.n && a.kind == b.kind;
}

static struct proc *find(struct world *w, struct attempt_ref ref)
{
	size_t i;

	for (i = w->nr_procs; i-- > 0;)
		if (w->procs[i].batch_no == w->batch_no && same(w->procs[i].ref, ref))
			return &w->procs[i];
	return NULL;
}

static uint32_t run_attempts(const struct world *w, const char *id)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < w->nr_procs; i++)
		if (w->procs[i].ref.kind == RECORD_AGENT && w->procs[i].state != PROC_VOID &&
		    strcmp(w->procs[i].id, id) == 0)
			n++;
	return n;
}

uint32_t world_nr_running(const struct world *w)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < w->nr_procs; i++)
		if (w->procs[i].state == PROC_RUNNING)
			n++;
	return n;
}

static struct proc *add_proc(struct world *w, struct attempt_ref ref)
{
	struct proc *p;

	VEC_GROW(w->procs, w->nr_procs, w->cap_procs);
	p = &w->procs[w->nr_procs++];
	*p = (struct proc){.ref = ref, .batch_no = w->batch_no};
	snprintf(p->id, sizeof(p->id), "%s", w->batch->agents[ref.agent].task->id);
	return p;
}

static void fill_exit(const struct proc *p, struct ev_exit *exit)
{
	*exit = (struct ev_exit){.how = EXIT_CODE,
	    .value = p->script.class == CLASS_SUCCESS ? 0 : 1,
	    .log_to = 100 * (int64_t)p->ref.n,
	    .rss_kb = 1000,
	    .cpu_ms = 1,
	    .killed = p->killed};
	if (p->script.class == CLASS_CRASH) {
		exit->how = EXIT_SIGNAL;
		exit->value = 11;
	}
	if (p->killed != KILL_NONE) {
		exit->how = EXIT_SIGNAL;
		exit->value = p->script.ignores_term ? 9 : 15;
	}
}

/* ---- the executor ----------------------------------------------------------------- */

static struct world *world_of(struct executor *ex)
{
	return (struct world *)(void *)((char *)ex - offsetof(struct world, ex));
}

/* Counted here anew, from the agents themselves: nobody starts behind a closed gate, no second one
 * while one probes, and no more than its width lets in. */
static void check_gate(const struct batch *b, const struct agent *starting, uint32_t account,
    const char *id)
{
	const struct gate *g = &b->accounts[account].gate;
	uint32_t i, in_flight = 0, probes = 0;

	SIM_CHECK(b->accounts[account].is_member && b->accounts[account].pool == starting->pool,
	    "%s starts on %s, which is not of its pool", id, b->accounts[account].name);
	SIM_CHECK(g->state != GATE_CLOSED, "%s starts behind a gate", id);
	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];

		if (a->phase != PHASE_RUNNING || a->account != account)
			continue;
		in_flight++;
		probes += agent_last_attempt(a)->seq >= g->ramp_seq;
	}
	SIM_CHECK(in_flight == g->nr_in_flight, "%u are in flight, not %u", in_flight,
	    g->nr_in_flight);
	SIM_CHECK(g->state != GATE_PROBING || probes == 0, "%s starts beside a probe", id);
	SIM_CHECK(g->width == NUM_NONE || in_flight == 0 || in_flight < g->width,
	    "%s is one more than %lld", id, (long long)g->width);
}

/* What must hold whenever an attempt is about to be journalled. */
static int op_prepare(struct executor *ex, struct attempt_ref ref, int64_t *log_from,
    struct err *err)
{
	struct world *w = world_of(ex);
	const struct batch *b = w->batch;
	const struct agent *a = &b->agents[ref.agent];
	const char *id = a->task->id;

	if (w->disk_refuses)
		return err_set(err, "no space left on device");
	w->prepared = ref;
	if (ref.kind == RECORD_VALIDATE)
		return 0;
	SIM_CHECK(!b->is_paused && !b->is_draining, "%s starts while paused", id);
	check_gate(b, a, w->account, id);
	SIM_CHECK(b->jobs == 0 || (int64_t)b->nr_running < b->jobs, "%s has no slot", id);
	SIM_CHECK(a->unmet == 0, "%s starts before its parents", id);
	SIM_CHECK(a->status == AGENT_PENDING || a->phase == PHASE_BACKOFF, "%s starts while %s", id,
	    status_name(a->status));
	SIM_CHECK(a->phase != PHASE_BACKOFF || w->now.mono_ms >= a->wait_until_m ||
		(a->wait_is_wall && w->now.wall_ms >= a->wait_until_t),
	    "%s starts before its wait is over", id);
	SIM_CHECK(b->not_before_t == NUM_NONE || w->now.mono_ms >= b->not_before_m ||
		w->now.wall_ms >= b->not_before_t,
	    "%s starts before the cool-off is over", id);
	w->check_start(w->ctx, ref.agent);
	*log_from = 100 * (int64_t)(ref.n - 1);
	return 0;
}

/* Whether a whole line with all these words is on disk. */
static bool has_line(const struct world *w, const char *a, const char *b, const char *c)
{
	const char *line = w->disk.data, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		char *copy = xstrndup(line, (size_t)(end - line));
		bool all = strstr(copy, a) && strstr(copy, b) && strstr(copy, c);

		free(copy);
		if (all)
			return true;
	}
	return false;
}

static bool is_on_disk(const struct world *w, struct attempt_ref ref, const char *id)
{
	char want[64], number[32];

	snprintf(want, sizeof(want), "\"id\":\"%s\"", id);
	snprintf(number, sizeof(number), "\"n\":%u,", ref.n);
	if (ref.kind == RECORD_VALIDATE)
		return has_line(w, want, "\"validating\"", "\"status\"");
	return has_line(w, want, number, "\"start\"");
}

static void check_alone(const struct world *w, struct attempt_ref ref, const char *id)
{
	size_t i;

	for (i = 0; i < w->nr_procs; i++) {
		const struct proc *p = &w->procs[i];

		if (strcmp(p->id, id) != 0 || p->is_gone)
			continue;
		SIM_CHECK(ref.kind == RECORD_VALIDATE && p->state == PROC_ENDED,
		    "%s attempt %u starts while attempt %u is there", id, ref.n, p->ref.n);
	}
}

/* A script that ends well asks the service first, and is told off where that has no room. */
static void ask_service(struct world *w, const char *account, struct script *script)
{
	struct service *s = NULL;
	int64_t told_s;
	size_t i;

	for (i = 0; i < SIM_ACCOUNTS; i++)
		if (strcmp(sim_accounts[i], account) == 0)
			s = &w->services[i];
	SIM_CHECK(s, "there is no account %s", account);
	if (script->class != CLASS_SUCCESS)
		return;
	if (service_ask(s, w->now.mono_ms, &told_s)) {
		script->service = s;
		return;
	}
	script->class = s->kind == SERVICE_USAGE ? CLASS_USAGE_LIMIT : CLASS_RATE_LIMIT;
	script->runs_ms = dice_below(&w->dice, 500);
	if (told_s != TOLD_NOTHING)
		script->retry_after_ms = told_s * 1000;
}

/* Lost ones too: a process that is gone asks nothing. */
static void leave_service(struct proc *p)
{
	if (p->script.service)
		service_done(p->script.service);
	p->script.service = NULL;
}

static enum start_result op_start(struct executor *ex, struct attempt_ref ref, struct err *err)
{
	struct world *w = world_of(ex);
	const char *id = w->batch->agents[ref.agent].task->id;
	uint32_t earlier = run_attempts(w, id);
	struct proc *p;

	if (dice_chance(&w->dice, w->busy_per_mille)) {
		err_set(err, "resource temporarily unavailable");
		return START_BUSY;
	}
	SIM_CHECK(is_on_disk(w, ref, id), "%s attempt %u starts before it is on disk", id, ref.n);
	SIM_CHECK(!find(w, ref), "%s attempt %u starts twice", id, ref.n);
	check_alone(w, ref, id);
	p = add_proc(w, ref);
	p->state = PROC_RUNNING;
	p->script = w->script_of(w->ctx, id, earlier + 1);
	if (ref.kind == RECORD_VALIDATE) {
		SIM_CHECK(w->prepared.kind == ref.kind && w->prepared.agent == ref.agent &&
			w->prepared.n == ref.n,
		    "the validation of %s attempt %u starts unprepared", id, ref.n);
		p->script.class = dice_chance(&w->dice, 700) ? CLASS_SUCCESS : CLASS_TASK_ERROR;
		p->script.leftovers_ms = 0;
	} else {
		w->nr_starts++;
		ask_service(w, w->batch->accounts[w->batch->agents[ref.agent].account].name,
		    &p->script);
	}
	p->end_m = w->now.mono_ms + p->script.runs_ms;
	p->gone_m = p->end_m + p->script.leftovers_ms;
	return START_OK;
}

static void op_kill(struct executor *ex, struct attempt_ref ref, enum kill_why why, bool now)
{
	struct world *w = world_of(ex);
	struct proc *p = find(w, ref);
	int64_t dies_m = w->now.mono_ms;

	if (!p || p->state != PROC_RUNNING || p->end_m <= w->now.mono_ms)
		return;
	if (p->script.ignores_term && !now)
		dies_m += w->grace_ms;
	if (p->end_m <= dies_m)
		return; /* it ends by itself within the grace: an exit that comes first wins */
	if (p->killed == KILL_NONE)
		p->killed = why;
	p->end_m = dies_m;
	p->gone_m = dies_m;
}

static enum probe_result op_probe(struct executor *ex, struct attempt_ref ref, struct ev_exit *exit)
{
	struct world *w = world_of(ex);
	struct proc *p = find(w, ref);

	if (!p) {
		if (ref.kind == RECORD_AGENT) { /* claims it, so that no late shim can run it */
			p = add_proc(w, ref);
			p->state = PROC_VOID;
			p->is_gone = true;
		}
		return PROBE_VOID;
	}
	switch (p->state) {
	case PROC_VOID:
		return PROBE_VOID;
	case PROC_RUNNING:
		return PROBE_ALIVE;
	case PROC_LOST:
		return PROBE_UNKNOWN;
	case PROC_ENDED:
		if (!p->is_gone)
			return PROBE_ALIVE; /* its leftovers are: the end is told like any other */
		p->told_end = p->told_gone = true;
		fill_exit(p, exit);
		return PROBE_ENDED;
	}
	return PROBE_UNKNOWN;
}

/* Mostly silent, so that stalls are suspected and found. */
static int64_t op_log_size(struct executor *ex, uint32_t agent)
{
	struct world *w = world_of(ex);

	(void)agent;
	return dice_chance(&w->dice, 300) ? w->now.mono_ms : 0;
}

static void op_free(struct executor *ex)
{
	(void)ex;
}

static const struct executor_ops world_ops = {
    .prepare = op_prepare,
    .start = op_start,
    .kill = op_kill,
    .probe = op_probe,
    .log_size = op_log_size,
    .free = op_free,
};

/* ---- time passes -------------------------------------------------------------------- */

static void set_boot(struct world *w)
{
	snprintf(w->boot_id, sizeof(w->boot_id), "boot-%u", ++w->boot);
	w->now.mono_ms = 1000 + dice_below(&w->dice, 1000);
}

void world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->dice.state = seed;
	w->now.wall_ms = 1795262400000;
	w->ex.ops = &world_ops;
	w->grace_ms = 10000;
	buf_init(&w->disk);
	set_boot(w);
}

void world_release(struct world *w)
{
	buf_release(&w->disk);
	free(w->procs);
}

void world_new_batch(struct world *w)
{
	w->batch_no++;
	buf_reset(&w->disk);
}

static int64_t proc_next(const struct proc *p)
{
	if (p->state == PROC_RUNNING)
		return p->end_m;
	if (p->state == PROC_ENDED && !p->is_gone)
		return p->gone_m;
	return INT64_MAX;
}

int64_t world_next(const struct world *w)
{
	int64_t best = INT64_MAX;
	size_t i;

	for (i = 0; i < w->nr_procs; i++)
		if (proc_next(&w->procs[i]) < best)
			best = proc_next(&w->procs[i]);
	return best;
}

void world_advance(struct world *w, int64_t to_m)
{
	int64_t span = to_m > w->now.mono_ms ? to_m - w->now.mono_ms : 0;
	size_t i;

	w->now.mono_ms += span;
	w->now.wall_ms += span;
	for (i = 0; i < w->nr_procs; i++) {
		struct proc *p = &w->procs[i];

		if (p->state == PROC_RUNNING && p->end_m <= w->now.mono_ms) {
			p->state = PROC_ENDED;
			leave_service(p);
		}
		if (p->state == PROC_ENDED && p->gone_m <= w->now.mono_ms)
			p->is_gone = true;
	}
}

void world_deliver(struct world *w)
{
	size_t i;

	for (i = 0; i < w->nr_procs; i++) {
		struct proc *p = &w->procs[i];
		struct ev_exit exit;

		if (p->batch_no != w->batch_no || p->state != PROC_ENDED)
			continue;
		if (!p->told_end) {
			p->told_end = true;
			fill_exit(p, &exit);
			w->ex.on_end(w->ex.ctx, p->ref, &exit);
			p = &w->procs[i];
		}
		if (p->is_gone && !p->told_gone) {
			p->told_gone = true;
			w->ex.on_gone(w->ex.ctx, p->ref);
		}
	}
}

void world_conductor_died(struct world *w)
{
	size_t i;

	for (i = 0; i < w->nr_procs; i++) {
		struct proc *p = &w->procs[i];
		bool is_alive = p->state == PROC_RUNNING || (p->state == PROC_ENDED && !p->is_gone);

		p->told_end = p->told_gone = !is_alive;
	}
	w->disk_refuses = false;
}

void world_reboot(struct world *w)
{
	size_t i;

	for (i = 0; i < w->nr_procs; i++) {
		struct proc *p = &w->procs[i];

		if (p->state == PROC_RUNNING) {
			p->state = PROC_LOST;
			leave_service(p);
		}
		p->is_gone = true;
		p->told_end = p->told_gone = true;
	}
	set_boot(w);
	w->now.wall_ms += 60000;
}
