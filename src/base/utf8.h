/* UTF-8, decoded strictly (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). */
#ifndef AB_BASE_UTF8_H
#define AB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xFFFFFFFFu

/* Decodes one code point of the `n` > 0 bytes at `p`. Returns how many bytes it took. Of a bad
 * sequence it takes the longest part that could have begun a good one (at least 1), cp UTF8_BAD. */
size_t utf8_decode(const char *p, size_t n, uint32_t *cp);
/* Writes 1 to 4 bytes; returns how many. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* How many bytes at the beginning are whole, good code points. */
size_t utf8_valid_prefix(const char *p, size_t n);
bool utf8_is_valid(const char *p, size_t n);
/* Controls, C1 and what turns the direction of writing: nothing that a line of ours may hold. */
bool utf8_is_tricky(uint32_t cp);

#endif
