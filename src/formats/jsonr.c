#include "formats/jsonr.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "model/event.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the grammar --------------------------------------------------------
 * Each function takes the place of the first byte and returns the one behind what it read, or
 * NULL: not JSON. None reads at or behind `end`. `fault->at` is then where it went wrong: the value
 * that cannot be read, or what stands where none may. */

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* From behind the opening quote to behind the closing one. */
static const char *skip_string(const char *p, const char *end)
{
	while (p < end) {
		unsigned char c = (unsigned char)*p++;

		if (c == '"')
			return p;
		if (c < 0x20)
			return NULL;
		if (c != '\\')
			continue;
		if (p == end)
			return NULL;
		c = (unsigned char)*p++;
		if (c == 'u') {
			if (json_unit(p, (size_t)(end - p)) < 0)
				return NULL;
			p += 4;
		} else if (c == '\0' || !strchr("\"\\/bfnrt", c)) {
			return NULL;
		}
	}
	return NULL;
}

static const char *skip_digits(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && is_digit(*p))
		p++;
	return p > from ? p : NULL;
}

static const char *skip_number(const char *p, const char *end)
{
	const char *from;

	if (p < end && *p == '-')
		p++;
	from = p;
	p = skip_digits(p, end);
	if (!p || (*from == '0' && p - from > 1))
		return NULL;
	if (p < end && *p == '.')
		p = skip_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(p, end);
	}
	return p;
}

static const char *skip_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0 ? p + n : NULL;
}

static const char *skip_value(const char *p, const char *end, int depth, struct jsonr_fault *fault);

/* "key" :, from behind the opening quote to the value. */
static const char *skip_key(const char *p, const char *end)
{
	p = skip_string(p, end);
	if (p)
		p = skip_blanks(p, end);
	if (!p || p == end || *p != ':')
		return NULL;
	return skip_blanks(p + 1, end);
}

/* From behind the opening bracket to behind the closing one. */
static const char *skip_members(const char *p, const char *end, char close, int depth,
    struct jsonr_fault *fault)
{
	if (depth > JSONR_DEPTH)
		return NULL;
	p = skip_blanks(p, end);
	if (p < end && *p == close)
		return p + 1;
	for (fault->at = p; p < end; fault->at = p) {
		if (close == '}') {
			if (*p++ != '"')
				return NULL;
			p = skip_key(p, end);
		}
		if (p)
			p = skip_value(p, end, depth, fault);
		if (!p)
			return NULL;
		fault->at = p = skip_blanks(p, end);
		if (p == end)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p++ != ',')
			return NULL;
		p = skip_blanks(p, end);
	}
	return NULL;
}

/* From the opening bracket to behind the closing one. */
static const char *skip_nested(const char *p, const char *end, char close, int depth,
    struct jsonr_fault *fault)
{
	const char *behind = skip_members(p + 1, end, close, depth, fault);

	if (!behind)
		fault->open[fault->nr_open++] = p;
	return behind;
}

static const char *skip_value(const char *p, const char *end, int depth, struct jsonr_fault *fault)
{
	fault->at = p;
	if (p == end)
		return NULL;
	switch (*p) {
	case '"':
		return skip_string(p + 1, end);
	case '{':
		return skip_nested(p, end, '}', depth + 1, fault);
	case '[':
		return skip_nested(p, end, ']', depth + 1, fault);
	case 't':
		return skip_word(p, end, "true");
	case 'f':
		return skip_word(p, end, "false");
	case 'n':
		return skip_word(p, end, "null");
	default:
		return skip_number(p, end);
	}
}

/* One `"key": value`; p stands on the quote. */
static const char *read_member(struct jsonr *r, const char *p, const char *end)
{
	const char *key, *value;
	struct jsonr_fault fault;

	if (p == end || *p != '"')
		return NULL;
	key = ++p;
	value = skip_key(p, end);
	if (!value)
		return NULL;
	fault.nr_open = 0;
	p = skip_value(value, end, 1, &fault);
	if (p && r->nr < JSONR_MEMBERS) {
		const char *quote = value;

		/* Back over the colon and blanks to the key's closing quote. */
		while (*--quote != '"')
			;
		r->members[r->nr++] = (struct jsonr_member){
		    .key = key,
		    .key_len = (uint32_t)(quote - key),
		    .text = value,
		    .text_len = (uint32_t)(p - value),
		};
	}
	return p;
}

