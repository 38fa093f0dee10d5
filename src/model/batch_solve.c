/* The fold of `solve` events. */
#include "model/batch_orders.h"
#include "base/xalloc.h"

#include <string.h>

static void enter(struct batch *b, const struct event *ev)
{
	const struct ev_solve *e = &ev->solve;
	struct solve *s = &b->solve;

	if (s->is_told && s->phase == e->phase && s->round == e->round)
		return;
	s->phase = e->phase;
	s->round = e->round;
	s->since_t = ev->t;
	s->call = s->child = s->csv = s->why = NULL;
	s->kind = BATCH_ORIGINAL;
	s->rows = s->until_t = NUM_NONE;
	s->nr_calls = s->nr_unread = 0;
}

/* A call of the phase's own role. Numbers rise: one that was given already is told again. */
static void note_call(struct batch *b, const struct ev_solve *e)
{
	int role = solve_role_of_phase(e->phase);
	uint32_t k = role >= 0 && e->role ? solve_call_number((enum solve_role)role, e->role) : 0;
	struct solve *s = &b->solve;

	if (k == 0)
		return;
	if (!s->call || strcmp(s->call, e->role) != 0)
		s->call = batch_keep(b, e->role);
	if (k <= s->last_call[role])
		return;
	s->last_call[role] = k;
	s->nr_calls++;
	s->nr_unread = e->is_unread ? s->nr_unread + 1 : 0;
}

/* A verdict told again is the same one. */
static void note_verdict(struct batch *b, const struct event *ev)
{
	const struct ev_solve *e = &ev->solve;
	struct solve *s = &b->solve;
	struct solve_verdict *v;

	if (s->nr_verdicts == 0 || s->verdicts[s->nr_verdicts - 1].round != e->round) {
		VEC_GROW(s->verdicts, s->nr_verdicts, s->cap_verdicts);
		s->nr_verdicts++;
	}
	v = &s->verdicts[s->nr_verdicts - 1];
	*v = (struct solve_verdict){
	    .round = e->round,
	    .t = ev->t,
	    .is_complete = e->is_complete,
	    .quality = e->quality,
	    .nr_missing = e->nr_missing == NUM_NONE ? 0 : e->nr_missing,
	    .why = batch_keep(b, e->why),
	    .call = s->call,
	};
}

void batch_apply_solve(struct batch *b, const struct event *ev)
{
	const struct ev_solve *e = &ev->solve;
	struct solve *s = &b->solve;

	enter(b, ev);
	s->is_told = true;
	s->nr_events++;
	note_call(b, e);
	if (e->phase == SOLVE_EXECUTING && e->child) {
		s->child = batch_keep(b, e->child);
		s->csv = batch_keep(b, e->csv);
		s->until_t = e->until_t;
		s->kind = e->kind;
	}
	if (e->rows != NUM_NONE)
		s->rows = e->rows;
	if (e->phase == SOLVE_VALIDATING && e->has_verdict)
		note_verdict(b, ev);
	if (e->why)
		s->why = batch_keep(b, e->why);
	s->is_stopped = e->phase != SOLVE_DONE && e->exit_code != NUM_NONE;
	s->exit_code = e->exit_code == NUM_NONE ? 0 : e->exit_code;
}
