/* How libcsv is used.
 *
 * Even in strict mode libcsv trims blanks of unquoted fields, takes a blank between a closing quote
 * and the comma, ends a row at a bare CR, and says of an unclosed quote neither where it opened nor,
 * without a flag, that there is one. With a space function that knows no blank and a term function
 * that knows LF only, what it accepts is exactly RFC 4180, and then a row's end can be told without
 * it: the first LF with an even number of quotes before it. So it is fed one whole row at a time,
 * CRLF already cut to LF, and positions are looked for only when there is something to say. A row
 * without any quote has nothing to parse: it is cut at its commas, which is ten times as fast. */
#include "formats/csv_reader.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK \
	((size_t)1 << 16) /* libcsv grows its buffer by that; its own 128 is for short cells */

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int is_line_feed(unsigned char c)
{
	return c == '\n';
}

void csv_reader_init(struct csv_reader *r, const char *text, size_t len, struct arena *arena)
{
	memset(r, 0, sizeof(*r));
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	r->text = text;
	r->len = len;
	r->arena = arena;
	r->next_line = 1;
	csv_init(&r->parser, CSV_STRICT);
	csv_set_realloc_func(&r->parser, xrealloc);
	csv_set_free_func(&r->parser, free);
	csv_set_blk_size(&r->parser, BLOCK);
	csv_set_space_func(&r->parser, no_space);
	csv_set_term_func(&r->parser, is_line_feed);
}

void csv_reader_release(struct csv_reader *r)
{
	csv_free(&r->parser);
	free(r->row.cells);
	memset(r, 0, sizeof(*r));
}

struct csv_place csv_place(const struct csv_reader *r, const struct csv_span *span, size_t at)
{
	struct csv_place p = {.line = span->line};
	size_t line_begin = span->begin;
	size_t i;

	for (i = span->begin; i < at; i++) {
		if (r->text[i] == '\n') {
			p.line++;
			line_begin = i + 1;
		}
	}
	p.column = at - line_begin + 1;
	return p;
}

/* Where in a field a byte stands; the same grammar as the one given to libcsv. */
enum field_state { FIELD_START, FIELD_PLAIN, FIELD_QUOTED, FIELD_CLOSED };

struct walk {
	enum field_state state; /* before the byte at `at` */
	size_t at;
	size_t field_begin;
	uint32_t cell;
};

static void step(struct walk *w, char c)
{
	bool is_inside = w->state == FIELD_QUOTED;

	if (c == '"') {
		if (w->state == FIELD_START || w->state == FIELD_CLOSED)
			w->state = FIELD_QUOTED;
		else if (is_inside)
			w->state = FIELD_CLOSED;
	} else if (c == ',' && !is_inside) {
		w->state = FIELD_START;
		w->field_begin = w->at + 1;
		w->cell++;
	} else if (w->state == FIELD_START) {
		w->state = FIELD_PLAIN;
	}
	w->at++;
}

static struct walk walk_to(const struct csv_reader *r, size_t begin, size_t at)
{
	struct walk w = {.state = FIELD_START, .at = begin, .field_begin = begin};

	while (w.at < at)
		step(&w, r->text[w.at]);
	return w;
}

size_t csv_cell_offset(const struct csv_reader *r, const struct csv_span *span, uint32_t cell)
{
	struct walk w = walk_to(r, span->begin, span->begin);

	while (w.cell < cell && w.at < span->end)
		step(&w, r->text[w.at]);
	return w.cell < cell ? span->end : w.field_begin;
}

static int fault(struct csv_reader *r, size_t at, const char *text)
{
	snprintf(r->fault, sizeof(r->fault), "%s", text);
	r->fault_at = at;
	return -1;
}

/* What makes the text something else than a CSV, before any row is split. */
static int check_text(struct csv_reader *r)
{
	const char *nul = memchr(r->text, '\0', r->len);

	r->was_checked = true;
	r->row.span = (struct csv_span){.begin = r->next, .end = r->len, .line = 1};
	if (r->len >= 2 &&
	    (memcmp(r->text, "\xff\xfe", 2) == 0 || memcmp(r->text, "\xfe\xff", 2) == 0))
		return fault(r, 0, "the file is UTF-16: save it as UTF-8");
	if (nul)
		return fault(r, (size_t)(nul - r->text),
		    "NUL byte: a CSV is text, save the file as UTF-8 without it");
	return 0;
}

