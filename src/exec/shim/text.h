/* Strings in fixed arrays, without stdio: it would be half of the program. */
#ifndef AB_EXEC_SHIM_TEXT_H
#define AB_EXEC_SHIM_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Appends to the string in `out`, which holds `size` bytes; what does not fit is cut. */
void text_add(char *out, size_t size, const char *s);
/* In decimal, with zeros in front up to `min_digits`. */
void text_add_uint(char *out, size_t size, uint64_t v, size_t min_digits);

#endif
