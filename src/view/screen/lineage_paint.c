/* The lineage on the screen: the tree above, the agents of its selected cycle below. */
#include "view/text/duration.h"
#include "view/screen/frame.h"
#include "view/screen/header_parts.h"
#include "view/screen/lineage_words.h"
#include "view/solve_words.h"
#include "view/text/glyphs.h"
#include "view/text/highlight.h"
#include "view/summary.h"
#include "view/row.h"
#include "view/text/units.h"

#include <stdio.h>
#include <string.h>

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

/* Where columns begin, or end for what is right-aligned; -1: not shown at this width. */
struct tree_columns {
	int batch, agents_end, done_end, healed_end, failed_end, left_end, took, cost_end, classes;
};

static const struct tree_columns tree_wide = {10, 40, 46, 53, 60, 65, 67, 84, 86};
static const struct tree_columns tree_mid = {8, 37, -1, 44, 51, 56, 57, 72, -1};
/* Room for the name of a branch. */
static const struct tree_columns tree_low = {6, -1, -1, 29, 36, 41, 43, -1, -1};
static const struct tree_columns tree_small = {6, -1, -1, 14, 21, 26, 28, -1, -1};

struct agent_columns {
	int before, outcome, took, cost_end, task;
};

static const struct agent_columns agents_wide = {9, 36, 68, 81, 84};
static const struct agent_columns agents_mid = {8, 29, 56, 68, -1};
static const struct agent_columns agents_small = {-1, 8, -1, -1, -1};

static void number(struct cells *c, int row, int end, struct style style, const char *text)
{
	int width = (int)strlen(text);

	if (end >= 0)
		cells_text(c, row, end - width > 0 ? end - width : 0, c->cols - 1, style, text);
}

static void count(struct cells *c, int row, int end, struct style style, uint32_t n, bool or_dash)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	number(c, row, end, style, or_dash && !n ? "-" : text);
}

/* ---- the tree ----------------------------------------------------------- */

static const struct tree_columns *columns_of(const struct cells *c)
{
	if (c->cols >= 74)
		return c->cols >= 100 ? &tree_wide : &tree_mid;
	return c->cols >= 60 ? &tree_low : &tree_small;
}

static void paint_tree_head(struct cells *c, int row)
{
	const struct tree_columns *t = columns_of(c);

	cells_text(c, row, 1, c->cols - 1, dim, "CYCLE");
	if (t->agents_end >= 0)
		cells_text(c, row, t->batch, c->cols - 1, dim, "BATCH");
	number(c, row, t->agents_end, dim, "AGENTS");
	number(c, row, t->done_end, dim, "DONE");
	number(c, row, t->healed_end, dim, "HEALED");
	number(c, row, t->failed_end, dim, "FAILED");
	number(c, row, t->left_end, dim, "LEFT");
	cells_text(c, row, t->took, c->cols - 1, dim, "TOOK");
	if (t->cost_end >= 0)
		cells_text(c, row, t->cost_end - 7, c->cols - 1, dim, "COST");
	if (t->classes >= 0)
		cells_text(c, row, t->classes, c->cols - 1, dim,
		    c->cols - 1 - t->classes >= 15 ? "FAILED BY CLASS" : "BY CLASS");
}

enum tree_mark { BRANCH_DOWN, BRANCH_OFF, BRANCH_LAST, BRANCH_ON };

static uint32_t branch_of(enum tree_mark b, bool ascii)
{
	static const uint32_t lines[] = {0x2502, 0x251C, 0x2514, 0x2500};

	return ascii ? (uint32_t) "||`-"[b] : lines[b];
}

static void put(struct cells *c, int row, int col, int end, uint32_t cp)
{
	cells_put(c, row, col, end, &(struct glyph){.cp = cp, .width = 1});
}

/* "|  `-- 2": a line down for each ancestor that has more children below. Returns the column behind
 * it. */
