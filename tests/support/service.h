/* A service with a limit, as its own clock sees it: no socket, no sleep. The tests of the gate ask
 * it under a simulated clock, the simulator's agents too, and tests/support/limited serves it to
 * real processes. */
#ifndef AB_TESTS_SUPPORT_SERVICE_H
#define AB_TESTS_SUPPORT_SERVICE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define TOLD_NOTHING INT64_MIN

enum service_kind {
	SERVICE_FREE,
	SERVICE_RATE, /* a bucket of `burst`, filled by `per_s` */
	SERVICE_AT_ONCE, /* `most` at once */
	SERVICE_WINDOW, /* `most` in each span of window_ms, the first one from the first request */
	SERVICE_USAGE, /* `most` in all, then none before resets_at_ms; after that, free */
	SERVICE_FLAKY /* no limit: it refuses `refuses_pct` of all, whoever asks and how often */
};

struct service {
	enum service_kind kind;
	double per_s, burst;
	uint32_t most;
	int64_t window_ms, resets_at_ms;
	uint32_t refuses_pct;
	bool tells; /* the time to wait, in whole seconds, rounded up */

	double level; /* of the bucket */
	int64_t level_at_ms;
	bool is_used;
	int64_t window_from_ms;
	uint32_t in_window, at_once;
	uint64_t dice;
	uint32_t nr_served, nr_refused, nr_refused_in_row, worst_row;
};

static inline bool service_limits(struct service *s, int64_t now_ms, int64_t *left_ms)
{
	switch (s->kind) {
	case SERVICE_FREE:
		return false;
	case SERVICE_RATE:
		s->level += (double)(now_ms - s->level_at_ms) * s->per_s / 1000;
		if (!s->is_used || s->level > s->burst)
			s->level = s->burst;
		s->level_at_ms = now_ms;
		*left_ms = (int64_t)ceil((1 - s->level) * 1000 / s->per_s);
		return s->level < 1;
	case SERVICE_AT_ONCE:
		*left_ms = 1;
		return s->at_once >= s->most;
	case SERVICE_WINDOW:
		if (!s->is_used)
			s->window_from_ms = now_ms;
		if (now_ms - s->window_from_ms >= s->window_ms) {
			s->window_from_ms +=
			    (now_ms - s->window_from_ms) / s->window_ms * s->window_ms;
			s->in_window = 0;
		}
		*left_ms = s->window_from_ms + s->window_ms - now_ms;
		return s->in_window >= s->most;
	case SERVICE_USAGE:
		*left_ms = s->resets_at_ms - now_ms;
		return s->in_window >= s->most && *left_ms > 0;
	case SERVICE_FLAKY:
		s->dice = s->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		*left_ms = 1;
		return (s->dice >> 33) % 100 < s->refuses_pct;
	}
	return false;
}

/* One request. Taken up, it counts as one of those at once until service_done. If not, *told_s is
 * the whole seconds to wait that it is told, or TOLD_NOTHING. */
static inline bool service_ask(struct service *s, int64_t now_ms, int64_t *told_s)
{
	int64_t left_ms = 0;
	bool is_refused = service_limits(s, now_ms, &left_ms);

	*told_s = TOLD_NOTHING;
	s->is_used = true;
	if (is_refused) {
		if (s->tells)
			*told_s = left_ms > 0 ? (left_ms + 999) / 1000 : 1;
		s->nr_refused++;
		if (++s->nr_refused_in_row > s->worst_row)
			s->worst_row = s->nr_refused_in_row;
		return false;
	}
	s->level--;
	s->in_window++;
	s->at_once++;
	s->nr_served++;
	s->nr_refused_in_row = 0;
	return true;
}

static inline void service_done(struct service *s)
{
	s->at_once--;
}

#endif
