/* One pass down from all that may block, breadth first: the first to reach a row is the nearest. It
 * walks over each edge once, so that a chain of 10,000 costs what a fan of 10,000 does. */
#include "view/blockers.h"
#include "base/xalloc.h"
#include "view/row.h"
#include "view/text/sanitize.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Parents of one row that are looked at for those to name, and that are named. */
#define PARENTS_LOOKED_AT 4096
#define PARENTS_NAMED 3

/* ---- the nearest one ----------------------------------------------------- */

void blockers_release(struct blockers *k)
{
	free(k->v);
	*k = (struct blockers){0};
}

static bool is_blocked(const struct agent *a)
{
	return a->status == AGENT_PENDING && a->unmet > 0;
}

/* How far a row keeps others: what has begun before what only may. */
enum { CALM, PENDING, ACTIVE, RANKS };

static int rank_of(const struct agent *a)
{
	switch (a->status) {
	case AGENT_PENDING:
		return a->unmet > 0 ? CALM : PENDING;
	case AGENT_CANCELLED:
		return agent_is_done(a) ? CALM : ACTIVE; /* another branch may have completed it */
	case AGENT_IN_PROGRESS:
	case AGENT_FAILED:
		return ACTIVE;
	case AGENT_COMPLETED:
	case AGENT_SKIPPED:
	case AGENT__COUNT:
		break;
	}
	return CALM;
}

/* Whether a parent that stands so, or that hangs on one, explains why the kid has not begun. */
static bool explains(const struct agent *source, const struct agent *kid)
{
	if (kid->status == AGENT_SKIPPED)
		return source->status == AGENT_FAILED || source->status == AGENT_CANCELLED;
	return is_blocked(kid);
}

static void reach_children(struct blockers *k, uint32_t at, uint32_t *queue, uint32_t *nr)
{
	const struct batch *b = k->batch;
	uint32_t from = at, depth = 0, i;

	if (k->v[at].depth) {
		from = k->v[at].agent;
		depth = k->v[at].depth;
	}
	for (i = b->graph->first_child[at]; i < b->graph->first_child[at + 1]; i++) {
		uint32_t kid = b->graph->children[i];

		if (k->v[kid].depth || !explains(&b->agents[from], &b->agents[kid]))
			continue;
		k->v[kid] = (struct blocker){from, at, depth + 1};
		queue[(*nr)++] = kid;
	}
}

static void look_again(struct blockers *k, const struct batch *b)
{
	uint32_t *queue = xmalloc((2 * (size_t)b->nr_agents + 1) * sizeof(*queue));
	uint32_t nr = 0, i;
	int rank;

	k->v = xrealloc(k->v, (b->nr_agents + 1) * sizeof(*k->v));
	memset(k->v, 0, (b->nr_agents + 1) * sizeof(*k->v));
	k->batch = b;
	k->events = b->nr_events;
	k->agents = b->nr_agents;
	for (rank = ACTIVE; rank > CALM; rank--)
		for (i = 0; i < b->nr_agents; i++)
			if (rank_of(&b->agents[i]) == rank)
				queue[nr++] = i;
	for (i = 0; i < nr; i++)
		reach_children(k, queue[i], queue, &nr);
	free(queue);
}

const struct blocker *blockers_find(struct blockers *k, const struct batch *b, uint32_t agent)
{
	if (!b->graph || agent >= b->nr_agents)
		return NULL;
	if (k->batch != b || k->events != b->nr_events || k->agents != b->nr_agents)
		look_again(k, b);
	return k->v[agent].depth ? &k->v[agent] : NULL;
}

/* ---- parents ------------------------------------------------------------- */

static bool is_open(const struct agent *a, enum style_role role)
{
	return !agent_is_done(a) && shown_role(a) == role;
}

uint32_t blockers_parents(const struct batch *b, uint32_t agent, uint32_t *parents, uint32_t max)
{
	const struct graph *g = b->graph;
	uint32_t from, end, nr = 0, k;
	int role;

	if (!g)
		return 0;
	from = g->first_parent[agent];
	end = g->first_parent[agent + 1];
	if (end - from > PARENTS_LOOKED_AT)
		end = from + PARENTS_LOOKED_AT;
	for (role = ROLE_NONE; role < ROLE_COMPLETED; role++) {
		if (role == ROLE_BLOCKED)
			continue;
		for (k = from; k < end && nr < max; k++)
			if (is_open(&b->agents[g->parents[k]], (enum style_role)role))
				parents[nr++] = g->parents[k];
	}
	for (k = from; k < end && nr < max; k++)
		if (shown_role(&b->agents[g->parents[k]]) == ROLE_BLOCKED)
			parents[nr++] = g->parents[k];
	return nr;
}

