/* The roles that `launch`, `check` and `solve` are given. */
#ifndef AB_CLI_ROLES_H
#define AB_CLI_ROLES_H

#include "cli/options.h"

/* launch and check: roles are on when a validator is named on the command line, for config.json may
 * name some for solve. Both return 0, or an exit status after a line on stderr. */
int roles_of_launch(struct cli_args *args);
/* solve: all three of them; who is not named is the run's agent. */
int roles_of_solve(struct cli_args *args);

#endif
