/* The patterns that all profiles share: $XDG_CONFIG_HOME/agent-batch/patterns/base.json before
 * SHARE/agent-batch/patterns/base.json. The user's stands for ours, or adds to it where it says
 * "base": "base". */
#ifndef AB_EXEC_SHARED_PATTERNS_H
#define AB_EXEC_SHARED_PATTERNS_H

#include "base/err.h"
#include "policy/patterns.h"

#include <stddef.h>

/* Reads and compiles them; the caller frees them. NULL with err set: there is no file, or one of them
 * is wrong, and nothing can be judged. */
struct pattern_base *shared_patterns_load(struct err *err);

/* The files they are read from, at most two, malloc'ed; returns how many. -1 as above. */
int shared_patterns_check(char *files[2], struct err *err);

#endif
