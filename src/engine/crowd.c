#include "engine/crowd.h"
#include "engine/command.h"

#include <stdio.h>

/* Rows that may be at it at the same time. */
struct crowd {
	uint32_t nr, last;
	bool is_crowded; /* two of them do not wait for each other */
};

static bool names_directory(const struct tasks *ts, uint32_t row)
{
	const char *cell = task_get(ts, &ts->v[row], COL_CONTEXT_PATH);
	size_t len;

	(void)task_next_part(&cell, &len);
	return len > 0;
}

static bool may_edit(const struct profile *p, bool unattended)
{
	if (!p || profile_is_own(p->name))
		return false;
	return !p->edits_nothing || (unattended && (p->unattended.nr || p->unattended_env.nr));
}

/* A chain, where each waits for the one before, works in turns. */
static void add(struct crowd *c, const struct graph *g, uint32_t row)
{
	if (c->nr++ > 0 && !graph_waits_for(g, row, c->last))
		c->is_crowded = true;
	c->last = row;
}

void crowd_look(const struct options *o, const struct tasks *ts, const struct graph *g,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct command_maker_opts opts = {.options = o, .tasks = ts};
	struct command_maker *m = NULL;
	struct crowd c = {0};
	char text[256];
	uint32_t row;

	if (!o->exclusive_dir && !o->agent_command && o->jobs != 1 && ts->nr > 1)
		m = command_maker_new(&opts, NULL);
	for (row = 0; m && row < ts->nr; row++)
		if (!names_directory(ts, row) && may_edit(command_profile(m, row), o->unattended))
			add(&c, g, row);
	command_maker_free(m);
	if (!c.is_crowded)
		return;
	snprintf(text, sizeof(text),
	    "%u rows name no context_path: they work side by side where launch was called, and may "
	    "overwrite each other's files: give each a directory of its own, or let them take "
	    "turns "
	    "by --exclusive-dir",
	    c.nr);
	say(ctx, text);
}
