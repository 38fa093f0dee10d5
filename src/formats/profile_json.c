#include "formats/profile_json.h"
#include "base/xalloc.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int wrong_type(const char *field, const char *wanted, struct err *err)
{
	return err_set(err, "\"%s\" must be %s", field, wanted);
}

static int take_strings(const cJSON *item, const char *field, char ***out, size_t *nr,
    struct err *err)
{
	const cJSON *element;
	size_t cap = 0;

	if (!cJSON_IsArray(item))
		return wrong_type(field, "an array of strings", err);
	cJSON_ArrayForEach (element, item) {
		if (!cJSON_IsString(element))
			return wrong_type(field, "an array of strings", err);
		VEC_GROW(*out, *nr, cap);
		(*out)[(*nr)++] = xstrdup(element->valuestring);
	}
	return 0;
}

/* "90", "90s", "30m", "4h", "1.5d". */
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
			return isfinite(*out);
		}
	}
	return false;
}

static int take_duration(const cJSON *item, const char *field, double *out, struct err *err)
{
	bool is_good = false;

	if (cJSON_IsNumber(item)) {
		*out = item->valuedouble;
		is_good = isfinite(*out) && *out >= 0;
	} else if (cJSON_IsString(item)) {
		is_good = parse_duration(item->valuestring, out);
	}
	return is_good ? 0 : wrong_type(field, "seconds, or a time such as \"30m\" or \"4h\"", err);
}

static int take_codes(const cJSON *item, const char *field, struct profile *p, struct err *err)
{
	const cJSON *element;
	size_t cap = 0;

	if (!cJSON_IsArray(item))
		return wrong_type(field, "an array of exit codes", err);
	cJSON_ArrayForEach (element, item) {
		double v = element->valuedouble;

		if (!cJSON_IsNumber(element) || !(v >= 0 && v <= 255) || v != floor(v))
			return wrong_type(field, "an array of exit codes from 0 to 255", err);
		VEC_GROW(p->success_codes, p->nr_success_codes, cap);
		p->success_codes[p->nr_success_codes++] = (int)v;
	}
	return 0;
}

static int take_pattern(const cJSON *item, struct profile *p, size_t *cap, struct err *err)
{
	const cJSON *class = NULL, *regex = NULL, *member;
	int c;

	if (!cJSON_IsObject(item))
		return wrong_type("patterns", "an array of {\"class\", \"regex\"}", err);
	cJSON_ArrayForEach (member, item) {
		if (strcmp(member->string, "class") == 0)
			class = member;
		else if (strcmp(member->string, "regex") == 0)
			regex = member;
		else
			return err_set(err, "unknown field \"%.60s\" in \"patterns\"",
			    member->string);
	}
	if (!cJSON_IsString(class) || !cJSON_IsString(regex))
		return wrong_type("patterns", "an array of {\"class\", \"regex\"}, strings both",
		    err);
	c = class_from_name(class->valuestring);
	if (c <= CLASS_NONE)
		return err_set(err, "unknown class \"%.60s\" in \"patterns\"", class->valuestring);
	VEC_GROW(p->patterns, p->nr_patterns, *cap);
	p->patterns[p->nr_patterns++] = (struct profile_pattern){
	    .class = (enum attempt_class)c,
	    .regex = xstrdup(regex->valuestring),
	};
	return 0;
}

static int take_patterns(const cJSON *item, struct profile *p, struct err *err)
{
	const cJSON *element;
	size_t cap = 0;

	if (!cJSON_IsArray(item))
		return wrong_type("patterns", "an array of {\"class\", \"regex\"}", err);
	cJSON_ArrayForEach (element, item) {
		if (take_pattern(element, p, &cap, err) < 0)
			return -1;
	}
	return 0;
}

static int take_string(const cJSON *item, const char *field, char **out, struct err *err)
{
	if (!cJSON_IsString(item) || !item->valuestring[0])
		return wrong_type(field, "a string, and not empty", err);
	*out = xstrdup(item->valuestring);
	return 0;
}

static int take_field(const cJSON *item, struct profile *p, char **task, struct err *err)
{
	const char *name = item->string;

	if (strcmp(name, "name") == 0)
		return take_string(item, name, &p->name, err);
	if (strcmp(name, "description") == 0)
		return cJSON_IsString(item) ? 0 : wrong_type(name, "a string", err);
	if (strcmp(name, "command") == 0)
		return take_strings(item, name, &p->argv, &p->nr_argv, err);
	if (strcmp(name, "unattended") == 0)
		return take_strings(item, name, &p->unattended_argv, &p->nr_unattended, err);
	if (strcmp(name, "task") == 0)
		return take_string(item, name, task, err);
	if (strcmp(name, "timeout") == 0)
		return take_duration(item, name, &p->timeout_s, err);
	if (strcmp(name, "stall") == 0)
		return take_duration(item, name, &p->stall_s, err);
	if (strcmp(name, "success_codes") == 0)
		return take_codes(item, name, p, err);
	if (strcmp(name, "keep") == 0)
		return take_strings(item, name, &p->keep, &p->nr_keep, err);
	if (strcmp(name, "patterns") == 0)
		return take_patterns(item, p, err);
	return err_set(err, "unknown field \"%.60s\"", name);
}

/* Each field once: of two, the first would leak and one of them would be a surprise. */
static int take_object(const cJSON *root, struct profile *p, char **task, struct err *err)
{
	const cJSON *item, *other;

	if (!cJSON_IsObject(root))
		return err_set(err, "not a JSON object");
	cJSON_ArrayForEach (item, root) {
		for (other = root->child; other != item; other = other->next)
			if (strcmp(other->string, item->string) == 0)
				return err_set(err, "\"%.60s\" is there twice", item->string);
		if (take_field(item, p, task, err) < 0)
			return -1;
	}
	if (p->nr_argv == 0 || !p->argv[0][0])
		return err_set(err, "\"command\" is missing or empty");
	return 0;
}

static bool command_has(const struct profile *p, const char *placeholder)
{
	size_t i;

	for (i = 0; i < p->nr_argv; i++)
		if (strstr(p->argv[i], placeholder))
			return true;
	return false;
}

/* The command says by its placeholders how it takes the task; "task" must not say otherwise. */
static int take_task(struct profile *p, const char *task, struct err *err)
{
	bool by_argument = command_has(p, "{task}");
	bool by_file = command_has(p, "{task_file}");

	p->task_on_stdin = !by_argument && !by_file;
	if (!task)
		return 0;
	if (strcmp(task, "argument") == 0)
		return by_argument
		    ? 0
		    : err_set(err, "\"task\" is \"argument\", but \"command\" has no {task}");
	if (strcmp(task, "file") == 0)
		return by_file
		    ? 0
		    : err_set(err, "\"task\" is \"file\", but \"command\" has no {task_file}");
	if (strcmp(task, "stdin") != 0)
		return wrong_type("task", "\"argument\", \"file\" or \"stdin\"", err);
	p->task_on_stdin = true;
	return 0;
}

int profile_parse(const char *json, size_t n, struct profile *p, struct err *err)
{
	char *text = xstrndup(json, n); /* cJSON looks for the end of the text by its NUL */
	char *task = NULL;
	cJSON *root;
	int rc;

	memset(p, 0, sizeof(*p));
	root = strlen(text) == n ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
	if (!root)
		rc = err_set(err, "not valid JSON");
	else
		rc = take_object(root, p, &task, err);
	if (rc == 0)
		rc = take_task(p, task, err);
	if (rc < 0)
		profile_release(p);
	cJSON_Delete(root);
	free(task);
	free(text);
	return rc;
}
