#include "view/solve_words.h"
#include "view/row.h"
#include "view/summary.h"
#include "view/text/sanitize.h"

const struct solve *view_solve(const struct run_reader *run)
{
	const struct solve *s = run->nr ? &run->batches[0]->state.solve : NULL;

	return s && s->is_told ? s : NULL;
}

const char *solve_phase_word(enum solve_phase p)
{
	static const char *const words[SOLVE_PHASE__COUNT] = {
	    [SOLVE_PLANNING] = "plan",
	    [SOLVE_EXECUTING] = "execute",
	    [SOLVE_SYNTHESIZING] = "synthesize",
	    [SOLVE_VALIDATING] = "validate",
	    [SOLVE_DONE] = "done",
	};

	return words[p];
}

void solve_add_round(const struct run_reader *run, int64_t round, struct buf *out)
{
	buf_fmt(out, "round %lld/%d", (long long)round,
	    run->batches[0]->manifest.options.max_validation_retries);
}

bool solve_verdict_passed(const struct solve_verdict *v)
{
	return solve_has_passed(v->is_complete, v->quality);
}

void solve_add_verdict(const struct solve_verdict *v, struct buf *out)
{
	buf_str(out, v->is_complete ? "complete" : "not complete");
	if (v->quality != QUALITY_NONE)
		buf_fmt(out, ", %s", solve_quality_name(v->quality));
	if (v->nr_missing > 0)
		buf_fmt(out, ", %lld missing", (long long)v->nr_missing);
	if (v->why && *v->why) {
		buf_str(out, ": ");
		sanitize_line(out, v->why);
	}
}

const char *solve_stop_why(const struct run_reader *run)
{
	const struct solve *s = view_solve(run);
	const char *why = run_reader_last(run)->state.end_why;

	if (s && s->is_stopped && s->why)
		return s->why;
	return why ? why : "stopped by the operator";
}

void solve_add_execution(const struct run_reader *run, struct buf *out)
{
	const struct solve *s = view_solve(run);
	const char *what = s->kind == BATCH_EXTENSION ? "extension of"
	    : s->child                                ? "retry of"
						      : "all";

	if (s->rows != NUM_NONE)
		buf_fmt(out, "%s %lld row%s", what, (long long)s->rows, plural((uint64_t)s->rows));
	else
		buf_str(out,
		    s->kind == BATCH_EXTENSION ? "extension"
			: s->child             ? "retry"
					       : "all rows");
}

bool solve_add_no_rows(const struct view_model *m, struct buf *out)
{
	const struct solve *s = view_solve(m->run);
	const struct role_call *call = s ? role_calls_now(&m->run->roles, s) : NULL;
	struct view_row r;

	if (m->shown->state.nr_agents > 0)
		return false;
	if (s && s->is_stopped) {
		buf_str(out, "planning stopped: ");
		sanitize_line(out, s->why);
	} else if (!call) {
		buf_str(out, "planning: the planner begins");
	} else {
		view_row_fill_of(m, call->reader, 0, m->now.wall_ms, &r);
		buf_fmt(out, "planning: the planner %s %s",
		    r.role == ROLE_BACKOFF ? "waits, next try" : "has run", r.time);
	}
	return true;
}

void solve_verdicts_of(const struct run_reader *run, const struct batch_reader *r, size_t *from,
    size_t *to)
{
	const struct solve *s = view_solve(run);
	int64_t begin = INT64_MIN, end = INT64_MAX;
	size_t i = 0;

	*from = *to = 0;
	if (!s)
		return;
	while (i < run->nr && run->batches[i] != r)
		i++;
	/* Batches stand in the order in which they were made. */
	if (i > 0)
		begin = r->state.started_t;
	if (i + 1 < run->nr)
		end = run->batches[i + 1]->state.started_t;
	for (i = 0; i < s->nr_verdicts && s->verdicts[i].t < begin; i++)
		;
	*from = i;
	while (i < s->nr_verdicts && s->verdicts[i].t < end)
		i++;
	*to = i;
}
