/* Where profiles come from: $XDG_CONFIG_HOME/agent-batch/profiles/NAME.json before
 * SHARE/agent-batch/profiles/NAME.json, SHARE beside the executable (../share). */
#ifndef AB_EXEC_PROFILES_H
#define AB_EXEC_PROFILES_H

#include "base/err.h"
#include "model/profile.h"

#include <stdbool.h>

/* Loads by name. 1: there is none (err lists those there are); -1: it is there and wrong. */
int profile_load(const char *name, struct profile *p, struct err *err);
bool profile_exists(const char *name);
/* Whether it came with the program, rather than from the user's own directory. */
bool profile_is_ours(const struct profile *p);
/* Where its program lies; NULL: it cannot be run here. malloc'ed. */
char *profile_program(const struct profile *p);
/* Names of all, sorted; *names and each name are malloc'ed. */
int profile_list(char ***names, size_t *nr, struct err *err);
/* The directory of our own helper programs (shim, simulated agent): what {libexec} stands for. */
const char *libexec_dir(void);

#endif
