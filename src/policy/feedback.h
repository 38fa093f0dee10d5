/* What a retry may be told of the attempt before it: as text for a prompt. Pure.
 *
 * It is data: nothing in it is a format, a placeholder or a command, it holds no control bytes but
 * newline and tab, it is valid UTF-8, and it is at most FEEDBACK_MAX bytes long. */
#ifndef AB_POLICY_FEEDBACK_H
#define AB_POLICY_FEEDBACK_H

#include "base/buf.h"
#include "model/batch.h"

#include <stddef.h>

#define FEEDBACK_MAX 12288
/* Of a validation's output its end is told, at most this much. */
#define FEEDBACK_VALIDATION_MAX 6144

/* Appends class, message, evidence and the end of the validation's output ("" for none) of an
 * attempt that has its verdict. Nothing is appended of one that succeeded. */
void feedback_text(const struct attempt *at, const char *validation, size_t len, struct buf *out);

/* How it stands behind a task in a prompt. */
void feedback_append(struct buf *prompt, const char *feedback);

#endif
