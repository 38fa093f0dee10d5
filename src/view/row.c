#include "view/row.h"
#include "view/text/duration.h"
#include "view/text/units.h"

#include <stdio.h>
#include <string.h>

/* Without output for longer than this an agent is called silent. */
#define SILENT_AFTER_MS 120000

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
	else if (silent < 10 * INT64_C(60000))
		snprintf(out, DURATION_SIZE, "silent %s", duration_text(silent, text));
	else if (silent < 100 * INT64_C(60000)) /* its column has room for 11 */
		snprintf(out, DURATION_SIZE, "silent %dm", (int)(silent / 60000));
	else
		snprintf(out, DURATION_SIZE, "silent %dh", (int)(silent / 3600000 % 10000));
}

static void fill_wait(const struct view_model *m, const struct batch *b, const struct agent *a,
    char *out)
{
	int64_t left = view_wait_left_in(m, b, a);
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

static void fill_time(const struct view_model *m, const struct batch *b, const struct agent *a,
    int64_t output_at_t, struct view_row *row)
{
	const struct attempt *at = agent_last_attempt(a);
	char text[DURATION_SIZE];

	if (row->role == ROLE_BACKOFF) {
		fill_wait(m, b, a, row->time);
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
	const char *slash;

	*row = (struct view_row){
	    .agent = a,
	    .role = shown_role(a),
	    .try = "-",
	    .last_class = "",
	    .account = agent_account_name(b, a),
	};
	slash = strchr(row->account, '/');
	row->account_short = slash ? slash + 1 : row->account;
	if (try)
		snprintf(row->try, sizeof(row->try), "%u/%d", try, of);
	if (judged && judged->class != CLASS_SUCCESS)
		row->last_class = class_name(judged->class);
	/* In other batches nothing goes on, but in a role's call and beside a sibling. */
	if (r == m->shown || (r->is_held && b->end == END_NONE))
		fill_time(m, b, a, output_at_t, row);
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
