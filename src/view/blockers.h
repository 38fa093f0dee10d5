/* What keeps a row from starting, or kept it for good: of the rows before it, the nearest one that
 * itself waits for none. Found for all rows at once when one is asked for, once for each state of the
 * batch; no I/O. */
#ifndef AB_VIEW_BLOCKERS_H
#define AB_VIEW_BLOCKERS_H

#include "base/buf.h"
#include "model/batch.h"

struct view_model;
struct batch_reader;

struct blocker {
	uint32_t agent;
	uint32_t parent; /* the row's own parent on the way to it; itself where it is one */
	uint32_t depth; /* 1: it is a parent, 2: a parent's parent, ... */
};

struct blockers {
	const struct batch *batch; /* borrowed */
	uint64_t events; /* its nr_events then */
	uint32_t agents; /* and its agents */
	struct blocker *v; /* by agent; depth 0: none */
};

#define BLOCKERS_INIT ((struct blockers){0})
void blockers_release(struct blockers *k);

/* Of a blocked row: the nearest one that is not blocked itself, which runs, waits, may start, or
 * has ended otherwise than by completing. Of a skipped row: the nearest one that failed or was
 * cancelled. NULL: there is none. Valid until the next event. */
const struct blocker *blockers_find(struct blockers *k, const struct batch *b, uint32_t agent);

/* Parents that are not completed, those that wait for none themselves first and by their states;
 * room for `max`. Returns how many. */
uint32_t blockers_parents(const struct batch *b, uint32_t agent, uint32_t *parents, uint32_t max);

/* "right, slow and 5 more (running 0:03, in 4:56)": parents that wait for none. Where all of them wait
 * themselves, the way from the blocker down: "0001 (running 0:12) > 997 more > 0999". Of a blocked
 * row of the shown batch; one clean line. */
void blockers_add_waits(const struct view_model *m, uint32_t agent, struct buf *out);
/* "left failed: task_error, through bottom and 3 more". Of a skipped row; what its journal says of
 * it where nothing better is known. One clean line. */
void blockers_add_skip(struct blockers *k, const struct batch *b, uint32_t agent, struct buf *out);
/* "running 3:41", "in 0:23", "failed: auth": how a row stands. */
void blockers_add_state(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    struct buf *out);

#endif
