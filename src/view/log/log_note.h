/* Lines of ours between those of a log: how an attempt has ended, what is waited for. */
#ifndef AB_VIEW_LOG_NOTE_H
#define AB_VIEW_LOG_NOTE_H

#include "base/buf.h"
#include "model/batch.h"

#include <stdint.h>

struct log_note {
	int64_t at; /* it stands before the line that begins here */
	uint32_t attempt; /* index, or one of: */
};
#define LOG_NOTE_WAIT AGENT_NONE
#define LOG_NOTE_REPLACED (AGENT_NONE - 1) /* the file became another one */

/* Appends it, as one line. `a` is the agent whose log it is. */
void log_note_text(const struct batch *b, const struct agent *a, const struct log_note *note,
    struct buf *out);

#endif
