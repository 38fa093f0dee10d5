#include "view/screen/grid.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void grid_init(struct grid *g)
{
	size_t i;

	*g = (struct grid){.across = 1, .down = 1};
	for (i = 0; i < GRID_PANES_MAX; i++)
		log_pane_init(&g->panes[i]);
}

void grid_release(struct grid *g)
{
	size_t i;

	for (i = 0; i < GRID_PANES_MAX; i++)
		log_pane_release(&g->panes[i]);
	free(g->lanes);
	free(g->has_lane);
	*g = (struct grid){0};
}

/* ---- who has a pane ----------------------------------------------------- */

static bool is_active(enum style_role role)
{
	return role == ROLE_RUNNING || role == ROLE_VALIDATING || role == ROLE_BACKOFF;
}

static bool keeps_pane(const struct view_model *m, uint32_t agent)
{
	const struct agent *a = view_agent(m, agent);
	int64_t ago = m->now.wall_ms - a->since_t;

	if (m->places[agent] == AGENT_NONE)
		return false;
	if (tags_has(&m->tags, agent))
		return true;
	/* A clock that was set back ends it, too. */
	return is_active(shown_role(a)) || (ago >= 0 && ago < GRID_STAYS_MS);
}

static void free_lanes(struct grid *g, const struct view_model *m)
{
	uint32_t i;

	for (i = 0; i < g->nr; i++) {
		if (g->lanes[i] == AGENT_NONE || keeps_pane(m, g->lanes[i]))
			continue;
		g->has_lane[g->lanes[i]] = false;
		g->lanes[i] = AGENT_NONE;
	}
}

/* `*from`: no lane before it is free. */
static void give_lane(struct grid *g, uint32_t agent, uint32_t *from)
{
	while (*from < g->nr && g->lanes[*from] != AGENT_NONE)
		++*from;
	if (*from == g->nr) {
		VEC_GROW(g->lanes, g->nr, g->cap);
		g->nr++;
	}
	g->lanes[*from] = agent;
	g->has_lane[agent] = true;
}

static void take_batch(struct grid *g, const struct batch_reader *batch)
{
	uint32_t nr = batch->state.nr_agents;

	free(g->has_lane);
	g->has_lane = xcalloc(nr ? nr : 1, sizeof(*g->has_lane));
	g->batch = batch;
	g->agents = nr;
	g->nr = 0;
	g->focus = 0;
}

void grid_assign(struct grid *g, const struct view_model *m)
{
	static const enum style_role order[] = {ROLE_RUNNING, ROLE_VALIDATING, ROLE_BACKOFF};
	const struct batch *b = &m->shown->state;
	uint32_t i, from = 0;
	size_t k;

	if (g->batch != m->shown || g->agents != b->nr_agents)
		take_batch(g, m->shown);
	free_lanes(g, m);
	for (k = 0; k < ARRAY_LEN(order); k++)
		for (i = 0; i < b->nr_agents && m->counts[order[k]]; i++)
			if (!g->has_lane[i] && m->places[i] != AGENT_NONE &&
			    shown_role(&b->agents[i]) == order[k])
				give_lane(g, i, &from);
	while (g->nr && g->lanes[g->nr - 1] == AGENT_NONE)
		g->nr--;
	if (g->focus >= g->nr)
		g->focus = g->nr ? g->nr - 1 : 0;
}

bool grid_refresh(struct grid *g)
{
	bool has_grown = false;
	size_t i;

	for (i = 0; i < GRID_PANES_MAX; i++) {
		int64_t was = g->panes[i].tail.size;

		log_pane_refresh(&g->panes[i]);
		has_grown = has_grown || g->panes[i].tail.size != was;
	}
	return has_grown;
}

/* ---- focus -------------------------------------------------------------- */

uint32_t grid_agent(const struct grid *g)
{
	return g->focus < g->nr ? g->lanes[g->focus] : AGENT_NONE;
}

void grid_focus(struct grid *g, uint32_t agent)
{
	uint32_t i;

	for (i = 0; i < g->nr && agent != AGENT_NONE; i++)
		if (g->lanes[i] == agent)
			g->focus = i;
}

static void focus_on(struct grid *g, int64_t lane)
{
	if (lane >= 0 && lane < (int64_t)g->nr)
		g->focus = (uint32_t)lane;
}

void grid_move(struct grid *g, int across, int down)
{
	focus_on(g, (int64_t)g->focus + across + (int64_t)down * g->across);
}

static uint32_t page_size(const struct grid *g)
{
	return (uint32_t)(g->across * g->down);
}

uint32_t grid_agent_at(const struct grid *g, int cols, int rows, int row, int col)
{
	int across = col / (cols / g->across), down = row / (rows / g->down);
	uint32_t lane = g->focus / page_size(g) * page_size(g);

	if (row < 0 || col < 0 || across >= g->across || down >= g->down)
		return AGENT_NONE;
	if (g->is_zoomed)
		return grid_agent(g);
	lane += (uint32_t)(down * g->across + across);
	return lane < g->nr ? g->lanes[lane] : AGENT_NONE;
}

void grid_page(struct grid *g, int by)
{
	int64_t size = page_size(g);

	int64_t lane = ((int64_t)g->focus / size + by) * size;

	if (lane >= (int64_t)g->nr)
		lane = (int64_t)g->nr - 1;
	focus_on(g, lane < 0 ? 0 : lane);
}

uint32_t grid_pages(const struct grid *g, uint32_t *page)
{
	uint32_t size = page_size(g);

	*page = g->focus / size + 1;
	return g->nr ? (g->nr + size - 1) / size : 1;
}
