/* What one agent prints, attempt by attempt, as it comes: to a terminal as clean text, with the
 * lines of JSON streams made readable; otherwise byte for byte. How attempts end is told on stderr. */
#ifndef AB_CLI_AGENT_STREAM_H
#define AB_CLI_AGENT_STREAM_H

#include "formats/run_reader.h"

#include <stdbool.h>
#include <stdint.h>

struct agent_stream {
	const struct batch_reader *batch; /* borrowed */
	uint32_t agent;
	bool is_clean; /* for a terminal */
	bool is_quiet; /* only how attempts end */
	int fd; /* the log; -1: not there yet */
	uint32_t attempt; /* index of the one that is read */
	int64_t at; /* its next byte; -1: it has not begun */
	struct buf line; /* clean: one whose end has not come */
};

void agent_stream_init(struct agent_stream *s, const struct batch_reader *batch, uint32_t agent);
void agent_stream_release(struct agent_stream *s);
/* Prints what has come since. Call it when the log has grown or the batch was refreshed. */
void agent_stream_pump(struct agent_stream *s);

#endif
