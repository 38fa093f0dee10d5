#include "view/screen/viewer.h"
#include "base/disk.h"
#include "base/xalloc.h"
#include "view/solve_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void viewer_init(struct viewer *v, const struct run_reader *run, const char *boot)
{
	*v = (struct viewer){.agent = AGENT_NONE, .last_key_ms = NUM_NONE};
	view_model_init(&v->model, run, boot);
	log_pane_init(&v->pane);
	log_view_init(&v->log, &v->pane);
	grid_init(&v->grid);
	run_agents_init(&v->agents);
	lineage_init(&v->lineage, &v->agents);
	timeline_init(&v->timeline, &v->agents);
	failures_init(&v->failures, &v->agents);
	v->peeks = log_peeks_new();
	buf_init(&v->message);
	buf_init(&v->prompt);
}

void viewer_release(struct viewer *v)
{
	view_model_release(&v->model);
	log_view_release(&v->log);
	grid_release(&v->grid);
	lineage_release(&v->lineage);
	timeline_release(&v->timeline);
	failures_release(&v->failures);
	run_agents_release(&v->agents);
	log_pane_release(&v->pane);
	log_peeks_free(v->peeks);
	free(v->selected);
	needle_release(&v->search);
	needle_release(&v->help_search);
	buf_release(&v->message);
	buf_release(&v->prompt);
}

uint32_t viewer_row(const struct viewer *v)
{
	return v->agent == AGENT_NONE ? AGENT_NONE : v->model.places[v->agent];
}

void viewer_select(struct viewer *v, uint32_t agent)
{
	const struct agent *a = view_agent(&v->model, agent);

	if (!a || v->model.places[agent] == AGENT_NONE) {
		v->agent = AGENT_NONE;
		return;
	}
	if (!v->selected || strcmp(v->selected, a->task->id) != 0) {
		free(v->selected);
		v->selected = xstrdup(a->task->id);
	}
	v->agent = agent;
	v->log_batch = NULL;
	log_pane_show(&v->pane, v->model.shown, agent);
}

void viewer_select_row(struct viewer *v, int64_t row)
{
	if (v->model.nr_rows == 0)
		return;
	if (row >= v->model.nr_rows)
		row = v->model.nr_rows - 1;
	viewer_select(v, v->model.rows[row < 0 ? 0 : row]);
}

void viewer_move(struct viewer *v, int64_t rows)
{
	uint32_t row = viewer_row(v);

	viewer_select_row(v, row == AGENT_NONE ? 0 : (int64_t)row + rows);
}

/* Of an agent nobody has chosen, until it is through: then whoever comes first. */
static bool is_worth_watching(const struct viewer *v)
{
	enum style_role role;

	if (v->agent == AGENT_NONE)
		return false;
	role = shown_role(view_agent(&v->model, v->agent));
	return role == ROLE_RUNNING || role == ROLE_VALIDATING;
}

static void show_planner(struct viewer *v)
{
	const struct solve *s = view_solve(v->model.run);
	const struct role_call *call = s ? role_calls_now(&v->model.run->roles, s) : NULL;

	v->agent = AGENT_NONE;
	if (call)
		log_pane_show(&v->pane, call->reader, 0);
}

/* The selection is an id: it stays over every new order, and over a new cycle that has it. */
static void keep_selection(struct viewer *v)
{
	if (v->view != VIEW_LOG)
		v->log_batch = NULL;
	if (v->log_batch) {
		/* What is read is over: keys steer nothing. */
		v->agent = AGENT_NONE;
		log_pane_show(&v->pane, v->log_batch, v->log_agent);
		return;
	}
	if (v->model.shown->state.nr_agents == 0) {
		show_planner(v);
		return;
	}
	v->agent = v->selected ? batch_find(&v->model.shown->state, v->selected) : AGENT_NONE;
	/* A log that is read stays, also when its agent comes into a state that the filter hides. */
	if (v->view == VIEW_LOG && v->agent != AGENT_NONE) {
		log_pane_show(&v->pane, v->model.shown, v->agent);
		return;
	}
	if (v->agent != AGENT_NONE && v->model.places[v->agent] == AGENT_NONE)
		v->agent = AGENT_NONE;
	if (v->agent == AGENT_NONE || (!v->is_touched && !is_worth_watching(v)))
		viewer_select_row(v, v->agent == AGENT_NONE && v->is_touched ? v->top : 0);
	else
		viewer_select(v, v->agent);
}

