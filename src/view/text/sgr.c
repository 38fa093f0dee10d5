#include "view/text/sgr.h"

static void set_colour(struct style *style, bool is_back, unsigned colour)
{
	if (is_back) {
		style->flags |= STYLE_HAS_BG;
		style->bg = (uint8_t)colour;
	} else {
		style->flags |= STYLE_HAS_FG;
		style->fg = (uint8_t)colour;
	}
}

/* The nearest of the 6x6x6 cube that is in the 256 colours: levels 0, 95, 135, 175, 215, 255. */
static unsigned cube(unsigned level)
{
	return level < 48 ? 0 : level < 115 ? 1 : level > 255 ? 5 : (level - 35) / 40;
}

/* 38 or 48 at `i`: 5;n or 2;r;g;b, with colons also 2:<space>:r:g:b. Returns how many parameters
 * it took in all. */
static size_t extended(struct style *style, const uint16_t *p, size_t i, size_t nr, unsigned subs)
{
	bool is_back = p[i] == 48;
	bool has_colons = i + 1 < nr && (subs & (1u << (i + 1)));
	size_t end = i + 1;

	if (has_colons)
		while (end < nr && (subs & (1u << end)))
			end++;
	else if (i + 1 < nr)
		end = i + (p[i + 1] == 5 ? 3 : p[i + 1] == 2 ? 5 : 2);
	if (end > nr)
		return nr - i;
	if (end - i >= 3 && p[i + 1] == 5 && p[i + 2] < 256)
		set_colour(style, is_back, p[i + 2]);
	else if (end - i >= 5 && p[i + 1] == 2)
		set_colour(style, is_back,
		    16 + 36 * cube(p[end - 3]) + 6 * cube(p[end - 2]) + cube(p[end - 1]));
	return end - i;
}

static void one(struct style *style, unsigned v)
{
	if (v == 0)
		*style = (struct style){0};
	else if (v == 1)
		style->flags |= STYLE_BOLD;
	else if (v == 4 || v == 21)
		style->flags |= STYLE_UNDERLINE;
	else if (v == 7)
		style->flags |= STYLE_REVERSE;
	else if (v == 22)
		style->flags &= (uint8_t)~STYLE_BOLD;
	else if (v == 24)
		style->flags &= (uint8_t)~STYLE_UNDERLINE;
	else if (v == 27)
		style->flags &= (uint8_t)~STYLE_REVERSE;
	else if (v >= 30 && v <= 37)
		set_colour(style, false, v - 30);
	else if (v == 39)
		style->flags &= (uint8_t)~STYLE_HAS_FG;
	else if (v >= 40 && v <= 47)
		set_colour(style, true, v - 40);
	else if (v == 49)
		style->flags &= (uint8_t)~STYLE_HAS_BG;
	else if (v >= 90 && v <= 97)
		set_colour(style, false, v - 90 + 8);
	else if (v >= 100 && v <= 107)
		set_colour(style, true, v - 100 + 8);
}

void sgr_apply(struct style *style, const uint16_t *params, size_t nr, unsigned subs)
{
	size_t i = 0;

	if (nr == 0)
		one(style, 0);
	while (i < nr) {
		if (params[i] == 38 || params[i] == 48) {
			i += extended(style, params, i, nr, subs);
			continue;
		}
		/* 4:0 is "no underline", 4:3 a curly one. */
		if (params[i] == 4 && i + 1 < nr && (subs & (1u << (i + 1))) && params[i + 1] == 0)
			one(style, 24);
		else
			one(style, params[i]);
		i++;
		while (i < nr && (subs & (1u << i)))
			i++;
	}
}

/* Of colours that look the same on most terminals the first: the cube and the greys repeat some of
 * the 16. */
static unsigned first_alike(unsigned colour)
{
	static const struct {
		uint8_t colour, alike;
	} pairs[] = {{16, 0}, {244, 8}, {196, 9}, {46, 10}, {226, 11}, {21, 12}, {201, 13},
	    {51, 14}, {231, 15}};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].colour == colour)
			return pairs[i].alike;
	return colour;
}

struct style sgr_visible(struct style style)
{
	const uint8_t both = STYLE_HAS_FG | STYLE_HAS_BG;

	if ((style.flags & both) == both && first_alike(style.fg) == first_alike(style.bg))
		style.flags &= (uint8_t)~both;
	return style;
}
