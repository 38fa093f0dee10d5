#include "view/report.h"
#include "base/xalloc.h"
#include "formats/jsonw.h"
#include "view/duration.h"
#include "view/sanitize.h"
#include "view/shown.h"
#include "view/summary.h"
#include "view/units.h"

#include <stdlib.h>
#include <string.h>

/* Rows that are not completed, brought together by what stopped them. */
struct left_group {
	char *kind; /* state and folded message */
	const struct merged_row *first;
	uint32_t nr;
};

#define NO_GROUP UINT32_MAX

struct left_groups {
	struct left_group *v;
	uint32_t nr, cap;
	uint32_t *of_row; /* place in v as it was made, for each row of the run */
	uint32_t *order; /* places in v, the largest group first */
};

static const char *message_of(const struct merged_row *row)
{
	if (row->attempt && row->attempt->message)
		return row->attempt->message;
	return row->agent->why ? row->agent->why : "";
}

static bool is_left(const struct merged_row *row)
{
	return row->agent->status != AGENT_COMPLETED;
}

/* The row's group, made where it is the first of its kind. */
static uint32_t group_of(struct left_groups *g, struct map *kinds, const struct merged_row *row)
{
	struct buf kind = BUF_INIT;
	uint32_t i;

	buf_fmt(&kind, "%s ", status_name(row->agent->status));
	shown_failure_group(row->agent, &kind);
	i = map_get(kinds, kind.data);
	if (i == MAP_NONE) {
		i = g->nr;
		VEC_GROW(g->v, g->nr, g->cap);
		g->v[g->nr++] = (struct left_group){.kind = buf_detach(&kind), .first = row};
		map_put(kinds, g->v[i].kind, i);
	}
	buf_release(&kind);
	return i;
}

/* Insertion: groups are few, and equal ones stay in the order of the rows. */
static void order_groups(struct left_groups *g)
{
	uint32_t i, k;

	g->order = xcalloc(g->nr + 1, sizeof(*g->order));
	for (i = 0; i < g->nr; i++) {
		for (k = i; k > 0 && g->v[g->order[k - 1]].nr < g->v[i].nr; k--)
			g->order[k] = g->order[k - 1];
		g->order[k] = i;
	}
}

static void left_groups_init(struct left_groups *g, const struct run_sums *s)
{
	struct map kinds = MAP_INIT;
	uint32_t i;

	*g = (struct left_groups){.of_row = xcalloc(s->nr_rows + 1, sizeof(*g->of_row))};
	for (i = 0; i < s->nr_rows; i++) {
		g->of_row[i] = is_left(&s->rows[i]) ? group_of(g, &kinds, &s->rows[i]) : NO_GROUP;
		if (g->of_row[i] != NO_GROUP)
			g->v[g->of_row[i]].nr++;
	}
	order_groups(g);
	map_release(&kinds);
}

static void left_groups_release(struct left_groups *g)
{
	uint32_t i;

	for (i = 0; i < g->nr; i++)
		free(g->v[i].kind);
	free(g->v);
	free(g->of_row);
	free(g->order);
}

/* ---- text and Markdown --------------------------------------------------
 * The same lines; Markdown has headings and list marks. */

struct report {
	const struct run_reader *run;
	struct run_sums sums;
	struct left_groups left;
	bool is_markdown, color;
	struct buf *out;
};

static void report_init(struct report *r, const struct run_reader *run, struct instant now)
{
	r->run = run;
	run_sums_init(&r->sums, run, now);
	left_groups_init(&r->left, &r->sums);
}

static void report_release(struct report *r)
{
	left_groups_release(&r->left);
	run_sums_release(&r->sums);
}

static void heading(struct report *r, const char *text)
{
	buf_fmt(r->out, r->is_markdown ? "\n## %s\n\n" : "\n%s\n", text);
}

static void item(struct report *r)
{
	buf_str(r->out, r->is_markdown ? "- " : "  ");
}

