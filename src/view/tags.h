/* Agents that somebody has marked (Space), to act on them together. Tags are the viewer's own: they
 * go along to the next cycle, where it has the same ids, and end with the screen. */
#ifndef AB_VIEW_TAGS_H
#define AB_VIEW_TAGS_H

#include "formats/run_reader.h"

#include <stdbool.h>
#include <stdint.h>

/* Begins as {0}. */
struct tags {
	const struct batch_reader *batch; /* whose agents they are; borrowed */
	bool *is_tagged; /* by agent */
	uint32_t agents; /* as many as that is for */
	uint32_t nr; /* how many are */
};

void tags_release(struct tags *t);
/* The agents are those of this batch now: tags go over to the same ids. */
void tags_follow(struct tags *t, const struct batch_reader *batch);
bool tags_has(const struct tags *t, uint32_t agent);
void tags_set(struct tags *t, uint32_t agent, bool is_tagged);
void tags_clear(struct tags *t);

#endif
