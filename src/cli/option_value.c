#include "cli/option_value.h"
#include "base/xalloc.h"
#include "cli/amounts.h"
#include "policy/backoff.h"
#include "policy/class_rules.h"
#include "policy/halt.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

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

int option_value_set(const struct option_def *d, const char *value, void *field, struct err *err)
{
	double number;
	const char *end;
	struct halt_rule halt;

	switch (d->kind) {
	case KIND_FLAG:
		return set_either(field, value ? value : "true", "false|true");
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
	case KIND_LIST:
		if (!*value)
			return -1;
		text_list_add(field, value);
		return 0;
	case KIND_LATER:
		return err_set(err, "option '--%s' is not in this version", d->name);
	case KIND_BRANCH: /* it is a line of options itself: options.c */
		break;
	}
	return -1;
}

const char *option_value_wanted(const struct option_def *d)
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
		return "true or false";
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
