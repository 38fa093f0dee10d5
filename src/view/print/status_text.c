#include "view/print/status_text.h"
#include "base/disk.h"
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/screen/header.h"
#include "view/limits.h"
#include "view/log/log_peek.h"
#include "view/model.h"
#include "view/row.h"
#include "view/solve_words.h"
#include "view/summary.h"
#include "view/text/width.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_COLUMNS_MAX 24
#define STATUS_COLUMNS 31 /* IN_PROGRESS running silent 9:59 */

static const struct style plain;

/* One text being laid out, line by line, in one row of cells. */
struct page {
	const struct status_opts *opts;
	struct view_model model;
	struct look look;
	struct log_peeks *peeks;
	struct cells cells; /* one row */
	int id_columns;
	int nr_lines;
	struct buf *out;
};

/* ---- cells as text ------------------------------------------------------ */

/* Colours are roles here: everything else of a cell's look is for screens. */
static void add_colored(const struct cells *c, struct buf *out)
{
	struct cells one = {.cols = 1, .rows = 1};
	uint8_t role = ROLE_NONE;
	int col, end = c->cols;

	while (end > 0 && cells_at(c, 0, end - 1)->cp == ' ')
		end--;
	for (col = 0; col < end; col++) {
		one.v = cells_at(c, 0, col);
		if (one.v->width == 0)
			continue;
		if (one.v->style.role != role) {
			shown_color_end(role != ROLE_NONE, out);
			role = one.v->style.role;
			shown_color((enum style_role)role, role != ROLE_NONE, out);
		}
		if (one.v->cp == ' ')
			buf_ch(out, ' '); /* which ends a row of text */
		else
			cells_row_text(&one, 0, false, out);
	}
	shown_color_end(role != ROLE_NONE, out);
}

static void begin_line(struct page *p)
{
	cells_resize(&p->cells, p->opts->columns, 1);
}

static void end_line(struct page *p)
{
	if (p->opts->color)
		add_colored(&p->cells, p->out);
	else
		cells_row_text(&p->cells, 0, p->look.ascii, p->out);
	buf_ch(p->out, '\n');
	p->nr_lines++;
}

static void text_line(struct page *p, const char *text)
{
	begin_line(p);
	cells_text(&p->cells, 0, 1, p->cells.cols, plain, text);
	end_line(p);
}

/* ---- head --------------------------------------------------------------- */

static void header_lines(struct page *p)
{
	int i;

	for (i = 1; i <= 3; i++) {
		begin_line(p);
		if (p->cells.cols < 40)
			header_paint_tiny(&p->model, i, &p->cells, 0);
		else
			header_paint(&p->model, &p->look, i, &p->cells, 0);
		end_line(p);
	}
	if (!header_has_phase(&p->model))
		return;
	begin_line(p);
	header_paint_phase(&p->model, &p->look, p->peeks, &p->cells, 0);
	end_line(p);
}

/* Which no cycle takes any more. */
static void aside_line(struct page *p)
{
	const struct batch *b = &p->model.shown->state;
	struct buf line = BUF_INIT;
	uint32_t i, nr = 0;

	for (i = 0; i < b->nr_agents; i++)
		nr += b->agents[i].is_set_aside;
	if (nr > 0) {
		buf_fmt(&line, "%u set aside: failed alike, --give-up-after %d", nr,
		    p->model.shown->manifest.options.give_up_after);
		text_line(p, line.data);
	}
	buf_release(&line);
}

/* What the other branches of the cycle do: each on a line. */
static void branch_lines(struct page *p)
{
	const struct run_reader *run = p->model.run;
	size_t nr, i;
	struct batch_reader **round = run_reader_round(run, &nr);

	for (i = 0; i < nr && round[i]->state.branch; i++) {
		const struct batch *b = &round[i]->state;
		enum run_state s = batch_reader_state(round[i]);
		struct buf line = BUF_INIT;

		buf_str(&line, "branch ");
		sanitize_line(&line, b->branch);
		buf_fmt(&line, "  %s%s  %s: %u of %u completed",
		    s == RUN_INTERRUPTED ? "agent-batch resume " : "", round[i]->dir.name,
		    run_state_name(s), b->counts[AGENT_COMPLETED], b->nr_agents);
		text_line(p, line.data);
		buf_release(&line);
	}
	free(round);
}

