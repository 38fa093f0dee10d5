#include "policy/gate.h"
#include "policy/backoff.h"

#include <math.h>
#include <string.h>

/* From here on the first starts come closer together: the sum stays short for any --jobs. */
#define RAMP_STARTS 16
/* A short-lived agent tells soon how long an answer takes: no start is held back for longer. */
#define MAX_SPACING_MS 100
/* How often the burst must be served before the pace is quickened for the first time. */
#define PACE_TRIAL 4
#define MAX_TRIAL 32
/* What is left must take so many times as long as the last closure did, to be worth another. */
#define PAYS_OFF 5
#define MAX_COST_MS (60 * 1000) /* hours were not closed for the pace */
/* Rounds at full width before one more is tried. */
#define WIDTH_TRIAL 2
/* What is learned again and again is doubted ever more rarely, up to here. */
#define MAX_DOUBLINGS 6
/* How long a probe that neither ends nor is refused holds the others back. */
#define MIN_PATIENCE_MS 500
#define MAX_PATIENCE_MS 30000
/* The first pause after a refusal with nothing beside it; it doubles. */
#define PAUSE_MS 500
#define MAX_PAUSE_MS (5 * 60 * 1000)
/* What others tell: closed by their word for so long at most; a pace is good for so long; no limit
 * lasts longer than this. */
#define TRUST_MS (15 * 1000)
#define FRESH_MS (60 * 1000)
#define MAX_HINT_MS (8 * INT64_C(86400) * 1000)

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

struct ev_gate gate_event(const struct account *acc, enum gate_state state, const char *why)
{
	return (struct ev_gate){
	    .account = acc->name,
	    .state = state,
	    .until_t = NUM_NONE,
	    .width = acc->gate.width,
	    .pace_ms = acc->gate.pace_ms,
	    .burst = acc->gate.burst,
	    .lasted_ms = NUM_NONE,
	    .nr_lasted = NUM_NONE,
	    .why = why,
	};
}

/* ---- may one more start ---------------------------------------------------- */

static int64_t spacing_ms(const struct gate *g)
{
	int64_t ms = clamp(g->served_ms * 3 / 4, GATE_SPACING_MS, MAX_SPACING_MS);
	uint32_t n = g->nr_starts - g->ramp_seq;

	return n > RAMP_STARTS ? ms * RAMP_STARTS / n : ms;
}

/* After it opened: with nothing in flight the last one has answered already, and every few that
 * were served make room for one more at once. */
static bool is_spaced(const struct gate *g, struct instant now, int64_t *again_m)
{
	if (g->nr_in_flight < 1 + g->ramp_served / 8 || g->last_start_m == NUM_NONE)
		return true;
	*again_m = g->last_start_m + spacing_ms(g);
	return now.mono_ms >= *again_m;
}

static bool is_paced(const struct gate *g, struct instant now, int64_t *again_m)
{
	double level = gate_level(g, now.mono_ms);

	if (level >= 1)
		return true;
	*again_m = now.mono_ms + (int64_t)ceil((1 - level) * (double)g->pace_ms);
	if (*again_m <= now.mono_ms)
		*again_m = now.mono_ms + 1;
	return false;
}

static bool has_width(const struct gate *g)
{
	return g->width == NUM_NONE || g->nr_in_flight < g->width;
}

bool gate_lets_start(const struct gate *g, struct instant now, int64_t *again_m)
{
	*again_m = INT64_MAX;
	switch (g->state) {
	case GATE_CLOSED:
		return false;
	case GATE_PROBING:
		return g->nr_in_flight == 0 || (g->probe_seq == SEQ_NONE && has_width(g));
	case GATE_NARROWED:
	case GATE_OPEN:
	case GATE__COUNT:
		break;
	}
	return (has_width(g) || g->nr_in_flight == 0) && is_paced(g, now, again_m) &&
	    is_spaced(g, now, again_m);
}

/* ---- what changes by itself -------------------------------------------------- */

static bool is_due(const struct gate *g, struct instant now)
{
	return g->until_t != NUM_NONE && (now.mono_ms >= g->until_m || now.wall_ms >= g->until_t);
}

static bool is_limiting(const struct ev_gate *ev)
{
	return ev->width != NUM_NONE || ev->pace_ms != NUM_NONE;
}

