#include "ui/paint.h"

#include <curses.h>

/* The colours of states: foregrounds only, on the terminal's own ground. The 256-colour set can be
 * told apart with red-green blindness; the set of 8 differs in weight as well as in hue. */
static const struct look_of_role {
	short c256, c8;
	attr_t a256, a8, mono;
} looks[ROLE__COUNT] = {
    [ROLE_NONE] = {-1, -1, A_NORMAL, A_NORMAL, A_NORMAL},
    [ROLE_RUNNING] = {74, COLOR_CYAN, A_NORMAL, A_BOLD, A_BOLD},
    [ROLE_VALIDATING] = {175, COLOR_MAGENTA, A_NORMAL, A_NORMAL, A_BOLD},
    [ROLE_BACKOFF] = {214, COLOR_YELLOW, A_NORMAL, A_NORMAL, A_NORMAL},
    [ROLE_LOST] = {202, COLOR_RED, A_BOLD, A_BOLD, A_REVERSE},
    [ROLE_FAILED] = {202, COLOR_RED, A_BOLD, A_BOLD, A_REVERSE},
    [ROLE_PENDING] = {245, -1, A_NORMAL, A_DIM, A_DIM},
    [ROLE_BLOCKED] = {245, -1, A_NORMAL, A_DIM, A_DIM},
    [ROLE_CANCELLED] = {250, -1, A_NORMAL, A_NORMAL, A_UNDERLINE},
    [ROLE_SKIPPED] = {245, -1, A_NORMAL, A_DIM, A_DIM},
    [ROLE_COMPLETED] = {36, COLOR_GREEN, A_NORMAL, A_NORMAL, A_NORMAL},
};

static attr_t flags_of(struct style s)
{
	attr_t a = A_NORMAL;

	if (s.flags & STYLE_BOLD)
		a |= A_BOLD;
	if (s.flags & STYLE_DIM)
		a |= A_DIM;
	if (s.flags & STYLE_UNDERLINE)
		a |= A_UNDERLINE;
	if (s.flags & STYLE_REVERSE)
		a |= A_REVERSE;
	return a;
}

/* A colour of the 256 on a terminal that has 8: the nearest by its parts. */
static int to_8(int c)
{
	int v, r, g, b;

	if (c < 16)
		return c & 7;
	if (c >= 232)
		return c < 244 ? COLOR_BLACK : COLOR_WHITE;
	v = c - 16;
	r = v / 36 > 2 ? COLOR_RED : 0;
	g = v / 6 % 6 > 2 ? COLOR_GREEN : 0;
	b = v % 6 > 2 ? COLOR_BLUE : 0;
	return r | g | b;
}

static int pair_of(int fg, int bg, enum tty_depth depth)
{
	int pair;

	if (fg < 0 && bg < 0)
		return 0;
	if (depth == TTY_8) {
		fg = fg < 0 ? fg : to_8(fg);
		bg = bg < 0 ? bg : to_8(bg);
		if (fg == bg)
			return 0; /* two shades that became one */
	}
	pair = alloc_pair(fg, bg);
	return pair > 0 ? pair : 0;
}

static void look_of(struct style s, enum tty_depth depth, attr_t *attr, int *pair)
{
	const struct look_of_role *look = &looks[s.role < ROLE__COUNT ? s.role : ROLE_NONE];
	int fg = s.flags & STYLE_HAS_FG ? s.fg : -1, bg = s.flags & STYLE_HAS_BG ? s.bg : -1;

	*attr = flags_of(s);
	*pair = 0;
	if (depth == TTY_MONO) {
		*attr |= look->mono;
		return;
	}
	if (s.role)
		fg = depth == TTY_256 ? look->c256 : look->c8;
	*attr |= depth == TTY_256 ? look->a256 : look->a8;
	*pair = pair_of(fg, bg, depth);
}

void paint_cell(const struct cell *cell, int row, int col, enum tty_depth depth, bool ascii)
{
	wchar_t text[2 + WIDTH_MARKS_MAX] = {(wchar_t)cell->cp};
	cchar_t cc;
	attr_t attr;
	int pair, i;

	if (ascii && cell->cp > 0x7E)
		text[0] = L'?';
	for (i = 0; i < WIDTH_MARKS_MAX && !ascii; i++)
		text[1 + i] = (wchar_t)cell->marks[i];
	look_of(cell->style, depth, &attr, &pair);
	if (setcchar(&cc, text, attr, 0, &pair) == ERR)
		return;
	(void)mvadd_wchnstr(row, col, &cc, 1);
	/* One sign for each column, where two of them stand for a wide character. */
	if (ascii && cell->width == 2)
		(void)mvadd_wchnstr(row, col + 1, &cc, 1);
}
