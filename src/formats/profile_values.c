#include "formats/profile_values.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "model/options.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the text stops being JSON. */
static int refuse_text(const char *text, const char *at, struct err *err)
{
	const char *s, *line = text;
	unsigned nr = 1;

	for (s = text; s < at; s++) {
		if (*s != '\n')
			continue;
		nr++;
		line = s + 1;
	}
	return err_set(err, "not valid JSON at line %u, column %zu", nr, (size_t)(at - line) + 1);
}

cJSON *value_parse(const char *json, size_t n, struct err *err)
{
	char *text = xstrndup(json, n); /* cJSON looks for the end of the text by its NUL */
	const char *at = text;
	cJSON *root = NULL;

	if (strlen(text) != n)
		refuse_text(text, text + strlen(text), err);
	else if (!(root = cJSON_ParseWithOpts(text, &at, true)))
		refuse_text(text, at ? at : text, err);
	free(text);
	return root;
}

int value_wrong(const char *path, const char *wanted, struct err *err)
{
	return err_set(err, "\"%s\" must be %s", path, wanted);
}

int value_text(const cJSON *item, const char *path, char **out, struct err *err)
{
	if (!cJSON_IsString(item) || !item->valuestring[0])
		return value_wrong(path, "a string, and not empty", err);
	*out = xstrdup(item->valuestring);
	return 0;
}

int value_regex(const cJSON *item, const char *path, char **out, struct err *err)
{
	static const char wanted[] = "an expression, or an array of its alternatives";
	struct buf joined = BUF_INIT;
	const cJSON *element;

	if (cJSON_IsString(item) && item->valuestring[0])
		return value_text(item, path, out, err);
	if (!cJSON_IsArray(item) || !item->child)
		return value_wrong(path, wanted, err);
	cJSON_ArrayForEach (element, item) {
		if (!cJSON_IsString(element) || !element->valuestring[0]) {
			buf_release(&joined);
			return value_wrong(path, wanted, err);
		}
		buf_fmt(&joined, "%s%s", joined.len ? "|" : "", element->valuestring);
	}
	*out = buf_detach(&joined);
	return 0;
}

int value_one_of(const cJSON *item, const char *path, const struct value_word *words, int *out,
    struct err *err)
{
	struct buf wanted = BUF_INIT;
	size_t i;

	for (i = 0; words[i].word; i++) {
		if (cJSON_IsString(item) && strcmp(item->valuestring, words[i].word) == 0) {
			buf_release(&wanted);
			*out = words[i].value;
			return 0;
		}
		buf_fmt(&wanted, "%s\"%s\"",
		    i == 0                  ? ""
			: words[i + 1].word ? ", "
					    : " or ",
		    words[i].word);
	}
	value_wrong(path, wanted.data, err);
	buf_release(&wanted);
	return -1;
}

static int take_member(const cJSON *member, const char *path, const struct value_string *strings,
    struct err *err)
{
	size_t i;

	for (i = 0; strings[i].key; i++) {
		char at[96];

		if (strcmp(strings[i].key, member->string) != 0)
			continue;
		snprintf(at, sizeof(at), "%s.%s", path, strings[i].key);
		if (*strings[i].out)
			return err_set(err, "\"%s\" is there twice", at);
		return value_text(member, at, strings[i].out, err);
	}
	return err_set(err, "unknown field \"%s.%.60s\"", path, member->string);
}

int value_strings_of(const cJSON *item, const char *path, const struct value_string *strings,
    struct err *err)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return value_wrong(path, "an object of strings", err);
	cJSON_ArrayForEach (member, item) {
		if (take_member(member, path, strings, err) < 0)
			return -1;
	}
	return 0;
}

static bool parse_duration(const char *s, double *out)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end;
	double v;
	size_t i;

	if (*s < '0' || *s > '9')
		return false;
	v = strtod(s, &end);
	for (i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(end, units[i].unit) == 0) {
			*out = v * units[i].seconds;
			return true;
		}
	}
	return false;
}

int value_duration(const cJSON *item, const char *path, double *out, struct err *err)
{
	bool is_good = false;

	if (cJSON_IsNumber(item)) {
		*out = item->valuedouble;
		is_good = true;
	} else if (cJSON_IsString(item)) {
		is_good = parse_duration(item->valuestring, out);
	}
	is_good = is_good && *out >= 0 && *out <= OPTION_SECONDS_MAX; /* also not nan */
	return is_good ? 0 : value_wrong(path, "seconds, or a time such as \"30m\" or \"4h\"", err);
}

int value_class(const cJSON *item, const char *path, enum attempt_class *out, struct err *err)
{
	int c = cJSON_IsString(item) ? class_from_name(item->valuestring) : -1;

	if (!cJSON_IsString(item))
		return value_wrong(path, "a class, such as \"config\"", err);
	if (c <= CLASS_NONE)
		return err_set(err, "\"%s\": unknown class '%.60s'", path, item->valuestring);
	*out = (enum attempt_class)c;
	return 0;
}

int value_exit_code(const cJSON *item, int *out)
{
	double v = item->valuedouble;

	if (!cJSON_IsNumber(item) || !(v >= 0 && v <= 255) || v != floor(v))
		return -1;
	*out = (int)v;
	return 0;
}

int value_amount(const cJSON *item, double *out)
{
	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble < 0)
		return -1;
	*out = item->valuedouble;
	return 0;
}
