/* resume: carries on a run that nobody conducts. */
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/pool.h"
#include "cli/print.h"
#include "cli/show.h"
#include "cli/target.h"
#include "formats/options_json.h"
#include "policy/solve.h"

#include <stdlib.h>
#include <string.h>

/* Only what was given anew, as an options object's text; malloc'ed. NULL: nothing was. */
static char *overrides_of(const struct cli_args *args)
{
	struct text_list keys = {.nr = 0};
	char *text = NULL;

	cli_given_keys(args, &keys);
	if (keys.nr)
		text = options_pick(&args->options, &keys);
	text_list_clear(&keys);
	return text;
}

/* The values come from here, the shell that resumes: what is missing is better known now. */
static int find_accounts(struct cli_args *args, const struct batch_reader *last)
{
	const struct pool_of of = {config_of(args), &last->tasks, note_warning, NULL};
	bool is_new = cli_given(args, "accounts");
	struct err err = ERR_INIT;
	struct options o;
	int rc = 0;

	options_copy(&o, &last->manifest.options);
	if (is_new) {
		free(o.accounts);
		o.accounts = xstrdup(args->options.accounts);
		rc = pool_settle(&o, &of, &err);
	}
	if (rc == 0)
		rc = pool_check_again(&o, &of, &err);
	if (rc == 0 && is_new) {
		free(args->options.accounts);
		args->options.accounts = xstrdup(o.accounts ? o.accounts : NO_ACCOUNTS);
	}
	options_release(&o);
	return rc < 0 ? fail(EXIT_USAGE, "%s", err.msg) : 0;
}

/* Branches share them out, at least one to each. */
static int check_jobs(const struct cli_args *args, const struct options *o)
{
	int jobs = args->options.jobs;

	if (!cli_given(args, "jobs") || jobs == 0 || (uint32_t)jobs >= o->nr_branches)
		return 0;
	return fail(EXIT_USAGE, "resume: the run has %u branches: at least as many --jobs, or 0",
	    o->nr_branches);
}

/* Whether the run with roles that is done has not passed, and could go on with `rounds`. */
static bool would_go_on(const struct run_reader *run, int rounds)
{
	struct options o;
	bool would;

	if (!run_reader_is_solve(run))
		return false;
	options_copy(&o, &run->batches[0]->manifest.options);
	o.max_validation_retries = rounds;
	would = solve_has_rounds_left(&o, &run->batches[0]->state.solve) &&
	    (options_has_role(&o, SOLVE_PLANNER) || !run_all_completed(run));
	options_release(&o);
	return would;
}

static int carry_on(struct cli_args *args, const struct run_reader *run, bool is_done)
{
	const struct batch_reader *last = run_reader_last(run);
	struct follow_since since;
	char *overrides;
	struct err err = ERR_INIT;
	struct show_opts show = {
	    .front = &args->front,
	    .is_own = true,
	    .since = &since,
	};
	int rc = find_accounts(args, last);

	if (rc == 0)
		rc = check_jobs(args, &last->manifest.options);
	if (rc != 0)
		return rc;
	follow_from_here(&since, run);
	overrides = overrides_of(args);
	if (is_done)
		rc = engine_reopen(&run->batches[0]->dir, overrides, &err);
	else
		rc = engine_resume(&last->dir, overrides, &err);
	free(overrides);
	if (rc != 0) {
		rc = fail(rc, "%s", err.msg);
	} else if (!args->front.detach) {
		rc = show_run(&last->dir, &show);
	} else {
		print_fmt("%s\n", last->dir.path);
		rc = print_status();
	}
	follow_since_release(&since);
	return rc;
}

/* Of a run that is over: why not, and what to do. */
static int say_finished(const struct run_reader *run)
{
	const char *name = run->batches[0]->dir.name;
	int rounds = (int)run->batches[0]->state.solve.round + 1;
	int rc = run_reader_exit_code(run);

	if (rc == 0)
		note("%s has finished: there is nothing to resume", name);
	else if (would_go_on(run, rounds))
		note("%s has finished, and validation has not passed: it goes on with 'agent-batch "
		     "resume %s --max-validation-retries %d'",
		    name, name, rounds);
	else
		note("%s has finished: there is nothing to resume; what failed runs again with "
		     "'agent-batch retry %s --launch'",
		    name, name);
	return rc;
}

int cmd_resume(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	int rc = target_open_only(args, &run, &chosen);
	bool is_done;

	if (rc != 0)
		return rc;
	is_done = run_reader_state(&run) == RUN_FINISHED && !run.is_held;
	if (is_done &&
	    !(cli_given(args, "max-validation-retries") &&
		would_go_on(&run, args->options.max_validation_retries)))
		rc = say_finished(&run);
	else
		rc = carry_on(args, &run, is_done);
	run_reader_close(&run);
	return rc;
}
