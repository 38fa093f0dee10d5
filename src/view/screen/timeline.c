#include "view/screen/timeline.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* Columns that are kept free for what comes. */
#define AHEAD 8
#define AHEAD_NARROW 6
#define WIDE_CELLS 80
/* Where cells begin: rounder would leave the left of a short run empty. */
#define ANCHOR_MS 5000

void timeline_init(struct timeline *t, struct run_agents *agents)
{
	*t = (struct timeline){
	    .follows = true, .is_fitted = true, .agents = agents, .rest_of = UINT64_MAX};
	job_use_init(&t->use);
}

void timeline_release(struct timeline *t)
{
	free(t->rest);
	job_use_release(&t->use);
	timeline_init(t, t->agents);
}

/* ---- rows --------------------------------------------------------------- */

static bool is_of_rest(const struct timeline *t, const struct view_model *m, uint32_t number,
    enum style_role *role)
{
	const struct batch_reader *r = run_agents_batch(t->agents, number);

	if (r == m->shown)
		return false;
	*role = shown_role(run_agents_agent(t->agents, number));
	return view_model_takes(m, r, t->agents->newest[number].agent);
}

/* By state, inside it by number, as the overview has its own. */
static void sort_rest(struct timeline *t, const struct view_model *m)
{
	uint32_t at[ROLE__COUNT + 1] = {0}, i;
	enum style_role role;
	int r;

	for (i = 0; i < t->agents->nr; i++)
		if (is_of_rest(t, m, i, &role))
			at[role + 1]++;
	for (r = 0; r < ROLE__COUNT; r++)
		at[r + 1] += at[r];
	t->nr_rest = at[ROLE__COUNT];
	t->rest = xrealloc(t->rest, (t->nr_rest + 1) * sizeof(*t->rest));
	for (i = 0; i < t->agents->nr; i++)
		if (is_of_rest(t, m, i, &role))
			t->rest[at[role]++] = i;
}

void timeline_update(struct timeline *t, const struct view_model *m)
{
	uint64_t events = run_reader_events(m->run);

	if (!t->is_whole_run) {
		t->nr_rest = 0;
		t->in_rest = false;
		t->rest_of = UINT64_MAX;
		return;
	}
	if (run_agents_update(t->agents, m->run))
		t->in_rest = false;
	else if (t->rest_of == events && t->rest_for == m->order)
		return;
	sort_rest(t, m);
	t->rest_of = events;
	t->rest_for = m->order;
	if (t->in_rest && timeline_rest_row(t, m) == AGENT_NONE)
		t->in_rest = false;
}

uint32_t timeline_nr_rows(const struct timeline *t, const struct view_model *m)
{
	return m->nr_rows + t->nr_rest;
}

const struct batch_reader *timeline_row(const struct timeline *t, const struct view_model *m,
    uint32_t row, uint32_t *agent)
{
	uint32_t number;

	if (row < m->nr_rows) {
		*agent = m->rows[row];
		return m->shown;
	}
	number = t->rest[row - m->nr_rows];
	*agent = t->agents->newest[number].agent;
	return run_agents_batch(t->agents, number);
}

uint32_t timeline_rest_row(const struct timeline *t, const struct view_model *m)
{
	uint32_t i;

	for (i = 0; t->in_rest && i < t->nr_rest; i++)
		if (t->rest[i] == t->rest_at)
			return m->nr_rows + i;
	return AGENT_NONE;
}

/* ---- time --------------------------------------------------------------- */

static int ahead(int cells)
{
	int n = cells >= WIDE_CELLS ? AHEAD : AHEAD_NARROW;

	return n < cells / 2 ? n : cells / 2;
}

/* The cell, from the anchor, that now is in. */
static int64_t now_cell(const struct timeline *t)
{
	return t->now_t > t->anchor_t ? (t->now_t - t->anchor_t) / (t->scale_s * 1000) : 0;
}

