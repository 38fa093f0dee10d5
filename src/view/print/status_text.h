/* One screen of text about a batch, for `watch` and for grep: three lines on the whole, one on the
 * run, then its agents. And the same as JSON. */
#ifndef AB_VIEW_STATUS_TEXT_H
#define AB_VIEW_STATUS_TEXT_H

#include "base/buf.h"
#include "base/clock.h"
#include "formats/run_reader.h"

#include <stdbool.h>

struct status_opts {
	struct instant now;
	int columns; /* no line is longer */
	int rows; /* lines at most, "and N more" included; 0: no bound */
	bool all; /* every agent, the completed ones too; no bound */
	/* Failed agents are listed beyond `rows`: a pipe into grep must not miss one. */
	bool keep_failures;
	bool color;
};

void status_text(const struct run_reader *run, const struct batch_reader *chosen,
    const struct status_opts *opts, struct buf *out);

/* DESIGN.md's `status --json`, one object with a newline. */
void status_json(const struct run_reader *run, const struct batch_reader *chosen, struct buf *out);

#endif
