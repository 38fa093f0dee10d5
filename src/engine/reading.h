/* An ended attempt's whole output, read in steps: for profiles whose usage is a sum over it, or whose
 * answer may stand anywhere in it. A step is short, for it is taken in the conductor's turn. */
#ifndef AB_ENGINE_READING_H
#define AB_ENGINE_READING_H

#include "policy/harvest.h"

#include <stdbool.h>
#include <stdint.h>

#define READING_STEP_BYTES ((int64_t)256 * 1024)

struct reading {
	uint32_t agent, n; /* whose attempt it is */
	int64_t at, to; /* bytes of the log still to be read */
	struct harvest harvest;
	bool is_done;
	struct usage usage; /* once it is done */
	const char *answer; /* borrowed from the harvest, or NULL */
};

/* Those under way; few, for most outputs are short. */
struct readings {
	struct reading **v;
	size_t nr, cap;
};

void readings_release(struct readings *rs);
/* The reading of this attempt; NULL: it has not begun. One of an earlier attempt is dropped. */
struct reading *readings_find(struct readings *rs, uint32_t agent, uint32_t n);
struct reading *readings_begin(struct readings *rs, uint32_t agent, uint32_t n, int64_t from,
    int64_t to, const struct answer_finder *finder);
void readings_drop(struct readings *rs, struct reading *r);

/* Reads on; whether it is done. A log that cannot be read ends where it can be read to. */
bool reading_step(struct reading *r, int log_fd);

#endif
