/* monitor: the screen, or its stand-in, on a run that somebody else conducts. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/show.h"
#include "cli/target.h"

/* Leaving or the run's own end are both the end of watching; only our own trouble is a fault. */
static int watched(int rc)
{
	return rc == EXIT_INTERNAL || rc == EXIT_USAGE ? rc : 0;
}

int cmd_monitor(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct show_opts show = {.front = &args->front};
	struct batch_dir dir;
	struct err err = ERR_INIT;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	show.from = follow_from_here(chosen);
	rc = batch_dir_open(&dir, chosen->dir.path, &err);
	run_reader_close(&run);
	if (rc < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	rc = watched(show_run(&dir, &show));
	batch_dir_close(&dir);
	return rc;
}
