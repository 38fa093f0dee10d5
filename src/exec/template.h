/* Command templates: shell words with placeholders, filled in one pass, never through a shell. */
#ifndef AB_EXEC_TEMPLATE_H
#define AB_EXEC_TEMPLATE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Splits as a shell splits words: quotes, backslash; no expansion of any kind. *words and each word
 * are malloc'ed. -1: an unclosed quote. */
int shell_split(const char *s, char ***words, size_t *nr, struct err *err);
void words_free(char **words, size_t nr);

/* Value of a placeholder, borrowed until the next call; NULL: no such name. */
typedef const char *(*template_lookup)(void *ctx, const char *name);

/* Fills one word. {{ and }} are literal braces; text that comes in is not expanded again. An
 * unknown name is an error that names it. Returns a malloc'ed string. */
char *template_fill(const char *word, template_lookup lookup, void *ctx, struct err *err);

/* Whether any of the words has the placeholder {name}. */
bool template_uses(char *const *words, size_t nr, const char *name);

#endif
