#include "view/print/report.h"
#include "base/xalloc.h"
#include "policy/class_rules.h"
#include "view/text/duration.h"
#include "view/left_groups.h"
#include "view/limits.h"
#include "view/text/sanitize.h"
#include "view/role_sums.h"
#include "view/shown.h"
#include "view/solve_words.h"
#include "view/spending.h"
#include "view/summary.h"
#include "view/text/units.h"

#include <string.h>

#define IDS_SHOWN 200 /* of a group; JSON has all of them */

/* ---- text and Markdown --------------------------------------------------
 * The same lines; Markdown has headings and list marks. */

struct report {
	const struct run_reader *run;
	struct run_sums sums;
	struct left_groups left;
	bool is_markdown, color;
	int64_t now_t;
	struct buf *out;
};

static void report_init(struct report *r, const struct run_reader *run, struct instant now)
{
	r->run = run;
	r->now_t = now.wall_ms;
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

/* What others wrote, as one line of text: for Markdown no markup either. */
static void foreign(struct report *r, const char *text)
{
	size_t from = r->out->len;
	struct buf clean = BUF_INIT;
	const char *s;

	sanitize_line(r->out, text);
	if (!r->is_markdown)
		return;
	buf_str(&clean, r->out->data + from);
	buf_cut(r->out, from);
	for (s = clean.data; *s; s++) {
		if (strchr("\\`*<>[]|&", *s))
			buf_ch(r->out, '\\');
		buf_ch(r->out, *s);
	}
	buf_release(&clean);
}

static void add_spending(struct report *r)
{
	const struct options *o = &run_reader_last(r->run)->manifest.options;
	struct role_sums roles = role_sums_of(r->run, SOLVE_ROLE__COUNT, r->now_t);
	double usd = r->sums.cost_usd + roles.cost_usd;
	int64_t tokens = r->sums.tokens + roles.tokens;

	if (usd > 0 || o->budget_usd > 0) {
		buf_str(r->out, ", ");
		spending_add_money(usd, o, false, r->out);
	}
	if (tokens > 0 || o->budget_tokens > 0) {
		buf_str(r->out, ", ");
		spending_add_tokens(tokens, o, r->out);
		buf_str(r->out, " tokens");
	}
}

static void add_head(struct report *r)
{
	const struct run_sums *s = &r->sums;
	size_t retries = s->nr_rounds - 1;
	const char *why = run_reader_end_why(r->run);
	char time[DURATION_SIZE];

	if (r->is_markdown)
		buf_str(r->out, "# ");
	view_source_name(r->run, r->out);
	buf_fmt(r->out, ": %u/%u succeeded after %zu retr%s\n", s->counts[AGENT_COMPLETED],
	    s->nr_rows, retries, retries == 1 ? "y" : "ies");
	if (r->is_markdown)
		buf_ch(r->out, '\n');
	buf_fmt(r->out, "run %s, %s, %s", r->run->batches[0]->dir.name, run_state_name(s->state),
	    duration_clock(s->elapsed_ms, time));
	add_spending(r);
	buf_ch(r->out, '\n');
	if (s->state == RUN_INTERRUPTED)
		buf_fmt(r->out, "nobody conducts it: carry on with agent-batch resume %s\n",
		    r->run->batches[0]->dir.name);
	if (s->state == RUN_FINISHED && r->run->batches[0]->state.solve.exit_code != 0 && why) {
		foreign(r, why);
		buf_ch(r->out, '\n');
	}
	if (s->state == RUN_STOPPED) {
		buf_fmt(r->out,
		    "carry on with agent-batch resume %s: ", r->run->batches[0]->dir.name);
		foreign(r, solve_stop_why(r->run));
		buf_ch(r->out, '\n');
	}
}

static void add_cycles(struct report *r)
{
	char time[DURATION_SIZE], money[UNITS_SIZE];
	size_t i;

	heading(r, "cycles");
	for (i = 0; i < r->sums.nr_cycles; i++) {
		const struct cycle_sums *c = &r->sums.cycles[i];

		item(r);
		buf_fmt(r->out, "cycle %lld  %s", (long long)c->batch->state.cycle,
		    c->batch->dir.name);
		if (c->batch->state.branch) {
			buf_str(r->out, "  branch ");
			foreign(r, c->batch->state.branch);
		}
		buf_fmt(r->out, "  %s%u agent%s, %u done, %u failed",
		    c->batch->state.kind == BATCH_EXTENSION ? "extension: " : "", c->agents,
		    plural(c->agents), c->done, c->failed);
		add_others(&c->batch->state, ", ", r->out);
		if (c->healed > 0)
			buf_fmt(r->out, ", %u healed", c->healed);
		buf_fmt(r->out, ", %s", duration_clock(c->elapsed_ms, time));
		if (c->cost_usd > 0)
			buf_fmt(r->out, ", %s", money_text(c->cost_usd, money));
		buf_ch(r->out, '\n');
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
		foreign(r, row->task->id);
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

static void add_ids(struct report *r, const struct left_group *g,
    bool (*takes)(const struct merged_row *row))
{
	const char *before = "";
	uint32_t i, nr = 0;

	for (i = 0; i < g->nr; i++) {
		const struct merged_row *row = &r->sums.rows[r->left.rows[g->from + i]];

		if (!takes(row) || nr++ >= IDS_SHOWN)
			continue;
		buf_str(r->out, before);
		foreign(r, row->task->id);
		before = ", ";
	}
	if (nr > IDS_SHOWN)
		buf_fmt(r->out, " and %u more", nr - IDS_SHOWN);
	buf_ch(r->out, '\n');
}

/* Below an item. */
static void detail(struct report *r, const char *what)
{
	buf_str(r->out, r->is_markdown ? "  - " : "      ");
	buf_str(r->out, what);
}

static void add_group(struct report *r, const struct left_group *g)
{
	const struct merged_row *first = g->first;
	const char *next;

	item(r);
	shown_word(shown_role(first->agent), r->color, r->out);
	buf_fmt(r->out, " %u", g->nr);
	if (first->agent->class != CLASS_NONE)
		buf_fmt(r->out, " by %s", class_name(first->agent->class));
	if (*row_message(first)) {
		buf_str(r->out, ": ");
		foreign(r, row_message(first));
	}
	buf_ch(r->out, '\n');
	detail(r, "");
	add_ids(r, g, row_is_left);
	if (first->agent->is_set_aside) {
		detail(r, "");
		foreign(r, first->agent->why ? first->agent->why : "set aside");
		buf_ch(r->out, '\n');
	}
	next = left_group_next(g, r->sums.state);
	if (!next)
		return;
	detail(r, "likely: ");
	buf_str(r->out, root_cause_text(g->cause));
	if (g->evidence.len > 0) {
		buf_str(r->out, ": ");
		foreign(r, g->evidence.data);
	}
	buf_ch(r->out, '\n');
	detail(r, "next: ");
	buf_fmt(r->out, "%s\n", next);
}

static void add_left(struct report *r)
{
	const char *name = r->run->batches[0]->dir.name;
	const char *indent = r->is_markdown ? "" : "  ";
	uint32_t i;

	if (r->left.nr == 0)
		return;
	heading(r, "left");
	for (i = 0; i < r->left.nr; i++)
		add_group(r, &r->left.v[i]);
	if (r->sums.counts[AGENT_FAILED] + r->sums.counts[AGENT_SKIPPED] == 0 ||
	    r->sums.state != RUN_FINISHED)
		return;
	if (r->is_markdown)
		buf_ch(r->out, '\n');
	buf_fmt(r->out, "%sagain by hand: agent-batch retry %s --launch\n", indent, name);
	if (r->is_markdown)
		buf_ch(r->out, '\n');
	buf_fmt(r->out,
	    "%swith better tasks (do not mend outputs by hand): agent-batch retry %s, edit the CSV "
	    "it names, launch that\n",
	    indent, name);
}

/* More of the same helps where the service was the cause. */
static void add_last_advice(struct report *r, uint32_t nr_tasks, uint32_t nr_passing)
{
	const char *indent = r->is_markdown ? "\n" : "  ";

	if (nr_tasks == 0)
		buf_fmt(r->out,
		    "%sthe service failed them, not their tasks: retry when it is back\n", indent);
	else if (nr_passing == 0)
		buf_fmt(r->out, "%sreview what their tasks say: more retries will not help\n",
		    indent);
	else
		buf_fmt(r->out,
		    "%sreview what the tasks say that the service did not fail: more retries will "
		    "not help "
		    "these\n",
		    indent);
}

static void add_accounts(struct report *r)
{
	const struct batch *b = &run_reader_last(r->run)->state;
	bool has_heading = false;
	uint32_t i;

	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];

		if (!limits_is_lost_member(b, acc))
			continue;
		if (!has_heading)
			heading(r, "accounts that need you");
		has_heading = true;
		item(r);
		foreign(r, acc->name);
		if (acc->gate.why && *acc->gate.why) {
			buf_str(r->out, ": ");
			foreign(r, acc->gate.why);
		}
		buf_ch(r->out, '\n');
	}
}

static void add_spent(struct report *r)
{
	uint32_t nr[2] = {0, 0}; /* groups by whether the cause is a passing one */
	uint32_t i;

	if (r->left.nr_spent == 0)
		return;
	heading(r, "at their last retry");
	for (i = 0; i < r->left.nr; i++) {
		const struct left_group *g = &r->left.v[i];

		if (g->nr_spent == 0)
			continue;
		item(r);
		buf_fmt(r->out, "RETRY-%d %s: ", g->first->from->manifest.options.max_retries,
		    class_name(g->first->agent->class));
		add_ids(r, g, row_is_spent);
		nr[class_rule(g->first->agent->class)->is_passing]++;
	}
	add_last_advice(r, nr[false], nr[true]);
}

/* ---- costs -------------------------------------------------------------- */

static void add_cost_line(struct report *r, double usd, const char *what)
{
	char money[UNITS_SIZE];

	item(r);
	buf_fmt(r->out, "%s %s\n", money_text(usd, money), what);
}

static const struct merged_row *dearest_row(const struct run_sums *s)
{
	const struct merged_row *best = NULL;
	uint32_t i;

	for (i = 0; i < s->nr_rows; i++)
		if (s->rows[i].cost_usd > (best ? best->cost_usd : 0))
			best = &s->rows[i];
	return best;
}

static void add_costs(struct report *r)
{
	const struct run_sums *s = &r->sums;
	const struct merged_row *dearest = dearest_row(s);
	double retries = 0, roles = role_sums_of(r->run, SOLVE_ROLE__COUNT, r->now_t).cost_usd;
	char money[UNITS_SIZE];
	size_t i;

	if (!dearest && roles <= 0)
		return;
	heading(r, "costs");
	for (i = 0; i < s->nr_cycles; i++)
		if (s->cycles[i].batch->state.cycle > 0)
			retries += s->cycles[i].cost_usd;
	add_cost_line(r, s->cost_usd + roles, "in all");
	if (roles > 0)
		add_cost_line(r, roles, "of it for roles");
	if (s->cost_left_usd > 0)
		add_cost_line(r, s->cost_left_usd, "of it for rows that are left");
	if (retries > 0)
		add_cost_line(r, retries, "of it in retry cycles");
	if (!dearest)
		return;
	item(r);
	buf_fmt(r->out, "%s for the dearest row, ", money_text(dearest->cost_usd, money));
	foreign(r, dearest->task->id);
	buf_fmt(r->out, ", in %u attempt%s\n", dearest->attempts, plural(dearest->attempts));
}

static void add_again(struct report *r)
{
	int c;

	for (c = 0; c < CLASS__COUNT; c++) {
		const struct again_sums *a = &r->sums.again[c];

		if (a->attempts == 0)
			continue;
		item(r);
		buf_fmt(r->out,
		    "%llu attempt%s of %u agent%s ended by %s and had another: %u completed\n",
		    (unsigned long long)a->attempts, plural(a->attempts), a->agents,
		    plural(a->agents), class_name((enum attempt_class)c), a->done);
	}
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
		    " instead of %u, had every cycle run every agent: %u saved, %u%% fewer, "
		    "nothing "
		    "that succeeded ran again",
		    s->executed_if_all, s->executed_if_all - s->executed,
		    (s->executed_if_all - s->executed) * 100 / s->executed_if_all);
	buf_ch(r->out, '\n');
	add_again(r);
}

