/* Verbs for agents: the selected one, the tagged ones, or a group. What makes no sense for an agent
 * as it stands is left out, and said where nothing is left. */
#include "base/xalloc.h"
#include "ui/steer.h"
#include "view/row.h"

#include <stdlib.h>

/* Above so many agents also what is no loss is asked about. */
#define ASK_ABOVE 10

/* ---- what makes sense --------------------------------------------------- */

static bool can_retry(const struct agent *a)
{
	return status_is_final(a->status) && a->status != AGENT_COMPLETED;
}

static void add(struct orders *o, enum intent intent, const struct agent *a)
{
	if (intent == INTENT_CANCEL && !status_is_final(a->status))
		orders_add(o, CTL_CANCEL, a);
	else if (intent != INTENT_CANCEL && a->phase == PHASE_BACKOFF)
		orders_add(o, CTL_SKIP_WAIT, a);
	else if (intent == INTENT_RETRY && can_retry(a))
		orders_add(o, CTL_RETRY, a);
}

static void say_why_not(struct control *c, enum intent intent, const struct agent *a)
{
	const char *id = a->task->id;

	if (intent == INTENT_CANCEL)
		viewer_say(c->viewer, "%s has ended", id);
	else if (intent == INTENT_SKIP_WAIT)
		viewer_say(c->viewer, "%s does not wait", id);
	else if (a->status == AGENT_COMPLETED)
		viewer_say(c->viewer, "%s has completed: what is done is not run again", id);
	else
		viewer_say(c->viewer, "%s is %s: there is nothing to retry yet", id,
		    orders_status(a));
}

static void say_none(struct control *c, enum intent intent, size_t nr)
{
	const char *why = intent == INTENT_CANCEL ? "all of them have ended"
	    : intent == INTENT_SKIP_WAIT          ? "none of them waits"
						  : "there is nothing to retry in them";

	viewer_say(c->viewer, "%zu agents: %s", nr, why);
}

/* ---- questions ---------------------------------------------------------- */

static void question_for_one(struct control *c, uint32_t agent, struct buf *out)
{
	struct viewer *v = c->viewer;
	const struct agent *a = view_agent(&v->model, agent);
	struct view_row row;

	view_row_fill(&v->model, agent, log_peek(v->peeks, v->model.shown, agent)->changed_t, &row);
	buf_fmt(out, "cancel %s, %s", a->task->id, orders_status(a));
	if (*row.time)
		buf_fmt(out, " %s", row.time);
	if (*row.cost)
		buf_fmt(out, ", $%s", row.cost);
	buf_str(out, "? y/N");
}

static void question_for_many(struct control *c, enum intent intent, const uint32_t *agents,
    size_t nr, struct buf *out)
{
	uint32_t nr_running = 0;
	double cost = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct agent *a = view_agent(&c->viewer->model, agents[i]);

		if (status_is_final(a->status))
			continue;
		nr_running += a->phase == PHASE_RUNNING;
		cost += a->cost_usd > 0 ? a->cost_usd : 0;
	}
	buf_fmt(out, "%s %zu agents",
	    intent == INTENT_CANCEL      ? "cancel"
		: intent == INTENT_RETRY ? "retry"
					 : "skip the wait of",
	    c->pending.nr_agents);
	if (intent == INTENT_CANCEL && nr_running)
		buf_fmt(out, ", %u running", nr_running);
	if (intent == INTENT_CANCEL && cost > 0)
		buf_fmt(out, ", $%.2f", cost);
	buf_str(out, "? y/N");
}

/* ---- doors -------------------------------------------------------------- */

void steer_agents(struct control *c, enum intent intent, const uint32_t *agents, size_t nr)
{
	struct buf question = BUF_INIT;
	size_t i;

	orders_release(&c->pending);
	for (i = 0; i < nr; i++)
		add(&c->pending, intent, view_agent(&c->viewer->model, agents[i]));
	if (c->pending.nr == 0 && nr == 1)
		say_why_not(c, intent, view_agent(&c->viewer->model, agents[0]));
	else if (c->pending.nr == 0)
		say_none(c, intent, nr);
	else if (intent != INTENT_CANCEL && c->pending.nr_agents <= ASK_ABOVE)
		steer_send_pending(c);
	else if (c->viewer->model.exit_code >= 0) {
		orders_release(&c->pending);
		viewer_say(c->viewer, "nothing runs here: nobody would do it");
	} else {
		if (nr == 1)
			question_for_one(c, agents[0], &question);
		else
			question_for_many(c, intent, agents, nr, &question);
		steer_ask(c, PROMPT_SURE, question.data);
	}
	buf_release(&question);
}

static void steer_tagged(struct control *c, enum intent intent)
{
	const struct view_model *m = &c->viewer->model;
	uint32_t *agents = xmalloc((m->tags.nr + 1) * sizeof(*agents)), i;
	size_t nr = 0;

	for (i = 0; i < m->shown->state.nr_agents; i++)
		if (tags_has(&m->tags, i))
			agents[nr++] = i;
	steer_agents(c, intent, agents, nr);
	free(agents);
}

/* Whose details are on the screen, which need not be the selection. */
static void steer_shown(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (v->details_of == v->model.shown)
		steer_agents(c, intent, &v->details_agent, 1);
	else
		viewer_say(v, "that cycle is over: nothing can be done to it");
}

/* The log of a role's call is read: what can be done to it is to try again at once. */
static void steer_role(struct control *c, enum intent intent)
{
	const struct batch_reader *r = c->viewer->log_batch;

	if (r != view_listener(&c->viewer->model))
		viewer_say(c->viewer, "%s is over: nothing can be done to it", r->dir.name);
	else if (intent == INTENT_CANCEL)
		viewer_say(c->viewer, "X stops the run, which can be resumed");
	else
		steer_skip_waits(c);
}

void steer_agent(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (v->view == VIEW_LOG && v->log_batch && v->log_batch->manifest.options.role) {
		steer_role(c, intent);
		return;
	}
	if (v->model.tags.nr)
		steer_tagged(c, intent);
	else if (v->overlay == OVERLAY_DETAILS && v->details_of)
		steer_shown(c, intent);
	else if (v->agent == AGENT_NONE)
		viewer_say(v, "no agent is selected");
	else
		steer_agents(c, intent, &v->agent, 1);
}
