#include "formats/profile_json.h"
#include "base/xalloc.h"
#include "formats/profile_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- commands ----------------------------------------------------------- */

static void add_word(struct profile_words *words, const cJSON *item, unsigned group)
{
	VEC_GROW(words->v, words->nr, words->cap);
	words->v[words->nr++] = (struct profile_word){xstrdup(item->valuestring), group};
}

/* A word each; an array among them is a group. */
static int take_words(const cJSON *item, const char *path, struct profile_words *words,
    struct err *err)
{
	static const char wanted[] = "an array of strings, and of arrays of strings";
	const cJSON *element, *inner;
	unsigned group = 0;

	if (!cJSON_IsArray(item))
		return value_wrong(path, wanted, err);
	cJSON_ArrayForEach (element, item) {
		if (cJSON_IsString(element)) {
			add_word(words, element, 0);
			continue;
		}
		if (!cJSON_IsArray(element) || !element->child)
			return value_wrong(path, wanted, err);
		group++;
		cJSON_ArrayForEach (inner, element) {
			if (!cJSON_IsString(inner))
				return value_wrong(path, wanted, err);
			add_word(words, inner, group);
		}
	}
	return 0;
}

static int take_command(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	if (take_words(item, path, &p->command, err) < 0)
		return -1;
	if (p->command.nr == 0 || !p->command.v[0].text[0])
		return err_set(err, "\"%s\" is missing or empty", path);
	if (p->command.v[0].group)
		return err_set(err, "\"%s\" must begin with the program, not with a group", path);
	return 0;
}

static int take_edits(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	p->edits_nothing = cJSON_IsFalse(item);
	if (p->edits_nothing)
		return 0;
	return take_words(item, path, &p->edits, err);
}

static int take_unattended(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return take_words(item, path, &p->unattended, err);
}

static int take_resume(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	size_t i;

	if (take_words(item, path, &p->resume, err) < 0)
		return -1;
	for (i = 0; i < p->resume.nr; i++)
		if (strstr(p->resume.v[i].text, "{session}"))
			return 0;
	return err_set(err, "\"%s\" must have {session} in one of its words", path);
}

static int take_task(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	static const struct value_word ways[] = {{"argument", TASK_BY_ARGUMENT},
	    {"file", TASK_BY_FILE}, {"stdin", TASK_BY_STDIN}, {NULL, 0}};
	int way;

	if (value_one_of(item, path, ways, &way, err) < 0)
		return -1;
	p->task_way = (enum task_way)way;
	return 0;
}

/* ---- the environment ---------------------------------------------------- */

static int take_vars(const cJSON *item, const char *path, struct profile_vars *vars,
    struct err *err)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return value_wrong(path, "an object of strings or null", err);
	cJSON_ArrayForEach (member, item) {
		if (!cJSON_IsString(member) && !cJSON_IsNull(member))
			return value_wrong(path, "an object of strings or null", err);
		if (!member->string[0] || strchr(member->string, '='))
			return err_set(err, "\"%s\": '%.60s' is no name of a variable", path,
			    member->string);
		if (strncmp(member->string, "AGENT_BATCH_", 12) == 0)
			return err_set(err, "\"%s\": '%.60s' is agent-batch's own", path,
			    member->string);
		VEC_GROW(vars->v, vars->nr, vars->cap);
		vars->v[vars->nr++] = (struct profile_var){
		    .name = xstrdup(member->string),
		    .value = cJSON_IsNull(member) ? NULL : xstrdup(member->valuestring),
		};
	}
	return 0;
}

static int take_env(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return take_vars(item, path, &p->env, err);
}

static int take_unattended_env(const cJSON *item, const char *path, struct profile *p,
    struct err *err)
{
	return take_vars(item, path, &p->unattended_env, err);
}

/* ---- reading what it printed -------------------------------------------- */

static int take_answer_way(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	static const struct value_word ways[] = {{"events", ANSWER_EVENTS}, {"text", ANSWER_TEXT},
	    {"file", ANSWER_FILE}, {"none", ANSWER_NONE}, {NULL, 0}};
	int way;

	if (value_one_of(item, path, ways, &way, err) < 0)
		return -1;
	p->answer.way = (enum answer_way)way;
	return 0;
}

