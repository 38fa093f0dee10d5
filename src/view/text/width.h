/* How many columns text takes. Text here is clean UTF-8: it has passed view/text/sanitize.h. */
#ifndef AB_VIEW_WIDTH_H
#define AB_VIEW_WIDTH_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Combining marks that stay on one base. */
#define WIDTH_MARKS_MAX 2

/* Columns of a code point by the locale: 0 (a combining mark), 1, 2, or -1: not to be shown. */
int width_of(uint32_t cp);
/* Columns of a string, or of its first `n` bytes. */
size_t width_str(const char *s);
size_t width_mem(const char *s, size_t n);
/* How many bytes of `s` fit into `columns`, never ending inside a wide character or before its
 * combining marks; `*used` (may be NULL) is the columns they take. */
size_t width_cut(const char *s, size_t n, size_t columns, size_t *used);

/* Appends `s` cut and filled up with blanks to exactly `columns`. */
void width_pad(struct buf *out, const char *s, size_t columns);
/* The same with the blanks in front; a longer text is cut at its end. */
void width_pad_left(struct buf *out, const char *s, size_t columns);

/* Whether the locale can show our glyphs: UTF-8, and a box line is one column wide. */
bool width_has_utf8(void);

#endif
