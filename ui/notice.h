/* What is told to somebody who does not look at the screen: the window's title, the bell, a notice
 * of the terminal. Twice in a run: when it ends, and when first only a person can go on. */
#ifndef AB_UI_NOTICE_H
#define AB_UI_NOTICE_H

#include "ui/tty.h"
#include "view/model.h"

#include <stdbool.h>
#include <stdint.h>

struct notice {
	enum ui_notify how;
	int exit_code; /* of the run when it was looked at last */
	bool has_called; /* for a person */
	int64_t titled_ms; /* monotonic, or NUM_NONE */
};

/* How the run is now is no news. */
void notice_init(struct notice *n, enum ui_notify how, const struct view_model *m);
/* After each refresh. True: the run has ended since the last one. */
bool notice_look(struct notice *n, struct tty *t, const struct view_model *m, bool has_bell);
/* The title, at most every 5 seconds, and at once when the run has ended. */
void notice_title(struct notice *n, struct tty *t, const struct view_model *m);

#endif