bool jsonr_object(struct jsonr *r, const char *text, size_t n)
{
	const char *end = text + n;
	const char *p = skip_blanks(text, end);

	r->nr = 0;
	if (n > UINT32_MAX || p == end || *p++ != '{')
		return false;
	p = skip_blanks(p, end);
	if (p < end && *p == '}')
		return skip_blanks(p + 1, end) == end;
	for (;;) {
		p = read_member(r, p, end);
		if (!p)
			return false;
		p = skip_blanks(p, end);
		if (p == end)
			return false;
		if (*p == '}')
			return skip_blanks(p + 1, end) == end;
		if (*p++ != ',')
			return false;
		p = skip_blanks(p, end);
	}
}

const char *jsonr_value_end_or(const char *p, const char *end, struct jsonr_fault *fault)
{
	fault->nr_open = 0;
	return skip_value(p, end, 0, fault);
}

const char *jsonr_value_end(const char *p, const char *end)
{
	struct jsonr_fault fault;

	return jsonr_value_end_or(p, end, &fault);
}

bool jsonr_is_value(const char *text, size_t n)
{
	const char *end = text + n;
	const char *p = jsonr_value_end(skip_blanks(text, end), end);

	return p && skip_blanks(p, end) == end;
}

/* ---- values ------------------------------------------------------------- */

/* A key written with escapes is not recognised: we write none, and what we do not know is passed
 * over. */
static const struct jsonr_member *find(const struct jsonr *r, const char *key)
{
	size_t n = strlen(key);
	size_t i;

	for (i = 0; i < r->nr; i++) {
		const struct jsonr_member *m = &r->members[i];

		if (m->key_len == n && memcmp(m->key, key, n) == 0)
			return m;
	}
	return NULL;
}

/* The value of \uXXXX at `p` (on the first digit) and of the low half behind a high one; moves p
 * behind. A half without its other half is U+FFFD. */