/* How the run stands where the batch alone does not tell it. */
static void run_line(struct page *p)
{
	const struct run_reader *run = p->model.run;
	const struct batch_reader *r = p->model.shown, *last = run_reader_last(run);
	const struct batch *b = &r->state;
	const char *disk = p->model.exit_code < 0 ? disk_why_refuses(r->dir.fd) : NULL;
	int64_t now_t = p->opts->now.wall_ms;
	char left[DURATION_SIZE];
	struct buf line = BUF_INIT;

	if (run_reader_state(run) == RUN_INTERRUPTED)
		buf_fmt(&line, "INTERRUPTED: carry on with agent-batch resume %s",
		    run->batches[0]->dir.name);
	else if (disk)
		buf_fmt(&line, "%s: nothing new starts until that has changed", disk);
	else if (last != r && !run_are_siblings(last, r))
		buf_fmt(&line, "goes on in %s (cycle %lld): %s", last->dir.name,
		    (long long)last->state.cycle, run_state_name(run_reader_state(run)));
	else if (b->child_until_t != NUM_NONE && b->child_until_t > now_t)
		buf_fmt(&line, "cycle %lld with %lld agents starts in %s", (long long)b->cycle + 1,
		    (long long)b->child_rows, duration_left(b->child_until_t, now_t, left));
	else if (run_reader_state(run) == RUN_STOPPED || b->end == END_STOPPED) {
		/* What to type first: a long reason is cut. */
		buf_fmt(&line, "carry on with agent-batch resume %s: ", run->batches[0]->dir.name);
		buf_str(&line, solve_stop_why(run));
	}
	if (line.len)
		text_line(p, line.data);
	buf_release(&line);
}

/* A key that is found wrong waits for a person, though others go on. */
static void person_line(struct page *p)
{
	const struct batch_reader *r = p->model.shown;
	const struct account *acc = limits_person(&r->state, NULL);
	struct buf line = BUF_INIT;

	if (!acc || r->state.end != END_NONE)
		return;
	sanitize_line(&line, acc->name);
	buf_str(&line, " needs you");
	limits_add_why(acc, &line);
	text_line(p, line.data);
	buf_reset(&line);
	buf_str(&line, "  then ");
	limits_add_open(acc, r->dir.name, &line);
	text_line(p, line.data);
	buf_release(&line);
}

/* ---- agents ------------------------------------------------------------- */

/* The status in capitals and the phase behind it, with its time. */
static void status_words(const struct agent *a, const char *time, struct buf *out)
{
	const char *word = status_name(a->status);

	for (; *word; word++)
		buf_ch(out, (char)toupper((unsigned char)*word));
	if (a->status == AGENT_PENDING && a->unmet > 0)
		buf_str(out, " blocked");
	if (a->status == AGENT_FAILED && a->class == CLASS_LOST)
		buf_str(out, " lost");
	if (a->status == AGENT_IN_PROGRESS)
		buf_fmt(out, " %s %s", phase_name(a->phase), time);
}

/* Columns of the screen's table, the state and its time as words. */
struct columns {
	int id, status, try, class, cost, agent, line;
};

static struct columns columns_of(const struct page *p)
{
	int cols = p->cells.cols, try = p->model.try_columns > 3 ? (int)p->model.try_columns : 3;
	struct columns c = {.id = 1, .class = -1, .cost = -1, .agent = -1, .line = -1};

	c.status = c.id + p->id_columns + 2;
	c.try = c.status + STATUS_COLUMNS + 1;
	if (cols < 60)
		return c;
	c.class = c.try + try + 2;
	c.line = c.class + 11;
	if (cols < 100)
		return c;
	c.class = c.try + try + 3;
	c.cost = c.class + 13;
	c.agent = c.cost + 7;
	c.line = c.agent + 8;
	return c;
}

static void field(struct page *p, int col, int next, const char *text)
{
	if (col >= 0)
		cells_text(&p->cells, 0, col, next < 0 ? p->cells.cols : next - 1, plain, text);
}

