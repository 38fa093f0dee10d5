/* The signs that screens are drawn with, in UTF-8 and in ASCII, each one column wide. */
#ifndef AB_VIEW_GLYPHS_H
#define AB_VIEW_GLYPHS_H

#include "view/text/style.h"

#include <stdbool.h>
#include <stdint.h>

/* The sign of a state; ' ' for ROLE_NONE. */
uint32_t glyph_of_role(enum style_role role, bool ascii);
/* Its short word: "run", "wait", "val", "done", ... */
const char *glyph_short_word(enum style_role role);
/* How the sign looks, and how the word. */
struct style glyph_style(enum style_role role);
struct style glyph_word_style(enum style_role role);
/* A horizontal line. */
uint32_t glyph_line(bool ascii);

#endif
