/* What an account gives an agent's environment: the values that its assignments in config.json stand
 * for, taken from variables and files when an agent is about to start. They go into the environment
 * of the agent and nowhere else: no message, no log and no file of ours ever holds one. */
#ifndef AB_EXEC_ACCOUNT_ENV_H
#define AB_EXEC_ACCOUNT_ENV_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/config_json.h"

/* The values of one account, in the order of its assignments. */
struct account_env {
	const struct config_account *account; /* borrowed */
	char *values[CONFIG_ASSIGNS]; /* owned; NULL: not read */
};

/* Reads them anew. -1: one cannot be had (a variable that is not set or empty, a file that cannot be
 * read or holds nothing), err says which; then there are none. */
int account_env_read(struct account_env *e, const struct config_account *account, struct err *err);
void account_env_release(struct account_env *e);

/* Appends a line of what is unwise about its files (others can read one), "" where nothing is. */
void account_env_warn(const struct config_account *account, struct buf *out);

/* How an assignment reads without its value: "ANTHROPIC_API_KEY from $WORK_KEY". */
void account_assign_text(const struct config_assign *a, struct buf *out);

/* Tells accounts apart: two of the same name and assignments have the same key, as far as can be
 * known without looking at it. */
void account_identity(const struct config_account *account, struct buf *out);

/* Takes the variables out of an environment (`nr` malloc'ed strings) that any account of the profile
 * sets or is taken from: an agent sees only its own account's. Returns how many are left. */
size_t account_env_hide(const struct config_json *c, const char *profile, char **env, size_t nr);

#endif
