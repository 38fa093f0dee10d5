#include "model/doubt.h"

#include <math.h>

/* Starts of a look. */
#define LOOK_NR 16
/* So many limits in one are no error of what was learned. */
#define MANY_LIMITS 4
/* Fewer served ones say nothing of the pace. */
#define PACE_SERVED 3
/* A trial is not judged by fewer, and holds for so many looks: services change. */
#define TRIAL_NR 6
#define TRIAL_LOOKS 8

static int64_t pace_ms(const struct doubt *d, int64_t m)
{
	uint32_t served = d->nr - d->nr_refused;
	int64_t ms;

	if (served < PACE_SERVED || __builtin_sub_overflow(m, d->from.m, &ms) || ms <= 0)
		return 0;
	return ms / served;
}

void doubt_begin(struct doubt *d, struct gate_mark now)
{
	int64_t pace = pace_ms(d, now.m);

	if (pace > 0)
		d->pace_ms = pace;
	d->from = now;
	d->nr = d->nr_refused = d->nr_limits = 0;
}

/* More is refused than was while held back: by two standard errors of the difference. */
static bool is_worse(const struct doubt *d)
{
	double n = d->nr, n0 = d->held_nr;
	double all = (d->nr_refused + d->held_refused) / (n + n0);

	return d->nr >= TRIAL_NR &&
	    d->nr_refused / n - d->held_refused / n0 > 2 * sqrt(all * (1 - all) * (1 / n + 1 / n0));
}

/* Limits are met although starts are held back: many, or some at less than half the pace at which so
 * many were served before. */
static bool is_in_vain(const struct doubt *d, int64_t m)
{
	if (d->nr_limits >= MANY_LIMITS)
		return true;
	return d->nr >= LOOK_NR && d->nr_limits > 1 && d->pace_ms > 0 &&
	    pace_ms(d, m) / 2 > d->pace_ms;
}

/* A trial that serves no more than what it is to better is of no use either. */
static bool pays(const struct doubt *d, int64_t m)
{
	int64_t pace = pace_ms(d, m);

	return pace > 0 && pace < d->held_pace_ms / 3 * 2;
}

static bool turn(struct doubt *d, struct gate_mark now)
{
	d->held_pace_ms = pace_ms(d, now.m);
	d->is_free = !d->is_free;
	d->held_nr = d->nr;
	d->held_refused = d->nr_refused;
	d->nr_looks = 0;
	doubt_begin(d, now);
	return true;
}

bool doubt_note(struct doubt *d, uint32_t seq, bool is_refused, bool is_limit, struct gate_mark now)
{
	if (seq < d->from.seq)
		return false;
	d->nr++;
	d->nr_refused += is_refused;
	d->nr_limits += is_limit;
	if (d->is_free ? is_worse(d) : is_in_vain(d, now.m))
		return turn(d, now);
	if (d->nr < LOOK_NR)
		return false;
	if (d->is_free && (++d->nr_looks >= TRIAL_LOOKS || !pays(d, now.m)))
		return turn(d, now);
	doubt_begin(d, now);
	return false;
}
