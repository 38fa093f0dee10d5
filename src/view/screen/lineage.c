#include "view/screen/lineage.h"
#include "view/solve_words.h"
#include "view/text/width.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void lineage_init(struct lineage *l, struct run_agents *run_agents)
{
	*l = (struct lineage){.made_of = UINT64_MAX, .run_agents = run_agents};
}

void lineage_release(struct lineage *l)
{
	free(l->cycles);
	free(l->shown);
	free(l->folded);
	free(l->agents);
	lineage_init(l, l->run_agents);
}

/* ---- the tree ----------------------------------------------------------- */

const struct batch_reader *lineage_failed_before(const struct run_reader *run,
    const struct batch_reader *r, const char *id, uint32_t *agent)
{
	const struct batch_reader *found = NULL;
	size_t i;

	for (i = 0; i < run->nr && run->batches[i] != r; i++) {
		const struct batch *b = &run->batches[i]->state;
		uint32_t at = batch_find(b, id);

		/* What another branch of the cycle makes of the row was not before. */
		if (!view_had_failed(b, at) || run_are_siblings(run->batches[i], r))
			continue;
		found = run->batches[i];
		*agent = at;
	}
	return found;
}

static bool had_failed(const struct run_reader *run, const struct batch_reader *r, uint32_t agent)
{
	uint32_t at;

	return lineage_failed_before(run, r, r->state.agents[agent].task->id, &at) != NULL;
}

static void count(struct lineage_cycle *c, const struct run_reader *run)
{
	const struct batch *b = &c->batch->state;
	uint32_t i;

	c->agents = b->nr_agents;
	c->done = b->counts[AGENT_COMPLETED];
	c->failed = b->counts[AGENT_FAILED];
	c->left = b->counts[AGENT_PENDING] + b->counts[AGENT_IN_PROGRESS];
	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];
		bool failed = a->status == AGENT_FAILED;

		if (failed)
			c->by_class[a->class]++;
		if (!failed && a->status != AGENT_COMPLETED)
			continue;
		if (!had_failed(run, c->batch, i))
			continue;
		c->healed += !failed;
		c->again += failed;
	}
}

static bool is_child(const struct batch_reader *r, const struct batch_reader *parent)
{
	return r != parent && strcmp(r->manifest.retry.parent_batch, parent->dir.name) == 0;
}

static struct lineage_cycle *add_entry(struct lineage *l, const struct batch_reader *r,
    uint32_t parent, size_t verdict)
{
	struct lineage_cycle *c;

	VEC_GROW(l->cycles, l->nr_cycles, l->cap_cycles);
	c = &l->cycles[l->nr_cycles++];
	*c = (struct lineage_cycle){
	    .batch = r,
	    .verdict = verdict,
	    .parent = parent,
	    .depth = parent == AGENT_NONE ? 0 : l->cycles[parent].depth + 1,
	};
	return c;
}

/* A run knows a parent before its children, so `taken` ends every chain, also a forged one. */
static void add_tree(struct lineage *l, const struct run_reader *run, size_t at, uint32_t parent,
    bool *taken)
{
	uint32_t self = (uint32_t)l->nr_cycles, last = AGENT_NONE;
	size_t i, to;

	taken[at] = true;
	count(add_entry(l, run->batches[at], parent, 0), run);
	solve_verdicts_of(run, run->batches[at], &i, &to);
	for (; i < to; i++) {
		last = (uint32_t)l->nr_cycles;
		(void)add_entry(l, run->batches[at], self, i + 1);
	}
	for (i = at + 1; i < run->nr; i++) {
		if (taken[i] || !is_child(run->batches[i], run->batches[at]))
			continue;
		last = (uint32_t)l->nr_cycles;
		add_tree(l, run, i, self, taken);
	}
	l->cycles[self].has_children = last != AGENT_NONE;
	if (last != AGENT_NONE)
		l->cycles[last].is_last = true;
}

static void make_tree(struct lineage *l, const struct run_reader *run)
{
	bool *taken = xcalloc(run->nr + 1, sizeof(*taken));
	size_t i;

	l->nr_cycles = 0;
	for (i = 0; i < run->nr; i++)
		if (!taken[i])
			add_tree(l, run, i, AGENT_NONE, taken);
	l->shown = xrealloc(l->shown, (l->nr_cycles + 1) * sizeof(*l->shown));
	free(taken);
}

