/* What a viewer has chosen to look at: the agent selected, what is scrolled where, the filter, what
 * is open over the overview. Painters read it, keys change it; no terminal is needed for either. */
#ifndef AB_VIEW_VIEWER_H
#define AB_VIEW_VIEWER_H

#include "view/screen/failures.h"
#include "view/screen/grid.h"
#include "view/screen/header.h"
#include "view/screen/keyline.h"
#include "view/screen/layout.h"
#include "view/screen/lineage.h"
#include "view/log/log_pane.h"
#include "view/log/log_peek.h"
#include "view/screen/log_view.h"
#include "view/model.h"
#include "view/run_agents.h"
#include "view/screen/timeline.h"
#include "view/text/needle.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows keep their order for so long after a key. */
#define VIEWER_HOLD_MS 2000

/* Which of the views is on the screen. */
enum viewer_view { VIEW_OVERVIEW, VIEW_GRID, VIEW_LOG, VIEW_LINEAGE, VIEW_TIMELINE, VIEW_FAILURES };

enum viewer_focus { FOCUS_TABLE, FOCUS_LOG };

/* What lies over the view. */
enum viewer_overlay { OVERLAY_NONE, OVERLAY_HELP, OVERLAY_DETAILS };

struct viewer {
	struct view_model model;
	/* The log of an earlier cycle is shown in place of the selected agent's; NULL: it is not. */
	const struct batch_reader *log_batch;
	uint32_t log_agent;
	enum viewer_view view, back; /* `back`: the one the log was opened from */
	struct log_pane pane;
	struct log_view log;
	struct grid grid;
	struct log_peeks *peeks;
	struct look look;
	struct layout layout; /* of the last frame */

	char *selected; /* the id, malloc'ed; NULL: nothing to select */
	uint32_t agent; /* its index in the shown batch, or AGENT_NONE */
	uint32_t top; /* the row at the table's top */
	int scrolled; /* its columns, to the right (view/screen/table.h) */
	bool is_touched; /* a key was pressed: the selection is a choice */
	int64_t last_key_ms; /* monotonic, or NUM_NONE */
	struct needle search; /* behind '/' in tables */
	uint32_t search_from; /* the row where its typing began */
	struct lineage lineage;
	struct timeline timeline;
	struct failures failures;
	struct run_agents agents; /* made by the views that need it */
	enum viewer_focus focus;
	bool is_zoomed; /* the focused one has all the room */
	enum viewer_overlay overlay;
	const struct batch_reader *details_of; /* of which batch; NULL: the selected agent's */
	uint32_t details_agent; /* whose, where details_of is set */
	struct needle help_search;
	int help_at; /* the line that was found last */
	int overlay_top, overlay_rows; /* scrolled; as many as were shown of it */
	struct buf message; /* what was said last, or empty */
	struct buf prompt; /* a question that waits for an answer, or empty */
	bool prompt_has_cursor; /* the answer is typed behind it */
	const char *trouble; /* why the run cannot be read just now, or NULL; borrowed */
	const char *disk; /* why nothing new can start: "the disk is full"; NULL: it can */
	bool is_stuck; /* one of both, or nobody conducted the run, at the last update */
};

void viewer_init(struct viewer *v, const struct run_reader *run, const char *boot);
void viewer_release(struct viewer *v);
/* After the reader was refreshed, or time went on. Reads the visible log. */
void viewer_update(struct viewer *v, struct instant now);

/* The grid, with the selected agent in focus if it has a pane. */
void viewer_show_grid(struct viewer *v);
/* The pane in focus is the selection. */
void viewer_follow_grid(struct viewer *v);
/* The log of an agent of any batch of the run; the agent is selected, if it is of the shown one. */
void viewer_open_log(struct viewer *v, const struct batch_reader *r, uint32_t agent);
/* The log of a role's call, by its name ("validator", "planner-2"); NULL: of the one that works, or
 * worked last; where that is shown already, of the one before. False: there is none such. */
bool viewer_open_role(struct viewer *v, const char *id);
/* There are no rows yet: the pane has the log of the planner. */
bool viewer_shows_role(const struct viewer *v);
/* By rows of the timeline. */
void viewer_move_timeline(struct viewer *v, int64_t rows);
/* The row of its cursor, or AGENT_NONE; and the other way round, clamped. */
uint32_t viewer_timeline_row(const struct viewer *v);
void viewer_select_timeline(struct viewer *v, int64_t row);
/* A little of what takes long (counting, searching), without anything else to wait for. False:
 * nothing is left to do. */
bool viewer_work(struct viewer *v);

/* Row of the selected agent, or AGENT_NONE. */
uint32_t viewer_row(const struct viewer *v);
/* By agent; AGENT_NONE and agents that the filter hides select nothing. */
void viewer_select(struct viewer *v, uint32_t agent);
void viewer_select_row(struct viewer *v, int64_t row); /* clamped */
void viewer_move(struct viewer *v, int64_t rows);
void viewer_set_filter(struct viewer *v, enum view_filter filter);
/* Only rows that these words take (view/row_filter.h). -1: they are none (err); all rows are. */
int viewer_keep(struct viewer *v, const char *typed, struct err *err);
/* Ends both filters. False: there was none. */
bool viewer_show_all(struct viewer *v);
void viewer_sort(struct viewer *v, enum view_sort sort, bool is_reversed);
/* Tags the selected agent, or no longer. */
void viewer_tag(struct viewer *v);
/* As it is typed: selects the first row at or behind the one where typing began (NULL: it begins)
 * that has it; "" ends the search. 1: found, or not looked for; 0: no row has it; -1: no regular
 * expression (err). */
int viewer_search(struct viewer *v, const char *typed, struct err *err);
void viewer_search_next(struct viewer *v, int by); /* 1 or -1 */
void viewer_say(struct viewer *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
