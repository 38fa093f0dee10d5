#include "cli/show.h"
#include "cli/paint.h"
#include "cli/print.h"

const char *show_why_no_screen(const struct front_options *front)
{
	if (front->monitor)
		return NULL;
	if (front->no_tui || front->plain || front->output == OUTPUT_JSONL)
		return "";
	return paint_why_no_screen();
}

int show_run(const struct batch_dir *dir, const struct show_opts *opts)
{
	const char *why = show_why_no_screen(opts->front);

	if (why && *why)
		note("%s: lines of text in place of the screen", why);
	return follow_run(dir,
	    &(struct follow_opts){
		.front = opts->front,
		.from = opts->from,
		.hands_on_signals = opts->is_own,
	    });
}
