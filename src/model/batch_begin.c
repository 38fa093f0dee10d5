/* The fold of `batch` events: a batch begins, or somebody comes to conduct it again. */
#include "model/batch_orders.h"

#include <string.h>

/* Monotonic time begins anew at a boot: what is left of a wait is left by the wall clock, but
 * never more than was planned. */
static int64_t rebase(int64_t until_t, int64_t planned_ms, const struct event *ev)
{
	int64_t left = until_t - ev->t;

	if (left < 0)
		left = 0;
	if (left > planned_ms)
		left = planned_ms;
	return ev->m + left;
}

static void rebase_account_waits(struct batch *b, struct agent *a, const struct event *ev)
{
	uint32_t i;

	for (i = 0; i < a->nr_attempts; i++) {
		struct attempt *at = &a->attempts[i];

		if (at->wait_is_account)
			at->wait_until_m =
			    rebase(at->wait_until_t, at->wait_until_t - a->wait_from_t, ev);
	}
	batch_settle_wait(b, a, ev->t, ev->m);
}

static void rebase_waits(struct batch *b, const struct event *ev)
{
	uint32_t i;

	for (i = 0; i < b->nr_agents; i++) {
		struct agent *a = &b->agents[i];

		if (a->phase != PHASE_BACKOFF)
			continue;
		a->wait_until_m = rebase(a->wait_until_t, a->wait_until_t - a->wait_from_t, ev);
		batch_put_waiting(b, a);
		rebase_account_waits(b, a, ev);
	}
	for (i = 0; i < b->nr_accounts; i++) {
		struct account *acc = &b->accounts[i];

		if (acc->gate.until_t != NUM_NONE)
			acc->gate.until_m = rebase(acc->gate.until_t, INT64_MAX / 4, ev);
		gate_reboot(&acc->gate, ev->m);
	}
	if (b->not_before_t != NUM_NONE)
		b->not_before_m = rebase(b->not_before_t, INT64_MAX / 4, ev);
}

void batch_go_on(struct batch *b)
{
	b->is_paused = b->is_draining = b->is_cancelling = false;
	b->stop_why = NULL;
	memcpy(b->counts_then, b->counts, sizeof(b->counts_then));
}

/* What a person does by resuming: gates that waited for one open, parked waits go on. */
static void person_acted(struct batch *b)
{
	uint32_t i;

	for (i = 0; i < b->nr_accounts; i++) {
		struct account *acc = &b->accounts[i];

		if (acc->gate.state == GATE_CLOSED && acc->gate.until_t == NUM_NONE)
			acc->gate.state = GATE_OPEN;
		batch_forget_faults(acc);
	}
	for (i = 0; i < b->nr_agents; i++) {
		struct agent *a = &b->agents[i];

		if (!a->wait_is_parked)
			continue;
		a->wait_is_parked = false;
		b->pools[a->pool].nr_parked--;
		a->waited_ms = 0;
		batch_put_waiting(b, a);
	}
}

/* Where no boot id is to be had, a clock that runs backwards tells it. */
static bool is_other_boot(const struct batch *b, const struct event *ev)
{
	const char *boot = ev->batch.boot;

	return ev->m < b->last_m || (b->boot && boot && strcmp(b->boot, boot) != 0);
}

/* Who waits for an account that is no more in its pool, or beside one that is new, waits anew. */
static void apply_accounts(struct batch *b, const struct event *ev)
{
	uint32_t i;

	if (!ev->batch.accounts)
		return;
	batch_set_accounts(b, ev->batch.accounts);
	for (i = 0; i < b->nr_agents; i++)
		batch_settle_wait(b, &b->agents[i], ev->t, ev->m);
}

void batch_apply_begin(struct batch *b, const struct event *ev)
{
	const struct ev_batch *e = &ev->batch;
	bool is_first = b->version == NULL;

	if (!is_first && ev->t == b->announced_t && ev->m == b->announced_m && e->pid == b->pid)
		return; /* told again */
	if (is_first) {
		b->version = arena_strdup(&b->arena, e->version ? e->version : "");
		b->original = batch_keep(b, e->original);
		b->parent = batch_keep(b, e->parent);
		b->branch = batch_keep(b, e->branch);
		b->options_json = batch_keep(b, e->options_json);
		b->cycle = e->cycle;
		b->kind = e->kind;
		b->started_t = ev->t;
		b->earlier_usd = e->spent_usd > 0 ? e->spent_usd : 0;
		b->earlier_tokens = e->spent_tokens > 0 ? e->spent_tokens : 0;
		b->not_before_t = e->not_before_t;
		if (e->not_before_t != NUM_NONE)
			b->not_before_m = ev->m + (e->not_before_t - ev->t);
	} else if (b->branch && !e->resumed) {
		/* A branch's own conductor takes up what another one has begun for it. */
	} else {
		b->nr_resumes++;
		if (is_other_boot(b, ev))
			rebase_waits(b, ev);
		person_acted(b);
	}
	b->announced_t = ev->t;
	b->announced_m = ev->m;
	b->boot = batch_keep(b, e->boot);
	b->host = batch_keep(b, e->host);
	b->pid = e->pid;
	if (e->jobs != NUM_NONE)
		b->jobs = e->jobs;
	apply_accounts(b, ev);
	batch_go_on(b);
	b->end = END_NONE;
	b->end_why = NULL;
	b->ended_t = NUM_NONE;
}
