/* Line 3 of the header: jobs, what an account's gate says, money and tokens, the run's totals. */
#include "view/screen/header_parts.h"
#include "base/xalloc.h"
#include "policy/budget.h"
#include "view/limits.h"
#include "view/role_sums.h"
#include "view/spending.h"
#include "view/text/duration.h"
#include "view/text/units.h"

#include <inttypes.h>
#include <stdio.h>

static const struct style plain;

static void add_jobs(const struct view_model *m, struct words *w)
{
	const struct batch *b = &m->shown->state;

	if (b->jobs > 0)
		words_add(w, 2, plain, "jobs %u/%" PRId64, batch_slots_used(b), b->jobs);
	else
		words_add(w, 2, plain, "jobs %u", batch_slots_used(b));
}

void header_gate_words(const struct view_model *m, const struct account *acc, bool with_clock,
    char *out, size_t size)
{
	int64_t left = view_gate_left(m, acc);
	char text[DURATION_SIZE], pace[UNITS_SIZE], clock[CLOCK_HMS_LEN + 1];

	switch (acc->gate.state) {
	case GATE_CLOSED:
		if (left == NUM_NONE) {
			snprintf(out, size, "CLOSED");
			return;
		}
		clock_hms(acc->gate.until_t, clock);
		if (left == 0)
			snprintf(out, size, "LIMITED due");
		else if (with_clock)
			snprintf(out, size, "LIMITED %s (to %s)", duration_left(left, 0, text),
			    clock);
		else
			snprintf(out, size, "LIMITED %s", duration_left(left, 0, text));
		return;
	case GATE_NARROWED:
		if (acc->gate.width != NUM_NONE)
			snprintf(out, size, "NARROWED to %" PRId64, acc->gate.width);
		else if (acc->gate.pace_ms != NUM_NONE)
			snprintf(out, size, "NARROWED %s", pace_text(acc->gate.pace_ms, pace));
		else
			snprintf(out, size, "NARROWED");
		return;
	case GATE_PROBING:
		snprintf(out, size, "PROBING");
		return;
	case GATE_OPEN:
	case GATE__COUNT:
		break;
	}
	snprintf(out, size, "ok");
}

const struct account *header_limited(const struct view_model *m, uint32_t *nr)
{
	const struct batch *b = &m->shown->state;
	const struct account *found = NULL;
	uint32_t i;

	*nr = 0;
	if (m->state == RUN_FINISHED)
		return NULL;
	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];

		if (acc->gate.state == GATE_OPEN || !account_is_shown(acc))
			continue;
		/* A time that is over holds nothing up where nothing starts any more. */
		if (m->exit_code >= 0 && view_gate_left(m, acc) == 0)
			continue;
		found = found && found->gate.state == GATE_CLOSED ? found : acc;
		++*nr;
	}
	return found;
}

/* Accounts that the rows share, where one that is limited leaves others; 0: each stands alone. */
static uint32_t nr_shared(const struct view_model *m)
{
	const struct batch *b = &m->shown->state;
	bool is_declared = false;
	uint32_t i, nr = 0;

	for (i = 0; i < b->nr_accounts; i++) {
		nr += b->accounts[i].is_member;
		is_declared = is_declared ||
		    (b->accounts[i].is_member && b->pools[b->accounts[i].pool].is_declared);
	}
	return is_declared ? nr : 0;
}

/* "2 LIMITED, 1 CLOSED": which of them nobody but a person opens. nr 0: how many stands there already. */
static void add_several(const struct view_model *m, struct words *w, uint32_t nr,
    struct style limited)
{
	char several[24] = "";
	uint32_t closed, all;

	(void)limits_person(&m->shown->state, &closed);
	(void)header_limited(m, &all);
	if (nr > 0)
		snprintf(several, sizeof(several), "%u ", nr);
	if (closed == 0)
		words_add(w, 1, limited, "%sLIMITED", several);
	else if (closed == all)
		words_add(w, 1, limited, "%sCLOSED", several);
	else
		words_add(w, 1, limited, "%sLIMITED, %u CLOSED", several, closed);
}

