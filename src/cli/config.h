/* The user's defaults: $XDG_CONFIG_HOME/agent-batch/config.json, for all batches and by profile.
 * What is on the command line goes before them, and they go before what is built in. */
#ifndef AB_CLI_CONFIG_H
#define AB_CLI_CONFIG_H

#include "base/err.h"
#include "cli/options.h"
#include "formats/config_json.h"

struct config {
	char *path; /* where it is looked for; NULL: no home to look in */
	bool is_there;
	struct config_json json;
};

/* Reads and judges it: every name is an option's, every value one that it takes. A file that is not
 * there is empty. -1: "FILE:LINE:COL: what is wrong"; config_release all the same. */
int config_load(struct config *c, struct err *err);
void config_release(struct config *c);

/* Sets what it says of the command's options, and notes it in a->configured; `profile` NULL: what it
 * says for all, else for batches of that profile. What was given stays. */
void config_apply(const struct config *c, struct cli_args *a, const char *profile);
/* The last entry on an option, of a profile or (NULL) for all; NULL: none. */
const struct config_entry *config_entry_on(const struct config *c, const char *name,
    const char *profile);
/* The accounts and defaults that a command goes by: none where config.json was not read. */
const struct config_json *config_of(const struct cli_args *a);
/* Whether the command starts agents: then it must be right. */
bool config_launches(enum command_id command);
/* Whether it may stand there. */
bool config_takes(const struct option_def *d);

#endif
