/* Keys of what lies over a view: help and details. */
#include "ui/view_keys.h"

/* Painting knows where the end is. */
#define TOP_MAX (1 << 20)

static void move(struct viewer *v, int64_t rows)
{
	int64_t top = v->overlay_top + rows;

	v->overlay_top = top < 0 ? 0 : top > TOP_MAX ? TOP_MAX : (int)top;
}

static int rows(const struct viewer *v)
{
	return v->overlay_rows;
}

static bool back(struct viewer *v)
{
	v->overlay = OVERLAY_NONE;
	return true;
}

/* ---- help is searched --------------------------------------------------- */

static bool seek(struct viewer *v, int by)
{
	struct control_frame f;

	control_frame(v, &f);
	return help_seek(v, &f.opts, by);
}

static bool obey(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (intent != INTENT_SEARCH_NEXT && intent != INTENT_SEARCH_PREV)
		return false;
	if (!needle_is_set(&v->help_search))
		viewer_say(v, "nothing is looked for; / begins");
	else if (!seek(v, intent == INTENT_SEARCH_NEXT ? 1 : -1))
		viewer_say(v, "no key has '%s'", v->help_search.text);
	return true;
}

static void find(struct viewer *v, enum control_prompt which, const char *word)
{
	struct err err = ERR_INIT;

	if (which != PROMPT_SEARCH || !word)
		return;
	buf_reset(&v->message);
	if (needle_set(&v->help_search, word, &err) < 0)
		viewer_say(v, "%s", err.msg);
	else if (needle_is_set(&v->help_search) && !seek(v, 0))
		viewer_say(v, "no key has '%s'", v->help_search.text);
}

static bool clear(struct viewer *v)
{
	bool had_one = needle_is_set(&v->help_search);

	needle_release(&v->help_search);
	return had_one;
}

const struct view_keys help_keys = {
    .move = move,
    .rows = rows,
    .obey = obey,
    .clear = clear,
    .back = back,
    .find = find,
};
const struct view_keys details_keys = {.move = move, .rows = rows, .back = back};