static uint32_t unescape_unicode(const char **p, const char *end)
{
	uint32_t hi = (uint32_t)json_unit(*p, (size_t)(end - *p));
	int32_t lo;

	*p += 4;
	if (hi < 0xD800 || hi > 0xDFFF)
		return hi;
	if (hi > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return 0xFFFD;
	lo = json_unit(*p + 2, (size_t)(end - *p - 2));
	if (lo < 0xDC00 || lo > 0xDFFF)
		return 0xFFFD;
	*p += 6;
	return 0x10000 + ((hi - 0xD800) << 10) + ((uint32_t)lo - 0xDC00);
}

static char unescape_letter(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* What stands between the quotes, which is never longer than its escaped form. Returns the end. A
 * NUL ends the string: ours are C strings. */
static char *unescape(char *out, const char *p, const char *end)
{
	while (p < end) {
		const char *esc = memchr(p, '\\', (size_t)(end - p));
		size_t n = (size_t)((esc ? esc : end) - p);

		memcpy(out, p, n);
		out += n;
		p += n;
		if (p == end)
			break;
		p++;
		if (*p == 'u') {
			uint32_t cp;

			p++;
			cp = unescape_unicode(&p, end);
			if (cp == 0)
				break;
			out += utf8_encode(cp, out);
		} else {
			*out++ = unescape_letter(*p++);
		}
	}
	*out = '\0';
	return out;
}

const char *jsonr_str(const struct jsonr *r, const char *key, struct arena *arena)
{
	const struct jsonr_member *m = find(r, key);
	char *out;

	if (!m || *m->text != '"')
		return NULL;
	out = arena_strndup(arena, m->text + 1, m->text_len - 2);
	if (memchr(out, '\\', m->text_len - 2))
		unescape(out, m->text + 1, m->text + m->text_len - 1);
	return out;
}

static const double powers[] = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* For what the quick way below does not hold. Never by the user's locale, whose decimal point may
 * be another one. A value in an object is always followed by a byte that ends it. */
static double slow_number(const char *text)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double v = c ? strtod_l(text, NULL, c) : NAN;

	if (c)
		freelocale(c);
	return v;
}

/* Up to 15 digits and as many behind the point: both parts are exact doubles, so that one division
 * rounds correctly. */
static double to_number(const char *text, size_t n)
{
	const char *p = text, *end = text + n;
	size_t digits = 0, behind = 0;
	bool in_fraction = false;
	int64_t v = 0;

	if (*p == '-')
		p++;
	for (; p < end; p++) {
		if (*p == '.') {
			in_fraction = true;
			continue;
		}
		if (!is_digit(*p) || ++digits > 15)
			return slow_number(text);
		v = v * 10 + (*p - '0');
		behind += in_fraction;
	}
	return (*text == '-' ? -(double)v : (double)v) / powers[behind];
}

double jsonr_num(const struct jsonr *r, const char *key, double otherwise)
{
	const struct jsonr_member *m = find(r, key);
	double v;

	if (!m || (*m->text != '-' && !is_digit(*m->text)))
		return otherwise;
	v = to_number(m->text, m->text_len);
	return isfinite(v) ? v : otherwise;
}

int64_t jsonr_int(const struct jsonr *r, const char *key)
{
	double v = jsonr_num(r, key, NAN);

	if (!(fabs(v) <= 9007199254740992.0) || v != (double)(int64_t)v)
		return NUM_NONE;
	return (int64_t)v;
}

static int64_t to_ms(double s)
{
	if (!(fabs(s) <= 1e12)) /* also not a number */
		return NUM_NONE;
	return (int64_t)(s * 1000 + (s < 0 ? -0.5 : 0.5));
}

int64_t jsonr_ms(const struct jsonr *r, const char *key)
{
	return to_ms(jsonr_num(r, key, NAN));
}

size_t jsonr_ms_list(const struct jsonr *r, const char *key, int64_t *out, size_t max)
{
	const struct jsonr_member *m = find(r, key);
	const char *p, *end;
	size_t nr = 0;

	if (!m || *m->text != '[')
		return 0;
	end = m->text + m->text_len - 1;
	p = skip_blanks(m->text + 1, end);
	while (p < end && nr < max) {
		const char *next = jsonr_value_end(p, end);

		if (*p == '-' || is_digit(*p))
			out[nr] = to_ms(to_number(p, (size_t)(next - p)));
		else
			out[nr] = NUM_NONE;
		nr += out[nr] != NUM_NONE;
		p = skip_blanks(next, end);
		if (p < end)
			p = skip_blanks(p + 1, end);
	}
	return nr;
}

bool jsonr_is_true(const struct jsonr *r, const char *key)
{
	const struct jsonr_member *m = find(r, key);

	return m && *m->text == 't';
}

bool jsonr_has(const struct jsonr *r, const char *key)
{
	return find(r, key) != NULL;
}

const char *jsonr_object_text(const struct jsonr *r, const char *key, struct arena *arena)
{
	const struct jsonr_member *m = find(r, key);

	return m && *m->text == '{' ? arena_strndup(arena, m->text, m->text_len) : NULL;
}

const char *jsonr_words(const struct jsonr *r, const char *key, struct arena *arena)
{
	const struct jsonr_member *m = find(r, key);
	const char *p, *end;
	char *out, *at;

	if (!m || *m->text != '[')
		return NULL;
	at = out = arena_strndup(arena, m->text, m->text_len);
	end = m->text + m->text_len - 1;
	p = skip_blanks(m->text + 1, end);
	while (p < end) {
		const char *next = jsonr_value_end(p, end);

		if (*p == '"') {
			if (at > out)
				*at++ = ' ';
			at = unescape(at, p + 1, next - 1);
		}
		p = skip_blanks(next, end);
		if (p < end)
			p = skip_blanks(p + 1, end);
	}
	*at = '\0';
	return out;
}
