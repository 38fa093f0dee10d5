/* monitor: the screen, or its stand-in, on a run that somebody else conducts. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/show.h"
#include "cli/target.h"
#include "ui/ui.h"
#include "view/text/width.h"

#include <stdio.h>
#include <stdlib.h>

#define SIZE_MAX_CELLS 1000

/* COLSxROWS */
static int read_size(const char *s, int *cols, int *rows)
{
	char *end;
	long c = strtol(s, &end, 10);
	long r = *end == 'x' ? strtol(end + 1, &end, 10) : 0;

	if (*end || c < 1 || r < 1 || c > SIZE_MAX_CELLS || r > SIZE_MAX_CELLS)
		return fail(EXIT_USAGE, "'%s' is no size: COLSxROWS, such as 80x24", s);
	*cols = (int)c;
	*rows = (int)r;
	return 0;
}

static int print_frame(const struct cli_args *args, const char *path, const char *id)
{
	const struct front_options *front = &args->front;
	struct ui_print_opts o = {
	    .batch = path,
	    .view = front->print,
	    .id = id,
	    .cols = 80,
	    .rows = 24,
	    .at_t = front->at_s != NUM_NONE ? front->at_s * 1000 : clock_now().wall_ms,
	    .ascii = front->ascii || !width_has_utf8(),
	};
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	int rc = front->size ? read_size(front->size, &o.cols, &o.rows) : 0;

	if (rc == 0 && ui_print_frame(&o, &out, &err) < 0)
		rc = fail(EXIT_USAGE, "%s", err.msg);
	if (rc == 0)
		rc = print_buf(&out) < 0 ? print_status() : 0;
	buf_release(&out);
	return rc;
}

/* Leaving or the run's own end are both the end of watching; only our own trouble is a fault. */
static int watched(int rc)
{
	return rc == EXIT_INTERNAL || rc == EXIT_USAGE ? rc : 0;
}

/* monitor [BATCH] --print VIEW [ID]: one frame, and the batch that it is of. */
static int print_view(const struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	bool has_batch = args->nr_words > 0 && is_batch_arg(args->words[0]);
	const char *id = args->nr_words > (size_t)has_batch ? args->words[has_batch] : NULL;
	int rc;

	if (args->nr_words > (size_t)has_batch + 1)
		return fail(EXIT_USAGE, "one BATCH and one ID at most, not also '%s'",
		    args->words[has_batch + 1]);
	rc = target_open(args, has_batch ? args->words[0] : NULL, &run, &chosen);
	if (rc == 0) {
		rc = print_frame(args, chosen->dir.path, id);
		run_reader_close(&run);
	}
	return rc;
}

/* The screen folds the run itself: twice would be the longest part of its beginning. */
static int find_unread(const struct cli_args *args, struct batch_dir *dir)
{
	if (args->nr_words > 1)
		return fail(EXIT_USAGE, "one BATCH at most, not also '%s'", args->words[1]);
	return target_find(args, args->nr_words ? args->words[0] : NULL, dir);
}

/* Lines are of the batch that was named, or of the one that lives now. */
static int find_chosen(const struct cli_args *args, struct batch_dir *dir)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct err err = ERR_INIT;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	rc = batch_dir_open(dir, chosen->dir.path, &err);
	run_reader_close(&run);
	return rc < 0 ? fail(EXIT_INTERNAL, "%s", err.msg) : 0;
}

int cmd_monitor(struct cli_args *args)
{
	struct show_opts show = {.front = &args->front, .from_here = true};
	struct batch_dir dir;
	int rc;

	if (args->front.print)
		return print_view(args);
	if (show_why_no_screen(&args->front))
		rc = find_chosen(args, &dir);
	else
		rc = find_unread(args, &dir);
	if (rc != 0)
		return rc;
	rc = watched(show_run(&dir, &show));
	batch_dir_close(&dir);
	return rc;
}
