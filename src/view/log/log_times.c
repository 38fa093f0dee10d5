#include "view/log/log_times.h"
#include "base/clock.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

/* Looks that are no further apart tell the time itself. */
#define EXACT_MS 2000

void log_times_release(struct log_times *lt)
{
	free(lt->v);
	*lt = (struct log_times){0};
}

void log_times_clear(struct log_times *lt)
{
	lt->nr = 0;
}

/* Half of them are as good, only coarser. */
static void thin_out(struct log_times *lt)
{
	size_t i;

	for (i = 0; i < lt->nr / 2; i++)
		lt->v[i] = lt->v[2 * i + 1];
	lt->nr /= 2;
}

void log_times_saw(struct log_times *lt, int64_t size, int64_t t)
{
	struct log_look *last = lt->nr ? &lt->v[lt->nr - 1] : NULL;

	if (t == NUM_NONE || (last && (size <= last->size || t < last->t)))
		return;
	/* The last one moves on until it is far enough from the one before. */
	if (lt->nr >= 2 && t - lt->v[lt->nr - 2].t < LOG_TIMES_GAP) {
		*last = (struct log_look){size, t, t};
		return;
	}
	if (lt->nr == LOG_TIMES_MAX)
		thin_out(lt);
	VEC_GROW(lt->v, lt->nr, lt->cap);
	lt->v[lt->nr++] = (struct log_look){size, t, t};
}

void log_times_still(struct log_times *lt, int64_t size, int64_t t)
{
	struct log_look *last = lt->nr ? &lt->v[lt->nr - 1] : NULL;

	if (last && last->size == size && t > last->still_t)
		last->still_t = t;
}

struct bounds {
	int64_t from, to; /* NUM_NONE: not known */
};

static void not_before(struct bounds *b, int64_t t)
{
	if (t != NUM_NONE && (b->from == NUM_NONE || t > b->from))
		b->from = t;
}

static void not_after(struct bounds *b, int64_t t)
{
	if (t != NUM_NONE && (b->to == NUM_NONE || t < b->to))
		b->to = t;
}

/* The first look at a file that held the line. */
static void bounds_by_looks(const struct log_times *lt, int64_t at, struct bounds *b)
{
	size_t lo = 0, hi = lt->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (lt->v[mid].size > at)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo < lt->nr)
		not_after(b, lt->v[lo].t);
	if (lo > 0)
		not_before(b, lt->v[lo - 1].still_t);
}

static void bounds_by_attempts(const struct agent *a, int64_t at, struct bounds *b)
{
	uint32_t i;

	for (i = 0; i < a->nr_attempts; i++) {
		const struct attempt *t = &a->attempts[i];

		if (t->log_from != NUM_NONE && t->log_from <= at)
			not_before(b, t->started_t);
		if (t->has_ended && t->log_to != NUM_NONE && t->log_to > at)
			not_after(b, t->ended_t);
	}
}

void log_times_text(const struct log_times *lt, const struct agent *a, int64_t at,
    char out[LOG_TIME_LEN + 1])
{
	struct bounds b = {NUM_NONE, NUM_NONE};
	char clock[CLOCK_HMS_LEN + 1];
	char sign = ' ';

	bounds_by_looks(lt, at, &b);
	bounds_by_attempts(a, at, &b);
	out[0] = '\0';
	if (b.from == NUM_NONE && b.to == NUM_NONE)
		return;
	if (b.from == NUM_NONE || b.to == NUM_NONE || b.to - b.from > EXACT_MS)
		sign = b.to == NUM_NONE ? '>' : '<';
	clock_hms(b.to == NUM_NONE ? b.from : b.to, clock);
	snprintf(out, LOG_TIME_LEN + 1, "%c%s", sign, clock);
}