/* ---- roles -------------------------------------------------------------- */

static void add_validations(struct report *r, const struct solve *s)
{
	size_t i;

	for (i = 0; i < s->nr_verdicts; i++) {
		struct buf verdict = BUF_INIT;

		item(r);
		buf_fmt(r->out, "round %lld: ", (long long)s->verdicts[i].round);
		solve_add_verdict(&s->verdicts[i], &verdict);
		foreign(r, verdict.data);
		buf_ch(r->out, '\n');
		buf_release(&verdict);
	}
	if (s->phase == SOLVE_DONE)
		return;
	item(r);
	buf_fmt(r->out, "round %lld: %s%s\n", (long long)s->round, solve_phase_word(s->phase),
	    s->is_stopped ? ", stopped" : "");
}

static void add_role(struct report *r, const char *name, const struct role_sums *s)
{
	char time[DURATION_SIZE], money[UNITS_SIZE];

	item(r);
	buf_fmt(r->out, "%s: %u call%s, %llu attempt%s, %s", name, s->calls, plural(s->calls),
	    (unsigned long long)s->attempts, plural(s->attempts),
	    duration_clock(s->elapsed_ms, time));
	if (s->cost_usd > 0)
		buf_fmt(r->out, ", %s", money_text(s->cost_usd, money));
	if (s->tokens > 0)
		buf_fmt(r->out, ", %s tokens", count_text(s->tokens, money));
	buf_ch(r->out, '\n');
}

/* What judged and joined the work of the rows, and what that cost beside theirs. */
static void add_roles(struct report *r)
{
	const struct solve *s = view_solve(r->run);
	struct role_sums sums;
	int role;

	if (!s)
		return;
	heading(r, "validations");
	add_validations(r, s);
	heading(r, "roles (in no count and no cost of the rows)");
	for (role = 0; role < SOLVE_ROLE__COUNT; role++) {
		sums = role_sums_of(r->run, (enum solve_role)role, r->now_t);
		if (sums.calls > 0)
			add_role(r, solve_role_name((enum solve_role)role), &sums);
	}
	sums = role_sums_of(r->run, SOLVE_ROLE__COUNT, r->now_t);
	add_role(r, "in all", &sums);
}

static void add_all(struct report *r)
{
	add_head(r);
	add_cycles(r);
	add_roles(r);
	add_healed(r);
	add_left(r);
	add_accounts(r);
	add_spent(r);
	add_costs(r);
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
