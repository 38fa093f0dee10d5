#include "engine/ignored.h"
#include "base/xalloc.h"
#include "engine/command.h"
#include "engine/fill.h"
#include "exec/template.h"
#include "formats/tasks_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum task_column column;
	const char *placeholder, *what;
} asked[] = {
    {COL_MODEL, "model", "a model"},
    {COL_MAX_TURNS, "max_turns", "a turn limit"},
    {COL_CONTEXT_PATH, "context", "further context paths"},
};

struct seen {
	const struct profile *profile; /* borrowed from the maker */
	bool takes[ARRAY_LEN(asked)];
	uint32_t nr_rows[ARRAY_LEN(asked)]; /* that ask for what it does not take */
};

static bool vars_use(const struct profile_vars *vars, const char *name)
{
	size_t i;

	for (i = 0; i < vars->nr; i++)
		if (vars->v[i].value && template_uses(&vars->v[i].value, 1, name))
			return true;
	return false;
}

static void look_at(struct seen *s, const struct profile *p, bool unattended)
{
	struct profile_words words;
	size_t i;

	s->profile = p;
	words_of_profile(&words, p, unattended, false);
	for (i = 0; i < ARRAY_LEN(asked); i++)
		s->takes[i] = words_use(&words, asked[i].placeholder) ||
		    vars_use(&p->env, asked[i].placeholder) ||
		    (asked[i].column == COL_CONTEXT_PATH && words_use(&words, "context_dir"));
	free(words.v);
}

/* Of context paths, the first is the directory, which every program gets. */
static bool asks(const struct tasks *ts, const struct task *t, size_t i)
{
	const char *value = task_get(ts, t, asked[i].column);

	if (asked[i].column == COL_CONTEXT_PATH)
		value = strchr(value, ';') ? strchr(value, ';') + 1 : "";
	return *value != '\0';
}

static void tell(const struct seen *s, size_t i, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	char text[256];

	if (s->nr_rows[i] == 0)
		return;
	snprintf(text, sizeof(text), "profile %s has no way to take %s: %u row%s without it",
	    s->profile->name, asked[i].what, s->nr_rows[i], s->nr_rows[i] == 1 ? " runs" : "s run");
	say(ctx, text);
}

void ignored_columns(const struct options *o, const struct tasks *ts,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct command_maker_opts opts = {.options = o, .tasks = ts};
	struct command_maker *m = NULL;
	struct seen *seen = NULL;
	size_t nr = 0, cap = 0, i, k;
	uint32_t row;

	for (k = 0; k < ARRAY_LEN(asked); k++)
		if (!m && !o->agent_command && ts->known[asked[k].column] >= 0)
			m = command_maker_new(&opts, NULL);
	for (row = 0; m && row < ts->nr; row++) {
		const struct profile *p = command_profile(m, row);

		if (!p || profile_is_own(p->name))
			continue;
		for (i = 0; i < nr && seen[i].profile != p; i++)
			;
		if (i == nr) {
			VEC_GROW(seen, nr, cap);
			memset(&seen[nr], 0, sizeof(*seen));
			look_at(&seen[nr++], p, o->unattended);
		}
		for (k = 0; k < ARRAY_LEN(asked); k++)
			seen[i].nr_rows[k] += !seen[i].takes[k] && asks(ts, &ts->v[row], k);
	}
	for (i = 0; i < nr; i++)
		for (k = 0; k < ARRAY_LEN(asked); k++)
			tell(&seen[i], k, say, ctx);
	free(seen);
	command_maker_free(m);
}
