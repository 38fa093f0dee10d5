#include "view/text/glyphs.h"

static const struct {
	uint32_t utf8;
	char ascii;
	const char *word;
} glyphs[ROLE__COUNT] = {
    [ROLE_NONE] = {' ', ' ', ""},
    [ROLE_RUNNING] = {0x25B8, '>', "run"},
    [ROLE_VALIDATING] = {'?', '?', "val"},
    [ROLE_BACKOFF] = {0x21BB, '~', "wait"},
    [ROLE_LOST] = {0x2205, '*', "lost"},
    [ROLE_FAILED] = {0x2718, 'X', "fail"},
    [ROLE_PENDING] = {0x25E6, '.', "pend"},
    [ROLE_BLOCKED] = {0x22EE, ':', "blck"},
    [ROLE_CANCELLED] = {0x2297, '/', "canc"},
    [ROLE_SKIPPED] = {0x21B7, '-', "skip"},
    [ROLE_COMPLETED] = {0x2714, '+', "done"},
};

uint32_t glyph_of_role(enum style_role role, bool ascii)
{
	return ascii ? (unsigned char)glyphs[role].ascii : glyphs[role].utf8;
}

const char *glyph_short_word(enum style_role role)
{
	return glyphs[role].word;
}

struct style glyph_style(enum style_role role)
{
	struct style s = {.role = (uint8_t)role};

	if (role == ROLE_FAILED || role == ROLE_LOST)
		s.flags = STYLE_REVERSE;
	return s;
}

struct style glyph_word_style(enum style_role role)
{
	return (struct style){.role = (uint8_t)role};
}

uint32_t glyph_line(bool ascii)
{
	return ascii ? '-' : 0x2500;
}
