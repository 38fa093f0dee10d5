/* Launching tasks: what `launch`, `retry --launch` and `demo` share. */
#ifndef AB_CLI_LAUNCH_H
#define AB_CLI_LAUNCH_H

#include "cli/input.h"

#include <stdbool.h>

/* What became of it. */
struct launched {
	bool has_started;
	char *path; /* of its directory, malloc'ed; NULL where it has not */
};

/* Starts the batch of a tasks file that was read, and shows it or, with --detach, prints its
 * directory. Returns an exit status, after a line on stderr where it could not start. */
int launch_input(struct cli_args *args, struct input *in, struct launched *out);

/* Whether the flags that choose a screen agree. 0, or an exit status after a line on stderr. */
int launch_check_front(const struct cli_args *args, const char *command);
/* The same of a run whose tasks a planner makes. */
int launch_solve(struct cli_args *args, struct launched *out);

#endif
