#include "policy/learned.h"

/* Shorter waits only cost attempts. */
#define LEAST_MS 100

int64_t learned_typical_ms(const int64_t *lasted_ms, size_t nr)
{
	size_t i, j;

	/* The smallest one that three quarters do not exceed: a handful, so by counting. */
	for (i = 0; i < nr; i++) {
		size_t below = 0, equal = 0;

		for (j = 0; j < nr; j++) {
			below += lasted_ms[j] < lasted_ms[i];
			equal += lasted_ms[j] == lasted_ms[i];
		}
		if (below * 4 < nr * 3 && (below + equal) * 4 >= nr * 3)
			return lasted_ms[i];
	}
	return lasted_ms[0];
}

/* Its own limits, once there are enough; before that, with those of runs before. */
static int64_t typical_ms(const struct gate *g)
{
	size_t nr = g->nr_lasted < GATE_LASTED ? g->nr_lasted : GATE_LASTED;
	int64_t own = nr > 0 ? learned_typical_ms(g->lasted_ms, nr) : NUM_NONE;

	if (g->nr_lasted >= LEARNED_LEAST)
		return own;
	if (g->nr_lasted + g->before_nr < LEARNED_LEAST)
		return NUM_NONE;
	return g->before_ms > own ? g->before_ms : own;
}

int64_t learned_wait_ms(const struct gate *g, uint32_t k, int64_t ladder_ms)
{
	int64_t ms = typical_ms(g);

	if (ms == NUM_NONE)
		return NUM_NONE;
	if (ms < LEAST_MS)
		ms = LEAST_MS;
	for (; k > 1 && ms < ladder_ms; k--)
		ms *= 2;
	return ms < ladder_ms ? ms : ladder_ms;
}
