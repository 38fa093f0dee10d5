#include "view/text/width.h"
#include "base/utf8.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

int width_of(uint32_t cp)
{
	if (cp < 0x7F)
		return cp < 0x20 ? -1 : 1;
	if (cp < 0xA0)
		return -1;
	/* The replacement character must not itself need replacing where the locale lacks it. */
	if (cp == 0xFFFD)
		return 1;
	return wcwidth((wchar_t)cp);
}

size_t width_cut(const char *s, size_t n, size_t columns, size_t *used)
{
	size_t at = 0, col = 0;

	while (at < n) {
		uint32_t cp;
		size_t k = utf8_decode(s + at, n - at, &cp);
		int w = cp == UTF8_BAD ? 1 : width_of(cp);

		if (w > 0 && col + (size_t)w > columns)
			break;
		if (w > 0)
			col += (size_t)w;
		at += k;
	}
	if (used)
		*used = col;
	return at;
}

size_t width_mem(const char *s, size_t n)
{
	size_t used;

	(void)width_cut(s, n, SIZE_MAX, &used);
	return used;
}

size_t width_str(const char *s)
{
	return width_mem(s, strlen(s));
}

static void add_blanks(struct buf *out, size_t n)
{
	buf_reserve(out, n);
	memset(out->data + out->len, ' ', n);
	buf_commit(out, n);
}

void width_pad(struct buf *out, const char *s, size_t columns)
{
	size_t used;
	size_t n = width_cut(s, strlen(s), columns, &used);

	buf_add(out, s, n);
	add_blanks(out, columns - used);
}

void width_pad_left(struct buf *out, const char *s, size_t columns)
{
	size_t used;
	size_t n = width_cut(s, strlen(s), columns, &used);

	add_blanks(out, columns - used);
	buf_add(out, s, n);
}

bool width_has_utf8(void)
{
	const char *set = nl_langinfo(CODESET);

	return set && strcmp(set, "UTF-8") == 0 && wcwidth(0x2500) == 1;
}
