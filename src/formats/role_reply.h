/* What a validator and a synthesizer answer. A planner's reply: formats/plan.h. */
#ifndef AB_FORMATS_ROLE_REPLY_H
#define AB_FORMATS_ROLE_REPLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/solve.h"

#include <stdbool.h>
#include <stddef.h>

/* {"is_complete": true, "data_quality": "good", "missing_requirements": [], "warnings": []} */
struct verdict_reply {
	bool is_complete;
	enum solve_quality quality;
	const char **missing; /* requirements; may hold newlines, never a NUL */
	size_t nr_missing;
	const char **warnings;
	size_t nr_warnings;
	struct arena arena; /* of the strings */
};

/* Reads it out of prose and ``` fences. Where several objects have a key is_complete, the last one
 * counts, even if it is faulty: what stands before it was an example or a draft.
 *
 * is_complete must be true or false, data_quality "good", "fair" or "poor"; missing_requirements and
 * warnings are arrays of strings, or missing or null: none. A key of these that stands twice is a
 * fault, others are passed over, and so are empty strings. `v` is initialised here, and released by
 * the caller whatever comes back. -1: err says why, in words that can be told to the validator. */
int verdict_reply_read(struct verdict_reply *v, const char *reply, size_t len, struct err *err);
void verdict_reply_release(struct verdict_reply *v);
bool verdict_reply_passed(const struct verdict_reply *v);

/* The synthesizer's answer is its whole reply: sets *answer_len to its length without white space at
 * the end. -1: nothing is left, err says so. */
int answer_reply_read(const char *reply, size_t len, size_t *answer_len, struct err *err);

#endif