static void add_head(struct report *r)
{
	const struct run_sums *s = &r->sums;
	size_t retries = s->nr_cycles - 1;
	char time[DURATION_SIZE], money[UNITS_SIZE];

	if (r->is_markdown)
		buf_str(r->out, "# ");
	view_source_name(r->run, r->out);
	buf_fmt(r->out, ": %u/%u succeeded after %zu retr%s\n", s->counts[AGENT_COMPLETED],
	    s->nr_rows, retries, retries == 1 ? "y" : "ies");
	if (r->is_markdown)
		buf_ch(r->out, '\n');
	buf_fmt(r->out, "run %s, %s, %s", r->run->batches[0]->dir.name, run_state_name(s->state),
	    duration_clock(s->elapsed_ms, time));
	if (s->cost_usd > 0)
		buf_fmt(r->out, ", %s", money_text(s->cost_usd, money));
	if (s->tokens_in + s->tokens_out > 0)
		buf_fmt(r->out, ", %s tokens", count_text(s->tokens_in + s->tokens_out, money));
	buf_ch(r->out, '\n');
	if (s->state == RUN_INTERRUPTED)
		buf_fmt(r->out, "nobody conducts it: carry on with agent-batch resume %s\n",
		    r->run->batches[0]->dir.name);
	if (s->state == RUN_STOPPED) {
		const char *why = run_reader_last(r->run)->state.end_why;

		buf_fmt(r->out,
		    "carry on with agent-batch resume %s: ", r->run->batches[0]->dir.name);
		sanitize_line(r->out, why ? why : "stopped by the operator");
		buf_ch(r->out, '\n');
	}
}

static void add_cycles(struct report *r)
{
	char time[DURATION_SIZE];
	size_t i;

	heading(r, "cycles");
	for (i = 0; i < r->sums.nr_cycles; i++) {
		const struct cycle_sums *c = &r->sums.cycles[i];

		item(r);
		buf_fmt(r->out, "cycle %lld  %s  %u agent%s, %u done, %u failed",
		    (long long)c->batch->state.cycle, c->batch->dir.name, c->agents,
		    plural(c->agents), c->done, c->failed);
		add_others(&c->batch->state, ", ", r->out);
		if (c->healed > 0)
			buf_fmt(r->out, ", %u healed", c->healed);
		buf_fmt(r->out, ", %s\n", duration_clock(c->elapsed_ms, time));
	}
}

static void add_healed(struct report *r)
{
	const struct run_sums *s = &r->sums;
	char at[CLOCK_TEXT_LEN + 1];
	uint32_t i;

	if (s->healed == 0)
		return;
	heading(r, "healed");
	for (i = 0; i < s->nr_rows; i++) {
		const struct merged_row *row = &s->rows[i];

		if (!row_is_healed(row))
			continue;
		item(r);
		sanitize_line(r->out, row->task->id);
		buf_fmt(r->out, ": %s in cycle %lld, completed in cycle %lld",
		    row->first_failure ? class_name(row->first_failure->class) : "no trace",
		    (long long)row->first_failed_in->state.cycle,
		    (long long)row->from->state.cycle);
		if (row->attempt && row->attempt->has_ended) {
			clock_text(row->attempt->ended_t, at);
			buf_fmt(r->out, " at %s", at);
		}
		buf_fmt(r->out, ", %u attempt%s in all\n", row->attempts, plural(row->attempts));
	}
}

static void add_group(struct report *r, uint32_t which)
{
	const struct left_group *g = &r->left.v[which];
	const struct merged_row *first = g->first;
	const char *before = "";
	uint32_t i;

	item(r);
	shown_word(shown_role(first->agent), r->color, r->out);
	buf_fmt(r->out, " %u", g->nr);
	if (first->agent->class != CLASS_NONE)
		buf_fmt(r->out, " by %s", class_name(first->agent->class));
	if (*message_of(first)) {
		buf_str(r->out, ": ");
		sanitize_line(r->out, message_of(first));
	}
	buf_str(r->out, "\n      ");
	for (i = 0; i < r->sums.nr_rows; i++) {
		if (r->left.of_row[i] != which)
			continue;
		buf_str(r->out, before);
		sanitize_line(r->out, r->sums.rows[i].task->id);
		before = ", ";
	}
	buf_ch(r->out, '\n');
}

static void add_left(struct report *r)
{
	uint32_t i;

	if (r->left.nr == 0)
		return;
	heading(r, "left");
	for (i = 0; i < r->left.nr; i++)
		add_group(r, r->left.order[i]);
	if (r->sums.counts[AGENT_FAILED] + r->sums.counts[AGENT_SKIPPED] > 0 &&
	    r->sums.state == RUN_FINISHED)
		buf_fmt(r->out, "%sagain by hand: agent-batch retry %s --launch\n",
		    r->is_markdown ? "\n" : "  ", r->run->batches[0]->dir.name);
}

static void add_saved(struct report *r)
{
	const struct run_sums *s = &r->sums;

	heading(r, "executions");
	item(r);
	buf_fmt(r->out, "%u execution%s of agents (%llu attempt%s)", s->executed,
	    plural(s->executed), (unsigned long long)s->attempts, plural(s->attempts));
	if (s->nr_cycles > 1 && s->executed_if_all > s->executed)
		buf_fmt(r->out,
		    " instead of %u, had every cycle run every agent: %u%% fewer, nothing that "
		    "succeeded "
		    "ran again",
		    s->executed_if_all,
		    (s->executed_if_all - s->executed) * 100 / s->executed_if_all);
	buf_ch(r->out, '\n');
}

