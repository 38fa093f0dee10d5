/* Keys of the log as a view of its own, and of what any log does. */
#include "ui/control_log.h"

#include <stdio.h>

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

bool log_obey(struct control *c, enum intent intent)
{
	struct log_pane *p = &c->viewer->pane;
	struct buf text = BUF_INIT;

	if (intent == INTENT_LEFT || intent == INTENT_RIGHT) {
		log_pane_scroll(p, intent == INTENT_LEFT ? -SCROLL_COLUMNS : SCROLL_COLUMNS);
		return true;
	}
	if (intent != INTENT_PLAIN)
		return false;
	log_pane_page_text(p, CONTROL_PLAIN_MAX, &text);
	control_plain(c, &text);
	buf_release(&text);
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

/* The lines that are marked; where none is, what c copies everywhere. */
static bool copy(struct control *c)
{
	struct log_view *lv = &c->viewer->log;
	struct buf text = BUF_INIT;
	char what[96];
	size_t nr;

	if (lv->marks.nr == 0)
		return false;
	nr = log_view_marked_text(lv, CONTROL_COPY_MAX, &text);
	if (nr < lv->marks.nr)
		snprintf(what, sizeof(what), "the first %zu of %zu lines: no more than 64 KiB", nr,
		    lv->marks.nr);
	else
		snprintf(what, sizeof(what), "%zu line%s", nr, nr == 1 ? "" : "s");
	control_copy(c, &text, what);
	buf_release(&text);
	return true;
}

static bool unmark(struct viewer *v)
{
	if (v->log.marks.nr == 0)
		return false;
	log_marks_clear(&v->log.marks);
	viewer_say(v, "no line is marked");
	return true;
}

static bool obey(struct control *c, enum intent intent)
{
	struct log_view *lv = &c->viewer->log;

	if (intent == INTENT_MARK) {
		mark(c->viewer);
		return true;
	}
	lv->marked_at = -1; /* only one key after the other goes on */
	if (intent == INTENT_COPY)
		return copy(c);
	if (intent == INTENT_UNTAG)
		return unmark(c->viewer);
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
		return log_obey(c, intent);
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
