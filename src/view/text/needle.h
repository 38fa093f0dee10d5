/* What somebody looks for, as it was typed behind '/': a word as it stands, or a regular expression
 * behind a second '/'. Case counts when an upper case letter was typed. Matching is bounded: an
 * expression that runs into its limit has not matched. */
#ifndef AB_VIEW_NEEDLE_H
#define AB_VIEW_NEEDLE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct needle_regex;

/* Begins as {0}: finds nothing. */
struct needle {
	char *text; /* malloc'ed; NULL: nothing is looked for */
	size_t len;
	bool folds; /* upper and lower case ASCII letters are alike */
	struct needle_regex *regex; /* NULL: a plain word */
};

/* "" ends the search. -1: no regular expression (err); then nothing is found. */
int needle_set(struct needle *n, const char *typed, struct err *err);
void needle_release(struct needle *n);
bool needle_is_set(const struct needle *n);

/* The first match in s[from, len) that is not empty: bytes [*at, *end). False: none. */
bool needle_find(const struct needle *n, const char *s, size_t len, size_t from, size_t *at,
    size_t *end);
bool needle_matches(const struct needle *n, const char *s, size_t len);

#endif
