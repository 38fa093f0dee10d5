#include "model/graph.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct edge {
	uint32_t from, to;
};

struct edges {
	struct edge *v;
	size_t nr, cap;
};

/* `listed` has for each row the last one that named it as a parent, + 1: a row may name 100,000
 * parents, and each id counts once. */
static int add_parents(struct edges *es, const struct tasks *ts, uint32_t i, uint32_t *listed,
    const struct graph_met *met, struct graph_unknown *unknown)
{
	const char *s = task_get(ts, &ts->v[i], COL_DEPENDS_ON);
	const char *w;
	size_t len;

	while ((w = task_next_word(&s, &len))) {
		char id[sizeof(unknown->id)];
		bool fits = len < sizeof(id);
		uint32_t parent;

		snprintf(id, sizeof(id), "%.*s", fits ? (int)len : (int)sizeof(id) - 1, w);
		parent = fits ? tasks_find(ts, id) : MAP_NONE;
		if (parent == MAP_NONE) {
			if (fits && met && met->is_met(met->ctx, id))
				continue;
			unknown->task = i;
			memcpy(unknown->id, id, sizeof(id));
			return -1;
		}
		if (listed[parent] == i + 1)
			continue;
		listed[parent] = i + 1;
		VEC_GROW(es->v, es->nr, es->cap);
		es->v[es->nr++] = (struct edge){.from = parent, .to = i};
	}
	return 0;
}

/* Edges come sorted by `to`; counting sort gives the other order. */
static void compress(struct graph *g, const struct edges *es)
{
	uint32_t *at;
	size_t k;
	uint32_t i;

	g->first_parent = xcalloc((size_t)g->nr + 1, sizeof(uint32_t));
	g->first_child = xcalloc((size_t)g->nr + 1, sizeof(uint32_t));
	g->parents = xcalloc(es->nr, sizeof(uint32_t));
	g->children = xcalloc(es->nr, sizeof(uint32_t));
	for (k = 0; k < es->nr; k++) {
		g->first_parent[es->v[k].to + 1]++;
		g->first_child[es->v[k].from + 1]++;
		g->parents[k] = es->v[k].from;
	}
	for (i = 0; i < g->nr; i++) {
		g->first_parent[i + 1] += g->first_parent[i];
		g->first_child[i + 1] += g->first_child[i];
	}
	at = xcalloc((size_t)g->nr + 1, sizeof(uint32_t));
	memcpy(at, g->first_child, ((size_t)g->nr + 1) * sizeof(uint32_t));
	for (k = 0; k < es->nr; k++)
		g->children[at[es->v[k].from]++] = es->v[k].to;
	free(at);
}

/* From the rows that nobody waits for upwards; each edge is looked at twice. */
static void measure(struct graph *g)
{
	uint32_t *queue = xcalloc(g->nr, sizeof(*queue));
	uint32_t *open = xcalloc(g->nr, sizeof(*open)); /* children not measured yet */
	uint32_t head = 0, tail = 0, i, k;

	g->behind = xcalloc(g->nr, sizeof(*g->behind));
	for (i = 0; i < g->nr; i++) {
		open[i] = g->first_child[i + 1] - g->first_child[i];
		if (open[i] == 0)
			queue[tail++] = i;
	}
	for (; head < tail; head++) {
		i = queue[head];
		for (k = g->first_parent[i]; k < g->first_parent[i + 1]; k++) {
			uint32_t parent = g->parents[k];

			if (g->behind[parent] <= g->behind[i])
				g->behind[parent] = g->behind[i] + 1;
			if (--open[parent] == 0)
				queue[tail++] = parent;
		}
	}
	/* What a cycle hangs below was never done with. */
	for (i = 0; i < g->nr; i++)
		if (open[i])
			g->behind[i] = 0;
	free(open);
	free(queue);
}

int graph_build(struct graph *g, const struct tasks *ts, const struct graph_met *met,
    struct graph_unknown *unknown)
{
	struct edges es = {NULL, 0, 0};
	uint32_t *listed;
	uint32_t i;
	int rc = 0;

	memset(g, 0, sizeof(*g));
	g->nr = ts->nr;
	if (ts->known[COL_DEPENDS_ON] >= 0) {
		listed = xcalloc(ts->nr, sizeof(*listed));
		for (i = 0; rc == 0 && i < ts->nr; i++)
			rc = add_parents(&es, ts, i, listed, met, unknown);
		free(listed);
	}
	if (rc == 0) {
		compress(g, &es);
		measure(g);
	}
	free(es.v);
	return rc;
}

