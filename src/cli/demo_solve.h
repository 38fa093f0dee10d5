/* demo --solve: simulated agents plan a problem, work on it, answer it, and judge the answer. */
#ifndef AB_CLI_DEMO_SOLVE_H
#define AB_CLI_DEMO_SOLVE_H

#include "cli/command.h"

/* Plays it in a batches directory, and checks that it went as scripted. An exit status. */
int demo_solve(struct cli_args *args, const char *batches);

#endif