/* One that is refused ends soon: who runs on for this long was let in. */
static int64_t patience_ms(const struct gate *g)
{
	int64_t refusal = g->refusal_ms < MAX_PATIENCE_MS ? 4 * g->refusal_ms : MAX_PATIENCE_MS;
	int64_t served = g->served_ms < MAX_PATIENCE_MS ? g->served_ms * 3 / 2 : MAX_PATIENCE_MS;

	if (served > g->closed_ms / 2)
		served = g->closed_ms / 2;
	return clamp(refusal > served ? refusal : served, MIN_PATIENCE_MS, MAX_PATIENCE_MS);
}

static bool probe_passed(const struct gate *g, struct instant now, int64_t *again_m)
{
	if (g->is_probe_served)
		return true;
	if (g->probe_seq == SEQ_NONE || g->nr_in_flight == 0)
		return false;
	*again_m = g->probe_m + patience_ms(g);
	return now.mono_ms >= *again_m;
}

static uint32_t doublings(const struct gate *g)
{
	return least(g->nr_limits > 0 ? g->nr_limits - 1 : 0, MAX_DOUBLINGS);
}

/* Half as many that ran at once are no news: back to them at once, after a limit that most likely
 * took others down with it. Then one at a time, ever sooner while all goes well. */
static uint64_t served_to_widen(const struct gate *g)
{
	uint64_t rounds = (uint64_t)WIDTH_TRIAL << (2 * doublings(g)) >> g->nr_steps % 64;

	if (g->width < g->good_width * 3 / 4)
		return 1;
	return (rounds > 0 ? rounds : 1) * (uint64_t)g->width;
}

/* A trial that is refused costs that agent a wait: it is worth it only while the others take longer
 * than that. */
static bool pays_to_widen(const struct gate *g, const struct gate_scene *scene)
{
	return (double)scene->nr_left * (double)g->served_ms >=
	    (double)scene->refusal_costs_ms * (double)g->width;
}

static bool widen(const struct gate *g, const struct gate_scene *scene, struct ev_gate *ev)
{
	if (g->width == NUM_NONE)
		return false;
	if (scene->jobs > 0 && g->width >= scene->jobs) {
		ev->width = NUM_NONE;
		return true;
	}
	if (g->doubt.is_free && g->served > 0) {
		ev->width = NUM_NONE;
		return true;
	}
	if (g->served_full < served_to_widen(g) || !pays_to_widen(g, scene))
		return false;
	ev->width = g->width + 1;
	return true;
}

/* By 3 per cent, then by twice as much each time: what was a poor guess is left behind soon. Not
 * for the last few: a refusal, if it came, would cost more than they can win. */
static bool quicken(const struct gate *g, const struct gate_scene *scene, struct ev_gate *ev)
{
	double step =
	    0.03 * (double)(UINT64_C(1) << least(g->nr_steps > 0 ? g->nr_steps - 1 : 0, 5));
	uint64_t trial = (uint64_t)clamp(g->burst, 1 + g->nr_steps, MAX_TRIAL) * PACE_TRIAL
	    << doublings(g);
	int64_t pace_ms;

	if (g->pace_ms == NUM_NONE || g->served < trial)
		return false;
	if (scene->nr_left * (double)g->pace_ms <
	    PAYS_OFF * (double)clamp(g->closed_ms, 0, MAX_COST_MS))
		return false;
	pace_ms = (int64_t)((double)g->pace_ms / (1 + step));
	ev->pace_ms = pace_ms > GATE_SPACING_MS ? pace_ms : NUM_NONE;
	if (ev->pace_ms == NUM_NONE)
		ev->burst = NUM_NONE;
	return true;
}

static bool grow(const struct account *acc, const struct gate_scene *scene, struct ev_gate *ev)
{
	bool is_wider, is_quicker;

	*ev = gate_event(acc, GATE_NARROWED,
	    acc->gate.doubt.is_free ? "it refuses as many at any pace" : "nothing was refused");
	is_wider = widen(&acc->gate, scene, ev);
	is_quicker = quicken(&acc->gate, scene, ev);
	if (!is_limiting(ev))
		ev->state = GATE_OPEN;
	return is_wider || is_quicker;
}

