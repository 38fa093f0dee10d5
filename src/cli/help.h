/* Help texts, made from the tables of commands and options. */
#ifndef AB_CLI_HELP_H
#define AB_CLI_HELP_H

#include "base/buf.h"
#include "cli/command.h"

/* All commands, a line each. */
void help_overview(struct buf *out);
/* One command with its options. */
void help_command(const struct command *c, struct buf *out);

#endif
