/* Where a role's reply stands: attempts/<id>.<n>.out, whether a command printed it there or a
 * program's answer was put there. */
#ifndef AB_ENGINE_REPLY_H
#define AB_ENGINE_REPLY_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/batch_dir.h"
#include "model/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_MAX ((size_t)16 << 20)

/* Whether the role is a command, whose stdout it is. */
bool reply_is_printed(const struct options *o);
/* A command that failed may have said why where its reply belongs: its end, at most `room` bytes.
 * Returns how many. */
size_t reply_tail(const struct batch_dir *dir, const char *id, uint32_t n, char *out, size_t room);
/* Appends the reply of an attempt that succeeded; what is not printed is first put there, from
 * `answer`. */
int reply_take(const struct batch_dir *dir, const struct options *o, const char *id, uint32_t n,
    const struct buf *answer, struct buf *reply, struct err *err);

#endif