static int take_answer_object(const cJSON *item, const char *path, struct profile *p,
    struct err *err)
{
	struct profile_answer *a = &p->answer;
	const struct value_string strings[] = {{"type", &a->type}, {"field", &a->field},
	    {"after", &a->after}, {"until", &a->until}, {"skip", &a->skip}, {NULL, NULL}};

	if (value_strings_of(item, path, strings, err) < 0)
		return -1;
	if ((a->type || a->field) && (a->after || a->until || a->skip))
		return err_set(err,
		    "\"%s\" has either \"type\" and \"field\", or \"after\", \"until\" and "
		    "\"skip\"",
		    path);
	if ((a->type != NULL) != (a->field != NULL))
		return err_set(err, "\"%s\" must have \"type\" and \"field\" both", path);
	a->way = a->type ? ANSWER_EVENT : ANSWER_TEXT;
	return 0;
}

static int take_answer(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return cJSON_IsObject(item) ? take_answer_object(item, path, p, err)
				    : take_answer_way(item, path, p, err);
}

static int take_event(const cJSON *item, const char *path, struct profile_event *e, struct err *err)
{
	const struct value_string strings[] = {
	    {"type", &e->type}, {"field", &e->field}, {NULL, NULL}};

	if (value_strings_of(item, path, strings, err) < 0)
		return -1;
	if (!e->type || !e->field)
		return err_set(err, "\"%s\" must have \"type\" and \"field\"", path);
	return 0;
}

static int take_error(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return take_event(item, path, &p->error, err);
}

static int take_session(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return take_event(item, path, &p->session, err);
}

static int take_usage(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	enum { END, SUM, SESSION };
	static const struct value_word ways[] = {
	    {"end", END}, {"sum", SUM}, {"session", SESSION}, {NULL, 0}};
	int way;

	if (value_one_of(item, path, ways, &way, err) < 0)
		return -1;
	p->usage_is_sum = way == SUM;
	p->usage_is_session = way == SESSION;
	return 0;
}

static int take_success_codes(const cJSON *item, const char *path, struct profile *p,
    struct err *err)
{
	const cJSON *element;
	size_t cap = 0;
	int code;

	if (!cJSON_IsArray(item))
		return value_wrong(path, "an array of exit codes", err);
	cJSON_ArrayForEach (element, item) {
		if (value_exit_code(element, &code) < 0)
			return value_wrong(path, "an array of exit codes from 0 to 255", err);
		VEC_GROW(p->success_codes, p->nr_success_codes, cap);
		p->success_codes[p->nr_success_codes++] = code;
	}
	return 0;
}

/* {"53": "max_turns"} */
static int take_exit_codes(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	const cJSON *member;
	enum attempt_class class;
	size_t cap = 0;
	char at[96];

	if (!cJSON_IsObject(item))
		return value_wrong(path, "an object of exit codes and classes", err);
	cJSON_ArrayForEach (member, item) {
		char *end;
		long code = strtol(member->string, &end, 10);

		if (member->string[0] < '0' || member->string[0] > '9' || *end || code > 255)
			return err_set(err, "\"%s\": '%.20s' is no exit code from 0 to 255", path,
			    member->string);
		snprintf(at, sizeof(at), "%s.%s", path, member->string);
		if (value_class(member, at, &class, err) < 0)
			return -1;
		VEC_GROW(p->exit_codes, p->nr_exit_codes, cap);
		p->exit_codes[p->nr_exit_codes++] = (struct profile_exit){(int)code, class};
	}
	return 0;
}

static int take_pattern_field(const cJSON *item, const char *path, struct profile_pattern *pattern,
    struct err *err)
{
	char at[160];

	snprintf(at, sizeof(at), "%s.%.60s", path, item->string);
	if (strcmp(item->string, "class") == 0)
		return pattern->class == CLASS_NONE ? value_class(item, at, &pattern->class, err)
						    : err_set(err, "\"%s\" is there twice", at);
	if (strcmp(item->string, "regex") == 0)
		return !pattern->regex ? value_regex(item, at, &pattern->regex, err)
				       : err_set(err, "\"%s\" is there twice", at);
	return err_set(err, "unknown field \"%s\"", at);
}