static int paint_branch(struct viewer *v, struct cells *c, int row, int end,
    const struct lineage_cycle *y, char mark)
{
	const struct lineage *l = &v->lineage;
	bool ascii = v->look.ascii, is_wide = c->cols >= 100;
	int step = is_wide ? 3 : 2, col = 1;
	uint32_t p = y->parent;

	if (y->depth) {
		col += (int)(y->depth - 1) * step;
		for (; p != AGENT_NONE && l->cycles[p].depth; p = l->cycles[p].parent)
			if (!l->cycles[p].is_last)
				put(c, row, 1 + (int)(l->cycles[p].depth - 1) * step, end,
				    branch_of(BRANCH_DOWN, ascii));
		put(c, row, col++, end, branch_of(y->is_last ? BRANCH_LAST : BRANCH_OFF, ascii));
		if (is_wide)
			put(c, row, col++, end, branch_of(BRANCH_ON, ascii));
	}
	/* What can be unfolded says so; else the line goes on. */
	put(c, row, col++, end,
	    mark == '-' && y->depth ? branch_of(BRANCH_ON, ascii) : (uint32_t)mark);
	return col;
}

static int paint_cycle_name(struct viewer *v, struct cells *c, int row, int end,
    const struct lineage_cycle *y)
{
	int col =
	    paint_branch(v, c, row, end, y, lineage_is_folded(&v->lineage, y->batch) ? '+' : '-');

	col = cells_textf(c, row, col, end, plain, " %lld%s", (long long)y->batch->state.cycle,
	    y->batch->state.kind == BATCH_EXTENSION ? " ext" : "");
	if (y->batch->state.branch)
		col = cells_textf(c, row, col, end, (struct style){.flags = STYLE_BOLD}, " %s",
		    y->batch->state.branch);
	return col;
}

/* A validation has no counts: what it found takes the row. */
static void paint_validation(struct viewer *v, struct cells *c, int row, uint32_t entry)
{
	const struct lineage *l = &v->lineage;
	const struct lineage_cycle *y = &l->cycles[entry];
	const struct solve_verdict *found = lineage_verdict(y, v->model.run);
	struct style s =
	    glyph_word_style(found && solve_verdict_passed(found) ? ROLE_COMPLETED : ROLE_FAILED);
	int end = c->cols - 1, col = paint_branch(v, c, row, end, y, '-');
	struct buf b = BUF_INIT;

	if (!found)
		return;
	col = cells_textf(c, row, col, end, plain, " ? validation %lld: ", (long long)found->round);
	solve_add_verdict(found, &b);
	cells_text(c, row, col, end, s, b.data);
	buf_release(&b);
}

/* Cut at its end it would be the name of another: what all of them begin with goes first. */
static void paint_batch_name(struct cells *c, int row, int col, int end, const char *name)
{
	static const char prefix[] = "batch-";
	size_t n = sizeof(prefix) - 1;

	if (col + (int)width_str(name) > end && strncmp(name, prefix, n) == 0)
		name += n;
	cells_text(c, row, col, end, plain, name);
}

static void paint_cycle(struct viewer *v, struct cells *c, int row, uint32_t cycle)
{
	const struct lineage *l = &v->lineage;
	const struct lineage_cycle *y = &l->cycles[cycle];
	const struct tree_columns *t = columns_of(c);
	char text[UNITS_SIZE];
	struct buf b = BUF_INIT;
	int col, end;

	/* Up to the number of agents, which may be short. */
	snprintf(text, sizeof(text), "%u", y->agents);
	end = t->agents_end >= 0 ? t->agents_end - (int)strlen(text) - 1 : t->healed_end - 6;
	col = paint_cycle_name(v, c, row, end, y) + 1;
	if (t->agents_end >= 0)
		paint_batch_name(c, row, col > t->batch ? col : t->batch, end, y->batch->dir.name);
	count(c, row, t->agents_end, plain, y->agents, false);
	count(c, row, t->done_end, plain, y->done, false);
	count(c, row, t->healed_end, y->healed ? glyph_word_style(ROLE_COMPLETED) : plain,
	    y->healed, true);
	count(c, row, t->failed_end, y->failed ? glyph_word_style(ROLE_FAILED) : plain, y->failed,
	    false);
	count(c, row, t->left_end, plain, y->left, false);
	if (c->cols >= 100)
		duration_clock(batch_elapsed_ms(y->batch, v->model.now.wall_ms), text);
	else
		duration_text(batch_elapsed_ms(y->batch, v->model.now.wall_ms), text);
	cells_text(c, row, t->took, c->cols - 1, plain, text);
	number(c, row, t->cost_end, plain, money_text(y->batch->state.cost_usd, text));
	if (t->classes >= 0 && y->failed) {
		buf_reset(&b);
		lineage_classes(y, (size_t)(c->cols - 1 - t->classes), &b);
		cells_text(c, row, t->classes, c->cols - 1, plain, b.data);
	}
	buf_release(&b);
}

