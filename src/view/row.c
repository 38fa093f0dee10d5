#include "view/row.h"
#include "view/text/duration.h"
#include "view/text/sanitize.h"
#include "view/text/units.h"

#include <stdio.h>

/* Without output for longer than this an agent is called silent. */
#define SILENT_AFTER_MS 120000

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

		if (!view_had_failed(b, at))
			continue;
		found = m->run->batches[i];
		*attempt = agent_last_attempt(&b->agents[at]);
	}
	return found;
}

static void fill_running(const struct view_model *m, const struct attempt *at, int64_t output_at_t,
    char *out)
{
	int64_t ran = view_ran(m, at);
	int64_t silent = output_at_t == NUM_NONE ? ran : m->now.wall_ms - output_at_t;
	char text[DURATION_SIZE];

	if (silent > ran)
		silent = ran;
	if (silent < SILENT_AFTER_MS)
		snprintf(out, DURATION_SIZE, "%s", duration_text(ran, text));
	else if (silent < 100 * INT64_C(60000))
		snprintf(out, DURATION_SIZE, "silent %s", duration_text(silent, text));
	else
		snprintf(out, DURATION_SIZE, "silent %dh", (int)(silent / 3600000 % 10000));
}

static void fill_wait(const struct view_model *m, const struct agent *a, char *out)
{
	int64_t left = view_wait_left(m, a);
	char text[DURATION_SIZE];

	if (left == NUM_NONE)
		snprintf(out, DURATION_SIZE, "needs you");
	else if (left == 0)
		snprintf(out, DURATION_SIZE, "due");
	else
		snprintf(out, DURATION_SIZE, "in %.20s", duration_left(left, 0, text));
}

static int64_t took_ms(const struct attempt *at)
{
	bool is_told = at && at->has_ended && at->how != EXIT_VOID && at->ended_m >= at->started_m;

	return is_told ? at->ended_m - at->started_m : -1;
}

static void fill_took(const struct attempt *at, char *out)
{
	char text[DURATION_SIZE];

	if (took_ms(at) >= 0)
		snprintf(out, DURATION_SIZE, "%s", duration_text(took_ms(at), text));
}

static void fill_time(const struct view_model *m, const struct agent *a, int64_t output_at_t,
    struct view_row *row)
{
	const struct attempt *at = agent_last_attempt(a);
	char text[DURATION_SIZE];

	if (row->role == ROLE_BACKOFF) {
		fill_wait(m, a, row->time);
	} else if (row->role == ROLE_VALIDATING) {
		snprintf(row->time, sizeof(row->time), "%s",
		    duration_text(m->now.wall_ms - a->since_t, text));
	} else if (row->role == ROLE_RUNNING && at && at->has_ended) {
		fill_took(at, row->time); /* ended, and being judged */
	} else if (row->role == ROLE_RUNNING && at) {
		fill_running(m, at, output_at_t, row->time);
	} else {
		fill_took(at, row->time);
	}
}

bool view_has_cost(const struct agent *a)
{
	uint32_t i;

	for (i = 0; i < a->nr_attempts; i++)
		if (a->attempts[i].cost_usd >= 0)
			return true;
	return false;
}

int64_t view_row_time_ms(const struct view_model *m, uint32_t agent)
{
	const struct agent *a = view_agent(m, agent);
	const struct attempt *at = agent_last_attempt(a);
	enum style_role role = shown_role(a);

	if (role == ROLE_BACKOFF) {
		int64_t left = view_wait_left(m, a);

		return left == NUM_NONE ? INT64_MAX / 2 : left;
	}
	if (role == ROLE_VALIDATING)
		return m->now.wall_ms - a->since_t;
	if (role == ROLE_RUNNING && at && !at->has_ended)
		return view_ran(m, at);
	return took_ms(at);
}

void view_row_fill_of(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    int64_t output_at_t, struct view_row *row)
{
	const struct batch *b = &r->state;
	const struct agent *a = &b->agents[agent];
	const struct attempt *judged = shown_last_judged(a);
	uint32_t try = shown_table_try(a);
	int of = r->manifest.options.attempts;

	*row = (struct view_row){
	    .agent = a,
	    .role = shown_role(a),
	    .try = "-",
	    .last_class = "",
	    .account = b->accounts[a->account].name,
	};
	if (try)
		snprintf(row->try, sizeof(row->try), "%u/%d", try, of);
	if (judged && judged->class != CLASS_SUCCESS)
		row->last_class = class_name(judged->class);
	/* Elsewhere nothing goes on. */
	if (r == m->shown)
		fill_time(m, a, output_at_t, row);
	else
		fill_took(agent_last_attempt(a), row->time);
	if (view_has_cost(a))
		(void)money_short(a->cost_usd, row->cost);
}

void view_row_fill(const struct view_model *m, uint32_t agent, int64_t output_at_t,
    struct view_row *row)
{
	view_row_fill_of(m, m->shown, agent, output_at_t, row);
}

/* ---- LAST LINE ---------------------------------------------------------- */

static void add_parents(const struct view_model *m, uint32_t agent, struct buf *out)
{
	const struct batch *b = &m->shown->state;
	const char *sep = "waits for ";
	uint32_t k;

	if (!b->graph)
		return;
	for (k = b->graph->first_parent[agent]; k < b->graph->first_parent[agent + 1]; k++) {
		const struct agent *p = &b->agents[b->graph->parents[k]];

		if (p->status == AGENT_COMPLETED)
			continue;
		/* No screen is wide enough for more. */
		if (out->len > 512)
			return;
		buf_str(out, sep);
		sanitize_line(out, p->task->id);
		sep = ", ";
	}
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
	case ROLE_SKIPPED:
		if (a->is_set_aside) {
			sanitize_line(out, a->why ? a->why : "set aside");
			buf_str(out, ": ");
		}
		add_message(a, out);
		break;
	case ROLE_PENDING:
		sanitize_line(out, task_get(ts, a->task, COL_TASK));
		break;
	case ROLE_BLOCKED:
		add_parents(m, agent, out);
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
