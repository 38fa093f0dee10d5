/* The living descendants of this process: all that an attempt has started. Since the shim is their
 * subreaper, none can leave the tree, whatever sessions and double forks it makes. */
#ifndef AB_EXEC_SHIM_TREE_H
#define AB_EXEC_SHIM_TREE_H

#include "exec/procstat.h"

#include <stdbool.h>

/* Calls `fn` for every descendant that is no zombie, parents first. It returns whether to go on to
 * the children of that process. What forks meanwhile may be missed: look again until none is left. */
void tree_walk(bool (*fn)(void *ctx, const struct procstat *ps), void *ctx);

/* Signals exactly that process, or nobody. */
void process_signal(const struct procstat *ps, int sig);

/* Whether the process is called that: the kernel's name for it, or the last part of its argv[0]. */
bool process_is_called(const struct procstat *ps, const char *name, size_t len);

#endif
