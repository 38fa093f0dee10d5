#include "view/status_text.h"
#include "view/duration.h"
#include "view/sanitize.h"
#include "view/shown.h"
#include "view/spending.h"
#include "view/summary.h"
#include "view/units.h"
#include "view/width.h"

#include <ctype.h>
#include <string.h>

#define ID_COLUMNS_MAX 24
#define STATE_COLUMNS 28 /* IN_PROGRESS validating 12:07 */
#define TRY_COLUMNS 5
#define CLASS_COLUMNS 16

/* One text being laid out: every line is cut to the width before it is added. */
struct page {
	const struct status_opts *opts;
	const struct batch *batch;
	int attempts; /* --attempts */
	size_t id_columns;
	int nr_lines;
	struct buf *out;
};

static void add_line(struct page *p, const char *clean)
{
	size_t n = width_cut(clean, strlen(clean), (size_t)p->opts->columns, NULL);

	buf_add(p->out, clean, n);
	buf_ch(p->out, '\n');
	p->nr_lines++;
}

/* ---- head --------------------------------------------------------------- */

static void add_capitals(struct buf *out, const char *word)
{
	for (; *word; word++)
		buf_ch(out, (char)toupper((unsigned char)*word));
}

static void head_line(struct page *p, const struct run_reader *run, const struct batch_reader *r,
    struct buf *line)
{
	const struct options *o = &r->manifest.options;
	char time[DURATION_SIZE], clock[CLOCK_HMS_LEN + 1];
	int64_t from = p->batch->started_t;
	int64_t to = p->batch->end != END_NONE ? p->batch->ended_t : p->opts->now.wall_ms;

	view_source_name(run, line);
	buf_fmt(line, "  %s  cycle %lld", r->dir.name, (long long)p->batch->cycle);
	if (o->auto_retry)
		buf_fmt(line, "/%d", o->max_retries);
	buf_str(line, "  ");
	add_capitals(line, run_state_name(batch_reader_state(r)));
	clock_hms(p->opts->now.wall_ms, clock);
	buf_fmt(line, "  %s  %s", duration_text(from == NUM_NONE ? 0 : to - from, time), clock);
	add_line(p, line->data);
}

static void counts_line(struct page *p, struct buf *line)
{
	const struct batch *b = p->batch;
	const struct {
		uint32_t nr;
		const char *word;
		bool always;
	} parts[] = {
	    {b->counts[AGENT_COMPLETED], "completed", true},
	    {b->phases[PHASE_RUNNING], "running", true},
	    {b->phases[PHASE_BACKOFF], "backoff", true},
	    {b->phases[PHASE_VALIDATING], "validating", false},
	    {b->counts[AGENT_PENDING], "pending", true},
	    {b->counts[AGENT_FAILED], "failed", true},
	    {b->nr_lost, "of them lost", false},
	    {b->counts[AGENT_SKIPPED], "skipped", false},
	    {b->counts[AGENT_CANCELLED], "cancelled", false},
	};
	size_t i;

	buf_fmt(line, "%u agent%s: ", b->nr_agents, plural(b->nr_agents));
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].nr > 0 || parts[i].always)
			buf_fmt(line, "%s%u %s", i ? ", " : "", parts[i].nr, parts[i].word);
	add_line(p, line->data);
}

static void add_gates(const struct page *p, struct buf *line)
{
	const struct batch *b = p->batch;
	char left[DURATION_SIZE], pace[UNITS_SIZE];
	bool is_ok = true;
	uint32_t i;

	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *a = &b->accounts[i];

		if (a->gate.state == GATE_OPEN)
			continue;
		buf_str(line, is_ok ? "  rate " : ", ");
		is_ok = false;
		sanitize_line(line, a->name);
		buf_fmt(line, " %s",
		    a->gate.state == GATE_CLOSED ? "LIMITED" : gate_state_name(a->gate.state));
		if (a->gate.state == GATE_CLOSED && a->gate.until_t != NUM_NONE)
			buf_fmt(line, " %s",
			    duration_left(a->gate.until_t, p->opts->now.wall_ms, left));
		else if (a->gate.state == GATE_CLOSED)
			buf_str(line, " until you act");
		else if (a->gate.width != NUM_NONE)
			buf_fmt(line, " to %lld", (long long)a->gate.width);
		if (a->gate.state == GATE_NARROWED && a->gate.pace_ms != NUM_NONE)
			buf_fmt(line, " at %s", pace_text(a->gate.pace_ms, pace));
	}
	if (is_ok)
		buf_str(line, "  rate ok");
}

