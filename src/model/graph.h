/* Which rows wait for which: the depends_on column as two lists of indexes in compressed form. */
#ifndef AB_MODEL_GRAPH_H
#define AB_MODEL_GRAPH_H

#include "base/err.h"
#include "model/task.h"

#include <stdbool.h>
#include <stdint.h>

struct graph {
	uint32_t nr;
	uint32_t *first_parent; /* nr + 1 offsets into parents */
	uint32_t *parents;
	uint32_t *first_child; /* nr + 1 offsets into children */
	uint32_t *children;
	/* Rows in the longest chain that waits for this one, itself not counted: what is left to do
	 * behind it, at least. 0 on a dependency cycle and above one. */
	uint32_t *behind;
};

/* Who names a row's dependency that is not in the file: true when it is known to be met (a
 * completed row of an earlier cycle). NULL: nothing is. */
struct graph_met {
	bool (*is_met)(void *ctx, const char *id);
	void *ctx;
};

/* The place of an id that nobody has. */
struct graph_unknown {
	uint32_t task;
	char id[256];
};

/* Builds it. An id given twice counts once; met ids leave no edge. -1: an unknown id, told in
 * `unknown`; the graph is then released. */
int graph_build(struct graph *g, const struct tasks *ts, const struct graph_met *met,
    struct graph_unknown *unknown);
void graph_release(struct graph *g);
bool graph_has_edges(const struct graph *g);
/* Whether `row` names `parent` among its dependencies. */
bool graph_waits_for(const struct graph *g, uint32_t row, uint32_t parent);

/* The rows in an order in which parents come before their children, those of one level (rows
 * before them in the longest chain) together and in the file's order; `order` and `level` have room
 * for nr. Returns how many: fewer than nr when there is a cycle. */
uint32_t graph_levels(const struct graph *g, uint32_t *order, uint32_t *level);

/* Rows that wait for each other: each depends on the next and the last on the first, beginning
 * with the row that stands first in the file. Returns how many, 0 when there is no cycle; *rows is
 * malloc'ed then, else NULL. */
size_t graph_find_cycle(const struct graph *g, uint32_t **rows);

#endif
