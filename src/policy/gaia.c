#include "policy/gaia.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- characters -------------------------------------------------------------- */

static bool is_blank_cp(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x20) || cp == 0x85 ||
	    cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 ||
	    cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

static bool is_ascii_punctuation(uint32_t cp)
{
	return (cp >= '!' && cp <= '/') || (cp >= ':' && cp <= '@') || (cp >= '[' && cp <= '`') ||
	    (cp >= '{' && cp <= '~');
}

/* Capital letters of Latin, Greek and Cyrillic, whatever the locale says. `step` 2: capitals and
 * small letters take turns. */
static const struct {
	uint32_t from, to;
	int32_t add;
	int step;
} capitals[] = {
    {'A', 'Z', 32, 1},
    {0xc0, 0xd6, 32, 1},
    {0xd8, 0xde, 32, 1},
    {0x100, 0x12e, 1, 2},
    {0x132, 0x136, 1, 2},
    {0x139, 0x147, 1, 2},
    {0x14a, 0x176, 1, 2},
    {0x178, 0x178, -121, 1},
    {0x179, 0x17d, 1, 2},
    {0x218, 0x21a, 1, 2},
    {0x386, 0x386, 38, 1},
    {0x388, 0x38a, 37, 1},
    {0x38c, 0x38c, 64, 1},
    {0x38e, 0x38f, 63, 1},
    {0x391, 0x3ab, 32, 1},
    {0x400, 0x40f, 80, 1},
    {0x410, 0x42f, 32, 1},
    {0x460, 0x480, 1, 2},
    {0x48a, 0x4be, 1, 2},
    {0x4d0, 0x52e, 1, 2},
    {0x1e00, 0x1e94, 1, 2},
    {0x1ea0, 0x1efe, 1, 2},
    {0xff21, 0xff3a, 32, 1},
};

static uint32_t lower(uint32_t cp)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(capitals); i++)
		if (cp >= capitals[i].from && cp <= capitals[i].to &&
		    (cp - capitals[i].from) % (uint32_t)capitals[i].step == 0)
			return cp + (uint32_t)capitals[i].add;
	return cp;
}

/* ---- texts --------------------------------------------------------------------- */

/* The next character that counts, as a number of its own where it is no UTF-8; 0 at the end. */
static uint32_t next_cp(const char **p, const char *end, bool drops_punctuation)
{
	while (*p < end) {
		uint32_t cp;
		size_t k = utf8_decode(*p, (size_t)(end - *p), &cp);

		if (cp == UTF8_BAD) {
			cp = 0x110000 + (unsigned char)**p;
			k = 1;
		}
		*p += k;
		if (!is_blank_cp(cp) && !(drops_punctuation && is_ascii_punctuation(cp)))
			return lower(cp);
	}
	return 0;
}

struct span {
	const char *p, *end;
};

static bool is_same_text(struct span a, struct span b, bool drops_punctuation)
{
	for (;;) {
		uint32_t x = next_cp(&a.p, a.end, drops_punctuation);
		uint32_t y = next_cp(&b.p, b.end, drops_punctuation);

		if (x != y)
			return false;
		if (x == 0)
			return true;
	}
}

/* ---- numbers ------------------------------------------------------------------- */

#define NUMBER_MAX 400 /* bytes; nobody writes longer ones */

static const char *skip_digits(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

/* A decimal number and nothing else: no hex, no inf, no nan, which a benchmark's answer means as
 * words. */
static bool is_number(const char *s)
{
	const char *whole = s + (*s == '-' || *s == '+');
	const char *p = skip_digits(whole);
	size_t nr = (size_t)(p - whole);

	if (*p == '.') {
		const char *part = p + 1;

		p = skip_digits(part);
		nr += (size_t)(p - part);
	}
	if (nr == 0)
		return false;
	if (*p == 'e' || *p == 'E') {
		const char *exponent = p + 1 + (p[1] == '-' || p[1] == '+');

		p = skip_digits(exponent);
		if (p == exponent)
			return false;
	}
	return *p == '\0';
}

static void trim(struct span *s)
{
	while (s->p < s->end && is_blank_cp((unsigned char)*s->p))
		s->p++;
	while (s->end > s->p && is_blank_cp((unsigned char)s->end[-1]))
		s->end--;
}

/* NAN when it is none. `drops_units`: '$', '%' and ',' are passed over. */
static double number_of(struct span s, bool drops_units)
{
	char text[NUMBER_MAX + 1];
	size_t n = 0;

	if (drops_units) {
		char *kept = xmalloc((size_t)(s.end - s.p) + 1);
		double v;

		for (; s.p < s.end; s.p++)
			if (!strchr("$%,", *s.p))
				kept[n++] = *s.p;
		v = number_of((struct span){kept, kept + n}, false);
		free(kept);
		return v;
	}
	trim(&s);
	n = (size_t)(s.end - s.p);
	if (n > NUMBER_MAX)
		return NAN;
	memcpy(text, s.p, n);
	text[n] = '\0';
	return is_number(text) ? strtod(text, NULL) : NAN;
}

/* ---- comparing ------------------------------------------------------------------ */

static struct span next_part(struct span *list)
{
	struct span part = *list;

	while (part.end > list->p && *list->p != ',' && *list->p != ';')
		list->p++;
	part.end = list->p;
	return part;
}

static bool is_same_list(struct span answer, struct span expected)
{
	for (;;) {
		struct span a = next_part(&answer), e = next_part(&expected);
		double n = number_of(e, false);

		if (isnan(n) ? !is_same_text(a, e, false) : number_of(a, true) != n)
			return false;
		if (answer.p == answer.end || expected.p == expected.end)
			return answer.p == answer.end && expected.p == expected.end;
		answer.p++;
		expected.p++;
	}
}

const char *gaia_final(const char *answer, size_t *len)
{
	static const char mark[] = "FINAL ANSWER:";
	struct span s;
	const char *p;

	for (p = answer; *p; p++)
		if (strncasecmp(p, mark, sizeof(mark) - 1) == 0)
			answer = p + sizeof(mark) - 1;
	s = (struct span){answer, answer + strlen(answer)};
	trim(&s);
	*len = (size_t)(s.end - s.p);
	return s.p;
}

bool gaia_equals(const char *answer, const char *expected)
{
	struct span e = {expected, expected + strlen(expected)};
	size_t len;
	const char *p = gaia_final(answer, &len);
	struct span a = {p, p + len};
	double n = number_of(e, false);

	if (!isnan(n))
		return number_of(a, true) == n;
	if (strpbrk(expected, ",;"))
		return is_same_list(a, e);
	return is_same_text(a, e, true);
}
