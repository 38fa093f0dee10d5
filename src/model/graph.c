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

static int add_parents(struct edges *es, const struct tasks *ts, uint32_t i,
    const struct graph_met *met, struct graph_unknown *unknown)
{
	const char *s = task_get(ts, &ts->v[i], COL_DEPENDS_ON);
	size_t first = es->nr;
	const char *w;
	size_t len, k;

	while ((w = task_next_word(&s, &len))) {
		char id[256];
		uint32_t parent;

		snprintf(id, sizeof(id), "%.*s", (int)len, w);
		parent = len < sizeof(id) ? tasks_find(ts, id) : MAP_NONE;
		if (parent == MAP_NONE) {
			if (met && met->is_met(met->ctx, id))
				continue;
			unknown->task = i;
			memcpy(unknown->id, id, sizeof(id));
			return -1;
		}
		for (k = first; k < es->nr && es->v[k].from != parent; k++)
			;
		if (k < es->nr)
			continue;
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

int graph_build(struct graph *g, const struct tasks *ts, const struct graph_met *met,
    struct graph_unknown *unknown)
{
	struct edges es = {NULL, 0, 0};
	uint32_t i;
	int rc = 0;

	memset(g, 0, sizeof(*g));
	g->nr = ts->nr;
	if (ts->known[COL_DEPENDS_ON] >= 0)
		for (i = 0; rc == 0 && i < ts->nr; i++)
			rc = add_parents(&es, ts, i, met, unknown);
	if (rc == 0)
		compress(g, &es);
	free(es.v);
	return rc;
}

void graph_release(struct graph *g)
{
	free(g->first_parent);
	free(g->parents);
	free(g->first_child);
	free(g->children);
	memset(g, 0, sizeof(*g));
}

bool graph_has_edges(const struct graph *g)
{
	return g->nr && g->first_parent[g->nr] > 0;
}
