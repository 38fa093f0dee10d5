#include "cli/options.h"
#include "base/xalloc.h"
#include "cli/near.h"
#include "cli/option_value.h"
#include "exec/template.h"
#include "formats/options_json.h"
#include "model/branch.h"
#include "model/event.h"

#include <stdlib.h>
#include <string.h>

static void *field_of(const struct option_def *d, struct options *o, struct front_options *f)
{
	switch (d->home) {
	case HOME_OPTIONS:
		return (char *)o + d->offset;
	case HOME_FRONT:
		return (char *)f + d->offset;
	case HOME_NONE:
		break;
	}
	return NULL;
}

/* A branch is a line of options itself. */
static int add_branch(struct options *o, const char *text, struct err *err);

static int set_field(const struct option_def *d, const char *value, void *field, struct err *err)
{
	return d->kind == KIND_BRANCH ? add_branch(field, value, err)
				      : option_value_set(d, value, field, err);
}

/* ---- the line ----------------------------------------------------------- */

static const struct option_def *find_own(enum command_id cmd, const char *name, size_t len)
{
	size_t nr, i;
	const struct option_def *table = option_table(&nr);

	for (i = 0; i < nr; i++)
		if (option_is_of(&table[i], cmd) && strlen(table[i].name) == len &&
		    memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

/* A line that launches can be tried as it is: check takes what only launch has a use for. */
static const struct option_def *find_long(enum command_id cmd, const char *name, size_t len)
{
	const struct option_def *d = find_own(cmd, name, len);

	return d || cmd != CMD_CHECK ? d : find_own(CMD_LAUNCH, name, len);
}

static const struct option_def *find_letter(enum command_id cmd, char letter)
{
	size_t nr, i;
	const struct option_def *table = option_table(&nr);

	for (i = 0; i < nr; i++)
		if (option_is_of(&table[i], cmd) && table[i].letter == letter)
			return &table[i];
	return NULL;
}

static int unknown_option(enum command_id cmd, const char *name, int len, struct err *err)
{
	size_t nr, i;
	const struct option_def *table = option_table(&nr);
	struct near near = {.word = name, .len = (size_t)len};
	char meant[NEAR_SIZE];

	for (i = 0; i < nr; i++) {
		if (!table[i].help)
			continue;
		if (strlen(table[i].name) == (size_t)len &&
		    memcmp(table[i].name, name, (size_t)len) == 0)
			return err_set(err, "option '--%.*s' is not one of this command's", len,
			    name);
		if (option_is_of(&table[i], cmd))
			near_look(&near, table[i].name);
	}
	return err_set(err, "unknown option '--%.*s'%s", len, name, near_text(&near, "--", meant));
}

static int set(struct cli_args *a, const struct option_def *d, const char *value, struct err *err)
{
	struct err own = ERR_INIT;

	if (set_field(d, value, field_of(d, &a->options, &a->front), &own) == 0)
		return 0;
	if (own.msg[0])
		return err_set(err, "%s", own.msg);
	return err_set(err, "option '--%s' wants %s, not '%s'", d->name, option_value_wanted(d),
	    value);
}

static void note_given(struct cli_args *a, const struct option_def *d, const char *value)
{
	VEC_GROW(a->given, a->nr_given, a->cap_given);
	a->given[a->nr_given++] = (struct given){.def = d, .value = value};
}

static int take(struct cli_args *a, const struct option_def *d, const char *value, struct err *err)
{
	if (set(a, d, value, err) < 0)
		return -1;
	note_given(a, d, value);
	return 0;
}

/* One argument that begins with "--". Returns how many arguments it used, or -1. */
static int take_long(struct cli_args *a, enum command_id cmd, int argc, char **argv,
    struct err *err)
{
	const char *name = argv[0] + 2;
	size_t len = strcspn(name, "=");
	const struct option_def *d = find_long(cmd, name, len);

	if (!d)
		return unknown_option(cmd, name, (int)len, err);
	if (d->kind == KIND_LATER)
		return set_field(d, NULL, NULL, err);
	/* Of a flag, too: what config.json turns on must be possible to turn off. */
	if (name[len] == '=' && take(a, d, name + len + 1, err) == 0)
		return 1;
	if (name[len] == '=')
		return d->arg
		    ? -1
		    : err_set(err, "option '--%s' takes no value but true or false", d->name);
	if (!d->arg)
		return take(a, d, NULL, err) < 0 ? -1 : 1;
	if (argc < 2)
		return err_set(err, "option '--%s' wants a value: --%s %s", d->name, d->name,
		    d->arg);
	return take(a, d, argv[1], err) < 0 ? -1 : 2;
}

/* One argument of letters: -f, -j 4, -j4, -fj4. */
static int take_letters(struct cli_args *a, enum command_id cmd, int argc, char **argv,
    struct err *err)
{
	const char *s;

	for (s = argv[0] + 1; *s; s++) {
		const struct option_def *d = find_letter(cmd, *s);

		if (!d)
			return err_set(err, "unknown option '-%c'", *s);
		if (!d->arg) {
			if (take(a, d, NULL, err) < 0)
				return -1;
			continue;
		}
		if (s[1])
			return take(a, d, s + 1, err) < 0 ? -1 : 1;
		if (argc < 2)
			return err_set(err, "option '-%c' wants a value: -%c %s", *s, *s, d->arg);
		return take(a, d, argv[1], err) < 0 ? -1 : 2;
	}
	return 1;
}

static void add_word(struct cli_args *a, const char *word)
{
	VEC_GROW(a->words, a->nr_words, a->cap_words);
	a->words[a->nr_words++] = word;
}

static void args_init(struct cli_args *a)
{
	memset(a, 0, sizeof(*a));
	options_init(&a->options);
	a->front = (struct front_options){
	    .at_s = NUM_NONE,
	    .now_s = NUM_NONE,
	    .exit = 1,
	    .ready_fd = -1,
	    .lock_fd = -1,
	    .run_lock_fd = -1,
	};
}

int cli_args_parse(struct cli_args *a, enum command_id command, int argc, char **argv,
    struct err *err)
{
	int i = 0;

	args_init(a);
	a->command = command;
	while (i < argc) {
		int used = 1;

		if (strcmp(argv[i], "--") == 0) {
			for (i++; i < argc; i++)
				add_word(a, argv[i]);
			return 0;
		}
		if (strncmp(argv[i], "--", 2) == 0)
			used = take_long(a, command, argc - i, argv + i, err);
		else if (argv[i][0] == '-' && argv[i][1])
			used = take_letters(a, command, argc - i, argv + i, err);
		else
			add_word(a, argv[i]);
		if (used < 0)
			return -1;
		i += used;
	}
	return 0;
}

void cli_args_release(struct cli_args *a)
{
	options_release(&a->options);
	free(a->front.dir);
	free(a->front.agent);
	free(a->front.model);
	free(a->front.context);
	free(a->front.notify);
	free(a->front.if_status);
	free(a->front.print);
	free(a->front.size);
	free(a->front.overrides);
	free(a->front.map);
	free(a->front.completions);
	free(a->words);
	free(a->given);
	free(a->configured);
}

void cli_args_set_word(struct cli_args *a, const char *word)
{
	a->nr_words = 0;
	add_word(a, word);
}

const struct option_def *option_find(enum command_id command, const char *name)
{
	return find_long(command, name, strlen(name));
}

int cli_args_configure(struct cli_args *a, const struct option_def *d, const char *value,
    const struct config_entry *entry, struct err *err)
{
	if (d->kind == KIND_CLASSES) /* it adds to what is there */
		*(uint32_t *)field_of(d, &a->options, &a->front) = 0;
	if (set(a, d, value, err) < 0)
		return -1;
	VEC_GROW(a->configured, a->nr_configured, a->cap_configured);
	a->configured[a->nr_configured++] = (struct configured){.def = d, .entry = entry};
	return 0;
}

bool cli_given(const struct cli_args *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->nr_given; i++)
		if (strcmp(a->given[i].def->name, name) == 0)
			return true;
	return false;
}

/* A key is the option's name, with _ for -. */
void cli_given_keys(const struct cli_args *a, struct text_list *keys)
{
	size_t i;

	for (i = 0; i < a->nr_given; i++) {
		const struct option_def *d = a->given[i].def;
		char *key;

		if (d->home != HOME_OPTIONS || strcmp(d->name, "dir") == 0)
			continue;
		text_list_add(keys, d->name);
		for (key = keys->v[keys->nr - 1]; *key; key++)
			if (*key == '-')
				*key = '_';
	}
}

void cli_args_overlay(const struct cli_args *a, struct options *o)
{
	size_t i;

	if (cli_given(a, "branch")) /* they add to what is there */
		options_drop_branches(o);
	for (i = 0; i < a->nr_given; i++) {
		const struct given *g = &a->given[i];

		if (g->def->home == HOME_OPTIONS)
			(void)set_field(g->def, g->value, field_of(g->def, o, NULL),
			    NULL); /* it parsed before */
	}
}

/* ---- a branch ---------------------------------------------------------------------- */

/* What is named here goes for rows that name an agent themselves, too; and an agent takes the place of
 * a command that the run has. */
static void take_flags(struct cli_args *flags, struct branch *b)
{
	struct text_list keys = {.nr = 0};

	cli_given_keys(flags, &keys);
	if (cli_given(flags, "agent")) {
		flags->options.agent_for_all = true;
		text_list_add(&keys, "agent_for_all");
		text_list_add(&keys, "agent_command");
	}
	b->set = options_pick(&flags->options, &keys);
	b->has_own_agent = cli_given(flags, "agent") || cli_given(flags, "agent-command");
	text_list_clear(&keys);
}

static int read_flags(const char *text, struct branch *b, struct err *err)
{
	struct cli_args flags;
	char **words;
	size_t nr;
	int rc;

	if (shell_split(text, &words, &nr, err) < 0)
		return -1;
	rc = cli_args_parse(&flags, CMD_BRANCH, (int)nr, words, err);
	if (rc == 0 && flags.nr_words > 0)
		rc = err_set(err, "'%s' is no flag", flags.words[0]);
	if (rc == 0 && flags.nr_given == 0)
		rc = err_set(err, "it has no flags that make it another one");
	if (rc == 0 && flags.options.task_template &&
	    !branch_template_is_good(flags.options.task_template))
		rc = err_set(err, "--task-template wants {task} in it, and {{ and }} for braces");
	if (rc == 0)
		take_flags(&flags, b);
	cli_args_release(&flags);
	words_free(words, nr);
	return rc;
}

static int add_branch(struct options *o, const char *text, struct err *err)
{
	char name[BRANCH_NAME_SIZE];
	const char *flags = branch_split(text, name);
	struct branch b = {.name = NULL};

	if (!flags)
		return err_set(err,
		    "option '--branch' wants 'NAME: FLAGS', the name of letters, digits, '-', '_' "
		    "and '.', not '%s'",
		    text);
	if (branch_find(o, name) < o->nr_branches)
		return err_set(err, "option '--branch': there are two of the name '%s'", name);
	if (o->nr_branches == BRANCHES_MAX)
		return err_set(err, "option '--branch': %d of them at most", BRANCHES_MAX);
	if (read_flags(flags, &b, err) < 0) {
		err_prefix(err, "option '--branch': %s: ", name);
		return -1;
	}
	b.name = xstrdup(name);
	b.flags = xstrdup(flags);
	*options_add_branch(o) = b;
	return 0;
}
