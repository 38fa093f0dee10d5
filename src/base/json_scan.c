#include "base/json_scan.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

static size_t skip_blanks(const char *p, size_t n, size_t i)
{
	while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r'))
		i++;
	return i;
}

/* From the opening quote to behind the closing one; n + 1 where there is none. */
static size_t skip_string(const char *p, size_t n, size_t i)
{
	for (i++; i < n; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '"')
			return i + 1;
	}
	return n + 1;
}

/* From the opening bracket to behind its closing one; which kind it is does not matter here. */
static size_t skip_brackets(const char *p, size_t n, size_t i)
{
	size_t depth = 0;

	while (i < n) {
		switch (p[i]) {
		case '"':
			i = skip_string(p, n, i);
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return i + 1;
			break;
		default:
			break;
		}
		i++;
	}
	return n + 1;
}

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    c == '-' || c == '+' || c == '.';
}

bool json_part(const char *p, size_t n, struct json *out)
{
	size_t from = skip_blanks(p, n, 0), to = from;

	if (from >= n)
		return false;
	if (p[from] == '"')
		to = skip_string(p, n, from);
	else if (p[from] == '{' || p[from] == '[')
		to = skip_brackets(p, n, from);
	else
		while (to < n && is_word_byte(p[to]))
			to++;
	if (to == from)
		return false;
	*out = (struct json){p + from, (to > n ? n : to) - from, to > n};
	return true;
}

bool json_value(const char *p, size_t n, struct json *out)
{
	struct json v;

	if (!json_part(p, n, &v) || v.is_cut)
		return false;
	*out = v;
	return true;
}

/* The value at `i` of an object or array: a whole one, but where that one was cut itself. */
static bool inner_value(struct json box, size_t i, struct json *out)
{
	return box.is_cut ? json_part(box.p + i, box.n - i, out)
			  : json_value(box.p + i, box.n - i, out);
}

bool json_looks_like(const char *p, size_t n)
{
	size_t i;
	char c;

	if (n == 0 || (p[0] != '{' && p[0] != '['))
		return false;
	i = skip_blanks(p, n, 1);
	if (i >= n)
		return false;
	c = p[i];
	if (p[0] == '{')
		return c == '"' || c == '}';
	return c == '{' || c == '[' || c == '"' || c == ']' || (c >= '0' && c <= '9');
}

bool json_is_string(struct json v)
{
	return v.n >= 2 && v.p[0] == '"';
}

bool json_is_object(struct json v)
{
	return v.n >= 2 && v.p[0] == '{';
}

bool json_is_array(struct json v)
{
	return v.n >= 2 && v.p[0] == '[';
}

static bool is_text(struct json v, const char *s)
{
	return v.n == strlen(s) && memcmp(v.p, s, v.n) == 0;
}

bool json_is_true(struct json v)
{
	return is_text(v, "true");
}

bool json_is_false(struct json v)
{
	return is_text(v, "false");
}

bool json_is(struct json v, const char *s)
{
	return json_is_string(v) && v.n == strlen(s) + 2 && memcmp(v.p + 1, s, v.n - 2) == 0;
}

/* Where the next member or element begins, behind the value that ends at `i`; n: at the end. */
static size_t next_at(struct json box, size_t i)
{
	i = skip_blanks(box.p, box.n, i);
	if (i >= box.n || box.p[i] != ',')
		return box.n;
	return skip_blanks(box.p, box.n, i + 1);
}

bool json_next_member(struct json object, struct json *key, struct json *value)
{
	size_t i;

	if (!json_is_object(object))
		return false;
	i = value->p ? next_at(object, (size_t)(value->p + value->n - object.p))
		     : skip_blanks(object.p, object.n, 1);
	if (i >= object.n || object.p[i] != '"' || !json_value(object.p + i, object.n - i, key))
		return false;
	i = skip_blanks(object.p, object.n, i + key->n);
	return i < object.n && object.p[i] == ':' && inner_value(object, i + 1, value);
}

static bool has_key(struct json key, const char *name, size_t len)
{
	return key.n == len + 2 && memcmp(key.p + 1, name, len) == 0;
}

static struct json get_one(struct json object, const char *name, size_t len)
{
	struct json key = {0}, value = {0};

	while (json_next_member(object, &key, &value))
		if (has_key(key, name, len))
			return value;
	return (struct json){0};
}

void json_pick(struct json object, const char *const *keys, size_t nr, struct json *out)
{
	struct json key = {0}, value = {0};
	size_t i;

	memset(out, 0, nr * sizeof(*out));
	while (json_next_member(object, &key, &value))
		for (i = 0; i < nr; i++)
			if (!out[i].n && has_key(key, keys[i], strlen(keys[i])))
				out[i] = value;
}

