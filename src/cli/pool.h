/* Which accounts a batch runs on: --accounts, and what config.json declares for its profiles. */
#ifndef AB_CLI_POOL_H
#define AB_CLI_POOL_H

#include "base/err.h"
#include "formats/config_json.h"
#include "model/options.h"
#include "model/task.h"

/* Puts the accounts of the rows' and roles' profiles in place of the names in o->accounts ("work,ci", NULL: all
 * that are declared), as "claude/work,codex/ci": names choose among their own profile's, in their
 * order. Nothing declared: NULL; NO_ACCOUNTS stays. -1: there is none of a name. */
int pool_settle(struct options *o, const struct config_json *config, const struct tasks *ts,
    struct err *err);

/* Whether the value of every account in o->accounts can be had, before anything starts. `warn` is
 * told what is unwise. -1: one cannot. */
int pool_check(const struct options *o, const struct config_json *config,
    void (*warn)(void *ctx, const char *text), void *ctx, struct err *err);
/* The same of a run that goes on: accounts that cannot are told to `warn`, for others can take over.
 * -1: of some profile none can. */
int pool_check_again(const struct options *o, const struct config_json *config,
    void (*warn)(void *ctx, const char *text), void *ctx, struct err *err);

#endif
