/* Coming to a batch that somebody else conducted: finding its attempts again, and completing what
 * a crash cut short. Starting anew is the same path with nothing to find. */
#include "engine/conductor_parts.h"

static void find_again(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct attempt_ref ref = {.agent = agent, .n = at->n, .kind = RECORD_AGENT};
	struct ev_exit exit = {.log_to = NUM_NONE, .rss_kb = NUM_NONE, .cpu_ms = NUM_NONE};

	switch (c->ex->ops->probe(c->ex, ref, &exit)) {
	case PROBE_ALIVE:
		return;
	case PROBE_ENDED:
		break;
	case PROBE_VOID:
		exit = (struct ev_exit){
		    .how = EXIT_VOID, .log_to = NUM_NONE, .rss_kb = NUM_NONE, .cpu_ms = NUM_NONE};
		break;
	case PROBE_UNKNOWN:
		exit = (struct ev_exit){.how = EXIT_UNKNOWN,
		    .log_to = NUM_NONE,
		    .rss_kb = NUM_NONE,
		    .cpu_ms = NUM_NONE};
		conductor_log_about(c, agent, at->n, "no exit record, and nothing of it is alive");
		break;
	}
	conductor_attempt_ended(c, ref, &exit);
}

static void find_validation(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct attempt_ref ref = {.agent = agent, .n = at->n, .kind = RECORD_VALIDATE};
	struct ev_exit exit = {.log_to = NUM_NONE, .rss_kb = NUM_NONE, .cpu_ms = NUM_NONE};

	c->live[agent].active_m = c->now.mono_ms;
	switch (c->ex->ops->probe(c->ex, ref, &exit)) {
	case PROBE_ALIVE:
		return;
	case PROBE_ENDED:
		conductor_judge_validated(c, agent, &exit);
		return;
	case PROBE_VOID: /* it was not begun: a check that did not run may be run */
		conductor_queue_start(c, ref);
		return;
	case PROBE_UNKNOWN:
		exit.how = EXIT_UNKNOWN;
		conductor_judge_validated(c, agent, &exit);
		return;
	}
}

/* An attempt that is over for the journal may have left processes that are still there: the next
 * one must not start beside them. */
static void find_left_by(struct conductor *c, struct attempt_ref ref)
{
	struct ev_exit exit = {.log_to = NUM_NONE, .rss_kb = NUM_NONE, .cpu_ms = NUM_NONE};

	if (c->ex->ops->probe(c->ex, ref, &exit) == PROBE_ALIVE)
		conductor_set_busy(c, ref, true);
}

static void find_leftovers(struct conductor *c, uint32_t agent)
{
	const struct attempt *at = agent_last_attempt(&c->batch->agents[agent]);
	struct attempt_ref ref = {.agent = agent, .n = at->n, .kind = RECORD_AGENT};

	find_left_by(c, ref);
	ref.kind = RECORD_VALIDATE;
	if (at->validating_t != NUM_NONE && at->has_verdict)
		find_left_by(c, ref);
}

/* A turn's events are one write, but a power cut may leave any beginning of them. */
static void complete(struct conductor *c, uint32_t agent)
{
	const struct agent *a = &c->batch->agents[agent];
	const struct attempt *at = agent_last_attempt(a);

	c->live[agent].active_m = c->now.mono_ms;
	c->live[agent].log_bytes = c->ex->ops->log_size(c->ex, agent);
	if (at->has_verdict)
		conductor_follow_up(c, agent);
	else if (!at->has_ended)
		find_again(c, agent);
	else if (at->how == EXIT_VOID)
		conductor_set_status(c, agent, AGENT_PENDING, "the attempt never ran");
	else if (a->phase == PHASE_VALIDATING)
		find_validation(c, agent);
	else
		conductor_judge(c, agent);
}

static void come_back(struct conductor *c, uint32_t agent)
{
	const struct agent *a = &c->batch->agents[agent];
	const struct attempt *at = agent_last_attempt(a);

	if (!at)
		return;
	if (at->has_ended && at->how != EXIT_VOID)
		find_leftovers(c, agent);
	if (a->status == AGENT_IN_PROGRESS && a->phase != PHASE_BACKOFF)
		complete(c, agent);
}

void conductor_begin(struct conductor *c, struct instant now)
{
	uint32_t i;

	c->now = now;
	for (i = 0; i < c->batch->nr_agents; i++)
		come_back(c, i);
}
