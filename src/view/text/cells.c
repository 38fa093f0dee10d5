#include "view/text/cells.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cell blank = {.cp = ' ', .width = 1};

void cells_init(struct cells *c)
{
	*c = (struct cells){0};
}

void cells_release(struct cells *c)
{
	free(c->v);
	cells_init(c);
}

void cells_resize(struct cells *c, int cols, int rows)
{
	size_t i, n;

	cols = cols < 1 ? 1 : cols;
	rows = rows < 1 ? 1 : rows;
	n = (size_t)cols * (size_t)rows;
	if (!c->v || cols != c->cols || rows != c->rows)
		c->v = xrealloc(c->v, n * sizeof(*c->v));
	c->cols = cols;
	c->rows = rows;
	for (i = 0; i < n; i++)
		c->v[i] = blank;
}

struct cell *cells_at(const struct cells *c, int row, int col)
{
	if (row < 0 || row >= c->rows || col < 0 || col >= c->cols)
		return NULL;
	return &c->v[(size_t)row * (size_t)c->cols + (size_t)col];
}

/* Half a wide character cannot stay behind when the other half is painted over. */
static void free_cell(struct cells *c, int row, int col)
{
	struct cell *cell = cells_at(c, row, col);

	if (!cell)
		return;
	if (cell->width == 0 && col > 0)
		*cells_at(c, row, col - 1) = blank;
	if (cell->width == 2 && col + 1 < c->cols)
		*cells_at(c, row, col + 1) = blank;
	*cell = blank;
}

static void put_mark(struct cells *c, int row, int col, uint32_t cp)
{
	struct cell *base = cells_at(c, row, col - 1);
	size_t i;

	if (base && base->width == 0)
		base = cells_at(c, row, col - 2);
	for (i = 0; base && i < WIDTH_MARKS_MAX; i++)
		if (!base->marks[i]) {
			base->marks[i] = cp;
			return;
		}
}

int cells_put(struct cells *c, int row, int col, int end, const struct glyph *g)
{
	struct cell *cell = cells_at(c, row, col);

	if (end > c->cols)
		end = c->cols;
	if (g->width == 0) {
		if (col <= end)
			put_mark(c, row, col, g->cp);
		return col;
	}
	if (!cell || col >= end)
		return col + g->width;
	free_cell(c, row, col);
	cell->style = g->style;
	if (col + g->width > end)
		return end;
	if (g->width == 2) {
		free_cell(c, row, col + 1);
		cells_at(c, row, col + 1)->width = 0;
		cells_at(c, row, col + 1)->style = g->style;
	}
	cell->cp = g->cp;
	cell->width = g->width;
	return col + g->width;
}

int cells_text(struct cells *c, int row, int col, int end, struct style style, const char *s)
{
	struct sanitizer san;
	struct glyph g[64];
	const char *stop = s + strlen(s);

	if (end > c->cols)
		end = c->cols;
	sanitize_init(&san, SANITIZE_PLAIN);
	while (s < stop && col < end) {
		size_t i, nr = sanitize_feed(&san, &s, stop, g, ARRAY_LEN(g));

		for (i = 0; i < nr; i++) {
			struct glyph one = g[i];

			/* Text of several lines in a field of one. */
			if (one.cp == GLYPH_NEWLINE || one.cp == GLYPH_RESTART)
				one = (struct glyph){.cp = ' ', .width = 1};
			one.style = style;
			if (col >= end && one.width)
				break;
			col = cells_put(c, row, col, end, &one);
		}
	}
	return col < end ? col : end;
}

int cells_textf(struct cells *c, int row, int col, int end, struct style style, const char *fmt,
    ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return cells_text(c, row, col, end, style, text);
}

void cells_fill(struct cells *c, int row, int col, int end, struct style style, uint32_t cp)
{
	struct glyph g = {.cp = cp, .style = style, .width = 1};

	for (; col < end && col < c->cols; col++)
		(void)cells_put(c, row, col, end, &g);
}

void cells_add_flags(struct cells *c, int row, int col, int end, uint8_t flags)
{
	for (; col < end && col < c->cols; col++) {
		struct cell *cell = cells_at(c, row, col);

		if (cell)
			cell->style.flags |= flags;
	}
}

void cells_restyle(struct cells *c, int row, int col, int end, struct style style)
{
	for (; col < end && col < c->cols; col++) {
		struct cell *cell = cells_at(c, row, col);

		if (cell)
			cell->style = style;
	}
}

static void add_cp(struct buf *out, uint32_t cp, bool ascii)
{
	char bytes[4];

	if (ascii && cp > 0x7E)
		buf_ch(out, '?');
	else
		buf_add(out, bytes, utf8_encode(cp, bytes));
}

static void add_cell(struct buf *out, const struct cell *cell, bool ascii)
{
	size_t i;

	add_cp(out, cell->cp, ascii);
	if (ascii && cell->width == 2)
		buf_ch(out, '?');
	for (i = 0; i < WIDTH_MARKS_MAX && cell->marks[i] && !ascii; i++)
		add_cp(out, cell->marks[i], ascii);
}

static void trim(struct buf *out, size_t from)
{
	size_t n = out->len;

	while (n > from && out->data[n - 1] == ' ')
		n--;
	buf_cut(out, n);
}

void cells_row_text(const struct cells *c, int row, bool ascii, struct buf *out)
{
	size_t from = out->len;
	int col;

	for (col = 0; col < c->cols; col++) {
		const struct cell *cell = cells_at(c, row, col);

		if (cell && cell->width)
			add_cell(out, cell, ascii);
	}
	trim(out, from);
}

void cells_print(const struct cells *c, bool ascii, struct buf *out)
{
	int row;

	for (row = 0; row < c->rows; row++) {
		cells_row_text(c, row, ascii, out);
		buf_ch(out, '\n');
	}
}

static char mark_of(struct style s)
{
	static const char roles[ROLE__COUNT] = {
	    [ROLE_RUNNING] = 'r',
	    [ROLE_VALIDATING] = 'v',
	    [ROLE_BACKOFF] = 'b',
	    [ROLE_LOST] = 'l',
	    [ROLE_FAILED] = 'f',
	    [ROLE_PENDING] = 'p',
	    [ROLE_BLOCKED] = 'k',
	    [ROLE_CANCELLED] = 'c',
	    [ROLE_SKIPPED] = 's',
	    [ROLE_COMPLETED] = 'd',
	};

	if (s.role)
		return (char)(s.flags & STYLE_REVERSE ? roles[s.role] - 'a' + 'A' : roles[s.role]);
	if (s.flags & STYLE_REVERSE)
		return 'R';
	if (s.flags & (STYLE_HAS_FG | STYLE_HAS_BG))
		return 'C';
	if (s.flags & STYLE_BOLD)
		return 'B';
	if (s.flags & STYLE_UNDERLINE)
		return 'U';
	return s.flags & STYLE_DIM ? 'D' : '.';
}

void cells_print_marks(const struct cells *c, struct buf *out)
{
	int row, col;

	for (row = 0; row < c->rows; row++) {
		for (col = 0; col < c->cols; col++)
			buf_ch(out, mark_of(cells_at(c, row, col)->style));
		buf_ch(out, '\n');
	}
}
