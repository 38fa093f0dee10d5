/* With --exclusive-dir: whose turn it is in the directory that a row waits for. Told by the journal,
 * as the conductor decides it (policy/dirs.h); which rows share a directory is looked up once. */
#ifndef AB_VIEW_DIR_TURNS_H
#define AB_VIEW_DIR_TURNS_H

#include "base/buf.h"
#include "formats/run_reader.h"

struct view_model;

struct dir_turns {
	const struct batch *batch; /* borrowed */
	uint64_t events; /* its nr_events then */
	uint32_t *of; /* the directory of each row, from 0; NULL: rows may share one */
	uint32_t *holder; /* of each directory: the agent, or AGENT_NONE */
	uint32_t nr;
};

#define DIR_TURNS_INIT ((struct dir_turns){0})
void dir_turns_release(struct dir_turns *d);

/* The agent at work in the directory of a row that could start but for that; AGENT_NONE: there is
 * none. Valid until the next event. */
uint32_t dir_turns_find(struct dir_turns *d, const struct batch_reader *r, uint32_t agent);

/* "dir in use by a1 (running 0:12)". Of a row of the shown batch; one clean line. False:
 * it does not wait for its directory. */
bool dir_turns_add(const struct view_model *m, uint32_t agent, struct buf *out);

#endif
