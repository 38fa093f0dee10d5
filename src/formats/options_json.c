#include "formats/options_json.h"
#include "base/xalloc.h"

#include <cJSON.h>

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Each option by its name in the file, its kind, and where it lies in struct options. */
enum kind {
	K_BOOL,
	K_COUNT,
	K_SECONDS,
	K_TIME,
	K_NUMBER,
	K_AMOUNT,
	K_STRING,
	K_LIST,
	K_STRING_IF_ANY /* a member only where there is one */
};

static const struct field {
	const char *name;
	enum kind kind;
	size_t at;
} fields[] = {
#define F(name, kind, member) \
	{ \
		name, kind, offsetof(struct options, member) \
	}
    F("auto_retry", K_BOOL, auto_retry),
    F("max_retries", K_COUNT, max_retries),
    F("jobs", K_COUNT, jobs),
    F("agent", K_STRING, agent),
    F("agent_command", K_STRING, agent_command),
    F("accounts", K_STRING_IF_ANY, accounts),
    F("attempts", K_COUNT, attempts),
    F("jitter", K_NUMBER, jitter_pct),
    F("timeout", K_TIME, timeout_s),
    F("stall", K_TIME, stall_s),
    F("grace", K_SECONDS, grace_s),
    F("max_wait", K_SECONDS, max_wait_s),
    F("halt", K_STRING, halt),
    F("give_up_after", K_COUNT, give_up_after),
    F("budget", K_AMOUNT, budget_usd),
    F("budget_tokens", K_AMOUNT, budget_tokens),
    F("budget_hard", K_BOOL, budget_hard),
    F("min_free_mem", K_AMOUNT, min_free_mem),
    F("fresh_session", K_BOOL, fresh_session),
    F("feedback", K_BOOL, feedback),
    F("exclusive_dir", K_BOOL, exclusive_dir),
    F("unattended", K_BOOL, unattended),
    F("dir", K_STRING, dir),
    F("cwd", K_STRING, cwd),
    F("validate", K_STRING, validate),
    F("planner", K_STRING, role_profile[SOLVE_PLANNER]),
    F("planner_command", K_STRING, role_command[SOLVE_PLANNER]),
    F("synthesizer", K_STRING, role_profile[SOLVE_SYNTHESIZER]),
    F("synthesizer_command", K_STRING, role_command[SOLVE_SYNTHESIZER]),
    F("validator", K_STRING, role_profile[SOLVE_VALIDATOR]),
    F("validator_command", K_STRING, role_command[SOLVE_VALIDATOR]),
    F("max_validation_retries", K_COUNT, max_validation_retries),
    F("problem", K_STRING, problem),
    F("attachments", K_LIST, attachments),
    F("role", K_STRING, role),
    F("source_csv", K_STRING, source_csv),
#undef F
};

/* ---- writing ------------------------------------------------------------ */

static void put_time(struct jsonw *w, double seconds)
{
	if (seconds < 0)
		jsonw_str(w, "profile");
	else
		jsonw_num(w, seconds);
}

static void put_list(struct jsonw *w, const struct text_list *l)
{
	size_t i;

	jsonw_array(w);
	for (i = 0; i < l->nr; i++)
		jsonw_str(w, l->v[i]);
	jsonw_end(w, ']');
}

static void put_field(struct jsonw *w, const struct field *f, const void *p)
{
	if (f->kind == K_STRING_IF_ANY && !*(char *const *)p)
		return;
	jsonw_key(w, f->name);
	switch (f->kind) {
	case K_BOOL:
		jsonw_bool(w, *(const bool *)p);
		break;
	case K_COUNT:
		jsonw_int(w, *(const int *)p);
		break;
	case K_SECONDS:
	case K_NUMBER:
	case K_AMOUNT:
		jsonw_num(w, *(const double *)p);
		break;
	case K_TIME:
		put_time(w, *(const double *)p);
		break;
	case K_STRING:
	case K_STRING_IF_ANY:
		jsonw_str(w, *(char *const *)p);
		break;
	case K_LIST:
		put_list(w, p);
		break;
	}
}

