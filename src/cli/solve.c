/* solve: launches a run whose tasks a planner makes of a problem. */
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/input.h"
#include "cli/launch.h"
#include "cli/pool.h"
#include "cli/print.h"
#include "cli/roles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* It stands in the first line of every journal of the run, whose lines have a bound. */
#define PROBLEM_BYTES_MAX ((size_t)256 << 10)

static int read_problem(struct cli_args *args)
{
	struct buf problem = BUF_INIT;
	struct err err = ERR_INIT;
	int rc = 0;

	if (args->nr_words == 0)
		return fail(EXIT_USAGE,
		    "solve: which problem? say it in one argument, or - for stdin");
	if (args->nr_words > 1)
		return fail(EXIT_USAGE,
		    "solve: one problem at a time, in one argument: quote it ('%s' is another one)",
		    args->words[1]);
	if (strcmp(args->words[0], "-") != 0)
		buf_str(&problem, args->words[0]);
	else if (file_read_fd(STDIN_FILENO, PROBLEM_BYTES_MAX, &problem, &err) < 0)
		rc = fail(EXIT_USAGE, "solve: cannot read the problem from stdin: %s", err.msg);
	while (problem.len && strchr(" \t\r\n", problem.data[problem.len - 1]))
		buf_cut(&problem, problem.len - 1);
	if (rc == 0 && strlen(problem.data) != problem.len)
		rc = fail(EXIT_USAGE, "solve: the problem holds a NUL byte");
	else if (rc == 0 && problem.len == 0)
		rc = fail(EXIT_USAGE, "solve: the problem is empty");
	else if (rc == 0 && problem.len > PROBLEM_BYTES_MAX)
		rc = fail(EXIT_USAGE,
		    "solve: the problem has %zu bytes, more than %zu: put it into a file, and "
		    "--attach that",
		    problem.len, PROBLEM_BYTES_MAX);
	else if (rc == 0)
		args->options.problem = buf_detach(&problem);
	buf_release(&problem);
	return rc;
}

static int find_attachments(struct options *o)
{
	size_t i;

	for (i = 0; i < o->attachments.nr; i++) {
		char **path = &o->attachments.v[i];
		char *full = realpath(*path, NULL);

		if (!full)
			return fail(EXIT_USAGE, "solve: cannot attach '%s': %s", *path,
			    strerror(errno));
		free(*path);
		*path = full;
	}
	return 0;
}

static int find_accounts(struct cli_args *args)
{
	struct err err = ERR_INIT;
	struct tasks no_tasks;
	const struct pool_of of = {config_of(args), &no_tasks, note_warning, NULL};
	int rc;

	tasks_init(&no_tasks);
	rc = pool_settle(&args->options, &of, &err);
	if (rc == 0)
		rc = pool_check(&args->options, &of, &err);
	tasks_release(&no_tasks);
	return rc < 0 ? fail(EXIT_USAGE, "%s", err.msg) : 0;
}

static const char *who(const struct options *o, enum solve_role r)
{
	return o->role_command[r] ? o->role_command[r] : o->role_profile[r];
}

static int print_plan(const struct options *o)
{
	int r;

	for (r = 0; r < SOLVE_ROLE__COUNT; r++)
		print_fmt("%s: %s\n", solve_role_name((enum solve_role)r),
		    who(o, (enum solve_role)r));
	print_fmt("subtasks: %s\n",
	    o->agent_command ? o->agent_command
		: o->agent   ? o->agent
			     : "whom the plan names");
	return print_status();
}

int cmd_solve(struct cli_args *args)
{
	struct launched launched = {0};
	int rc = launch_check_front(args, "solve");

	if (rc == 0)
		rc = read_problem(args);
	if (rc == 0)
		rc = complete_options(&args->options, "solve");
	if (rc == 0 && args->config && args->options.agent)
		config_apply(args->config, args, args->options.agent);
	if (rc == 0)
		rc = find_attachments(&args->options);
	if (rc == 0)
		rc = roles_of_solve(args);
	if (rc == 0)
		rc = find_accounts(args);
	if (rc == 0)
		rc = args->front.dry_run ? print_plan(&args->options)
					 : launch_solve(args, &launched);
	free(launched.path);
	return rc;
}
