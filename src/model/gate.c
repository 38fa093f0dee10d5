#include "model/gate.h"
#include "model/batch.h"

#include <math.h>

void gate_init(struct gate *g)
{
	*g = (struct gate){
	    .until_t = NUM_NONE,
	    .until_m = NUM_NONE,
	    .width = NUM_NONE,
	    .pace_ms = NUM_NONE,
	    .burst = NUM_NONE,
	    .last_start_m = NUM_NONE,
	    .full_m = NUM_NONE,
	    .limited_m = NUM_NONE,
	    .before_ms = NUM_NONE,
	    .pace_before_ms = NUM_NONE,
	    .empty.seq = SEQ_NONE,
	    .empty_before.seq = SEQ_NONE,
	    .probe_seq = SEQ_NONE,
	};
}

bool class_is_refused(enum attempt_class c)
{
	return c == CLASS_RATE_LIMIT || c == CLASS_USAGE_LIMIT;
}

bool class_is_served(enum attempt_class c)
{
	switch (c) {
	case CLASS_SUCCESS:
	case CLASS_TASK_ERROR:
	case CLASS_INVALID:
	case CLASS_NO_OUTPUT:
	case CLASS_MAX_TURNS:
	case CLASS_REFUSAL:
	case CLASS_CONTEXT_OVERFLOW:
		return true;
	case CLASS_NONE:
	case CLASS_RATE_LIMIT:
	case CLASS_USAGE_LIMIT:
	case CLASS_TRANSIENT:
	case CLASS_TIMEOUT:
	case CLASS_CRASH:
	case CLASS_AUTH:
	case CLASS_BUDGET:
	case CLASS_CONFIG:
	case CLASS_CANCELLED:
	case CLASS_LOST:
	case CLASS__COUNT:
		break;
	}
	return false;
}

/* Times are what a journal says: anything. 0 for one that is not told or runs backwards. */
static int64_t span_ms(int64_t from_m, int64_t to_m)
{
	int64_t ms;

	if (from_m == NUM_NONE || to_m == NUM_NONE || __builtin_sub_overflow(to_m, from_m, &ms))
		return 0;
	return ms > 0 ? ms : 0;
}

/* ---- the bucket ------------------------------------------------------------ */

double gate_level(const struct gate *g, int64_t m)
{
	double level;

	if (g->pace_ms == NUM_NONE)
		return HUGE_VAL;
	level = g->level;
	if (m > g->level_m)
		level += (double)span_ms(g->level_m, m) / (double)(g->pace_ms > 0 ? g->pace_ms : 1);
	return fmin(level, g->burst > 1 ? (double)g->burst : 1);
}

static void settle_level(struct gate *g, int64_t m)
{
	if (g->pace_ms == NUM_NONE || m < g->level_m)
		return;
	g->level = gate_level(g, m);
	g->level_m = m;
}

/* ---- events ------------------------------------------------------------------ */

/* Wider, or faster, than it was. */
static bool is_step_up(const struct gate *g, const struct ev_gate *ev)
{
	if (g->state != GATE_NARROWED || (ev->state != GATE_NARROWED && ev->state != GATE_OPEN))
		return false;
	if (g->width != NUM_NONE && (ev->width == NUM_NONE || ev->width > g->width))
		return true;
	return g->pace_ms != NUM_NONE && (ev->pace_ms == NUM_NONE || ev->pace_ms < g->pace_ms);
}

static bool is_held(const struct gate *g)
{
	return g->width != NUM_NONE || g->pace_ms != NUM_NONE;
}

void gate_set(struct gate *g, const struct ev_gate *ev, int64_t t, int64_t m, const char *why)
{
	bool was_held = is_held(g);
	bool was_shut = g->state == GATE_CLOSED || g->state == GATE_PROBING;

	if (is_step_up(g, ev))
		g->nr_steps++;
	settle_level(g, m);
	if (ev->state == GATE_CLOSED && g->state != GATE_CLOSED)
		g->closed_m = m;
	if (ev->state != GATE_CLOSED && g->state == GATE_CLOSED)
		g->closed_ms = span_ms(g->closed_m, m);
	g->state = ev->state;
	g->until_t = ev->until_t;
	g->until_m = NUM_NONE;
	if (ev->until_t != NUM_NONE)
		g->until_m = m + (ev->until_t > t ? ev->until_t - t : 0);
	g->width = ev->width;
	g->pace_ms = ev->pace_ms;
	g->burst = ev->burst;
	g->why = why;
	if (ev->nr_lasted != NUM_NONE) {
		g->before_ms = ev->lasted_ms;
		g->before_nr = ev->nr_lasted > 0 && ev->nr_lasted < UINT32_MAX / 2
		    ? (uint32_t)ev->nr_lasted
		    : 0;
	}
	g->served = g->served_full = 0;
	if (!was_held && !g->doubt.is_free)
		doubt_begin(&g->doubt, (struct gate_mark){g->nr_starts, m});
	if (ev->state == GATE_PROBING || (was_shut && ev->state != GATE_CLOSED)) {
		g->ramp_seq = g->nr_starts;
		g->ramp_served = 0;
	}
	g->probe_seq = SEQ_NONE;
	g->is_probe_served = false;
}

