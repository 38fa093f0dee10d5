#include "view/text/highlight.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <stdlib.h>

/* The text of some cells, and the column that each of its bytes came from. */
struct spelled {
	struct buf text;
	int *columns;
	size_t cap;
};

static void add_byte(struct spelled *s, char byte, int col)
{
	if (s->text.len == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->columns = xrealloc(s->columns, s->cap * sizeof(*s->columns));
	}
	s->columns[s->text.len] = col;
	buf_ch(&s->text, byte);
}

static void add_cp(struct spelled *s, uint32_t cp, int col)
{
	char bytes[4];
	size_t i, n = utf8_encode(cp, bytes);

	for (i = 0; i < n; i++)
		add_byte(s, bytes[i], col);
}

static void spell(const struct cells *c, int row, int col, int end, struct spelled *s)
{
	size_t i;

	for (; col < end && col < c->cols; col++) {
		const struct cell *cell = cells_at(c, row, col);

		if (!cell || cell->width == 0)
			continue;
		add_cp(s, cell->cp, col);
		for (i = 0; i < WIDTH_MARKS_MAX && cell->marks[i]; i++)
			add_cp(s, cell->marks[i], col);
	}
}

static void mark(struct cells *c, int row, int col, int end)
{
	const struct cell *first = cells_at(c, row, col);
	bool is_reversed = first && (first->style.flags & STYLE_REVERSE);

	/* The right half of a wide one belongs to it. */
	while (end < c->cols && cells_at(c, row, end)->width == 0)
		end++;
	cells_add_flags(c, row, col, end,
	    is_reversed ? STYLE_UNDERLINE | STYLE_BOLD : STYLE_REVERSE);
}

int highlight_row(struct cells *c, int row, int col, int end, const struct needle *n)
{
	struct spelled s = {.text = BUF_INIT};
	size_t at, stop, from = 0;
	int nr = 0;

	if (!needle_is_set(n))
		return 0;
	spell(c, row, col, end, &s);
	while (needle_find(n, s.text.data, s.text.len, from, &at, &stop)) {
		mark(c, row, s.columns[at], s.columns[stop - 1] + 1);
		from = stop;
		nr++;
	}
	free(s.columns);
	buf_release(&s.text);
	return nr;
}
