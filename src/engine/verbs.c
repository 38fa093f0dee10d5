/* What the operator asks for, done as events. Every verb leaves one `verb` event with its result,
 * also a refused one. */
#include "engine/conductor_parts.h"
#include "model/subtasks.h"
#include "policy/retry.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	uint32_t done;
	uint32_t passed_over;
};

static bool has_state(const struct agent *a, const char *word)
{
	return strcmp(status_name(a->status), word) == 0 || strcmp(phase_name(a->phase), word) == 0;
}

/* The agents that a request names, each once. */
struct named {
	uint32_t *agents; /* room for one more than the request has ids */
	size_t nr; /* 0: it names none */
	bool *is_in; /* by agent of the batch */
};

static bool find_agent(const struct conductor *c, const char *id, const char *if_status,
    struct named *to, struct buf *message)
{
	uint32_t i = batch_find(c->batch, id);
	const struct agent *a;

	if (i == AGENT_NONE) {
		buf_fmt(message, "no agent '%s' in this batch", id);
		return false;
	}
	a = &c->batch->agents[i];
	if (if_status && !has_state(a, if_status)) {
		buf_fmt(message, "agent '%s' is %s%s%s by now, not %s: nothing was done", id,
		    status_name(a->status), a->phase ? " " : "", phase_name(a->phase), if_status);
		return false;
	}
	if (!to->is_in[i])
		to->agents[to->nr++] = i;
	to->is_in[i] = true;
	return true;
}

/* ids -> indexes; refuses the whole request when one is unknown or not as the operator saw it. An
 * id that stands there twice counts once: the second cancel of a row would not let it end. */
static bool find_agents(const struct conductor *c, const struct ctl_request *q, struct named *to,
    struct buf *message)
{
	size_t i;

	for (i = 0; i < q->nr_ids; i++)
		if (!find_agent(c, q->ids[i], q->if_status, to, message))
			return false;
	return true;
}

static void cancel_one(struct conductor *c, uint32_t i, struct tally *t)
{
	const struct agent *a = &c->batch->agents[i];

	if (status_is_final(a->status)) {
		t->passed_over++;
		return;
	}
	t->done++;
	if (a->running_at)
		conductor_kill(c, i, KILL_CANCEL, c->live[i].is_ending);
	else
		conductor_set_status(c, i, AGENT_CANCELLED, "cancelled by the operator");
}

/* Rows that were skipped for this one may run after all, and those that were skipped for them. By a
 * list, not by calls: a chain may be as long as the CSV. */
static void unskip_below(struct conductor *c, uint32_t i)
{
	const struct graph *g = c->batch->graph;
	uint32_t *todo, nr = 1, k;

	if (!g)
		return;
	todo = xmalloc(c->batch->nr_agents * sizeof(*todo));
	todo[0] = i;
	while (nr > 0) {
		i = todo[--nr];
		for (k = g->first_child[i]; k < g->first_child[i + 1]; k++) {
			uint32_t kid = g->children[k];

			if (c->batch->agents[kid].status != AGENT_SKIPPED)
				continue;
			conductor_set_status(c, kid, AGENT_PENDING, "a parent is tried again");
			todo[nr++] = kid; /* once: it is not skipped any more */
		}
	}
	free(todo);
}

static bool take_up(struct conductor *c, uint32_t i, const char *why)
{
	struct event ev;

	if (!subtask_reset(c->batch, i, &ev))
		return false;
	if (why)
		ev.status.why = why;
	conductor_event(c, &ev);
	unskip_below(c, i);
	return true;
}

void conductor_take_up(struct conductor *c, const uint32_t *rows, uint32_t nr, const char *why)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		(void)take_up(c, rows[i], why);
}

static void wait_no_longer(struct conductor *c, uint32_t i)
{
	const struct attempt *last = agent_last_attempt(&c->batch->agents[i]);
	struct event ev;

	event_init(&ev, EV_WAIT);
	ev.agent = i;
	if (last)
		ev.n = last->n;
	ev.wait.until_t = c->now.wall_ms;
	ev.wait.why = WAIT_OPERATOR;
	conductor_event(c, &ev);
}

static void retry_one(struct conductor *c, uint32_t i, struct tally *t)
{
	if (c->batch->agents[i].phase == PHASE_BACKOFF) {
		wait_no_longer(c, i);
	} else if (!take_up(c, i, NULL)) {
		t->passed_over++;
		return;
	}
	t->done++;
}

static void skip_wait_one(struct conductor *c, uint32_t i, struct tally *t)
{
	if (c->batch->agents[i].phase != PHASE_BACKOFF) {
		t->passed_over++;
		return;
	}
	wait_no_longer(c, i);
	t->done++;
}

static void for_agents(struct conductor *c, const uint32_t *agents, size_t nr,
    void (*one)(struct conductor *, uint32_t, struct tally *), struct tally *t)
{
	size_t i;

	for (i = 0; i < nr; i++)
		one(c, agents[i], t);
}

static void for_all(struct conductor *c, void (*one)(struct conductor *, uint32_t, struct tally *),
    struct tally *t)
{
	uint32_t i;

	for (i = 0; i < c->batch->nr_agents; i++)
		one(c, i, t);
}

