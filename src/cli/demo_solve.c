#include "cli/demo_solve.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/input.h"
#include "cli/launch.h"
#include "cli/print.h"
#include "cli/roles.h"
#include "formats/run_reader.h"
#include "view/summary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROBLEM \
	"Imports of orders, invoices and payments are slow: find out why." \
	" [[sim plan=4 fails=2 missing=1 duration=1.5 lines=9 cost=0.07 tokens=6200]]"

/* Where each subtask must have been completed, and after how many executions. */
static const struct {
	const char *id;
	enum batch_kind kind;
	unsigned attempts;
} rows[] = {
    {"step_1", BATCH_ORIGINAL, 1},
    {"step_2", BATCH_RETRY, 2},
    {"step_3", BATCH_ORIGINAL, 1},
    {"step_4", BATCH_ORIGINAL, 1},
    {"step_5", BATCH_EXTENSION, 1},
};

/* How often each role must have been asked. */
static const uint32_t calls[SOLVE_ROLE__COUNT] = {
    [SOLVE_PLANNER] = 2, [SOLVE_SYNTHESIZER] = 3, [SOLVE_VALIDATOR] = 3};

/* ---- did it go so? ---------------------------------------------------------------- */

static int check_row(size_t i, const struct merged_row *got, struct err *err)
{
	if (strcmp(got->task->id, rows[i].id) == 0 && got->agent->status == AGENT_COMPLETED &&
	    got->from->manifest.retry.kind == rows[i].kind && got->attempts == rows[i].attempts)
		return 0;
	return err_set(err, "'%s' is %s after %u executions, last in %s", got->task->id,
	    status_name(got->agent->status), got->attempts, got->from->dir.name);
}

static int check_rows(const struct run_reader *run, struct err *err)
{
	uint32_t nr, i;
	struct merged_row *merged = run_merge(run, &nr);
	int rc = nr == ARRAY_LEN(rows)
	    ? 0
	    : err_set(err, "there are %u subtasks instead of %zu", nr, ARRAY_LEN(rows));

	for (i = 0; rc == 0 && i < nr; i++)
		rc = check_row(i, &merged[i], err);
	free(merged);
	return rc;
}

static int check_verdicts(const struct solve *s, struct err *err)
{
	size_t i;
	int r;

	for (r = 0; r < SOLVE_ROLE__COUNT; r++)
		if (s->last_call[r] != calls[r])
			return err_set(err, "the %s was asked %u times instead of %u",
			    solve_role_name((enum solve_role)r), s->last_call[r], calls[r]);
	for (i = 0; i < s->nr_verdicts; i++)
		if (solve_has_passed(s->verdicts[i].is_complete, s->verdicts[i].quality) !=
		    (i == 2))
			return err_set(err, "validation %zu went otherwise", i + 1);
	return 0;
}

static int check_answer(const struct run_reader *run, struct err *err)
{
	if (faccessat(run->batches[0]->dir.fd, ANSWER_NAME, R_OK, 0) == 0)
		return 0;
	return err_set(err, "there is no " ANSWER_NAME);
}

static int check(const struct run_reader *run, struct err *err)
{
	if (check_rows(run, err) < 0 || check_verdicts(&run->batches[0]->state.solve, err) < 0)
		return -1;
	return check_answer(run, err);
}

/* ---- what there was to be seen ------------------------------------------------------- */

static void explain(const struct run_reader *run)
{
	const struct batch_dir *dir = &run->batches[0]->dir;
	struct run_sums s;

	run_sums_init(&s, run, clock_now());
	print_fmt("\nwhat you have just seen\n"
		  "  a planner made 4 subtasks of a problem; one of them failed\n"
		  "  a validator read the answer that was written without it, and said no:\n"
		  "    only step_2 ran again, the others were not touched\n"
		  "  it said no once more: nothing had failed, but a requirement was missing:\n"
		  "    the planner added one subtask, step_5, and only that one ran\n"
		  "  the third answer passed: %u executions of subtasks in all\n"
		  "look again  agent-batch monitor %s | lineage | report\n"
		  "the answer  %s/" ANSWER_NAME "\n"
		  "your own    agent-batch solve 'PROBLEM' --agent PROFILE\n",
	    s.executed, dir->name, dir->path);
	run_sums_release(&s);
}

static int judge(const char *path)
{
	struct run_reader run;
	struct err err = ERR_INIT;
	int rc;

	if (run_reader_open(&run, path, &err) < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	explain(&run);
	rc = check(&run, &err);
	run_reader_close(&run);
	if (rc < 0)
		return fail(EXIT_SOME_FAILED, "the demo did not go as scripted: %s", err.msg);
	return print_status();
}

/* ---- playing it ------------------------------------------------------------------------ */

static void set_options(struct options *o, const char *batches)
{
	o->agent = xstrdup("sim");
	o->dir = xstrdup(batches);
	o->problem = xstrdup(PROBLEM);
	o->grace_s = 1;
}

int demo_solve(struct cli_args *args, const char *batches)
{
	struct launched launched = {0};
	int rc;

	set_options(&args->options, batches);
	rc = complete_options(&args->options, "solve");
	if (rc == 0)
		rc = roles_of_solve(args);
	if (rc == 0)
		rc = launch_solve(args, &launched);
	if (launched.has_started && (rc == EXIT_ALL_COMPLETED || rc == EXIT_SOME_FAILED) &&
	    args->front.output == OUTPUT_TEXT)
		rc = judge(launched.path);
	free(launched.path);
	return rc;
}
