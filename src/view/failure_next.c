#include "view/failure_next.h"
#include "policy/class_rules.h"

const char *failure_next_word(enum failure_next n)
{
	static const char *const words[] = {
	    [NEXT_NONE] = "-",
	    [NEXT_HEALED] = "healed",
	    [NEXT_RETRIES] = "retries itself",
	    [NEXT_CYCLE] = "next cycle",
	    [NEXT_SPENT] = "spent",
	    [NEXT_NEEDS_YOU] = "needs you",
	};

	return words[n];
}

/* Of one that another cycle would take: a run that was stopped, or whose conductor is gone, has
 * none unless somebody resumes it. */
static enum failure_next next_of_cycle(const struct view_model *m, const struct batch_reader *r)
{
	const struct batch *b = &m->shown->state;
	const struct retry_metadata *retry = &m->shown->manifest.retry;
	bool is_over = m->exit_code >= 0 && m->state == RUN_FINISHED;

	if (r != m->shown || is_over || !retry->auto_retry_enabled ||
	    retry->retry_count >= retry->max_retries)
		return NEXT_SPENT;
	return m->exit_code >= 0 || b->is_draining || b->is_cancelling ? NEXT_NEEDS_YOU
								       : NEXT_CYCLE;
}

static enum failure_next next_of_failed(const struct view_model *m, const struct batch_reader *r,
    const struct agent *a)
{
	if (!class_in_next_cycle(a->class, r->manifest.options.retry_on))
		return NEXT_NEEDS_YOU;
	return next_of_cycle(m, r);
}

/* What nobody conducts any more, and what waits for a person, does not go on by itself. */
static enum failure_next next_of_open(const struct view_model *m, const struct batch_reader *r,
    const struct agent *a)
{
	if (r != m->shown || m->exit_code >= 0)
		return NEXT_NEEDS_YOU;
	if (a->phase == PHASE_RUNNING || a->phase == PHASE_VALIDATING)
		return NEXT_RETRIES;
	return view_wait_left(m, a) == NUM_NONE ? NEXT_NEEDS_YOU : NEXT_RETRIES;
}

enum failure_next failure_next_of(const struct view_model *m, const struct batch_reader *r,
    const struct agent *a)
{
	switch (a->status) {
	case AGENT_COMPLETED:
		return NEXT_HEALED;
	case AGENT_PENDING:
	case AGENT_IN_PROGRESS:
		return next_of_open(m, r, a);
	case AGENT_FAILED:
		return next_of_failed(m, r, a);
	case AGENT_SKIPPED:
		return next_of_cycle(m, r);
	case AGENT_CANCELLED:
	case AGENT__COUNT:
		break;
	}
	return NEXT_SPENT;
}
