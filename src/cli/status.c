/* status: one screen of text, or JSON. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/paint.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/print/status_text.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Over what stands there, line by line: a screen that is cleared first flickers. */
static void print_over(const struct buf *text)
{
	struct buf out = BUF_INIT;
	size_t i;

	buf_str(&out, "\033[H");
	for (i = 0; i < text->len; i++) {
		if (text->data[i] == '\n')
			buf_str(&out, "\033[K");
		buf_ch(&out, text->data[i]);
	}
	buf_str(&out, "\033[J");
	print_buf(&out);
	buf_release(&out);
}

static void print_status_of(const struct cli_args *args, const struct run_reader *run,
    const struct batch_reader *chosen, bool is_repeated)
{
	struct buf out = BUF_INIT;
	struct status_opts opts = {
	    .now = clock_now(),
	    .all = args->front.all,
	    .keep_failures = !isatty(STDOUT_FILENO) && !getenv("LINES"),
	    .color = paint_has_color(args->front.color),
	};

	paint_size(&opts.columns, &opts.rows);
	is_repeated = is_repeated && isatty(STDOUT_FILENO) && !args->front.json;
	opts.rows -= isatty(STDOUT_FILENO); /* the prompt's line below, or the cursor's */
	if (args->front.json)
		status_json(run, chosen, &out);
	else
		status_text(run, chosen, &opts, &out);
	if (is_repeated)
		print_over(&out);
	else
		print_buf(&out);
	buf_release(&out);
}

static int repeat(const struct cli_args *args, struct run_reader *run, struct batch_reader *chosen)
{
	double ms = args->front.watch_s * 1000;
	struct err err = ERR_INIT;

	while (run_reader_exit_code(run) < 0 && !print_is_broken()) {
		poll(NULL, 0, ms < 100 ? 100 : ms > 86400e3 ? 86400000 : (int)ms);
		if (run_reader_refresh(run, &err) < 0)
			return fail(EXIT_INTERNAL, "%s", err.msg);
		if (args->nr_words == 0)
			chosen = run_reader_last(run);
		print_status_of(args, run, chosen, true);
	}
	return print_status();
}

int cmd_status(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	print_status_of(args, &run, chosen, args->front.watch_s > 0);
	rc = args->front.watch_s > 0 ? repeat(args, &run, chosen) : print_status();
	run_reader_close(&run);
	return rc;
}
