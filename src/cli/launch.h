/* Launching tasks: what `launch`, `retry --launch` and `demo` share. */
#ifndef AB_CLI_LAUNCH_H
#define AB_CLI_LAUNCH_H

#include "cli/input.h"

#include <stdbool.h>

/* Starts the batch of a tasks file that was read, and shows it or, with --detach, prints its
 * directory. Returns an exit status after a line on stderr where it could not start. `*started`
 * (may be NULL) tells whether it did. */
int launch_input(struct cli_args *args, struct input *in, bool *started);

#endif