static void add_spending(const struct run_sums *s, const struct options *o, struct buf *line)
{
	if (s->cost_usd > 0 || o->budget_usd > 0) {
		buf_str(line, "  ");
		spending_add_money(s->cost_usd, o, false, line);
	}
	if (s->tokens_in + s->tokens_out > 0 || o->budget_tokens > 0) {
		buf_str(line, "  ");
		spending_add_tokens(s->tokens_in + s->tokens_out, o, line);
		buf_str(line, " tokens");
	}
}

static void money_line(struct page *p, const struct run_reader *run, struct buf *line)
{
	const struct batch *b = p->batch;
	struct run_sums s;

	if (b->jobs > 0)
		buf_fmt(line, "jobs %u/%lld", batch_slots_used(b), (long long)b->jobs);
	else
		buf_fmt(line, "jobs %u", batch_slots_used(b));
	add_gates(p, line);
	run_sums_init(&s, run, p->opts->now);
	add_spending(&s, &run_reader_last(run)->manifest.options, line);
	buf_fmt(line, "  run: %u of %u done, %u healed, %u left", s.counts[AGENT_COMPLETED],
	    s.nr_rows, s.healed, s.nr_rows - s.counts[AGENT_COMPLETED]);
	run_sums_release(&s);
	add_line(p, line->data);
}

/* How the run stands where the batch alone does not tell it. */
static void run_line(struct page *p, const struct run_reader *run, const struct batch_reader *r,
    struct buf *line)
{
	const struct batch_reader *last = run_reader_last(run);
	const struct batch *b = p->batch;
	char left[DURATION_SIZE];

	if (run_reader_state(run) == RUN_INTERRUPTED)
		buf_fmt(line, "nobody conducts it: carry on with agent-batch resume %s",
		    run->batches[0]->dir.name);
	else if (last != r)
		buf_fmt(line, "goes on in %s (cycle %lld): %s", last->dir.name,
		    (long long)last->state.cycle, run_state_name(run_reader_state(run)));
	else if (b->child_until_t != NUM_NONE && b->child_until_t > p->opts->now.wall_ms)
		buf_fmt(line, "cycle %lld with %lld agents starts in %s", (long long)b->cycle + 1,
		    (long long)b->child_rows,
		    duration_left(b->child_until_t, p->opts->now.wall_ms, left));
	else if (b->end == END_STOPPED) {
		/* What to type first: a long reason is cut. */
		buf_fmt(line, "carry on with agent-batch resume %s: ", run->batches[0]->dir.name);
		sanitize_line(line, b->end_why ? b->end_why : "stopped by the operator");
	} else
		return;
	add_line(p, line->data);
}

/* ---- agents ------------------------------------------------------------- */

/* The status in capitals and the phase behind it. */
static void add_state(const struct page *p, const struct agent *a, struct buf *out)
{
	const struct attempt *at = agent_last_attempt(a);
	int64_t now_t = p->opts->now.wall_ms, next_t;
	char time[DURATION_SIZE];

	add_capitals(out, status_name(a->status));
	if (a->status == AGENT_PENDING && a->unmet > 0)
		buf_str(out, " blocked");
	if (a->status == AGENT_FAILED && a->class == CLASS_LOST)
		buf_str(out, " lost");
	if (a->status != AGENT_IN_PROGRESS)
		return;
	buf_fmt(out, " %s", phase_name(a->phase));
	if (a->phase == PHASE_BACKOFF) {
		next_t = agent_next_t(p->batch, a);
		if (next_t != NUM_NONE)
			buf_fmt(out, " in %s", duration_left(next_t, now_t, time));
		else
			buf_str(out, " until you act");
	} else if (at) {
		buf_fmt(out, " %s", duration_text(now_t - at->started_t, time));
	}
}