/* As the table has it: the error, the task, what it waits for, else what the log says. */
static void paint_line(struct page *p, int col, uint32_t agent, const struct log_peek *peek)
{
	struct buf line = BUF_INIT;

	if (!view_row_line(&p->model, agent, &line) && peek)
		buf_str(&line, peek->line);
	field(p, col, -1, line.data);
	buf_release(&line);
}

static void agent_line(struct page *p, uint32_t agent)
{
	const struct agent *a = view_agent(&p->model, agent);
	const struct log_peek *peek =
	    a->phase == PHASE_RUNNING ? log_peek(p->peeks, p->model.shown, agent) : NULL;
	struct columns c = columns_of(p);
	struct buf words = BUF_INIT;
	struct view_row row;
	int end;

	view_row_fill(&p->model, agent, peek ? peek->changed_t : NUM_NONE, &row);
	status_words(a, row.time, &words);
	begin_line(p);
	field(p, c.id, c.status, a->task->id);
	end = c.status + (int)strcspn(words.data, " ");
	field(p, c.status, c.try, words.data);
	cells_restyle(&p->cells, 0, c.status, end, (struct style){.role = (uint8_t)row.role});
	field(p, c.try, c.class, row.try);
	field(p, c.class, c.cost < 0 ? c.line : c.cost, row.last_class);
	field(p, c.cost < 0 ? -1 : c.cost + 5 - (int)strlen(row.cost), c.agent, row.cost);
	field(p, c.agent, c.line, row.account_short);
	if (c.line >= 0)
		paint_line(p, c.line, agent, peek);
	end_line(p);
	buf_release(&words);
}

static bool is_listed(const struct page *p, const struct agent *a)
{
	return p->opts->all || a->status != AGENT_COMPLETED;
}

/* Ids of those that are listed; returns how many they are. */
static uint32_t measure(struct page *p)
{
	const struct batch *b = &p->model.shown->state;
	uint32_t nr = 0, i;

	p->id_columns = 4;
	for (i = 0; i < b->nr_agents; i++) {
		int n;

		if (!is_listed(p, &b->agents[i]))
			continue;
		nr++;
		n = (int)width_str(b->agents[i].task->id);
		if (n > p->id_columns)
			p->id_columns = n < ID_COLUMNS_MAX ? n : ID_COLUMNS_MAX;
	}
	return nr;
}

/* Lines for agents; UINT32_MAX: no bound. */
static uint32_t room_for(const struct page *p, uint32_t nr)
{
	uint32_t room;

	if (p->opts->all || p->opts->rows <= 0)
		return UINT32_MAX;
	room = p->opts->rows > p->nr_lines ? (uint32_t)(p->opts->rows - p->nr_lines) : 0;
	return nr > room && room > 0 ? room - 1 : room; /* one for "and N more" */
}

/* In the order of the screen's table. */
static void agent_lines(struct page *p)
{
	const struct view_model *m = &p->model;
	uint32_t room = room_for(p, measure(p)), left_out = 0, i;
	char text[32];

	for (i = 0; i < m->nr_rows; i++) {
		const struct agent *a = view_agent(m, m->rows[i]);
		bool must = p->opts->keep_failures && a->status == AGENT_FAILED;

		if (!is_listed(p, a))
			continue;
		if (room == 0 && !must) {
			left_out++;
			continue;
		}
		room -= room > 0;
		agent_line(p, m->rows[i]);
	}
	snprintf(text, sizeof(text), "and %u more", left_out);
	if (left_out)
		text_line(p, text);
}

void status_text(const struct run_reader *run, const struct batch_reader *chosen,
    const struct status_opts *opts, struct buf *out)
{
	struct page p = {.opts = opts, .out = out, .look = {.ascii = !width_has_utf8()}};

	view_model_init(&p.model, run, NULL);
	p.model.pinned = chosen;
	view_model_update(&p.model, opts->now, false);
	/* grep FAILED finds agents, and them alone: the counts tell that some have. */
	if (p.model.exit_code > 0)
		p.model.exit_code = 0;
	p.peeks = log_peeks_new();
	cells_init(&p.cells);
	header_lines(&p);
	run_line(&p);
	person_line(&p);
	branch_lines(&p);
	aside_line(&p);
	agent_lines(&p);
	cells_release(&p.cells);
	log_peeks_free(p.peeks);
	view_model_release(&p.model);
}
