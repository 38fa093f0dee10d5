/* --branch 'NAME: FLAGS': reading it, and judging what the branches would run. */
#ifndef AB_CLI_BRANCH_H
#define AB_CLI_BRANCH_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/command.h"
#include "formats/config_json.h"
#include "model/options.h"
#include "model/task.h"
#include "model/graph.h"

/* Adds the branch that the text says. -1: err says what is wrong with it. */
int branch_add(struct options *o, const char *text, struct err *err);

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
