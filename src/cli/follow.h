/* Follows a run on stdout without a screen, until it ends or is left. */
#ifndef AB_CLI_FOLLOW_H
#define AB_CLI_FOLLOW_H

#include "cli/options.h"
#include "formats/run_reader.h"

#include <stdbool.h>
#include <stdint.h>

/* What of the first batch's journal is old news: zero to tell all of it. */
struct follow_from {
	uint64_t events;
	int64_t bytes;
};

struct follow_opts {
	const struct front_options *front;
	struct follow_from from;
	/* INT and TERM are handed on to the conductor; else they only end the following. */
	bool hands_on_signals;
	bool ignores_hangup; /* a terminal that goes does not end it */
};

/* `dir`: the batch from which on is told; later cycles follow. Returns the run's exit code, 6 when
 * left while it runs, 7 when nobody conducts it any more. */
int follow_run(const struct batch_dir *dir, const struct follow_opts *opts);

/* From what the reader has folded on. */
struct follow_from follow_from_here(const struct batch_reader *r);

#endif
