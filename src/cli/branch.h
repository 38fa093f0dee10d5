/* Branches of retry cycles: judging what each of them would run. cli/options.c reads them. */
#ifndef AB_CLI_BRANCH_H
#define AB_CLI_BRANCH_H

#include "base/err.h"
#include "engine/command.h"
#include "formats/config_json.h"
#include "model/options.h"
#include "model/task.h"
#include "model/graph.h"

struct branch_check {
	struct options *options; /* branches with accounts of their own get them in full */
	const struct config_json *config; /* what config.json declares */
	struct tasks *tasks; /* as they are again afterwards */
	const struct graph_met *met; /* ids outside of the file, or NULL */
	const char *file;
	void (*warn)(void *ctx, const char *text);
	void *ctx;
	struct command_fault fault; /* set on failure: which row cannot be run */
};

/* Judges the options that a run with branches has, and for each branch what it would run, as
 * command_check does. Nothing happens without branches. */
int branches_check(struct branch_check *c, struct err *err);

/* Attempts of a row in one cycle, over all branches. */
long long branches_attempts(const struct options *o);

#endif
