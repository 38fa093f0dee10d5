/* Keys in the views beside the overview. Each view keeps its own cursor; the agent that is selected
 * in the overview goes along where a view has the same agents. */
#include "ui/control_views.h"

static int page(const struct viewer *v)
{
	return v->layout.table.rows > 1 ? v->layout.table.rows - 1 : 1;
}

/* How many rows an intent moves by; 0: it is none that moves. */
static int64_t rows_of(const struct viewer *v, enum intent intent)
{
	static const int64_t far = INT32_MAX;

	if (intent == INTENT_UP || intent == INTENT_DOWN)
		return intent == INTENT_UP ? -1 : 1;
	if (intent == INTENT_PAGE_UP || intent == INTENT_PAGE_DOWN)
		return intent == INTENT_PAGE_UP ? -page(v) : page(v);
	if (intent == INTENT_HALF_UP || intent == INTENT_HALF_DOWN)
		return intent == INTENT_HALF_UP ? -(page(v) + 1) / 2 : (page(v) + 1) / 2;
	if (intent == INTENT_FIRST || intent == INTENT_LAST)
		return intent == INTENT_FIRST ? -far : far;
	return 0;
}

/* Only the batch that lives now has its agents in the overview. */
static void open_agent(struct viewer *v, const struct batch_reader *r, uint32_t agent)
{
	if (agent == AGENT_NONE || agent >= r->state.nr_agents)
		return;
	if (r != v->model.shown) {
		viewer_say(v, "that cycle is over; its log: agent-batch logs %s %s", r->dir.name,
		    r->state.agents[agent].task->id);
		return;
	}
	if (v->model.places[agent] == AGENT_NONE)
		viewer_set_filter(v, VF_ALL);
	viewer_select(v, agent);
	v->back = v->view;
	v->view = VIEW_LOG;
}

/* ---- lineage ------------------------------------------------------------ */

static void lineage_open(struct viewer *v)
{
	struct lineage *l = &v->lineage;

	if (l->in_agents)
		open_agent(v, lineage_selected(l)->batch, lineage_agent(l));
	else if (l->nr_agents)
		l->in_agents = true;
}

static bool lineage_obey(struct viewer *v, enum intent intent)
{
	struct lineage *l = &v->lineage;
	int64_t rows = rows_of(v, intent);

	lineage_update(l, &v->model);
	if (!lineage_selected(l))
		return false;
	if (rows)
		lineage_move(l, rows);
	else if (intent == INTENT_FOCUS)
		l->in_agents = !l->in_agents && l->nr_agents;
	else if (intent == INTENT_OPEN)
		lineage_open(v);
	else if ((intent == INTENT_LEFT || intent == INTENT_RIGHT) && !l->in_agents)
		lineage_fold(l, intent == INTENT_LEFT);
	else
		return false;
	return true;
}

/* ---- doors -------------------------------------------------------------- */

bool control_view_back(struct viewer *v)
{
	if (v->view != VIEW_LINEAGE)
		return false;
	if (v->lineage.in_agents)
		v->lineage.in_agents = false;
	else
		v->view = VIEW_OVERVIEW;
	return true;
}

bool control_view_obey(struct viewer *v, enum intent intent)
{
	if (v->overlay != OVERLAY_NONE || v->view != VIEW_LINEAGE)
		return false;
	return lineage_obey(v, intent);
}
