#include "formats/options_json.h"
#include "base/xalloc.h"
#include "formats/journal.h"
#include "model/branch.h"

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

/* What only branches have: written where it is told. */
static const struct field branch_fields[] = {
    {"agent_for_all", K_BOOL, offsetof(struct options, agent_for_all)},
    {"model", K_STRING, offsetof(struct options, model)},
    {"context_path", K_STRING, offsetof(struct options, context_path)},
    {"task_template", K_STRING, offsetof(struct options, task_template)},
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

static bool is_told(const struct field *f, const void *p)
{
	return f->kind == K_BOOL ? *(const bool *)p : *(char *const *)p != NULL;
}

static void put_branches(struct jsonw *w, const struct options *o)
{
	uint32_t i;

	for (i = 0; i < ARRAY_LEN(branch_fields); i++) {
		const void *p = (const char *)o + branch_fields[i].at;

		if (is_told(&branch_fields[i], p))
			put_field(w, &branch_fields[i], p);
	}
	if (o->unbranched) {
		jsonw_key(w, "unbranched");
		jsonw_raw(w, o->unbranched);
	}
	if (o->nr_branches == 0)
		return;
	jsonw_key(w, "branches");
	jsonw_array(w);
	for (i = 0; i < o->nr_branches; i++) {
		jsonw_object(w);
		jsonw_kstr(w, "name", o->branches[i].name);
		jsonw_kstr(w, "flags", o->branches[i].flags);
		jsonw_key(w, "set");
		jsonw_raw(w, o->branches[i].set);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
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
	put_branches(w, o);
	jsonw_end(w, '}');
}

/* A branch's own event says besides what its flags have replaced. */
#define OPTIONS_BYTES_MAX (JOURNAL_LINE_MAX / 2)

int options_check_length(const struct options *o, struct err *err)
{
	struct buf text = BUF_INIT;
	struct jsonw w;
	int rc = 0;

	jsonw_init(&w, &text, 0);
	options_format(o, &w);
	if (text.len > OPTIONS_BYTES_MAX)
		rc = err_set(err,
		    "the options have %zu bytes, more than %zu: put long texts into files",
		    text.len, OPTIONS_BYTES_MAX);
	buf_release(&text);
	return rc;
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
		get_number(j, out, OPTION_SECONDS_MAX);
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
		get_number(j, p, OPTION_SECONDS_MAX);
		break;
	case K_AMOUNT:
		get_number(j, p, OPTION_AMOUNT_MAX);
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

static char *text_of(const cJSON *j)
{
	char *text = cJSON_PrintUnformatted(j), *copy;

	if (!text)
		die("out of memory");
	copy = xstrdup(text);
	cJSON_free(text);
	return copy;
}

static void get_branch(const cJSON *j, struct options *o)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(j, "name");
	const cJSON *flags = cJSON_GetObjectItemCaseSensitive(j, "flags");
	const cJSON *set = cJSON_GetObjectItemCaseSensitive(j, "set");

	if (!cJSON_IsString(name) || !branch_name_is_good(name->valuestring) ||
	    !cJSON_IsObject(set))
		return;
	*options_add_branch(o) = (struct branch){
	    .name = xstrdup(name->valuestring),
	    .flags = xstrdup(cJSON_IsString(flags) ? flags->valuestring : ""),
	    .set = text_of(set),
	    .has_own_agent = cJSON_HasObjectItem(set, "agent_for_all") ||
		cJSON_HasObjectItem(set, "agent_command"),
	};
}

static void get_branches(const cJSON *root, struct options *o)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "branches"), *item;
	const cJSON *unbranched = cJSON_GetObjectItemCaseSensitive(root, "unbranched");
	size_t i;

	for (i = 0; i < ARRAY_LEN(branch_fields); i++)
		get_field(cJSON_GetObjectItemCaseSensitive(root, branch_fields[i].name),
		    &branch_fields[i], (char *)o + branch_fields[i].at);
	if (cJSON_IsObject(unbranched)) {
		free(o->unbranched);
		o->unbranched = text_of(unbranched);
	}
	if (!cJSON_IsArray(list))
		return;
	options_drop_branches(o);
	cJSON_ArrayForEach (item, list)
		get_branch(item, o);
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
	get_number(cJSON_GetObjectItemCaseSensitive(j, "initial"), &o->backoff.initial_s,
	    OPTION_SECONDS_MAX);
	get_number(cJSON_GetObjectItemCaseSensitive(j, "factor"), &o->backoff.factor,
	    OPTION_SECONDS_MAX);
	get_number(cJSON_GetObjectItemCaseSensitive(j, "cap"), &o->backoff.cap_s,
	    OPTION_SECONDS_MAX);
	get_classes(cJSON_GetObjectItemCaseSensitive(root, "retry_on"), &o->retry_on);
	j = cJSON_GetObjectItemCaseSensitive(root, "leftovers");
	if (cJSON_IsString(j))
		o->keep_leftovers = strcmp(j->valuestring, "keep") == 0;
	get_branches(root, o);
	cJSON_Delete(root);
	return 0;
}

