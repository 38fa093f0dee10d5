#include "ui/control.h"
#include "base/xalloc.h"
#include "ui/control_views.h"
#include "ui/steer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERRUPT_TWICE_MS 2000
#define SCROLL_COLUMNS 8

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

static bool log_is_focused(const struct viewer *v)
{
	return v->view == VIEW_LOG || (v->view == VIEW_OVERVIEW && v->focus == FOCUS_LOG);
}

enum key_context control_context(const struct viewer *v)
{
	switch (v->overlay) {
	case OVERLAY_HELP:
		return KEYS_IN_HELP;
	case OVERLAY_DETAILS:
		return KEYS_IN_DETAILS;
	case OVERLAY_NONE:
		break;
	}
	if (v->view == VIEW_LINEAGE)
		return KEYS_IN_LINEAGE;
	if (v->view != VIEW_OVERVIEW)
		return v->view == VIEW_LOG ? KEYS_IN_FILE : KEYS_IN_GRID;
	return log_is_focused(v) ? KEYS_IN_LOG : KEYS_IN_TABLE;
}

/* ---- moving ------------------------------------------------------------- */

static int page(const struct viewer *v)
{
	int rows = v->overlay != OVERLAY_NONE ? v->overlay_rows
	    : log_is_focused(v)               ? v->layout.pane.rows
					      : v->layout.table.rows;

	return rows > 1 ? rows - 1 : 1;
}

/* Whichever has the focus. */
static void move(struct viewer *v, int lines)
{
	if (v->overlay != OVERLAY_NONE)
		v->overlay_top = v->overlay_top + lines > 0 ? v->overlay_top + lines : 0;
	else if (log_is_focused(v))
		log_pane_move(&v->pane, lines);
	else
		viewer_move(v, lines);
}

static void move_first(struct viewer *v)
{
	if (v->overlay != OVERLAY_NONE)
		v->overlay_top = 0;
	else if (log_is_focused(v))
		log_pane_home(&v->pane);
	else
		viewer_select_row(v, 0);
}

static void move_last(struct viewer *v)
{
	if (v->overlay != OVERLAY_NONE)
		v->overlay_top = 1 << 20; /* painting knows where the end is */
	else if (log_is_focused(v))
		log_pane_follow(&v->pane, true);
	else
		viewer_select_row(v, INT64_MAX);
}

static bool grid_is_shown(const struct viewer *v)
{
	return v->view == VIEW_GRID && v->overlay == OVERLAY_NONE;
}

/* In the grid what moves is the focus. False: it is another view. */
static bool obey_in_grid(struct viewer *v, enum intent intent)
{
	static const struct {
		enum intent intent;
		int across, down, pages;
	} moves[] = {
	    {INTENT_UP, 0, -1, 0},
	    {INTENT_DOWN, 0, 1, 0},
	    {INTENT_LEFT, -1, 0, 0},
	    {INTENT_RIGHT, 1, 0, 0},
	    {INTENT_PAGE_UP, 0, 0, -1},
	    {INTENT_PAGE_DOWN, 0, 0, 1},
	    {INTENT_FIRST, 0, 0, -(1 << 20)},
	    {INTENT_LAST, 0, 0, 1 << 20},
	};
	size_t i;

	if (!grid_is_shown(v))
		return false;
	if (intent == INTENT_ZOOM) {
		v->grid.is_zoomed = !v->grid.is_zoomed;
		return true;
	}
	for (i = 0; i < ARRAY_LEN(moves) && moves[i].intent != intent; i++)
		;
	if (i == ARRAY_LEN(moves))
		return false;
	if (moves[i].pages)
		grid_page(&v->grid, moves[i].pages);
	else
		grid_move(&v->grid, moves[i].across, moves[i].down);
	viewer_follow_grid(v);
	return true;
}

static void open_log(struct viewer *v)
{
	v->overlay = OVERLAY_NONE;
	if (v->agent == AGENT_NONE || v->view == VIEW_LOG)
		return;
	v->back = v->view;
	v->view = VIEW_LOG;
}

static void show_view(struct viewer *v, enum viewer_view view)
{
	v->overlay = OVERLAY_NONE;
	v->view = view;
	log_view_keep(&v->log, "");
	if (view == VIEW_GRID)
		viewer_show_grid(v);
}

/* Back by one; false at the top. */
static bool go_back(struct viewer *v)
{
	if (v->overlay != OVERLAY_NONE) {
		v->overlay = OVERLAY_NONE;
		return true;
	}
	if (v->view == VIEW_LOG) {
		show_view(v, v->back);
		return true;
	}
	if (control_view_back(v))
		return true;
	if (v->view == VIEW_GRID) {
		if (v->grid.is_zoomed)
			v->grid.is_zoomed = false;
		else
			show_view(v, VIEW_OVERVIEW);
		return true;
	}
	if (v->is_zoomed || log_is_focused(v)) {
		v->is_zoomed = false;
		v->focus = FOCUS_TABLE;
		return true;
	}
	return false;
}

static void close_something(struct viewer *v)
{
	if (v->overlay == OVERLAY_NONE && v->view == VIEW_LOG && log_view_clear(&v->log))
		return;
	if (go_back(v))
		return;
	if (v->model.filter != VF_ALL)
		viewer_set_filter(v, VF_ALL);
	buf_reset(&v->message);
}

