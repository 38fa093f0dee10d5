/* The failures on the screen: the groups above, the agents of the selected one below. */
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/screen/frame.h"
#include "view/text/glyphs.h"
#include "view/row.h"

#include <stdio.h>
#include <string.h>

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

/* Where columns begin, or end for what is right-aligned; -1: not shown at this width. */
struct group_columns {
	int agents_end, attempts_end, class, seen, next, message;
};

static const struct group_columns groups_wide = {8, 17, 18, 31, 42, 58};
static const struct group_columns groups_mid = {8, -1, 9, 21, 28, 43};
static const struct group_columns groups_small = {8, -1, 9, -1, 21, 36};
static const struct group_columns groups_least = {8, -1, 9, -1, 21, -1};

struct agent_columns {
	int id, now, try, when, cycle, message;
};

static const struct agent_columns agents_wide = {2, 9, 24, 29, 39, 46};
static const struct agent_columns agents_mid = {2, 8, 20, 25, -1, 35};
static const struct agent_columns agents_small = {2, 8, -1, 20, -1, 30};
static const struct agent_columns agents_least = {2, 8, -1, 20, -1, -1};

static const struct group_columns *group_columns_of(const struct cells *c)
{
	if (c->cols >= 74)
		return c->cols >= 100 ? &groups_wide : &groups_mid;
	return c->cols >= 60 ? &groups_small : &groups_least;
}

/* Longer ids push what is behind them. */
static struct agent_columns agent_columns_of(const struct view_model *m, const struct cells *c)
{
	bool is_wide = c->cols >= 100;
	struct agent_columns k = is_wide ? agents_wide
	    : c->cols >= 74              ? agents_mid
	    : c->cols >= 60              ? agents_small
					 : agents_least;
	int room = is_wide ? 5 : 4, most = is_wide ? 24 : 12, more = (int)m->id_columns;
	int *all[] = {&k.now, &k.try, &k.when, &k.cycle, &k.message};
	size_t i;

	more = (more > most ? most : more) - room;
	for (i = 0; i < ARRAY_LEN(all) && more > 0; i++)
		if (*all[i] >= 0)
			*all[i] += more;
	return k;
}

/* In columns [col, next), a blank before the next one. */
static void field(struct cells *c, int row, int col, int next, struct style style, const char *text)
{
	if (col >= 0)
		cells_text(c, row, col, (next < 0 ? c->cols : next) - 1, style, text);
}

static void number(struct cells *c, int row, int end, struct style style, uint32_t n)
{
	char text[16];
	int width = snprintf(text, sizeof(text), "%u", n);

	if (end >= 0)
		cells_text(c, row, end - width > 0 ? end - width : 0, end, style, text);
}

/* ---- groups ------------------------------------------------------------- */

/* "all cycles  5 groups" */
static void paint_scope(struct viewer *v, struct cells *c, int row, int from)
{
	const struct failures *f = &v->failures;
	char text[64], scope[32] = "";
	int col;

	if (!f->is_whole_run)
		snprintf(scope, sizeof(scope), "cycle %lld  ",
		    (long long)v->model.shown->state.cycle);
	else if (c->cols >= 100)
		snprintf(scope, sizeof(scope), "all cycles  ");
	if (f->is_scanning)
		snprintf(text, sizeof(text), "%sfolding %d%%", scope, failures_percent(f));
	else
		snprintf(text, sizeof(text), "%s%u group%s", scope, f->nr_groups,
		    f->nr_groups == 1 ? "" : "s");
	col = c->cols - 1 - (int)strlen(text);
	if (col > from + 1)
		cells_text(c, row, col, c->cols - 1, dim, text);
}

static void paint_groups_head(struct viewer *v, struct cells *c, int row)
{
	const struct group_columns *k = group_columns_of(c);
	bool is_wide = c->cols >= 100;
	int end = k->next + 4;

	cells_text(c, row, 2, c->cols - 1, dim, "AGENTS");
	if (k->attempts_end >= 0)
		cells_text(c, row, k->attempts_end - 8, c->cols - 1, dim, "ATTEMPTS");
	field(c, row, k->class, -1, dim, "CLASS");
	field(c, row, k->seen, -1, dim, is_wide ? "LAST SEEN" : "LAST");
	field(c, row, k->next, -1, dim, "NEXT");
	if (k->message >= 0)
		end = cells_text(c, row, k->message, c->cols - 1, dim,
		    is_wide ? "MESSAGE (numbers, ids and paths folded)" : "MESSAGE (folded)");
	paint_scope(v, c, row, end);
}

static struct style next_style(enum failure_next n)
{
	return n == NEXT_NEEDS_YOU || n == NEXT_SPENT ? glyph_word_style(ROLE_FAILED)
	    : n == NEXT_HEALED                        ? glyph_word_style(ROLE_COMPLETED)
						      : plain;
}

