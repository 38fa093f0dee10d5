/* The grid: live panes of the agents that run, are validated or wait. An agent keeps its pane until
 * three seconds after its end, and as long as it is tagged; then the next one without a pane takes
 * it. Agents that a filter hides have none. Only panes in sight hold
 * their logs open. */
#ifndef AB_VIEW_GRID_H
#define AB_VIEW_GRID_H

#include "view/text/cells.h"
#include "view/screen/header.h"
#include "view/log/log_pane.h"
#include "view/model.h"

#include <stdbool.h>
#include <stdint.h>

/* In sight at once, and the least columns and rows of one. */
#define GRID_PANES_MAX 12
#define GRID_PANE_COLS 40
#define GRID_PANE_ROWS 8
/* A pane stays so long after the end of its agent. */
#define GRID_STAYS_MS 3000

struct grid {
	uint32_t *lanes; /* the agent of each pane, in sight or not; AGENT_NONE: free */
	uint32_t nr, cap;
	uint32_t agents; /* as many as has_lane is for */
	bool *has_lane; /* by agent */
	const struct batch_reader *batch; /* whose agents they are; borrowed */
	uint32_t focus; /* a lane */
	bool is_zoomed; /* it has all the room */
	int across, down; /* panes of the last painting */
	struct log_pane panes[GRID_PANES_MAX]; /* those in sight */
};

void grid_init(struct grid *g);
void grid_release(struct grid *g);
/* Gives panes to agents, by how they stand now. */
void grid_assign(struct grid *g, const struct view_model *m);
/* Looks at the logs in sight. True: one has grown. */
bool grid_refresh(struct grid *g);

/* The agent in focus, or AGENT_NONE; and the other way round: nothing happens if it has no pane. */
uint32_t grid_agent(const struct grid *g);
void grid_focus(struct grid *g, uint32_t agent);
/* Whose pane is at a place of the cols x rows that the grid was painted into; AGENT_NONE: nobody's. */
uint32_t grid_agent_at(const struct grid *g, int cols, int rows, int row, int col);
/* By panes; by pages of panes. */
void grid_move(struct grid *g, int across, int down);
void grid_page(struct grid *g, int by);
/* How many pages there are, and which one is shown, from 1. */
uint32_t grid_pages(const struct grid *g, uint32_t *page);

/* Into rows [row, row + rows). */
void grid_paint(struct grid *g, const struct view_model *m, const struct look *look,
    struct cells *c, int row, int rows);

#endif
