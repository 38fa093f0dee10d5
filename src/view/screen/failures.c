#include "view/screen/failures.h"
#include "base/xalloc.h"
#include "view/text/fold.h"

#include <stdlib.h>
#include <string.h>

/* One slice: agents that are only passed, and attempts that are folded. */
#define SLICE_AGENTS 4096
#define SLICE_ATTEMPTS 256
/* A list of so many is put in order again only so often. */
#define LIST_LONG 1000
#define LIST_EVERY_MS 1000

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

static void count_entry(struct failures *f, const struct view_model *m, const struct failure *e)
{
	struct failure_group *g = &f->groups[e->group];
	const struct agent *a = run_agents_agent(f->agents, e->number);
	enum failure_next next;

	g->roles[shown_role(a)]++;
	if (a->status == AGENT_COMPLETED || has_moved_on(f, e))
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

	if (run_agents_update(f->agents, m->run) ||
	    (!f->is_whole_run && f->cycle && f->cycle != m->shown))
		start_anew(f);
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

/* ---- the selection ------------------------------------------------------ */

struct dated {
	int64_t t;
	uint32_t entry;
};

static int by_time_down(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->t != y->t)
		return x->t > y->t ? -1 : 1;
	return x->entry < y->entry ? -1 : 1;
}

static void make_list(struct failures *f, uint32_t group)
{
	uint32_t nr = f->groups[group].nr_agents, i, k = 0;
	struct dated *dated = xmalloc((nr + 1) * sizeof(*dated));

	for (i = 0; i < f->nr && k < nr; i++)
		if (f->v[i].group == group)
			dated[k++] = (struct dated){f->v[i].t, i};
	qsort(dated, k, sizeof(*dated), by_time_down);
	f->list = xrealloc(f->list, (k + 1) * sizeof(*f->list));
	for (i = 0; i < k; i++)
		f->list[i] = dated[i].entry;
	f->nr_list = k;
	free(dated);
}

const struct failure_group *failures_selected(struct failures *f, const struct view_model *m)
{
	uint32_t group = f->selected != AGENT_NONE ? f->selected : f->nr_order ? f->order[0] : 0;
	bool is_other = f->list_of != group;
	int64_t age = m->now.mono_ms - f->list_at_ms;
	bool may_wait = f->holds || (f->nr_list > LIST_LONG && age >= 0 && age < LIST_EVERY_MS);

	if (f->nr_order == 0)
		return NULL;
	if (!is_other && (f->list_counted == f->counted || may_wait))
		return &f->groups[group];
	make_list(f, group);
	f->list_of = group;
	f->list_counted = f->counted;
	f->list_at_ms = m->now.mono_ms;
	if (is_other) {
		f->at = AGENT_NONE;
		f->top = 0;
	}
	return &f->groups[group];
}

/* The row of the cursor in the list. */
static uint32_t list_row(const struct failures *f)
{
	uint32_t i;

	for (i = 0; i < f->nr_list && f->at != AGENT_NONE; i++)
		if (f->v[f->list[i]].number == f->at)
			return i;
	return 0;
}

static uint32_t group_row(const struct failures *f)
{
	uint32_t i;

	for (i = 0; i < f->nr_order && f->order[i] != f->list_of; i++)
		;
	return i;
}

const struct failure *failures_entry(const struct failures *f)
{
	if (f->nr_list == 0)
		return NULL;
	return &f->v[f->list[f->in_agents ? list_row(f) : 0]];
}

static uint32_t clamp(int64_t at, uint32_t nr)
{
	if (at >= nr)
		at = (int64_t)nr - 1;
	return at < 0 ? 0 : (uint32_t)at;
}

void failures_move(struct failures *f, int64_t rows)
{
	if (f->in_agents && f->nr_list) {
		f->at = f->v[f->list[clamp((int64_t)list_row(f) + rows, f->nr_list)]].number;
		return;
	}
	if (f->nr_order == 0)
		return;
	f->selected = f->order[clamp((int64_t)group_row(f) + rows, f->nr_order)];
}

bool failures_press_group(struct failures *f, uint32_t row)
{
	uint32_t at = f->groups_top + row;
	bool had_keys = !f->in_agents;

	if (at >= f->nr_order)
		return false;
	f->in_agents = false;
	f->selected = f->order[at];
	return had_keys && f->selected == f->list_of;
}

bool failures_press_agent(struct failures *f, uint32_t row)
{
	uint32_t at = f->top + row;
	bool had_keys = f->in_agents && at == list_row(f);

	if (at >= f->nr_list)
		return false;
	f->in_agents = true;
	f->at = f->v[f->list[at]].number;
	return had_keys;
}

static bool text_matches(const struct needle *n, const char *a, const char *b)
{
	struct buf text = BUF_INIT;
	bool found;

	buf_fmt(&text, "%s %s", a, b);
	found = needle_matches(n, text.data, text.len);
	buf_release(&text);
	return found;
}

/* Whether that row of the table with the keys shows it. */
static bool row_matches(const struct failures *f, const struct needle *n, uint32_t row)
{
	const struct failure *e;
	const struct failure_group *g;

	if (f->in_agents) {
		e = &f->v[f->list[row]];
		return text_matches(n, failure_batch(f, e)->state.agents[e->at.agent].task->id,
		    failure_printed(f, e));
	}
	g = &f->groups[f->order[row]];
	return text_matches(n, class_name(g->class), g->message);
}

bool failures_find(struct failures *f, const struct needle *n, int by)
{
	int64_t nr = f->in_agents ? f->nr_list : f->nr_order, i;
	int64_t at = f->in_agents ? list_row(f) : group_row(f);

	for (i = 0; i < nr && needle_is_set(n); i++) {
		int64_t step = by < 0 ? -1 - i : i + by;
		int64_t row = ((at + step) % nr + nr) % nr;

		if (row_matches(f, n, (uint32_t)row)) {
			failures_move(f, row - at);
			return true;
		}
	}
	return false;
}

uint32_t *failures_agents(const struct failures *f, const struct view_model *m, uint32_t *nr)
{
	uint32_t *agents = xmalloc((f->nr_list + 1) * sizeof(*agents)), i;
	const struct failure *only = f->in_agents ? failures_entry(f) : NULL;

	*nr = 0;
	for (i = 0; i < f->nr_list; i++) {
		const struct failure *e = &f->v[f->list[i]];

		if ((!only || only == e) && run_agents_batch(f->agents, e->number) == m->shown)
			agents[(*nr)++] = f->agents->newest[e->number].agent;
	}
	return agents;
}

/* ---- an entry ----------------------------------------------------------- */

const struct batch_reader *failure_batch(const struct failures *f, const struct failure *e)
{
	return f->agents->batches[e->at.batch].batch;
}

const struct attempt *failure_attempt(const struct failures *f, const struct failure *e)
{
	return &failure_batch(f, e)->state.agents[e->at.agent].attempts[e->attempt];
}

uint32_t failure_try(const struct failures *f, const struct failure *e)
{
	const struct agent *a = &failure_batch(f, e)->state.agents[e->at.agent];
	uint32_t i, nr = 0;

	for (i = 0; i <= e->attempt; i++)
		nr += a->attempts[i].has_verdict && a->attempts[i].charged;
	return a->attempts[e->attempt].charged ? nr : nr + 1;
}

const char *failure_printed(const struct failures *f, const struct failure *e)
{
	const struct attempt *at = failure_attempt(f, e);

	if (at->evidence && *at->evidence && *at->evidence != '{')
		return at->evidence;
	return at->message ? at->message : "";
}
