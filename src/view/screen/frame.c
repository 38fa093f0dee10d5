#include "view/screen/frame.h"
#include "view/limits.h"
#include "view/solve_words.h"
#include "view/screen/waits_paint.h"

#include <stdio.h>
#include <string.h>

static void paint_log(struct viewer *v, struct cells *c)
{
	const struct layout *l = &v->layout;

	if (l->header.rows > 1)
		header_paint_brief(&v->model, &v->look, c, 0);
	log_view_paint_title(&v->log, &v->model, &v->look, c, l->header.rows - 1);
	if (v->log_batch || v->agent == AGENT_NONE ||
	    !waits_paint(&v->model, v->agent, v->look.ascii, c, l->pane.row, l->pane.rows, 2,
		c->cols - 1))
		log_view_paint(&v->log, c, l->pane.row, l->pane.rows);
	if (l->message.rows)
		log_view_paint_position(&v->log, c, l->message.row);
}

static void paint_grid(struct viewer *v, struct cells *c)
{
	grid_paint(&v->grid, &v->model, &v->look, c, v->layout.pane.row, v->layout.pane.rows);
}

/* One row for each view. */
static const struct {
	enum layout_want want;
	void (*paint)(struct viewer *v, struct cells *c);
	bool has_own_header;
	bool has_own_line; /* in the line of messages: only what was said goes before it */
} views[] = {
    [VIEW_OVERVIEW] = {WANT_BOTH, overview_paint, false, false},
    [VIEW_GRID] = {WANT_GRID, paint_grid, false, false},
    [VIEW_LOG] = {WANT_FILE, paint_log, true, true},
    [VIEW_LINEAGE] = {WANT_TABLE, lineage_paint, false, false},
    [VIEW_TIMELINE] = {WANT_TABLE, timeline_paint, false, true},
    [VIEW_FAILURES] = {WANT_TABLE, failures_paint, false, false},
};

/* What is chosen of the rows: it must not be forgotten while it is out of sight. */
static void add_choices(const struct viewer *v, struct buf *out)
{
	const struct view_model *m = &v->model;
	const char *gap = "";

	if (v->view == VIEW_LOG)
		return;
	if (m->tags.nr) {
		buf_fmt(out, "%u tagged", m->tags.nr);
		gap = "   ";
	}
	if (m->words.typed) {
		buf_fmt(out, "%s&%s", gap, m->words.typed);
		gap = "   ";
	}
	if (needle_is_set(&v->search))
		buf_fmt(out, "%s/%s", gap, v->search.text);
}

/* What to type stands first, to be read whole also where there is little room. */
static void add_resume(const struct viewer *v, struct buf *out)
{
	buf_fmt(out, "agent-batch resume %s carries on; ", v->model.run->batches[0]->dir.name);
}

/* What a run with roles has come to. */
static bool add_answer(const struct run_reader *run, struct buf *out)
{
	const struct solve *s = view_solve(run);

	if (!s || s->phase != SOLVE_DONE || s->last_call[SOLVE_SYNTHESIZER] == 0)
		return false;
	buf_fmt(out, "the answer: %s/" ANSWER_NAME, run->batches[0]->dir.name);
	return true;
}

