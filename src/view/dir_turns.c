#include "view/dir_turns.h"
#include "base/xalloc.h"
#include "formats/workdirs.h"
#include "view/blockers.h"
#include "view/model.h"
#include "view/text/sanitize.h"

#include <stdlib.h>

void dir_turns_release(struct dir_turns *d)
{
	free(d->of);
	free(d->holder);
	*d = (struct dir_turns){0};
}

static void take_batch(struct dir_turns *d, const struct batch_reader *r)
{
	uint32_t i;

	dir_turns_release(d);
	d->batch = &r->state;
	d->events = UINT64_MAX;
	if (!r->manifest.options.exclusive_dir)
		return;
	d->of = workdirs_number(&r->manifest.options, &r->tasks);
	for (i = 0; i < r->state.nr_agents; i++)
		if (d->of[i] >= d->nr)
			d->nr = d->of[i] + 1;
	d->holder = xcalloc(d->nr + 1, sizeof(*d->holder));
}

/* How much an agent is at work: one that waits keeps its directory, unless it cannot go on by itself. */
static int rank_of(const struct batch *b, uint32_t agent)
{
	const struct agent *a = agent == AGENT_NONE ? NULL : &b->agents[agent];

	if (!a || a->status != AGENT_IN_PROGRESS)
		return 0;
	if (a->phase != PHASE_BACKOFF)
		return 2;
	return a->wait_is_parked || agent_next_t(b, a) == NUM_NONE ? 0 : 1;
}

static void look_again(struct dir_turns *d, const struct batch *b)
{
	uint32_t i;

	d->events = b->nr_events;
	for (i = 0; i < d->nr; i++)
		d->holder[i] = AGENT_NONE;
	for (i = 0; i < b->nr_agents; i++)
		if (rank_of(b, i) > rank_of(b, d->holder[d->of[i]]))
			d->holder[d->of[i]] = i;
}

uint32_t dir_turns_find(struct dir_turns *d, const struct batch_reader *r, uint32_t agent)
{
	const struct batch *b = &r->state;

	if (d->batch != b)
		take_batch(d, r);
	if (!d->of || b->agents[agent].status != AGENT_PENDING || b->agents[agent].unmet > 0)
		return AGENT_NONE;
	if (d->events != b->nr_events)
		look_again(d, b);
	return d->holder[d->of[agent]];
}

bool dir_turns_add(const struct view_model *m, uint32_t agent, struct buf *out)
{
	uint32_t by = dir_turns_find(m->dir_turns, m->shown, agent);

	if (by == AGENT_NONE)
		return false;
	buf_str(out, "dir in use by ");
	sanitize_line(out, m->shown->state.agents[by].task->id);
	buf_str(out, " (");
	blockers_add_state(m, m->shown, by, out);
	buf_ch(out, ')');
	return true;
}
