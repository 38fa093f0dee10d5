/* Rows that name no directory: all of them work where launch was called. */
#ifndef AB_ENGINE_CROWD_H
#define AB_ENGINE_CROWD_H

#include "model/graph.h"
#include "model/options.h"
#include "model/task.h"

/* Says one line where several of them may edit files there at the same time. Nothing is said of
 * rows that wait for each other, of --agent-command, the shell and the simulated agent, of profiles
 * that edit nothing, and where rows take turns. */
void crowd_look(const struct options *o, const struct tasks *ts, const struct graph *g,
    void (*say)(void *ctx, const char *text), void *ctx);

#endif
