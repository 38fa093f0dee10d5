#include "cli/roles.h"
#include "base/xalloc.h"
#include "cli/print.h"
#include "engine/command.h"
#include "engine/launch.h"
#include "engine/no_agent.h"
#include "exec/profiles.h"
#include "exec/prompts.h"
#include "formats/tasks_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_given(const struct cli_args *args, enum solve_role r)
{
	char command[48];

	snprintf(command, sizeof(command), "%s-command", solve_role_name(r));
	return cli_given(args, solve_role_name(r)) || cli_given(args, command);
}

/* The command was given as the role's own, not as that of all rows. */
static int refuse(const char *what, const char *why)
{
	static const char option[] = "--agent-command: ";
	size_t len = sizeof(option) - 1;

	if (strcmp(what, "solve") != 0 && strncmp(why, option, len) == 0)
		return fail(EXIT_USAGE, "--%s-command: %s", what, why + len);
	return fail(EXIT_USAGE, "%s: %s", what, why);
}

/* What can be refused before anything is made: as of a row that its agent or command runs. */
static int check_agent(const struct options *o, const char *agent, const char *command,
    const char *what)
{
	static const char csv[] = "id,task\nx,x\n";
	const struct tasks_read_opts opts = {.file = what};
	struct command_fault fault;
	struct options own;
	struct tasks ts;
	struct err err = ERR_INIT;
	int rc;

	if (tasks_read_text(&ts, NULL, csv, sizeof(csv) - 1, &opts, &err) < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	options_copy(&own, o);
	free(own.agent);
	free(own.agent_command);
	free(own.validate);
	own.validate = NULL;
	own.agent = agent ? xstrdup(agent) : NULL;
	own.agent_command = command ? xstrdup(command) : NULL;
	rc = command_check(&own, &ts, NULL, what, &fault, &err);
	tasks_release(&ts);
	options_release(&own);
	return rc < 0 ? refuse(what, err.msg) : 0;
}

static int check_role(const struct options *o, enum solve_role r)
{
	struct buf prompt = BUF_INIT;
	struct err err = ERR_INIT;
	int rc = check_agent(o, o->role_profile[r], o->role_command[r], solve_role_name(r));

	if (rc == 0 && !o->role_command[r] && prompt_load(r, &prompt, &err) < 0)
		rc = fail(EXIT_USAGE, "%s", err.msg);
	buf_release(&prompt);
	return rc;
}

static int check_roles(const struct options *o)
{
	int r, rc = 0;

	if (o->nr_branches > 0)
		return fail(EXIT_USAGE,
		    "--branch and roles exclude each other: a validator judges one result of a "
		    "row");
	for (r = 0; rc == 0 && r < SOLVE_ROLE__COUNT; r++)
		if (options_has_role(o, (enum solve_role)r))
			rc = check_role(o, (enum solve_role)r);
	return rc;
}

int roles_of_launch(struct cli_args *args)
{
	if (is_given(args, SOLVE_VALIDATOR))
		return check_roles(&args->options);
	if (is_given(args, SOLVE_PLANNER) || is_given(args, SOLVE_SYNTHESIZER))
		return fail(EXIT_USAGE,
		    "a planner and a synthesizer want somebody who judges: --validator PROFILE or "
		    "--validator-command CMD");
	options_clear_roles(&args->options);
	return 0;
}

/* Whoever plans does the subtasks, too, where nobody else is named for them. */
static void name_agent(struct options *o)
{
	const char *planner = o->role_profile[SOLVE_PLANNER];

	if (!o->agent && !o->agent_command && planner && !o->role_command[SOLVE_PLANNER])
		o->agent = xstrdup(planner);
}

static bool have_all_roles(const struct options *o)
{
	int r = 0;

	while (r < SOLVE_ROLE__COUNT && options_has_role(o, (enum solve_role)r))
		r++;
	return r == SOLVE_ROLE__COUNT;
}

int roles_of_solve(struct cli_args *args)
{
	struct options *o = &args->options;
	struct err err = ERR_INIT;
	int r, rc = 0;

	name_agent(o);
	/* With every role named the plan may name who does its rows. */
	if (o->agent || o->agent_command)
		rc = check_agent(o, o->agent, o->agent_command, "solve");
	else if (!have_all_roles(o) && no_agent_refuse("solve", "PROBLEM", &err) < 0)
		rc = fail(EXIT_USAGE, "%s", err.msg);
	for (r = 0; rc == 0 && r < SOLVE_ROLE__COUNT; r++) {
		if (options_has_role(o, (enum solve_role)r))
			continue;
		o->role_profile[r] = o->agent ? xstrdup(o->agent) : NULL;
		o->role_command[r] = o->agent_command ? xstrdup(o->agent_command) : NULL;
	}
	return rc == 0 ? check_roles(o) : rc;
}
