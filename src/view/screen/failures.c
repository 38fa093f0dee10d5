#include "view/screen/failures.h"
#include "base/xalloc.h"
#include "view/text/fold.h"

#include <stdlib.h>
#include <string.h>

/* One slice: agents that are only passed, and attempts that are folded. */
#define SLICE_AGENTS 4096
#define SLICE_ATTEMPTS 256

/* ---- life --------------------------------------------------------------- */

void failures_init(struct failures *f, struct run_agents *agents)
{
	*f = (struct failures){
	    .is_whole_run = true,
	    .agents = agents,
	    .selected = AGENT_NONE,
	    .list_of = AGENT_NONE,
	    .at = AGENT_NONE,
	    .counted = UINT64_MAX,
	    .list_counted = UINT64_MAX,
	};
	map_init(&f->kinds);
}

void failures_release(struct failures *f)
{
	uint32_t i;

	for (i = 0; i < f->nr_groups; i++) {
		free(f->groups[i].message);
		free(f->groups[i].key);
	}
	while (f->nr_batches > 0)
		free(f->batches[--f->nr_batches].seen);
	map_release(&f->kinds);
	free(f->v);
	free(f->first);
	free(f->groups);
	free(f->order);
	free(f->batches);
	free(f->list);
}

/* All is taken in again. */
static void start_anew(struct failures *f)
{
	bool is_whole_run = f->is_whole_run, holds = f->holds, in_agents = f->in_agents;
	struct run_agents *agents = f->agents;

	failures_release(f);
	failures_init(f, agents);
	f->is_whole_run = is_whole_run;
	f->holds = holds;
	f->in_agents = in_agents;
}

void failures_switch_scope(struct failures *f)
{
	f->is_whole_run = !f->is_whole_run;
	f->in_agents = false;
	start_anew(f);
}

/* ---- taking in ---------------------------------------------------------- */

static uint32_t add_group(struct failures *f, const char *key, enum attempt_class class,
    const char *message)
{
	VEC_GROW(f->groups, f->nr_groups, f->cap_groups);
	f->groups[f->nr_groups] = (struct failure_group){
	    .class = class,
	    .message = xstrdup(message),
	    .key = xstrdup(key),
	    .last_t = NUM_NONE,
	};
	(void)map_put(&f->kinds, f->groups[f->nr_groups].key, f->nr_groups);
	return f->nr_groups++;
}

static uint32_t group_of(struct failures *f, const struct attempt *at)
{
	struct buf key = BUF_INIT;
	size_t name;
	uint32_t g;

	buf_fmt(&key, "%s ", class_name(at->class));
	name = key.len;
	fold_message(at->message, &key);
	g = map_get(&f->kinds, key.data);
	if (g == MAP_NONE && f->nr_groups >= FAILURE_KINDS_MAX) {
		buf_cut(&key, name);
		buf_str(&key, "(other messages)");
		g = map_get(&f->kinds, key.data);
	}
	if (g == MAP_NONE)
		g = add_group(f, key.data, at->class, key.data + name);
	buf_release(&key);
	return g;
}

static void know_agents(struct failures *f)
{
	if (f->nr_first >= f->agents->nr)
		return;
	f->first = xrealloc(f->first, f->agents->nr * sizeof(*f->first));
	while (f->nr_first < f->agents->nr)
		f->first[f->nr_first++] = AGENT_NONE;
}

/* The agent's entry in that group, made where it has none. */
static struct failure *entry_of(struct failures *f, uint32_t number, uint32_t group)
{
	uint32_t i;

	for (i = f->first[number]; i != AGENT_NONE; i = f->v[i].next)
		if (f->v[i].group == group)
			return &f->v[i];
	VEC_GROW(f->v, f->nr, f->cap);
	f->v[f->nr] = (struct failure){
	    .number = number, .group = group, .next = f->first[number], .t = NUM_NONE};
	f->first[number] = f->nr++;
	f->groups[group].nr_agents++;
	return &f->v[f->nr - 1];
}

static void take_attempt(struct failures *f, size_t batch, uint32_t agent, uint32_t attempt)
{
	const struct run_agents_batch *b = &f->agents->batches[batch];
	const struct attempt *at = &b->batch->state.agents[agent].attempts[attempt];
	struct failure_group *g;
	struct failure *e;
	uint32_t group;

	if (at->class == CLASS_SUCCESS || at->class == CLASS_NONE)
		return;
	group = group_of(f, at);
	e = entry_of(f, b->numbers[agent], group);
	e->nr++;
	if (at->verdict_t >= e->t) {
		e->at = (struct run_agent){(uint32_t)batch, agent};
		e->attempt = attempt;
		e->t = at->verdict_t;
	}
	g = &f->groups[group];
	g->nr_attempts++;
	if (at->verdict_t > g->last_t)
		g->last_t = at->verdict_t;
}

/* Attempts of one agent, up to the one that is not judged yet. Returns how many were looked at. */
static uint32_t take_agent(struct failures *f, size_t batch, uint32_t agent, uint32_t most)
{
	const struct agent *a = &f->batches[batch].batch->state.agents[agent];
	uint32_t *seen = &f->batches[batch].seen[agent], nr = 0;

	for (; *seen < a->nr_attempts && nr < most; nr++, ++*seen) {
		const struct attempt *at = &a->attempts[*seen];

		if (at->has_verdict)
			take_attempt(f, batch, agent, *seen);
		else if (*seen + 1 == a->nr_attempts)
			break; /* it runs, or is being judged */
	}
	return nr;
}

static bool is_in_scope(const struct failures *f, const struct batch_reader *r)
{
	return f->is_whole_run || r == f->cycle;
}

