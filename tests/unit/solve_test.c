/* What a run with roles does next, for every state that a crash, a stop or an end can leave. */
#include "policy/solve.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row of a table: what stands, and what is done. */
struct path {
	const char *name;
	const char *roles; /* of the run: letters p, s, v */
	int phase; /* -1: nothing was told */
	int64_t round;
	enum solve_call call;
	enum solve_last last;
	bool has_tasks, is_stopped, is_draining, has_failed_rows, no_such_child, is_child_told;
	bool has_verdict, is_complete;
	enum solve_quality quality;
	uint32_t nr_unread;
	uint32_t nr_again;
	int exit_code;
	int rounds; /* max_validation_retries; 0: the default */
	/* expected */
	enum solve_do what;
	int to; /* phase; -1: any */
	int64_t to_round;
	enum batch_kind kind;
	bool is_unread, is_resumed;
	int exit;
};

static const struct path paths[] = {
    /* ---- the beginning ---- */
    {"a problem is planned", "psv", -1, .what = SOLVE_DO_CALL, .to = SOLVE_PLANNING},
    {"tasks of the user's own are executed", "v", -1, .has_tasks = true, .what = SOLVE_DO_EXECUTE,
	.to = SOLVE_EXECUTING},

    /* ---- a role's call ---- */
    {"the call was told, and a crash came", "psv", SOLVE_PLANNING, .call = CALL_UNFINISHED,
	.what = SOLVE_DO_CONDUCT_CALL, .to = SOLVE_PLANNING},
    {"the planner's reply is there", "psv", SOLVE_PLANNING, .call = CALL_READ,
	.what = SOLVE_DO_TAKE_PLAN, .to = SOLVE_EXECUTING},
    {"tasks.csv was written, and a crash came", "psv", SOLVE_PLANNING, .call = CALL_READ,
	.has_tasks = true, .what = SOLVE_DO_TAKE_PLAN, .to = SOLVE_EXECUTING},
    {"a reply is told back", "psv", SOLVE_PLANNING, .call = CALL_UNREAD, .what = SOLVE_DO_CALL,
	.to = SOLVE_PLANNING, .is_unread = true},
    {"the last attempt's reply is unreadable too", "psv", SOLVE_PLANNING, .call = CALL_UNREAD,
	.nr_unread = 4, .what = SOLVE_DO_STOP, .to = SOLVE_PLANNING, .exit = 1},
    {"one before it is not", "psv", SOLVE_PLANNING, .call = CALL_UNREAD, .nr_unread = 3,
	.what = SOLVE_DO_CALL, .to = SOLVE_PLANNING, .is_unread = true},
    {"resumed after unreadable replies", "psv", SOLVE_PLANNING, .call = CALL_UNREAD, .nr_unread = 4,
	.is_stopped = true, .what = SOLVE_DO_CALL, .to = SOLVE_PLANNING},
    {"a role fails for good", "psv", SOLVE_SYNTHESIZING, 1, .call = CALL_FAILED, .exit_code = 1,
	.what = SOLVE_DO_STOP, .to = SOLVE_SYNTHESIZING, .to_round = 1, .exit = 1},
    {"a role is halted", "psv", SOLVE_SYNTHESIZING, 1, .call = CALL_FAILED, .exit_code = 3,
	.what = SOLVE_DO_STOP, .to = SOLVE_SYNTHESIZING, .to_round = 1, .exit = 3},
    {"resumed after that, it is called anew", "psv", SOLVE_SYNTHESIZING, 1, .call = CALL_FAILED,
	.is_stopped = true, .what = SOLVE_DO_CALL, .to = SOLVE_SYNTHESIZING, .to_round = 1},
    {"the operator stops a role", "psv", SOLVE_VALIDATING, .call = CALL_STOPPED, .exit_code = 3,
	.what = SOLVE_DO_STOP, .to = SOLVE_VALIDATING, .exit = 3},
    {"resumed, the same call goes on", "psv", SOLVE_VALIDATING, .call = CALL_STOPPED,
	.is_stopped = true, .what = SOLVE_DO_CONDUCT_CALL, .to = SOLVE_VALIDATING,
	.is_resumed = true},
    {"it replied while it was to stop", "psv", SOLVE_SYNTHESIZING, .call = CALL_READ,
	.is_draining = true, .what = SOLVE_DO_STOP, .to = SOLVE_SYNTHESIZING, .exit = 3},
    {"it could not be read while it was to stop", "psv", SOLVE_SYNTHESIZING, .call = CALL_UNREAD,
	.is_draining = true, .what = SOLVE_DO_STOP, .to = SOLVE_SYNTHESIZING, .exit = 3},
    {"resumed, its reply counts", "psv", SOLVE_SYNTHESIZING, .call = CALL_READ, .is_draining = true,
	.is_stopped = true, .what = SOLVE_DO_CALL, .to = SOLVE_VALIDATING},

    /* ---- a batch ---- */
    {"the original is executed", "psv", SOLVE_EXECUTING, .last = LAST_UNFINISHED,
	.what = SOLVE_DO_CONDUCT_LAST, .to = SOLVE_EXECUTING},
    {"the operator stops it", "psv", SOLVE_EXECUTING, .last = LAST_STOPPED, .exit_code = 3,
	.what = SOLVE_DO_STOP, .to = SOLVE_EXECUTING, .exit = 3},
    {"resumed, it goes on", "psv", SOLVE_EXECUTING, .last = LAST_STOPPED, .is_stopped = true,
	.what = SOLVE_DO_CONDUCT_LAST, .to = SOLVE_EXECUTING, .is_resumed = true},
    {"it ended while it was to stop", "psv", SOLVE_EXECUTING, .last = LAST_ENDED,
	.is_draining = true, .what = SOLVE_DO_STOP, .to = SOLVE_EXECUTING, .exit = 3},
    {"resumed, its results count", "psv", SOLVE_EXECUTING, .last = LAST_ENDED, .is_draining = true,
	.is_stopped = true, .what = SOLVE_DO_CALL, .to = SOLVE_SYNTHESIZING},
    {"its results are merged", "psv", SOLVE_EXECUTING, .last = LAST_ENDED, .what = SOLVE_DO_CALL,
	.to = SOLVE_SYNTHESIZING},
    {"without a synthesizer they are judged as they are", "v", SOLVE_EXECUTING, .last = LAST_ENDED,
	.what = SOLVE_DO_CALL, .to = SOLVE_VALIDATING},
    {"without a validator a synthesis is the end", "s", SOLVE_SYNTHESIZING, .call = CALL_READ,
	.what = SOLVE_DO_END, .to = SOLVE_DONE},
    {"a child was told, and a crash came", "psv", SOLVE_EXECUTING, 1, .last = LAST_ENDED,
	.is_child_told = true, .no_such_child = true, .what = SOLVE_DO_MAKE_CHILD,
	.to = SOLVE_EXECUTING, .to_round = 1},
    {"the child runs", "psv", SOLVE_EXECUTING, 1, .last = LAST_UNFINISHED, .is_child_told = true,
	.what = SOLVE_DO_CONDUCT_LAST, .to = SOLVE_EXECUTING, .to_round = 1},
    {"the child has ended", "psv", SOLVE_EXECUTING, 1, .last = LAST_ENDED, .is_child_told = true,
	.what = SOLVE_DO_CALL, .to = SOLVE_SYNTHESIZING, .to_round = 1},

    /* ---- the verdict ---- */
    {"the answer is judged", "psv", SOLVE_SYNTHESIZING, 2, .call = CALL_READ, .what = SOLVE_DO_CALL,
	.to = SOLVE_VALIDATING, .to_round = 2},
    {"a verdict is told before it is followed", "psv", SOLVE_VALIDATING, .call = CALL_READ,
	.what = SOLVE_DO_TELL_VERDICT, .to = SOLVE_VALIDATING},
    {"passed", "psv", SOLVE_VALIDATING, .call = CALL_READ, .has_verdict = true, .is_complete = true,
	.quality = QUALITY_GOOD, .what = SOLVE_DO_END, .to = SOLVE_DONE},
    {"fair is good enough", "psv", SOLVE_VALIDATING, .call = CALL_READ, .has_verdict = true,
	.is_complete = true, .quality = QUALITY_FAIR, .what = SOLVE_DO_END, .to = SOLVE_DONE},
    {"passed, but a row has failed", "psv", SOLVE_VALIDATING, .call = CALL_READ,
	.has_verdict = true, .is_complete = true, .quality = QUALITY_GOOD, .has_failed_rows = true,
	.nr_again = 1, .what = SOLVE_DO_END, .to = SOLVE_DONE, .exit = 1},
    {"complete but poor has not passed", "psv", SOLVE_VALIDATING, .call = CALL_READ,
	.has_verdict = true, .is_complete = true, .quality = QUALITY_POOR, .what = SOLVE_DO_CALL,
	.to = SOLVE_PLANNING, .to_round = 1},
    {"what failed runs again, and nothing else", "psv", SOLVE_VALIDATING, .call = CALL_READ,
	.has_verdict = true, .quality = QUALITY_POOR, .has_failed_rows = true, .nr_again = 1,
	.what = SOLVE_DO_TELL_CHILD, .to = SOLVE_EXECUTING, .to_round = 1, .kind = BATCH_RETRY},
    {"nothing failed: what is missing is planned", "psv", SOLVE_VALIDATING, 1, .call = CALL_READ,
	.has_verdict = true, .quality = QUALITY_GOOD, .what = SOLVE_DO_CALL, .to = SOLVE_PLANNING,
	.to_round = 2},
    {"only what may not be retried has failed", "psv", SOLVE_VALIDATING, .call = CALL_READ,
	.has_verdict = true, .quality = QUALITY_POOR, .has_failed_rows = true,
	.what = SOLVE_DO_CALL, .to = SOLVE_PLANNING, .to_round = 1},
    {"additional rows become a child", "psv", SOLVE_PLANNING, 2, .call = CALL_READ,
	.has_tasks = true, .what = SOLVE_DO_TELL_CHILD, .to = SOLVE_EXECUTING, .to_round = 2,
	.kind = BATCH_EXTENSION},
    {"retries are spent", "psv", SOLVE_VALIDATING, 2, .call = CALL_READ, .has_verdict = true,
	.quality = QUALITY_POOR, .nr_again = 3, .what = SOLVE_DO_END, .to = SOLVE_DONE,
	.to_round = 2, .exit = 1},
    {"without a planner nothing can be added", "v", SOLVE_VALIDATING, .call = CALL_READ,
	.has_verdict = true, .quality = QUALITY_POOR, .what = SOLVE_DO_END, .to = SOLVE_DONE,
	.exit = 1},
    {"without a planner what failed runs again", "v", SOLVE_VALIDATING, .call = CALL_READ,
	.has_verdict = true, .quality = QUALITY_POOR, .nr_again = 2, .what = SOLVE_DO_TELL_CHILD,
	.to = SOLVE_EXECUTING, .to_round = 1, .kind = BATCH_RETRY},
    {"stopped behind a verdict, and resumed", "psv", SOLVE_VALIDATING, .call = CALL_READ,
	.is_stopped = true, .has_verdict = true, .quality = QUALITY_POOR, .nr_again = 1,
	.what = SOLVE_DO_TELL_CHILD, .to = SOLVE_EXECUTING, .to_round = 1, .kind = BATCH_RETRY},
    {"done is done", "psv", SOLVE_DONE, 1, .what = SOLVE_DO_NOTHING, .to = SOLVE_DONE,
	.to_round = 1},
    {"done, not passed, and its rounds are spent", "psv", SOLVE_DONE, 2, .has_verdict = true,
	.quality = QUALITY_POOR, .nr_again = 1, .what = SOLVE_DO_NOTHING, .to = SOLVE_DONE,
	.to_round = 2},
    {"given another round, what failed runs again", "psv", SOLVE_DONE, 2, .has_verdict = true,
	.quality = QUALITY_POOR, .nr_again = 1, .rounds = 3, .what = SOLVE_DO_TELL_CHILD,
	.to = SOLVE_EXECUTING, .to_round = 3, .kind = BATCH_RETRY},
    {"given another round, what is missing is planned", "psv", SOLVE_DONE, 2, .has_verdict = true,
	.quality = QUALITY_POOR, .rounds = 3, .what = SOLVE_DO_CALL, .to = SOLVE_PLANNING,
	.to_round = 3},
    {"given another round, there is nothing to do in it", "v", SOLVE_DONE, 2, .has_verdict = true,
	.quality = QUALITY_POOR, .rounds = 3, .what = SOLVE_DO_NOTHING, .to = SOLVE_DONE,
	.to_round = 2},
    {"given another round, but it has passed", "psv", SOLVE_DONE, 1, .has_verdict = true,
	.is_complete = true, .quality = QUALITY_GOOD, .rounds = 9, .nr_again = 1,
	.has_failed_rows = true, .what = SOLVE_DO_NOTHING, .to = SOLVE_DONE, .to_round = 1},
};

