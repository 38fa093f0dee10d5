/* Which accounts a batch runs on: --accounts, and what config.json declares for its profiles. */
#ifndef AB_CLI_POOL_H
#define AB_CLI_POOL_H

#include "base/err.h"
#include "formats/config_json.h"
#include "model/options.h"
#include "model/task.h"

/* What is settled by. Everything is borrowed. */
struct pool_of {
	const struct config_json *config;
	const struct tasks *tasks; /* the rows that there are */
	void (*warn)(void *ctx, const char *text); /* told what is unwise */
	void *ctx;
};

/* Puts the accounts of the rows' and roles' profiles in place of the names in o->accounts ("work,ci", NULL: all
 * that are declared), as "claude/work,codex/ci": names choose among their own profile's, in their
 * order. With a planner these are the accounts of all profiles, for a plan may name any. Nothing
 * declared: NULL; NO_ACCOUNTS stays. -1: there is none of a name. */
int pool_settle(struct options *o, const struct pool_of *of, struct err *err);

/* Whether the value of every account in o->accounts can be had, before anything starts, but for those
 * that only a plan could name. -1: one cannot. */
int pool_check(const struct options *o, const struct pool_of *of, struct err *err);
/* The same of a run that goes on: accounts that cannot are told to `warn`, for others can take over.
 * -1: of some profile none can. */
int pool_check_again(const struct options *o, const struct pool_of *of, struct err *err);

#endif
