/* What keys do, as data: the last line of every screen and the help are drawn from it. ui/keys.c
 * has the table, which also dispatches. */
#ifndef AB_VIEW_KEYLINE_H
#define AB_VIEW_KEYLINE_H

#include "view/text/cells.h"

#include <stdbool.h>
#include <stddef.h>

enum key_section { KEYS_MOVE, KEYS_FIND, KEYS_LOG, KEYS_STEER, KEYS_SCREEN, KEYS__SECTIONS };
const char *key_section_title(enum key_section s);

struct key_hint {
	const char *keys; /* as help names them: "PgUp PgDn" */
	const char *help; /* what they do */
	enum key_section section;
	/* For the last line: "s skip wait", "s skip"; NULL: not there. */
	const char *label, *label_short;
	int rank; /* the smaller, the longer it stays when room gets short */
};

/* Those that fit, in the order given; a rank of 0 always stays. is_tiny: only these. */
/* Which of the labels is at a column, or -1. */
int keyline_at(int cols, const struct key_hint *hints, size_t nr, bool is_tiny, int col);
void keyline_paint(struct cells *c, int row, const struct key_hint *hints, size_t nr, bool is_tiny);

#endif
