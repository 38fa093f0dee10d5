/* Fuzz entry for the sanitiser (make fuzz). Whatever the bytes: every glyph is printable and as
 * wide as the terminal will take it, what is printed is UTF-8 without a control, and the pieces in
 * which the bytes come do not matter. */
#include "base/buf.h"
#include "base/utf8.h"
#include "check.h"
#include "view/sanitize.h"
#include "view/width.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = n ? (const char *)data : "";

	setlocale(LC_CTYPE, "C.UTF-8");
	check_glyphs(p, n, SANITIZE_LOG);
	check_glyphs(p, n, SANITIZE_PLAIN);
	check_glyphs(p, n, SANITIZE_RAW);
	check_text(p, n);
	return 0;
}
