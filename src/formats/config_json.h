/* config.json: the user's defaults for options, and the accounts of each profile.
 *
 *   {"defaults": {"jobs": 4, "auto-retry": true},
 *    "profiles": {"claude": {"timeout": "2h"}},
 *    "accounts": {"claude": {"work": {"ANTHROPIC_API_KEY": {"from": "WORK_KEY"}},
 *                            "home": {"CLAUDE_CONFIG_DIR": {"value": "~/.claude-home"}}}}}
 *
 * Names are those of launch's options, without dashes; what they may be and which values they take
 * is the option table's to say. Read strictly: a member that means nothing, a name twice, or a value
 * that no option could have is refused, with line and column. */
#ifndef AB_FORMATS_CONFIG_JSON_H
#define AB_FORMATS_CONFIG_JSON_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_entry {
	const char *profile; /* NULL: of all */
	const char *name; /* of the option */
	const char *value; /* as it would stand on the command line; "true" or "false" of a flag */
	bool is_flag;
	uint32_t line;
	size_t column;
};

/* Where a variable of an account gets its value: nothing secret stands in the file itself. */
enum assign_from {
	ASSIGN_FROM_VARIABLE, /* of the environment that the conductor is started in */
	ASSIGN_FROM_FILE, /* its content; the path begins with / or ~/ */
	ASSIGN_VALUE /* as it stands there; ~ and ~/ at its beginning are home */
};

struct config_assign {
	const char *name; /* the agent's variable */
	enum assign_from from;
	const char *text; /* a variable's name, a path, or the value */
};

#define CONFIG_ASSIGNS 16 /* of one account */

struct config_account {
	const char *profile; /* or COMMAND_ACCOUNT */
	const char *name; /* "profile/name" */
	struct config_assign v[CONFIG_ASSIGNS];
	size_t nr;
};

struct config_json {
	struct arena arena; /* of the strings */
	struct config_entry *v;
	size_t nr, cap;
	struct config_account *accounts; /* in the order of the file */
	size_t nr_accounts, cap_accounts;
};

/* Adds the entries of a text, in its order. -1: "LINE:COL: what is wrong", from 1, the column in
 * bytes. config_json_release in both cases. */
int config_json_parse(struct config_json *c, const char *text, size_t len, struct err *err);
void config_json_release(struct config_json *c);

/* Where it is looked for, malloc'ed; NULL: there is no home to look in. */
char *config_json_path(void);
/* Reads the file; one that is not there is empty, *is_there says which. -1: "FILE:LINE:COL: what is
 * wrong", or why it cannot be read. config_json_release in any case. */
int config_json_load(struct config_json *c, const char *path, bool *is_there, struct err *err);

/* "profile/name", or NULL. */
const struct config_account *config_account_find(const struct config_json *c, const char *name);

#endif