static void show_overlay(struct viewer *v, enum viewer_overlay overlay)
{
	v->overlay = v->overlay == overlay ? OVERLAY_NONE : overlay;
	v->overlay_top = 0;
}

/* A pane below the table is only there where there is room for both. */
static void change_focus(struct viewer *v)
{
	if (!log_is_focused(v) && !v->layout.pane.rows)
		v->is_zoomed = true;
	else if (log_is_focused(v) && !v->layout.table.rows)
		v->is_zoomed = false;
	v->focus = log_is_focused(v) ? FOCUS_TABLE : FOCUS_LOG;
}

static void next_filter(struct viewer *v)
{
	viewer_set_filter(v, (enum view_filter)((v->model.filter + 1) % VF__COUNT));
	viewer_say(v, "shows %s agents", view_filter_word(v->model.filter));
}

/* ---- intents ------------------------------------------------------------ */

static void obey(struct control *c, enum intent intent)
{
	struct viewer *v = c->viewer;

	if (control_view_obey(v, intent))
		return;
	switch (intent) {
	case INTENT_UP:
		move(v, -1);
		return;
	case INTENT_DOWN:
		move(v, 1);
		return;
	case INTENT_PAGE_UP:
		move(v, -page(v));
		return;
	case INTENT_PAGE_DOWN:
		move(v, page(v));
		return;
	case INTENT_HALF_UP:
		move(v, -(page(v) + 1) / 2);
		return;
	case INTENT_HALF_DOWN:
		move(v, (page(v) + 1) / 2);
		return;
	case INTENT_FIRST:
		move_first(v);
		return;
	case INTENT_LAST:
		move_last(v);
		return;
	case INTENT_LEFT:
		log_pane_scroll(&v->pane, -SCROLL_COLUMNS);
		return;
	case INTENT_RIGHT:
		log_pane_scroll(&v->pane, SCROLL_COLUMNS);
		return;
	case INTENT_OPEN:
		open_log(v);
		return;
	case INTENT_CLOSE:
		close_something(v);
		return;
	case INTENT_BACK:
		if (!go_back(v))
			c->ops.leave(c->ops.ctx);
		return;
	case INTENT_FOCUS:
		change_focus(v);
		return;
	case INTENT_ZOOM:
		v->is_zoomed = !v->is_zoomed;
		return;
	case INTENT_PREV_AGENT:
		viewer_move(v, -1);
		return;
	case INTENT_NEXT_AGENT:
		viewer_move(v, 1);
		return;
	case INTENT_FILTER:
		next_filter(v);
		return;
	case INTENT_GRID:
		show_view(v, VIEW_GRID);
		return;
	case INTENT_OVERVIEW:
		show_view(v, VIEW_OVERVIEW);
		return;
	case INTENT_LINEAGE:
		show_view(v, VIEW_LINEAGE);
		return;
	case INTENT_SEARCH:
	case INTENT_KEEP:
		steer_find(c, intent);
		return;
	case INTENT_SEARCH_NEXT:
		log_view_next(&v->log, 1);
		return;
	case INTENT_SEARCH_PREV:
		log_view_next(&v->log, -1);
		return;
	case INTENT_NEXT_ERROR:
		log_view_next_error(&v->log, 1);
		return;
	case INTENT_PREV_ERROR:
		log_view_next_error(&v->log, -1);
		return;
	case INTENT_NEXT_ATTEMPT:
		log_view_next_attempt(&v->log, 1);
		return;
	case INTENT_PREV_ATTEMPT:
		log_view_next_attempt(&v->log, -1);
		return;
	case INTENT_RAW:
		v->pane.is_raw = !v->pane.is_raw;
		return;
	case INTENT_FOLLOW:
		log_pane_follow(&v->pane, !v->pane.follows);
		return;
	case INTENT_PAUSE:
		steer_pause(c);
		return;
	case INTENT_MORE_JOBS:
		steer_jobs(c, 1);
		return;
	case INTENT_FEWER_JOBS:
		steer_jobs(c, -1);
		return;
	case INTENT_SKIP_WAIT:
	case INTENT_RETRY:
	case INTENT_CANCEL:
		steer_agent(c, intent);
		return;
	case INTENT_STOP:
		steer_stop(c);
		return;
	case INTENT_COMMAND:
		steer_command(c);
		return;
	case INTENT_DETAILS:
		show_overlay(v, OVERLAY_DETAILS);
		return;
	case INTENT_HELP:
		show_overlay(v, OVERLAY_HELP);
		return;
	case INTENT_FREEZE:
		v->look.is_frozen = !v->look.is_frozen;
		return;
	case INTENT_BELL:
		c->has_bell = !c->has_bell;
		viewer_say(v, "bell %s", c->has_bell ? "on" : "off");
		return;
	case INTENT_REDRAW:
		c->ops.redraw(c->ops.ctx);
		return;
	case INTENT_NONE:
	case INTENT__COUNT:
		return;
	}
}

void control_key(struct control *c, int code, struct instant now)
{
	struct viewer *v = c->viewer;
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
	if (!obey_in_grid(v, intent))
		obey(c, intent);
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
