/* What a first launch is told that names no agent. */
#ifndef AB_ENGINE_NO_AGENT_H
#define AB_ENGINE_NO_AGENT_H

#include "base/err.h"

/* Sets err to which of the known programs are on the PATH and the one command to go on with; -1.
 * command: "launch" or "solve". what: how the tasks file was named, or what stands for the problem. */
int no_agent_refuse(const char *command, const char *what, struct err *err);

#endif
