/* Why an attempt ended: from how its process ended and the end of what it printed.
 *
 * Pure: bytes in, a verdict out. A reset that is told as a moment is returned as such, for the
 * caller to settle (engine/reset.h: zones need files, and a limit that lasts for long is a window).
 * Patterns are compiled once (patterns.h). */
#ifndef AB_POLICY_CLASSIFY_H
#define AB_POLICY_CLASSIFY_H

#include "base/err.h"
#include "model/event.h"
#include "model/profile.h"
#include "policy/patterns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLASSIFY_TAIL_BYTES 65536 /* of the log are judged, at most */
#define LONG_WAIT_MS (300 * 1000) /* a limit that is told to last longer is a window */

struct classifier; /* a profile's patterns with the shared ones, compiled */

/* NULL profile: the shared patterns alone, `base`, which is borrowed and outlives the classifier. NULL
 * with err set: a pattern of the profile does not compile. */
struct classifier *classifier_new(const struct profile *profile, struct pattern_base *base,
    struct err *err);
void classifier_free(struct classifier *c);

struct ended {
	struct ev_exit exit;
	const char *tail; /* the last bytes of its output; need not end at a line */
	size_t tail_len;
	const char *task; /* its own prompt: an echo of it never counts. May be NULL */
	/* What it was told of the attempt before: lines of it never count. May be NULL */
	const char *feedback;
};

struct verdict {
	enum attempt_class class;
	int64_t retry_after_ms; /* NUM_NONE: not told */
	int64_t reset_at_t; /* Unix ms told as an epoch or date with zone, or NUM_NONE */
	/* A clock time that the caller must resolve: text and zone cut from the output; "" if none. */
	char reset_text[128];
	char message[512]; /* one line for people */
	char evidence[512]; /* the line that decided, or "" */
};

void classify(const struct classifier *c, const struct ended *e, struct verdict *out);

#endif