static bool open_gate(struct conductor *c, const struct ctl_request *q, struct buf *message)
{
	struct event ev;
	uint32_t i, nr, *rows;

	for (i = 0; i < c->batch->nr_accounts; i++)
		if (strcmp(c->batch->accounts[i].name, q->account) == 0)
			break;
	if (i == c->batch->nr_accounts) {
		buf_fmt(message, "no account '%s' in this batch", q->account);
		return false;
	}
	event_init(&ev, EV_GATE);
	ev.gate.account = q->account;
	ev.gate.state = GATE_OPEN;
	ev.gate.why = "opened by the operator";
	rows = xcalloc(c->batch->nr_agents, sizeof(*rows));
	nr = retry_by_person(c->batch, i, rows);
	conductor_gate(c, &ev.gate, true);
	conductor_take_up(c, rows, nr, "the operator has opened its gate");
	free(rows);
	buf_fmt(message, "gate of %s opened", q->account);
	if (nr > 0)
		buf_fmt(message, ", %u agent%s tried again", nr, nr == 1 ? "" : "s");
	return true;
}

static void add_until(int64_t until_t, struct buf *message)
{
	char clock[CLOCK_TEXT_LEN + 1] = "a person acts";

	if (until_t != NUM_NONE)
		clock_text(until_t, clock);
	buf_fmt(message, " until %s", clock);
}

static void list_gates(const struct conductor *c, struct buf *message)
{
	uint32_t i;

	for (i = 0; i < c->batch->nr_accounts; i++) {
		const struct account *a = &c->batch->accounts[i];

		if (!account_is_shown(a))
			continue;
		buf_fmt(message, "%s%s %s", message->len ? "; " : "", a->name,
		    gate_state_name(a->gate.state));
		if (a->gate.state == GATE_CLOSED)
			add_until(a->gate.until_t, message);
		if (a->gate.width != NUM_NONE)
			buf_fmt(message, ", %lld at once", (long long)a->gate.width);
		if (a->gate.pace_ms != NUM_NONE)
			buf_fmt(message, ", one start every %.2f s",
			    (double)a->gate.pace_ms / 1000.0);
		if (a->gate.state != GATE_OPEN && a->gate.why)
			buf_fmt(message, " (%s)", a->gate.why);
	}
}

static bool tally_message(const struct tally *t, const char *done, struct buf *message)
{
	if (t->done == 0) {
		buf_fmt(message, "nothing to do: no agent can be %s now", done);
		return false;
	}
	buf_fmt(message, "%u agent%s %s", t->done, t->done == 1 ? "" : "s", done);
	if (t->passed_over)
		buf_fmt(message, ", %u passed over", t->passed_over);
	return true;
}

static bool cancel(struct conductor *c, const uint32_t *agents, size_t nr, struct buf *message)
{
	struct tally t = {0, 0};

	if (nr)
		for_agents(c, agents, nr, cancel_one, &t);
	else
		for_all(c, cancel_one, &t);
	return tally_message(&t, "cancelled", message);
}

static bool serve(struct conductor *c, const struct ctl_request *q, const struct named *named,
    struct buf *message)
{
	struct tally t = {0, 0};

	switch (q->verb) {
	case CTL_PAUSE:
		buf_str(message, "paused: what runs goes on, nothing new starts");
		return true;
	case CTL_RESUME:
		buf_str(message, "starting again");
		return true;
	case CTL_JOBS:
		buf_fmt(message, "jobs set to %lld", (long long)q->n);
		return true;
	case CTL_CANCEL:
		return cancel(c, named->agents, named->nr, message);
	case CTL_RETRY:
		for_agents(c, named->agents, named->nr, retry_one, &t);
		return tally_message(&t, "retried", message);
	case CTL_SKIP_WAIT:
		if (named->nr)
			for_agents(c, named->agents, named->nr, skip_wait_one, &t);
		else
			for_all(c, skip_wait_one, &t);
		return tally_message(&t, "kept waiting no longer", message);
	case CTL_GATE:
		list_gates(c, message);
		return true;
	case CTL_GATE_OPEN:
		return open_gate(c, q, message);
	case CTL_STOP:
		buf_fmt(message, "stopping: %u running, nothing new starts", c->batch->nr_running);
		return true;
	case CTL__COUNT:
		break;
	}
	return false;
}

static char *join_ids(const struct ctl_request *q)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < q->nr_ids; i++)
		buf_fmt(&b, "%s%s", i ? " " : "", q->ids[i]);
	return buf_detach(&b);
}

static void journal_verb(struct conductor *c, const struct ctl_request *q, bool ok,
    const char *result)
{
	char *ids = join_ids(q);
	struct event ev;

	event_init(&ev, EV_VERB);
	/* A refused verb is told, but must not fold as one that was done. */
	ev.verb.verb = ok ? ctl_verb_name(q->verb) : "refused";
	ev.verb.ids = ids;
	ev.verb.by = q->by ? q->by : "operator";
	ev.verb.result = result;
	if (q->verb == CTL_JOBS)
		ev.verb.n = q->n;
	conductor_event(c, &ev);
	free(ids);
}

void conductor_verb(struct conductor *c, const struct ctl_request *q, struct instant now, bool *ok,
    struct buf *message)
{
	struct named named = {.nr = 0};

	named.agents = xmalloc((q->nr_ids + 1) * sizeof(*named.agents));
	named.is_in = xcalloc(c->batch->nr_agents + 1, sizeof(*named.is_in));
	c->now = now;
	*ok = false;
	if (c->is_over)
		buf_str(message, "the batch is ending");
	else if (find_agents(c, q, &named, message))
		*ok = serve(c, q, &named, message);
	if (!c->is_over && q->verb != CTL_GATE)
		journal_verb(c, q, *ok, message->data);
	free(named.agents);
	free(named.is_in);
}
