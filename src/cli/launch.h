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

#endif
