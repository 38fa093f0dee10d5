#include "view/model.h"
#include "base/xalloc.h"
#include "view/blockers.h"
#include "view/dir_turns.h"
#include "view/text/duration.h"
#include "view/eta.h"
#include "view/solve_words.h"
#include "view/text/sanitize.h"
#include "view/text/units.h"
#include "view/text/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An estimate moves by seconds, its making walks over all attempts. */
#define ETA_EVERY_MS 5000

/* What is remembered of one batch, so that an ended one is never walked again. */
struct view_cycle_cache {
	const struct batch_reader *batch;
	uint32_t agents; /* as many as `failed_before` is for */
	uint64_t events; /* nr_events when `healed` was counted */
	uint32_t done, healed;
	bool *failed_before; /* by agent: an earlier batch had it and did not complete it */
};

const char *view_filter_word(enum view_filter f)
{
	static const char *const words[VF__COUNT] = {
	    [VF_ALL] = "all",
	    [VF_ACTIVE] = "active",
	    [VF_WAITING] = "waiting",
	    [VF_FAILED] = "failed",
	    [VF_DONE] = "done",
	};

	return words[f];
}

bool view_filter_takes(enum view_filter f, enum style_role role)
{
	switch (f) {
	case VF_ACTIVE:
		return role == ROLE_RUNNING || role == ROLE_VALIDATING;
	case VF_WAITING:
		return role == ROLE_BACKOFF || role == ROLE_PENDING || role == ROLE_BLOCKED;
	case VF_FAILED:
		return role == ROLE_FAILED || role == ROLE_LOST || role == ROLE_CANCELLED ||
		    role == ROLE_SKIPPED;
	case VF_DONE:
		return role == ROLE_COMPLETED;
	case VF_ALL:
	case VF__COUNT:
		break;
	}
	return true;
}

void view_model_init(struct view_model *m, const struct run_reader *run, const char *boot)
{
	*m = (struct view_model){
	    .run = run,
	    .boot = boot,
	    .exit_code = -1,
	    .eta_at_ms = NUM_NONE,
	    .blockers = xcalloc(1, sizeof(struct blockers)),
	    .dir_turns = xcalloc(1, sizeof(struct dir_turns)),
	};
}

void view_model_release(struct view_model *m)
{
	size_t i;

	for (i = 0; i < m->nr_cycles; i++)
		free(m->cycles[i].failed_before);
	free(m->cycles);
	if (m->blockers)
		blockers_release(m->blockers);
	free(m->blockers);
	if (m->dir_turns)
		dir_turns_release(m->dir_turns);
	free(m->dir_turns);
	free(m->rows);
	free(m->places);
	free(m->id_ranks);
	row_filter_release(&m->words);
	tags_release(&m->tags);
	*m = (struct view_model){0};
}

/* ---- rows --------------------------------------------------------------- */

/* Everything that only another batch changes. */
static void take_batch(struct view_model *m, const struct batch_reader *r)
{
	uint32_t i,
	    attempts =
		(uint32_t)(r->manifest.options.attempts > 0 ? r->manifest.options.attempts : 1);
	char text[32];

	m->shown = r;
	m->shown_agents = r->state.nr_agents;
	dir_turns_release(m->dir_turns);
	tags_follow(&m->tags, r);
	m->nr_rows = 0;
	m->sorted_events = UINT64_MAX;
	m->id_ranks_of = NULL;
	m->eta_at_ms = NUM_NONE;
	m->id_columns = 1;
	for (i = 0; i < r->state.nr_agents; i++) {
		size_t w = width_str(r->state.agents[i].task->id);

		if (w > m->id_columns)
			m->id_columns = (uint32_t)w;
	}
	m->try_columns = (uint32_t)snprintf(text, sizeof(text), "%u/%u", attempts, attempts);
	if (m->cap_rows < r->state.nr_agents) {
		m->cap_rows = r->state.nr_agents;
		m->rows = xrealloc(m->rows, m->cap_rows * sizeof(*m->rows));
		m->places = xrealloc(m->places, m->cap_rows * sizeof(*m->places));
	}
}

bool view_model_takes(const struct view_model *m, const struct batch_reader *r, uint32_t agent)
{
	return view_filter_takes(m->filter, shown_role(&r->state.agents[agent])) &&
	    row_filter_takes(&m->words, r, agent);
}

static void sort_rows(struct view_model *m)
{
	view_sort_rows(m);
	m->sorted_order = m->order;
	m->sorted_events = m->shown->state.nr_events;
}

static void count_states(struct view_model *m)
{
	const struct batch *b = &m->shown->state;
	uint32_t i;

	memset(m->counts, 0, sizeof(m->counts));
	for (i = 0; i < b->nr_agents; i++)
		m->counts[shown_role(&b->agents[i])]++;
}

/* ---- the run ------------------------------------------------------------ */

bool view_had_failed(const struct batch *b, uint32_t agent)
{
	enum agent_status s = agent == AGENT_NONE ? AGENT_COMPLETED : b->agents[agent].status;

	return s == AGENT_FAILED || !status_is_final(s);
}

