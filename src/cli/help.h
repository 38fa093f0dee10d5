/* Help texts, made from the tables of commands and options. */
#ifndef AB_CLI_HELP_H
#define AB_CLI_HELP_H

#include "base/buf.h"
#include "cli/command.h"
#include "cli/config.h"

/* All commands, a line each. */
void help_overview(struct buf *out);
/* One command with its options. */
/* `config`: what of it is in force stands behind each option. */
void help_command(const struct command *c, const struct config *config, struct buf *out);

#endif