/* What stands in the message line when nothing newer does. */
static void standing_message(const struct viewer *v, struct buf *out)
{
	const struct batch *b = &v->model.shown->state;
	const struct account *person = limits_person(b, NULL);
	char clock[CLOCK_HMS_LEN + 1];

	if (v->message.len) {
		buf_str(out, v->message.data);
	} else if (v->trouble) {
		buf_fmt(out, "cannot read the run: %s", v->trouble);
	} else if (v->disk) {
		buf_fmt(out, "%s: nothing new starts until that has changed", v->disk);
	} else if (v->model.state == RUN_INTERRUPTED) {
		add_resume(v, out);
		buf_str(out, "nobody conducts this run");
	} else if (v->model.state == RUN_STOPPED) {
		add_resume(v, out);
		buf_str(out, solve_stop_why(v->model.run));
	} else if (person && v->model.state != RUN_FINISHED) {
		/* What to type before the reason, which may be long. */
		sanitize_line(out, person->name);
		buf_str(out, " needs you; then ");
		limits_add_open(person, NULL, out);
		limits_add_why(person, out);
	} else if (b->child && b->child_until_t != NUM_NONE &&
	    b->child_until_t > v->model.now.wall_ms) {
		clock_hms(b->child_until_t, clock);
		buf_fmt(out, "the next cycle starts at %s with %lld agents", clock,
		    (long long)b->child_rows);
	} else if (!add_answer(v->model.run, out) && b->last_verb) {
		clock_hms(b->last_verb_t, clock);
		buf_fmt(out, "message: %s, %s", b->last_verb, clock);
	}
}

/* The end of what is typed stays in sight, and so does how a question is answered. */
static void paint_prompt(const struct viewer *v, struct cells *c, int row)
{
	static const char answers[] = "? y/N";
	const struct style bold = {.flags = STYLE_BOLD};
	const char *text = v->prompt.data;
	size_t n = v->prompt.len, width = width_str(text), from = 0;
	size_t room = c->cols > 3 ? (size_t)c->cols - 3 : 1; /* a margin each, and the cursor */
	int col;

	if (v->prompt_has_cursor && width > room)
		from = width_cut(text, n, width - room + 1, NULL);
	col = cells_text(c, row, 1, c->cols - 1, bold, text + from);
	if (v->prompt_has_cursor)
		cells_add_flags(c, row, col, col + 1, STYLE_REVERSE);
	else if (width > room + 1 && n > sizeof(answers) &&
	    strcmp(text + n - (sizeof(answers) - 1), answers) == 0)
		cells_text(c, row, c->cols - (int)sizeof(answers), c->cols, bold, answers);
}

/* A question goes before everything; where there is no line for messages, it takes the keys'. */
static bool paint_message(struct viewer *v, struct cells *c)
{
	const struct layout *l = &v->layout;
	bool has_prompt = v->prompt.len > 0, has_own = views[v->view].has_own_line;
	int row = l->message.rows ? l->message.row : l->keys.row;
	struct buf text = BUF_INIT;

	if (!has_prompt && v->overlay == OVERLAY_NONE && (!has_own || v->trouble || v->disk)) {
		add_choices(v, &text);
		if (text.len)
			buf_str(&text, "   ");
		standing_message(v, &text);
	} else if (!has_prompt)
		buf_str(&text, v->message.data);
	if (!has_prompt && (text.len == 0 || (!l->message.rows && !v->message.len)))
		goto out;
	/* The position in a log, or what signs mean, gives way to a message. */
	cells_fill(c, row, 0, c->cols, (struct style){0}, ' ');
	if (has_prompt)
		paint_prompt(v, c, row);
	else
		cells_text(c, row, 1, c->cols - 1, (struct style){0}, text.data);
	buf_release(&text);
	return row == l->keys.row;
out:
	buf_release(&text);
	return false;
}

static void paint_tiny(struct viewer *v, const struct frame_opts *o, struct cells *c)
{
	bool is_said = v->prompt.len || v->message.len;
	int i;

	/* No question is answered unseen: it takes the last row, whatever stands there. */
	if (!v->layout.keys.rows && is_said)
		v->layout.keys = (struct band){c->rows - 1, 1};
	for (i = 0; i < v->layout.header.rows; i++)
		header_paint_tiny(&v->model, i + 1, c, i);
	if (v->layout.keys.rows && !paint_message(v, c))
		keyline_paint(c, v->layout.keys.row, o->hints, o->nr_hints, true);
}

#define HINTS_MAX 64

/* The labels as they are drawn: the key for more panes says how many pages there are. */
struct labels {
	struct key_hint v[HINTS_MAX];
	size_t nr;
	char more[2][48];
};

