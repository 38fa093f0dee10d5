/* Fuzz entry for the sanitiser (make fuzz). Whatever the bytes: every glyph is printable and as
 * wide as the terminal will take it, what is printed is UTF-8 without a control, the pieces in
 * which the bytes come do not matter, and a row of cells is as wide as its columns. */
#include "base/buf.h"
#include "base/utf8.h"
#include "check.h"
#include "view/text/cells.h"
#include "view/log/log_line.h"
#include "view/text/sanitize.h"
#include "view/text/width.h"

#include <locale.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_glyph(const struct glyph *g)
{
	if (g->cp == GLYPH_NEWLINE || g->cp == GLYPH_RESTART) {
		CHECK(g->width == 0);
		return;
	}
	CHECK(g->cp >= 0x20 && !(g->cp >= 0x7F && g->cp < 0xA0));
	CHECK(!(g->cp >= 0x202A && g->cp <= 0x202E));
	CHECK(g->width == width_of(g->cp));
}

static void check_glyphs(const char *p, size_t n, enum sanitize_mode mode)
{
	struct sanitizer s;
	struct glyph g[SANITIZE_BURST + 3];
	const char *end = p + n;
	size_t i, nr;

	sanitize_init(&s, mode);
	do {
		nr = p < end ? sanitize_feed(&s, &p, end, g, SANITIZE_BURST + 3)
			     : sanitize_end(&s, g);
		CHECK(nr <= SANITIZE_BURST + 3);
		for (i = 0; i < nr; i++)
			check_glyph(&g[i]);
	} while (p < end || s.nr_part);
}

/* The lines as printed, fed in pieces of `piece` bytes. */
static void print_pieces(const char *p, size_t n, size_t piece, struct buf *out)
{
	struct sanitize_stream st;
	size_t at;

	sanitize_stream_init(&st, SANITIZE_LOG);
	for (at = 0; at < n; at += piece)
		sanitize_stream_feed(&st, p + at, n - at < piece ? n - at : piece, out);
	sanitize_stream_end(&st, out);
	sanitize_stream_release(&st);
}

static void check_text(const char *p, size_t n)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	size_t i;

	print_pieces(p, n, n ? n : 1, &whole);
	print_pieces(p, n, 3, &pieces);
	CHECK(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
	CHECK(utf8_is_valid(whole.data, whole.len));
	for (i = 0; i < whole.len; i++)
		CHECK(whole.data[i] == '\n' || (unsigned char)whole.data[i] >= 0x20);
	buf_release(&whole);
	buf_release(&pieces);
}

#define COLS 13

static void check_cell_row(const struct cells *c, int row)
{
	int col, width = 0;

	for (col = 0; col < c->cols; col++) {
		const struct cell *cell = cells_at(c, row, col);
		int i;

		width += cell->width;
		CHECK(cell->width == 0 || cell->width == width_of(cell->cp));
		CHECK(cell->width < 2 || (col + 1 < c->cols && cell[1].width == 0));
		CHECK(cell->width > 0 || (col > 0 && cell[-1].width == 2));
		for (i = 0; i < WIDTH_MARKS_MAX; i++)
			CHECK(!cell->marks[i] || width_of(cell->marks[i]) == 0);
	}
	CHECK(width == c->cols);
}

/* A line in a field in the middle of a screen, wrapped or scrolled to the right. */
static void check_line(const char *p, size_t n, const struct log_line_opts *o, int left)
{
	struct log_line line = {0};
	struct cells c;
	size_t row;

	cells_init(&c);
	cells_resize(&c, COLS + 4, 1);
	log_line_shape(&line, o, p, n);
	CHECK(line.nr_rows > 0 && line.rows[0] == 0);
	for (row = 0; row < line.nr_rows && row < 50; row++) {
		cells_fill(&c, 0, 0, c.cols, (struct style){0}, '.');
		log_line_paint(&line, row, &c, 0, 2, 2 + COLS, left);
		check_cell_row(&c, 0);
		CHECK(cells_at(&c, 0, 0)->cp == '.' && cells_at(&c, 0, 1)->cp == '.');
		CHECK(cells_at(&c, 0, COLS + 2)->cp == '.' && cells_at(&c, 0, COLS + 3)->cp == '.');
	}
	cells_release(&c);
	log_line_release(&line);
}

static void check_lines(const char *p, size_t n)
{
	struct log_line_opts o = {.columns = COLS + 5, .more = 7};
	const char *nl = memchr(p, '\n', n);

	if (nl)
		n = (size_t)(nl - p);
	for (o.mode = LOG_TEXT; o.mode < LOG_MODE__COUNT; o.mode++) {
		o.wrap = 0;
		check_line(p, n, &o, 0);
		check_line(p, n, &o, 5);
		o.wrap = COLS;
		check_line(p, n, &o, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = n ? (const char *)data : "";

	setlocale(LC_CTYPE, "C.UTF-8");
	check_glyphs(p, n, SANITIZE_LOG);
	check_glyphs(p, n, SANITIZE_PLAIN);
	check_glyphs(p, n, SANITIZE_RAW);
	check_text(p, n);
	check_lines(p, n);
	return 0;
}
