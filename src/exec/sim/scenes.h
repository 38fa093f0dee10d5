/* The log of a simulated agent: lines as an agent at work prints them. The same id, attempt and
 * task give the same lines; different ids work in different ways on different files. Pure. */
#ifndef AB_EXEC_SIM_SCENES_H
#define AB_EXEC_SIM_SCENES_H

#include "base/buf.h"

#include <stdint.h>

#define SCENE_WORDS 12

struct scene {
	uint64_t dice;
	unsigned kind; /* which vocabulary */
	unsigned at; /* line within it */
	char words[SCENE_WORDS][24]; /* of the task */
	unsigned nr_words;
};

void scene_init(struct scene *s, const char *id, int64_t attempt, const char *task);
/* Replaces *line by the next line, without its end. */
void scene_line(struct scene *s, struct buf *line);
/* A sentence that sums up the work, for the answer. */
void scene_summary(struct scene *s, struct buf *out);
/* A number from 0 to n - 1. */
unsigned scene_roll(struct scene *s, unsigned n);

#endif
