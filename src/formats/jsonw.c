#include "formats/jsonw.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "model/event.h"
#include "model/task.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jsonw_init(struct jsonw *w, struct buf *out, int indent)
{
	*w = (struct jsonw){.out = out, .indent = indent};
}

static void new_line(struct jsonw *w)
{
	static const char spaces[] = "                                ";
	size_t left = (size_t)w->depth * (size_t)w->indent;

	buf_ch(w->out, '\n');
	while (left) {
		size_t n = left < sizeof(spaces) - 1 ? left : sizeof(spaces) - 1;

		buf_add(w->out, spaces, n);
		left -= n;
	}
}

/* What stands in front of a key, or of a value that has none. */
static void separate(struct jsonw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->has_value[w->depth])
		buf_ch(w->out, ',');
	w->has_value[w->depth] = true;
	if (w->indent && w->depth)
		new_line(w);
}

static void open_level(struct jsonw *w, char c)
{
	separate(w);
	buf_ch(w->out, c);
	if (++w->depth >= ARRAY_LEN(w->has_value))
		BUG("json nested too deep");
	w->has_value[w->depth] = false;
}

void jsonw_object(struct jsonw *w)
{
	open_level(w, '{');
}

void jsonw_array(struct jsonw *w)
{
	open_level(w, '[');
}

void jsonw_end(struct jsonw *w, char close)
{
	bool was_empty = !w->has_value[w->depth];

	if (w->depth == 0 || w->after_key)
		BUG("json closed where nothing is open");
	w->depth--;
	if (w->indent && !was_empty)
		new_line(w);
	buf_ch(w->out, close);
}

static void add_escape(struct buf *out, uint32_t cp)
{
	static const char short_names[] = "btn?fr"; /* from 8; 11 has none */

	if (cp == '"' || cp == '\\') {
		buf_ch(out, '\\');
		buf_ch(out, (char)cp);
	} else if (cp >= 8 && cp <= 13 && cp != 11) {
		buf_ch(out, '\\');
		buf_ch(out, short_names[cp - 8]);
	} else {
		buf_fmt(out, "\\u%04x", (unsigned)cp);
	}
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* utf8_is_tricky: escaped too, though JSON does not ask for it: these lines are also printed on
 * terminals, some of which obey an 8-bit CSI. */
static void add_string(struct buf *out, const char *s, size_t n)
{
	buf_ch(out, '"');
	while (n) {
		uint32_t cp;
		size_t k = 0;

		while (k < n && is_plain((unsigned char)s[k]))
			k++;
		buf_add(out, s, k);
		s += k;
		n -= k;
		if (n == 0)
			break;
		k = utf8_decode(s, n, &cp);
		if (cp == UTF8_BAD)
			buf_str(out, "\xEF\xBF\xBD");
		else if (cp < 0x80 || utf8_is_tricky(cp))
			add_escape(out, cp);
		else
			buf_add(out, s, k);
		s += k;
		n -= k;
	}
	buf_ch(out, '"');
}

void jsonw_key(struct jsonw *w, const char *key)
{
	separate(w);
	add_string(w->out, key, strlen(key));
	buf_ch(w->out, ':');
	if (w->indent)
		buf_ch(w->out, ' ');
	w->after_key = true;
}

void jsonw_strn(struct jsonw *w, const char *s, size_t n)
{
	separate(w);
	add_string(w->out, s, n);
}

void jsonw_str(struct jsonw *w, const char *s)
{
	if (s)
		jsonw_strn(w, s, strlen(s));
	else
		jsonw_null(w);
}

static void add_unsigned(struct buf *out, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(out, digits + at, sizeof(digits) - at);
}

/* Also of INT64_MIN, whose negative does not fit. */
static uint64_t add_sign(struct buf *out, int64_t v)
{
	if (v >= 0)
		return (uint64_t)v;
	buf_ch(out, '-');
	return -(uint64_t)v;
}

void jsonw_int(struct jsonw *w, int64_t v)
{
	separate(w);
	add_unsigned(w->out, add_sign(w->out, v));
}

/* The user's locale may have another decimal point than JSON. */
static void fix_point(char *s)
{
	const char *point = localeconv()->decimal_point;
	size_t n = strlen(point);
	char *at = strstr(s, point);

	if (n == 0 || !at)
		return;
	*at = '.';
	memmove(at + 1, at + n, strlen(at + n) + 1);
}

void jsonw_num(struct jsonw *w, double v)
{
	char s[64];
	int digits;

	if (!isfinite(v)) {
		jsonw_null(w);
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	fix_point(s);
	jsonw_raw(w, s);
}

void jsonw_usd(struct jsonw *w, double usd)
{
	jsonw_num(w, round(usd * 1e9) / 1e9);
}

void jsonw_bool(struct jsonw *w, bool v)
{
	jsonw_raw(w, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
	jsonw_raw(w, "null");
}

void jsonw_ms(struct jsonw *w, int64_t ms)
{
	unsigned frac;
	uint64_t v;

	separate(w);
	v = add_sign(w->out, ms);
	add_unsigned(w->out, v / 1000);
	frac = (unsigned)(v % 1000);
	if (frac % 10)
		buf_fmt(w->out, ".%03u", frac);
	else if (frac % 100)
		buf_fmt(w->out, ".%02u", frac / 10);
	else if (frac)
		buf_fmt(w->out, ".%u", frac / 100);
}

void jsonw_raw(struct jsonw *w, const char *json)
{
	separate(w);
	buf_str(w->out, json);
}

void jsonw_kstr(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s);
}

void jsonw_kstr_or_null(struct jsonw *w, const char *key, const char *s)
{
	jsonw_kstr(w, key, s && *s ? s : NULL);
}

void jsonw_kwords(struct jsonw *w, const char *key, const char *s)
{
	const char *word;
	size_t len;

	jsonw_key(w, key);
	jsonw_array(w);
	while ((word = task_next_word(&s, &len)))
		jsonw_strn(w, word, len);
	jsonw_end(w, ']');
}

void jsonw_kint(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_int(w, v);
}

void jsonw_knum(struct jsonw *w, const char *key, double v)
{
	jsonw_key(w, key);
	jsonw_num(w, v);
}

void jsonw_kusd(struct jsonw *w, const char *key, double usd)
{
	jsonw_key(w, key);
	jsonw_usd(w, usd);
}

void jsonw_kbool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void jsonw_kms(struct jsonw *w, const char *key, int64_t ms)
{
	jsonw_key(w, key);
	jsonw_ms(w, ms);
}

void jsonw_kint_or_null(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	if (v == NUM_NONE)
		jsonw_null(w);
	else
		jsonw_int(w, v);
}

void jsonw_kms_or_null(struct jsonw *w, const char *key, int64_t ms)
{
	jsonw_key(w, key);
	if (ms == NUM_NONE)
		jsonw_null(w);
	else
		jsonw_ms(w, ms);
}

void jsonw_kint_if_told(struct jsonw *w, const char *key, int64_t v)
{
	if (v != NUM_NONE)
		jsonw_kint(w, key, v);
}

void jsonw_kms_if_told(struct jsonw *w, const char *key, int64_t ms)
{
	if (ms != NUM_NONE)
		jsonw_kms(w, key, ms);
}
