/* Rows 1 to 3 of every screen: where we are, counts, limits. */
#ifndef AB_VIEW_HEADER_H
#define AB_VIEW_HEADER_H

#include "base/buf.h"
#include "view/text/cells.h"
#include "view/log/log_peek.h"
#include "view/model.h"

/* What can be shown. */
struct look {
	bool ascii;
	bool has_color; /* the bar is solid then, where it may be */
	bool is_frozen;
};

/* Line 1, 2 or 3 into a row of cells; all columns are used. */
void header_paint(const struct view_model *m, const struct look *look, int line, struct cells *c,
    int row);
/* Line 4, of a run with roles (header_has_phase): where it is and who works there. `peeks` may be
 * NULL: then nothing is told of a role's log. */
bool header_has_phase(const struct view_model *m);
void header_paint_phase(const struct view_model *m, const struct look *look,
    struct log_peeks *peeks, struct cells *c, int row);
/* The one line that is left of them above a log. */
void header_paint_brief(const struct view_model *m, const struct look *look, struct cells *c,
    int row);
/* The four lines of a screen that is too small for a table: 1 to 3 (the fourth has the keys). */
void header_paint_tiny(const struct view_model *m, int line, struct cells *c, int row);

/* "RUNNING", "NO CONDUCTOR", ...: the state of the run in a word, short on a small screen. */
const char *view_run_word(const struct view_model *m);
const char *view_run_short(const struct view_model *m);
enum style_role view_run_role(const struct view_model *m);

#endif
