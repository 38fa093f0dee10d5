#include "ui/control.h"
#include "ui/steer.h"
#include "ui/view_keys.h"
#include "view/solve_words.h"
#include "view/text/sanitize.h"

#include <stdio.h>

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
	orders_release(&c->pending);
}

enum key_context control_context(const struct viewer *v)
{
	if (v->overlay != OVERLAY_NONE)
		return v->overlay == OVERLAY_HELP ? KEYS_IN_HELP : KEYS_IN_DETAILS;
	if (v->view == VIEW_OVERVIEW && v->focus == FOCUS_LOG)
		return KEYS_IN_LOG;
	return view_place_of(v->view)->context;
}

static enum keys_steer steering(const struct viewer *v)
{
	const struct batch *b = &view_listener(&v->model)->state;

	if (v->model.exit_code >= 0)
		return KEYS_STEER_NOBODY;
	return b->is_paused || b->is_draining ? KEYS_STEER_HELD : KEYS_STEER_RUNS;
}

void control_frame(const struct viewer *v, struct control_frame *f)
{
	f->opts = (struct frame_opts){
	    .view_name = view_place_of(v->view)->name,
	    .hints = f->hints,
	    .nr_hints = keys_hints(control_context(v), steering(v), f->hints, CONTROL_HINTS_MAX),
	    .all_hints = f->all_hints,
	    .nr_all_hints = keys_all_hints(f->all_hints, CONTROL_HINTS_MAX),
	};
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

static void open_role(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	(void)intent;
	v->overlay = OVERLAY_NONE;
	if (!viewer_open_role(v, NULL))
		viewer_say(v,
		    view_solve(v->model.run) ? "no role has been called yet"
					     : "this run has no roles");
}

/* While there are no rows yet, the log below is the planner's. */
static void open_log(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (v->view != VIEW_LOG && viewer_shows_role(v))
		open_role(c, intent);
	else if (v->view != VIEW_LOG && v->agent == AGENT_NONE)
		viewer_say(v, "no agent is selected");
	else
		view_show_log(v);
}

static bool go_back(struct control *c)
{
	return here(c)->back && here(c)->back(c->viewer);
}

static void close_something(struct control *c, enum intent intent)
{
	(void)intent;
	if (!here(c)->clear || !here(c)->clear(c->viewer))
		(void)go_back(c);
}

static void back(struct control *c, enum intent intent)
{
	(void)intent;
	if (!go_back(c))
		c->ops.leave(c->ops.ctx);
}

static void next_agent(struct control *c, enum intent intent)
{
	c->viewer->details_of = NULL;
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

/* Who is under the cursor of the view, or whose log is read in place of the selected agent's. */
static bool choose_details(struct control *c)
{
	struct viewer *v = c->viewer;

	v->details_of = NULL;
	if (here(c)->agent) {
		v->details_of = here(c)->agent(v, &v->details_agent);
		return v->details_of;
	}
	if (v->log_batch) {
		v->details_of = v->log_batch;
		v->details_agent = v->log_agent;
	}
	return v->details_of || v->agent != AGENT_NONE;
}

static void show_overlay(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;
	enum viewer_overlay o = intent == INTENT_HELP ? OVERLAY_HELP : OVERLAY_DETAILS;

	if (o == OVERLAY_DETAILS && v->overlay != o && !choose_details(c)) {
		viewer_say(v, "no agent is selected here");
		return;
	}
	v->overlay = v->overlay == o ? OVERLAY_NONE : o;
	v->overlay_top = 0;
	needle_release(&v->help_search);
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

static void switch_mouse(struct control *c, enum intent intent)
{
	(void)intent;
	c->has_mouse = !c->has_mouse;
	if (c->ops.mouse)
		c->ops.mouse(c->ops.ctx, c->has_mouse);
	viewer_say(c->viewer, c->has_mouse ? "mouse on: Shift selects text" : "mouse off");
}

static void untag(struct control *c, enum intent intent)
{
	(void)intent;
	tags_clear(&c->viewer->model.tags);
}

static void add_id(const struct batch_reader *r, uint32_t agent, struct buf *out)
{
	if (out->len)
		buf_ch(out, '\n');
	sanitize_line(out, r->state.agents[agent].task->id);
}

/* Whose details or log is on the screen, or who is under the cursor of the view. */
static const struct batch_reader *agent_here(struct control *c, uint32_t *agent)
{
	struct viewer *v = c->viewer;

	if (v->overlay == OVERLAY_DETAILS && v->details_of) {
		*agent = v->details_agent;
		return v->details_of;
	}
	if (here(c)->agent)
		return here(c)->agent(v, agent);
	if (v->log_batch) {
		*agent = v->log_agent;
		return v->log_batch;
	}
	*agent = v->agent;
	return v->agent == AGENT_NONE ? NULL : v->model.shown;
}

static void copy_ids(struct control *c, enum intent intent)
{
	const struct viewer *v = c->viewer;
	const struct batch_reader *r;
	struct buf text = BUF_INIT;
	char what[64];
	uint32_t i;

	(void)intent;
	for (i = 0; v->model.tags.nr && i < v->model.shown->state.nr_agents; i++)
		if (tags_has(&v->model.tags, i))
			add_id(v->model.shown, i, &text);
	r = v->model.tags.nr ? NULL : agent_here(c, &i);
	if (r)
		add_id(r, i, &text);
	snprintf(what, sizeof(what), "%u ids", v->model.tags.nr);
	control_copy(c, &text, v->model.tags.nr > 1 ? what : text.data);
	buf_release(&text);
}

static void plain_frame(struct control *c, enum intent intent)
{
	(void)intent;
	if (c->ops.plain)
		c->ops.plain(c->ops.ctx, NULL, 0);
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
    [INTENT_FAILURES] = show_view,
    [INTENT_ROLE] = open_role,
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
    [INTENT_MOUSE] = switch_mouse,
    [INTENT_COPY] = copy_ids,
    [INTENT_PLAIN] = plain_frame,
    [INTENT_UNTAG] = untag,
    [INTENT_SEARCH_NEXT] = find_next_row,
    [INTENT_SEARCH_PREV] = find_next_row,
    [INTENT_SORT_NEXT] = sort_rows,
    [INTENT_SORT_PREV] = sort_rows,
    [INTENT_REVERSE] = sort_rows,
    [INTENT_REDRAW] = redraw,
};

void control_obey(struct control *c, enum intent intent)
{
	if (here(c)->obey && here(c)->obey(c, intent))
		return;
	if (!obey_moving(c, intent) && everywhere[intent])
		everywhere[intent](c, intent);
}

/* ---- doors -------------------------------------------------------------- */

static void say_unknown(struct viewer *v, int code)
{
	if (code > ' ' && code < 0x7F)
		viewer_say(v, "%c means nothing here; ? lists the keys", code);
	else
		viewer_say(v, "that key means nothing here; ? lists the keys");
}

/* The smallest screens have four lines, whatever was opened: not without a word. */
static void say_too_small(struct viewer *v)
{
	const char *what = v->overlay == OVERLAY_HELP ? "help"
	    : v->overlay == OVERLAY_DETAILS           ? "details"
						      : view_place_of(v->view)->name;

	viewer_say(v, "%s: not below 40x10", what);
}

void control_key(struct control *c, int code, struct instant now)
{
	struct viewer *v = c->viewer;
	enum viewer_overlay overlay = v->overlay;
	enum viewer_view view = v->view;
	enum intent intent;

	v->last_key_ms = now.mono_ms;
	v->is_touched = true;
	if (c->prompt != PROMPT_NONE) {
		steer_answer(c, code);
		return;
	}
	/* What was said is read when the next key comes. */
	buf_reset(&v->message);
	intent = keys_intent(control_context(v), code);
	if (intent == INTENT_NONE)
		say_unknown(v, code);
	else
		control_obey(c, intent);
	if (v->layout.is_tiny && (v->overlay != overlay || v->view != view) &&
	    (v->overlay != OVERLAY_NONE || v->view != VIEW_OVERVIEW))
		say_too_small(v);
}

/* As the wheel of a terminal scrolls: what is under the pointer. */
static const struct view_keys *under(struct control *c, int row)
{
	const struct viewer *v = c->viewer;
	const struct band *pane = &v->layout.pane;

	if (control_context(v) == KEYS_IN_TABLE && row >= pane->row && row < pane->row + pane->rows)
		return &overview_log_keys;
	return here(c);
}

void control_mouse(struct control *c, const struct control_mouse *m, struct instant now)
{
	struct viewer *v = c->viewer;
	struct control_frame f;
	int label;

	v->last_key_ms = now.mono_ms;
	v->is_touched = true;
	if (c->prompt != PROMPT_NONE)
		return;
	if (m->rows) {
		if (under(c, m->row)->move)
			under(c, m->row)->move(v, m->rows);
		return;
	}
	buf_reset(&v->message);
	if (m->row == v->layout.keys.row) {
		control_frame(v, &f);
		label = frame_label_at(v, f.opts.hints, f.opts.nr_hints, m->col);
		if (label >= 0)
			control_key(c, keys_hint_code(control_context(v), (size_t)label), now);
	} else if (here(c)->press) {
		here(c)->press(c, m->row, m->col);
	}
}

void control_copy(struct control *c, const struct buf *text, const char *what)
{
	if (text->len == 0)
		viewer_say(c->viewer, "there is nothing to copy");
	else if (text->len > CONTROL_COPY_MAX)
		viewer_say(c->viewer, "too much to copy: %zu bytes, at most %d", text->len,
		    CONTROL_COPY_MAX);
	else if (!c->ops.copy || !c->ops.copy(c->ops.ctx, text->data, text->len))
		viewer_say(c->viewer, "this terminal takes nothing to its clipboard");
	else
		viewer_say(c->viewer, "copied %.200s", what);
}

void control_plain(struct control *c, const struct buf *text)
{
	if (text->len == 0)
		viewer_say(c->viewer, "there is nothing to print");
	else if (c->ops.plain)
		c->ops.plain(c->ops.ctx, text->data, text->len);
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
