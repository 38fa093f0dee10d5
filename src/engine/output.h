/* The file that a row asks its agent to write (column output_file). It lies in the agent's directory,
 * not in ours: whatever is there is the user's, and is only ever added to by what the agent said. */
#ifndef AB_ENGINE_OUTPUT_H
#define AB_ENGINE_OUTPUT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a regular file is at `path`, written or changed at or after `since_t` (Unix ms). */
bool output_is_fresh(const char *path, int64_t since_t);

/* Writes the agent's final answer there, with a newline at its end, making missing directories.
 * A symlink at the last element is refused, and a pipe that nobody reads. */
int output_fill(const char *path, const char *answer, struct err *err);

/* Keeps a copy as attempts/<name> (created exclusively, 0600), at most OUTPUT_KEEP_BYTES of it. 1:
 * there is no such file; 0: kept. */
#define OUTPUT_KEEP_BYTES ((int64_t)64 << 20)
int output_keep(int attempts_fd, const char *name, const char *path, struct err *err);

#endif
