/* A terminal's parser without a terminal: it knows the shapes of escape sequences only to step
 * over them. Every state ends at a newline, so an unterminated sequence costs its own line at
 * most. */
#include "view/text/sanitize.h"
#include "base/utf8.h"
#include "view/text/sgr.h"
#include "view/text/width.h"

#include <stdio.h>
#include <string.h>

enum state {
	ST_TEXT,
	ST_ESC, /* behind ESC */
	ST_ESC_MORE, /* behind ESC and an intermediate: one final byte to come */
	ST_CSI,
	ST_STRING, /* OSC, DCS, APC, PM, SOS: up to ST, BEL, CAN or SUB */
	ST_STRING_ESC /* in a string behind ESC: a backslash ends it */
};

enum { ESC = 0x1B, BEL = 0x07, CAN = 0x18, SUB = 0x1A, DEL = 0x7F };
enum { C1_DCS = 0x90, C1_SOS = 0x98, C1_CSI = 0x9B, C1_ST = 0x9C, C1_OSC = 0x9D, C1_APC = 0x9F };

/* Where glyphs go: the caller's array. */
struct out {
	struct glyph *v;
	size_t nr;
};

void sanitize_init(struct sanitizer *s, enum sanitize_mode mode)
{
	*s = (struct sanitizer){.mode = (uint8_t)mode};
}

/* ---- characters --------------------------------------------------------- */

static void put_raw(struct sanitizer *s, struct out *o, uint32_t cp, int width)
{
	o->v[o->nr++] = (struct glyph){cp, sgr_visible(s->style), (uint8_t)width};
	s->column += (uint32_t)width;
}

/* A carriage return works when something follows it in its line, as on a terminal: alone before
 * the line's end it takes nothing away. */
static void settle_return(struct sanitizer *s, struct out *o)
{
	if (!s->has_return)
		return;
	s->has_return = false;
	s->column = 0;
	s->marks = 0;
	s->has_base = false;
	o->v[o->nr++] = (struct glyph){GLYPH_RESTART, {0}, 0};
}

static void put_base(struct sanitizer *s, struct out *o, uint32_t cp, int width)
{
	settle_return(s, o);
	put_raw(s, o, cp, width);
	s->has_base = true;
	s->marks = 0;
	s->was_bad = false;
}

static void put_bad(struct sanitizer *s, struct out *o)
{
	if (s->was_bad && !s->has_return)
		return;
	put_base(s, o, 0xFFFD, 1);
	s->was_bad = true;
}

static void put_ascii(struct sanitizer *s, struct out *o, const char *text)
{
	for (; *text; text++)
		put_base(s, o, (unsigned char)*text, 1);
}

static void put_tab(struct sanitizer *s, struct out *o)
{
	settle_return(s, o);
	do
		put_base(s, o, ' ', 1);
	while (s->column % 8);
}

static void put_newline(struct sanitizer *s, struct out *o)
{
	struct sanitizer fresh = {.mode = s->mode};

	*s = fresh;
	o->v[o->nr++] = (struct glyph){GLYPH_NEWLINE, {0}, 0};
}

/* Characters that show nothing but change how others look or which way they run. */
static bool is_invisible(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
	    {0x00AD, 0x00AD}, /* soft hyphen */
	    {0x034F, 0x034F}, /* grapheme joiner */
	    {0x061C, 0x061C}, /* arabic letter mark */
	    {0x17B4, 0x17B5}, {0x180B, 0x180F}, /* mongolian selectors */
	    {0x200B, 0x200F}, /* zero-width, direction marks */
	    {0x2028, 0x202E}, /* line, paragraph; embeddings, overrides */
	    {0x2060, 0x206F}, /* joiner, invisible operators, isolates */
	    {0xFE00, 0xFE0F}, /* variation selectors */
	    {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, /* annotations */
	    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0x1F3FB, 0x1F3FF}, /* skin tones */
	    {0xE0000, 0xE0FFF}, /* tags, more selectors */
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp <= ranges[i].to)
			return cp >= ranges[i].from;
	return false;
}

/* "<9b>", "<202e>". */
static void put_number(struct sanitizer *s, struct out *o, uint32_t cp)
{
	char text[12];

	snprintf(text, sizeof(text), "<%02x>", (unsigned)cp);
	put_ascii(s, o, text);
}

