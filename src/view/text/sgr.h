/* SGR ("colour") sequences of an agent's output as a style. */
#ifndef AB_VIEW_SGR_H
#define AB_VIEW_SGR_H

#include "view/text/style.h"

#include <stddef.h>
#include <stdint.h>

/* Applies the parameters of one sequence; bit i of `subs`: parameter i came behind a colon.
 * Conceal, blink and all that is not bold, underline, reverse or a colour change nothing. */
void sgr_apply(struct style *style, const uint16_t *params, size_t nr, unsigned subs);
/* What is shown of it: equal fore- and background would hide text, and go. */
struct style sgr_visible(struct style style);

#endif