static void paint_group(struct viewer *v, struct cells *c, int row, uint32_t group)
{
	const struct failures *f = &v->failures;
	const struct failure_group *g = &f->groups[group];
	const struct group_columns *k = group_columns_of(c);
	char ago[DURATION_SIZE], text[DURATION_SIZE + 8];

	number(c, row, k->agents_end, plain, g->nr_agents);
	number(c, row, k->attempts_end, plain, g->nr_attempts);
	field(c, row, k->class, k->seen < 0 ? k->next : k->seen, plain, class_name(g->class));
	duration_text(v->model.now.wall_ms - g->last_t, ago);
	snprintf(text, sizeof(text), c->cols >= 100 && strlen(ago) < 7 ? "%s ago" : "%s", ago);
	field(c, row, k->seen, k->next, plain, text);
	field(c, row, k->next, k->message, next_style(g->next), failure_next_word(g->next));
	field(c, row, k->message, -1, plain, g->message);
	if (group != f->list_of)
		return;
	cells_text(c, row, 0, 1, plain, ">");
	cells_restyle(c, row, 0, c->cols,
	    (struct style){.flags = f->in_agents ? STYLE_BOLD : STYLE_REVERSE});
}

static void paint_groups(struct viewer *v, struct cells *c, int row, int rows)
{
	struct failures *f = &v->failures;
	uint32_t i, at = 0;

	for (i = 0; i < f->nr_order; i++)
		if (f->order[i] == f->list_of)
			at = i;
	f->groups_top = layout_scroll(f->groups_top, at, (uint32_t)rows, f->nr_order);
	for (i = f->groups_top; i < f->nr_order && (int)(i - f->groups_top) < rows; i++)
		paint_group(v, c, row + (int)(i - f->groups_top), f->order[i]);
}

/* ---- the title of a group ----------------------------------------------- */

static uint32_t sum(const struct failure_group *g, enum style_role a, enum style_role b)
{
	return g->roles[a] + g->roles[b];
}

/* Zeros are told where there is room for them; what does not fit whole is left out. */
static void add_count(struct buf *b, const struct cells *c, const char *word, uint32_t n,
    bool with_zero)
{
	size_t was = b->len;

	if (n || with_zero)
		buf_fmt(b, "  %s %u", word, n);
	if (b->len + 4 > (size_t)c->cols) /* the line on both sides, and a blank */
		buf_cut(b, was);
}

static void paint_title(struct viewer *v, struct cells *c, int row, const struct failure_group *g)
{
	bool is_wide = c->cols >= 100;
	struct buf b = BUF_INIT;

	buf_fmt(&b, " %s: %u agent%s", class_name(g->class), g->nr_agents,
	    g->nr_agents == 1 ? "" : "s");
	add_count(&b, c, "healed", g->roles[ROLE_COMPLETED], is_wide);
	add_count(&b, c, "waiting", g->roles[ROLE_BACKOFF], is_wide);
	add_count(&b, c, "running", sum(g, ROLE_RUNNING, ROLE_VALIDATING), is_wide);
	add_count(&b, c, "failed", sum(g, ROLE_FAILED, ROLE_LOST), is_wide);
	add_count(&b, c, "pending", sum(g, ROLE_PENDING, ROLE_BLOCKED), is_wide);
	add_count(&b, c, "cancelled", g->roles[ROLE_CANCELLED], false);
	add_count(&b, c, "skipped", g->roles[ROLE_SKIPPED], false);
	buf_ch(&b, ' ');
	cells_fill(c, row, 0, c->cols, dim, glyph_line(v->look.ascii));
	cells_text(c, row, 2, c->cols - 1,
	    (struct style){.flags = v->failures.in_agents ? STYLE_BOLD : 0}, b.data);
	buf_release(&b);
}

/* ---- agents ------------------------------------------------------------- */

static void paint_agents_head(struct cells *c, int row, const struct agent_columns *k)
{
	field(c, row, k->id, -1, dim, "ID");
	field(c, row, k->now, -1, dim, "NOW");
	field(c, row, k->try, -1, dim, "TRY");
	field(c, row, k->when, -1, dim, "WHEN");
	field(c, row, k->cycle, -1, dim, "CYCLE");
	field(c, row, k->message, -1, dim, "MESSAGE AS PRINTED");
}

static const char *state_word(enum style_role role)
{
	static const char *const words[ROLE__COUNT] = {
	    [ROLE_NONE] = "",
	    [ROLE_RUNNING] = "running",
	    [ROLE_VALIDATING] = "validating",
	    [ROLE_BACKOFF] = "waiting",
	    [ROLE_LOST] = "lost",
	    [ROLE_FAILED] = "failed",
	    [ROLE_PENDING] = "pending",
	    [ROLE_BLOCKED] = "blocked",
	    [ROLE_CANCELLED] = "cancelled",
	    [ROLE_SKIPPED] = "skipped",
	    [ROLE_COMPLETED] = "healed",
	};

	return words[role];
}

