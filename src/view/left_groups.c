#include "view/left_groups.h"
#include "base/xalloc.h"
#include "view/shown.h"

#include <stdlib.h>

const char *row_message(const struct merged_row *row)
{
	if (row->attempt && row->attempt->message)
		return row->attempt->message;
	return row->agent->why ? row->agent->why : "";
}

bool row_is_left(const struct merged_row *row)
{
	return row->agent->status != AGENT_COMPLETED;
}

bool row_is_spent(const struct merged_row *row)
{
	const struct options *o = &row->from->manifest.options;

	return row->agent->status == AGENT_FAILED && o->auto_retry && o->max_retries > 0 &&
	    row->from->state.cycle >= o->max_retries;
}

const char *left_group_next(const struct left_group *g, enum run_state state)
{
	if (g->cause == CAUSE_UNFINISHED && state != RUN_INTERRUPTED && state != RUN_STOPPED)
		return NULL;
	return root_cause_next(g->cause);
}

static struct left_group group_new(const struct merged_row *row)
{
	struct left_group g = {.first = row, .evidence = BUF_INIT};
	struct buf kind = BUF_INIT;

	g.cause = root_cause_of(row, &g.evidence);
	buf_fmt(&kind, "%s %s%s ", status_name(row->agent->status), root_cause_name(g.cause),
	    row->agent->is_set_aside ? " aside" : "");
	shown_failure_group(row->agent, &kind);
	g.kind = buf_detach(&kind);
	return g;
}

static void group_release(struct left_group *g)
{
	free(g->kind);
	buf_release(&g->evidence);
}

/* The place of the row's group, which is made where it is the first of its kind. */
static uint32_t group_of(struct left_groups *g, struct map *kinds, const struct merged_row *row)
{
	struct left_group made = group_new(row);
	uint32_t i = map_put(kinds, made.kind, g->nr);

	if (i < g->nr) {
		group_release(&made);
		return i;
	}
	VEC_GROW(g->v, g->nr, g->cap);
	g->v[g->nr++] = made;
	return i;
}

/* Largest first. Among equal ones the order is that of the file. */
static int by_size(const void *a, const void *b)
{
	const struct left_group *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr > y->nr ? -1 : 1;
	return x->from < y->from ? -1 : 1;
}

/* Puts each group's rows behind each other. */
static void list_rows(struct left_groups *g, const uint32_t *of_row, uint32_t nr_rows)
{
	uint32_t *next = xcalloc(g->nr + 1, sizeof(*next));
	uint32_t i, at = 0;

	for (i = 0; i < g->nr; i++) {
		g->v[i].from = next[i] = at;
		at += g->v[i].nr;
	}
	g->nr_rows = at;
	g->rows = xcalloc(at + 1, sizeof(*g->rows));
	for (i = 0; i < nr_rows; i++)
		if (of_row[i] != MAP_NONE)
			g->rows[next[of_row[i]]++] = i;
	free(next);
}

void left_groups_init(struct left_groups *g, const struct run_sums *s)
{
	uint32_t *of_row = xcalloc(s->nr_rows + 1, sizeof(*of_row));
	struct map kinds = MAP_INIT;
	uint32_t i;

	*g = (struct left_groups){0};
	for (i = 0; i < s->nr_rows; i++) {
		const struct merged_row *row = &s->rows[i];
		struct left_group *group;

		of_row[i] = row_is_left(row) ? group_of(g, &kinds, row) : MAP_NONE;
		if (of_row[i] == MAP_NONE)
			continue;
		group = &g->v[of_row[i]];
		group->nr++;
		group->nr_spent += row_is_spent(row);
		group->cost_usd += row->cost_usd;
		g->nr_spent += row_is_spent(row);
	}
	list_rows(g, of_row, s->nr_rows);
	if (g->nr)
		qsort(g->v, g->nr, sizeof(*g->v), by_size);
	free(of_row);
	map_release(&kinds);
}

void left_groups_release(struct left_groups *g)
{
	uint32_t i;

	for (i = 0; i < g->nr; i++)
		group_release(&g->v[i]);
	free(g->v);
	free(g->rows);
}
