/* Where in its agent's log an attempt says what it failed by. */
#ifndef AB_VIEW_LOG_AT_H
#define AB_VIEW_LOG_AT_H

#include "model/batch.h"

#include <stdint.h>

/* The byte where the line that decided stands, or its message, the last of them; else the end of
 * what the attempt printed. Looks at the last 64 KiB of that. -1: there is no such place. */
int64_t log_at_failure(int fd, const struct attempt *at);

#endif