/* How its agent stands now, wherever in the run that is: a time where time goes on, else a word. */
static void paint_now(const struct viewer *v, struct cells *c, int row, int col, int next,
    uint32_t number)
{
	const struct run_agents *ra = &v->agents;
	const struct batch_reader *r = run_agents_batch(ra, number);
	enum style_role role = failure_fate(run_agents_agent(ra, number));
	bool goes_on = role == ROLE_RUNNING || role == ROLE_VALIDATING || role == ROLE_BACKOFF;
	struct glyph sign = {
	    .cp = glyph_of_role(role, v->look.ascii), .width = 1, .style = glyph_style(role)};
	struct view_row now = {.time = ""};

	if (goes_on && r == v->model.shown)
		view_row_fill(&v->model, ra->newest[number].agent, v->model.now.wall_ms, &now);
	cells_put(c, row, col, c->cols, &sign);
	field(c, row, col + 2, next, glyph_word_style(role),
	    *now.time ? now.time : state_word(role));
}

/* A time of day; the day where that is another one. */
static void when_text(int64_t t, int64_t now_t, char out[CLOCK_TEXT_LEN + 1])
{
	char text[CLOCK_TEXT_LEN + 1], today[CLOCK_TEXT_LEN + 1];

	clock_text(t, text);
	clock_text(now_t, today);
	if (strncmp(text, today, 10) == 0 || now_t - t < 12 * 3600000)
		clock_hms(t, out);
	else
		snprintf(out, CLOCK_TEXT_LEN + 1, "%.5s", strlen(text) > 10 ? text + 5 : text);
}

static void paint_agent(struct viewer *v, struct cells *c, int row, const struct agent_columns *k,
    const struct failure *e)
{
	const struct failures *f = &v->failures;
	const struct batch_reader *r = failure_batch(f, e);
	char text[CLOCK_TEXT_LEN + 1];

	field(c, row, k->id, k->now, plain, r->state.agents[e->at.agent].task->id);
	paint_now(v, c, row, k->now, k->try < 0 ? k->when : k->try, e->number);
	if (k->try >= 0)
		cells_textf(c, row, k->try, k->when - 1, plain, "%u/%d", failure_try(f, e),
		    r->manifest.options.attempts);
	when_text(e->t, v->model.now.wall_ms, text);
	field(c, row, k->when, k->cycle < 0 ? k->message : k->cycle, plain, text);
	if (k->cycle >= 0)
		cells_textf(c, row, k->cycle, k->message - 1, plain, "%lld",
		    (long long)r->state.cycle);
	field(c, row, k->message, -1, plain, failure_printed(f, e));
	if (!f->in_agents || e != failures_entry(f))
		return;
	cells_text(c, row, 0, 1, plain, ">");
	cells_restyle(c, row, 0, c->cols, (struct style){.flags = STYLE_REVERSE});
}

static void paint_agents(struct viewer *v, struct cells *c, const struct band *y)
{
	struct failures *f = &v->failures;
	const struct agent_columns k = agent_columns_of(&v->model, c);
	const struct failure *cursor = failures_entry(f);
	uint32_t i, at = 0;

	for (i = 0; i < f->nr_list && cursor; i++)
		if (&f->v[f->list[i]] == cursor)
			at = i;
	f->top = layout_scroll(f->top, at, (uint32_t)y->rows, f->nr_list);
	paint_agents_head(c, y->row - 1, &k);
	for (i = f->top; i < f->nr_list && (int)(i - f->top) < y->rows; i++)
		paint_agent(v, c, y->row + (int)(i - f->top), &k, &f->v[f->list[i]]);
}

/* ---- all of it ---------------------------------------------------------- */

/* Above, as many rows as there are groups, but half of them all at most. */
static int groups_rows(const struct failures *f, const struct cells *c, int rows)
{
	int n = (int)f->nr_order + (c->cols >= 100), most = rows / 2 - 1;

	return n > most ? most : n;
}

void failures_paint(struct viewer *v, struct cells *c)
{
	struct layout *y = &v->layout;
	int row = y->header.rows, rows = y->keys.row - y->message.rows - row, above;
	const struct failure_group *g = failures_selected(&v->failures, &v->model);

	if (rows < 4)
		return;
	paint_groups_head(v, c, row);
	if (!g) {
		cells_text(c, row + 2, 2, c->cols - 1, dim,
		    v->failures.is_scanning        ? "folding the messages ..."
			: v->failures.is_whole_run ? "no attempt has failed"
						   : "no attempt of this cycle has failed");
		return;
	}
	above = groups_rows(&v->failures, c, rows);
	paint_groups(v, c, row + 1, above);
	paint_title(v, c, row + 1 + above, g);
	y->table = (struct band){row + 3 + above, rows - 3 - above};
	paint_agents(v, c, &y->table);
}