/* ---- attempts ------------------------------------------------------------------ */

uint32_t gate_note_start(struct gate *g, int64_t m)
{
	uint32_t seq = g->nr_starts++;

	if (seq == 0)
		g->begin = (struct gate_mark){seq, m};
	settle_level(g, m);
	if (g->pace_ms != NUM_NONE)
		g->level--;
	g->last_start_m = m;
	if (g->width != NUM_NONE && g->nr_in_flight >= g->width)
		g->full_m = m;
	if (g->state == GATE_PROBING && g->probe_seq == SEQ_NONE) {
		g->probe_seq = seq;
		g->probe_m = m;
	}
	return seq;
}

/* Processes do not come up in order: of those that were under way when a limit is first heard of,
 * any may be refused. So they are counted, whichever they are. */
static void mark_limit(struct gate *g, const struct attempt *at)
{
	if (g->is_limited) {
		if (at->seq < g->empty.seq)
			g->refused_in++;
		else
			g->refused_after++;
		return;
	}
	g->limited_m = at->ended_m;
	g->pace_before_ms = g->pace_ms;
	g->empty_before = g->empty;
	g->empty = (struct gate_mark){g->nr_starts, at->started_m};
	g->refused_in = g->refused_after + 1;
	g->refused_after = 0;
	/* Met after a step or two it confirms what was learned; later, that this was poor. */
	if (g->nr_steps > 0 || g->nr_limits == 0)
		g->nr_limits = g->nr_steps >= 3 ? 1 : g->nr_limits + 1;
	g->nr_steps = 0;
}

/* A limit that is gone into with other eyes is a new one. */
static void note_doubt(struct gate *g, const struct attempt *at)
{
	const struct gate_mark now = {g->nr_starts, at->ended_m};
	bool is_refused = class_is_refused(at->class);

	if (!g->doubt.is_free && !is_held(g))
		return;
	if (doubt_note(&g->doubt, at->seq, is_refused, is_refused && !g->is_limited, now)) {
		g->is_limited = false;
		g->tries = 0;
	}
}

static void note_refused(struct gate *g, const struct attempt *at)
{
	int64_t ran_ms = span_ms(at->started_m, at->ended_m);
	bool is_first;

	if (at->class == CLASS_RATE_LIMIT)
		note_doubt(g, at);
	is_first = !g->is_limited;
	if (at->class == CLASS_RATE_LIMIT)
		mark_limit(g, at);
	g->is_limited = true;
	if (is_first)
		g->tries = 0;
	if (is_first || at->seq >= g->known_seq) {
		g->tries++;
		g->known_seq = g->nr_starts;
	}
	g->level = 0;
	if (at->started_m > g->level_m)
		g->level_m = at->started_m;
	g->ramp_seq = g->nr_starts;
	g->ramp_served = 0;
	if (ran_ms > g->refusal_ms)
		g->refusal_ms = ran_ms;
}

/* By then it was over; a usage limit's end says nothing of others. */
static void note_limit_over(struct gate *g, int64_t m)
{
	if (g->limited_m != NUM_NONE)
		g->lasted_ms[g->nr_lasted++ % GATE_LASTED] = span_ms(g->limited_m, m);
	g->limited_m = NUM_NONE;
	g->is_limited = false;
	g->tries = 0;
}

static void note_served(struct gate *g, const struct attempt *at)
{
	int64_t ran_ms = span_ms(at->started_m, at->ended_m);

	g->served_ms = g->served_ms ? g->served_ms / 4 * 3 + ran_ms / 4 : ran_ms;
	g->ramp_served++;
	note_doubt(g, at);
	if (at->seq < g->known_seq && g->is_limited)
		return; /* it was let in before the limit was met */
	if (g->is_limited)
		note_limit_over(g, at->started_m);
	if (g->nr_in_flight > g->good_width)
		g->good_width = g->nr_in_flight;
	g->served++;
	if (g->full_m != NUM_NONE && g->full_m >= at->started_m)
		g->served_full++;
}

void gate_note_verdict(struct gate *g, const struct attempt *at)
{
	if (class_is_refused(at->class))
		note_refused(g, at);
	else if (class_is_served(at->class))
		note_served(g, at);
	if (at->seq != g->probe_seq)
		return;
	g->probe_seq = SEQ_NONE;
	g->is_probe_served = class_is_served(at->class);
}

void gate_note_void(struct gate *g, const struct attempt *at)
{
	if (at->seq == g->probe_seq)
		g->probe_seq = SEQ_NONE;
	if (g->pace_ms != NUM_NONE)
		g->level++;
}

void gate_reboot(struct gate *g, int64_t m)
{
	g->level_m = m;
	g->last_start_m = g->full_m = g->limited_m = NUM_NONE;
	g->begin = (struct gate_mark){g->nr_starts, m};
	g->empty.seq = g->empty_before.seq = SEQ_NONE;
	g->probe_m = m;
	g->doubt = (struct doubt){.from = g->begin};
}
