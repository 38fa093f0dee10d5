#include "policy/fold.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What may stand behind a number without making it a name. */
static const char *const units[] = {"ms", "us", "ns", "s", "m", "h", "d", "min", "sec", "k", "K",
    "M", "G", "T", "B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "x", "th", "st", "nd",
    "rd"};

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_punctuation(char c)
{
	return strchr(".,:-", c) != NULL;
}

/* The length of the word at `s`, and whether it looks like a path or url. */
static size_t word_span(const char *s, bool *is_path)
{
	size_t n = 0;

	*is_path = false;
	while (is_word_byte(s[n]) || s[n] == '/' || s[n] == ':' || s[n] == '~' ||
	    (s[n] == ',' && n > 0 && isdigit((unsigned char)s[n - 1]) &&
		isdigit((unsigned char)s[n + 1]))) {
		*is_path = *is_path || s[n] == '/';
		n++;
	}
	return n;
}

/* How many of the `n` bytes are a number as it may be written: 429, 1.5, 1,234, 10:32:07. */
static size_t number_span(const char *s, size_t n)
{
	size_t k = strspn(s, "0123456789.,:-");

	if (k > n)
		k = n;
	while (k > 0 && !isdigit((unsigned char)s[k - 1]))
		k--;
	return k;
}

static size_t unit_span(const char *s, size_t n)
{
	size_t i, k = 0;

	while (k < n && isalpha((unsigned char)s[k]))
		k++;
	for (i = 0; i < ARRAY_LEN(units); i++)
		if (strlen(units[i]) == k && memcmp(units[i], s, k) == 0)
			return k;
	return 0;
}

/* 429, 900s, 1h30m: numbers, each with its unit or alone. False, and nothing is added: something
 * else. */
static bool fold_numbers(const char *s, size_t n, struct buf *out)
{
	size_t was = out->len, at = 0;

	while (at < n) {
		size_t number = number_span(s + at, n - at), unit;

		if (number == 0) {
			buf_cut(out, was);
			return false;
		}
		unit = unit_span(s + at + number, n - at - number);
		buf_str(out, "<n>");
		buf_add(out, s + at + number, unit);
		at += number + unit;
	}
	return true;
}

/* A hash, a uuid, req_011CSHoE..: digits among the letters; or long, and of hex letters alone. */
static bool is_id(const char *s, size_t n)
{
	size_t i, hex = 0;

	for (i = 0; i < n; i++)
		hex += isxdigit((unsigned char)s[i]) != 0;
	if ((hex == n && n >= 8) || (n > 2 && s[0] == '0' && (s[1] | 0x20) == 'x'))
		return true;
	return n >= 4 && strcspn(s, "0123456789") < n;
}

static size_t fold_word(const char *s, struct buf *out)
{
	bool is_path;
	size_t n = word_span(s, &is_path), word = n, from = 0;

	/* Punctuation around it is not the word's. */
	while (word > 0 && is_punctuation(s[word - 1]))
		word--;
	while (from < word && is_punctuation(s[from]))
		from++;
	if (word == 0)
		return 0;
	if (is_path && word > 1) {
		buf_str(out, "<path>");
		return word;
	}
	buf_add(out, s, from);
	if (fold_numbers(s + from, word - from, out))
		;
	else if (is_id(s + from, word - from))
		buf_str(out, "<id>");
	else
		buf_add(out, s + from, word - from);
	return word;
}

/* ---- quotes ------------------------------------------------------------- */

/* rate_limit_error: what JSON says by names is not folded. */
static bool is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' && s[i] != '-')
			return false;
	return n > 0 && n <= 40;
}

/* The quote that ends the string, or NULL. In JSON a backslash takes the next one's meaning. */
static const char *closing_quote(const char *s, bool is_json)
{
	const char *p;

	for (p = s + 1; *p; p++) {
		if (is_json && *p == '\\' && p[1])
			p++;
		else if (*p == *s)
			return p;
	}
	return NULL;
}

static size_t fold_quoted(const char *s, bool is_json, struct buf *out)
{
	const char *end = closing_quote(s, is_json);
	size_t n;

	if (!end)
		return 0;
	n = (size_t)(end - s) + 1;
	if (is_json && is_name(s + 1, n - 2))
		buf_add(out, s, n);
	else
		buf_str(out, "<id>");
	return n;
}

/* Inside a word an apostrophe quotes nothing. */
static bool is_quote(const char *s, const char *begin)
{
	return strchr("\"'`", *s) && (s == begin || !isalnum((unsigned char)s[-1]));
}

void fold_text(const char *text, struct buf *out)
{
	bool is_json = false;
	const char *s;

	for (s = text; *s;) {
		size_t n = 0;

		is_json = is_json || (s[0] == '{' && s[1] == '"');
		if (is_quote(s, text))
			n = fold_quoted(s, is_json && *s == '"', out);
		if (n == 0)
			n = fold_word(s, out);
		if (n == 0) {
			buf_ch(out, *s);
			n = 1;
		}
		s += n;
	}
}
