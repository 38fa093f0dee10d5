/* launch: reads and judges the tasks, makes the batch, and follows it. */
#include "cli/launch.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/input.h"
#include "cli/print.h"
#include "cli/show.h"
#include "exec/logout.h"

#include <stdlib.h>

/* Before the start, where it does not get into the way of what stdout is for. */
static void print_before(const struct cli_args *args, struct buf *text)
{
	if (text->len > 0 && (args->front.detach || args->front.output == OUTPUT_JSONL))
		note("%s", text->data);
	else
		print_buf(text);
	buf_reset(text);
}

/* `in` is NULL where a planner makes the tasks. */
static void print_bounds(const struct cli_args *args, const struct input *in)
{
	struct buf text = BUF_INIT;

	worst_case_text(&args->options, in && in->has_retry ? in->retry.retry_count : 0, &text);
	print_before(args, &text);
	if (in)
		shared_dirs_text(&args->options, &in->tasks, &text);
	print_before(args, &text);
	accounts_text(&args->options, &text);
	print_before(args, &text);
	buf_release(&text);
}

/* Agents outlive everything above them but this. */
static void warn_of_logout(void)
{
	enum logout_end e = logout_ends_me();

	if (e != LOGOUT_SPARES)
		note("warning: the session manager ends your processes at logout, this batch too; "
		     "to "
		     "keep it: %s",
		    logout_advice(e));
}

static int start(struct cli_args *args, const struct launch_spec *spec, struct launched *out)
{
	struct batch_dir dir;
	struct err err = ERR_INIT;
	int rc;

	warn_of_logout();
	rc = engine_launch(spec, &dir, &err);
	*out = (struct launched){.has_started = rc == 0};
	if (rc != 0)
		return fail(rc, "%s", err.msg);
	out->path = xstrdup(dir.path);
	if (args->front.detach) {
		print_fmt("%s\n", dir.path);
		rc = print_status();
	} else {
		rc = show_run(&dir, &(struct show_opts){.front = &args->front, .is_own = true});
	}
	batch_dir_close(&dir);
	return rc;
}

int launch_input(struct cli_args *args, struct input *in, struct launched *out)
{
	const struct launch_spec spec = {
	    .options = &args->options,
	    .csv = &in->csv,
	    .retry = in->has_retry ? &in->retry : NULL,
	    .parent_children = in->parent_children,
	};

	print_bounds(args, in);
	return start(args, &spec, out);
}

int launch_solve(struct cli_args *args, struct launched *out)
{
	const struct launch_spec spec = {.options = &args->options};

	print_bounds(args, NULL);
	return start(args, &spec, out);
}

int launch_check_front(const struct cli_args *args, const char *command)
{
	if (args->front.monitor && (args->front.no_tui || args->front.detach))
		return fail(EXIT_USAGE, "%s: --monitor and %s exclude each other", command,
		    args->front.detach ? "--detach" : "--no-tui");
	return 0;
}

int cmd_launch(struct cli_args *args)
{
	struct input in;
	struct launched launched = {0};
	int rc = launch_check_front(args, "launch");

	if (rc != 0)
		return rc;
	rc = input_read(&in, args);
	if (rc == 0)
		rc = args->front.dry_run ? dry_run(args, &in) : launch_input(args, &in, &launched);
	input_release(&in);
	free(launched.path);
	return rc;
}