/* What is at the left where now is in sight. */
static int64_t following_cell(const struct timeline *t)
{
	int64_t first = now_cell(t) - (t->axis.cells - ahead(t->axis.cells));

	return first > 0 ? first : 0;
}

/* The first moment, at a round second. */
static int64_t anchor_of(const struct timeline *t, const struct view_model *m)
{
	const struct batch_reader *r = t->is_whole_run ? m->run->batches[0] : m->shown;
	int64_t start_t = r->state.started_t;

	if (start_t == NUM_NONE || start_t < 0)
		return 0;
	return start_t - start_t % ANCHOR_MS;
}

/* As long as it lasts, and no longer: an ended run stays as it was. */
static int64_t now_of(const struct view_model *m)
{
	bool has_ended = m->exit_code >= 0 && m->totals.ended_t != NUM_NONE;

	return has_ended && m->shown->state.end != END_NONE ? m->totals.ended_t : m->now.wall_ms;
}

/* Only where the width is another one: what is looked at holds still, the left gives way. */
static void fit(struct timeline *t)
{
	if (t->scale_s && (!t->is_fitted || t->fitted_cells == t->axis.cells))
		return;
	t->scale_s = time_scale_fit(t->now_t - t->anchor_t, t->axis.cells - ahead(t->axis.cells));
	t->fitted_cells = t->axis.cells;
}

void timeline_lay(struct timeline *t, const struct view_model *m, int cells)
{
	int64_t anchor_t = anchor_of(t, m);

	/* Another cycle, or the whole run. */
	if (anchor_t != t->anchor_t) {
		t->follows = true;
		t->fitted_cells = 0;
	}
	t->anchor_t = anchor_t;
	t->now_t = now_of(m);
	t->axis.cells = cells;
	fit(t);
	if (t->follows || t->first_cell > following_cell(t))
		t->first_cell = following_cell(t);
	t->axis.scale_ms = t->scale_s * 1000;
	t->axis.from_t = t->anchor_t + t->first_cell * t->axis.scale_ms;
	if (t->use_is_whole_run != t->is_whole_run)
		job_use_clear(&t->use);
	t->use_is_whole_run = t->is_whole_run;
}

int64_t timeline_until(const struct timeline *t, const struct view_model *m,
    const struct batch_reader *r)
{
	const struct batch *b = &r->state;
	int64_t until_t = b->end != END_NONE ? b->ended_t : r == m->shown ? t->now_t : b->last_t;

	return until_t == NUM_NONE || until_t > t->now_t ? t->now_t : until_t;
}

int64_t timeline_asked_t(const struct timeline *t)
{
	return t->follows ? NUM_NONE : time_axis_begin(&t->axis, t->axis.cells) - 1;
}

/* ---- keys --------------------------------------------------------------- */

void timeline_switch_scope(struct timeline *t)
{
	t->is_whole_run = !t->is_whole_run;
	t->in_rest = false;
	t->is_fitted = t->follows = true;
	t->fitted_cells = 0;
}

void timeline_zoom(struct timeline *t, int by)
{
	int64_t scale_s = time_scale_next(t->scale_s, by), middle_t;

	if (scale_s == t->scale_s || t->axis.cells == 0)
		return;
	middle_t = time_axis_begin(&t->axis, t->axis.cells / 2);
	t->scale_s = scale_s;
	t->is_fitted = false;
	t->first_cell = (middle_t - t->anchor_t) / (scale_s * 1000) - t->axis.cells / 2;
	if (t->first_cell < 0)
		t->first_cell = 0;
}

void timeline_pan(struct timeline *t, int columns)
{
	int64_t most;

	if (t->axis.cells == 0)
		return;
	most = following_cell(t);
	t->first_cell += columns;
	if (t->first_cell < 0)
		t->first_cell = 0;
	t->follows = t->first_cell >= most;
}

void timeline_to_start(struct timeline *t)
{
	t->first_cell = 0;
	t->follows = following_cell(t) == 0;
}

void timeline_follow(struct timeline *t)
{
	t->follows = true;
}