static bool *find_failed_before(const struct run_reader *run, size_t cycle)
{
	const struct batch *b = &run->batches[cycle]->state;
	bool *failed = xcalloc(b->nr_agents ? b->nr_agents : 1, sizeof(*failed));
	uint32_t i;
	size_t k;

	for (i = 0; i < b->nr_agents; i++)
		for (k = 0; k < cycle && !failed[i]; k++) {
			const struct batch *e = &run->batches[k]->state;

			if (run_are_siblings(run->batches[k], run->batches[cycle]))
				continue;
			failed[i] = view_had_failed(e, batch_find(e, b->agents[i].task->id));
		}
	return failed;
}

static void count_healed(struct view_cycle_cache *c, const struct batch *b)
{
	uint32_t i;

	c->events = b->nr_events;
	c->done = b->counts[AGENT_COMPLETED];
	c->healed = 0;
	for (i = 0; i < b->nr_agents; i++)
		if (c->failed_before[i] && b->agents[i].status == AGENT_COMPLETED)
			c->healed++;
}

/* A batch found late may stand before others: what was remembered by place is forgotten. */
static void forget_moved(struct view_model *m)
{
	size_t i;

	for (i = 0; i < m->nr_cycles; i++)
		if (i >= m->run->nr || m->cycles[i].batch != m->run->batches[i] ||
		    m->cycles[i].agents != m->run->batches[i]->state.nr_agents)
			break;
	while (m->nr_cycles > i)
		free(m->cycles[--m->nr_cycles].failed_before);
}

static void update_cycles(struct view_model *m)
{
	size_t i;

	forget_moved(m);
	while (m->nr_cycles < m->run->nr) {
		VEC_GROW(m->cycles, m->nr_cycles, m->cap_cycles);
		m->cycles[m->nr_cycles] = (struct view_cycle_cache){
		    .batch = m->run->batches[m->nr_cycles],
		    .agents = m->run->batches[m->nr_cycles]->state.nr_agents,
		    .events = UINT64_MAX,
		    .failed_before = find_failed_before(m->run, m->nr_cycles),
		};
		m->nr_cycles++;
	}
	for (i = 0; i < m->nr_cycles; i++)
		if (m->cycles[i].events != m->run->batches[i]->state.nr_events)
			count_healed(&m->cycles[i], &m->run->batches[i]->state);
}

/* Whether a branch that stands before this one has completed the row as well. */
static bool is_done_before(const struct run_reader *run, size_t cycle, uint32_t agent)
{
	const struct batch_reader *r = run->batches[cycle];
	size_t k;

	for (k = 0; k < cycle; k++) {
		const struct batch *b = &run->batches[k]->state;
		uint32_t at = run_are_siblings(run->batches[k], r)
		    ? batch_find(b, r->state.agents[agent].task->id)
		    : AGENT_NONE;

		if (at != AGENT_NONE && b->agents[at].status == AGENT_COMPLETED)
			return true;
	}
	return false;
}

/* Two branches may complete a row in the same moment: it counts once. */
static void uncount_twins(struct view_model *m, size_t cycle)
{
	const struct batch *b = &m->run->batches[cycle]->state;
	uint32_t i;

	for (i = 0; b->branch && i < b->nr_agents; i++) {
		if (b->agents[i].status != AGENT_COMPLETED || !is_done_before(m->run, cycle, i))
			continue;
		m->totals.done--;
		m->totals.healed -= m->cycles[cycle].failed_before[i];
	}
}

static void sum_run(struct view_model *m)
{
	struct view_totals *t = &m->totals;
	const struct solve *s = view_solve(m->run);
	size_t i;

	*t = (struct view_totals){
	    .agents = m->run->nr ? m->run->batches[0]->state.nr_agents : 0,
	    .started_t = m->run->nr ? m->run->batches[0]->state.started_t : NUM_NONE,
	    .ended_t = NUM_NONE,
	};
	for (i = 0; i < m->nr_cycles; i++) {
		const struct batch *b = &m->run->batches[i]->state;

		if (i > 0 && b->kind == BATCH_EXTENSION)
			t->agents += b->nr_agents;
		t->done += m->cycles[i].done;
		t->healed += m->cycles[i].healed;
		uncount_twins(m, i);
		if (b->ended_t != NUM_NONE)
			t->ended_t = b->ended_t;
	}
	if (s && s->phase == SOLVE_DONE)
		t->ended_t = s->since_t;
	else if (s && s->is_stopped)
		t->ended_t = m->run->batches[0]->state.last_t;
	/* What two children healed side by side. */
	if (t->done > t->agents)
		t->agents = t->done;
	t->left = t->agents - t->done;
	if (m->exit_code < 0)
		t->ended_t = NUM_NONE;
}

static void update_state(struct view_model *m)
{
	/* Rows that are done are not all of a run with roles. */
	bool is_run = !m->pinned || (view_solve(m->run) && m->pinned == run_reader_last(m->run));

	m->state = is_run ? run_reader_state(m->run) : batch_reader_state(m->pinned);
	m->exit_code = run_reader_exit_code(m->run);
}

