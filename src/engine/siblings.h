/* The other branches of the cycle that a batch belongs to: their journals are followed, so that a
 * row that one of them has completed is given up here, and so that the one that ends last knows it.
 * Nothing is written, no lock of theirs is taken. */
#ifndef AB_ENGINE_SIBLINGS_H
#define AB_ENGINE_SIBLINGS_H

#include "engine/conductor.h"
#include "formats/run_reader.h"
#include "policy/budget.h"

#include <stdint.h>
#include <uv.h>

struct siblings;

struct siblings_opts {
	uv_loop_t *loop; /* NULL: they are only read, when asked */
	const struct batch_reader *own; /* borrowed */
	/* A row of this batch that is not through has been completed by that branch (borrowed until
	 * siblings_free). Told again as long as it is not through. */
	void (*on_won)(void *ctx, uint32_t agent, const char *branch);
	/* Something was read: what they have spent, or who of them has ended, may be another. */
	void (*on_change)(void *ctx);
	void (*log)(void *ctx, const char *line);
	void *ctx;
};

/* NULL where the batch is no branch. */
struct siblings *siblings_new(const struct siblings_opts *opts);
void siblings_close(struct siblings *s); /* its handles; the loop closes them */
void siblings_free(struct siblings *s);

/* Reads what is new and tells of it. */
void siblings_read(struct siblings *s);
/* As of the last read; the pointers stay until siblings_free. */
void siblings_round(const struct siblings *s, struct round *out);
/* Adds what the others have cost. */
void siblings_spent(const struct siblings *s, struct spent *sum);
/* How many branches have not ended, this one among them, and how many of those stand before it. */
void siblings_living(const struct siblings *s, uint32_t *nr, uint32_t *before);

#endif
