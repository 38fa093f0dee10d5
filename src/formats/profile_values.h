/* Values of a profile's fields (profile_json.h): what a field may hold, and how it is refused.
 * `path` is how messages name the value. All return 0, or -1 with err set. */
#ifndef AB_FORMATS_PROFILE_VALUES_H
#define AB_FORMATS_PROFILE_VALUES_H

#include "base/err.h"
#include "model/class.h"

#include <cjson/cJSON.h>
#include <stddef.h>

struct value_word {
	const char *word; /* NULL ends the table */
	int value;
};

struct value_string {
	const char *key; /* NULL ends the table */
	char **out; /* malloc'ed; left alone where the key is missing */
};

/* The whole text (n bytes) as JSON; the caller deletes it. NULL with line and column in err. */
cJSON *value_parse(const char *json, size_t n, struct err *err);

int value_wrong(const char *path, const char *wanted, struct err *err);
/* A string that is not empty; malloc'ed. */
int value_text(const cJSON *item, const char *path, char **out, struct err *err);
/* A regular expression: a string, or an array of its alternatives. malloc'ed. */
int value_regex(const cJSON *item, const char *path, char **out, struct err *err);
int value_one_of(const cJSON *item, const char *path, const struct value_word *words, int *out,
    struct err *err);
/* An object of these keys, strings all. */
int value_strings_of(const cJSON *item, const char *path, const struct value_string *strings,
    struct err *err);
/* Seconds, or "90", "90s", "30m", "4h", "1.5d". */
int value_duration(const cJSON *item, const char *path, double *out, struct err *err);
int value_class(const cJSON *item, const char *path, enum attempt_class *out, struct err *err);
/* These two leave the message to the caller. */
int value_exit_code(const cJSON *item, int *out);
int value_amount(const cJSON *item, double *out);

#endif