bool gate_next(const struct account *acc, const struct gate_scene *scene, struct instant now,
    struct ev_gate *ev, int64_t *again_m)
{
	const struct gate *g = &acc->gate;

	*again_m = INT64_MAX;
	switch (g->state) {
	case GATE_CLOSED:
		*ev = gate_event(acc, GATE_PROBING, "the wait is over: one tries first");
		return is_due(g, now);
	case GATE_PROBING:
		*ev = gate_event(acc, GATE_NARROWED, "one was served");
		if (!is_limiting(ev))
			ev->state = GATE_OPEN;
		return probe_passed(g, now, again_m);
	case GATE_NARROWED:
		return grow(acc, scene, ev);
	case GATE_OPEN:
	case GATE__COUNT:
		break;
	}
	return false;
}

/* ---- a refusal ---------------------------------------------------------------- */

/* The pace that the service kept: how many it let in, by the time that this took. From one empty
 * bucket to the next that is its very rate. The first time it was full, and what is known is when
 * the limit is told to end; it held what was sent faster than that. */
static void learn_pace(const struct gate *g, int64_t told_ms, struct ev_gate *ev)
{
	bool has_two = g->empty_before.seq != SEQ_NONE;
	int64_t before_ms = g->pace_before_ms;
	const struct gate_mark *from = has_two ? &g->empty_before : &g->begin;
	uint32_t starts = g->empty.seq - from->seq;
	double n = starts > g->refused_in ? starts - g->refused_in : 1;
	double first_ms = fmax((double)g->empty.m - (double)from->m, 1);
	double whole_ms = first_ms + (double)told_ms;
	/* Counting from refusal to refusal is right to within one: the quicker end of that. */
	double pace_ms = has_two && g->tries == 1 ? first_ms / (n + 1) : whole_ms / n;

	/* A limit makes it no quicker, and one alone not slower than by half. */
	if (before_ms != NUM_NONE) {
		pace_ms = fmax(pace_ms, (double)before_ms);
		if (g->tries == 1)
			pace_ms = fmin(pace_ms, 2 * (double)before_ms);
	}
	ev->pace_ms = (int64_t)ceil(fmin(pace_ms, MAX_PAUSE_MS));
	if (!has_two && before_ms == NUM_NONE)
		ev->burst = (int64_t)fmax(n * (1 - first_ms / whole_ms), 1);
	else if (g->burst == NUM_NONE || (double)g->burst > n)
		ev->burst = (int64_t)n;
}

/* Neither pace nor width is of any use: a limit is kept to, but teaches nothing. */
static void forget_learned(struct ev_gate *ev)
{
	ev->width = ev->pace_ms = ev->burst = NUM_NONE;
}

static int64_t pause_ms(const struct gate *g)
{
	return clamp((int64_t)PAUSE_MS << least(g->tries > 1 ? g->tries - 2 : 0, 20), PAUSE_MS,
	    MAX_PAUSE_MS);
}

static uint32_t nr_others(const struct gate *g)
{
	return g->nr_in_flight > 0 ? g->nr_in_flight - 1 : 0;
}

static int64_t narrower(const struct gate *g, uint32_t width)
{
	int64_t w = width > 0 ? width : 1;

	return g->width != NUM_NONE && g->width < w ? g->width : w;
}

/* Closes until that moment, or leaves it closed where it is for about as long already: of those
 * that were under way each tells the same time a little later. */
static bool close_until(const struct gate *g, int64_t until_t, struct instant now,
    struct ev_gate *ev)
{
	ev->state = GATE_CLOSED;
	ev->until_t = until_t;
	if (g->state != GATE_CLOSED)
		return true;
	if (until_t - g->until_t <= (g->until_t - now.wall_ms) / 4)
		ev->until_t = g->until_t;
	return ev->until_t != g->until_t || ev->pace_ms != g->pace_ms;
}

static bool refused_with_time(const struct gate *g, const struct attempt *at, int64_t until_t,
    struct instant now, struct ev_gate *ev)
{
	int64_t told_ms = until_t - now.wall_ms;
	int64_t ran_ms = at->ended_m == NUM_NONE ? 0 : at->ended_m - at->started_m;
	bool are_long = g->served_ms >= told_ms * 3 / 4;

