#include "base/xalloc.h"
#include "formats/run_reader.h"

#include <stdlib.h>
#include <string.h>

/* The attempt that the outcome rests on: the last one judged; in a row that is not through, the
 * last one that ran. */
static const struct attempt *deciding_attempt(const struct agent *a)
{
	bool is_final = status_is_final(a->status);
	uint32_t i;

	for (i = a->nr_attempts; i-- > 0;) {
		const struct attempt *at = &a->attempts[i];
		bool is_void = at->has_ended && at->how == EXIT_VOID;

		if (is_final ? at->has_verdict : !is_void)
			return at;
	}
	return NULL;
}

/* One batch of the run, on its way into the rows. */
struct layer {
	const struct batch_reader *from;
	bool has_ended;
	bool has_all_ended; /* every batch counts as ended */
};

/* A batch that is over and has not settled the row: it left no trace there. */
static bool is_traceless(const struct layer *l, const struct agent *a)
{
	return l->has_ended && !status_is_final(a->status);
}

/* How much a status says, between branches that run the row at the same time. */
static int weight_of(const struct layer *l, const struct agent *a)
{
	if (is_traceless(l, a))
		return 0;
	switch (a->status) {
	case AGENT_COMPLETED:
		return 5;
	case AGENT_IN_PROGRESS:
		return 4;
	case AGENT_PENDING:
		return 3;
	case AGENT_FAILED:
		return 2;
	case AGENT_SKIPPED:
	case AGENT_CANCELLED:
	case AGENT__COUNT:
		break;
	}
	return 1;
}

/* Who completed it first has it; among others, and in the same moment, the one that was made
 * first. */
static bool is_better_branch(const struct merged_row *row, const struct layer *l,
    const struct agent *a)
{
	const struct layer other = {
	    row->from, l->has_all_ended || row->from->state.end != END_NONE, l->has_all_ended};
	int own = weight_of(l, a), stands = weight_of(&other, row->agent);

	if (own == stands && a->status == AGENT_COMPLETED)
		return a->since_t < row->agent->since_t;
	return own > stands;
}

/* Whether a later cycle's outcome takes the place of the one that stands. */
static bool is_better(const struct merged_row *row, const struct layer *l, const struct agent *a)
{
	if (!row->agent)
		return true;
	if (run_are_siblings(row->from, l->from))
		return is_better_branch(row, l, a);
	if (row->agent->status == AGENT_COMPLETED)
		return false;
	/* Not to have been run says less than how it failed before. */
	return !(is_traceless(l, a) && status_is_final(row->agent->status));
}

static void add_usage(struct merged_row *row, const struct agent *a)
{
	uint32_t i;

	row->attempts += agent_executions(a);
	row->cost_usd += a->cost_usd;
	row->tokens_in += a->tokens_in;
	row->tokens_out += a->tokens_out;
	for (i = 0; i < a->nr_attempts; i++) {
		const struct attempt *at = &a->attempts[i];

		row->is_cost_told |= at->cost_usd >= 0;
		row->are_tokens_told |= at->tokens_in != NUM_NONE || at->tokens_out != NUM_NONE;
	}
}

/* Children stand behind their parents: the text before is that of an earlier cycle. */
static void note_text(struct merged_row *row, const struct layer *l, const struct agent *a)
{
	const char *text = task_get(&l->from->tasks, a->task, COL_TASK);

	row->task_changed |= row->task_text && strcmp(row->task_text, text) != 0;
	row->task_text = text;
}

static void add_outcome(struct merged_row *row, const struct layer *l, const struct agent *a)
{
	note_text(row, l, a);
	if (a->status == AGENT_FAILED || is_traceless(l, a)) {
		row->cycles_failed++;
		if (!row->first_failed_in) {
			row->first_failed_in = l->from;
			row->first_failure = deciding_attempt(a);
		}
	}
	add_usage(row, a);
	if (!is_better(row, l, a))
		return;
	row->from = l->from;
	row->agent = a;
	row->attempt = deciding_attempt(a);
}

static struct merged_row *merge(const struct run_reader *r, bool has_ended, uint32_t *nr)
{
	struct merged_row *rows = NULL;
	struct map by_id;
	uint32_t cap = 0, i;
	size_t k;

	*nr = 0;
	map_init(&by_id);
	for (k = 0; k < r->nr; k++) {
		const struct batch *b = &r->batches[k]->state;
		const struct layer l = {r->batches[k], has_ended || b->end != END_NONE, has_ended};

		for (i = 0; i < b->nr_agents; i++) {
			uint32_t at = map_put(&by_id, b->agents[i].task->id, *nr);

			if (at == *nr) {
				VEC_GROW(rows, *nr, cap);
				rows[(*nr)++] = (struct merged_row){.task = b->agents[i].task};
			}
			add_outcome(&rows[at], &l, &b->agents[i]);
		}
	}
	map_release(&by_id);
	return rows ? rows : xcalloc(1, sizeof(*rows));
}

struct merged_row *run_merge(const struct run_reader *r, uint32_t *nr)
{
	return merge(r, false, nr);
}

struct merged_row *run_merge_ended(const struct run_reader *r, uint32_t *nr)
{
	return merge(r, true, nr);
}

bool run_all_completed(const struct run_reader *r)
{
	uint32_t nr, i = 0;
	struct merged_row *rows = run_merge_ended(r, &nr);

	while (i < nr && rows[i].agent->status == AGENT_COMPLETED)
		i++;
	free(rows);
	return i == nr;
}
