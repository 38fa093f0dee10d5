/* The selected group of the failures: the list of its agents, where the cursor is, what it finds. */
#include "view/screen/failures.h"
#include "base/xalloc.h"

#include <stdlib.h>

/* A list of so many is put in order again only so often. */
#define LIST_LONG 1000
#define LIST_EVERY_MS 1000

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