/* What only earlier cycles had is no agent that keys could reach. */
static void follow_timeline(struct viewer *v)
{
	timeline_update(&v->timeline, &v->model);
	if (v->timeline.in_rest)
		v->agent = AGENT_NONE;
}

/* What was said before goes: from now on it is told how to go on, until a key has its answer. */
static void note_trouble(struct viewer *v)
{
	bool is_stuck = v->trouble || v->disk || v->model.state == RUN_INTERRUPTED;

	if (is_stuck && !v->is_stuck)
		buf_reset(&v->message);
	v->is_stuck = is_stuck;
}

void viewer_update(struct viewer *v, struct instant now)
{
	bool holds = v->last_key_ms != NUM_NONE && now.mono_ms - v->last_key_ms < VIEWER_HOLD_MS;

	view_model_update(&v->model, now, holds);
	v->disk = v->model.exit_code < 0 ? disk_why_refuses(v->model.shown->dir.fd) : NULL;
	note_trouble(v);
	v->failures.holds = holds;
	keep_selection(v);
	if (v->view == VIEW_TIMELINE)
		follow_timeline(v);
	if (v->view == VIEW_GRID) {
		grid_assign(&v->grid, &v->model);
		viewer_follow_grid(v);
		(void)grid_refresh(&v->grid);
	}
	log_pane_refresh(&v->pane);
	log_times_still(&v->pane.times, v->pane.tail.size, now.wall_ms);
}

void viewer_open_log(struct viewer *v, const struct batch_reader *r, uint32_t agent)
{
	if (v->view != VIEW_LOG)
		v->back = v->view;
	v->view = VIEW_LOG;
	if (r == v->model.shown) {
		if (v->model.places[agent] == AGENT_NONE)
			viewer_set_filter(v, VF_ALL);
		viewer_select(v, agent);
		return;
	}
	v->log_batch = r;
	v->log_agent = agent;
	keep_selection(v);
}

bool viewer_shows_role(const struct viewer *v)
{
	return v->model.shown->state.nr_agents == 0 && v->pane.batch &&
	    v->pane.batch->manifest.options.role;
}

/* The call before the one that is read, all the way round. */
static const struct role_call *call_before(const struct viewer *v)
{
	const struct role_calls *c = &v->model.run->roles;
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (v->view == VIEW_LOG && c->v[i].reader == v->log_batch)
			return &c->v[i ? i - 1 : c->nr - 1];
	return c->nr ? &c->v[c->nr - 1] : NULL;
}

bool viewer_open_role(struct viewer *v, const char *id)
{
	const struct role_call *call =
	    id ? role_calls_find(&v->model.run->roles, id) : call_before(v);

	if (!call)
		return false;
	viewer_open_log(v, call->reader, 0);
	return true;
}

void viewer_move_timeline(struct viewer *v, int64_t rows)
{
	uint32_t row;

	timeline_update(&v->timeline, &v->model);
	row = viewer_timeline_row(v);
	viewer_select_timeline(v, row == AGENT_NONE ? 0 : row + rows);
}

uint32_t viewer_timeline_row(const struct viewer *v)
{
	const struct timeline *t = &v->timeline;

	return t->in_rest ? timeline_rest_row(t, &v->model) : viewer_row(v);
}

void viewer_select_timeline(struct viewer *v, int64_t row)
{
	struct timeline *t = &v->timeline;
	int64_t nr = timeline_nr_rows(t, &v->model);

	if (nr == 0)
		return;
	row = row >= nr ? nr - 1 : row < 0 ? 0 : row;
	t->in_rest = row >= v->model.nr_rows;
	if (t->in_rest)
		t->rest_at = t->rest[row - v->model.nr_rows];
	else
		viewer_select_row(v, row);
	follow_timeline(v);
}

