/* How long a service said to wait, and when it said its window resets: read from the text of one
 * error. Pure; a clock time is left as text. */
#ifndef AB_POLICY_WAITS_H
#define AB_POLICY_WAITS_H

#include "policy/patterns.h"

#include <stdint.h>

struct told {
	int64_t retry_after_ms; /* NUM_NONE: not told */
	int64_t reset_at_t; /* Unix ms of an epoch, or NUM_NONE */
	char reset_text[128]; /* a clock time or date, or "" */
};

void waits_read(const struct patterns *ps, const char *p, size_t n, struct told *out);

/* The sum of "5 days 22 hours", "1m30s", "900.2ms" in milliseconds; -1: no such span. */
int64_t span_ms(const char *p, size_t n);

#endif
