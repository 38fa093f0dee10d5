#include "view/log/log_line.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "formats/stream_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to here a line is decoded from its beginning; of a longer one only what follows the last
 * carriage return is. */
#define SHORT_LINE 8192
/* What tells in a JSON line stands early in it: so much more than is in sight is looked at. */
#define JSON_AHEAD 4096
#define JSON_PER_COLUMN 4

const char *log_mode_word(enum log_mode mode)
{
	static const char *const words[LOG_MODE__COUNT] = {"text", "json", "raw"};

	return words[mode];
}

void log_line_release(struct log_line *l)
{
	free(l->v);
	free(l->rows);
	buf_release(&l->text);
	*l = (struct log_line){0};
}

/* ---- glyphs ------------------------------------------------------------- */

static void add_glyph(struct log_line *l, const struct glyph *g)
{
	VEC_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = *g;
}

/* Returns the columns it takes. */
static int take_glyph(struct log_line *l, const struct glyph *g, bool is_wrapped)
{
	static const struct glyph blank = {.cp = ' ', .width = 1};

	if (g->cp == GLYPH_RESTART) {
		l->nr = l->from;
		return 0;
	}
	if (g->cp != GLYPH_NEWLINE) {
		add_glyph(l, g);
		return g->width;
	}
	add_glyph(l, is_wrapped ? g : &blank);
	l->from = l->nr;
	return !is_wrapped;
}

/* Returns whether all of it was taken; else it goes on behind the columns that are asked for. */
static bool decode(struct log_line *l, const struct log_line_opts *o, const char *p, size_t n)
{
	bool may_restart = (n <= SHORT_LINE || o->mode == LOG_JSON) && memchr(p, '\r', n);
	const char *end = p + n;
	struct sanitizer s;
	struct glyph g[128];
	int x = 0;

	sanitize_init(&s, o->mode == LOG_RAW ? SANITIZE_RAW : SANITIZE_LOG);
	for (;;) {
		size_t i,
		    nr =
			p < end ? sanitize_feed(&s, &p, end, g, ARRAY_LEN(g)) : sanitize_end(&s, g);

		if (nr == 0 && p == end)
			return true;
		for (i = 0; i < nr; i++)
			x += take_glyph(l, &g[i], o->wrap > 0);
		if (!o->wrap && !may_restart && x >= o->columns)
			return false;
	}
}

static void add_more(struct log_line *l, int64_t more)
{
	char text[64], *p = text;

	snprintf(text, sizeof(text), " ...%" PRId64 " more bytes", more);
	for (; *p; p++)
		add_glyph(l,
		    &(struct glyph){
			.cp = (unsigned char)*p, .width = 1, .style = {.flags = STYLE_DIM}});
}

/* ---- rows --------------------------------------------------------------- */

static void add_row(struct log_line *l, size_t from)
{
	VEC_GROW(l->rows, l->nr_rows, l->cap_rows);
	l->rows[l->nr_rows++] = from;
}

static void break_rows(struct log_line *l, int wrap)
{
	size_t i;
	int x = 0;

	l->nr_rows = 0;
	add_row(l, 0);
	for (i = 0; wrap && i < l->nr; i++) {
		if (l->v[i].cp == GLYPH_NEWLINE) {
			add_row(l, i + 1);
			x = 0;
		} else if (x + l->v[i].width > wrap && x > 0) {
			add_row(l, i);
			x = l->v[i].width;
		} else {
			x += l->v[i].width;
		}
	}
}

/* ---- lines -------------------------------------------------------------- */

static const char *skip_overwritten(const char *p, size_t *n)
{
	size_t len = *n;
	const char *cr;

	while (len && p[len - 1] == '\r')
		len--;
	cr = *n > SHORT_LINE ? memrchr(p, '\r', len) : NULL;
	if (cr)
		*n -= (size_t)(cr + 1 - p);
	return cr ? cr + 1 : p;
}

/* What a JSON line says goes into l->text. */
static bool read_json(struct log_line *l, const struct log_line_opts *o, const char *p, size_t n)
{
	size_t window = (size_t)o->columns * JSON_PER_COLUMN + JSON_AHEAD;
	bool is_cut = !o->wrap && n > window;

	buf_reset(&l->text);
	if (stream_line_read(p, is_cut ? window : n, is_cut || o->more > 0, &l->text) ==
	    STREAM_OTHER)
		return false;
	while (l->text.len && strchr("\r\n\t ", l->text.data[l->text.len - 1]))
		buf_cut(&l->text, l->text.len - 1);
	return true;
}

void log_line_shape(struct log_line *l, const struct log_line_opts *o, const char *p, size_t n)
{
	l->nr = l->from = 0;
	if (!l->text.data)
		buf_init(&l->text);
	if (o->mode == LOG_JSON && read_json(l, o, p, n)) {
		p = l->text.data;
		n = l->text.len;
	} else if (o->mode != LOG_RAW) {
		p = skip_overwritten(p, &n);
	}
	if (decode(l, o, p, n) && o->more > 0)
		add_more(l, o->more);
	break_rows(l, o->wrap);
}

void log_line_text(const struct log_line *l, struct buf *out)
{
	char bytes[4];
	size_t i;

	for (i = 0; i < l->nr; i++)
		buf_add(out, bytes, utf8_encode(l->v[i].cp, bytes));
}

/* ---- painting ----------------------------------------------------------- */

struct field {
	struct cells *c;
	int row, col, end;
	int left;
};

/* `x`: the column in the row. Returns the one behind it. */
static int put_glyph(const struct field *f, int x, const struct glyph *g)
{
	int at = f->col + x - f->left;
	struct glyph blank = {.cp = ' ', .width = 1, .style = g->style};

	if (at >= f->col || (g->width == 0 && at > f->col))
		cells_put(f->c, f->row, at, f->end, g);
	else if (at + g->width > f->col)
		cells_put(f->c, f->row, f->col, f->end, &blank); /* its right half */
	return x + g->width;
}

void log_line_paint(const struct log_line *l, size_t which, struct cells *c, int row, int col,
    int end, int left)
{
	const struct field f = {c, row, col, end, left};
	size_t i, to = l->nr;
	int x = 0;

	if (l->nr_rows == 0)
		return;
	if (which >= l->nr_rows)
		which = l->nr_rows - 1;
	if (which + 1 < l->nr_rows)
		to = l->rows[which + 1];
	for (i = l->rows[which]; i < to && x - left < end - col; i++)
		if (l->v[i].cp != GLYPH_NEWLINE)
			x = put_glyph(&f, x, &l->v[i]);
}
