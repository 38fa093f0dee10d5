/* Shows a run on whatever stdout is: the screen on a terminal, lines otherwise. */
#ifndef AB_CLI_SHOW_H
#define AB_CLI_SHOW_H

#include "cli/follow.h"
#include "cli/options.h"

#include <stdbool.h>

/* NULL: show_run will take the screen. Else why not: "" where it was asked for, or a reason. */
const char *show_why_no_screen(const struct front_options *front);

struct show_opts {
	const struct front_options *front;
	bool is_own; /* launched or resumed by this command: signals are handed on */
	const struct follow_since *since; /* see follow.h */
	bool from_here; /* in place of `since`: what there is already is no news */
};

/* Returns an exit status as launch's: 6 when the screen was left while the run goes on. */
int show_run(const struct batch_dir *dir, const struct show_opts *opts);

#endif
