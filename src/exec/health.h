/* What on this machine would hurt a batch. Looks and tries out; leaves nothing behind. */
#ifndef AB_EXEC_HEALTH_H
#define AB_EXEC_HEALTH_H

#include "base/err.h"
#include "base/findings.h"

/* `batches`: the batches directory, absolute; it need not be there yet. */
void health_of_machine(const char *batches, struct findings *f);

/* Whether batches could be made there, asked without making anything: 0, or -1 with why not. */
int health_takes_batches(const char *batches, struct err *err);

/* The parts of it, for tests. */
void health_of_batches_dir(const char *batches, struct findings *f);
void health_of_limits(struct findings *f);
void health_of_logout(struct findings *f);
void health_of_clock(struct findings *f);
void health_of_home(struct findings *f);
void health_of_programs(struct findings *f);
void health_of_terminal(struct findings *f);

#endif
