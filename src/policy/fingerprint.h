/* How a row failed: class and folded message of its last attempt. Rows that fail with the same one
 * in --give-up-after K cycles are set aside. Pure. */
#ifndef AB_POLICY_FINGERPRINT_H
#define AB_POLICY_FINGERPRINT_H

#include "base/buf.h"
#include "model/batch.h"

#include <stdbool.h>

/* Appends it. False: the row has not failed by an attempt of its own (it left no trace, or was
 * skipped or cancelled), and nothing is appended. */
bool fingerprint_of(const struct agent *a, struct buf *out);

#endif