bool lineage_is_folded(const struct lineage *l, const struct batch_reader *r)
{
	size_t i;

	for (i = 0; i < l->nr_folded; i++)
		if (l->folded[i] == r)
			return true;
	return false;
}

static bool is_hidden(const struct lineage *l, uint32_t cycle)
{
	uint32_t p = l->cycles[cycle].parent;

	return p != AGENT_NONE && (lineage_is_folded(l, l->cycles[p].batch) || is_hidden(l, p));
}

static void hide_folded(struct lineage *l)
{
	uint32_t i;

	l->nr_shown = 0;
	for (i = 0; i < l->nr_cycles; i++)
		if (!is_hidden(l, i))
			l->shown[l->nr_shown++] = i;
}

static bool is_selected(const struct lineage *l, const struct lineage_cycle *c)
{
	return c->batch == l->selected && c->verdict == l->selected_verdict;
}

static void select_entry(struct lineage *l, uint32_t at)
{
	l->selected = l->cycles[at].batch;
	l->selected_verdict = l->cycles[at].verdict;
}

const struct solve_verdict *lineage_verdict(const struct lineage_cycle *c,
    const struct run_reader *run)
{
	const struct solve *s = view_solve(run);

	return s && c->verdict && c->verdict <= s->nr_verdicts ? &s->verdicts[c->verdict - 1]
							       : NULL;
}

/* Place of the selected one among those shown. */
static size_t selected_row(const struct lineage *l)
{
	size_t i;

	for (i = 0; i < l->nr_shown; i++)
		if (is_selected(l, &l->cycles[l->shown[i]]))
			return i;
	return l->nr_shown ? l->nr_shown - 1 : 0;
}

const struct lineage_cycle *lineage_selected(const struct lineage *l)
{
	return l->nr_shown ? &l->cycles[l->shown[selected_row(l)]] : NULL;
}

/* ---- the agents of one cycle -------------------------------------------- */

/* What it healed comes first, then what it did not, what is on its way, and what never failed. */
enum { PLACE_HEALED, PLACE_FAILED, PLACE_WAITS, PLACE_RUNS, PLACE_LATER, PLACE_DONE, PLACES };

static int place_of(const struct run_reader *run, const struct batch_reader *r, uint32_t agent)
{
	switch (shown_role(&r->state.agents[agent])) {
	case ROLE_COMPLETED:
		return had_failed(run, r, agent) ? PLACE_HEALED : PLACE_DONE;
	case ROLE_CANCELLED:
		return agent_is_done(&r->state.agents[agent]) ? PLACE_DONE : PLACE_FAILED;
	case ROLE_FAILED:
	case ROLE_LOST:
	case ROLE_SKIPPED:
		return PLACE_FAILED;
	case ROLE_BACKOFF:
		return PLACE_WAITS;
	case ROLE_RUNNING:
	case ROLE_VALIDATING:
		return PLACE_RUNS;
	case ROLE_PENDING:
	case ROLE_BLOCKED:
	case ROLE_NONE:
	case ROLE__COUNT:
		break;
	}
	return PLACE_LATER;
}

/* The agent that `which` of all that may be shown is. */
static const struct batch_reader *agent_of(const struct lineage *l, uint32_t which, uint32_t *agent)
{
	if (!l->is_whole_run) {
		*agent = which;
		return lineage_selected(l)->batch;
	}
	*agent = l->run_agents->newest[which].agent;
	return run_agents_batch(l->run_agents, which);
}

static void count_run(struct lineage *l, const struct view_model *m)
{
	uint32_t i, agent;

	memset(l->totals, 0, sizeof(l->totals));
	l->healed = 0;
	for (i = 0; i < l->run_agents->nr; i++) {
		const struct batch_reader *r = agent_of(l, i, &agent);

		l->totals[shown_role(&r->state.agents[agent])]++;
		l->healed += place_of(m->run, r, agent) == PLACE_HEALED;
	}
}