void view_model_update(struct view_model *m, struct instant now, bool keep_order)
{
	const struct batch_reader *last = m->pinned ? m->pinned : run_reader_last(m->run);
	bool is_new = last != m->shown || last->state.nr_agents != m->shown_agents;

	m->now = now;
	if (is_new)
		take_batch(m, last);
	update_state(m);
	if (!is_new && m->sorted_events == last->state.nr_events && m->order == m->sorted_order)
		goto times;
	count_states(m);
	update_cycles(m);
	sum_run(m);
	if (is_new || !keep_order || m->order != m->sorted_order)
		sort_rows(m);
times:
	if (m->exit_code >= 0 && m->totals.ended_t == NUM_NONE)
		sum_run(m);
	if (m->eta_at_ms == NUM_NONE || now.wall_ms - m->eta_at_ms >= ETA_EVERY_MS ||
	    now.wall_ms < m->eta_at_ms) {
		view_eta_compute(m, &m->eta);
		m->eta_at_ms = now.wall_ms;
	}
}

/* ---- times -------------------------------------------------------------- */

/* Whether monotonic times of that boot are of this machine as it runs now. */
static bool is_this_boot(const struct view_model *m, const char *boot)
{
	return m->boot && boot && strcmp(m->boot, boot) == 0;
}

int64_t view_ran(const struct view_model *m, const struct attempt *at)
{
	int64_t span = is_this_boot(m, at->boot) ? m->now.mono_ms - at->started_m
						 : m->now.wall_ms - at->started_t;

	return span > 0 ? span : 0;
}

static int64_t until(const struct view_model *m, const struct batch *b, int64_t t, int64_t mono)
{
	int64_t left;

	if (mono != NUM_NONE && is_this_boot(m, b->boot))
		left = mono - m->now.mono_ms;
	else
		left = t - m->now.wall_ms;
	return left > 0 ? left : 0;
}

static int64_t gate_left_in(const struct view_model *m, const struct batch *b,
    const struct account *acc)
{
	if (acc->gate.state != GATE_CLOSED)
		return 0;
	if (acc->gate.until_t == NUM_NONE)
		return NUM_NONE;
	return until(m, b, acc->gate.until_t, acc->gate.until_m);
}

int64_t view_gate_left(const struct view_model *m, const struct account *acc)
{
	return gate_left_in(m, &m->shown->state, acc);
}

/* On one account of its pool. */
static int64_t wait_left_on(const struct view_model *m, const struct batch *b,
    const struct agent *a, uint32_t account)
{
	const struct attempt *kept = agent_kept_from(b, a, account);
	int64_t gate = gate_left_in(m, b, &b->accounts[account]);
	int64_t own = 0;

	if (gate == NUM_NONE)
		return NUM_NONE;
	if (kept)
		own = until(m, b, kept->wait_until_t,
		    kept->wait_is_wall ? NUM_NONE : kept->wait_until_m);
	else if (a->phase == PHASE_BACKOFF)
		own = until(m, b, a->wait_until_t, a->wait_is_wall ? NUM_NONE : a->wait_until_m);
	return own > gate ? own : gate;
}

int64_t view_wait_left_in(const struct view_model *m, const struct batch *b, const struct agent *a)
{
	const struct pool *pool = &b->pools[a->pool];
	int64_t best = NUM_NONE, left;
	uint32_t i;

	if (a->wait_is_parked)
		return NUM_NONE;
	for (i = 0; i < pool->nr_members; i++) {
		left = wait_left_on(m, b, a, pool->members[i]);
		if (left != NUM_NONE && (best == NUM_NONE || left < best))
			best = left;
	}
	return best;
}

int64_t view_wait_left(const struct view_model *m, const struct agent *a)
{
	return view_wait_left_in(m, &m->shown->state, a);
}

int64_t view_next_event_left(const struct view_model *m)
{
	const struct batch *b = &m->shown->state;
	int64_t best = NUM_NONE;
	uint32_t i;

	for (i = 0; i < b->nr_pools; i++) {
		const struct heap *heaps[] = {&b->pools[i].waiting, &b->pools[i].waiting_wall};
		size_t k;

		for (k = 0; k < ARRAY_LEN(heaps); k++) {
			const struct heap_node *top = heap_top(heaps[k]);
			int64_t left = top ? view_wait_left(m, &b->agents[top->item]) : NUM_NONE;

			if (left != NUM_NONE && (best == NUM_NONE || left < best))
				best = left;
		}
	}
	return best;
}

const struct batch_reader *view_listener(const struct view_model *m)
{
	const struct solve *s = m->pinned ? NULL : view_solve(m->run);
	const struct role_call *call = s ? role_calls_now(&m->run->roles, s) : NULL;

	if (call && call->reader->is_held && call->reader->state.end == END_NONE)
		return call->reader;
	return m->shown;
}

const struct agent *view_agent(const struct view_model *m, uint32_t agent)
{
	return m->shown && agent < m->shown->state.nr_agents ? &m->shown->state.agents[agent]
							     : NULL;
}
