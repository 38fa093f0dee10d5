/* config.json: the user's defaults for options.
 *
 *   {"defaults": {"jobs": 4, "auto-retry": true},
 *    "profiles": {"claude": {"timeout": "2h"}}}
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

struct config_json {
	struct arena arena; /* of the strings */
	struct config_entry *v;
	size_t nr, cap;
};

/* Adds the entries of a text, in its order. -1: "LINE:COL: what is wrong", from 1, the column in
 * bytes. config_json_release in both cases. */
int config_json_parse(struct config_json *c, const char *text, size_t len, struct err *err);
void config_json_release(struct config_json *c);

#endif
