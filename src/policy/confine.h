/* What a plan may not say that an agent program has made. Pure.
 *
 * Without --unattended agents may edit files in their directory, and no more. What a planner says
 * becomes rows of the run, and rows can do more than that: a validate cell is a command, the profile
 * shell runs its task as one, and a working directory or an output file may lie anywhere. Its words
 * may come from a page that it has read. So such a plan keeps inside of what an agent may do by
 * itself. A planner that is a command is a program of the user's own, and may say everything. */
#ifndef AB_POLICY_CONFINE_H
#define AB_POLICY_CONFINE_H

#include "base/err.h"
#include "model/options.h"
#include "model/task.h"

#include <stdbool.h>

/* Whether the plans of a run are to keep inside. */
bool confine_is_due(const struct options *o);
/* -1: a row does not; err says which, and what to do, in words that can be told to the planner.
 * Paths are judged as they are written: relative ones begin at o->cwd. */
int confine_check(const struct options *o, const struct tasks *ts, struct err *err);

#endif