void options_format(const struct options *o, struct jsonw *w)
{
	size_t i;
	int c;

	jsonw_object(w);
	for (i = 0; i < ARRAY_LEN(fields); i++)
		put_field(w, &fields[i], (const char *)o + fields[i].at);
	jsonw_key(w, "backoff");
	jsonw_object(w);
	jsonw_knum(w, "initial", o->backoff.initial_s);
	jsonw_knum(w, "factor", o->backoff.factor);
	jsonw_knum(w, "cap", o->backoff.cap_s);
	jsonw_end(w, '}');
	jsonw_key(w, "retry_on");
	jsonw_array(w);
	for (c = CLASS_NONE + 1; c < CLASS__COUNT; c++)
		if (o->retry_on & (UINT32_C(1) << c))
			jsonw_str(w, class_name((enum attempt_class)c));
	jsonw_end(w, ']');
	jsonw_kstr(w, "leftovers", o->keep_leftovers ? "keep" : "kill");
	jsonw_end(w, '}');
}

/* ---- reading ------------------------------------------------------------ */

static void get_bool(const cJSON *j, bool *out)
{
	if (cJSON_IsBool(j))
		*out = cJSON_IsTrue(j);
}

static void get_count(const cJSON *j, int *out)
{
	double v = cJSON_IsNumber(j) ? j->valuedouble : -1;

	if (v >= 0 && v <= INT_MAX && v == (double)(int)v)
		*out = (int)v;
}

/* Past a billion (30 years of seconds) sums in milliseconds would not be exact any more. */
static void get_number(const cJSON *j, double *out, double most)
{
	if (cJSON_IsNumber(j) && j->valuedouble >= 0 && j->valuedouble <= most)
		*out = j->valuedouble;
}

static void get_time(const cJSON *j, double *out)
{
	if (cJSON_IsString(j) && strcmp(j->valuestring, "profile") == 0)
		*out = TIME_BY_PROFILE;
	else
		get_number(j, out, 1e9);
}

static void get_string(const cJSON *j, char **out)
{
	if (!cJSON_IsString(j))
		return;
	free(*out);
	*out = xstrdup(j->valuestring);
}

static void get_list(const cJSON *j, struct text_list *out)
{
	const cJSON *item;

	if (!cJSON_IsArray(j))
		return;
	text_list_clear(out);
	cJSON_ArrayForEach (item, j) {
		if (cJSON_IsString(item))
			text_list_add(out, item->valuestring);
	}
}

static void get_field(const cJSON *j, const struct field *f, void *p)
{
	switch (f->kind) {
	case K_BOOL:
		get_bool(j, p);
		break;
	case K_COUNT:
		get_count(j, p);
		break;
	case K_SECONDS:
	case K_NUMBER:
		get_number(j, p, 1e9);
		break;
	case K_AMOUNT:
		get_number(j, p, 1e15);
		break;
	case K_TIME:
		get_time(j, p);
		break;
	case K_STRING:
	case K_STRING_IF_ANY:
		get_string(j, p);
		break;
	case K_LIST:
		get_list(j, p);
		break;
	}
}

static void get_classes(const cJSON *j, uint32_t *out)
{
	const cJSON *item;

	if (!cJSON_IsArray(j))
		return;
	*out = 0;
	cJSON_ArrayForEach (item, j) {
		int c = cJSON_IsString(item) ? class_from_name(item->valuestring) : -1;

		if (c > CLASS_NONE)
			*out |= UINT32_C(1) << c;
	}
}

int options_parse(const char *json, struct options *o, struct err *err)
{
	cJSON *root = cJSON_Parse(json);
	const cJSON *j;
	size_t i;

	if (!cJSON_IsObject(root)) {
		cJSON_Delete(root);
		return err_set(err, "the options are not a JSON object");
	}
	for (i = 0; i < ARRAY_LEN(fields); i++)
		get_field(cJSON_GetObjectItemCaseSensitive(root, fields[i].name), &fields[i],
		    (char *)o + fields[i].at);
	j = cJSON_GetObjectItemCaseSensitive(root, "backoff");
	get_number(cJSON_GetObjectItemCaseSensitive(j, "initial"), &o->backoff.initial_s, 1e9);
	get_number(cJSON_GetObjectItemCaseSensitive(j, "factor"), &o->backoff.factor, 1e9);
	get_number(cJSON_GetObjectItemCaseSensitive(j, "cap"), &o->backoff.cap_s, 1e9);
	get_classes(cJSON_GetObjectItemCaseSensitive(root, "retry_on"), &o->retry_on);
	j = cJSON_GetObjectItemCaseSensitive(root, "leftovers");
	if (cJSON_IsString(j))
		o->keep_leftovers = strcmp(j->valuestring, "keep") == 0;
	cJSON_Delete(root);
	return 0;
}
