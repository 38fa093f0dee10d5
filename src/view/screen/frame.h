/* One frame: header, view, message and keys into a screen of cells. */
#ifndef AB_VIEW_FRAME_H
#define AB_VIEW_FRAME_H

#include "view/text/cells.h"
#include "view/screen/viewer.h"

/* Everything but what the viewer has chosen. */
struct frame_opts {
	const char *view_name; /* of the view, for the title of help */
	const struct key_hint *hints; /* of what is on the screen now */
	size_t nr_hints;
	const struct key_hint *all_hints; /* for help */
	size_t nr_all_hints;
};

/* Lays out and paints; `c` has its size. Scrolls what must be in sight into it. */
void frame_paint(struct viewer *v, const struct frame_opts *o, struct cells *c);

/* Which of the last line's labels is at a column, or -1. */
int frame_label_at(const struct viewer *v, const struct key_hint *hints, size_t nr, int col);

/* Each view's part of it (view/screen/overview.c, view/screen/lineage_paint.c). */
void overview_paint(struct viewer *v, struct cells *c);
void lineage_paint(struct viewer *v, struct cells *c);
void timeline_paint(struct viewer *v, struct cells *c);
void failures_paint(struct viewer *v, struct cells *c);
/* Scrolls help to the next line (by 1) or the one before (-1) that viewer.help_search finds, or to
 * the first (0); all the way round. False: no line has it. */
bool help_seek(struct viewer *v, const struct frame_opts *o, int by);
/* What lies over them: the whole screen but its last row; all below the header. */
void help_paint(struct viewer *v, const struct frame_opts *o, struct cells *c);
void details_paint(struct viewer *v, struct cells *c);
/* Of what lies over the view and has `nr` lines: how many pages there are, and which is shown. */
int overlay_pages(const struct viewer *v, int nr, int *page);

#endif