	if (g->doubt.is_free) {
		forget_learned(ev);
		return close_until(g, until_t, now, ev);
	}
	/* What was told before was too short: the account is tried ever more rarely. */
	if (g->tries > 1 && told_ms < 2 * pause_ms(g))
		told_ms = 2 * pause_ms(g);
	if (ran_ms > told_ms && ran_ms > 2 * MIN_PATIENCE_MS)
		/* It had been let in long ago: too many run, not too many start. */
		ev->width = narrower(g, g->nr_in_flight * 3 / 4);
	else if (nr_others(g) > 0 && (g->tries > 1 || (g->nr_limits > 1 && are_long)))
		ev->width = narrower(g, nr_others(g));
	else if (at->seq < g->empty.seq || g->tries > 1)
		learn_pace(g, told_ms, ev);
	return close_until(g, now.wall_ms + told_ms, now, ev);
}

static bool refused_without_time(const struct gate *g, struct instant now, struct ev_gate *ev)
{
	int64_t ms = pause_ms(g);

	if (g->state == GATE_CLOSED)
		return false;
	if (g->doubt.is_free)
		forget_learned(ev);
	if (g->tries > 1 && nr_others(g) == 0) {
		if (!g->doubt.is_free)
			learn_pace(g, ms, ev);
		return close_until(g, now.wall_ms + ms, now, ev);
	}
	ev->state = GATE_NARROWED;
	ev->width = narrower(g, nr_others(g));
	return g->state != GATE_NARROWED || ev->width != g->width || ev->pace_ms != g->pace_ms;
}

bool gate_refused(const struct account *acc, const struct attempt *at, int64_t until_t,
    struct instant now, struct ev_gate *ev)
{
	const struct gate *g = &acc->gate;

	*ev = gate_event(acc, GATE_CLOSED, at->message);
	if (g->state == GATE_CLOSED && g->until_t == NUM_NONE)
		return false; /* a person is longer than any time */
	if (at->class == CLASS_USAGE_LIMIT)
		return close_until(g, until_t, now, ev);
	if (until_t != NUM_NONE && until_t > now.wall_ms)
		return refused_with_time(g, at, until_t, now, ev);
	return refused_without_time(g, now, ev);
}

/* ---- what others tell ------------------------------------------------------------ */

static bool hinted_closed(const struct gate *g, int64_t until_t, struct instant now,
    struct ev_gate *ev)
{
	if (until_t - now.wall_ms <= TRUST_MS || g->state == GATE_CLOSED)
		return close_until(g, until_t, now, ev);
	ev->state = GATE_PROBING;
	return g->state != GATE_PROBING;
}

static bool hinted_pace(const struct gate *g, const struct ev_gate *told, struct ev_gate *ev)
{
	ev->state = GATE_NARROWED;
	ev->width = told->width;
	ev->pace_ms = told->pace_ms;
	ev->burst = told->burst;
	return g->state == GATE_OPEN && g->nr_starts == 0 && is_limiting(ev);
}

bool gate_hinted(const struct account *acc, const struct ev_gate *told, int64_t told_t,
    struct instant now, struct ev_gate *ev)
{
	const struct gate *g = &acc->gate;
	int64_t age_ms = now.wall_ms - told_t;
	bool is_pace = age_ms >= -TRUST_MS && age_ms <= FRESH_MS && hinted_pace(g, told, ev);
	bool has_lasted = told->nr_lasted > 0 && g->nr_starts == 0 && g->before_nr == 0;

	*ev = gate_event(acc, g->state, told->why);
	ev->until_t = g->until_t;
	if (g->state == GATE_CLOSED && g->until_t == NUM_NONE)
		return false;
	if (has_lasted) {
		ev->lasted_ms = told->lasted_ms;
		ev->nr_lasted = told->nr_lasted;
	}
	if (is_pace)
		(void)hinted_pace(g, told, ev);
	if (told->state == GATE_CLOSED && told->until_t > now.wall_ms &&
	    told->until_t - now.wall_ms <= MAX_HINT_MS)
		return hinted_closed(g, told->until_t, now, ev) || has_lasted;
	return is_pace || has_lasted;
}