static void set_roles(struct options *o, const char *letters)
{
	static const char of[SOLVE_ROLE__COUNT] = {
	    [SOLVE_PLANNER] = 'p', [SOLVE_SYNTHESIZER] = 's', [SOLVE_VALIDATOR] = 'v'};
	int r;

	for (r = 0; r < SOLVE_ROLE__COUNT; r++)
		if (strchr(letters, of[r]))
			o->role_command[r] = xstrdup("true");
}

static struct solve stands(const struct path *p, struct solve_verdict *verdict)
{
	int role = p->phase < 0 ? -1 : solve_role_of_phase((enum solve_phase)p->phase);
	struct solve s = {.is_told = p->phase >= 0,
	    .round = p->round,
	    .is_stopped = p->is_stopped,
	    .nr_unread = p->nr_unread,
	    .child = p->is_child_told ? "batch-x" : NULL,
	    .call = role >= 0 ? "roles/x-1" : NULL};

	if (p->phase >= 0)
		s.phase = (enum solve_phase)p->phase;
	if (p->has_verdict) {
		*verdict = (struct solve_verdict){
		    .round = p->round, .is_complete = p->is_complete, .quality = p->quality};
		s.verdicts = verdict;
		s.nr_verdicts = 1;
	}
	return s;
}

static void every_path(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(paths); i++) {
		const struct path *p = &paths[i];
		struct solve_verdict verdict;
		struct solve s = stands(p, &verdict);
		struct options o;
		struct solve_step step;
		struct solve_facts f = {
		    .options = &o,
		    .solve = &s,
		    .has_tasks = p->has_tasks,
		    .call = p->call,
		    .last = p->last,
		    .is_child_made = !p->no_such_child,
		    .is_draining = p->is_draining,
		    .nr_again = p->nr_again,
		    .have_all_completed = !p->has_failed_rows,
		    .exit_code = p->exit_code,
		};

		options_init(&o);
		set_roles(&o, p->roles);
		if (p->rounds)
			o.max_validation_retries = p->rounds;
		solve_next(&f, &step);
		if (step.what != p->what || step.phase != (enum solve_phase)p->to ||
		    step.round != p->to_round || step.kind != p->kind ||
		    step.is_unread != p->is_unread || step.is_resumed != p->is_resumed ||
		    step.exit_code != p->exit)
			fail_msg("%s: does %d, phase %s, round %lld, kind %d, unread %d, resumed "
				 "%d, exit %d",
			    p->name, (int)step.what, solve_phase_name(step.phase),
			    (long long)step.round, (int)step.kind, step.is_unread, step.is_resumed,
			    step.exit_code);
		options_release(&o);
	}
}

/* No validator is ever satisfied, and rows fail for ever: it ends all the same. */
static void rounds_are_bounded(void **state)
{
	struct solve_verdict verdict = {.quality = QUALITY_POOR};
	struct solve s = {.is_told = true, .phase = SOLVE_VALIDATING, .call = "roles/validator-1"};
	struct options o;
	struct solve_facts f = {
	    .options = &o, .solve = &s, .call = CALL_READ, .is_child_made = true};
	struct solve_step step;
	int rounds = 0;

	(void)state;
	options_init(&o);
	set_roles(&o, "psv");
	o.max_validation_retries = 7;
	s.verdicts = &verdict;
	s.nr_verdicts = 1;
	for (;;) {
		verdict.round = s.round;
		f.nr_again = (uint32_t)rounds % 2;
		solve_next(&f, &step);
		if (step.what == SOLVE_DO_END)
			break;
		assert_true(++rounds <= 7);
		s.round = step.round;
	}
	assert_int_equal(rounds, 7);
	assert_int_equal(step.exit_code, 1);
	options_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_path),
	    cmocka_unit_test(rounds_are_bounded),
	};

	return cmocka_run_group_tests_name("solve", tests, NULL, NULL);
}
