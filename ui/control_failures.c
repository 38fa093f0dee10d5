/* Keys of the failures. The groups have them, or the agents of the selected one; what steers and
 * tags acts on all agents of the group that the living batch has, or on the one. */
#include "ui/steer.h"
#include "ui/view_keys.h"
#include "view/log/log_at.h"

#include <stdlib.h>

/* What is selected, as the journals are now; NULL: nothing has failed. */
static const struct failure_group *fresh(struct viewer *v)
{
	return failures_selected(&v->failures, &v->model);
}

static void move(struct viewer *v, int64_t rows)
{
	if (fresh(v))
		failures_move(&v->failures, rows);
	(void)fresh(v);
}

static int rows(const struct viewer *v)
{
	return v->layout.table.rows;
}

/* The line that tells why it failed, wherever in the run that was. */
static void open(struct viewer *v)
{
	const struct failures *f = &v->failures;
	const struct failure *e = failures_entry(f);
	int64_t at;

	if (!e)
		return;
	viewer_open_log(v, failure_batch(f, e), e->at.agent);
	log_pane_follow(&v->pane, true);
	log_pane_refresh(&v->pane);
	at = log_at_failure(v->pane.tail.fd, failure_attempt(f, e));
	if (at >= 0)
		log_view_point(&v->log, at);
}

static void tag(struct viewer *v)
{
	struct tags *t = &v->model.tags;
	uint32_t nr, i, tagged = 0;
	uint32_t *agents = failures_agents(&v->failures, &v->model, &nr);

	for (i = 0; i < nr; i++)
		tagged += tags_has(t, agents[i]);
	for (i = 0; i < nr; i++)
		tags_set(t, agents[i], tagged < nr);
	if (nr == 0)
		viewer_say(v, "no agent of it is in this cycle");
	free(agents);
}

static void steer(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;
	uint32_t nr;
	uint32_t *agents = failures_agents(&v->failures, &v->model, &nr);

	if (nr)
		steer_agents(c, intent, agents, nr);
	else
		viewer_say(v, "no agent of it is in this cycle");
	free(agents);
}

static void seek(struct viewer *v, int by)
{
	if (!needle_is_set(&v->search))
		viewer_say(v, "nothing is looked for; / begins");
	else if (!failures_find(&v->failures, &v->search, by))
		viewer_say(v, "none has '%s'", v->search.text);
}

static void find(struct viewer *v, enum control_prompt which, const char *word)
{
	struct err err = ERR_INIT;

	if (which != PROMPT_SEARCH || !word || !fresh(v))
		return;
	buf_reset(&v->message);
	if (needle_set(&v->search, word, &err) < 0)
		viewer_say(v, "%s", err.msg);
	else if (needle_is_set(&v->search) && !failures_find(&v->failures, &v->search, 0))
		viewer_say(v, "none has '%s'", v->search.text);
}

static bool obey_selected(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (intent == INTENT_OPEN || intent == INTENT_LOG)
		open(v);
	else if (intent == INTENT_SEARCH_NEXT || intent == INTENT_SEARCH_PREV)
		seek(v, intent == INTENT_SEARCH_NEXT ? 1 : -1);
	else if (intent == INTENT_NEXT_AGENT || intent == INTENT_PREV_AGENT)
		move(v, intent == INTENT_NEXT_AGENT ? 1 : -1);
	else if (intent == INTENT_TAG)
		tag(v);
	else if (intent == INTENT_SKIP_WAIT || intent == INTENT_RETRY || intent == INTENT_CANCEL)
		steer(c, intent);
	else
		return false;
	return true;
}

static bool obey(struct control *c, enum intent intent)
{
	if (intent == INTENT_SCOPE) {
		failures_switch_scope(&c->viewer->failures);
		return true;
	}
	/* Also while there is nothing below yet: keys are typed ahead. */
	if (intent == INTENT_FOCUS) {
		c->viewer->failures.in_agents = !c->viewer->failures.in_agents;
		return true;
	}
	return fresh(c->viewer) && obey_selected(c, intent);
}

/* The table of agents is told by the layout; groups stand between the titles of both. */
static void press(struct control *c, int row, int col)
{
	struct viewer *v = c->viewer;
	const struct band *agents = &v->layout.table;
	int groups = v->layout.header.rows + 1, title = agents->row - 2;
	bool opens = false;

	(void)col;
	if (!fresh(v))
		return;
	if (row >= agents->row && row < agents->row + agents->rows)
		opens = failures_press_agent(&v->failures, (uint32_t)(row - agents->row));
	else if (row >= groups && row < title)
		opens = failures_press_group(&v->failures, (uint32_t)(row - groups));
	if (opens)
		control_obey(c, INTENT_OPEN);
	else
		(void)fresh(v);
}

static bool clear(struct viewer *v)
{
	bool was = needle_is_set(&v->search);

	needle_release(&v->search);
	return was;
}

static bool back(struct viewer *v)
{
	if (v->failures.in_agents)
		v->failures.in_agents = false;
	else
		view_show(v, VIEW_OVERVIEW);
	return true;
}

/* The first of the group, or the one in its list. */
static const struct batch_reader *agent(struct viewer *v, uint32_t *at)
{
	const struct failure *e = fresh(v) ? failures_entry(&v->failures) : NULL;

	if (!e)
		return NULL;
	*at = e->at.agent;
	return failure_batch(&v->failures, e);
}

const struct view_keys failures_keys = {
    .move = move,
    .rows = rows,
    .obey = obey,
    .clear = clear,
    .back = back,
    .find = find,
    .agent = agent,
    .press = press,
};
