/* Follows a run on stdout without a screen, until it ends or is left. */
#ifndef AB_CLI_FOLLOW_H
#define AB_CLI_FOLLOW_H

#include "cli/options.h"
#include "formats/run_reader.h"

#include <stdbool.h>
#include <stdint.h>

/* What of the batches' journals is old news; empty: all of it is told. */
struct follow_since {
	struct follow_from {
		char batch[NAME_SIZE];
		uint64_t events;
		int64_t bytes;
	} * v; /* malloc'ed */
	size_t nr;
};

struct follow_opts {
	const struct front_options *front;
	const struct follow_since *since; /* or NULL */
	/* INT and TERM are handed on to the conductor; else they only end the following. */
	bool hands_on_signals;
	bool ignores_hangup; /* a terminal that goes does not end it */
};

/* `dir`: the batch from which on is told; later cycles follow. Of a run with roles all is told that is
 * news, whichever of its batches was named: its phases stand in the original. Returns the run's exit code, 6 when
 * left while it runs, 7 when nobody conducts it any more. */
int follow_run(const struct batch_dir *dir, const struct follow_opts *opts);

/* From what the reader has folded on. */
void follow_from_here(struct follow_since *s, const struct run_reader *run);
void follow_since_release(struct follow_since *s);

#endif
