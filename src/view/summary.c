#include "view/summary.h"
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/text/sanitize.h"
#include "view/role_sums.h"
#include "view/shown.h"
#include "view/solve_words.h"
#include "view/text/units.h"
#include "view/text/width.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAILURES_SHOWN 10

/* ---- figures ------------------------------------------------------------ */

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

bool row_is_healed(const struct merged_row *row)
{
	return row->agent->status == AGENT_COMPLETED && row->first_failed_in &&
	    row->first_failed_in != row->from;
}

int64_t batch_elapsed_ms(const struct batch_reader *r, int64_t now_t)
{
	const struct batch *b = &r->state;
	int64_t to = b->end != END_NONE ? b->ended_t : r->is_held ? now_t : b->last_t;

	return b->started_t == NUM_NONE || to < b->started_t ? 0 : to - b->started_t;
}

static void sum_cycle(struct cycle_sums *c, const struct batch_reader *r, int64_t now_t)
{
	const struct batch *b = &r->state;
	uint32_t i;

	*c = (struct cycle_sums){
	    .batch = r,
	    .agents = b->nr_agents,
	    .done = b->counts[AGENT_COMPLETED],
	    .failed = b->counts[AGENT_FAILED],
	    .attempts = b->nr_attempts,
	    .elapsed_ms = batch_elapsed_ms(r, now_t),
	    .cost_usd = b->cost_usd,
	    .tokens_in = b->tokens_in,
	    .tokens_out = b->tokens_out,
	    .turns = b->turns,
	    .tokens = b->tokens,
	};
	for (i = 0; i < b->nr_agents; i++)
		c->executed += b->agents[i].nr_attempts > 0;
}

static void sum_again(struct again_sums again[], const struct agent *a)
{
	bool has[CLASS__COUNT] = {false};
	uint32_t i;

	for (i = 0; i + 1 < a->nr_attempts; i++) {
		const struct attempt *t = &a->attempts[i];

		if (!t->has_verdict || t->class == CLASS_SUCCESS)
			continue;
		again[t->class].attempts++;
		has[t->class] = true;
	}
	for (i = 0; i < CLASS__COUNT; i++) {
		again[i].agents += has[i];
		again[i].done += has[i] && a->status == AGENT_COMPLETED;
	}
}

static void sum_rows(struct run_sums *s)
{
	uint32_t i;
	size_t k;

	for (i = 0; i < s->nr_rows; i++) {
		const struct merged_row *row = &s->rows[i];

		s->counts[row->agent->status]++;
		if (row->agent->status != AGENT_COMPLETED)
			s->cost_left_usd += row->cost_usd;
		if (!row_is_healed(row))
			continue;
		s->healed++;
		for (k = 0; k < s->nr_cycles; k++)
			if (s->cycles[k].batch == row->from)
				s->cycles[k].healed++;
	}
}

/* The run's time is that from its first to its last moment: gaps between batches count. */
static int64_t later_end(const struct batch_reader *r, int64_t now_t, int64_t to)
{
	int64_t end = r->state.started_t + batch_elapsed_ms(r, now_t);

	return r->state.started_t != NUM_NONE && end > to ? end : to;
}

static int64_t run_elapsed_ms(const struct run_reader *run, int64_t now_t)
{
	const struct batch *first = &run->batches[0]->state;
	int64_t to = first->started_t;
	size_t i;

	for (i = 0; i < run->nr; i++)
		to = later_end(run->batches[i], now_t, to);
	for (i = 0; i < run->roles.nr; i++)
		to = later_end(run->roles.v[i].reader, now_t, to);
	return first->started_t == NUM_NONE ? 0 : to - first->started_t;
}

/* Rows that extensions added after this batch: it could not have run them. */
static uint32_t rows_added_after(const struct run_reader *run, size_t i)
{
	uint32_t nr = 0;

	while (++i < run->nr)
		if (run->batches[i]->state.kind == BATCH_EXTENSION)
			nr += run->batches[i]->state.nr_agents;
	return nr;
}

