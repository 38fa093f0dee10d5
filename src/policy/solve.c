#include "policy/solve.h"

#include <string.h>

static void step_to(struct solve_step *step, enum solve_do what, enum solve_phase phase)
{
	step->what = what;
	step->phase = phase;
}

static void stop(struct solve_step *step, int exit_code)
{
	step->what = SOLVE_DO_STOP;
	step->exit_code = exit_code;
}

static void end(struct solve_step *step, int exit_code)
{
	step_to(step, SOLVE_DO_END, SOLVE_DONE);
	step->exit_code = exit_code;
}

/* What follows a batch's end and a synthesis: the next role there is. */
static void judge_results(const struct solve_facts *f, bool is_synthesized, struct solve_step *step)
{
	if (!is_synthesized && options_has_role(f->options, SOLVE_SYNTHESIZER))
		step_to(step, SOLVE_DO_CALL, SOLVE_SYNTHESIZING);
	else if (options_has_role(f->options, SOLVE_VALIDATOR))
		step_to(step, SOLVE_DO_CALL, SOLVE_VALIDATING);
	else
		end(step, f->have_all_completed ? 0 : 1);
}

static void follow_verdict(const struct solve_facts *f, const struct solve_verdict *v,
    struct solve_step *step)
{
	if (solve_has_passed(v->is_complete, v->quality)) {
		end(step, f->have_all_completed ? 0 : 1);
		return;
	}
	if (f->solve->round >= f->options->max_validation_retries) {
		end(step, 1);
		return;
	}
	step->round = f->solve->round + 1;
	if (f->nr_again > 0) {
		step_to(step, SOLVE_DO_TELL_CHILD, SOLVE_EXECUTING);
		step->kind = BATCH_RETRY;
	} else if (options_has_role(f->options, SOLVE_PLANNER)) {
		step_to(step, SOLVE_DO_CALL, SOLVE_PLANNING);
	} else {
		step->round = f->solve->round;
		end(step, 1);
	}
}

bool solve_has_rounds_left(const struct options *o, const struct solve *s)
{
	const struct solve_verdict *v = solve_last_verdict(s);

	return s->phase == SOLVE_DONE && v && v->round == s->round &&
	    !solve_has_passed(v->is_complete, v->quality) && s->round < o->max_validation_retries;
}

/* Done. With more rounds than it had it goes on, where there is something to do in them. */
static void next_of_done(const struct solve_facts *f, struct solve_step *step)
{
	bool is_something_left = f->nr_again > 0 || options_has_role(f->options, SOLVE_PLANNER);

	step->what = SOLVE_DO_NOTHING;
	if (is_something_left && solve_has_rounds_left(f->options, f->solve))
		follow_verdict(f, solve_last_verdict(f->solve), step);
}

static void take_reply(const struct solve_facts *f, struct solve_step *step)
{
	const struct solve_verdict *v = solve_verdict_now(f->solve);

	switch (f->solve->phase) {
	case SOLVE_PLANNING:
		step_to(step, f->solve->round == 0 ? SOLVE_DO_TAKE_PLAN : SOLVE_DO_TELL_CHILD,
		    SOLVE_EXECUTING);
		step->kind = f->solve->round == 0 ? BATCH_ORIGINAL : BATCH_EXTENSION;
		return;
	case SOLVE_SYNTHESIZING:
		judge_results(f, true, step);
		return;
	case SOLVE_VALIDATING:
		if (v)
			follow_verdict(f, v, step);
		else
			step->what = SOLVE_DO_TELL_VERDICT;
		return;
	case SOLVE_EXECUTING:
	case SOLVE_DONE:
	case SOLVE_PHASE__COUNT:
		return;
	}
}

/* A stop that stands in the fold was resumed from, or nobody would ask: what had stopped goes on,
 * what had failed is tried anew. */
static void next_of_call(const struct solve_facts *f, struct solve_step *step)
{
	const struct solve *s = f->solve;
	bool is_resumed = s->is_stopped;

	switch (s->call ? f->call : CALL_FAILED) {
	case CALL_UNFINISHED:
		step->what = SOLVE_DO_CONDUCT_CALL;
		step->is_resumed = is_resumed;
		return;
	case CALL_STOPPED:
		if (!is_resumed) {
			stop(step, f->exit_code);
			return;
		}
		step->what = SOLVE_DO_CONDUCT_CALL;
		step->is_resumed = true;
		return;
	case CALL_UNREAD:
		if (!is_resumed && f->is_draining) {
			stop(step, 3);
		} else if (!is_resumed && s->nr_unread + 1 >= (uint32_t)f->options->attempts) {
			stop(step, 1);
		} else {
			step->what = SOLVE_DO_CALL;
			step->is_unread = !is_resumed;
		}
		return;
	case CALL_FAILED:
		if (s->call && !is_resumed)
			stop(step, f->exit_code ? f->exit_code : 1);
		else
			step->what = SOLVE_DO_CALL;
		return;
	case CALL_READ:
		if (f->is_draining && !is_resumed)
			stop(step, 3);
		else
			take_reply(f, step);
		return;
	}
}

static void next_of_batch(const struct solve_facts *f, struct solve_step *step)
{
	bool is_resumed = f->solve->is_stopped;

	if (f->solve->child && !f->is_child_made) {
		step->what = SOLVE_DO_MAKE_CHILD;
		return;
	}
	if (f->last == LAST_ENDED && (!f->is_draining || is_resumed)) {
		judge_results(f, false, step);
	} else if (f->last == LAST_UNFINISHED || is_resumed) {
		step->what = SOLVE_DO_CONDUCT_LAST;
		step->is_resumed = is_resumed;
	} else {
		stop(step, f->last == LAST_STOPPED && f->exit_code ? f->exit_code : 3);
	}
}

void solve_next(const struct solve_facts *f, struct solve_step *step)
{
	const struct solve *s = f->solve;

	memset(step, 0, sizeof(*step));
	step->phase = s->phase;
	step->round = s->round;
	if (!s->is_told) {
		if (f->has_tasks)
			step_to(step, SOLVE_DO_EXECUTE, SOLVE_EXECUTING);
		else
			step_to(step, SOLVE_DO_CALL, SOLVE_PLANNING);
		return;
	}
	switch (s->phase) {
	case SOLVE_PLANNING:
	case SOLVE_SYNTHESIZING:
	case SOLVE_VALIDATING:
		next_of_call(f, step);
		return;
	case SOLVE_EXECUTING:
		next_of_batch(f, step);
		return;
	case SOLVE_DONE:
		next_of_done(f, step);
		return;
	case SOLVE_PHASE__COUNT:
		break;
	}
	step->what = SOLVE_DO_NOTHING;
}