static void make_agents(struct lineage *l, const struct view_model *m)
{
	const struct batch_reader *of = l->is_whole_run ? NULL : lineage_selected(l)->batch, *r;
	uint32_t nr = of ? of->state.nr_agents : l->run_agents->nr, i, agent;
	unsigned char *places = xmalloc(nr + 1);
	int p;

	l->agents = xrealloc(l->agents, (nr + 1) * sizeof(*l->agents));
	l->nr_agents = l->id_columns = 0;
	for (i = 0; i < nr; i++) {
		size_t width;

		r = agent_of(l, i, &agent);
		width = width_str(r->state.agents[agent].task->id);
		if (width > l->id_columns)
			l->id_columns = (uint32_t)width;
		places[i] =
		    (unsigned char)(view_model_takes(m, r, agent) ? place_of(m->run, r, agent)
								  : PLACES);
	}
	for (p = 0; p < PLACES; p++)
		for (i = 0; i < nr; i++)
			if (places[i] == p)
				l->agents[l->nr_agents++] = i;
	free(places);
	if (!of)
		count_run(l, m);
	if (l->agents_of != of)
		l->at = l->top = 0;
	if (l->at >= l->nr_agents)
		l->at = l->nr_agents ? l->nr_agents - 1 : 0;
	l->agents_of = of;
	l->made_for = m->order;
}

void lineage_update(struct lineage *l, const struct view_model *m)
{
	uint64_t events = 0;
	bool is_new;
	size_t i;

	for (i = 0; i < m->run->nr; i++)
		events += m->run->batches[i]->state.nr_events;
	is_new = events != l->made_of || m->run->nr != l->made_of_batches;
	if (is_new)
		make_tree(l, m->run);
	l->made_of = events;
	l->made_of_batches = m->run->nr;
	hide_folded(l);
	if (!l->selected)
		l->selected = m->shown;
	if (l->nr_shown == 0)
		return;
	if (l->is_whole_run)
		(void)run_agents_update(l->run_agents, m->run);
	if (is_new || l->made_for != m->order ||
	    l->agents_of != (l->is_whole_run ? NULL : lineage_selected(l)->batch))
		make_agents(l, m);
}

/* ---- keys --------------------------------------------------------------- */

static int64_t clamp(int64_t at, size_t nr)
{
	if (at >= (int64_t)nr)
		at = (int64_t)nr - 1;
	return at < 0 ? 0 : at;
}

void lineage_move(struct lineage *l, int64_t rows)
{
	size_t row;

	if (l->in_agents) {
		l->at = (uint32_t)clamp((int64_t)l->at + rows, l->nr_agents);
		return;
	}
	if (l->nr_shown == 0)
		return;
	row = (size_t)clamp((int64_t)selected_row(l) + rows, l->nr_shown);
	select_entry(l, l->shown[row]);
}

void lineage_press(struct lineage *l, uint32_t row)
{
	if (l->cycles_top + row >= l->nr_shown)
		return;
	l->in_agents = false;
	select_entry(l, l->shown[l->cycles_top + row]);
}

/* What is folded already folds its parent: one key goes all the way up. */
void lineage_fold(struct lineage *l, bool is_folded)
{
	const struct lineage_cycle *c = lineage_selected(l);
	size_t i;

	if (!c)
		return;
	if (is_folded && (!c->has_children || lineage_is_folded(l, c->batch))) {
		if (c->parent != AGENT_NONE)
			select_entry(l, c->parent);
		return;
	}
	if (is_folded) {
		VEC_GROW(l->folded, l->nr_folded, l->cap_folded);
		l->folded[l->nr_folded++] = c->batch;
		return;
	}
	for (i = 0; i < l->nr_folded; i++)
		if (l->folded[i] == c->batch) {
			l->folded[i] = l->folded[--l->nr_folded];
			return;
		}
}

bool lineage_find(struct lineage *l, const struct needle *n, int by)
{
	int64_t nr = l->nr_agents, i;

	for (i = 0; i < nr && needle_is_set(n); i++) {
		int64_t step = by < 0 ? -1 - i : i + by;
		uint32_t row = (uint32_t)(((l->at + step) % nr + nr) % nr), agent;
		const struct batch_reader *r = lineage_row(l, row, &agent);

		if (r && row_has(n, r, agent)) {
			l->at = row;
			l->in_agents = true;
			return true;
		}
	}
	return false;
}

void lineage_switch_scope(struct lineage *l)
{
	l->is_whole_run = !l->is_whole_run;
	l->nr_agents = 0;
	l->at = l->top = 0;
	l->made_of = UINT64_MAX;
}

const struct batch_reader *lineage_row(const struct lineage *l, uint32_t row, uint32_t *agent)
{
	return row < l->nr_agents ? agent_of(l, l->agents[row], agent) : NULL;
}
