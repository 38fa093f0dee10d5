/* LAST LINE of the table where it does not come from the log. */
#include "view/row.h"
#include "view/blockers.h"
#include "view/dir_turns.h"
#include "view/text/sanitize.h"

/* The last of the earlier batches in which this agent failed, or NULL; *attempt: its last one
 * there, or NULL. */
static const struct batch_reader *failed_before(const struct view_model *m, uint32_t agent,
    const struct attempt **attempt)
{
	const char *id = m->shown->state.agents[agent].task->id;
	const struct batch_reader *found = NULL;
	size_t i;

	for (i = 0; i < m->run->nr && m->run->batches[i] != m->shown; i++) {
		const struct batch *b = &m->run->batches[i]->state;
		uint32_t at = batch_find(b, id);

		if (!view_had_failed(b, at) || run_are_siblings(m->run->batches[i], m->shown))
			continue;
		found = m->run->batches[i];
		*attempt = agent_last_attempt(&b->agents[at]);
	}
	return found;
}

static void add_healed(const struct view_model *m, uint32_t agent, struct buf *out)
{
	const struct attempt *at = NULL;
	const struct batch_reader *r = failed_before(m, agent, &at);

	if (!r)
		return;
	buf_fmt(out, "healed: failed in cycle %lld", (long long)r->state.cycle);
	if (at && at->has_verdict)
		buf_fmt(out, " by %s", class_name(at->class));
}

static void add_message(const struct agent *a, struct buf *out)
{
	const struct attempt *at = shown_last_judged(a);

	if (at && at->message)
		sanitize_line(out, at->message);
	else
		sanitize_line(out, a->why);
}

bool view_row_line(const struct view_model *m, uint32_t agent, struct buf *out)
{
	const struct agent *a = &m->shown->state.agents[agent];
	const struct tasks *ts = &m->shown->tasks;
	size_t was = out->len;

	switch (shown_role(a)) {
	case ROLE_BACKOFF:
	case ROLE_LOST:
	case ROLE_FAILED:
	case ROLE_CANCELLED:
		if (a->is_set_aside) {
			sanitize_line(out, a->why ? a->why : "set aside");
			buf_str(out, ": ");
		}
		add_message(a, out);
		break;
	case ROLE_SKIPPED:
		blockers_add_skip(m->blockers, &m->shown->state, agent, out);
		break;
	case ROLE_PENDING:
		if (!dir_turns_add(m, agent, out))
			sanitize_line(out, task_get(ts, a->task, COL_TASK));
		break;
	case ROLE_BLOCKED:
		buf_str(out, "waits for ");
		blockers_add_waits(m, agent, out);
		break;
	case ROLE_COMPLETED:
		add_healed(m, agent, out);
		break;
	case ROLE_VALIDATING:
		if (*task_get(ts, a->task, COL_VALIDATE)) {
			buf_str(out, "validate: ");
			sanitize_line(out, task_get(ts, a->task, COL_VALIDATE));
		}
		break;
	case ROLE_RUNNING:
	case ROLE_NONE:
	case ROLE__COUNT:
		break;
	}
	return out->len > was;
}
