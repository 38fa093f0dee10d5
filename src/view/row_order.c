#include "view/row_order.h"
#include "base/xalloc.h"
#include "view/model.h"
#include "view/row.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *view_sort_word(enum view_sort s)
{
	static const char *const words[SORT__COUNT] = {
	    [SORT_STATE] = "state",
	    [SORT_ID] = "id",
	    [SORT_TRY] = "try",
	    [SORT_TIME] = "time",
	    [SORT_CLASS] = "class",
	    [SORT_COST] = "cost",
	    [SORT_AGENT] = "agent",
	};

	return words[s];
}

bool view_sort_falls(enum view_sort s, bool is_reversed)
{
	return (s == SORT_TRY || s == SORT_TIME || s == SORT_COST) != is_reversed;
}

/* ---- names as numbers --------------------------------------------------- */

/* agent-2 before agent-10; where digits say the same, the bytes decide. */
static int compare_names(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x && *y) {
		size_t nx, ny;
		int d;

		if (!isdigit((unsigned char)*x) || !isdigit((unsigned char)*y)) {
			if (*x != *y)
				return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
			x++;
			y++;
			continue;
		}
		x += strspn(x, "0");
		y += strspn(y, "0");
		nx = strspn(x, "0123456789");
		ny = strspn(y, "0123456789");
		d = nx != ny ? (nx < ny ? -1 : 1) : memcmp(x, y, nx);
		if (d)
			return d;
		x += nx;
		y += ny;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b);
}

struct name_rank {
	const char *name;
	uint32_t index;
};

static int by_name(const void *a, const void *b)
{
	return compare_names(((const struct name_rank *)a)->name,
	    ((const struct name_rank *)b)->name);
}

/* ranks[i]: the place of names[i] among them. */
static void rank_names(struct name_rank *names, uint32_t nr, uint32_t *ranks)
{
	bool is_sorted = true;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		names[i].index = i;
		is_sorted = is_sorted && (i == 0 || by_name(&names[i - 1], &names[i]) < 0);
	}
	/* As most files of tasks are: to find that out costs a tenth of sorting. */
	if (!is_sorted)
		qsort(names, nr, sizeof(*names), by_name);
	for (i = 0; i < nr; i++)
		ranks[names[i].index] = i;
}

/* Ids never change: ranked once for each batch. */
static const uint32_t *id_ranks(struct view_model *m)
{
	const struct batch *b = &m->shown->state;
	struct name_rank *names;
	uint32_t i;

	if (m->id_ranks_of == m->shown)
		return m->id_ranks;
	names = xmalloc((b->nr_agents + 1) * sizeof(*names));
	for (i = 0; i < b->nr_agents; i++)
		names[i].name = b->agents[i].task->id;
	m->id_ranks = xrealloc(m->id_ranks, (b->nr_agents + 1) * sizeof(*m->id_ranks));
	rank_names(names, b->nr_agents, m->id_ranks);
	m->id_ranks_of = m->shown;
	free(names);
	return m->id_ranks;
}

/* What `ranks` has of accounts or classes; malloc'ed. */
static uint32_t *group_ranks(const struct view_model *m)
{
	const struct batch *b = &m->shown->state;
	uint32_t nr = m->sort == SORT_AGENT ? b->nr_accounts : CLASS__COUNT, i;
	struct name_rank *names = xmalloc((nr + 1) * sizeof(*names));
	uint32_t *ranks = xmalloc((nr + 1) * sizeof(*ranks));

	for (i = 0; i < nr; i++)
		names[i].name =
		    m->sort == SORT_AGENT ? b->accounts[i].name : class_name((enum attempt_class)i);
	rank_names(names, nr, ranks);
	free(names);
	return ranks;
}

/* ---- keys --------------------------------------------------------------- */

struct keyed {
	uint64_t key;
	uint32_t agent;
};
#define KEY_NOTHING UINT64_MAX
#define KEY_MAX (UINT64_MAX - 1)

static uint64_t key_of(const struct view_model *m, uint32_t agent, const uint32_t *ranks)
{
	const struct agent *a = view_agent(m, agent);
	const struct attempt *at;
	int64_t ms;

	switch (m->sort) {
	case SORT_STATE:
		return shown_role(a);
	case SORT_ID:
		return ranks[agent];
	case SORT_TRY:
		return shown_table_try(a) ? shown_table_try(a) : KEY_NOTHING;
	case SORT_TIME:
		ms = view_row_time_ms(m, agent);
		return ms < 0 ? KEY_NOTHING : (uint64_t)ms;
	case SORT_CLASS:
		at = shown_last_judged(a);
		return at && at->class != CLASS_SUCCESS ? ranks[at->class] : KEY_NOTHING;
	case SORT_COST:
		/* In millionths, which no sum of dollars outgrows. */
		return view_has_cost(a) && a->cost_usd >= 0 && a->cost_usd < 1e12
		    ? (uint64_t)(a->cost_usd * 1e6)
		    : KEY_NOTHING;
	case SORT_AGENT:
		return ranks[a->account];
	case SORT__COUNT:
		break;
	}
	return KEY_NOTHING;
}

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->agent < y->agent ? -1 : x->agent > y->agent;
}

/* ---- the rows ----------------------------------------------------------- */

/* Rows that are taken, with their keys, in the order of the CSV. Returns how many. */
static uint32_t take_rows(struct view_model *m, struct keyed *rows)
{
	bool falls = view_sort_falls(m->sort, m->is_reversed);
	bool is_grouped = m->sort == SORT_AGENT || m->sort == SORT_CLASS;
	uint32_t *groups = is_grouped ? group_ranks(m) : NULL, nr = 0, i;
	const uint32_t *ranks = m->sort == SORT_ID ? id_ranks(m) : groups;
	for (i = 0; i < m->shown->state.nr_agents; i++) {
		uint64_t key;

		if (!view_model_takes(m, m->shown, i))
			continue;
		key = key_of(m, i, ranks);
		if (falls && key != KEY_NOTHING)
			key = (m->sort == SORT_STATE ? ROLE__COUNT - 1 : KEY_MAX) - key;
		rows[nr++] = (struct keyed){key, i};
	}
	free(groups);
	return nr;
}

/* States are few: every event of a batch sorts by them. */
static void sort_by_state(struct view_model *m, const struct keyed *rows)
{
	uint32_t at[ROLE__COUNT + 1] = {0}, i;

	for (i = 0; i < m->nr_rows; i++)
		at[rows[i].key + 1]++;
	for (i = 0; i < ROLE__COUNT; i++)
		at[i + 1] += at[i];
	for (i = 0; i < m->nr_rows; i++)
		m->rows[at[rows[i].key]++] = rows[i].agent;
}

static void sort_by_key(struct view_model *m, struct keyed *rows)
{
	uint32_t i;

	qsort(rows, m->nr_rows, sizeof(*rows), by_key);
	for (i = 0; i < m->nr_rows; i++)
		m->rows[i] = rows[i].agent;
}

void view_sort_rows(struct view_model *m)
{
	uint32_t nr = m->shown->state.nr_agents, i;
	struct keyed *rows = xmalloc((nr + 1) * sizeof(*rows));

	m->nr_rows = take_rows(m, rows);
	if (m->sort == SORT_STATE)
		sort_by_state(m, rows);
	else
		sort_by_key(m, rows);
	for (i = 0; i < nr; i++)
		m->places[i] = AGENT_NONE;
	for (i = 0; i < m->nr_rows; i++)
		m->places[m->rows[i]] = i;
	free(rows);
}
