#include "model/subtasks.h"

struct subtasks_summary subtasks_summary(const struct batch *b)
{
	return (struct subtasks_summary){
	    .total = b->nr_agents,
	    .pending = b->counts[AGENT_PENDING],
	    .in_progress = b->counts[AGENT_IN_PROGRESS],
	    .completed = b->counts[AGENT_COMPLETED],
	    .failed = b->counts[AGENT_FAILED],
	    .skipped = b->counts[AGENT_SKIPPED],
	    .cancelled = b->counts[AGENT_CANCELLED],
	};
}

uint32_t subtasks_failed(const struct batch *b, uint32_t *rows)
{
	uint32_t i, nr = 0;

	if (!rows)
		return b->counts[AGENT_FAILED];
	for (i = 0; i < b->nr_agents; i++)
		if (b->agents[i].status == AGENT_FAILED)
			rows[nr++] = i;
	return nr;
}

bool subtask_reset(const struct batch *b, uint32_t row, struct event *ev)
{
	enum agent_status s = b->agents[row].status;

	if (!status_is_final(s) || s == AGENT_COMPLETED)
		return false;
	event_init(ev, EV_STATUS);
	ev->agent = row;
	ev->status.status = AGENT_PENDING;
	ev->status.phase = PHASE_NONE;
	ev->status.why = "retried by the operator";
	return true;
}
