#include "view/tags.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void tags_release(struct tags *t)
{
	free(t->is_tagged);
	*t = (struct tags){0};
}

void tags_follow(struct tags *t, const struct batch_reader *batch)
{
	uint32_t nr = batch->state.nr_agents, i, at;
	struct tags now = {.batch = batch, .agents = nr};

	if (t->batch == batch && t->agents == nr)
		return;
	now.is_tagged = xcalloc(nr ? nr : 1, sizeof(*now.is_tagged));
	for (i = 0; t->nr && i < t->agents; i++) {
		if (!t->is_tagged[i])
			continue;
		at = batch_find(&batch->state, t->batch->state.agents[i].task->id);
		if (at != AGENT_NONE)
			tags_set(&now, at, true);
	}
	tags_release(t);
	*t = now;
}

bool tags_has(const struct tags *t, uint32_t agent)
{
	return t->batch && agent < t->agents && t->is_tagged[agent];
}

void tags_set(struct tags *t, uint32_t agent, bool is_tagged)
{
	if (!t->batch || agent >= t->agents || t->is_tagged[agent] == is_tagged)
		return;
	t->is_tagged[agent] = is_tagged;
	if (is_tagged)
		t->nr++;
	else
		t->nr--;
}

void tags_clear(struct tags *t)
{
	if (t->batch)
		memset(t->is_tagged, 0, t->agents * sizeof(*t->is_tagged));
	t->nr = 0;
}
