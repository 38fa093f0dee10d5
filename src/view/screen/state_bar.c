#include "view/screen/state_bar.h"
#include "view/text/glyphs.h"

static const struct style plain;

const enum style_role state_bar_order[STATE_BAR_STATES] = {
    ROLE_COMPLETED,
    ROLE_VALIDATING,
    ROLE_RUNNING,
    ROLE_BACKOFF,
    ROLE_PENDING,
    ROLE_FAILED,
    ROLE_LOST,
    ROLE_SKIPPED,
    ROLE_CANCELLED,
};

uint32_t state_count(const struct view_model *m, enum style_role role)
{
	if (role == ROLE_PENDING)
		return m->counts[ROLE_PENDING] + m->counts[ROLE_BLOCKED];
	return role == ROLE_BLOCKED ? 0 : m->counts[role];
}

/* Shares `cells` among the counts: at least one for each that is not zero, the rest by largest
 * remainder, so that the sum is exact. */
static void share_cells(const uint32_t *counts, size_t nr, int cells, int *out)
{
	uint64_t total = 0;
	int used = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		total += counts[i];
	for (i = 0; i < nr; i++) {
		out[i] = total ? (int)((uint64_t)cells * counts[i] / total) : 0;
		if (counts[i] && !out[i])
			out[i] = 1;
		used += out[i];
	}
	while (total && used != cells) {
		int64_t best = INT64_MIN;
		size_t at = 0;
		int step = used < cells ? 1 : -1;

		for (i = 0; i < nr; i++) {
			int64_t owed = (int64_t)((uint64_t)cells * counts[i]) -
			    (int64_t)((uint64_t)out[i] * total);

			if (!counts[i] || (step < 0 && out[i] < 2))
				continue;
			if (step * owed > best) {
				best = step * owed;
				at = i;
			}
		}
		if (best == INT64_MIN)
			return; /* fewer cells than states */
		out[at] += step;
		used += step;
	}
}

void state_bar_paint(const struct view_model *m, const struct look *look, struct cells *c, int row,
    int col, int end)
{
	bool is_solid = look->has_color && !look->ascii;
	uint32_t counts[STATE_BAR_STATES];
	int share[STATE_BAR_STATES];
	size_t i;

	cells_text(c, row, col, end, plain, "[");
	cells_text(c, row, end - 1, end, plain, "]");
	for (i = 0; i < STATE_BAR_STATES; i++)
		counts[i] = state_count(m, state_bar_order[i]);
	share_cells(counts, STATE_BAR_STATES, end - col - 2, share);
	for (col++, i = 0; i < STATE_BAR_STATES; i++) {
		int to = col + share[i] < end - 1 ? col + share[i] : end - 1;

		/* The signs of ASCII in both sets: a row of U+25B8 is no bar. */
		cells_fill(c, row, col, to, glyph_word_style(state_bar_order[i]),
		    is_solid ? 0x2588 : glyph_of_role(state_bar_order[i], true));
		col = to;
	}
}
