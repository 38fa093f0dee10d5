/* Which running attempts have used up their time. */
#include "policy/decide.h"

/* Each bound is an absolute deadline; 0 or NEVER where there is none. */
static int64_t deadline(int64_t from_m, int64_t span_ms)
{
	return span_ms > 0 ? from_m + span_ms : NEVER;
}

static enum kill_why check_one(const struct batch *b, const struct policy *p, uint32_t i,
    struct instant now, int64_t *next_m)
{
	const struct agent *a = &b->agents[i];
	const struct attempt *at = agent_last_attempt(a);
	const struct live *l = &p->live[i];
	int64_t begun_m, hard, quiet;

	if (!at || l->is_ending || l->is_queued)
		return KILL_NONE;
	if (a->phase == PHASE_VALIDATING) {
		hard = deadline(l->active_m, p->validate_ms);
		quiet = NEVER;
	} else {
		/* The disk may have kept it waiting between its start event and its process. */
		begun_m = l->begun_m > at->started_m ? l->begun_m : at->started_m;
		hard = deadline(begun_m, l->timeout_ms);
		quiet = deadline(l->active_m > begun_m ? l->active_m : begun_m, l->stall_ms);
	}
	if (now.mono_ms >= hard)
		return KILL_TIMEOUT;
	if (now.mono_ms >= quiet)
		return KILL_STALL;
	if (hard < *next_m)
		*next_m = hard;
	if (quiet < *next_m)
		*next_m = quiet;
	return KILL_NONE;
}

enum kill_why decide_overdue(const struct batch *b, const struct policy *p, struct instant now,
    uint32_t *cursor, uint32_t *agent, int64_t *wake_m)
{
	if (*cursor == 0)
		*wake_m = NEVER;
	while (*cursor < b->nr_running) {
		uint32_t i = b->running[(*cursor)++];
		enum kill_why why = check_one(b, p, i, now, wake_m);

		if (why != KILL_NONE) {
			*agent = i;
			return why;
		}
	}
	return KILL_NONE;
}
