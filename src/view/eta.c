#include "view/eta.h"
#include "base/xalloc.h"

#include <stdlib.h>

#define ENOUGH 5 /* attempts that have ended */
#define SAMPLES_MAX 4096 /* durations looked at for one pool: the latest rows' */

/* What is known of one pool of accounts. */
struct sample {
	int64_t *ms; /* durations of completed attempts */
	size_t nr;
	uint64_t ended, failed; /* attempts */
	double left; /* agents to go, a running one as a half */
	double gate_ms;
	double pace_ms; /* from one start to the next at least; 0: as quick as slots are free */
};

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void add_attempt(struct sample *s, const struct attempt *at)
{
	if (!at->has_verdict)
		return;
	s->ended++;
	if (at->class != CLASS_SUCCESS)
		s->failed++;
	else if (s->nr < SAMPLES_MAX && at->ended_m >= at->started_m)
		s->ms[s->nr++] = at->ended_m - at->started_m;
}

static void add_agent(struct sample *s, const struct agent *a)
{
	uint32_t i;

	for (i = 0; i < a->nr_attempts; i++)
		add_attempt(s, &a->attempts[i]);
	if (a->status == AGENT_PENDING || a->phase == PHASE_BACKOFF)
		s->left += 1;
	else if (a->status == AGENT_IN_PROGRESS)
		s->left += 0.5;
}

/* The first of its accounts to open lets rows go on; those that have a pace add up to one, unless
 * one of them has none. */
static void add_gates(const struct view_model *m, const struct pool *pool, struct sample *s)
{
	const struct batch *b = &m->shown->state;
	double gate_ms = -1, per_ms = 0;
	bool is_paced = true;
	uint32_t i;

	for (i = 0; i < pool->nr_members; i++) {
		const struct account *acc = &b->accounts[pool->members[i]];
		int64_t left = view_gate_left(m, acc);

		if (left == NUM_NONE)
			continue;
		if (gate_ms < 0 || (double)left < gate_ms)
			gate_ms = (double)left;
		is_paced = is_paced && acc->gate.pace_ms != NUM_NONE && acc->gate.pace_ms > 0;
		if (is_paced)
			per_ms += 1 / (double)acc->gate.pace_ms;
	}
	s->gate_ms = gate_ms < 0 ? 0 : gate_ms;
	if (is_paced && per_ms > 0)
		s->pace_ms = 1 / per_ms;
}

static struct sample *take_samples(const struct view_model *m)
{
	const struct batch *b = &m->shown->state;
	struct sample *v = xcalloc(b->nr_pools ? b->nr_pools : 1, sizeof(*v));
	uint32_t i;

	for (i = 0; i < b->nr_pools; i++) {
		v[i].ms = xmalloc(SAMPLES_MAX * sizeof(*v[i].ms));
		add_gates(m, &b->pools[i], &v[i]);
	}
	for (i = b->nr_agents; i-- > 0;)
		add_agent(&v[b->agents[i].pool], &b->agents[i]);
	for (i = 0; i < b->nr_pools; i++)
		qsort(v[i].ms, v[i].nr, sizeof(*v[i].ms), by_value);
	return v;
}

/* The quarter-th quartile: 1, 2 (the median) or 3. */
static double quartile(const struct sample *s, size_t quarter)
{
	return s->nr ? (double)s->ms[(s->nr - 1) * quarter / 4] : 0;
}

/* Milliseconds until all pools are done, if an attempt takes its quartile. A pool without
 * a completed attempt goes by the one with most of them. */
static double estimate(const struct sample *v, uint32_t nr, size_t quarter, double jobs)
{
	double work = 0, left = 0, gate = 0, other = 0, paced = 0;
	size_t most = 0;
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (v[i].nr > most) {
			most = v[i].nr;
			other = quartile(&v[i], quarter);
		}
	for (i = 0; i < nr; i++) {
		double took = v[i].nr ? quartile(&v[i], quarter) : other;
		double share = v[i].ended ? (double)v[i].failed / (double)v[i].ended : 0;

		if (share > 0.8)
			share = 0.8; /* five tries for one that completes */
		work += v[i].left * took / (1 - share);
		left += v[i].left;
		if (v[i].left * v[i].pace_ms > paced)
			paced = v[i].left * v[i].pace_ms;
		if (v[i].left > 0 && v[i].gate_ms > gate)
			gate = v[i].gate_ms;
	}
	if (jobs < 1 || jobs > left)
		jobs = left < 1 ? 1 : left;
	return (work / jobs > paced ? work / jobs : paced) + gate;
}

void view_eta_compute(const struct view_model *m, struct view_eta *eta)
{
	const struct batch *b = &m->shown->state;
	struct sample *v;
	uint32_t i;

	*eta = (struct view_eta){0};
	if (b->nr_verdicts < ENOUGH || b->counts[AGENT_COMPLETED] == 0 ||
	    b->counts[AGENT_PENDING] + b->counts[AGENT_IN_PROGRESS] == 0 || m->exit_code >= 0)
		return;
	v = take_samples(m);
	eta->is_known = true;
	eta->low_ms = (int64_t)estimate(v, b->nr_pools, 1, (double)b->jobs);
	eta->ms = (int64_t)estimate(v, b->nr_pools, 2, (double)b->jobs);
	eta->high_ms = (int64_t)estimate(v, b->nr_pools, 3, (double)b->jobs);
	for (i = 0; i < b->nr_pools; i++)
		free(v[i].ms);
	free(v);
}