/* ---- branches ------------------------------------------------------------- */

static cJSON *tree_of(const struct options *o)
{
	struct buf text = BUF_INIT;
	struct jsonw w;
	cJSON *tree;

	jsonw_init(&w, &text, 0);
	options_format(o, &w);
	tree = cJSON_Parse(text.data);
	buf_release(&text);
	if (!tree)
		die("out of memory");
	return tree;
}

char *options_pick(const struct options *o, const struct text_list *keys)
{
	cJSON *all = tree_of(o), *picked = cJSON_CreateObject();
	char *text;
	size_t i;

	for (i = 0; i < keys->nr; i++) {
		cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(all, keys->v[i]);

		if (item && !cJSON_AddItemToObject(picked, keys->v[i], item))
			die("out of memory");
	}
	text = text_of(picked);
	cJSON_Delete(picked);
	cJSON_Delete(all);
	return text;
}

bool options_branch_sets(const struct branch *b, const char *key)
{
	cJSON *set = cJSON_Parse(b->set);
	bool is_there = cJSON_GetObjectItemCaseSensitive(set, key) != NULL;

	cJSON_Delete(set);
	return is_there;
}

void options_branch_put(struct branch *b, const char *key, const char *value)
{
	cJSON *set = cJSON_Parse(b->set);
	cJSON *item = value ? cJSON_CreateString(value) : cJSON_CreateNull();

	cJSON_DeleteItemFromObjectCaseSensitive(set, key);
	if (!cJSON_AddItemToObject(set, key, item))
		die("out of memory");
	free(b->set);
	b->set = text_of(set);
	cJSON_Delete(set);
}

/* What stands now for each key of `set`; null where nothing is told. */
static char *replaced_by(const struct options *o, const cJSON *set)
{
	cJSON *all = tree_of(o), *kept = cJSON_CreateObject();
	const cJSON *item;
	char *text;

	cJSON_ArrayForEach (item, set) {
		cJSON *old = cJSON_DetachItemFromObjectCaseSensitive(all, item->string);

		if (!old)
			old = cJSON_IsTrue(item) ? cJSON_CreateFalse() : cJSON_CreateNull();
		if (!cJSON_AddItemToObject(kept, item->string, old))
			die("out of memory");
	}
	text = text_of(kept);
	cJSON_Delete(kept);
	cJSON_Delete(all);
	return text;
}

static void take_away(const cJSON *set, const struct field *f, struct options *o)
{
	char **field = (char **)((char *)o + f->at);

	if ((f->kind != K_STRING && f->kind != K_STRING_IF_ANY) ||
	    !cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(set, f->name)))
		return;
	free(*field);
	*field = NULL;
}

/* As options_parse, but a null takes away what is there. */
static int replace(const char *json, struct options *o, struct err *err)
{
	cJSON *set = cJSON_Parse(json);
	size_t i;

	for (i = 0; i < ARRAY_LEN(fields); i++)
		take_away(set, &fields[i], o);
	for (i = 0; i < ARRAY_LEN(branch_fields); i++)
		take_away(set, &branch_fields[i], o);
	cJSON_Delete(set);
	return options_parse(json, o, err);
}

int options_branch(struct options *o, const struct branch *b, struct err *err)
{
	cJSON *set = cJSON_Parse(b->set);
	char *replaced;
	int rc;

	if (!cJSON_IsObject(set)) {
		cJSON_Delete(set);
		return err_set(err, "branch %s: what it sets is not a JSON object", b->name);
	}
	options_unbranch(o);
	replaced = replaced_by(o, set);
	cJSON_Delete(set);
	rc = replace(b->set, o, err);
	free(o->unbranched);
	o->unbranched = replaced;
	return rc;
}

void options_unbranch(struct options *o)
{
	char *replaced = o->unbranched;

	if (!replaced)
		return;
	o->unbranched = NULL;
	(void)replace(replaced, o, NULL); /* it is an object: nothing else is kept */
	free(replaced);
}
