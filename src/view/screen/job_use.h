/* How many job slots were in use over time, over all agents of a batch or of several: found once,
 * kept in order of time, so that a window of it costs what happened inside the window. */
#ifndef AB_VIEW_JOB_USE_H
#define AB_VIEW_JOB_USE_H

#include "formats/run_reader.h"
#include "view/screen/time_axis.h"

#include <stddef.h>
#include <stdint.h>

/* Moments in order; Unix ms. */
struct job_times {
	int64_t *v;
	size_t nr, cap;
};

struct job_use {
	struct job_times starts, ends;
	struct job_use_batch {
		const struct batch_reader *batch;
		uint32_t agents; /* as many as `seen` is for; before a plan has come: none */
		uint64_t events; /* that were looked at */
		/* By agent: attempts whose start, and whose end is taken in. */
		struct job_use_seen {
			uint32_t starts, ends;
		} * seen;
	} * batches;
	size_t nr_batches, cap_batches;
};

void job_use_init(struct job_use *u);
void job_use_release(struct job_use *u);
void job_use_clear(struct job_use *u);
/* Takes in what is new in that batch. */
void job_use_add(struct job_use *u, const struct batch_reader *r);

#define JOB_USE_NONE UINT32_MAX
/* The mean of each cell, rounded; JOB_USE_NONE before the first start and from `now_t` on. */
void job_use_cells(const struct job_use *u, const struct time_axis *x, int64_t now_t,
    uint32_t *cells);

#endif
