/* View 5: a row for each agent, a column for each span of time; below, the job slots in use.
 *
 * Rows are those of the overview, in its order and with its selection; with the whole run, what
 * only earlier cycles had comes behind them. Painting costs what is in sight. */
#ifndef AB_VIEW_TIMELINE_H
#define AB_VIEW_TIMELINE_H

#include "view/screen/job_use.h"
#include "view/model.h"
#include "view/run_agents.h"
#include "view/screen/time_axis.h"

#include <stdbool.h>
#include <stdint.h>

struct timeline {
	bool is_whole_run; /* key C; else the cycle that lives now */
	bool follows; /* now stays in sight */
	int64_t scale_s; /* of a column */
	bool is_fitted; /* `scale_s` shows all of it in `fitted_cells`; a key ends that */
	int fitted_cells;
	int64_t anchor_t; /* cells begin at whole scales from here */
	int64_t first_cell; /* counted from the anchor; the left one, where it does not follow */
	struct time_axis axis; /* as painted last */
	int64_t now_t; /* of that painting: the end, where the run has ended */
	uint32_t top;

	/* What stands behind the overview's rows. */
	struct run_agents *agents; /* borrowed */
	uint32_t *rest; /* numbers in `agents` */
	uint32_t nr_rest;
	bool in_rest; /* the cursor is there */
	uint32_t rest_at; /* on this number */
	uint64_t rest_of; /* events of the run that it was made of */
	uint32_t rest_for; /* the model's order then */

	struct job_use use;
	bool use_is_whole_run;
};

void timeline_init(struct timeline *t, struct run_agents *agents);
void timeline_release(struct timeline *t);
/* Its rows as the run is now. */
void timeline_update(struct timeline *t, const struct view_model *m);

/* This cycle or the whole run. */
void timeline_switch_scope(struct timeline *t);
/* By 1: coarser; by -1: finer. Now stays where it is, or what is in the middle. */
void timeline_zoom(struct timeline *t, int by);
/* By columns; to the right as far as now. */
void timeline_pan(struct timeline *t, int columns);
void timeline_to_start(struct timeline *t);
void timeline_follow(struct timeline *t);

/* ---- rows --------------------------------------------------------------- */

/* How many: the overview's, and the rest. */
uint32_t timeline_nr_rows(const struct timeline *t, const struct view_model *m);
/* The agent of a row, and its batch. */
const struct batch_reader *timeline_row(const struct timeline *t, const struct view_model *m,
    uint32_t row, uint32_t *agent);
/* The row of the cursor in the rest, or AGENT_NONE. */
uint32_t timeline_rest_row(const struct timeline *t, const struct view_model *m);
/* The moment whose log is asked for: NUM_NONE while it follows, else the end of what is seen. */
int64_t timeline_asked_t(const struct timeline *t);

/* For the painter: sets axis and now_t for so many cells. */
void timeline_lay(struct timeline *t, const struct view_model *m, int cells);
/* Until when what has no end in that batch goes on. */
int64_t timeline_until(const struct timeline *t, const struct view_model *m,
    const struct batch_reader *r);

#endif
