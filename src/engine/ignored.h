/* What rows ask for and the program that runs them has no way to be told. */
#ifndef AB_ENGINE_IGNORED_H
#define AB_ENGINE_IGNORED_H

#include "model/options.h"
#include "model/task.h"

/* Says a line for each profile and each of model, max_turns and further context paths that some of
 * its rows have and its command does not take. Nothing is said of --agent-command, of the shell and
 * of the simulated agent, nor where the profiles cannot be loaded. */
void ignored_columns(const struct options *o, const struct tasks *ts,
    void (*say)(void *ctx, const char *text), void *ctx);

#endif
