/* Keys of the log as a view of its own, and of what any log does. */
#include "ui/control_log.h"

#define SCROLL_COLUMNS 8

/* ---- any log ------------------------------------------------------------ */

void log_step(struct viewer *v, int64_t rows)
{
	if (rows == -VIEW_FAR)
		log_pane_home(&v->pane);
	else if (rows == VIEW_FAR)
		log_pane_follow(&v->pane, true);
	else
		log_pane_move(&v->pane, (int)rows);
}

int log_rows(const struct viewer *v)
{
	return v->layout.pane.rows;
}

bool log_obey_sideways(struct control *c, enum intent intent)
{
	if (intent != INTENT_LEFT && intent != INTENT_RIGHT)
		return false;
	log_pane_scroll(&c->viewer->pane, intent == INTENT_LEFT ? -SCROLL_COLUMNS : SCROLL_COLUMNS);
	return true;
}

/* ---- the view ----------------------------------------------------------- */

static void mark(struct viewer *v)
{
	bool is_marked = log_view_mark(&v->log);

	if (v->log.marked_at < 0)
		viewer_say(v, "no line to mark below");
	else
		viewer_say(v, "%s; %zu marked%s", is_marked ? "marked" : "no longer marked",
		    v->log.marks.nr,
		    v->log.marks.nr ? ", c copies, m goes on below, U forgets them" : "");
}

static bool obey(struct control *c, enum intent intent)
{
	struct log_view *lv = &c->viewer->log;

	if (intent == INTENT_MARK) {
		mark(c->viewer);
		return true;
	}
	lv->marked_at = -1; /* only one key after the other goes on */
	if (intent == INTENT_SEARCH_NEXT || intent == INTENT_SEARCH_PREV)
		log_view_next(lv, intent == INTENT_SEARCH_NEXT ? 1 : -1);
	else if (intent == INTENT_NEXT_ERROR || intent == INTENT_PREV_ERROR)
		log_view_next_error(lv, intent == INTENT_NEXT_ERROR ? 1 : -1);
	else if (intent == INTENT_NEXT_ATTEMPT || intent == INTENT_PREV_ATTEMPT)
		log_view_next_attempt(lv, intent == INTENT_NEXT_ATTEMPT ? 1 : -1);
	else if (intent == INTENT_MODE)
		lv->mode = (enum log_mode)((lv->mode + 1) % LOG_MODE__COUNT);
	else if (intent == INTENT_WRAP)
		lv->wraps = !lv->wraps;
	else if (intent == INTENT_TIMES)
		lv->has_times = !lv->has_times;
	else
		return log_obey_sideways(c, intent);
	return true;
}

static bool clear(struct viewer *v)
{
	return log_view_clear(&v->log);
}

static bool back(struct viewer *v)
{
	view_show(v, v->back);
	return true;
}

static void find(struct viewer *v, enum control_prompt which, const char *word)
{
	if (!word)
		return;
	if (which == PROMPT_SEARCH)
		log_view_search(&v->log, word);
	else
		log_view_keep(&v->log, word);
}

const struct view_keys log_keys = {
    .move = log_step,
    .rows = log_rows,
    .obey = obey,
    .clear = clear,
    .back = back,
    .find = find,
};
