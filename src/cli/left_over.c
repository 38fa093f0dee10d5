#include "cli/left_over.h"
#include "base/map.h"
#include "base/xalloc.h"

#include <stdlib.h>

enum take { TAKE_NO, TAKE_DONE, TAKE_YES };

/* Drops rows with a parent that is neither done nor taken, and what hangs on them; each edge is
 * looked at once, however long the chains are. */
static uint32_t drop_stranded(const struct graph *g, enum take *take, uint32_t nr)
{
	uint32_t *queue = xcalloc(nr, sizeof(*queue));
	uint32_t head, tail = 0, nr_cancelled, i, k;

	for (i = 0; i < nr; i++)
		if (take[i] == TAKE_NO)
			queue[tail++] = i;
	nr_cancelled = tail;
	for (head = 0; head < tail; head++) {
		i = queue[head];
		for (k = g->first_child[i]; k < g->first_child[i + 1]; k++) {
			if (take[g->children[k]] != TAKE_YES)
				continue;
			take[g->children[k]] = TAKE_NO;
			queue[tail++] = g->children[k];
		}
	}
	free(queue);
	return tail - nr_cancelled;
}

static uint32_t failed_cycles(const struct merged_row *row, const struct agent *a)
{
	if (a->status == AGENT_SKIPPED)
		return 0;
	return row->cycles_failed > 0 ? row->cycles_failed : 1;
}

void left_over_init(struct left_over *l, const struct run_reader *run,
    const struct batch_reader *from)
{
	const struct batch *b = &from->state;
	enum take *take = xcalloc(b->nr_agents + 1, sizeof(*take));
	const struct merged_row **merged = xcalloc(b->nr_agents + 1, sizeof(*merged));
	uint32_t nr_rows, i;
	struct merged_row *rows = run_merge(run, &nr_rows);

	*l = (struct left_over){.rows = xcalloc(b->nr_agents + 1, sizeof(*l->rows))};
	for (i = 0; i < nr_rows; i++) {
		uint32_t at = batch_find(b, rows[i].task->id);

		if (at != AGENT_NONE)
			merged[at] = &rows[i];
	}
	for (i = 0; i < b->nr_agents; i++) {
		if (b->agents[i].status == AGENT_COMPLETED ||
		    (merged[i] && merged[i]->agent->status == AGENT_COMPLETED))
			take[i] = TAKE_DONE;
		else if (b->agents[i].status != AGENT_CANCELLED)
			take[i] = TAKE_YES;
		else
			l->nr_cancelled++;
	}
	if (graph_has_edges(&from->graph))
		l->nr_stranded = drop_stranded(&from->graph, take, b->nr_agents);
	for (i = 0; i < b->nr_agents; i++)
		if (take[i] == TAKE_YES)
			l->rows[l->nr++] = (struct retry_row){
			    .task = i,
			    .failed_cycles =
				merged[i] ? failed_cycles(merged[i], &b->agents[i]) : 1,
			};
	free(rows);
	free(merged);
	free(take);
}

void left_over_release(struct left_over *l)
{
	free(l->rows);
	*l = (struct left_over){0};
}