static void paint_entry(struct viewer *v, struct cells *c, int row, uint32_t entry)
{
	const struct lineage *l = &v->lineage;

	if (l->cycles[entry].verdict)
		paint_validation(v, c, row, entry);
	else
		paint_cycle(v, c, row, entry);
	if (&l->cycles[entry] != lineage_selected(l))
		return;
	cells_text(c, row, 0, 1, plain, ">");
	cells_restyle(c, row, 0, c->cols,
	    (struct style){.flags = l->in_agents ? STYLE_BOLD : STYLE_REVERSE});
}

/* The role that works now, where its validation will stand. */
static bool paint_role(struct viewer *v, struct cells *c, int row, const struct lineage_cycle *next)
{
	struct words w = {0};
	int col;

	if (!header_add_role(&v->model, &w))
		return false;
	col = paint_branch(v, c, row, c->cols - 1, next, '-');
	words_paint(&w, c, row, col + 1, c->cols - 1);
	return true;
}

/* The one that may come stands below the one that lives now. */
static bool paint_coming(struct viewer *v, struct cells *c, int row)
{
	const struct lineage *l = &v->lineage;
	bool is_wide = c->cols >= 100;
	struct buf when = BUF_INIT;
	int64_t cycle;
	size_t i;
	struct lineage_cycle next = {.is_last = true, .parent = AGENT_NONE};
	bool is_there = lineage_coming(&v->model, is_wide, &cycle, &when);

	for (i = 0; i < l->nr_cycles; i++)
		if (l->cycles[i].batch == v->model.shown && !l->cycles[i].verdict)
			next.depth = l->cycles[i].depth + 1;
	if (!is_there && paint_role(v, c, row, &next)) {
		buf_release(&when);
		return true;
	}
	if (is_there) {
		int end = c->cols - 1, col = paint_branch(v, c, row, end, &next, '-');

		cells_textf(c, row, col, end, plain, " %lld %s", (long long)cycle, when.data);
		cells_restyle(c, row, 1, end, dim);
	}
	buf_release(&when);
	return is_there;
}

static void paint_tree(struct viewer *v, struct cells *c, int row, int rows)
{
	struct lineage *l = &v->lineage;
	uint32_t i, at = 0;

	for (i = 0; i < l->nr_shown; i++)
		if (&l->cycles[l->shown[i]] == lineage_selected(l))
			at = i;
	l->cycles_top = layout_scroll(l->cycles_top, at, (uint32_t)rows, (uint32_t)l->nr_shown);
	for (i = l->cycles_top; i < l->nr_shown && (int)(i - l->cycles_top) < rows; i++)
		paint_entry(v, c, row + (int)(i - l->cycles_top), l->shown[i]);
	if ((int)(i - l->cycles_top) < rows)
		(void)paint_coming(v, c, row + (int)(i - l->cycles_top));
}

/* ---- the agents --------------------------------------------------------- */

static void paint_title(struct viewer *v, struct cells *c, int row)
{
	const struct lineage *l = &v->lineage;
	const struct lineage_cycle *y = lineage_selected(l);
	const struct solve_verdict *found = y ? lineage_verdict(y, v->model.run) : NULL;
	struct buf b = BUF_INIT;

	if (!l->is_whole_run && found) {
		buf_fmt(&b, " validation %lld of cycle %lld", (long long)found->round,
		    (long long)y->batch->state.cycle);
		if (found->call)
			buf_fmt(&b, " by %s", found->call + sizeof(ROLES_NAME));
		buf_str(&b, c->cols >= 100 && !l->in_agents ? "  Enter opens its log " : " ");
		goto paint;
	}
	if (l->is_whole_run)
		buf_fmt(&b, " whole run: %u agent%s, healed %u, failed %u", l->run_agents->nr,
		    plural(l->run_agents->nr), l->healed,
		    l->totals[ROLE_FAILED] + l->totals[ROLE_LOST]);
	else {
		buf_fmt(&b, " cycle %lld", (long long)y->batch->state.cycle);
		if (y->batch->state.branch)
			buf_fmt(&b, ", branch %s", y->batch->state.branch);
		buf_str(&b, ": ");
	}
	if (!l->is_whole_run && y->parent == AGENT_NONE)
		buf_fmt(&b, "%u agent%s, failed %u", y->agents, plural(y->agents), y->failed);
	else if (!l->is_whole_run && y->batch->state.kind == BATCH_EXTENSION)
		buf_fmt(&b, "extension of %u row%s, failed %u", y->agents, plural(y->agents),
		    y->failed);
	else if (!l->is_whole_run)
		buf_fmt(&b, "healed %u, failed again %u", y->healed, y->again);
	if (v->model.filter != VF_ALL)
		buf_fmt(&b, "  only: %s", view_filter_word(v->model.filter));
	if (c->cols >= 100 && !l->in_agents)
		buf_str(&b, "  Enter goes to its agents");
	else if (c->cols >= 100)
		buf_str(&b, "  Enter opens the agent");
	buf_ch(&b, ' ');
paint:
	cells_fill(c, row, 0, c->cols, dim, glyph_line(v->look.ascii));
	cells_text(c, row, 2, c->cols - 1, (struct style){.flags = l->in_agents ? STYLE_BOLD : 0},
	    b.data);
	buf_release(&b);
}