/* One slice. False: all that is there was taken in. */
static bool scan(struct failures *f)
{
	uint32_t agents = 0, attempts = 0;

	for (; f->at_batch < f->nr_batches; f->at_batch++, f->at_agent = 0) {
		struct failures_batch *b = &f->batches[f->at_batch];

		if (!is_in_scope(f, b->batch) || b->events == b->batch->state.nr_events)
			continue;
		for (; f->at_agent < b->batch->state.nr_agents; f->at_agent++) {
			if (agents++ >= SLICE_AGENTS)
				return true;
			if (b->batch->state.agents[f->at_agent].nr_attempts <= b->seen[f->at_agent])
				continue;
			attempts +=
			    take_agent(f, f->at_batch, f->at_agent, SLICE_ATTEMPTS - attempts);
			/* It may have more. */
			if (attempts >= SLICE_ATTEMPTS)
				return true;
		}
		/* What came while it was scanned is found by the next one. */
		b->events = b->batch->state.nr_events;
	}
	return false;
}

static void know_batches(struct failures *f)
{
	while (f->nr_batches < f->agents->nr_batches) {
		const struct batch_reader *r = f->agents->batches[f->nr_batches].batch;
		uint32_t nr = r->state.nr_agents;

		VEC_GROW(f->batches, f->nr_batches, f->cap_batches);
		f->batches[f->nr_batches++] = (struct failures_batch){
		    .batch = r,
		    .events = UINT64_MAX,
		    .seen = xcalloc(nr ? nr : 1, sizeof(uint32_t)),
		};
	}
	know_agents(f);
}

/* ---- counting ----------------------------------------------------------- */

/* Whether the agent has failed otherwise since. */
static bool has_moved_on(const struct failures *f, const struct failure *e)
{
	uint32_t i;

	for (i = f->first[e->number]; i != AGENT_NONE; i = f->v[i].next)
		if (f->v[i].t > e->t)
			return true;
	return false;
}

enum style_role failure_fate(const struct agent *a)
{
	return a->won_by ? ROLE_COMPLETED : shown_role(a);
}

static void count_entry(struct failures *f, const struct view_model *m, const struct failure *e)
{
	struct failure_group *g = &f->groups[e->group];
	const struct agent *a = run_agents_agent(f->agents, e->number);
	enum failure_next next;

	g->roles[failure_fate(a)]++;
	if (failure_fate(a) == ROLE_COMPLETED || has_moved_on(f, e))
		return;
	next = failure_next_of(m, run_agents_batch(f->agents, e->number), a);
	if (next > g->next)
		g->next = next;
}

static void count_groups(struct failures *f, const struct view_model *m)
{
	uint32_t i;

	for (i = 0; i < f->nr_groups; i++) {
		memset(f->groups[i].roles, 0, sizeof(f->groups[i].roles));
		f->groups[i].next = NEXT_NONE;
	}
	for (i = 0; i < f->nr; i++)
		count_entry(f, m, &f->v[i]);
	for (i = 0; i < f->nr_groups; i++)
		if (f->groups[i].roles[ROLE_COMPLETED] == f->groups[i].nr_agents)
			f->groups[i].next = NEXT_HEALED;
}

/* ---- order -------------------------------------------------------------- */

static bool goes_before(const struct failures *f, uint32_t x, uint32_t y)
{
	const struct failure_group *a = &f->groups[x], *b = &f->groups[y];

	if (a->nr_agents != b->nr_agents)
		return a->nr_agents > b->nr_agents;
	if (a->nr_attempts != b->nr_attempts)
		return a->nr_attempts > b->nr_attempts;
	return a->last_t != b->last_t ? a->last_t > b->last_t : x < y;
}

/* Insertion: they were in order before, nearly. New ones come behind. */
static void sort_groups(struct failures *f)
{
	bool may_move = !f->holds || f->nr_order == 0;
	uint32_t i, k;

	f->order = xrealloc(f->order, (f->nr_groups + 1) * sizeof(*f->order));
	while (f->nr_order < f->nr_groups) {
		f->order[f->nr_order] = f->nr_order;
		f->nr_order++;
	}
	for (i = 1; i < f->nr_order && may_move; i++) {
		uint32_t g = f->order[i];

		for (k = i; k > 0 && goes_before(f, g, f->order[k - 1]); k--)
			f->order[k] = f->order[k - 1];
		f->order[k] = g;
	}
	f->is_sorted = may_move;
}

bool failures_work(struct failures *f, const struct view_model *m)
{
	uint64_t events = run_reader_events(m->run);

	(void)run_agents_update(f->agents, m->run);
	if (f->made_of != f->agents->nr_begun ||
	    (!f->is_whole_run && f->cycle && f->cycle != m->shown))
		start_anew(f);
	f->made_of = f->agents->nr_begun;
	f->cycle = m->shown;
	know_batches(f);
	if (!f->is_scanning && f->counted == events && f->counted_code == m->exit_code) {
		if (!f->is_sorted)
			sort_groups(f);
		return false;
	}
	if (!f->is_scanning) {
		f->at_batch = f->at_agent = 0;
		f->is_scanning = true;
	}
	if (scan(f))
		return true;
	f->is_scanning = false;
	f->counted = events;
	f->counted_code = m->exit_code;
	count_groups(f, m);
	sort_groups(f);
	return false;
}

int failures_percent(const struct failures *f)
{
	uint64_t done = f->at_agent, all = 0;
	size_t i;

	for (i = 0; i < f->nr_batches; i++) {
		all += f->batches[i].batch->state.nr_agents;
		if (i < f->at_batch)
			done += f->batches[i].batch->state.nr_agents;
	}
	return f->is_scanning && all ? (int)(done * 100 / all) : 100;
}
