/* Paths as users write them. */
#ifndef AB_BASE_PATH_H
#define AB_BASE_PATH_H

#include "base/buf.h"

#include <stddef.h>

/* The home directory: $HOME, else what the user database says, else "/". Borrowed until the next
 * call. */
const char *home_dir(void);

/* Replaces `out` by the `len` bytes at `path` as an absolute path: "~" and "~/..." begin at home,
 * a relative one at `cwd`; an empty one is `cwd` itself. Nothing is looked up, ".." stays. */
void path_resolve(struct buf *out, const char *cwd, const char *path, size_t len);

#endif