static size_t count_quotes(const char *s, size_t n)
{
	const char *end = s + n;
	size_t nr = 0;

	for (; (s = memchr(s, '"', (size_t)(end - s))); s++)
		nr++;
	return nr;
}

/* Sets the span of the row at `next`. Returns how many quotes it has: when the number is odd, one
 * is still open at the text's end. */
static size_t find_row(struct csv_reader *r)
{
	size_t at = r->next;
	size_t nr_quotes = 0;

	r->row.span = (struct csv_span){.begin = at, .line = r->next_line};
	for (;;) {
		const char *lf = memchr(r->text + at, '\n', r->len - at);
		size_t stop = lf ? (size_t)(lf - r->text) : r->len;

		nr_quotes += count_quotes(r->text + at, stop - at);
		r->next_line += lf != NULL;
		r->next = lf ? stop + 1 : stop;
		r->row.span.end = stop;
		if (!lf)
			return nr_quotes;
		if (nr_quotes % 2 == 0) {
			if (stop > r->row.span.begin && r->text[stop - 1] == '\r')
				r->row.span.end--;
			return nr_quotes;
		}
		at = stop + 1;
	}
}

static void add_cell(struct csv_reader *r, const char *s, size_t n)
{
	struct csv_row *row = &r->row;

	VEC_GROW(row->cells, row->nr_cells, r->cap_cells);
	row->cells[row->nr_cells++] = n ? arena_strndup(r->arena, s, n) : "";
}

static void take_cell(void *s, size_t n, void *ctx)
{
	add_cell(ctx, s, n);
}

static void end_row(int c, void *ctx)
{
	(void)c;
	(void)ctx;
}

/* libcsv stopped at a byte: in strict mode that is always about a quote. */
static int quote_fault(struct csv_reader *r, size_t at)
{
	struct walk w = walk_to(r, r->row.span.begin, at);
	struct csv_place open;

	if (w.state != FIELD_CLOSED)
		return fault(r, at,
		    "quote in a field that does not begin with one: put the whole field in "
		    "quotes and double the quotes inside");
	open = csv_place(r, &r->row.span, w.field_begin);
	snprintf(r->fault, sizeof(r->fault),
	    "text after a closing quote: double the quotes inside the field that opens at "
	    "%u:%zu",
	    open.line, open.column);
	r->fault_at = at;
	return -1;
}

static int check_returns(struct csv_reader *r)
{
	const struct csv_span *span = &r->row.span;
	const char *cr = memchr(r->text + span->begin, '\r', span->end - span->begin);
	struct walk w;

	if (!cr)
		return 0;
	for (w = walk_to(r, span->begin, (size_t)(cr - r->text)); w.at < span->end;
	     step(&w, r->text[w.at]))
		if (r->text[w.at] == '\r' && w.state != FIELD_QUOTED)
			return fault(r, w.at,
			    "carriage return without a line feed: end lines with LF or CRLF, or "
			    "put the field in quotes");
	return 0;
}

static void split_plain(struct csv_reader *r)
{
	const char *at = r->text + r->row.span.begin;
	const char *end = r->text + r->row.span.end;
	const char *comma;

	while ((comma = memchr(at, ',', (size_t)(end - at)))) {
		add_cell(r, at, (size_t)(comma - at));
		at = comma + 1;
	}
	add_cell(r, at, (size_t)(end - at));
}

static int split_quoted(struct csv_reader *r, bool is_closed)
{
	const struct csv_span *span = &r->row.span;
	size_t n = span->end - span->begin;
	size_t done = csv_parse(&r->parser, r->text + span->begin, n, take_cell, end_row, r);

	if (done < n)
		return quote_fault(r, span->begin + done);
	if (!is_closed)
		return fault(r, walk_to(r, span->begin, span->end).field_begin,
		    "unclosed quote: close it, or double it if it belongs to the text");
	csv_parse(&r->parser, "\n", 1, take_cell, end_row, r);
	return 0;
}

int csv_reader_next(struct csv_reader *r)
{
	size_t nr_quotes;

	if (!r->was_checked && check_text(r) < 0)
		return -1;
	do {
		if (r->next >= r->len)
			return 0;
		nr_quotes = find_row(r);
	} while (r->row.span.begin == r->row.span.end);

	if (check_returns(r) < 0)
		return -1;
	r->row.nr_cells = 0;
	if (nr_quotes == 0)
		split_plain(r);
	else if (split_quoted(r, nr_quotes % 2 == 0) < 0)
		return -1;
	return 1;
}
