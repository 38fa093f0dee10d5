/* Who conducts a batch, told to people. What is decided is decided by the lock alone. */
#ifndef AB_ENGINE_HOLDER_H
#define AB_ENGINE_HOLDER_H

#include "base/err.h"

/* Sets err to "another conductor holds 'NAME' (pid N on HOST)". A conductor that has just taken the
 * lock tells its pid a moment later: that moment is waited for, a second at most. */
void holder_name(const char *dir, const char *name, struct err *err);

#endif
