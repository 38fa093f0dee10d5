#include "view/screen/keyline.h"

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

/* Calls `f` with each label that fits and the columns it takes. */
static void place(int cols, const struct key_hint *hints, size_t nr, bool is_tiny,
    void (*f)(void *ctx, size_t i, int col, int end), void *ctx)
{
	int gap = cols >= 60 || is_tiny ? 2 : 1, margin = cols > 20 ? 1 : 0;
	int room = cols - margin, rank = 0, most = 0, col = margin;
	size_t i;

	for (i = 0; i < nr; i++)
		if (hints[i].rank > most)
			most = hints[i].rank;
	while (!is_tiny && rank < most && width_up_to(hints, nr, rank + 1, cols, gap) <= room)
		rank++;
	for (i = 0; i < nr; i++) {
		int width;

		if (!hints[i].label || hints[i].rank > rank)
			continue;
		width = (int)width_str(label_at(&hints[i], cols));
		col += col > margin ? gap : 0;
		f(ctx, i, col, col + width);
		col += width;
	}
}

struct painting {
	struct cells *c;
	int row;
	const struct key_hint *hints;
};

static void paint_one(void *ctx, size_t i, int col, int end)
{
	static const struct style plain;
	const struct painting *p = ctx;

	(void)end;
	cells_text(p->c, p->row, col, p->c->cols, plain, label_at(&p->hints[i], p->c->cols));
}

void keyline_paint(struct cells *c, int row, const struct key_hint *hints, size_t nr, bool is_tiny)
{
	struct painting p = {c, row, hints};

	place(c->cols, hints, nr, is_tiny, paint_one, &p);
}

struct pointing {
	int col, found;
};

static void point_at(void *ctx, size_t i, int col, int end)
{
	struct pointing *p = ctx;

	if (p->col >= col && p->col < end)
		p->found = (int)i;
}

int keyline_at(int cols, const struct key_hint *hints, size_t nr, bool is_tiny, int col)
{
	struct pointing p = {col, -1};

	place(cols, hints, nr, is_tiny, point_at, &p);
	return p.found;
}
