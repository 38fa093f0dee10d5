#include "exec/shim/text.h"

#include <string.h>

void text_add(char *out, size_t size, const char *s)
{
	size_t have = strlen(out);
	size_t n = strlen(s);

	if (have + n >= size)
		n = size - have - 1;
	memcpy(out + have, s, n);
	out[have + n] = '\0';
}

void text_add_uint(char *out, size_t size, uint64_t v, size_t min_digits)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	for (; at && (v || sizeof(digits) - 1 - at < min_digits); v /= 10)
		digits[--at] = (char)('0' + v % 10);
	text_add(out, size, digits + at);
}
