/* --exclusive-dir: one agent at a time in a directory.
 *
 * A directory is held by the agent that is at work in it, from its first start to its end: also
 * between its attempts, since what it has half done is still lying there. Others wait without a
 * slot. An agent that cannot go on by itself (past --max-wait, or its accounts wait for a person)
 * holds nothing: nobody knows when it will be back. */
#ifndef AB_POLICY_DIRS_H
#define AB_POLICY_DIRS_H

#include "model/batch.h"

#include <stdbool.h>
#include <stdint.h>

struct live;

struct dirs {
	const uint32_t *of; /* the directory of each row, from 0; NULL: none is exclusive */
	uint32_t nr; /* directories */
	uint32_t *holder; /* of each: the agent, or AGENT_NONE */
	uint32_t *held; /* those that have one, so that they can be let go */
	uint32_t nr_held;
};

/* `of`: one number for each of `nr_rows` rows, taken over (malloc'ed). */
void dirs_init(struct dirs *d, uint32_t *of, uint32_t nr_rows);
void dirs_release(struct dirs *d);

/* Finds out anew who holds what. `live`: of each agent; `nr_busy`: how many are busy in it; what
 * waits in a pool that `is_out` says yes to cannot go on by itself. */
void dirs_update(struct dirs *d, const struct batch *b, const struct live *live, uint32_t nr_busy,
    bool (*is_out)(void *ctx, const struct pool *pool), void *ctx);
/* Whether somebody else holds the agent's directory. */
bool dirs_blocks(const struct dirs *d, uint32_t agent);

#endif
