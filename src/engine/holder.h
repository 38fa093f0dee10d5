/* Who conducts a batch, told to people. What is decided is decided by the lock alone. */
#ifndef AB_ENGINE_HOLDER_H
#define AB_ENGINE_HOLDER_H

#include "base/err.h"

#include <stdbool.h>

/* Sets err to "another conductor holds 'NAME' (pid N on HOST)". A conductor that has just taken the
 * lock tells its pid a moment later: that moment is waited for, a second at most. */
void holder_name(const char *dir, const char *name, struct err *err);

/* Whether who held the batch last, as its journal tells, has ended on this host: its locks are free
 * when its last thread has left the kernel, which may take as long as a slow disk's flush. Somebody
 * who took them meanwhile says so in the journal. Ask again every HOLDER_POLL_MS, for no longer
 * than HOLDER_PATIENCE_MS. */
bool holder_is_dying(const char *dir);

#define HOLDER_POLL_MS 20
#define HOLDER_PATIENCE_MS 10000

#endif
