/* demo: a batch of simulated agents, through the same door as every other batch, and afterwards
 * what there was to be seen. */
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/demo_script.h"
#include "cli/demo_solve.h"
#include "cli/launch.h"
#include "cli/print.h"
#include "formats/batch_dir.h"
#include "view/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEMO_JOBS 6
#define DEMO_CYCLES 2

/* $TMPDIR, else the batches directory: what agents leave is the user's to look at. */
static char *make_place(const char *batches, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *place;

	if (!tmp || !*tmp)
		tmp = batches;
	if (dir_make_path(tmp, err) < 0)
		return NULL;
	place = xasprintf("%s/agent-batch-demo-XXXXXX", tmp);
	if (mkdtemp(place))
		return place;
	err_sys(err, errno, "cannot make a folder for the demo in '%s'", tmp);
	free(place);
	return NULL;
}

static void set_options(struct options *o, const char *batches)
{
	o->auto_retry = true;
	o->max_retries = DEMO_CYCLES;
	o->jobs = DEMO_JOBS;
	o->backoff = (struct ladder){.initial_s = 2, .factor = 2, .cap_s = 8};
	o->grace_s = 1;
	o->dir = xstrdup(batches);
}

static unsigned count(enum demo_point point)
{
	size_t nr, i;
	const struct demo_row *r = demo_script(&nr);
	unsigned found = 0;

	for (i = 0; i < nr; i++)
		found += r[i].point == point;
	return found;
}

static void explain(const struct run_reader *run, const char *place)
{
	const char *name = run->batches[0]->dir.name;
	struct run_sums s;

	run_sums_init(&s, run, clock_now());
	print_fmt(
	    "\nwhat you have just seen\n"
	    "  %u were told to slow down (429, 529): they waited as told, the others with them\n"
	    "  %u met a failing service, %u crashed, %u hung and was ended: each had another try\n"
	    "  %u failed, and %u could not start without them: only these ran again, in cycle 1;\n"
	    "    then only what was left, in cycle 2: %u executions instead of %u\n"
	    "  %u failed for good: it says why, and what to read\n",
	    count(DEMO_LIMIT), count(DEMO_FLAKY), count(DEMO_CRASH), count(DEMO_HANG),
	    count(DEMO_HEALED) + count(DEMO_HOPELESS), count(DEMO_DEPENDENT), s.executed,
	    s.executed_if_all, count(DEMO_HOPELESS));
	print_fmt("look again  agent-batch monitor %s | status | lineage | report\n"
		  "            agent-batch logs %s legacy-soap\n"
		  "the tasks   %s/demo.csv\n"
		  "your own    agent-batch launch TASKS.csv --auto-retry --agent PROFILE\n",
	    name, name, place);
	run_sums_release(&s);
}

static int judge(const char *path, const char *place)
{
	struct run_reader run;
	struct err err = ERR_INIT;
	bool went;

	if (run_reader_open(&run, path, &err) < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	explain(&run, place);
	went = demo_went_as_scripted(&run, &err);
	run_reader_close(&run);
	if (!went)
		return fail(EXIT_SOME_FAILED, "the demo did not go as scripted: %s", err.msg);
	return print_status();
}

static int play(struct cli_args *args, const char *place)
{
	char *csv = xasprintf("%s/demo.csv", place);
	struct launched launched = {0};
	struct input in;
	int rc;

	cli_args_set_word(args, csv);
	rc = input_read(&in, args);
	if (rc == 0)
		rc = launch_input(args, &in, &launched);
	/* The hopeless row makes the run itself end with 1. */
	if (launched.has_started && (rc == EXIT_ALL_COMPLETED || rc == EXIT_SOME_FAILED) &&
	    args->front.output == OUTPUT_TEXT)
		rc = judge(launched.path, place);
	input_release(&in);
	free(launched.path);
	free(csv);
	return rc;
}

static int demo_backlog(struct cli_args *args, const char *batches)
{
	struct err err = ERR_INIT;
	char *place = make_place(batches, &err);
	int rc;

	if (!place || demo_write(place, &err) < 0) {
		rc = fail(EXIT_INTERNAL, "%s", err.msg);
	} else {
		set_options(&args->options, batches);
		rc = play(args, place);
	}
	free(place);
	return rc;
}

int cmd_demo(struct cli_args *args)
{
	char *batches;
	int rc;

	if (args->nr_words > 0)
		return fail(EXIT_USAGE, "demo: takes no '%s'", args->words[0]);
	batches = batches_dir_path(args->front.dir);
	rc = args->front.solve ? demo_solve(args, batches) : demo_backlog(args, batches);
	free(batches);
	return rc;
}
