/* What a run with roles does next: facts -> step. Pure; engine/solve.c gathers the facts from disk,
 * does the step, and asks again.
 *
 *   plan -> execute -> synthesize -> validate -> passed: done
 *                ^                      | not passed, rounds left
 *                +-- failed rows again -+
 *                +-- the planner's additional rows, where none failed
 *
 * A run that is done goes on from its last verdict when it is given more rounds.
 *
 * Every step leaves something on disk that changes the facts, so whoever comes after a crash does
 * the same or the next one. */
#ifndef AB_POLICY_SOLVE_H
#define AB_POLICY_SOLVE_H

#include "model/batch.h"
#include "model/options.h"

#include <stdbool.h>
#include <stdint.h>

/* How the call stands that the fold names. */
enum solve_call {
	CALL_UNFINISHED, /* not made, not begun, or its conductor died */
	CALL_STOPPED, /* by the operator or a rule; it can be carried on */
	CALL_READ, /* its reply is there and was understood */
	CALL_UNREAD, /* it gave no reply that was understood; another one may */
	CALL_FAILED /* for good: no reply */
};

/* How the run's last batch stands. */
enum solve_last {
	LAST_UNFINISHED, /* or a cycle of its own is announced and not made */
	LAST_STOPPED,
	LAST_ENDED
};

struct solve_facts {
	const struct options *options; /* roles, attempts, max_validation_retries */
	const struct solve *solve; /* the original's fold */
	bool has_tasks; /* tasks.csv is there */
	enum solve_call call;
	enum solve_last last;
	bool is_child_made; /* the batch that solve->child names */
	/* The operator wanted the call or the batch to stop, and it ended by itself meanwhile. */
	bool is_draining;
	uint32_t nr_again; /* rows of the last batch that failed and may run again */
	bool have_all_completed; /* every row of the run, merged */
	int exit_code; /* that the stopped or failed call or batch ended with */
};

enum solve_do {
	SOLVE_DO_CALL, /* tell a new call of the phase's role */
	SOLVE_DO_CONDUCT_CALL, /* make its directory where that is missing, and conduct it */
	SOLVE_DO_TAKE_PLAN, /* write the original's tasks.csv, tell SOLVE_EXECUTING */
	SOLVE_DO_EXECUTE, /* tell SOLVE_EXECUTING: the tasks are the user's own */
	SOLVE_DO_TELL_CHILD, /* name a child of `kind` and tell it */
	SOLVE_DO_MAKE_CHILD, /* the child that was told, and conduct it */
	SOLVE_DO_CONDUCT_LAST, /* the run's last batch */
	SOLVE_DO_TELL_VERDICT, /* of the validator's reply */
	SOLVE_DO_STOP, /* tell that the run stops here; it can be resumed */
	SOLVE_DO_END, /* write answer and results, tell SOLVE_DONE */
	SOLVE_DO_NOTHING /* it is over */
};

struct solve_step {
	enum solve_do what;
	enum solve_phase phase; /* to be told */
	int64_t round;
	enum batch_kind kind;
	bool is_unread; /* SOLVE_DO_CALL: for the last one gave no reply that was understood */
	bool is_resumed; /* CONDUCT_*: it was stopped; tell the phase again first */
	int exit_code; /* SOLVE_DO_STOP, SOLVE_DO_END */
};

void solve_next(const struct solve_facts *f, struct solve_step *step);

/* Whether a run that is done, and has not passed, has rounds left: they were given later. Whether
 * there is anything to do in them is for solve_next. */
bool solve_has_rounds_left(const struct options *o, const struct solve *s);

#endif