static void add_all(struct report *r)
{
	add_head(r);
	add_cycles(r);
	add_healed(r);
	add_left(r);
	add_saved(r);
}

void report_text(const struct run_reader *run, struct instant now, bool color, struct buf *out)
{
	struct report r = {.color = color, .out = out};

	report_init(&r, run, now);
	add_all(&r);
	report_release(&r);
}

void report_markdown(const struct run_reader *run, struct instant now, struct buf *out)
{
	struct report r = {.is_markdown = true, .out = out};

	report_init(&r, run, now);
	add_all(&r);
	report_release(&r);
}

/* ---- JSON --------------------------------------------------------------- */

static void json_cycle(struct jsonw *w, const struct cycle_sums *c)
{
	jsonw_object(w);
	jsonw_kstr(w, "batch", c->batch->dir.name);
	jsonw_kint(w, "cycle", c->batch->state.cycle);
	jsonw_kint(w, "agents", c->agents);
	jsonw_kint(w, "completed", c->done);
	jsonw_kint(w, "failed", c->failed);
	jsonw_kint(w, "healed", c->healed);
	jsonw_kint(w, "executions", c->executed);
	jsonw_kint(w, "attempts", (int64_t)c->attempts);
	jsonw_kms(w, "elapsed_s", c->elapsed_ms);
	jsonw_knum(w, "cost_usd", c->cost_usd);
	jsonw_end(w, '}');
}

static void json_row(struct jsonw *w, const struct merged_row *row)
{
	jsonw_object(w);
	jsonw_kstr(w, "id", row->task->id);
	jsonw_kstr(w, "status", status_name(row->agent->status));
	jsonw_kstr(w, "class",
	    row->agent->class == CLASS_NONE ? NULL : class_name(row->agent->class));
	jsonw_kstr(w, "batch", row->from->dir.name);
	jsonw_kint(w, "cycle", row->from->state.cycle);
	jsonw_kint(w, "attempts", row->attempts);
	jsonw_kint(w, "cycles_failed", row->cycles_failed);
	jsonw_kstr(w, "failed_by",
	    row->first_failure ? class_name(row->first_failure->class) : NULL);
	jsonw_kstr(w, "message", *message_of(row) ? message_of(row) : NULL);
	jsonw_end(w, '}');
}

static void json_rows(struct jsonw *w, const char *key, const struct run_sums *s,
    bool (*takes)(const struct merged_row *row))
{
	uint32_t i;

	jsonw_key(w, key);
	jsonw_array(w);
	for (i = 0; i < s->nr_rows; i++)
		if (takes(&s->rows[i]))
			json_row(w, &s->rows[i]);
	jsonw_end(w, ']');
}

static void json_counts(struct jsonw *w, const struct run_sums *s)
{
	int i;

	jsonw_key(w, "counts");
	jsonw_object(w);
	for (i = 0; i < AGENT__COUNT; i++)
		jsonw_kint(w, status_name((enum agent_status)i), s->counts[i]);
	jsonw_end(w, '}');
}

void report_json(const struct run_reader *run, struct instant now, struct buf *out)
{
	struct run_sums s;
	struct jsonw w;
	size_t i;

	run_sums_init(&s, run, now);
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "run", run->batches[0]->dir.name);
	jsonw_kstr(&w, "source_csv", run->batches[0]->manifest.source_csv);
	jsonw_kstr(&w, "state", run_state_name(s.state));
	json_counts(&w, &s);
	jsonw_kint(&w, "succeeded", s.counts[AGENT_COMPLETED]);
	jsonw_kint(&w, "total", s.nr_rows);
	jsonw_kint(&w, "retries", (int64_t)s.nr_cycles - 1);
	jsonw_kint(&w, "healed_count", s.healed);
	jsonw_kint(&w, "executions", s.executed);
	jsonw_kint(&w, "executions_if_all_rerun", s.executed_if_all);
	jsonw_kint(&w, "attempts", (int64_t)s.attempts);
	jsonw_kms(&w, "elapsed_s", s.elapsed_ms);
	jsonw_knum(&w, "cost_usd", s.cost_usd);
	jsonw_kint(&w, "tokens", s.tokens_in + s.tokens_out);
	jsonw_key(&w, "cycles");
	jsonw_array(&w);
	for (i = 0; i < s.nr_cycles; i++)
		json_cycle(&w, &s.cycles[i]);
	jsonw_end(&w, ']');
	json_rows(&w, "healed", &s, row_is_healed);
	json_rows(&w, "left", &s, is_left);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
	run_sums_release(&s);
}
