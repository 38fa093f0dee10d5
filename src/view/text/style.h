/* How a cell looks. Colours of our own are roles, turned into a colour by the terminal's depth (or
 * into nothing); colours of an agent's log are numbers of the 256-colour set. Four bytes. */
#ifndef AB_VIEW_STYLE_H
#define AB_VIEW_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#define STYLE_BOLD 0x01
#define STYLE_DIM 0x02
#define STYLE_UNDERLINE 0x04
#define STYLE_REVERSE 0x08
#define STYLE_HAS_FG 0x10 /* `fg` counts */
#define STYLE_HAS_BG 0x20

/* What is told by the colour. In the order of the overview's rows. */
enum style_role {
	ROLE_NONE,
	ROLE_RUNNING,
	ROLE_VALIDATING,
	ROLE_BACKOFF,
	ROLE_LOST,
	ROLE_FAILED,
	ROLE_PENDING,
	ROLE_BLOCKED,
	ROLE_CANCELLED,
	ROLE_SKIPPED,
	ROLE_COMPLETED,
	ROLE__COUNT
};

struct style {
	uint8_t flags;
	uint8_t fg, bg;
	uint8_t role;
};

static inline bool style_equal(struct style a, struct style b)
{
	return a.flags == b.flags && a.fg == b.fg && a.bg == b.bg && a.role == b.role;
}

#endif
