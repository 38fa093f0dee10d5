#include "model/event.h"

#include <string.h>

static const char *const type_names[EV__COUNT] = {
    [EV_UNKNOWN] = "",
    [EV_BATCH] = "batch",
    [EV_START] = "start",
    [EV_EXIT] = "exit",
    [EV_VERDICT] = "verdict",
    [EV_WAIT] = "wait",
    [EV_STATUS] = "status",
    [EV_GATE] = "gate",
    [EV_VERB] = "verb",
    [EV_CYCLE] = "cycle",
    [EV_SOLVE] = "solve",
    [EV_END] = "end",
};

static const char *const kill_names[] = {
    [KILL_NONE] = "",
    [KILL_CANCEL] = "cancel",
    [KILL_TIMEOUT] = "timeout",
    [KILL_STALL] = "stall",
    [KILL_HALT] = "halt",
    [KILL_WON] = "branch",
};

const char *event_type_name(enum event_type t)
{
	return type_names[t];
}

enum event_type event_type_from_name(const char *s)
{
	int i;

	for (i = EV_UNKNOWN + 1; i < EV__COUNT; i++)
		if (strcmp(type_names[i], s) == 0)
			return (enum event_type)i;
	return EV_UNKNOWN;
}

const char *kill_why_name(enum kill_why k)
{
	return kill_names[k];
}

int kill_why_from_name(const char *s)
{
	int i;

	for (i = KILL_CANCEL; i <= KILL_WON; i++)
		if (strcmp(kill_names[i], s) == 0)
			return i;
	return -1;
}

static void init_body(struct event *ev)
{
	switch (ev->type) {
	case EV_BATCH:
		ev->batch.pid = ev->batch.not_before_t = ev->batch.jobs = NUM_NONE;
		ev->batch.spent_tokens = NUM_NONE;
		ev->batch.spent_usd = -1;
		break;
	case EV_START:
		ev->start.log_from = NUM_NONE;
		break;
	case EV_EXIT:
		ev->exit.log_to = ev->exit.rss_kb = ev->exit.cpu_ms = NUM_NONE;
		break;
	case EV_VERDICT:
		ev->verdict.retry_after_ms = ev->verdict.reset_at_t = NUM_NONE;
		ev->verdict.tokens_in = ev->verdict.tokens_out = ev->verdict.turns = NUM_NONE;
		ev->verdict.tokens_total = NUM_NONE;
		ev->verdict.cost_usd = -1;
		break;
	case EV_GATE:
		ev->gate.until_t = ev->gate.width = NUM_NONE;
		ev->gate.pace_ms = ev->gate.burst = NUM_NONE;
		ev->gate.lasted_ms = ev->gate.nr_lasted = NUM_NONE;
		break;
	case EV_VERB:
		ev->verb.n = NUM_NONE;
		break;
	case EV_CYCLE:
		ev->cycle.until_t = NUM_NONE;
		break;
	case EV_SOLVE:
		ev->solve.rows = ev->solve.until_t = ev->solve.nr_missing = ev->solve.exit_code =
		    NUM_NONE;
		break;
	case EV_UNKNOWN:
	case EV_WAIT:
	case EV_STATUS:
	case EV_END:
	case EV__COUNT:
		break;
	}
}

void event_init(struct event *ev, enum event_type type)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = type;
	ev->agent = AGENT_NONE;
	ev->n = NUM_NONE;
	init_body(ev);
}
