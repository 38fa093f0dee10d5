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
#include "policy/verdict.h"

#include <stddef.h>

#define CLASSIFY_TAIL_BYTES 65536 /* of the log are judged, at most */

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

void classify(const struct classifier *c, const struct ended *e, struct verdict *out);

#endif
