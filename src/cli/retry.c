/* retry: a CSV of what failed and no child has healed; --launch runs it. */
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/left_over.h"
#include "cli/print.h"
#include "cli/target.h"
#include "formats/options_json.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long the child of another retry may take to be seen. */
#define CHILD_TRY_MS 50
#define CHILD_TRIES 60

/* Writes the CSV under a name that is free; *path is malloc'ed. Nothing is left of it on failure. */
static int write_csv(const struct batch_reader *from, const struct left_over *l, char **path,
    struct err *err)
{
	char name[NAME_SIZE];
	int dirfd = dir_open(from->dir.parent_path, err);
	int fd, rc;
	FILE *f;

	if (dirfd < 0)
		return -1;
	do {
		name_free_retry_csv(dirfd, RETRY_CSV_HAND, from->dir.name, clock_now().wall_ms,
		    name);
		fd = file_create(dirfd, name, err);
	} while (fd < 0 && errno == EEXIST);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (fd >= 0 && !f)
		err_sys(err, errno, "cannot write '%s'", name);
	rc = f ? tasks_write_retry(f, &from->tasks, l->rows, l->nr, err) : -1;
	if (rc == 0 && (fflush(f) != 0 || fsync(fd) < 0))
		rc = err_sys(err, errno, "cannot write '%s'", name);
	if (f)
		fclose(f);
	if (fd >= 0 && rc < 0)
		unlinkat(dirfd, name, 0);
	close(dirfd);
	if (rc == 0)
		*path = xasprintf("%s/%s", from->dir.parent_path, name);
	return rc;
}

static void say_left_behind(const struct left_over *l)
{
	if (l->nr_cancelled > 0)
		note("%u cancelled row%s not taken", l->nr_cancelled,
		    l->nr_cancelled == 1 ? " is" : "s are");
	if (l->nr_stranded > 0)
		note("%u row%s not taken: what they depend on is neither completed nor taken",
		    l->nr_stranded, l->nr_stranded == 1 ? " is" : "s are");
}

/* The parent's options go for the child, but for what was given here. */
static void take_options(struct cli_args *args, const struct batch_reader *parent)
{
	struct options o;

	options_copy(&o, &parent->manifest.options);
	options_unbranch(&o);
	/* It is a person's own child: no role has a say in it. */
	options_clear_roles(&o);
	cli_args_overlay(args, &o);
	options_release(&args->options);
	args->options = o;
}

/* Of two at the same moment one makes the child, and the other one tells its name, as soon as the
 * child is there: the lock was taken before. */
static void name_the_child(const struct run_reader *run, const struct batch_reader *parent)
{
	struct run_reader fresh;
	const char *name;
	bool is_over;
	int tries;

	for (tries = 0; tries < CHILD_TRIES; tries++) {
		if (run_reader_open(&fresh, parent->dir.path, NULL) < 0)
			return;
		name = fresh.nr > run->nr ? fresh.batches[fresh.nr - 1]->dir.name : NULL;
		if (name)
			note("%s runs it already: agent-batch monitor %s", name, name);
		is_over = name || !fresh.is_held;
		run_reader_close(&fresh);
		if (is_over)
			return;
		poll(NULL, 0, CHILD_TRY_MS);
	}
}

static int launch_csv(struct cli_args *args, const struct run_reader *run,
    const struct batch_reader *parent, char *csv)
{
	struct input in;
	size_t parent_children = parent->manifest.retry.nr_next;
	struct launched launched = {0};
	int rc;

	take_options(args, parent);
	cli_args_set_word(args, csv);
	rc = input_read(&in, args);
	in.parent_children = parent_children; /* as it was when the rows were chosen */
	if (rc == 0)
		rc = launch_input(args, &in, &launched);
	if (!launched.has_started) {
		unlink(csv); /* nobody will run it */
		if (rc == EXIT_HELD)
			name_the_child(run, parent);
	}
	free(launched.path);
	input_release(&in);
	return rc;
}

/* A run that goes on, or could, has the say over its rows. 0: it is over. */
static int refuse_living(const struct run_reader *run, bool launches)
{
	const char *last = run_reader_last(run)->dir.name;

	switch (run_reader_state(run)) {
	case RUN_FINISHED:
	case RUN_STOPPED:
		if (!run->is_held)
			return 0;
		break;
	case RUN_INTERRUPTED:
		return fail(launches ? EXIT_INTERRUPTED : EXIT_SOME_FAILED,
		    "%s is interrupted: what still runs there is not known; agent-batch resume %s "
		    "first",
		    last, last);
	case RUN_RUNNING:
	case RUN_PAUSED:
	case RUN_DRAINING:
	case RUN_WAITING:
		break;
	}
	return fail(launches ? EXIT_HELD : EXIT_SOME_FAILED,
	    "%s still runs: wait for it (agent-batch wait %s), or ctl retry ID", last, last);
}

static int retry_batch(struct cli_args *args, const struct run_reader *run,
    const struct batch_reader *from, const struct left_over *l)
{
	struct err err = ERR_INIT;
	char *csv = NULL;
	int rc = 0;

	say_left_behind(l);
	if (l->nr == 0) {
		print_fmt("nothing left to retry in %s\n", from->dir.name);
		return print_status();
	}
	if (write_csv(from, l, &csv, &err) < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	if (!args->front.launch || (!args->front.detach && args->front.output == OUTPUT_TEXT))
		print_fmt("%s\n", csv);
	if (args->front.launch)
		rc = launch_csv(args, run, from, csv);
	free(csv);
	return rc ? rc : print_status();
}

int cmd_retry(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct left_over left;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	/* Without a BATCH: all of the newest run, not only what its last cycle had. */
	if (args->nr_words == 0)
		chosen = run.batches[0];
	rc = refuse_living(&run, args->front.launch);
	if (rc == EXIT_HELD && run_reader_state(&run) == RUN_FINISHED)
		name_the_child(&run, chosen);
	if (rc == 0) {
		left_over_init(&left, &run, chosen);
		rc = retry_batch(args, &run, chosen, &left);
		left_over_release(&left);
	}
	run_reader_close(&run);
	return rc;
}
