#include "view/screen/waits_paint.h"
#include "view/blockers.h"
#include "view/dir_turns.h"
#include "view/row.h"
#include "view/text/glyphs.h"

#define PARENTS_MAX 64

static const struct style dim = {.flags = STYLE_DIM};
static const struct style plain;

/* Where it goes on, or ended: sign, id, state, and what is known of it beyond. */
static void paint_row(const struct view_model *m, uint32_t agent, bool ascii, struct cells *c,
    int row, int col, int end)
{
	const char *id = view_agent(m, agent)->task->id;
	enum style_role role = shown_role(view_agent(m, agent));
	struct glyph sign = {
	    .cp = glyph_of_role(role, ascii), .width = 1, .style = glyph_style(role)};
	int id_room = m->id_columns < 24 ? (int)m->id_columns : 24;
	struct buf b = BUF_INIT;

	cells_put(c, row, col + 2, end, &sign);
	cells_text(c, row, col + 4, col + 4 + id_room < end ? col + 4 + id_room : end, plain, id);
	blockers_add_state(m, m->shown, agent, &b);
	col = cells_text(c, row, col + 6 + id_room, end, glyph_word_style(role), b.data);
	buf_reset(&b);
	if (role != ROLE_PENDING && view_row_line(m, agent, &b))
		cells_text(c, row, col + 2, end, dim, b.data);
	buf_release(&b);
}

/* Every parent waits itself: for which, in the end. */
static void paint_held_up(const struct view_model *m, uint32_t agent, struct cells *c, int row,
    int col, int end)
{
	struct buf b = BUF_INIT;

	buf_str(&b, "held up by ");
	blockers_add_waits(m, agent, &b);
	cells_text(c, row, col, end, plain, b.data);
	buf_release(&b);
}

static void paint_parents(const struct view_model *m, uint32_t agent, bool ascii, struct cells *c,
    int row, int rows, int col, int end)
{
	const struct batch *b = &m->shown->state;
	uint32_t parents[PARENTS_MAX], unmet = b->agents[agent].unmet, nr, i;
	uint32_t all = b->graph->first_parent[agent + 1] - b->graph->first_parent[agent];
	int room = rows > 1 ? rows - 1 : 0;

	if (all == 1)
		cells_text(c, row++, col, end, plain, "waits for the row it depends on");
	else
		cells_textf(c, row++, col, end, plain, "waits for %u of the %u rows it depends on",
		    unmet, all);
	if (unmet > (uint32_t)room && room > 0)
		room--;
	nr = blockers_parents(b, agent, parents, room < PARENTS_MAX ? (uint32_t)room : PARENTS_MAX);
	for (i = 0; i < nr; i++)
		paint_row(m, parents[i], ascii, c, row++, col, end);
	if (unmet > nr && rows > 1)
		cells_textf(c, row++, col, end, dim, "  and %u more", unmet - nr);
	if (nr > 0 && (int)nr + 1 < rows && shown_role(view_agent(m, parents[0])) == ROLE_BLOCKED)
		paint_held_up(m, agent, c, row, col, end);
}

static void paint_skip(const struct view_model *m, uint32_t agent, bool ascii, struct cells *c,
    int row, int rows, int col, int end)
{
	const struct batch *state = &m->shown->state;
	const struct blocker *by = blockers_find(m->blockers, state, agent);
	struct buf b = BUF_INIT;

	buf_str(&b, "never began: ");
	blockers_add_skip(m->blockers, state, agent, &b);
	cells_text(c, row, col, end, plain, b.data);
	buf_release(&b);
	if (by && rows > 1)
		paint_row(m, by->agent, ascii, c, row + 1, col, end);
}

/* With --exclusive-dir: another agent is in its directory. */
static bool paint_turn(const struct view_model *m, uint32_t agent, bool ascii, struct cells *c,
    int row, int rows, int col, int end)
{
	struct buf b = BUF_INIT;
	bool waits = dir_turns_add(m, agent, &b);

	if (waits)
		cells_text(c, row, col, end, plain, b.data);
	if (waits && rows > 1)
		paint_row(m, dir_turns_find(m->dir_turns, m->shown, agent), ascii, c, row + 1, col,
		    end);
	buf_release(&b);
	return waits;
}

bool waits_paint(const struct view_model *m, uint32_t agent, bool ascii, struct cells *c, int row,
    int rows, int col, int end)
{
	const struct agent *a = view_agent(m, agent);
	enum style_role role = a ? shown_role(a) : ROLE_NONE;

	if (role == ROLE_PENDING && a->nr_attempts == 0 && rows > 0)
		return paint_turn(m, agent, ascii, c, row, rows, col, end);
	if (role != ROLE_BLOCKED && role != ROLE_SKIPPED)
		return false;
	if (a->nr_attempts > 0 || !m->shown->state.graph || rows < 1)
		return false;
	if (role == ROLE_BLOCKED)
		paint_parents(m, agent, ascii, c, row, rows, col, end);
	else
		paint_skip(m, agent, ascii, c, row, rows, col, end);
	return true;
}
