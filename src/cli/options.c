#include "cli/options.h"
#include "base/xalloc.h"
#include "cli/amounts.h"
#include "cli/branch.h"
#include "model/event.h"
#include "policy/backoff.h"
#include "policy/class_rules.h"
#include "policy/halt.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ------------------------------------------------------------- */

static int parse_int(const char *s, int min, int *out)
{
	char *end;
	long v;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	v = strtol(s, &end, 10);
	if (errno || *end || v < min || v > INT_MAX)
		return -1;
	*out = (int)v;
	return 0;
}

static int parse_epoch(const char *s, int64_t *out)
{
	double v;
	const char *end;

	if (parse_number(s, &v, &end) < 0 || *end || v > 1e11)
		return -1;
	*out = (int64_t)v;
	return 0;
}

/* Adds each class named in `s`; err names the first that is none, or that needs no naming. */
static int parse_classes(const char *s, uint32_t *out, struct err *err)
{
	while (*s) {
		size_t len = strcspn(s, ",");
		char *name = xstrndup(s, len);
		int c = class_from_name(name);
		int rc = 0;

		if (c <= 0)
			rc = err_set(err, "option '--retry-on': there is no class '%s'", name);
		else if (!class_rule((enum attempt_class)c)->can_retry_on)
			rc =
			    err_set(err, "option '--retry-on': '%s' is nothing to try again", name);
		free(name);
		if (rc < 0)
			return -1;
		*out |= 1u << c;
		s += len;
		s += *s == ',';
	}
	return 0;
}

/* Which of two words it is; -1 for neither. */
/* The number of the word in "one|another|a third", from 0; -1: it is none of them. */
static int parse_choice(const char *value, const char *words)
{
	size_t len = strlen(value), n;
	int i;

	for (i = 0; *words; i++) {
		n = strcspn(words, "|");
		if (n == len && memcmp(words, value, n) == 0)
			return i;
		words += n + (words[n] == '|');
	}
	return -1;
}

static int set_choice(int *field, const char *value, const char *words)
{
	int i = parse_choice(value, words);

	if (i >= 0)
		*field = i;
	return i < 0 ? -1 : 0;
}

static int set_either(bool *field, const char *value, const char *words)
{
	int i = parse_choice(value, words);

	if (i >= 0)
		*field = i > 0;
	return i < 0 ? -1 : 0;
}

static int check_executor(const char *value, struct err *err)
{
	if (strcmp(value, "slurm") == 0)
		err_set(err, "option '--executor slurm' is not in this version");
	return strcmp(value, "local") == 0 ? 0 : -1;
}

