#include "cli/config.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* ---- what may stand there ------------------------------------------------- */

/* How screens look is everybody's own; the rest is what a batch is launched with. */
bool config_takes(const struct option_def *d)
{
	static const char *const looks[] = {"no-tui", "ascii", "color", "plain", "dir"};
	size_t i;

	if (!d->help || d->kind == KIND_BRANCH)
		return false;
	if (d->home == HOME_OPTIONS)
		return true;
	for (i = 0; i < ARRAY_LEN(looks); i++)
		if (strcmp(d->name, looks[i]) == 0)
			return true;
	return false;
}

/* Who runs is what chooses the profile's section, and where comes before it. */
static bool profile_takes(const struct option_def *d)
{
	return d->home == HOME_OPTIONS && strcmp(d->name, "agent") != 0 &&
	    strcmp(d->name, "agent-command") != 0 && strcmp(d->name, "dir") != 0;
}

static int judge(const struct config_entry *e, struct cli_args *scratch, struct err *err)
{
	const struct option_def *d = option_find(CMD_LAUNCH, e->name);
	struct err why = ERR_INIT;

	if (!d || !config_takes(d))
		return err_set(err, "%u:%zu: there is no option '%s' to set here", e->line,
		    e->column, e->name);
	if (e->profile && !profile_takes(d))
		return err_set(err, "%u:%zu: '%s' cannot be set by profile", e->line, e->column,
		    e->name);
	if (e->is_flag != !d->arg)
		return err_set(err,
		    d->arg ? "%u:%zu: '%s' wants a value, not true or false"
			   : "%u:%zu: '%s' is true or false",
		    e->line, e->column, e->name);
	if (cli_args_configure(scratch, d, e->value, e, &why) < 0)
		return err_set(err, "%u:%zu: %s", e->line, e->column, why.msg);
	return 0;
}

static int judge_all(const struct config *c, struct err *err)
{
	struct cli_args scratch;
	int rc = cli_args_parse(&scratch, CMD_LAUNCH, 0, NULL, err);
	size_t i;

	for (i = 0; rc == 0 && i < c->json.nr; i++)
		rc = judge(&c->json.v[i], &scratch, err);
	cli_args_release(&scratch);
	return rc;
}

/* ---- reading ------------------------------------------------------------ */

int config_load(struct config *c, struct err *err)
{
	struct err why = ERR_INIT;

	*c = (struct config){.path = config_json_path()};
	if (config_json_load(&c->json, c->path, &c->is_there, err) < 0)
		return -1;
	return judge_all(c, &why) < 0 ? err_set(err, "%s:%s", c->path, why.msg) : 0;
}

void config_release(struct config *c)
{
	config_json_release(&c->json);
	free(c->path);
	*c = (struct config){.json = {.arena = ARENA_INIT}};
}

/* ---- applying ----------------------------------------------------------- */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The environment says where batches are for this shell, the file for all of them. */
static bool gives_way(const struct cli_args *a, const char *name)
{
	const char *dir = getenv("AGENT_BATCHES_DIR");

	return cli_given(a, name) || (strcmp(name, "dir") == 0 && dir && *dir) ||
	    (strcmp(name, "no-tui") == 0 && cli_given(a, "monitor")) ||
	    (strcmp(name, "agent") == 0 && cli_given(a, "agent-command")) ||
	    (strcmp(name, "agent-command") == 0 && cli_given(a, "agent"));
}

const struct config_json *config_of(const struct cli_args *a)
{
	static const struct config_json none = {.nr_accounts = 0};

	return a->config ? &a->config->json : &none;
}

bool config_launches(enum command_id command)
{
	return command == CMD_LAUNCH || command == CMD_CHECK || command == CMD_SUMMON ||
	    command == CMD_SOLVE;
}

void config_apply(const struct config *c, struct cli_args *a, const char *profile)
{
	size_t i;

	for (i = 0; i < c->json.nr; i++) {
		const struct config_entry *e = &c->json.v[i];
		const struct option_def *d = option_find(a->command, e->name);

		if (d && config_takes(d) && is_same(e->profile, profile) && !gives_way(a, e->name))
			(void)cli_args_configure(a, d, e->value, e, NULL); /* judged at load */
	}
}

const struct config_entry *config_entry_on(const struct config *c, const char *name,
    const char *profile)
{
	const struct config_entry *found = NULL;
	size_t i;

	for (i = 0; i < c->json.nr; i++)
		if (strcmp(c->json.v[i].name, name) == 0 && is_same(c->json.v[i].profile, profile))
			found = &c->json.v[i];
	return found;
}