static int take_pattern(const cJSON *item, const char *path, struct profile_pattern *pattern,
    struct err *err)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return value_wrong(path, "an object of \"class\" and \"regex\"", err);
	cJSON_ArrayForEach (member, item) {
		if (take_pattern_field(member, path, pattern, err) < 0)
			return -1;
	}
	if (pattern->class == CLASS_NONE || !pattern->regex)
		return err_set(err, "\"%s\" must have \"class\" and \"regex\"", path);
	return 0;
}

static int take_patterns(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	const cJSON *element;
	size_t cap = 0;
	char at[64];

	if (!cJSON_IsArray(item))
		return value_wrong(path, "an array of {\"class\", \"regex\"}", err);
	cJSON_ArrayForEach (element, item) {
		VEC_GROW(p->patterns, p->nr_patterns, cap);
		p->patterns[p->nr_patterns] = (struct profile_pattern){CLASS_NONE, NULL};
		snprintf(at, sizeof(at), "%s[%zu]", path, p->nr_patterns);
		if (take_pattern(element, at, &p->patterns[p->nr_patterns++], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- money -------------------------------------------------------------- */

static int take_one_price(const cJSON *item, const char *path, struct profile *p, size_t *cap,
    struct err *err)
{
	static const char wanted[] =
	    "{\"input\", \"output\"} in USD a million tokens, and maybe \"model\"";
	struct profile_price *price;
	const cJSON *member;
	unsigned found = 0;

	if (!cJSON_IsObject(item))
		return value_wrong(path, wanted, err);
	VEC_GROW(p->prices, p->nr_prices, *cap);
	price = &p->prices[p->nr_prices++];
	*price = (struct profile_price){NULL, 0, 0};
	cJSON_ArrayForEach (member, item) {
		bool is_input = strcmp(member->string, "input") == 0;

		if (strcmp(member->string, "model") == 0 && cJSON_IsString(member) && !price->model)
			price->model = xstrdup(member->valuestring);
		else if ((is_input || strcmp(member->string, "output") == 0) &&
		    value_amount(member, is_input ? &price->in_usd : &price->out_usd) == 0)
			found |= is_input ? 1 : 2;
		else
			return value_wrong(path, wanted, err);
	}
	return found == 3 ? 0 : value_wrong(path, wanted, err);
}

static int take_price(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	const cJSON *element;
	size_t cap = 0;
	char at[64];

	if (!cJSON_IsArray(item))
		return take_one_price(item, path, p, &cap, err);
	cJSON_ArrayForEach (element, item) {
		snprintf(at, sizeof(at), "%s[%zu]", path, p->nr_prices);
		if (take_one_price(element, at, p, &cap, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the rest ----------------------------------------------------------- */

static int take_name(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return value_text(item, path, &p->name, err);
}

static int take_base(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return value_text(item, path, &p->base, err);
}

static int take_description(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return value_text(item, path, &p->description, err);
}

static int take_timeout(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return value_duration(item, path, &p->timeout_s, err);
}

static int take_stall(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return value_duration(item, path, &p->stall_s, err);
}

static int take_silent_wait(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	return value_duration(item, path, &p->silent_wait_s, err);
}

static int take_keep(const cJSON *item, const char *path, struct profile *p, struct err *err)
{
	const cJSON *element;
	size_t cap = 0;

	if (!cJSON_IsArray(item))
		return value_wrong(path, "an array of strings", err);
	cJSON_ArrayForEach (element, item) {
		if (!cJSON_IsString(element))
			return value_wrong(path, "an array of strings", err);
		VEC_GROW(p->keep, p->nr_keep, cap);
		p->keep[p->nr_keep++] = xstrdup(element->valuestring);
	}
	return 0;
}

static const struct {
	const char *name;
	enum profile_field field;
	int (*take)(const cJSON *item, const char *path, struct profile *p, struct err *err);
} fields[] = {
    {"name", PROFILE_NAME, take_name},
    {"description", PROFILE_DESCRIPTION, take_description},
    {"base", PROFILE_BASE, take_base},
    {"command", PROFILE_COMMAND, take_command},
    {"edits", PROFILE_EDITS, take_edits},
    {"unattended", PROFILE_UNATTENDED, take_unattended},
    {"resume", PROFILE_RESUME, take_resume},
    {"env", PROFILE_ENV, take_env},
    {"unattended_env", PROFILE_UNATTENDED_ENV, take_unattended_env},
    {"task", PROFILE_TASK, take_task},
    {"answer", PROFILE_ANSWER, take_answer},
    {"error", PROFILE_ERROR, take_error},
    {"session", PROFILE_SESSION, take_session},
    {"usage", PROFILE_USAGE, take_usage},
    {"timeout", PROFILE_TIMEOUT, take_timeout},
    {"stall", PROFILE_STALL, take_stall},
    {"silent_wait", PROFILE_SILENT_WAIT, take_silent_wait},
    {"success_codes", PROFILE_SUCCESS_CODES, take_success_codes},
    {"exit_codes", PROFILE_EXIT_CODES, take_exit_codes},
    {"keep", PROFILE_KEEP, take_keep},
    {"patterns", PROFILE_PATTERNS, take_patterns},
    {"price", PROFILE_PRICE, take_price},
};

/* Each field once: of two, the first would leak and one of them would be a surprise. */
static int take_field(const cJSON *item, struct profile *p, struct err *err)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fields); i++) {
		if (strcmp(fields[i].name, item->string) != 0)
			continue;
		if (p->given & 1u << fields[i].field)
			return err_set(err, "\"%.60s\" is there twice", item->string);
		p->given |= 1u << fields[i].field;
		return fields[i].take(item, fields[i].name, p, err);
	}
	return err_set(err, "unknown field \"%.60s\"", item->string);
}

static int take_object(const cJSON *root, struct profile *p, struct err *err)
{
	const cJSON *item;

	if (!cJSON_IsObject(root))
		return err_set(err, "not a JSON object");
	cJSON_ArrayForEach (item, root) {
		if (take_field(item, p, err) < 0)
			return -1;
	}
	return 0;
}

int profile_parse(const char *json, size_t n, struct profile *p, struct err *err)
{
	cJSON *root = value_parse(json, n, err);
	int rc;

	memset(p, 0, sizeof(*p));
	rc = root ? take_object(root, p, err) : -1;
	if (rc < 0)
		profile_release(p);
	cJSON_Delete(root);
	return rc;
}

/* ---- agreement ---------------------------------------------------------- */

static bool command_has(const struct profile *p, const char *placeholder)
{
	const struct profile_words *lists[] = {&p->command, &p->edits, &p->unattended};
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(lists); i++)
		for (k = 0; k < lists[i]->nr; k++)
			if (strstr(lists[i]->v[k].text, placeholder))
				return true;
	return false;
}

/* The command says by its placeholders how it takes the task; "task" must not say otherwise. */
static int settle_task(struct profile *p, struct err *err)
{
	bool by_argument = command_has(p, "{task}"), by_file = command_has(p, "{task_file}");

	p->task_on_stdin = !by_argument && !by_file;
	switch (p->task_way) {
	case TASK_BY_COMMAND:
		return 0;
	case TASK_BY_ARGUMENT:
		return by_argument
		    ? 0
		    : err_set(err, "\"task\" is \"argument\", but \"command\" has no {task}");
	case TASK_BY_FILE:
		return by_file
		    ? 0
		    : err_set(err, "\"task\" is \"file\", but \"command\" has no {task_file}");
	case TASK_BY_STDIN:
		p->task_on_stdin = true;
		return 0;
	}
	return 0;
}

int profile_settle(struct profile *p, struct err *err)
{
	if (p->command.nr == 0)
		return err_set(err, "\"command\" is missing or empty");
	if (p->answer.way == ANSWER_FILE && !command_has(p, "{answer_file}"))
		return err_set(err, "\"answer\" is \"file\", but \"command\" has no {answer_file}");
	return settle_task(p, err);
}
