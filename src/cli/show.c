#include "cli/show.h"
#include "cli/paint.h"
#include "cli/print.h"

int show_run(const struct batch_dir *dir, const struct show_opts *opts)
{
	const struct front_options *front = opts->front;
	const char *why = paint_why_no_screen();

	if (why && !front->no_tui && !front->plain && front->output == OUTPUT_TEXT)
		note("%s: lines of text in place of the screen", why);
	return follow_run(dir,
	    &(struct follow_opts){
		.front = front,
		.from = opts->from,
		.hands_on_signals = opts->is_own,
	    });
}
