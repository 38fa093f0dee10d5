/* Options as the JSON object of manifest.json and of the first `batch` event. */
#ifndef AB_FORMATS_OPTIONS_JSON_H
#define AB_FORMATS_OPTIONS_JSON_H

#include "base/err.h"
#include "formats/jsonw.h"
#include "model/options.h"

#include <stdbool.h>

void options_format(const struct options *o, struct jsonw *w);
/* Into an initialised one: a field that is missing or of the wrong type keeps its value. */
int options_parse(const char *json, struct options *o, struct err *err);
/* They stand in a batch's first event, which is one line of the journal. -1: they are too long for it. */
int options_check_length(const struct options *o, struct err *err);
/* Only what those keys say, as an object's text; malloc'ed. */
char *options_pick(const struct options *o, const struct text_list *keys);
/* Whether the branch has a value of its own for that key. */
bool options_branch_sets(const struct branch *b, const char *key);
/* What the branch sets has that text (NULL: null) there, too. */
void options_branch_put(struct branch *b, const char *key, const char *value);
/* Makes the run's options those of one of its branches; what its flags replace is kept. */
int options_branch(struct options *o, const struct branch *b, struct err *err);
/* The run's own again. Nothing happens to options that are no branch's. */
void options_unbranch(struct options *o);

#endif
