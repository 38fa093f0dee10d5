/* The last line of many agents' logs, and when each last grew: for the rows in sight. A line of JSON
 * as what it says. Holds no descriptor; a log is opened only when it changed since the last look,
 * and at most 64 KiB of it are read. */
#ifndef AB_VIEW_LOG_PEEK_H
#define AB_VIEW_LOG_PEEK_H

#include "formats/run_reader.h"

#include <stdint.h>

struct log_peek {
	int64_t size; /* bytes, 0: no log yet */
	int64_t changed_t; /* Unix ms, or NUM_NONE */
	char line[512]; /* the last line that is not empty, clean, or "" */
};

struct log_peeks;

struct log_peeks *log_peeks_new(void);
void log_peeks_free(struct log_peeks *p);
/* Valid until the next call. */
const struct log_peek *log_peek(struct log_peeks *p, const struct batch_reader *batch,
    uint32_t agent);

#endif
