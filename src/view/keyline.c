#include "view/keyline.h"

#include <string.h>

const char *key_section_title(enum key_section s)
{
	static const char *const titles[KEYS__SECTIONS] = {
	    [KEYS_MOVE] = "MOVE",
	    [KEYS_FIND] = "FIND",
	    [KEYS_LOG] = "LOG",
	    [KEYS_STEER] = "STEER",
	    [KEYS_SCREEN] = "SCREEN",
	};

	return titles[s];
}

static const char *label_at(const struct key_hint *h, int cols)
{
	return cols >= 100 || !h->label_short ? h->label : h->label_short;
}

/* Columns of all labels up to a rank, with the gaps between them. */
static int width_up_to(const struct key_hint *hints, size_t nr, int rank, int cols, int gap)
{
	int sum = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		if (hints[i].label && hints[i].rank <= rank)
			sum += (sum ? gap : 0) + (int)width_str(label_at(&hints[i], cols));
	return sum;
}

void keyline_paint(struct cells *c, int row, const struct key_hint *hints, size_t nr, bool is_tiny)
{
	static const struct style plain;
	int gap = c->cols >= 60 || is_tiny ? 2 : 1, margin = c->cols > 20 ? 1 : 0;
	int room = c->cols - 2 * margin, rank = 0, most = 0, col = margin;
	size_t i;

	for (i = 0; i < nr; i++)
		if (hints[i].rank > most)
			most = hints[i].rank;
	while (!is_tiny && rank < most && width_up_to(hints, nr, rank + 1, c->cols, gap) <= room)
		rank++;
	for (i = 0; i < nr; i++) {
		if (!hints[i].label || hints[i].rank > rank)
			continue;
		col = cells_text(c, row, col + (col > margin ? gap : 0), c->cols, plain,
		    label_at(&hints[i], c->cols));
	}
}