/* Branches stand one behind the other, but others may stand between. */
static bool is_new_round(const struct run_reader *run, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (run_are_siblings(run->batches[k], run->batches[i]))
			return false;
	return true;
}

void run_sums_init(struct run_sums *s, const struct run_reader *run, struct instant now)
{
	size_t i;
	uint32_t k;

	memset(s, 0, sizeof(*s));
	s->rows = run_merge(run, &s->nr_rows);
	s->cycles = xcalloc(run->nr, sizeof(*s->cycles));
	s->nr_cycles = run->nr;
	s->state = run_reader_state(run);
	s->elapsed_ms = run_elapsed_ms(run, now.wall_ms);
	for (i = 0; i < run->nr; i++) {
		struct cycle_sums *c = &s->cycles[i];

		sum_cycle(c, run->batches[i], now.wall_ms);
		s->executed += c->executed;
		if (is_new_round(run, i)) {
			s->nr_rounds++;
			s->executed_if_all += s->nr_rows - rows_added_after(run, i);
		}
		s->attempts += c->attempts;
		s->cost_usd += c->cost_usd;
		s->tokens_in += c->tokens_in;
		s->tokens_out += c->tokens_out;
		s->turns += c->turns;
		s->tokens += c->tokens;
		for (k = 0; k < c->batch->state.nr_agents; k++)
			sum_again(s->again, &c->batch->state.agents[k]);
	}
	sum_rows(s);
}

void run_sums_release(struct run_sums *s)
{
	free(s->rows);
	free(s->cycles);
	memset(s, 0, sizeof(*s));
}

/* ---- leaving ------------------------------------------------------------ */

#define PROBLEM_COLUMNS 40

/* The beginning of what was asked, in quotes. */
static void add_problem(const char *problem, struct buf *out)
{
	struct buf b = BUF_INIT;
	size_t n;

	sanitize_line(&b, problem);
	n = width_cut(b.data, b.len, PROBLEM_COLUMNS, NULL);
	buf_ch(out, '"');
	buf_add(out, b.data, n);
	buf_str(out, n < b.len ? "...\"" : "\"");
	buf_release(&b);
}

void view_source_name(const struct run_reader *run, struct buf *out)
{
	const char *source = run->batches[0]->manifest.source_csv;
	const char *problem = run->batches[0]->manifest.options.problem;
	const char *slash;

	/* A problem has no file of its own. */
	if (problem && *problem) {
		add_problem(problem, out);
		return;
	}
	if (!source || strcmp(source, "-") == 0) {
		buf_str(out, source ? "stdin" : run->batches[0]->dir.name);
		return;
	}
	slash = strrchr(source, '/');
	sanitize_line(out, slash ? slash + 1 : source);
}

