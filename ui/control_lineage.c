/* Keys of the lineage. It keeps a cursor of its own; the overview's selection follows only into
 * the log of an agent of the batch that lives now. */
#include "ui/view_keys.h"

/* The cursor may be older than what the journals say now. */
static struct lineage *fresh(struct viewer *v)
{
	lineage_update(&v->lineage, &v->model);
	return lineage_selected(&v->lineage) ? &v->lineage : NULL;
}

static void move(struct viewer *v, int64_t rows)
{
	struct lineage *l = fresh(v);

	if (l)
		lineage_move(l, rows);
}

static int rows(const struct viewer *v)
{
	return v->layout.table.rows;
}

/* The log of the validator's call. */
static void open_validation(struct viewer *v, const struct solve_verdict *found)
{
	const struct role_call *call =
	    found->call ? role_calls_find(&v->model.run->roles, found->call) : NULL;

	if (call)
		viewer_open_log(v, call->reader, 0);
	else
		viewer_say(v, "its log is not there");
}

static void open(struct viewer *v, struct lineage *l)
{
	uint32_t agent;
	const struct batch_reader *r = l->in_agents ? lineage_row(l, l->at, &agent) : NULL;

	const struct solve_verdict *found = lineage_verdict(lineage_selected(l), v->model.run);

	if (r)
		viewer_open_log(v, r, agent);
	else if (found)
		open_validation(v, found);
	else if (l->nr_agents)
		l->in_agents = true;
}

/* Everything that is found is an agent of the lower table. */
static void seek(struct viewer *v, struct lineage *l, int by)
{
	if (!needle_is_set(&v->search))
		viewer_say(v, "nothing is looked for; / begins");
	else if (!lineage_find(l, &v->search, by))
		viewer_say(v, "no agent of this cycle has '%s'", v->search.text);
}

static void find(struct viewer *v, enum control_prompt which, const char *word)
{
	struct lineage *l = fresh(v);
	struct err err = ERR_INIT;

	if (which != PROMPT_SEARCH) {
		find_in_rows(v, which, word);
		return;
	}
	if (!word || !l)
		return;
	buf_reset(&v->message);
	if (needle_set(&v->search, word, &err) < 0)
		viewer_say(v, "%s", err.msg);
	else if (needle_is_set(&v->search))
		seek(v, l, 0);
}

static bool obey(struct control *c, enum intent intent)
{
	struct lineage *l = fresh(c->viewer);

	if (!l)
		return false;
	if (intent == INTENT_SEARCH_NEXT || intent == INTENT_SEARCH_PREV)
		seek(c->viewer, l, intent == INTENT_SEARCH_NEXT ? 1 : -1);
	else if (l->in_agents && (intent == INTENT_NEXT_AGENT || intent == INTENT_PREV_AGENT))
		lineage_move(l, intent == INTENT_NEXT_AGENT ? 1 : -1);
	else if (intent == INTENT_FOCUS)
		l->in_agents = !l->in_agents && l->nr_agents;
	else if (intent == INTENT_OPEN)
		open(c->viewer, l);
	else if (intent == INTENT_SCOPE)
		lineage_switch_scope(l);
	else if ((intent == INTENT_LEFT || intent == INTENT_RIGHT) && !l->in_agents)
		lineage_fold(l, intent == INTENT_LEFT);
	else
		return false;
	return true;
}

/* The table of agents is told by the layout; cycles stand between the header and its titles. */
static void press(struct control *c, int row, int col)
{
	struct viewer *v = c->viewer;
	struct lineage *l = fresh(v);
	int at = row - v->layout.table.row, first = v->layout.header.rows + 1;

	(void)col;
	if (!l)
		return;
	if (at >= 0 && at < v->layout.table.rows && l->top + (uint32_t)at < l->nr_agents) {
		bool is_there = l->in_agents && l->at == l->top + (uint32_t)at;

		l->in_agents = true;
		l->at = l->top + (uint32_t)at;
		if (is_there)
			control_obey(c, INTENT_OPEN);
	} else if (row >= first && at < -2) {
		lineage_press(l, (uint32_t)(row - first));
	}
}

/* Of the cycles themselves there are no details. */
static const struct batch_reader *agent(struct viewer *v, uint32_t *at)
{
	struct lineage *l = fresh(v);

	return l && l->in_agents ? lineage_row(l, l->at, at) : NULL;
}

static bool back(struct viewer *v)
{
	if (v->lineage.in_agents)
		v->lineage.in_agents = false;
	else
		view_show(v, VIEW_OVERVIEW);
	return true;
}

const struct view_keys lineage_keys = {
    .move = move,
    .rows = rows,
    .obey = obey,
    .clear = clear_rows,
    .back = back,
    .find = find,
    .agent = agent,
    .press = press,
};