static void add_gate(const struct view_model *m, struct words *w, int cols)
{
	const struct style limited = {.role = ROLE_BACKOFF, .flags = STYLE_BOLD};
	char text[64];
	uint32_t nr, of = nr_shared(m);
	const struct account *acc = header_limited(m, &nr);
	const char *rate = cols >= 60 ? "rate" : "";

	if (!acc && cols >= 60) {
		words_add(w, 2, plain, "rate ok");
		return;
	}
	if (!acc)
		return;
	if (*rate)
		words_add(w, 2, plain, "%s", rate);
	if (of > 1)
		words_add(w, 1, limited, "%u/%u", nr, of);
	if (nr > 1) {
		add_several(m, w, of > 1 ? 0 : nr, limited);
		return;
	}
	if (cols >= 100)
		words_add(w, 1, plain, "%s", acc->name);
	header_gate_words(m, acc, cols >= 100, text, sizeof(text));
	words_add(w, 1, limited, "%s", text);
}

/* What the run has cost where it has a budget, which is the run's, or roles, which are of no batch. */
static struct spent spent_of(const struct view_model *m, bool has_budget)
{
	struct role_sums roles = role_sums_of(m->run, SOLVE_ROLE__COUNT, m->now.wall_ms);
	struct spent sum = {roles.cost_usd, roles.tokens};
	size_t i;

	for (i = 0; roles.calls > 0 && i < m->run->nr; i++)
		spent_add(&sum, &m->run->batches[i]->state);
	if (roles.calls > 0)
		return sum;
	if (has_budget)
		return budget_spent(&m->shown->state);
	spent_add(&sum, &m->shown->state);
	return sum;
}

static void add_cost(const struct view_model *m, struct words *w, int cols)
{
	const struct options *o = &m->shown->manifest.options;
	struct buf text = BUF_INIT;

	spending_add_money(spent_of(m, o->budget_usd > 0).usd, o, cols < 100, &text);
	words_add(w, 2, plain, cols < 100 ? "%s" : "cost %s", text.data);
	buf_reset(&text);
	spending_add_tokens(spent_of(m, o->budget_tokens > 0).tokens, o, &text);
	if (cols >= 100 || o->budget_tokens > 0)
		words_add(w, 2, plain, "tok %s", text.data);
	buf_release(&text);
}

static void add_totals(const struct view_model *m, struct words *w, int cols)
{
	const struct view_totals *t = &m->totals;

	*w = (struct words){0};
	if (t->agents == 0)
		return; /* the plan is still to come */
	if (cols < 60)
		words_add(w, 1, plain, "%u/%u", t->done, t->agents);
	else
		words_add(w, 1, plain, "run %u/%u done, %u healed, %u left", t->done, t->agents,
		    t->healed, t->left);
}

void header_paint_limits(const struct view_model *m, struct cells *c, int row)
{
	static const int widths[] = {100, 60, 40};
	struct words left, right;
	size_t i;

	for (i = 0; i < ARRAY_LEN(widths); i++) {
		int cols = c->cols < widths[i] ? c->cols : widths[i];
		size_t k;

		left = (struct words){0};
		add_jobs(m, &left);
		add_gate(m, &left, cols);
		add_cost(m, &left, cols);
		add_totals(m, &right, cols);
		for (k = 0; cols < 60 && k < left.nr; k++)
			left.v[k].gap = k ? 1 : 0;
		if (cols < 60 && right.nr && left.nr < ARRAY_LEN(left.v)) {
			left.v[left.nr] = right.v[0];
			left.v[left.nr++].gap = 1;
			right.nr = 0;
		}
		if (header_both(&left, &right, c, row, i + 1 == ARRAY_LEN(widths)))
			return;
	}
}
