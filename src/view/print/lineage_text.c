#include "view/print/lineage_text.h"
#include "view/text/duration.h"
#include "view/text/sanitize.h"
#include "view/shown.h"
#include "view/solve_words.h"
#include "view/summary.h"

#include <string.h>

#define IDS_SHOWN 12

static const struct batch_reader *parent_of(const struct run_reader *run,
    const struct batch_reader *r)
{
	size_t i;

	for (i = 0; i < run->nr; i++)
		if (run->batches[i] != r &&
		    strcmp(run->batches[i]->dir.name, r->manifest.retry.parent_batch) == 0)
			return run->batches[i];
	return NULL;
}

/* How deep below the original a batch hangs. Bounded: a forged manifest may name a child as its
 * own ancestor. */
static size_t depth_of(const struct run_reader *run, const struct batch_reader *r)
{
	size_t depth = 0;

	while (depth < run->nr && (r = parent_of(run, r)))
		depth++;
	return depth;
}

/* "62 failed: 40 rate_limit, 22 timeout" */
static void add_classes(const struct batch *b, struct buf *out)
{
	uint32_t nr[CLASS__COUNT] = {0}, i;
	const char *before = ": ";
	int c;

	for (i = 0; i < b->nr_agents; i++)
		if (b->agents[i].status == AGENT_FAILED)
			nr[b->agents[i].class]++;
	for (c = 0; c < CLASS__COUNT; c++) {
		if (nr[c] == 0)
			continue;
		buf_fmt(out, "%s%u %s", before, nr[c],
		    c == CLASS_NONE ? "no trace" : class_name(c));
		before = ", ";
	}
}

/* The ids that this batch healed, and what they had failed by. */
static void add_healed(const struct run_sums *s, const struct cycle_sums *c, const char *indent,
    struct buf *out)
{
	uint32_t i, shown = 0;

	if (c->healed == 0)
		return;
	buf_fmt(out, "%shealed %u:", indent, c->healed);
	for (i = 0; i < s->nr_rows && shown < IDS_SHOWN; i++) {
		const struct merged_row *row = &s->rows[i];

		if (row->from != c->batch || !row_is_healed(row))
			continue;
		buf_str(out, shown ? ", " : " ");
		sanitize_line(out, row->task->id);
		if (row->first_failure)
			buf_fmt(out, " (%s)", class_name(row->first_failure->class));
		shown++;
	}
	if (c->healed > shown)
		buf_fmt(out, " and %u more", c->healed - shown);
	buf_ch(out, '\n');
}

/* What the validator said of the run as this batch left it. */
static void add_validations(const struct run_reader *run, const struct batch_reader *r,
    const char *indent, bool color, struct buf *out)
{
	size_t i, to;

	solve_verdicts_of(run, r, &i, &to);
	for (; i < to; i++) {
		const struct solve_verdict *v = &view_solve(run)->verdicts[i];

		buf_fmt(out, "%svalidation of round %lld: ", indent, (long long)v->round);
		shown_color(solve_verdict_passed(v) ? ROLE_COMPLETED : ROLE_FAILED, color, out);
		solve_add_verdict(v, out);
		shown_color_end(color, out);
		buf_ch(out, '\n');
	}
}

static void add_batch(const struct run_reader *run, const struct run_sums *s,
    const struct cycle_sums *c, bool color, struct buf *out)
{
	const struct batch *b = &c->batch->state;
	char time[DURATION_SIZE], indent[64] = "";
	size_t k, depth = depth_of(run, c->batch);

	for (k = 0; k < depth * 2 && k + 5 < sizeof(indent); k++)
		indent[k] = ' ';
	buf_fmt(out, "%s%s  cycle %lld%s  ", indent, c->batch->dir.name, (long long)b->cycle,
	    b->kind == BATCH_EXTENSION ? " extension" : "");
	if (b->branch) {
		buf_str(out, "branch ");
		sanitize_line(out, b->branch);
		buf_str(out, "  ");
	}
	buf_fmt(out, "%u agent%s  %u done  ", c->agents, plural(c->agents), c->done);
	if (c->failed > 0)
		shown_color(ROLE_FAILED, color, out);
	buf_fmt(out, "%u failed", c->failed);
	add_classes(b, out);
	if (c->failed > 0)
		shown_color_end(color, out);
	add_others(b, "  ", out);
	buf_fmt(out, "  %s  %s\n", duration_clock(c->elapsed_ms, time),
	    run_state_name(batch_reader_state(c->batch)));
	memcpy(indent + k, "    ", 5);
	add_healed(s, c, indent, out);
	add_validations(run, c->batch, indent, color, out);
}

/* A cycle that is announced but whose batch is not there yet. */
static void add_coming(const struct run_reader *run, struct instant now, struct buf *out)
{
	const struct batch *b = &run_reader_last(run)->state;
	char left[DURATION_SIZE], at[CLOCK_HMS_LEN + 1];

	if (!b->child || b->child_until_t == NUM_NONE || b->child_until_t <= now.wall_ms)
		return;
	clock_hms(b->child_until_t, at);
	buf_fmt(out, "next: cycle %lld with %lld agents in %s (%s)\n", (long long)b->cycle + 1,
	    (long long)b->child_rows, duration_left(b->child_until_t, now.wall_ms, left), at);
}

void lineage_text(const struct run_reader *run, struct instant now, bool color, struct buf *out)
{
	struct run_sums s;
	char time[DURATION_SIZE];
	size_t i;

	run_sums_init(&s, run, now);
	view_source_name(run, out);
	buf_fmt(out, ": %u of %u completed, %zu cycle%s, %s, %s\n", s.counts[AGENT_COMPLETED],
	    s.nr_rows, s.nr_rounds, plural(s.nr_rounds), run_state_name(s.state),
	    duration_clock(s.elapsed_ms, time));
	for (i = 0; i < s.nr_cycles; i++)
		add_batch(run, &s, &s.cycles[i], color, out);
	add_coming(run, now, out);
	run_sums_release(&s);
}
