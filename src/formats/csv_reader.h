/* The rows of a CSV text in memory: libcsv splits them, this knows where everything stands.
 *
 *   struct csv_reader r;
 *   csv_reader_init(&r, text, n, &arena);
 *   while ((rc = csv_reader_next(&r)) == 1)
 *           use(r.row.cells, r.row.nr_cells);
 *   if (rc < 0)
 *           tell(csv_place(&r, r.fault_at), r.fault);
 *   csv_reader_release(&r);
 *
 * RFC 4180, to the letter: a row ends at LF or CRLF, a blank is a byte like any other, a quote
 * stands at both ends of a field or nowhere, and is doubled inside. A BOM is no part of the text,
 * a line with nothing on it no row. UTF-16, NUL, and a CR without its LF outside of quotes are
 * refused. */
#ifndef AB_FORMATS_CSV_READER_H
#define AB_FORMATS_CSV_READER_H

#include "base/arena.h"

#include <csv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Line and column from 1; the column counts bytes. */
struct csv_place {
	uint32_t line;
	size_t column;
};

/* Where a row stands: enough to find its cells again. */
struct csv_span {
	size_t begin, end; /* offsets in the text; the line end is outside */
	uint32_t line; /* of `begin` */
};

struct csv_row {
	struct csv_span span;
	const char **cells; /* the strings live in the arena; the vector until the next call */
	uint32_t nr_cells;
};

struct csv_reader {
	const char *text; /* borrowed; begins behind the BOM */
	size_t len;
	struct arena *arena; /* borrowed */
	struct csv_row row;
	char fault[160]; /* what is wrong, and what to do */
	size_t fault_at; /* where, as an offset */

	struct csv_parser parser;
	size_t cap_cells;
	size_t next; /* where the next row begins */
	uint32_t next_line;
	bool was_checked; /* for what would spoil the whole text */
};

/* `text` and `arena` must outlive the reader. */
void csv_reader_init(struct csv_reader *r, const char *text, size_t len, struct arena *arena);
void csv_reader_release(struct csv_reader *r);
/* 1: `row` is the next one. 0: there is none. -1: `fault` says why the text cannot be read on; do
 * not ask again. */
int csv_reader_next(struct csv_reader *r);

/* Line and column of an offset, counted from `span`'s beginning, at or before the offset. */
struct csv_place csv_place(const struct csv_reader *r, const struct csv_span *span, size_t at);
/* Where a cell of a row begins; behind the last one: where the row ends. */
size_t csv_cell_offset(const struct csv_reader *r, const struct csv_span *span, uint32_t cell);

#endif