/* What is most worth knowing of it: the error, what it waits for, else the task. */
static void add_remark(const struct page *p, const struct agent *a, struct buf *out)
{
	const struct attempt *at = agent_last_attempt(a);

	if (at && at->has_verdict && a->status != AGENT_COMPLETED && at->message)
		sanitize_line(out, at->message);
	else if (a->why && status_is_final(a->status))
		sanitize_line(out, a->why);
	else if (a->status == AGENT_PENDING && a->unmet > 0) {
		buf_str(out, "waits for ");
		sanitize_line(out, task_get(p->batch->tasks, a->task, COL_DEPENDS_ON));
	} else
		sanitize_line(out, task_get(p->batch->tasks, a->task, COL_TASK));
}

static void agent_line(struct page *p, const struct agent *a)
{
	struct buf line = BUF_INIT, cell = BUF_INIT;
	enum style_role role = shown_role(a);
	size_t word, from;

	sanitize_line(&cell, a->task->id);
	width_pad(&line, cell.data, p->id_columns);
	buf_ch(&line, ' ');
	from = line.len;
	buf_reset(&cell);
	add_state(p, a, &cell);
	word = strcspn(cell.data, " ");
	width_pad(&line, cell.data, STATE_COLUMNS);
	buf_reset(&cell);
	if (a->nr_attempts > 0)
		buf_fmt(&cell, "%u/%d", shown_table_try(a), p->attempts);
	buf_ch(&line, ' ');
	width_pad(&line, cell.data, TRY_COLUMNS);
	buf_ch(&line, ' ');
	width_pad(&line, class_name(a->class), CLASS_COLUMNS);
	buf_ch(&line, ' ');
	add_remark(p, a, &line);
	buf_cut(&line, width_cut(line.data, line.len, (size_t)p->opts->columns, NULL));
	if (p->opts->color && line.len > from + word) {
		buf_add(p->out, line.data, from);
		shown_color(role, true, p->out);
		buf_add(p->out, line.data + from, word);
		shown_color_end(true, p->out);
		buf_str(p->out, line.data + from + word);
	} else {
		buf_str(p->out, line.data);
	}
	buf_ch(p->out, '\n');
	p->nr_lines++;
	buf_release(&line);
	buf_release(&cell);
}

static bool is_listed(const struct page *p, const struct agent *a)
{
	return p->opts->all || a->status != AGENT_COMPLETED;
}

static void measure_ids(struct page *p)
{
	uint32_t i;

	p->id_columns = 4;
	for (i = 0; i < p->batch->nr_agents; i++) {
		size_t n = is_listed(p, &p->batch->agents[i])
		    ? width_str(p->batch->agents[i].task->id)
		    : 0;

		if (n > p->id_columns)
			p->id_columns = n < ID_COLUMNS_MAX ? n : ID_COLUMNS_MAX;
	}
}

/* In the order of the screen's table; inside a state by the CSV's. */
static void agent_lines(struct page *p)
{
	uint32_t to_list = 0, room = UINT32_MAX, left_out = 0, i;
	int role;

	for (i = 0; i < p->batch->nr_agents; i++)
		to_list += is_listed(p, &p->batch->agents[i]);
	if (!p->opts->all && p->opts->rows > 0) {
		room = p->opts->rows > p->nr_lines ? (uint32_t)(p->opts->rows - p->nr_lines) : 0;
		if (to_list > room && room > 0)
			room--; /* for "and N more" */
	}
	measure_ids(p);
	for (role = ROLE_NONE; role < ROLE__COUNT; role++) {
		for (i = 0; i < p->batch->nr_agents; i++) {
			const struct agent *a = &p->batch->agents[i];
			bool must = p->opts->keep_failures && a->status == AGENT_FAILED;

			if (!is_listed(p, a) || (int)shown_role(a) != role)
				continue;
			if (room == 0 && !must) {
				left_out++;
				continue;
			}
			room -= room > 0;
			agent_line(p, a);
		}
	}
	if (left_out > 0)
		buf_fmt(p->out, "and %u more\n", left_out);
}

void status_text(const struct run_reader *run, const struct batch_reader *chosen,
    const struct status_opts *opts, struct buf *out)
{
	struct buf line = BUF_INIT;
	struct page p = {
	    .opts = opts,
	    .batch = &chosen->state,
	    .attempts = chosen->manifest.options.attempts,
	    .out = out,
	};

	head_line(&p, run, chosen, &line);
	buf_reset(&line);
	counts_line(&p, &line);
	buf_reset(&line);
	money_line(&p, run, &line);
	buf_reset(&line);
	run_line(&p, run, chosen, &line);
	buf_release(&line);
	agent_lines(&p);
}
