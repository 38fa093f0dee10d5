#include "model/gate.h"

void gate_init(struct gate *g)
{
	*g = (struct gate){
	    .until_t = NUM_NONE,
	    .until_m = NUM_NONE,
	    .width = NUM_NONE,
	    .pace_ms = NUM_NONE,
	};
}

void gate_set(struct gate *g, const struct ev_gate *ev, int64_t t, int64_t m, const char *why)
{
	g->state = ev->state;
	g->until_t = ev->until_t;
	g->until_m = NUM_NONE;
	if (ev->until_t != NUM_NONE)
		g->until_m = m + (ev->until_t > t ? ev->until_t - t : 0);
	g->width = ev->width;
	g->pace_ms = ev->pace_ms;
	g->why = why;
}
