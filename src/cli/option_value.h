/* How the text behind an option is read: one value of one kind (cli/options.h). */
#ifndef AB_CLI_OPTION_VALUE_H
#define AB_CLI_OPTION_VALUE_H

#include "base/err.h"
#include "cli/options.h"

/* Sets `field`, which is of the type that d->kind stands for; a text is copied, and the one before it
 * freed. `value` may be NULL for a flag. Not for KIND_BRANCH. -1: it is no such value; err says why
 * where it has words of its own for that, and is left as it is where "wants ..., not ..." says all. */
int option_value_set(const struct option_def *d, const char *value, void *field, struct err *err);

/* What a value should have looked like: "seconds (90, 1.5) or 15m, 4h, 2d"; the name of the argument
 * where that says it. */
const char *option_value_wanted(const struct option_def *d);

#endif
