/* launch --dry-run: what would start, and nothing else. */
#ifndef AB_CLI_DRY_RUN_H
#define AB_CLI_DRY_RUN_H

#include "cli/input.h"

int dry_run(const struct cli_args *args, const struct input *in);

#endif