static void put_wide(struct sanitizer *s, struct out *o, uint32_t cp)
{
	int width;

	if (is_invisible(cp)) {
		if (s->mode == SANITIZE_RAW)
			put_number(s, o, cp);
		return;
	}
	width = width_of(cp);
	if (width < 0) {
		put_base(s, o, 0xFFFD, 1);
	} else if (width > 0) {
		put_base(s, o, cp, width);
	} else if (s->has_base && !s->has_return && s->marks < WIDTH_MARKS_MAX) {
		put_raw(s, o, cp, 0);
		s->marks++;
	}
}

/* ---- controls and sequences --------------------------------------------- */

static void enter_csi(struct sanitizer *s)
{
	s->state = ST_CSI;
	s->is_private = false;
	s->nr_params = 0;
	s->subs = 0;
	memset(s->params, 0, sizeof(s->params));
}

/* A C1 control, from either form. */
static void take_c1(struct sanitizer *s, struct out *o, unsigned c)
{
	if (s->mode == SANITIZE_RAW) {
		put_number(s, o, c);
		return;
	}
	if (c == C1_CSI)
		enter_csi(s);
	else if (c == C1_DCS || c == C1_SOS || (c >= C1_OSC && c <= C1_APC))
		s->state = ST_STRING;
	else
		s->state = ST_TEXT;
}

/* A control byte of the first set in text; newline and tab are not among them. */
static void take_c0(struct sanitizer *s, struct out *o, unsigned c)
{
	if (s->mode == SANITIZE_RAW) {
		char text[3] = {'^', (char)(c == DEL ? '?' : c + '@'), 0};

		put_ascii(s, o, text);
	} else if (c == ESC) {
		s->state = ST_ESC;
	} else if (c == '\r') {
		s->has_return = true;
	}
}

static void take_esc(struct sanitizer *s, unsigned c)
{
	if (c == '[')
		enter_csi(s);
	else if (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_')
		s->state = ST_STRING;
	else if (c >= 0x20 && c <= 0x2F)
		s->state = ST_ESC_MORE;
	else
		s->state = ST_TEXT;
}

static void add_digit(struct sanitizer *s, unsigned digit)
{
	uint16_t *p;

	if (s->nr_params == 0)
		s->nr_params = 1;
	p = &s->params[s->nr_params - 1];
	*p = (uint16_t)(*p > 999 ? 9999 : *p * 10 + digit);
}

static void next_param(struct sanitizer *s, bool is_sub)
{
	if (s->nr_params == 0)
		s->nr_params = 1;
	if (s->nr_params == SANITIZE_PARAMS_MAX) {
		s->is_private = true; /* too long to mean anything */
		return;
	}
	if (is_sub)
		s->subs |= (uint16_t)(1u << s->nr_params);
	s->nr_params++;
}

static void take_csi(struct sanitizer *s, unsigned c)
{
	if (c >= '0' && c <= '9')
		add_digit(s, c - '0');
	else if (c == ';' || c == ':')
		next_param(s, c == ':');
	else if (c >= 0x20 && c <= 0x3F)
		s->is_private = true;
	else if (c >= 0x40 && c <= 0x7E) {
		if (c == 'm' && !s->is_private && s->mode == SANITIZE_LOG)
			sgr_apply(&s->style, s->params, s->nr_params, s->subs);
		s->state = ST_TEXT;
	}
}

/* A byte inside a sequence. Returns false when it does not belong to it: the sequence is over and
 * the byte is text. */
static bool take_in_sequence(struct sanitizer *s, unsigned c)
{
	bool is_string = s->state == ST_STRING || s->state == ST_STRING_ESC;

	if (c == '\n' || (c >= 0x80 && !is_string)) {
		s->state = ST_TEXT;
		return false;
	}
	if (c == CAN || c == SUB || (is_string && (c == BEL || c == C1_ST))) {
		s->state = ST_TEXT;
		return true;
	}
	if (c == '\r') {
		/* It takes the line so far with it, and the rest of the sequence is text. */
		s->state = ST_TEXT;
		return false;
	}
	switch ((enum state)s->state) {
	case ST_STRING:
		if (c == ESC)
			s->state = ST_STRING_ESC;
		return true;
	case ST_STRING_ESC:
		if (c == '\\')
			s->state = ST_TEXT;
		else if (c != ESC)
			take_esc(s, c);
		return true;
	case ST_ESC:
	case ST_ESC_MORE:
	case ST_CSI:
		break;
	case ST_TEXT:
		return false;
	}
	if (c == ESC) {
		s->state = ST_ESC;
	} else if (c < 0x20 || c == DEL) {
		/* dropped, the sequence goes on */
	} else if (s->state == ST_CSI) {
		take_csi(s, c);
	} else if (s->state == ST_ESC) {
		take_esc(s, c);
	} else if (c >= 0x30) {
		s->state = ST_TEXT;
	}
	return true;
}

/* ---- bytes -------------------------------------------------------------- */

/* How many bytes the character beginning with `c` has if it is a good one; 1 for others. */
static unsigned utf8_len(unsigned c)
{
	return c < 0xC2 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 1;
}

/* The bytes in s->part are all there are to judge by: takes the first character of them. */
static void take_part(struct sanitizer *s, struct out *o)
{
	uint32_t cp;
	size_t k = utf8_decode(s->part, s->nr_part, &cp);
	unsigned c = (unsigned char)s->part[0];

	s->nr_part = (uint8_t)(s->nr_part - k);
	memmove(s->part, s->part + k, s->nr_part);
	/* Inside a bad run it is the rest of a broken character, not a control. */
	if (cp == UTF8_BAD && c >= 0x80 && c < 0xA0 && !s->was_bad)
		take_c1(s, o, c);
	else if (cp == UTF8_BAD)
		put_bad(s, o);
	else if (cp >= 0x80 && cp < 0xA0)
		take_c1(s, o, cp);
	else
		put_wide(s, o, cp);
}

static void take_text(struct sanitizer *s, struct out *o, unsigned c)
{
	if (c >= 0x20 && c < DEL)
		put_base(s, o, c, 1);
	else if (c == '\n')
		put_newline(s, o);
	else if (c == '\t')
		put_tab(s, o);
	else
		take_c0(s, o, c);
}

static void take_byte(struct sanitizer *s, struct out *o, unsigned c)
{
	/* The beginning of a character that this byte does not carry on is a bad one. */
	if (s->nr_part && (c < 0x80 || c >= 0xC0)) {
		s->nr_part = 0;
		put_bad(s, o);
	}
	if (s->state != ST_TEXT && take_in_sequence(s, c))
		return;
	if (c < 0x80) {
		take_text(s, o, c);
		return;
	}
	s->part[s->nr_part++] = (char)c;
	while (s->nr_part && s->state == ST_TEXT) {
		uint32_t cp;
		size_t k = utf8_decode(s->part, s->nr_part, &cp);

		if (cp == UTF8_BAD && k == s->nr_part &&
		    s->nr_part < utf8_len((unsigned char)s->part[0]))
			return; /* it may become a good one */
		take_part(s, o);
	}
	s->nr_part = 0;
}

/* Whether one of eight bytes is no plain character: a control, DEL, or not ASCII. */
static bool has_special(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	/* No byte borrows from the next where none has its top bit set, and that ends it anyway. */
	return (v & tops) || ((v - ones * 0x20) & tops) || ((v + ones) & tops);
}

static size_t plain_span(const char *p, const char *end)
{
	const char *from = p;

	while (end - p >= 8 && !has_special(p))
		p += 8;
	while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < DEL)
		p++;
	return (size_t)(p - from);
}

