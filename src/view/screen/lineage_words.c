#include "view/screen/lineage_words.h"
#include "base/clock.h"
#include "view/blockers.h"
#include "view/shown.h"
#include "view/text/sanitize.h"

static void add_class(const struct agent *a, struct buf *out)
{
	buf_str(out, a->class == CLASS_NONE ? "no trace" : class_name(a->class));
}

/* The row that keeps it, or kept it, from beginning. */
static void add_blocker(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    const char *words, struct buf *out)
{
	const struct blocker *by =
	    r == m->shown ? blockers_find(m->blockers, &r->state, agent) : NULL;

	if (!by)
		return;
	buf_str(out, words);
	sanitize_line(out, r->state.agents[by->agent].task->id);
}

void lineage_outcome(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    bool had, struct buf *out)
{
	const struct agent *a = &r->state.agents[agent];
	int of = r->manifest.options.attempts;

	switch (shown_role(a)) {
	case ROLE_COMPLETED:
		buf_fmt(out, "completed at attempt %u", shown_try(a));
		return;
	case ROLE_FAILED:
	case ROLE_LOST:
		buf_str(out, had ? "failed again: " : "failed: ");
		add_class(a, out);
		return;
	case ROLE_BACKOFF:
		buf_fmt(out, "waiting, attempt %u/%d", a->charged + 1, of);
		return;
	case ROLE_RUNNING:
		buf_fmt(out, "running, attempt %u/%d", shown_try(a), of);
		return;
	case ROLE_VALIDATING:
		buf_fmt(out, "validating, attempt %u/%d", shown_try(a), of);
		return;
	case ROLE_PENDING:
		buf_str(out, "pending");
		return;
	case ROLE_BLOCKED:
		buf_str(out, "blocked");
		add_blocker(m, r, agent, " by ", out);
		return;
	case ROLE_CANCELLED:
		buf_str(out, a->won_by ? "completed by " : "cancelled");
		sanitize_line(out, a->won_by);
		return;
	case ROLE_SKIPPED:
		buf_str(out, "skipped");
		add_blocker(m, r, agent, " for ", out);
		return;
	case ROLE_NONE:
	case ROLE__COUNT:
		return;
	}
}

/* The most frequent class that is not told yet. */
static int next_class(const struct lineage_cycle *c, const bool *is_told)
{
	int i, best = -1;

	for (i = 0; i < CLASS__COUNT; i++)
		if (!is_told[i] && c->by_class[i] &&
		    (best < 0 || c->by_class[i] > c->by_class[best]))
			best = i;
	return best;
}

void lineage_classes(const struct lineage_cycle *c, size_t columns, struct buf *out)
{
	bool is_told[CLASS__COUNT] = {false};
	uint32_t left = c->failed;
	size_t from = out->len;
	int k;

	while ((k = next_class(c, is_told)) >= 0) {
		size_t was = out->len;
		uint32_t rest = left - c->by_class[k];

		buf_fmt(out, "%s%s %u", out->len > from ? ", " : "",
		    k == CLASS_NONE ? "no trace" : class_name((enum attempt_class)k),
		    c->by_class[k]);
		/* Room for what tells how many the others are. */
		if (out->len - from + (rest ? 8 : 0) > columns && was > from) {
			buf_cut(out, was);
			buf_fmt(out, ", +%u", left);
			return;
		}
		is_told[k] = true;
		left = rest;
	}
}

bool lineage_coming(const struct view_model *m, bool is_wide, int64_t *cycle, struct buf *out)
{
	const struct batch *b = &m->shown->state;
	const struct retry_metadata *retry = &m->shown->manifest.retry;
	char clock[CLOCK_HMS_LEN + 1];
	uint32_t i;

	*cycle = b->cycle + 1;
	if (m->exit_code >= 0 || b->is_cancelling || b->is_draining)
		return false;
	if (b->child) {
		if (b->child_until_t == NUM_NONE || b->child_until_t <= m->now.wall_ms)
			return false;
		clock_hms(b->child_until_t, clock);
		buf_fmt(out, "%lld agents, at %s", (long long)b->child_rows, clock);
		return true;
	}
	if (!retry->auto_retry_enabled || retry->retry_count >= retry->max_retries)
		return false;
	if (!is_wide) {
		buf_str(out, "(if any fail)");
		return true;
	}
	buf_str(out, "only if some fail; starts at once");
	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];

		if (acc->gate.state != GATE_CLOSED || acc->gate.until_t == NUM_NONE)
			continue;
		clock_hms(acc->gate.until_t, clock);
		buf_fmt(out, ", or at %s if every failure is want of quota", clock);
		break;
	}
	return true;
}
