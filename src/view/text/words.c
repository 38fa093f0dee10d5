#include "view/text/words.h"

#include <stdarg.h>
#include <stdio.h>

void words_add(struct words *w, unsigned gap, struct style style, const char *fmt, ...)
{
	struct word *word;
	va_list ap;

	if (w->nr == WORDS_MAX)
		return;
	word = &w->v[w->nr];
	va_start(ap, fmt);
	vsnprintf(word->text, sizeof(word->text), fmt, ap);
	va_end(ap);
	word->style = style;
	word->gap = (uint8_t)(w->nr ? gap : 0);
	w->nr++;
}

int words_width(const struct words *w)
{
	size_t n = 0, i;

	for (i = 0; i < w->nr; i++)
		n += w->v[i].gap + width_str(w->v[i].text);
	return (int)n;
}

int words_paint(const struct words *w, struct cells *c, int row, int col, int end)
{
	size_t i;

	for (i = 0; i < w->nr; i++)
		col = cells_text(c, row, col + w->v[i].gap, end, w->v[i].style, w->v[i].text);
	return col;
}