void graph_release(struct graph *g)
{
	free(g->first_parent);
	free(g->parents);
	free(g->first_child);
	free(g->children);
	free(g->behind);
	memset(g, 0, sizeof(*g));
}

bool graph_has_edges(const struct graph *g)
{
	return g->nr && g->first_parent[g->nr] > 0;
}

bool graph_waits_for(const struct graph *g, uint32_t row, uint32_t parent)
{
	uint32_t k;

	for (k = g->first_parent[row]; k < g->first_parent[row + 1]; k++)
		if (g->parents[k] == parent)
			return true;
	return false;
}

/* Takes away, again and again, the rows that wait for nothing that is left. What stays, stays
 * because of a cycle: nr_waiting is then above 0. Returns how many stay. */
static uint32_t peel(const struct graph *g, uint32_t *nr_waiting)
{
	uint32_t *queue = xcalloc(g->nr, sizeof(*queue));
	uint32_t head = 0, tail = 0, i, k;

	for (i = 0; i < g->nr; i++) {
		nr_waiting[i] = g->first_parent[i + 1] - g->first_parent[i];
		if (nr_waiting[i] == 0)
			queue[tail++] = i;
	}
	for (; head < tail; head++) {
		i = queue[head];
		for (k = g->first_child[i]; k < g->first_child[i + 1]; k++)
			if (--nr_waiting[g->children[k]] == 0)
				queue[tail++] = g->children[k];
	}
	free(queue);
	return g->nr - tail;
}

/* A parent that stays; every row that stays has one. */
static uint32_t waiting_parent(const struct graph *g, const uint32_t *nr_waiting, uint32_t i)
{
	uint32_t k = g->first_parent[i];

	while (nr_waiting[g->parents[k]] == 0)
		k++;
	return g->parents[k];
}

/* Walks from parent to parent among the rows that stay: the first one met twice closes a cycle. */
static size_t walk_cycle(const struct graph *g, const uint32_t *nr_waiting, uint32_t **rows)
{
	bool *was_met = xcalloc(g->nr, sizeof(*was_met));
	uint32_t at = 0, first, i;
	size_t nr = 0;

	while (nr_waiting[at] == 0)
		at++;
	for (; !was_met[at]; at = waiting_parent(g, nr_waiting, at))
		was_met[at] = true;
	free(was_met);
	first = at;
	for (i = waiting_parent(g, nr_waiting, at); i != at; i = waiting_parent(g, nr_waiting, i)) {
		first = i < first ? i : first;
		nr++;
	}
	*rows = xcalloc(++nr, sizeof(**rows));
	for (i = 0, at = first; i < nr; i++, at = waiting_parent(g, nr_waiting, at))
		(*rows)[i] = at;
	return nr;
}

size_t graph_find_cycle(const struct graph *g, uint32_t **rows)
{
	uint32_t *nr_waiting = xcalloc(g->nr, sizeof(*nr_waiting));
	size_t nr = 0;

	*rows = NULL;
	if (peel(g, nr_waiting) > 0)
		nr = walk_cycle(g, nr_waiting, rows);
	free(nr_waiting);
	return nr;
}

/* Levels first, then a counting sort by them. */
uint32_t graph_levels(const struct graph *g, uint32_t *order, uint32_t *level)
{
	uint32_t *nr_waiting = xcalloc(g->nr, sizeof(*nr_waiting));
	uint32_t *at = xcalloc((size_t)g->nr + 1, sizeof(*at));
	uint32_t head = 0, tail = 0, i, k;

	memset(level, 0, g->nr * sizeof(*level));
	for (i = 0; i < g->nr; i++) {
		nr_waiting[i] = g->first_parent[i + 1] - g->first_parent[i];
		if (nr_waiting[i] == 0)
			order[tail++] = i;
	}
	for (; head < tail; head++) {
		i = order[head];
		for (k = g->first_child[i]; k < g->first_child[i + 1]; k++) {
			uint32_t child = g->children[k];

			if (level[child] <= level[i])
				level[child] = level[i] + 1;
			if (--nr_waiting[child] == 0)
				order[tail++] = child;
		}
	}
	for (i = 0; i < g->nr; i++)
		if (nr_waiting[i] == 0)
			at[level[i] + 1]++;
	for (i = 0; i < g->nr; i++)
		at[i + 1] += at[i];
	for (i = 0; i < g->nr; i++)
		if (nr_waiting[i] == 0)
			order[at[level[i]]++] = i;
	free(at);
	free(nr_waiting);
	return tail;
}