static void make_labels(const struct viewer *v, const struct key_hint *hints, size_t nr,
    struct labels *l)
{
	uint32_t page, pages;
	size_t i;

	l->nr = nr < HINTS_MAX ? nr : HINTS_MAX;
	if (l->nr)
		memcpy(l->v, hints, l->nr * sizeof(*hints));
	if (v->view != VIEW_GRID || v->overlay != OVERLAY_NONE)
		return;
	for (i = 0; i < l->nr; i++)
		if (l->v[i].label && strncmp(l->v[i].label, "PgDn", 4) == 0) {
			pages = grid_pages(&v->grid, &page);
			snprintf(l->more[0], sizeof(l->more[0]), "PgDn more panes (%u of %u)", page,
			    pages);
			snprintf(l->more[1], sizeof(l->more[1]), "PgDn more (%u of %u)", page,
			    pages);
			l->v[i].label = l->more[0];
			l->v[i].label_short = l->more[1];
		}
}

static void paint_keys(struct viewer *v, const struct frame_opts *o, struct cells *c)
{
	struct labels l;

	make_labels(v, o->hints, o->nr_hints, &l);
	keyline_paint(c, v->layout.keys.row, l.v, l.nr, false);
}

int frame_label_at(const struct viewer *v, const struct key_hint *hints, size_t nr, int col)
{
	struct labels l;

	make_labels(v, hints, nr, &l);
	return keyline_at(v->layout.cols, l.v, l.nr, v->layout.is_tiny, col);
}

/* A log that is being read is shown, also when the screen has become too small for both. */
static enum layout_want wanted(const struct viewer *v, int rows)
{
	if (v->overlay != OVERLAY_NONE)
		return WANT_TABLE;
	if (v->view != VIEW_OVERVIEW)
		return views[v->view].want;
	if (!v->is_zoomed && !(v->focus == FOCUS_LOG && rows < LAYOUT_ROWS_BOTH))
		return WANT_BOTH;
	return v->focus == FOCUS_LOG ? WANT_LOG : WANT_TABLE;
}

static void paint_header(struct viewer *v, struct cells *c, int line)
{
	if (line < 3)
		header_paint(&v->model, &v->look, line + 1, c, line);
	else
		header_paint_phase(&v->model, &v->look, v->peeks, c, line);
}

static void paint_view(struct viewer *v, const struct frame_opts *o, struct cells *c)
{
	bool is_covered = v->overlay != OVERLAY_NONE;
	int i;

	if (v->overlay == OVERLAY_HELP) {
		help_paint(v, o, c);
		return;
	}
	for (i = 0; (is_covered || !views[v->view].has_own_header) && i < v->layout.header.rows;
	     i++)
		paint_header(v, c, i);
	if (is_covered)
		details_paint(v, c);
	else
		views[v->view].paint(v, c);
}

/* Where row 1 is not the header that says so. */
static void paint_frozen(const struct viewer *v, struct cells *c)
{
	bool is_said =
	    !v->layout.is_tiny && v->overlay != OVERLAY_HELP && v->layout.header.rows > 1;

	if (v->look.is_frozen && !is_said)
		cells_text(c, 0, c->cols - 7, c->cols, (struct style){.flags = STYLE_REVERSE},
		    " FROZEN");
}

void frame_paint(struct viewer *v, const struct frame_opts *o, struct cells *c)
{
	cells_resize(c, c->cols, c->rows);
	layout_compute(&v->layout, c->cols, c->rows, wanted(v, c->rows),
	    header_has_phase(&v->model));
	if (v->layout.is_tiny) {
		paint_tiny(v, o, c);
		paint_frozen(v, c);
		return;
	}
	paint_view(v, o, c);
	paint_frozen(v, c);
	if (!paint_message(v, c))
		paint_keys(v, o, c);
}