size_t sanitize_plain(struct sanitizer *s, const char *p, const char *end)
{
	size_t n;

	if (s->state != ST_TEXT || s->nr_part || s->has_return)
		return 0;
	n = plain_span(p, end);
	if (n) {
		s->column += (uint32_t)n;
		s->has_base = true;
		s->marks = 0;
		s->was_bad = false;
	}
	return n;
}

/* Text of plain characters, the usual case: nothing to decide for each. */
static size_t take_plain(struct sanitizer *s, const char *p, const char *end, struct out *o)
{
	struct style style = sgr_visible(s->style);
	size_t n = sanitize_plain(s, p, end), i;

	for (i = 0; i < n; i++)
		o->v[o->nr + i] = (struct glyph){(unsigned char)p[i], style, 1};
	o->nr += n;
	return n;
}

size_t sanitize_feed(struct sanitizer *s, const char **p, const char *end, struct glyph *out,
    size_t cap)
{
	struct out o = {out, 0};

	while (*p < end && cap - o.nr >= SANITIZE_BURST) {
		size_t room = cap - o.nr, left = (size_t)(end - *p);
		size_t n = take_plain(s, *p, *p + (room < left ? room : left), &o);

		if (n)
			*p += n;
		else
			take_byte(s, &o, (unsigned char)*(*p)++);
	}
	return o.nr;
}

size_t sanitize_end(struct sanitizer *s, struct glyph *out)
{
	struct out o = {out, 0};

	if (s->nr_part) {
		s->nr_part = 0;
		put_bad(s, &o);
	}
	return o.nr;
}
