/* One frame without a terminal: for golden files, for people without curses, for tests. */
#include "ui/ui.h"
#include "base/clock.h"
#include "ui/view_keys.h"

#include <string.h>

static int choose_view(struct viewer *v, const char *view, struct err *err)
{
	const struct view_place *p = view_of_name(view);

	if (p)
		v->view = p->view;
	else if (strcmp(view, "details") == 0)
		v->overlay = OVERLAY_DETAILS;
	else if (strcmp(view, "help") == 0)
		v->overlay = OVERLAY_HELP;
	else
		return err_set(err,
		    "no view '%s': overview, grid, log, lineage, timeline, failures, details or "
		    "help",
		    view);
	return 0;
}

/* A role's call has a log and details, where no row is called so. */
static bool choose_role(struct viewer *v, const char *id)
{
	const struct role_call *call = role_calls_find(&v->model.run->roles, id);

	if (!call)
		return false;
	if (v->overlay == OVERLAY_DETAILS)
		v->details_of = call->reader;
	else
		(void)viewer_open_role(v, id);
	return true;
}

static int choose_agent(struct viewer *v, const char *id, struct err *err)
{
	uint32_t agent;

	if (!id)
		return 0;
	agent = batch_find(&v->model.shown->state, id);
	if (agent == AGENT_NONE && choose_role(v, id))
		return 0;
	if (agent == AGENT_NONE)
		return err_set(err, "no agent '%s' in %s", id, v->model.shown->dir.name);
	viewer_select(v, agent);
	return 0;
}

static void paint(struct viewer *v, const struct ui_print_opts *o, struct buf *out)
{
	struct control_frame f;
	struct cells c;

	cells_init(&c);
	cells_resize(&c, o->cols, o->rows);
	control_frame(v, &f);
	if (v->view == VIEW_GRID)
		viewer_show_grid(v);
	while (viewer_work(v))
		;
	frame_paint(v, &f.opts, &c);
	cells_print(&c, o->ascii, out);
	buf_ch(out, '\n');
	cells_print_marks(&c, out);
	cells_release(&c);
}

int ui_print_frame(const struct ui_print_opts *o, struct buf *out, struct err *err)
{
	struct run_reader run;
	struct viewer v;
	int rc;

	if (run_reader_open(&run, o->batch, err) < 0)
		return -1;
	viewer_init(&v, &run, NULL);
	v.look.ascii = o->ascii;
	viewer_update(&v, (struct instant){.wall_ms = o->at_t});
	rc = choose_view(&v, o->view, err);
	if (rc == 0)
		rc = choose_agent(&v, o->id, err);
	if (rc == 0)
		paint(&v, o, out);
	viewer_release(&v);
	run_reader_close(&run);
	return rc;
}
