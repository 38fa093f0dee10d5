#include "view/screen/gantt.h"

#include <string.h>

void gantt_clear(struct gantt_row *row)
{
	memset(row->cells, ' ', (size_t)row->axis.cells);
}

void gantt_span(struct gantt_row *row, char kind, int64_t from_t, int64_t to_t, bool is_open)
{
	int from = time_axis_cell(&row->axis, from_t), to = time_axis_cell(&row->axis, to_t);

	if (!is_open && to_t - from_t < row->axis.scale_ms)
		return;
	if (is_open && to <= from)
		to = from + 1;
	for (from = from < 0 ? 0 : from; from < to && from < row->axis.cells; from++)
		if (row->cells[from] == ' ')
			row->cells[from] = kind;
}

void gantt_point(struct gantt_row *row, char kind, int64_t t)
{
	int cell = time_axis_cell(&row->axis, t);

	if (cell >= 0 && cell < row->axis.cells && row->cells[cell] != 'X')
		row->cells[cell] = kind;
}

/* ---- an agent ----------------------------------------------------------- */

/* The next one that ran, or NULL. */
static const struct attempt *next_executed(const struct agent *a, uint32_t i)
{
	while (++i < a->nr_attempts)
		if (a->attempts[i].how != EXIT_VOID || !a->attempts[i].has_ended)
			return &a->attempts[i];
	return NULL;
}

static void add_attempt(struct gantt_row *row, const struct attempt *at, int64_t until_t)
{
	bool is_over = at->has_verdict;
	/* Ended, and being judged: it still holds its slot. */
	int64_t end_t = !is_over           ? until_t
	    : at->validating_t != NUM_NONE ? at->verdict_t
					   : at->ended_t;
	bool is_validated = at->validating_t != NUM_NONE && at->validating_t <= end_t;

	if (end_t == NUM_NONE)
		end_t = at->verdict_t;
	if (is_over)
		gantt_point(row, at->class == CLASS_SUCCESS ? '+' : 'X', end_t);
	gantt_span(row, '=', at->started_t, is_validated ? at->validating_t : end_t,
	    !is_over && !is_validated);
	if (is_validated)
		gantt_span(row, '?', at->validating_t, end_t, !is_over);
}

/* What was planned behind an attempt, as long as it lasted. */
static void add_wait(struct gantt_row *row, const struct batch *b, const struct agent *a,
    uint32_t i, int64_t until_t)
{
	const struct attempt *at = &a->attempts[i], *next = next_executed(a, i);
	int64_t from_t = at->has_verdict ? at->verdict_t : at->ended_t, next_t;

	if (at->wait_until_t == NUM_NONE || from_t == NUM_NONE)
		return;
	if (next || a->phase != PHASE_BACKOFF) {
		gantt_span(row, '~', from_t, next ? next->started_t : a->since_t, false);
		return;
	}
	gantt_span(row, '~', from_t, until_t, true);
	next_t = agent_next_t(b, a);
	if (next_t != NUM_NONE && next_t > until_t && b->end == END_NONE)
		gantt_span(row, '.', until_t, next_t, true);
}

void gantt_agent(struct gantt_row *row, const struct batch *b, const struct agent *a,
    int64_t until_t)
{
	uint32_t i;

	for (i = 0; i < a->nr_attempts; i++) {
		if (a->attempts[i].has_ended && a->attempts[i].how == EXIT_VOID)
			continue;
		add_attempt(row, &a->attempts[i], until_t);
		add_wait(row, b, a, i, until_t);
	}
}
