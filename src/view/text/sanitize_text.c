/* The sanitiser's glyphs as UTF-8, for printers. */
#include "base/utf8.h"
#include "base/xalloc.h"
#include "view/text/sanitize.h"

#include <string.h>

static void add_cp(struct buf *out, uint32_t cp)
{
	char bytes[4];

	buf_add(out, bytes, utf8_encode(cp, bytes));
}

/* One line of a task or a message is shown no further than this. */
static bool is_full(const struct buf *out, size_t line_at)
{
	return out->len - line_at >= SANITIZE_LINE_MAX;
}

void sanitize_text(struct buf *out, const char *p, size_t n)
{
	struct sanitize_stream st;

	sanitize_stream_init(&st, SANITIZE_PLAIN);
	sanitize_stream_feed(&st, p, n, out);
	sanitize_stream_end(&st, out);
	sanitize_stream_release(&st);
}

static void add_line_glyphs(struct buf *out, const struct glyph *g, size_t nr, size_t line_at,
    bool *owes_blank)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (g[i].cp == GLYPH_RESTART) {
			buf_cut(out, line_at);
			*owes_blank = false;
		} else if (g[i].cp == GLYPH_NEWLINE || g[i].cp == ' ') {
			*owes_blank = out->len > line_at;
		} else if (!is_full(out, line_at)) {
			if (*owes_blank)
				buf_ch(out, ' ');
			*owes_blank = false;
			add_cp(out, g[i].cp);
		}
	}
}

void sanitize_line_mem(struct buf *out, const char *p, size_t n)
{
	struct sanitizer s;
	struct glyph g[256];
	const char *end = p + n;
	size_t line_at = out->len;
	bool owes_blank = false;

	sanitize_init(&s, SANITIZE_PLAIN);
	while (p < end) {
		size_t nr = sanitize_feed(&s, &p, end, g, 256);

		add_line_glyphs(out, g, nr, line_at, &owes_blank);
	}
	add_line_glyphs(out, g, sanitize_end(&s, g), line_at, &owes_blank);
}

void sanitize_line(struct buf *out, const char *s)
{
	if (s)
		sanitize_line_mem(out, s, strlen(s));
}

void sanitize_stream_init(struct sanitize_stream *st, enum sanitize_mode mode)
{
	sanitize_init(&st->s, mode);
	buf_init(&st->line);
	st->nr_bytes = 0;
}

void sanitize_stream_release(struct sanitize_stream *st)
{
	buf_release(&st->line);
}

/* Sends the line on, and begins the next. */
static void flush_line(struct sanitize_stream *st, struct buf *out)
{
	buf_add(out, st->line.data, st->line.len);
	if (st->nr_bytes > SANITIZE_LINE_MAX)
		buf_fmt(out, " ...%zu more bytes", st->nr_bytes - SANITIZE_LINE_MAX);
	buf_reset(&st->line);
	st->nr_bytes = 0;
	sanitize_init(&st->s, (enum sanitize_mode)st->s.mode);
}

static void take_glyphs(struct sanitize_stream *st, const struct glyph *g, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (g[i].cp == GLYPH_RESTART) {
			buf_reset(&st->line);
			st->nr_bytes = 0;
		} else if (st->nr_bytes < SANITIZE_LINE_MAX) {
			add_cp(&st->line, g[i].cp);
		}
	}
}

/* As far as there is something to decide: behind it plain text may begin. */
static const char *special_end(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	return p + (n < 4 ? n : 4);
}

/* A piece of one line; a carriage return can only be its first byte. It is fed so that no call
 * goes over the length that is shown. */
static void feed_piece(struct sanitize_stream *st, const char *p, const char *end)
{
	struct glyph g[256];
	size_t n;

	while (p < end) {
		const char *was = p, *stop = end;

		if (st->nr_bytes < SANITIZE_LINE_MAX &&
		    (size_t)(end - p) > SANITIZE_LINE_MAX - st->nr_bytes)
			stop = p + (SANITIZE_LINE_MAX - st->nr_bytes);
		n = sanitize_plain(&st->s, p, stop);
		if (n && st->nr_bytes < SANITIZE_LINE_MAX)
			buf_add(&st->line, p, n);
		p += n;
		if (n == 0)
			take_glyphs(st, g,
			    sanitize_feed(&st->s, &p, special_end(p, stop), g, ARRAY_LEN(g)));
		st->nr_bytes += (size_t)(p - was);
	}
}

static const char *piece_end(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);
	const char *nl = memchr(p, '\n', n);
	const char *stop = nl ? nl : end;
	const char *cr = stop - p > 1 ? memchr(p + 1, '\r', (size_t)(stop - p - 1)) : NULL;

	return cr ? cr : stop;
}

void sanitize_stream_feed(struct sanitize_stream *st, const char *p, size_t n, struct buf *out)
{
	const char *end = p + n;

	while (p < end) {
		const char *stop;

		if (*p == '\n') {
			sanitize_stream_end(st, out);
			buf_ch(out, '\n');
			p++;
			continue;
		}
		stop = piece_end(p, end);
		feed_piece(st, p, stop);
		p = stop;
	}
}

void sanitize_stream_end(struct sanitize_stream *st, struct buf *out)
{
	struct glyph g[SANITIZE_BURST];

	take_glyphs(st, g, sanitize_end(&st->s, g));
	flush_line(st, out);
}
