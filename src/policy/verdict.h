/* What came of an attempt, as the classifier says it. */
#ifndef AB_POLICY_VERDICT_H
#define AB_POLICY_VERDICT_H

#include "model/event.h"

#include <stddef.h>
#include <stdint.h>

#define LONG_WAIT_MS (300 * 1000) /* a limit that is told to last longer is a window */

struct verdict {
	enum attempt_class class;
	int64_t retry_after_ms; /* NUM_NONE: not told */
	int64_t reset_at_t; /* Unix ms told as an epoch or date with zone, or NUM_NONE */
	/* A clock time that the caller must resolve: text and zone cut from the output; "" if none. */
	char reset_text[128];
	char message[512]; /* one line for people */
	char evidence[512]; /* the line that decided, or "" */
};

void verdict_clear(struct verdict *v);
/* Both take any bytes and keep one line of them, cut at a whole character. The message is the
 * sentence in what a service sent as its error. */
void verdict_set_message(struct verdict *v, const char *p, size_t n);
void verdict_set_evidence(struct verdict *v, const char *p, size_t n);

#endif