void add_others(const struct batch *b, const char *between, struct buf *out)
{
	static const struct {
		enum agent_status status;
		const char *word;
	} kinds[] = {
	    {AGENT_SKIPPED, "skipped"},
	    {AGENT_CANCELLED, "cancelled"},
	    {AGENT_IN_PROGRESS, "in progress"},
	    {AGENT_PENDING, "not started"},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (b->counts[kinds[i].status] > 0)
			buf_fmt(out, "%s%u %s", between, b->counts[kinds[i].status], kinds[i].word);
}

static void add_cycles(const struct run_sums *s, struct buf *out)
{
	char time[DURATION_SIZE];
	size_t i;

	for (i = 0; i < s->nr_cycles; i++) {
		const struct cycle_sums *c = &s->cycles[i];

		buf_fmt(out, "  cycle %-2lld %5u agent%-1s %5u done %5u failed",
		    (long long)c->batch->state.cycle, c->agents, plural(c->agents), c->done,
		    c->failed);
		add_others(&c->batch->state, ", ", out);
		buf_fmt(out, "   %s", duration_clock(c->elapsed_ms, time));
		if (c->healed > 0)
			buf_fmt(out, "   healed %u", c->healed);
		buf_ch(out, '\n');
	}
}

static bool is_failure(const struct merged_row *row)
{
	return row->agent->status == AGENT_FAILED;
}

static void add_failures(const struct run_sums *s, const char *batch, struct buf *out)
{
	uint32_t i, shown = 0;

	for (i = 0; i < s->nr_rows && shown < FAILURES_SHOWN; i++) {
		const struct merged_row *row = &s->rows[i];
		const char *message = row->attempt ? row->attempt->message : row->agent->why;

		if (!is_failure(row))
			continue;
		buf_fmt(out, "  %-7s ", shown_role_word(shown_role(row->agent)));
		sanitize_line(out, row->task->id);
		buf_fmt(out, "  %-11s ", class_name(row->agent->class));
		sanitize_line(out, message);
		buf_ch(out, '\n');
		shown++;
	}
	if (s->counts[AGENT_FAILED] > shown)
		buf_fmt(out, "  and %u more: agent-batch status %s --all\n",
		    s->counts[AGENT_FAILED] - shown, batch);
}

static void add_rest(const struct run_sums *s, struct buf *out)
{
	if (s->healed > 0)
		buf_fmt(out, "; healed %u", s->healed);
	if (s->counts[AGENT_FAILED] > 0)
		buf_fmt(out, "; FAILED %u", s->counts[AGENT_FAILED]);
	if (s->counts[AGENT_SKIPPED] > 0)
		buf_fmt(out, "; SKIPPED %u", s->counts[AGENT_SKIPPED]);
	if (s->counts[AGENT_CANCELLED] > 0)
		buf_fmt(out, "; CANCELLED %u", s->counts[AGENT_CANCELLED]);
	if (s->counts[AGENT_PENDING] > 0)
		buf_fmt(out, "; not started %u", s->counts[AGENT_PENDING]);
}

/* Of a run with roles: what the last validation said, and where the answer is. */
static void add_validation(const struct run_reader *run, struct buf *out)
{
	const struct solve *s = view_solve(run);
	const struct solve_verdict *v = s ? solve_last_verdict(s) : NULL;

	if (!v)
		return;
	buf_fmt(out,
	    "  validation %s, round %lld: ", solve_verdict_passed(v) ? "passed" : "not passed",
	    (long long)v->round);
	solve_add_verdict(v, out);
	buf_ch(out, '\n');
	if (s->phase == SOLVE_DONE && faccessat(run->batches[0]->dir.fd, ANSWER_NAME, F_OK, 0) == 0)
		buf_fmt(out, "  answer: %s/" ANSWER_NAME "\n", run->batches[0]->dir.path);
}

static void ended_text(const struct run_reader *run, const struct run_sums *s, struct buf *out)
{
	const char *name = run->batches[0]->dir.name;
	double usd = s->cost_usd + role_sums_of(run, SOLVE_ROLE__COUNT, 0).cost_usd;
	char time[DURATION_SIZE], cost[UNITS_SIZE];

	view_source_name(run, out);
	buf_fmt(out, ": %u of %u completed in %zu cycle%s, %s", s->counts[AGENT_COMPLETED],
	    s->nr_rows, s->nr_rounds, plural(s->nr_rounds), duration_clock(s->elapsed_ms, time));
	if (usd > 0)
		buf_fmt(out, ", %s", money_text(usd, cost));
	add_rest(s, out);
	buf_ch(out, '\n');
	if (s->state == RUN_STOPPED) {
		buf_str(out, "  stopped: ");
		sanitize_line(out, solve_stop_why(run));
		buf_fmt(out, "; carry on with: agent-batch resume %s\n", name);
	}
	add_validation(run, out);
	add_cycles(s, out);
	add_failures(s, name, out);
	buf_fmt(out, "report: agent-batch report %s      logs: agent-batch logs %s ID\n", name,
	    name);
}

/* What happens next by itself: the first wait to end. False where nothing waits. */
static bool next_event(const struct batch *b, const struct agent **who, int64_t *at_t)
{
	uint32_t i;

	*who = NULL;
	*at_t = NUM_NONE;
	for (i = 0; i < b->nr_agents; i++) {
		const struct agent *a = &b->agents[i];
		int64_t t = a->phase == PHASE_BACKOFF ? agent_next_t(b, a) : NUM_NONE;

		if (t == NUM_NONE || (*who && t >= *at_t))
			continue;
		*who = a;
		*at_t = t;
	}
	return *who != NULL;
}

/* What happens next, or what holds it up. */
static void add_next(const struct batch *b, struct instant now, struct buf *out)
{
	const struct agent *who;
	char left[DURATION_SIZE], clock[CLOCK_HMS_LEN + 1];
	int64_t at_t = b->child_until_t != NUM_NONE ? b->child_until_t : b->not_before_t;

	if (b->is_draining) {
		buf_str(out, "  draining: what runs goes to its end, nothing new starts\n");
	} else if (b->is_paused) {
		buf_str(out, "  paused: nothing new starts until it is resumed\n");
	} else if (at_t != NUM_NONE && at_t > now.wall_ms) {
		clock_hms(at_t, clock);
		buf_fmt(out, "  next: cycle %lld starts in %s (%s)\n",
		    (long long)b->cycle + (at_t == b->child_until_t),
		    duration_left(at_t, now.wall_ms, left), clock);
	} else if (next_event(b, &who, &at_t)) {
		clock_hms(at_t, clock);
		buf_str(out, "  next: ");
		sanitize_line(out, who->task->id);
		if (at_t > now.wall_ms)
			buf_fmt(out, " tries again in %s (%s)\n",
			    duration_left(at_t, now.wall_ms, left), clock);
		else
			buf_str(out, " tries again as soon as there is room for it\n");
	}
}

static void running_text(const struct run_reader *run, struct instant now, struct buf *out)
{
	const struct batch_reader *last = run_reader_last(run);
	const struct batch *b = &last->state;
	const char *name = run->batches[0]->dir.name;
	const struct solve *s = view_solve(run);
	const struct role_call *call = s ? role_calls_now(&run->roles, s) : NULL;

	buf_str(out, "still running, nothing was stopped: ");
	view_source_name(run, out);
	buf_fmt(out, ", %s, cycle %lld\n", last->dir.name, (long long)b->cycle);
	buf_fmt(out, "  %u of %u completed, %u running, %u in backoff, %u pending, %u failed\n",
	    b->counts[AGENT_COMPLETED], b->nr_agents,
	    b->phases[PHASE_RUNNING] + b->phases[PHASE_VALIDATING], b->phases[PHASE_BACKOFF],
	    b->counts[AGENT_PENDING], b->counts[AGENT_FAILED]);
	if (s) {
		buf_str(out, "  ");
		solve_add_round(run, s->round, out);
		buf_fmt(out, ": %s", solve_phase_word(s->phase));
		if (call)
			buf_fmt(out, ", %s is at work", role_call_id(call));
		buf_ch(out, '\n');
	}
	add_next(b, now, out);
	/* Each on a line of its own, short enough not to be broken. */
	buf_fmt(out, "come back: agent-batch monitor %s\n", name);
	if (b->is_paused && !b->is_draining)
		buf_fmt(out, "resume:    agent-batch ctl %s resume\n", name);
	buf_fmt(out, "stop:      agent-batch ctl %s stop\n", name);
}

static void interrupted_text(const struct run_reader *run, struct buf *out)
{
	const struct batch_reader *last = run_reader_last(run);
	const struct batch *b = &last->state;

	view_source_name(run, out);
	buf_fmt(out, ": interrupted, nobody conducts %s; %u of %u completed\n", last->dir.name,
	    b->counts[AGENT_COMPLETED], b->nr_agents);
	buf_fmt(out, "carry on: agent-batch resume %s\n", run->batches[0]->dir.name);
}

void view_leaving_text(const struct run_reader *run, struct instant now, struct buf *out)
{
	struct run_sums s;

	switch (run_reader_state(run)) {
	case RUN_RUNNING:
	case RUN_PAUSED:
	case RUN_DRAINING:
	case RUN_WAITING:
		running_text(run, now, out);
		return;
	case RUN_INTERRUPTED:
		interrupted_text(run, out);
		return;
	case RUN_FINISHED:
	case RUN_STOPPED:
		run_sums_init(&s, run, now);
		ended_text(run, &s, out);
		run_sums_release(&s);
		return;
	}
}