/* Ids that are longer push what is behind them, as far as that has room. */
static struct agent_columns agent_columns_of(const struct cells *c, const struct lineage *l)
{
	struct agent_columns t = c->cols >= 100 ? agents_wide
	    : c->cols >= 74                     ? agents_mid
						: agents_small;
	int most = c->cols >= 100 ? 24 : 16, by = 0;
	int room = t.cost_end >= 0 ? c->cols - 1 - t.cost_end : c->cols - 1 - t.outcome - 24;
	int id_room = (t.before < 0 ? t.outcome : t.before) - 3;

	if (t.task >= 0)
		room -= 24; /* some of the task stays */
	by = ((int)l->id_columns < most ? (int)l->id_columns : most) - id_room;
	by = by > room ? room : by;
	if (by <= 0)
		return t;
	t.before += t.before < 0 ? 0 : by;
	t.outcome += by;
	t.took += t.took < 0 ? 0 : by;
	t.cost_end += t.cost_end < 0 ? 0 : by;
	t.task += t.task < 0 ? 0 : by;
	return t;
}

/* Before an original there was nothing to fail. */
static bool has_before(const struct lineage *l)
{
	return l->is_whole_run || lineage_selected(l)->parent != AGENT_NONE;
}

static void paint_agents_head(struct viewer *v, struct cells *c, int row)
{
	const struct lineage *l = &v->lineage;
	const struct lineage_cycle *y = lineage_selected(l);
	const struct agent_columns t = agent_columns_of(c, l);

	cells_text(c, row, 2, c->cols - 1, dim, "ID");
	if (t.before >= 0 && l->is_whole_run)
		cells_text(c, row, t.before, c->cols - 1, dim, "FAILED BEFORE BY");
	else if (t.before >= 0 && has_before(l))
		cells_textf(c, row, t.before, c->cols - 1, dim, "CYCLE %lld FAILED BY",
		    (long long)l->cycles[y->parent].batch->state.cycle);
	if (l->is_whole_run)
		cells_text(c, row, t.outcome, c->cols - 1, dim, "LAST CYCLE");
	else
		cells_textf(c, row, t.outcome, c->cols - 1, dim, "CYCLE %lld",
		    (long long)y->batch->state.cycle);
	if (t.took >= 0)
		cells_text(c, row, t.took, c->cols - 1, dim, "TOOK");
	number(c, row, t.cost_end, dim, "COST");
	if (t.task >= 0)
		cells_text(c, row, t.task, c->cols - 1, dim, "TASK");
}

/* What the attempt that matters took; "" where none is at it. */
static void took(const struct view_model *m, const struct agent *a, char out[DURATION_SIZE])
{
	const struct attempt *at = agent_last_attempt(a);

	*out = '\0';
	if (!at || a->phase == PHASE_BACKOFF || at->how == EXIT_VOID)
		return;
	if (!at->has_ended && a->status == AGENT_IN_PROGRESS)
		duration_text(view_ran(m, at), out);
	else if (at->has_ended && at->ended_m >= at->started_m)
		duration_text(at->ended_m - at->started_m, out);
}

