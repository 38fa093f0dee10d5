/* A line put together of words in their own styles, before it is known whether they fit. */
#ifndef AB_VIEW_WORDS_H
#define AB_VIEW_WORDS_H

#include "view/text/cells.h"

#include <stddef.h>

#define WORDS_MAX 16 /* what is more is left out */

struct word {
	char text[200];
	struct style style;
	uint8_t gap; /* blanks before it */
};

/* Begins as {0}. */
struct words {
	struct word v[WORDS_MAX];
	size_t nr;
};

/* `gap` blanks before it, but not before the first. */
void words_add(struct words *w, unsigned gap, struct style style, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int words_width(const struct words *w);
/* Returns the column behind them. */
int words_paint(const struct words *w, struct cells *c, int row, int col, int end);

#endif
