/* Inside of formats: a tasks CSV while it is being read. tasks_csv.c goes through the rows,
 * tasks_check.c judges their cells, both tell what they find by tasks_fault. */
#ifndef AB_FORMATS_TASKS_LOAD_H
#define AB_FORMATS_TASKS_LOAD_H

#include "base/buf.h"
#include "formats/csv_reader.h"
#include "formats/tasks_csv.h"

struct tasks_load {
	struct tasks *ts;
	const struct tasks_read_opts *opts;
	struct err *err;
	struct csv_reader reader;
	struct csv_span *spans; /* of each row in ts->v */
	uint32_t cap_spans;
	unsigned nr_faults;
	bool is_over; /* no more faults are wanted */
	bool has_gaps; /* a row was refused: dependencies on it are not unknown */

	/* What was asked before, by the cell's text. */
	struct map profiles; /* -> 0 or 1 */
	struct map contexts; /* -> number of the working directory, or CONTEXT_BAD */
	struct map dirs; /* "dev:ino" -> number of the directory */
	uint32_t *dir_of; /* working directory of each row, numbered as in `dirs`; NULL: not kept */
	uint32_t cap_dir_of;
	struct buf path;
};

#define CONTEXT_BAD (MAP_NONE - 1)

/* What a message says about a place. `cell` is a column of the file, nr_columns for the end of the
 * row. Ends the reading (is_over) unless the caller wants every fault. */
void tasks_fault(struct tasks_load *l, const struct csv_span *span, uint32_t cell, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
/* The same for a warning. */
void tasks_warn(struct tasks_load *l, const struct csv_span *span, uint32_t cell, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* A piece of a cell that fits a message: one line, cut where it gets long. */
#define EXCERPT_SIZE 96
const char *tasks_excerpt(const char *s, char out[EXCERPT_SIZE]);

/* Judges the cells of row `i`, all but id and depends_on. */
void tasks_check_row(struct tasks_load *l, uint32_t i);
/* Builds the graph and judges what rows are to each other: unknown dependencies, cycles, and a
 * warning where they may overwrite each other. */
void tasks_check_relations(struct tasks_load *l, struct graph *g);

#endif
