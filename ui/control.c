#include "ui/control.h"
#include "ui/steer.h"
#include "ui/view_keys.h"

#define INTERRUPT_TWICE_MS 2000

void control_init(struct control *c, struct viewer *v, const struct control_ops *ops)
{
	*c = (struct control){
	    .viewer = v,
	    .ops = *ops,
	    .interrupt_ms = NUM_NONE,
	    .has_bell = true,
	};
	buf_init(&c->typed);
}

void control_release(struct control *c)
{
	buf_release(&c->typed);
	ctl_request_release(&c->pending);
}

enum key_context control_context(const struct viewer *v)
{
	if (v->overlay != OVERLAY_NONE)
		return v->overlay == OVERLAY_HELP ? KEYS_IN_HELP : KEYS_IN_DETAILS;
	if (v->view == VIEW_OVERVIEW && v->focus == FOCUS_LOG)
		return KEYS_IN_LOG;
	return view_place_of(v->view)->context;
}

void view_show(struct viewer *v, enum viewer_view view)
{
	const struct view_keys *k;

	v->overlay = OVERLAY_NONE;
	v->view = view;
	log_view_keep(&v->log, "");
	k = view_keys_of(control_context(v));
	if (k->show)
		k->show(v);
}

void view_show_log(struct viewer *v)
{
	v->overlay = OVERLAY_NONE;
	if (v->agent == AGENT_NONE || v->view == VIEW_LOG)
		return;
	v->back = v->view;
	v->view = VIEW_LOG;
}

static const struct view_keys *here(const struct control *c)
{
	return view_keys_of(control_context(c->viewer));
}

/* ---- moving ------------------------------------------------------------- */

/* 0: it is no move. */
static int64_t rows_of(const struct control *c, enum intent intent)
{
	int page = here(c)->rows ? here(c)->rows(c->viewer) - 1 : 1;

	if (page < 1)
		page = 1;
	if (intent == INTENT_UP || intent == INTENT_DOWN)
		return intent == INTENT_UP ? -1 : 1;
	if (intent == INTENT_PAGE_UP || intent == INTENT_PAGE_DOWN)
		return intent == INTENT_PAGE_UP ? -page : page;
	if (intent == INTENT_HALF_UP || intent == INTENT_HALF_DOWN)
		return intent == INTENT_HALF_UP ? -(page + 1) / 2 : (page + 1) / 2;
	if (intent == INTENT_FIRST || intent == INTENT_LAST)
		return intent == INTENT_FIRST ? -VIEW_FAR : VIEW_FAR;
	return 0;
}

static bool obey_moving(struct control *c, enum intent intent)
{
	int64_t rows = rows_of(c, intent);

	if (rows && here(c)->move)
		here(c)->move(c->viewer, rows);
	return rows != 0;
}

/* ---- what means the same everywhere ------------------------------------- */

static void open_log(struct control *c, enum intent intent)
{
	(void)intent;
	view_show_log(c->viewer);
}

static bool go_back(struct control *c)
{
	return here(c)->back && here(c)->back(c->viewer);
}

static void close_something(struct control *c, enum intent intent)
{
	(void)intent;
	if (here(c)->clear && here(c)->clear(c->viewer))
		return;
	if (!go_back(c) && c->viewer->model.filter != VF_ALL)
		viewer_set_filter(c->viewer, VF_ALL);
}

static void back(struct control *c, enum intent intent)
{
	(void)intent;
	if (!go_back(c))
		c->ops.leave(c->ops.ctx);
}

static void next_agent(struct control *c, enum intent intent)
{
	viewer_move(c->viewer, intent == INTENT_NEXT_AGENT ? 1 : -1);
}

static void next_filter(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	(void)intent;
	viewer_set_filter(v, (enum view_filter)((v->model.filter + 1) % VF__COUNT));
	viewer_say(v, "shows %s agents", view_filter_word(v->model.filter));
}

static void show_view(struct control *c, enum intent intent)
{
	view_show(c->viewer, view_of_intent(intent)->view);
}

static void show_overlay(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;
	enum viewer_overlay o = intent == INTENT_HELP ? OVERLAY_HELP : OVERLAY_DETAILS;

	v->overlay = v->overlay == o ? OVERLAY_NONE : o;
	v->overlay_top = 0;
}

static void follow(struct control *c, enum intent intent)
{
	(void)intent;
	log_pane_follow(&c->viewer->pane, !c->viewer->pane.follows);
}

static void freeze(struct control *c, enum intent intent)
{
	(void)intent;
	c->viewer->look.is_frozen = !c->viewer->look.is_frozen;
}

static void switch_bell(struct control *c, enum intent intent)
{
	(void)intent;
	c->has_bell = !c->has_bell;
	viewer_say(c->viewer, "bell %s", c->has_bell ? "on" : "off");
}

static void redraw(struct control *c, enum intent intent)
{
	(void)intent;
	c->ops.redraw(c->ops.ctx);
}

/* What is not here means something only where a view says so. */
static void (*const everywhere[INTENT__COUNT])(struct control *, enum intent) = {
    [INTENT_OPEN] = open_log,
    [INTENT_CLOSE] = close_something,
    [INTENT_BACK] = back,
    [INTENT_PREV_AGENT] = next_agent,
    [INTENT_NEXT_AGENT] = next_agent,
    [INTENT_FILTER] = next_filter,
    [INTENT_OVERVIEW] = show_view,
    [INTENT_GRID] = show_view,
    [INTENT_LOG] = open_log,
    [INTENT_LINEAGE] = show_view,
    [INTENT_TIMELINE] = show_view,
    [INTENT_SEARCH] = steer_find,
    [INTENT_KEEP] = steer_find,
    [INTENT_FOLLOW] = follow,
    [INTENT_PAUSE] = steer_pause,
    [INTENT_MORE_JOBS] = steer_jobs,
    [INTENT_FEWER_JOBS] = steer_jobs,
    [INTENT_SKIP_WAIT] = steer_agent,
    [INTENT_RETRY] = steer_agent,
    [INTENT_CANCEL] = steer_agent,
    [INTENT_STOP] = steer_stop,
    [INTENT_COMMAND] = steer_command,
    [INTENT_DETAILS] = show_overlay,
    [INTENT_HELP] = show_overlay,
    [INTENT_FREEZE] = freeze,
    [INTENT_BELL] = switch_bell,
    [INTENT_REDRAW] = redraw,
};

static void obey(struct control *c, enum intent intent)
{
	if (here(c)->obey && here(c)->obey(c, intent))
		return;
	if (!obey_moving(c, intent) && everywhere[intent])
		everywhere[intent](c, intent);
}

/* ---- doors -------------------------------------------------------------- */

void control_key(struct control *c, int code, struct instant now)
{
	struct viewer *v = c->viewer;

	v->last_key_ms = now.mono_ms;
	v->is_touched = true;
	if (c->prompt != PROMPT_NONE) {
		steer_answer(c, code);
		return;
	}
	/* What was said is read when the next key comes. */
	buf_reset(&v->message);
	obey(c, keys_intent(control_context(v), code));
}

void control_interrupt(struct control *c, struct instant now)
{
	if (c->prompt != PROMPT_NONE) {
		steer_close_prompt(c);
		return;
	}
	if (c->interrupt_ms != NUM_NONE && now.mono_ms - c->interrupt_ms < INTERRUPT_TWICE_MS) {
		c->ops.leave(c->ops.ctx);
		return;
	}
	c->interrupt_ms = now.mono_ms;
	viewer_say(c->viewer,
	    "q or Ctrl-C again leaves, the batch goes on; X stops the batch, x one agent");
}
