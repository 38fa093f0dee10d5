#include "cli/branch.h"
#include "cli/pool.h"
#include "engine/command.h"
#include "engine/ignored.h"
#include "formats/options_json.h"
#include "formats/task_paths.h"
#include "model/branch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int check_dirs(const struct options *o, const struct tasks *ts, struct err *err)
{
	uint32_t i;

	if (!o->context_path)
		return 0;
	for (i = 0; i < ts->nr && i < 1; i++) { /* it is the same for all */
		char *dir = task_directory(o, ts, &ts->v[i]);
		struct stat st;
		int rc = 0;

		if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
			rc = err_set(err, "--context-path: there is no directory '%s'", dir);
		free(dir);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Of another profile there may be other accounts. */
static int settle_accounts(struct branch_check *c, struct options *o, struct branch *b,
    struct err *err)
{
	const struct pool_of of = {c->config, c->tasks, c->warn, c->ctx};

	if (pool_settle(o, &of, err) < 0 || pool_check(o, &of, err) < 0)
		return -1;
	if (b->has_own_agent || options_branch_sets(b, "accounts"))
		options_branch_put(b, "accounts", o->accounts);
	return 0;
}

static int check_one(struct branch_check *c, struct branch *b, struct err *err)
{
	const char *own[COL__COUNT];
	struct options o;
	int rc;

	memcpy(own, c->tasks->for_all, sizeof(own));
	options_copy(&o, c->options);
	rc = options_branch(&o, b, err);
	if (rc == 0) {
		branch_set_rows(&o, c->tasks);
		rc = command_check(&o, c->tasks, c->met, c->file, &c->fault, err);
	}
	if (rc == 0) {
		c->fault.row = UINT32_MAX;
		rc = check_dirs(&o, c->tasks, err);
	}
	if (rc == 0)
		rc = settle_accounts(c, &o, b, err);
	if (rc == 0)
		ignored_columns(&o, c->tasks, c->warn, c->ctx);
	memcpy(c->tasks->for_all, own, sizeof(own));
	options_release(&o);
	return rc < 0 ? err_prefix(err, "branch %s: ", b->name) : 0;
}

/* How many branches work where the rows say. */
static uint32_t nr_in_place(const struct options *o)
{
	uint32_t nr = 0, i;

	for (i = 0; i < o->nr_branches; i++)
		nr += !options_branch_sets(&o->branches[i], "context_path");
	return nr;
}

static int check_run(const struct branch_check *c, struct err *err)
{
	const struct options *o = c->options;

	if (!o->auto_retry || o->max_retries == 0)
		return err_set(err,
		    "--branch forks retry cycles, and without --auto-retry there are none");
	if (o->jobs > 0 && (uint32_t)o->jobs < o->nr_branches)
		return err_set(err,
		    "%u branches share the job slots of --jobs %d: give at least as many as "
		    "branches",
		    o->nr_branches, o->jobs);
	if (nr_in_place(o) < 2)
		return 0;
	if (o->exclusive_dir)
		return err_set(err,
		    "--exclusive-dir holds in one batch, and branches are several: give each but "
		    "one a --context-path of its own");
	c->warn(c->ctx,
	    "branches run side by side: agents of several work in one directory at the same time "
	    "unless their flags give each a --context-path of its own");
	return 0;
}

int branches_check(struct branch_check *c, struct err *err)
{
	uint32_t i;

	c->fault.row = UINT32_MAX;
	if (c->options->nr_branches == 0)
		return 0;
	if (check_run(c, err) < 0)
		return -1;
	for (i = 0; i < c->options->nr_branches; i++)
		if (check_one(c, &c->options->branches[i], err) < 0)
			return -1;
	return 0;
}

long long branches_attempts(const struct options *o)
{
	long long sum = 0;
	uint32_t i;

	for (i = 0; i < o->nr_branches; i++) {
		struct options own;

		options_copy(&own, o);
		if (options_branch(&own, &o->branches[i], NULL) == 0)
			sum += own.attempts;
		options_release(&own);
	}
	return o->nr_branches ? sum : o->attempts;
}