/* ---- words --------------------------------------------------------------- */

static void add_id(const struct batch *b, uint32_t agent, struct buf *out)
{
	sanitize_line(out, b->agents[agent].task->id);
}

void blockers_add_state(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    struct buf *out)
{
	const struct agent *a = &r->state.agents[agent];
	struct view_row row;
	const char *word;

	view_row_fill_of(m, r, agent, m->now.wall_ms, &row);
	if (row.role == ROLE_BACKOFF && r == m->shown) {
		buf_str(out, row.time); /* "in 4:56" */
		return;
	}
	for (word = shown_role_word(row.role); *word; word++)
		buf_ch(out, (char)tolower((unsigned char)*word));
	if (row.role == ROLE_FAILED)
		buf_fmt(out, ": %s", class_name(a->class));
	else if (a->status == AGENT_IN_PROGRESS && *row.time)
		buf_fmt(out, " %s", row.time);
}

/* The parents to name in a line: those that wait for none, in the order in which the row names them. */
static uint32_t choose(const struct batch *b, uint32_t agent, uint32_t *named)
{
	const struct graph *g = b->graph;
	uint32_t best[PARENTS_NAMED], nr = blockers_parents(b, agent, best, PARENTS_NAMED), i, k;
	uint32_t out = 0;

	while (nr > 0 && shown_role(&b->agents[best[nr - 1]]) == ROLE_BLOCKED)
		nr--;
	for (k = g->first_parent[agent]; out < nr; k++)
		for (i = 0; i < nr; i++)
			if (best[i] == g->parents[k])
				named[out++] = best[i];
	return nr;
}

/* " (running 0:03, in 4:56)" */
static void add_states(const struct view_model *m, const uint32_t *agents, uint32_t nr,
    struct buf *out)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		buf_str(out, i ? ", " : " (");
		blockers_add_state(m, m->shown, agents[i], out);
	}
	buf_ch(out, ')');
}

/* Every parent waits itself: the way down from the one that they wait for. */
static void add_way(const struct view_model *m, uint32_t agent, struct buf *out)
{
	const struct batch *b = &m->shown->state;
	const struct blocker *by = blockers_find(m->blockers, b, agent);

	if (!by) {
		buf_str(out, "rows that are blocked");
		return;
	}
	add_id(b, by->agent, out);
	add_states(m, &by->agent, 1, out);
	if (by->depth > 2)
		buf_fmt(out, " > %u more", by->depth - 2);
	buf_str(out, " > ");
	add_id(b, by->parent, out);
}

void blockers_add_waits(const struct view_model *m, uint32_t agent, struct buf *out)
{
	const struct batch *b = &m->shown->state;
	uint32_t named[PARENTS_NAMED], nr, i, unmet = b->agents[agent].unmet;

	if (!b->graph)
		return;
	nr = choose(b, agent, named);
	for (i = 0; i < nr; i++) {
		buf_str(out, i ? ", " : "");
		add_id(b, named[i], out);
	}
	if (nr > 0 && unmet > nr)
		buf_fmt(out, " and %u more", unmet - nr);
	if (nr > 0)
		add_states(m, named, nr, out);
	else
		add_way(m, agent, out);
	if (nr == 0 && unmet > 1)
		buf_fmt(out, " and %u more", unmet - 1);
}

void blockers_add_skip(struct blockers *k, const struct batch *b, uint32_t agent, struct buf *out)
{
	const struct blocker *by = blockers_find(k, b, agent);
	const struct agent *a;

	if (!by) {
		sanitize_line(out, b->agents[agent].why);
		return;
	}
	a = &b->agents[by->agent];
	add_id(b, by->agent, out);
	if (a->status == AGENT_CANCELLED)
		buf_str(out, " was cancelled");
	else
		buf_fmt(out, " failed: %s",
		    a->class == CLASS_NONE ? "no trace" : class_name(a->class));
	if (by->depth < 2)
		return;
	buf_str(out, ", through ");
	add_id(b, by->parent, out);
	if (by->depth > 2)
		buf_fmt(out, " and %u more", by->depth - 2);
}
