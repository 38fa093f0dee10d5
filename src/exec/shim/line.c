#include "exec/shim/line.h"
#include "base/utf8.h"
#include "exec/shim/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STRING_MAX 500

int64_t now_ms(int clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* There is room for every line we make; whatever comes, nothing is written past the end. Two bytes
 * are kept for the end of the line. */
static void add(struct line *l, const char *s, size_t n)
{
	if (n > sizeof(l->text) - 2 - l->len)
		n = sizeof(l->text) - 2 - l->len;
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

static void add_str(struct line *l, const char *s)
{
	add(l, s, strlen(s));
}

static void add_uint(struct line *l, uint64_t v, size_t min_digits)
{
	char digits[24] = "";

	text_add_uint(digits, sizeof(digits), v, min_digits);
	add_str(l, digits);
}

static void add_key(struct line *l, const char *key)
{
	add_str(l, ",\"");
	add_str(l, key);
	add_str(l, "\":");
}

void line_begin(struct line *l, const char *ev)
{
	int64_t t = now_ms(CLOCK_REALTIME);

	l->len = 0;
	add_str(l, "{\"ev\":\"");
	add_str(l, ev);
	add_str(l, "\",\"t\":");
	add_uint(l, (uint64_t)t / 1000, 1);
	add_str(l, ".");
	add_uint(l, (uint64_t)t % 1000, 3);
	line_int(l, "m", now_ms(CLOCK_MONOTONIC));
}

void line_int(struct line *l, const char *key, int64_t v)
{
	add_key(l, key);
	if (v < 0)
		add_str(l, "-");
	add_uint(l, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1);
}

static void add_code_point(struct line *l, const char *s, size_t n, uint32_t cp)
{
	static const char hex[] = "0123456789abcdef";
	char escaped[6] = {'\\', 'u', '0', '0', hex[cp >> 4 & 15], hex[cp & 15]};

	if (cp == UTF8_BAD) {
		add_str(l, "\xef\xbf\xbd");
	} else if (cp == '"' || cp == '\\') {
		add_str(l, "\\");
		add(l, s, 1);
	} else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
		add(l, escaped, sizeof(escaped));
	} else {
		add(l, s, n);
	}
}

void line_str(struct line *l, const char *key, const char *s)
{
	size_t left = strlen(s);
	size_t start;

	add_key(l, key);
	add_str(l, "\"");
	start = l->len;
	while (left && l->len - start < STRING_MAX - 8) {
		uint32_t cp;
		size_t n = utf8_decode(s, left, &cp);

		add_code_point(l, s, n, cp);
		s += n;
		left -= n;
	}
	if (left)
		add_str(l, "...");
	add_str(l, "\"");
}

void line_end(struct line *l)
{
	l->text[l->len++] = '}';
	l->text[l->len++] = '\n';
}

int line_write(const struct line *l, int fd)
{
	static bool is_torn;
	ssize_t n;

	if (is_torn && write(fd, "\n", 1) != 1)
		return -1;
	is_torn = false;
	do
		n = write(fd, l->text, l->len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)l->len)
		return 0;
	if (n >= 0) {
		is_torn = true;
		errno = ENOSPC;
	}
	return -1;
}