static void set_text(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

/* Sets the field. -1 with err where it has its own words, -1 with an empty err where "bad value"
 * says it all. */
static int set_field(const struct option_def *d, const char *value, void *field, struct err *err)
{
	double number;
	const char *end;
	struct halt_rule halt;

	switch (d->kind) {
	case KIND_FLAG:
		*(bool *)field = !value || strcmp(value, "false") != 0;
		return 0;
	case KIND_INT:
		return parse_int(value, d->min, field);
	case KIND_PERCENT:
		if (parse_number(value, &number, &end) < 0 || (*end && strcmp(end, "%") != 0))
			return -1;
		*(double *)field = number;
		return number <= 1000 ? 0 : -1;
	case KIND_SECONDS:
		return parse_seconds(value, field);
	case KIND_EPOCH:
		return parse_epoch(value, field);
	case KIND_MONEY:
		return parse_money(value, field);
	case KIND_AMOUNT:
		return parse_count(value, field);
	case KIND_SIZE:
		return parse_size(value, field);
	case KIND_HALT:
		if (halt_parse(value, &halt) < 0)
			return -1;
		set_text(field, value);
		return 0;
	case KIND_TEXT:
		if (!*value)
			return -1;
		set_text(field, value);
		return 0;
	case KIND_LADDER:
		return ladder_parse(value, field);
	case KIND_CLASSES:
		return *value ? parse_classes(value, field, err) : -1;
	case KIND_CHOICE:
		return set_choice(field, value, d->arg);
	case KIND_EITHER:
		return set_either(field, value, d->arg);
	case KIND_EXECUTOR:
		return check_executor(value, err);
	case KIND_BRANCH:
		return branch_add(field, value, err);
	case KIND_LIST:
		if (!*value)
			return -1;
		text_list_add(field, value);
		return 0;
	case KIND_LATER:
		return err_set(err, "option '--%s' is not in this version", d->name);
	}
	return -1;
}

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

static int unknown_option(const char *name, int len, struct err *err)
{
	size_t nr, i;
	const struct option_def *table = option_table(&nr);

	for (i = 0; i < nr; i++)
		if (table[i].help && strlen(table[i].name) == (size_t)len &&
		    memcmp(table[i].name, name, (size_t)len) == 0)
			return err_set(err, "option '--%.*s' is not one of this command's", len,
			    name);
	return err_set(err, "unknown option '--%.*s'", len, name);
}

/* What a value should have looked like, where the argument's name does not say it. */
static const char *wanted(const struct option_def *d)
{
	switch (d->kind) {
	case KIND_INT:
		return d->min > 0 ? "a whole number above 0" : "a whole number";
	case KIND_SECONDS:
		return "seconds (90, 1.5) or 15m, 4h, 2d";
	case KIND_PERCENT:
		return "per cent from 0 to 1000";
	case KIND_EPOCH:
		return "Unix seconds";
	case KIND_MONEY:
		return "dollars, as 20 or 0.50";
	case KIND_SIZE:
		return "bytes, as 512M or 2G";
	case KIND_AMOUNT:
		return "a number, as 500000, 200k or 1.5M";
	case KIND_HALT:
		return "never, or soon or now with fail=N, fail=P%, success=N or done=N, as "
		       "soon,fail=10%";
	case KIND_TEXT:
	case KIND_LIST:
		return "text";
	case KIND_LADDER:
		return "INITIAL:FACTOR:CAP in seconds, as 5:3:300";
	case KIND_FLAG:
	case KIND_CLASSES:
	case KIND_CHOICE:
	case KIND_EITHER:
	case KIND_EXECUTOR:
	case KIND_BRANCH:
	case KIND_LATER:
		break;
	}
	return d->arg;
}

static int set(struct cli_args *a, const struct option_def *d, const char *value, struct err *err)
{
	struct err own = ERR_INIT;

	if (set_field(d, value, field_of(d, &a->options, &a->front), &own) == 0)
		return 0;
	if (own.msg[0])
		return err_set(err, "%s", own.msg);
	return err_set(err, "option '--%s' wants %s, not '%s'", d->name, wanted(d), value);
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
		return unknown_option(name, (int)len, err);
	if (d->kind == KIND_LATER)
		return set_field(d, NULL, NULL, err);
	/* What config.json turns on must be possible to turn off. */
	if (!d->arg && name[len] == '=' &&
	    set_either(field_of(d, &a->options, &a->front), name + len + 1, "false|true") < 0)
		return err_set(err, "option '--%s' takes no value but true or false", d->name);
	if (!d->arg && name[len] == '=')
		return note_given(a, d, name + len + 1), 1;
	if (!d->arg)
		return take(a, d, NULL, err) < 0 ? -1 : 1;
	if (name[len] == '=')
		return take(a, d, name + len + 1, err) < 0 ? -1 : 1;
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
	int rc;

	if (!d->arg) {
		rc = set_either(field_of(d, &a->options, &a->front), value, "false|true");
	} else {
		if (d->kind == KIND_CLASSES) /* it adds to what is there */
			*(uint32_t *)field_of(d, &a->options, &a->front) = 0;
		rc = set(a, d, value, err);
	}
	if (rc < 0)
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
