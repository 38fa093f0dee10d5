/* Answers against the expected ones: how many of a run's rows are right, by level. */
#ifndef AB_VIEW_SCORE_H
#define AB_VIEW_SCORE_H

#include "base/buf.h"
#include "base/map.h"
#include "formats/run_reader.h"

#include <stdbool.h>
#include <stdint.h>

struct score_level {
	const char *name; /* the cell of column Level or level; "" where there is none */
	uint32_t scored, correct;
};

struct score_row {
	const struct merged_row *row;
	const char *expect, *level;
	bool is_correct;
};

/* Begins as {0}; everything is borrowed from the run, until score_release. */
struct score {
	struct merged_row *merged;
	struct score_row *rows; /* those with an expected answer, in the original's order */
	uint32_t nr, nr_unscored; /* the rest has none */
	uint32_t nr_open; /* of the scored ones: not through yet, and counted as wrong */
	struct score_level *levels; /* by number, then by name */
	uint32_t nr_levels, cap_levels;
	struct map by_name; /* of the levels while they are counted */
	uint32_t correct;
};

/* A row is correct when its answer is the expected one (policy/gaia.h), or when it has completed,
 * where no answer was told: its validation has seen one. */
void score_init(struct score *s, const struct run_reader *run);
void score_release(struct score *s);

void score_text(const struct score *s, struct buf *out);
void score_json(const struct score *s, const char *run, struct buf *out);

#endif
