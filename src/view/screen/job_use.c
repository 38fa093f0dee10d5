#include "view/screen/job_use.h"
#include "base/xalloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void job_use_init(struct job_use *u)
{
	*u = (struct job_use){0};
}

void job_use_clear(struct job_use *u)
{
	while (u->nr_batches > 0)
		free(u->batches[--u->nr_batches].seen);
	u->starts.nr = u->ends.nr = 0;
}

void job_use_release(struct job_use *u)
{
	job_use_clear(u);
	free(u->batches);
	free(u->starts.v);
	free(u->ends.v);
	job_use_init(u);
}

/* ---- what is new -------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void add_time(struct job_times *t, int64_t at)
{
	VEC_GROW(t->v, t->nr, t->cap);
	t->v[t->nr++] = at;
}

/* `was` of them are in order. A few more find their places from the end, where they belong; many,
 * as at the beginning, are sorted with the others. */
static void put_in_order(struct job_times *t, size_t was)
{
	size_t i, k;

	if (t->nr - was > 64) {
		qsort(t->v, t->nr, sizeof(*t->v), by_time);
		return;
	}
	for (i = was; i < t->nr; i++) {
		int64_t at = t->v[i];

		for (k = i; k > 0 && t->v[k - 1] > at; k--)
			t->v[k] = t->v[k - 1];
		t->v[k] = at;
	}
}

/* When it gave its slot back, or NUM_NONE. What never ran had none. */
static int64_t end_of(const struct agent *a, uint32_t i)
{
	const struct attempt *at = &a->attempts[i];

	if (at->has_ended && at->how == EXIT_VOID)
		return at->started_t;
	if (at->has_verdict)
		return at->validating_t != NUM_NONE || at->ended_t == NUM_NONE ? at->verdict_t
									       : at->ended_t;
	if (i + 1 < a->nr_attempts)
		return at->has_ended ? at->ended_t : a->attempts[i + 1].started_t;
	return NUM_NONE;
}

static void add_agent(struct job_use *u, struct job_use_seen *seen, const struct agent *a)
{
	int64_t end_t;

	while (seen->starts < a->nr_attempts)
		add_time(&u->starts, a->attempts[seen->starts++].started_t);
	while (seen->ends < a->nr_attempts) {
		end_t = end_of(a, seen->ends);
		if (end_t == NUM_NONE)
			return;
		/* A clock that was set back in between. */
		if (end_t < a->attempts[seen->ends].started_t)
			end_t = a->attempts[seen->ends].started_t;
		add_time(&u->ends, end_t);
		seen->ends++;
	}
}

static struct job_use_batch *batch_of(struct job_use *u, const struct batch_reader *r)
{
	uint32_t nr = r->state.nr_agents;
	size_t i;

	for (i = 0; i < u->nr_batches; i++)
		if (u->batches[i].batch == r && u->batches[i].agents == nr)
			return &u->batches[i];
	VEC_GROW(u->batches, u->nr_batches, u->cap_batches);
	u->batches[i] = (struct job_use_batch){
	    .batch = r,
	    .agents = nr,
	    .events = UINT64_MAX,
	    .seen = xcalloc(nr ? nr : 1, sizeof(*u->batches[i].seen)),
	};
	u->nr_batches++;
	return &u->batches[i];
}

void job_use_add(struct job_use *u, const struct batch_reader *r)
{
	struct job_use_batch *b = batch_of(u, r);
	size_t starts = u->starts.nr, ends = u->ends.nr;
	uint32_t i;

	if (b->events == r->state.nr_events)
		return;
	b->events = r->state.nr_events;
	for (i = 0; i < r->state.nr_agents; i++)
		if (r->state.agents[i].nr_attempts > b->seen[i].ends)
			add_agent(u, &b->seen[i], &r->state.agents[i]);
	put_in_order(&u->starts, starts);
	put_in_order(&u->ends, ends);
}

/* ---- a window ----------------------------------------------------------- */

/* How many are before `t`. */
static size_t before(const struct job_times *t, int64_t at)
{
	size_t low = 0, high = t->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->v[mid] < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Milliseconds that the times in [from, to) leave to its end; goes on to those behind it. */
static int64_t sum_left(const struct job_times *t, size_t *at, int64_t to_t)
{
	int64_t sum = 0;

	for (; *at < t->nr && t->v[*at] < to_t; ++*at)
		sum += to_t - t->v[*at];
	return sum;
}

void job_use_cells(const struct job_use *u, const struct time_axis *x, int64_t now_t,
    uint32_t *cells)
{
	size_t s = before(&u->starts, x->from_t), e = before(&u->ends, x->from_t);
	int64_t first_t = u->starts.nr ? u->starts.v[0] : INT64_MAX;
	int i;

	for (i = 0; i < x->cells; i++) {
		int64_t from_t = time_axis_begin(x, i), to_t = from_t + x->scale_ms, used;

		cells[i] = JOB_USE_NONE;
		if (from_t >= now_t)
			continue;
		if (to_t > now_t)
			to_t = now_t;
		used = (to_t - from_t) * ((int64_t)s - (int64_t)e);
		used += sum_left(&u->starts, &s, to_t) - sum_left(&u->ends, &e, to_t);
		if (to_t > first_t)
			cells[i] = (uint32_t)((used + (to_t - from_t) / 2) / (to_t - from_t));
	}
}