static void paint_before(struct cells *c, int row, const struct agent_columns *t,
    const struct agent *a, bool is_wide)
{
	uint32_t n = agent_executions(a);
	const char *class = a->class == CLASS_NONE ? "no trace" : class_name(a->class);

	if (is_wide)
		cells_textf(c, row, t->before, t->outcome - 1, plain, "%s (%u attempt%s)", class, n,
		    plural(n));
	else
		cells_textf(c, row, t->before, t->outcome - 1, plain, "%s x%u", class, n);
}

static void paint_agent(struct viewer *v, struct cells *c, int row, uint32_t at)
{
	const struct lineage *l = &v->lineage;
	uint32_t agent, then = 0;
	const struct batch_reader *r = lineage_row(l, at, &agent), *before;
	const struct agent *a = &r->state.agents[agent];
	const struct agent_columns t = agent_columns_of(c, l);
	enum style_role role = shown_role(a);
	struct glyph sign = {.cp = glyph_of_role(role, v->look.ascii), .width = 1};
	char text[UNITS_SIZE];
	struct buf b = BUF_INIT;

	before = lineage_failed_before(v->model.run, r, a->task->id, &then);
	cells_text(c, row, 2, (t.before >= 0 && has_before(l) ? t.before : t.outcome) - 1, plain,
	    a->task->id);
	if (before && t.before >= 0)
		paint_before(c, row, &t, &before->state.agents[then], c->cols >= 100);
	sign.style = glyph_style(role);
	cells_put(c, row, t.outcome, c->cols - 1, &sign);
	if (l->is_whole_run && c->cols >= 100)
		buf_fmt(&b, "%lld: ", (long long)r->state.cycle);
	lineage_outcome(&v->model, r, agent, before != NULL, &b);
	cells_text(c, row, t.outcome + 2, t.took < 0 ? c->cols - 1 : t.took - 1,
	    glyph_word_style(role), b.data);
	took(&v->model, a, text);
	if (t.took >= 0)
		cells_text(c, row, t.took, c->cols - 1, plain, text);
	if (view_has_cost(a))
		number(c, row, t.cost_end, plain, money_short(a->cost_usd, text));
	if (t.task >= 0)
		cells_text(c, row, t.task, c->cols - 1, plain,
		    task_get(&r->tasks, a->task, COL_TASK));
	if (l->in_agents && at == l->at) {
		cells_text(c, row, 0, 1, plain, ">");
		cells_restyle(c, row, 0, c->cols, (struct style){.flags = STYLE_REVERSE});
	}
	highlight_row(c, row, 1, c->cols, &v->search);
	buf_release(&b);
}

static void paint_agents(struct viewer *v, struct cells *c, int row, int rows)
{
	struct lineage *l = &v->lineage;
	struct buf why = BUF_INIT;
	uint32_t i;

	if (rows <= 0)
		return;
	l->top = layout_scroll(l->top, l->at, (uint32_t)rows, l->nr_agents);
	for (i = l->top; i < l->nr_agents && (int)(i - l->top) < rows; i++)
		paint_agent(v, c, row + (int)(i - l->top), i);
	if (l->nr_agents == 0 && solve_add_no_rows(&v->model, &why))
		cells_text(c, row, 2, c->cols - 1, dim, why.data);
	else if (l->nr_agents == 0)
		cells_textf(c, row, 2, c->cols - 1, dim, "no agent is %s; f shows others",
		    view_filter_word(v->model.filter));
	buf_release(&why);
}

void lineage_paint(struct viewer *v, struct cells *c)
{
	struct layout *y = &v->layout;
	struct lineage *l = &v->lineage;
	int row = y->header.rows, rows = y->keys.row - y->message.rows - row, tree;

	lineage_update(l, &v->model);
	if (l->nr_shown == 0 || rows < 3)
		return;
	/* Head, cycles, the one to come, a blank row; at most half of it all. */
	tree = (int)l->nr_shown + 2;
	if (tree > rows / 2 - 1)
		tree = rows / 2 - 1;
	paint_tree_head(c, row);
	paint_tree(v, c, row + 1, tree);
	row += 1 + tree;
	rows -= 1 + tree;
	paint_title(v, c, row);
	paint_agents_head(v, c, row + 1);
	y->table = (struct band){row + 2, rows - 2};
	paint_agents(v, c, y->table.row, y->table.rows);
}