void viewer_follow_grid(struct viewer *v)
{
	uint32_t agent = grid_agent(&v->grid);

	/* Keys must not reach an agent that is not in focus. */
	if (agent == AGENT_NONE)
		v->agent = AGENT_NONE;
	else
		viewer_select(v, agent);
}

void viewer_show_grid(struct viewer *v)
{
	v->view = VIEW_GRID;
	grid_assign(&v->grid, &v->model);
	grid_focus(&v->grid, v->agent);
	viewer_follow_grid(v);
}

bool viewer_work(struct viewer *v)
{
	if (v->view == VIEW_FAILURES)
		return failures_work(&v->failures, &v->model);
	return v->view == VIEW_LOG && log_view_work(&v->log);
}

/* Rows are others from now on: the selected agent stays if it is still one. */
static void reorder(struct viewer *v)
{
	v->model.order++;
	view_model_update(&v->model, v->model.now, false);
	v->top = 0;
	keep_selection(v);
}

void viewer_set_filter(struct viewer *v, enum view_filter filter)
{
	v->model.filter = filter;
	reorder(v);
}

int viewer_keep(struct viewer *v, const char *typed, struct err *err)
{
	int rc = row_filter_set(&v->model.words, typed, err);

	reorder(v);
	return rc;
}

bool viewer_show_all(struct viewer *v)
{
	if (v->model.filter == VF_ALL && !v->model.words.typed)
		return false;
	row_filter_release(&v->model.words);
	viewer_set_filter(v, VF_ALL);
	return true;
}

void viewer_sort(struct viewer *v, enum view_sort sort, bool is_reversed)
{
	v->model.sort = sort;
	v->model.is_reversed = is_reversed;
	reorder(v);
}

/* ---- tags and searches -------------------------------------------------- */

void viewer_tag(struct viewer *v)
{
	struct tags *t = &v->model.tags;

	tags_set(t, v->agent, !tags_has(t, v->agent));
}

/* Where the log's last line is what the row shows, it counts. */
static bool is_found(struct viewer *v, uint32_t row)
{
	uint32_t agent = v->model.rows[row];
	enum style_role role = shown_role(view_agent(&v->model, agent));
	const struct log_peek *peek;

	if (row_shows(&v->search, v->model.shown, agent))
		return true;
	if (role != ROLE_RUNNING)
		return false;
	peek = log_peek(v->peeks, v->model.shown, agent);
	return needle_matches(&v->search, peek->line, strlen(peek->line));
}

/* The next found row at `from` or behind it (by 1) or before it (by -1), all the way round. */
static bool select_found(struct viewer *v, int64_t from, int by)
{
	int64_t nr = v->model.nr_rows, i;

	for (i = 0; i < nr && needle_is_set(&v->search); i++) {
		int64_t row = ((from + i * by) % nr + nr) % nr;

		if (is_found(v, (uint32_t)row)) {
			viewer_select_row(v, row);
			return true;
		}
	}
	return false;
}

static int64_t row_or_first(const struct viewer *v)
{
	return viewer_row(v) == AGENT_NONE ? 0 : viewer_row(v);
}

int viewer_search(struct viewer *v, const char *typed, struct err *err)
{
	int rc;

	if (!typed) {
		v->search_from = viewer_row(v);
		return 1;
	}
	rc = needle_set(&v->search, typed, err);
	if (select_found(v, v->search_from, 1))
		return 1;
	if (v->search_from != AGENT_NONE)
		viewer_select_row(v, v->search_from);
	return rc < 0 ? -1 : !needle_is_set(&v->search);
}

void viewer_search_next(struct viewer *v, int by)
{
	if (!needle_is_set(&v->search))
		viewer_say(v, "nothing is looked for; / begins");
	else if (!select_found(v, row_or_first(v) + by, by))
		viewer_say(v, "no row has '%s'", v->search.text);
}

void viewer_say(struct viewer *v, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_reset(&v->message);
	buf_str(&v->message, text);
}