struct json json_get(struct json object, const char *path)
{
	while (object.n) {
		size_t len = strcspn(path, ".");

		object = get_one(object, path, len);
		if (!path[len])
			break;
		path += len + 1;
	}
	return object;
}

bool json_next(struct json array, struct json *element)
{
	size_t i;

	if (!json_is_array(array))
		return false;
	if (element->p)
		i = next_at(array, (size_t)(element->p + element->n - array.p));
	else
		i = skip_blanks(array.p, array.n, 1);
	return i < array.n && inner_value(array, i, element);
}

struct json json_last(struct json array)
{
	struct json v = {0}, last = {0};

	while (json_next(array, &v))
		last = v;
	return last;
}

static const char *read_digits(const char *s, double *value, int *nr)
{
	for (*nr = 0; *s >= '0' && *s <= '9'; s++, (*nr)++)
		*value = *value * 10 + (*s - '0');
	return s;
}

/* Not strtod: that one asks the locale what a decimal point is. */
static double read_number(const char *s)
{
	double value = 0, scale = 0, exponent = 0;
	bool is_negative = *s == '-', is_small;
	int nr, nr_fraction = 0, nr_exponent = 1;

	s = read_digits(s + is_negative, &value, &nr);
	if (*s == '.')
		s = read_digits(s + 1, &value, &nr_fraction);
	if (*s == 'e' || *s == 'E') {
		is_small = s[1] == '-';
		s = read_digits(s + 1 + (s[1] == '-' || s[1] == '+'), &exponent, &nr_exponent);
		scale = is_small ? -exponent : exponent;
	}
	if (nr == 0 || nr_exponent == 0 || *s)
		return NAN;
	scale -= nr_fraction;
	for (; scale > 0 && value > 0 && value < 1e308; scale--)
		value *= 10;
	while (scale < 0 && value > 0) {
		double unit = 1;

		/* Powers of ten are exact up to this one: 2e-2 is what 0.02 is. */
		for (; scale < 0 && unit < 1e22; scale++)
			unit *= 10;
		value /= unit;
	}
	return is_negative ? -value : value;
}

double json_number(struct json v)
{
	char text[64];

	if (!v.n || v.n >= sizeof(text))
		return NAN;
	json_text(v, text, sizeof(text));
	return read_number(text);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int32_t json_unit(const char *p, size_t n)
{
	int32_t u = 0;
	size_t i;

	if (n < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		u = u * 16 + d;
	}
	return u;
}

/* Decodes the escape at `p` (a backslash) into out; *len is set to the bytes written. Returns how
 * many bytes of the source it took. */
static size_t read_escape(const char *p, size_t n, char out[4], size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple = n > 1 && p[1] ? strchr(from, p[1]) : NULL;
	int32_t u, low;

	*len = 1;
	out[0] = p[0];
	if (simple) {
		out[0] = to[simple - from];
		return 2;
	}
	if (n < 2 || p[1] != 'u')
		return 1;
	u = json_unit(p + 2, n - 2);
	if (u <= 0 || (u >= 0xdc00 && u <= 0xdfff)) /* \u0000 would end the text */
		return 1;
	if (u >= 0xd800 && u <= 0xdbff) {
		if (n < 12 || p[6] != '\\' || p[7] != 'u')
			return 1;
		low = json_unit(p + 8, n - 8);
		if (low < 0xdc00 || low > 0xdfff)
			return 1;
		*len =
		    utf8_encode((uint32_t)(0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00)), out);
		return 12;
	}
	*len = utf8_encode((uint32_t)u, out);
	return 6;
}

/* Takes back the beginning of a character that the cut would split. */
static size_t whole_characters(const char *buf, size_t len)
{
	size_t back = 1;

	while (back <= 3 && back <= len && ((unsigned char)buf[len - back] & 0xc0) == 0x80)
		back++;
	if (back <= len && back <= 4) {
		unsigned char lead = (unsigned char)buf[len - back];
		size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

		if (need > back)
			return len - back;
	}
	return len;
}

size_t json_text(struct json v, char *buf, size_t cap)
{
	size_t i = 0, end = v.n, len = 0;

	buf[0] = '\0';
	if (!v.n)
		return 0;
	if (json_is_string(v)) {
		i = 1;
		end = v.n - !v.is_cut;
	}
	while (i < end) {
		char ch[4] = {v.p[i], 0, 0, 0};
		size_t ch_len = 1, took = 1;

		if (v.p[i] == '\\' && v.p[0] == '"')
			took = read_escape(v.p + i, end - i, ch, &ch_len);
		if (len + ch_len >= cap)
			break;
		memcpy(buf + len, ch, ch_len);
		len += ch_len;
		i += took;
	}
	if (i < end)
		len = whole_characters(buf, len);
	buf[len] = '\0';
	return len;
}
