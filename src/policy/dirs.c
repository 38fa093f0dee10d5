#include "policy/dirs.h"
#include "base/xalloc.h"
#include "policy/decide.h"

#include <stdlib.h>

void dirs_init(struct dirs *d, uint32_t *of, uint32_t nr_rows)
{
	uint32_t i;

	*d = (struct dirs){.of = of};
	for (i = 0; of && i < nr_rows; i++)
		if (of[i] >= d->nr)
			d->nr = of[i] + 1;
	d->holder = xcalloc(d->nr + 1, sizeof(*d->holder));
	d->held = xcalloc(d->nr + 1, sizeof(*d->held));
	for (i = 0; i < d->nr; i++)
		d->holder[i] = AGENT_NONE;
}

void dirs_release(struct dirs *d)
{
	free((uint32_t *)d->of); /* ours since dirs_init */
	free(d->holder);
	free(d->held);
	*d = (struct dirs){0};
}

/* Who comes first has it: dirs_update asks those at work before those that wait. */
static void hold(struct dirs *d, uint32_t agent)
{
	uint32_t dir = d->of[agent];

	if (d->holder[dir] != AGENT_NONE)
		return;
	d->holder[dir] = agent;
	d->held[d->nr_held++] = dir;
}

static void hold_all(struct dirs *d, const struct heap *waiting)
{
	size_t i;

	for (i = 0; i < waiting->nr; i++)
		hold(d, waiting->nodes[i].item);
}

void dirs_update(struct dirs *d, const struct batch *b, const struct live *live, uint32_t nr_busy,
    bool (*is_out)(void *ctx, const struct pool *pool), void *ctx)
{
	uint32_t i;

	if (!d->of)
		return;
	while (d->nr_held > 0)
		d->holder[d->held[--d->nr_held]] = AGENT_NONE;
	for (i = 0; i < b->nr_running; i++)
		hold(d, b->running[i]);
	for (i = 0; nr_busy > 0 && i < b->nr_agents; i++)
		if (live[i].busy)
			hold(d, i);
	for (i = 0; i < b->nr_pools; i++) {
		const struct pool *pool = &b->pools[i];

		if (is_out(ctx, pool))
			continue;
		hold_all(d, &pool->waiting);
		hold_all(d, &pool->waiting_wall);
	}
}

bool dirs_blocks(const struct dirs *d, uint32_t agent)
{
	uint32_t holder = d->of ? d->holder[d->of[agent]] : AGENT_NONE;

	return holder != AGENT_NONE && holder != agent;
}
