#include "formats/tasks_json.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"
#include "formats/tasks_json_load.h"
#include "formats/tasks_load.h"

#include <cJSON.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Everything beyond is a mistake: a file that was not meant as tasks. */
#define KEY_BYTES_MAX 1024

/* ---- places --------------------------------------------------------------------- */

struct tasks_origin load_place_of(struct json_load *l, const char *p)
{
	if (p < l->told) {
		l->told = l->line_start = l->text;
		l->line = 1;
	}
	for (; l->told < p; l->told++) {
		if (*l->told == '\n') {
			l->line++;
			l->line_start = l->told + 1;
		}
	}
	return (struct tasks_origin){
	    .at = l->out->csv.len, .line = l->line, .column = (size_t)(p - l->line_start) + 1};
}

int load_refuse(struct json_load *l, const char *p, const char *fmt, ...)
{
	struct tasks_origin o = load_place_of(l, p);
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	err_set(l->err, "%s:%u:%zu: %s",
	    l->opts->file && strcmp(l->opts->file, "-") != 0 ? l->opts->file : "<stdin>", o.line,
	    o.column, text.data);
	buf_release(&text);
	return -1;
}

/* ---- --map ---------------------------------------------------------------------- */

static int read_map(struct json_load *l)
{
	const char *s = l->opts->map;
	size_t i;

	while (s && *s) {
		size_t len = strcspn(s, ","), name = strcspn(s, "=,");
		struct json_mapping m;

		if (name == 0 || name == len || name + 1 == len)
			return err_set(l->err, "--map wants COLUMN=KEY,..., not '%s'",
			    l->opts->map);
		m = (struct json_mapping){
		    xstrndup(s, name), xstrndup(s + name + 1, len - name - 1), false};
		VEC_GROW(l->map, l->nr_map, l->cap_map);
		l->map[l->nr_map++] = m;
		for (i = 0; i + 1 < l->nr_map; i++)
			if (strcmp(l->map[i].column, m.column) == 0 ||
			    strcmp(l->map[i].key, m.key) == 0)
				return err_set(l->err, "--map names '%s' twice",
				    strcmp(l->map[i].key, m.key) == 0 ? m.key : m.column);
		s += len + (s[len] == ',');
	}
	return 0;
}

/* ---- records --------------------------------------------------------------------- */

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p) && *p)
		p++;
	return p;
}

/* cJSON stops where it does not understand; what only it understands is told at its beginning. */
static const char *fault_in(const char *p, const char *end)
{
	const char *at = p;
	cJSON *j = cJSON_ParseWithLengthOpts(p, (size_t)(end - p), &at, false);

	if (j)
		at = p;
	cJSON_Delete(j);
	return at < end ? at : end;
}

static int add_record(struct json_load *l, const char **p)
{
	const char *from = *p;
	const char *to = jsonr_value_end(from, l->end);

	if (!to)
		return load_refuse(l, fault_in(from, l->end), "not JSON: correct it");
	if (*from != '{')
		return load_refuse(l, from,
		    "not an object: each task is one, as {\"task\": \"...\"}");
	VEC_GROW(l->records, l->nr_records, l->cap_records);
	l->records[l->nr_records++] = (struct json){from, (size_t)(to - from), false};
	*p = skip_blanks(to, l->end);
	return 0;
}

static int find_in_array(struct json_load *l, const char *p)
{
	p = skip_blanks(p + 1, l->end);
	if (p < l->end && *p == ']')
		return 0;
	while (p < l->end) {
		if (add_record(l, &p) < 0)
			return -1;
		if (p < l->end && *p == ']') {
			p = skip_blanks(p + 1, l->end);
			return p == l->end
			    ? 0
			    : load_refuse(l, p,
				  "something stands behind the array's end: remove it");
		}
		if (p == l->end || *p != ',')
			return load_refuse(l, p, "not JSON: a ',' or ']' is missing");
		p = skip_blanks(p + 1, l->end);
	}
	return load_refuse(l, l->end, "not JSON: the array is not closed");
}

static int find_records(struct json_load *l)
{
	const char *p = skip_blanks(l->text, l->end);

	if (p < l->end && *p == '[')
		return find_in_array(l, p);
	while (p < l->end)
		if (add_record(l, &p) < 0)
			return -1;
	return 0;
}

/* ---- columns ---------------------------------------------------------------------- */

static const char *mapped(struct json_load *l, const char *key)
{
	size_t i;

	for (i = 0; i < l->nr_map; i++) {
		if (strcmp(l->map[i].key, key) != 0)
			continue;
		l->map[i].is_used = true;
		return l->map[i].column;
	}
	return NULL;
}

/* No cell can hold one, nor an argument. */
static bool has_nul(struct json v)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '\0')
			return true;
		if (v.p[i] != '\\')
			continue;
		if (v.n - i >= 6 && memcmp(v.p + i, "\\u0000", 6) == 0)
			return true;
		i++;
	}
	return false;
}

/* Text of a key or string, malloc'ed; NULL: it holds a NUL. */
char *load_text_of(struct json v)
{
	char *s = has_nul(v) ? NULL : xmalloc(v.n + 1);

	if (s)
		json_text(v, s, v.n + 1);
	return s;
}

int load_add_column(struct json_load *l, struct json k, uint32_t *index)
{
	char *key = k.n > KEY_BYTES_MAX ? NULL : load_text_of(k);
	const char *name;

	if (!key)
		return load_refuse(l, k.p, "a key that cannot name a column: rename it");
	*index = map_get(&l->by_key, key);
	if (*index != MAP_NONE) {
		free(key);
		return 0;
	}
	if (l->nr_columns == COLUMNS_MAX) {
		free(key);
		return load_refuse(l, k.p, "more than %d keys: are these tasks?", COLUMNS_MAX);
	}
	name = mapped(l, key);
	*index = (uint32_t)l->nr_columns++;
	l->columns[*index] = (struct json_column){.key = key, .name = name ? name : key};
	map_put(&l->by_key, key, *index);
	return 0;
}

static int add_columns_of(struct json_load *l, uint32_t record)
{
	struct json key = {0}, value = {0};
	char shown[EXCERPT_SIZE];
	uint32_t i;

	while (json_next_member(l->records[record], &key, &value)) {
		if (load_add_column(l, key, &i) < 0)
			return -1;
		if (l->columns[i].seen_in == record + 1)
			return load_refuse(l, key.p, "key '%s' stands twice: remove one",
			    tasks_excerpt(l->columns[i].key, shown));
		l->columns[i].seen_in = record + 1;
	}
	return 0;
}

struct json_column *load_column_named(struct json_load *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nr_columns; i++)
		if (strcmp(l->columns[i].name, name) == 0)
			return &l->columns[i];
	return NULL;
}

/* Gives the key's column another name, unless it has one by --map or somebody has that name. */
static void know(struct json_load *l, const char *key, const char *name)
{
	uint32_t i = map_get(&l->by_key, key);

	if (i == MAP_NONE || strcmp(l->columns[i].name, key) != 0 || load_column_named(l, name))
		return;
	l->columns[i].name = name;
}

/* The metadata.jsonl of the GAIA benchmark. */
static void know_gaia(struct json_load *l)
{
	uint32_t answer = map_get(&l->by_key, "Final answer");

	if (map_get(&l->by_key, "Question") == MAP_NONE ||
	    map_get(&l->by_key, "task_id") == MAP_NONE)
		return;
	know(l, "Question", "task");
	know(l, "task_id", "id");
	know(l, "Final answer", "expect");
	know(l, "file_name", ATTACHMENTS_NAME);
	if (answer != MAP_NONE)
		l->columns[answer].knows_question_mark = true;
}

static int refuse_without_task(struct json_load *l)
{
	struct buf keys = BUF_INIT;
	char shown[EXCERPT_SIZE];
	size_t i;

	for (i = 0; i < l->nr_columns && i < 12; i++)
		buf_fmt(&keys, "%s%s", i ? ", " : "", tasks_excerpt(l->columns[i].key, shown));
	load_refuse(l, l->records[0].p,
	    "no key 'task': say which one is meant by --map task=KEY (there are: %s%s)", keys.data,
	    l->nr_columns > 12 ? ", ..." : "");
	buf_release(&keys);
	return -1;
}

static int judge_columns(struct json_load *l)
{
	char shown[EXCERPT_SIZE];
	size_t i, k;

	for (i = 0; i < l->nr_map; i++)
		if (!l->map[i].is_used)
			return load_refuse(l, l->records[0].p,
			    "no record has the key '%s' that --map names",
			    tasks_excerpt(l->map[i].key, shown));
	know_gaia(l);
	for (i = 0; i < l->nr_columns; i++) {
		l->columns[i].is_attachment = strcmp(l->columns[i].name, ATTACHMENTS_NAME) == 0;
		l->columns[i].is_beside = l->columns[i].name != l->columns[i].key &&
		    task_column_from_name(l->columns[i].name) == COL_CONTEXT_PATH;
		for (k = 0; k < i; k++)
			if (strcmp(l->columns[i].name, l->columns[k].name) == 0)
				return load_refuse(l, l->records[0].p,
				    "two keys are column '%s': map one of them elsewhere",
				    tasks_excerpt(l->columns[i].name, shown));
	}
	return load_column_named(l, "task") || load_column_named(l, "prompt")
	    ? 0
	    : refuse_without_task(l);
}

/* ---- the whole ---------------------------------------------------------------------- */

static int load(struct json_load *l)
{
	uint32_t i;

	if (read_map(l) < 0)
		return -2;
	if (find_records(l) < 0)
		return -1;
	if (l->nr_records == 0)
		return load_refuse(l, l->end, "no tasks: add an object for each");
	for (i = 0; i < l->nr_records; i++)
		if (add_columns_of(l, i) < 0)
			return -1;
	return judge_columns(l) < 0 ? -1 : load_write_csv(l);
}

static void load_release(struct json_load *l)
{
	size_t i;

	for (i = 0; i < l->nr_columns; i++)
		free(l->columns[i].key);
	for (i = 0; i < l->nr_map; i++) {
		free(l->map[i].column);
		free(l->map[i].key);
	}
	map_release(&l->by_key);
	free(l->map);
	free(l->records);
}

int tasks_json_read(struct tasks_json *out, const char *text, size_t len,
    const struct tasks_json_opts *opts, struct err *err)
{
	struct json_load l = {.opts = opts, .out = out, .err = err, .end = text + len, .line = 1};
	int rc;

	*out = (struct tasks_json){.csv = BUF_INIT};
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	l.text = l.told = l.line_start = text;
	rc = load(&l);
	load_release(&l);
	return rc;
}

void tasks_json_release(struct tasks_json *t)
{
	buf_release(&t->csv);
	free(t->origins);
	*t = (struct tasks_json){.csv = BUF_INIT};
}

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcasecmp(s + n - k, end) == 0;
}

bool tasks_are_json(const char *file, const char *text, size_t len)
{
	const char *p;

	if (ends_in(file, ".json") || ends_in(file, ".jsonl") || ends_in(file, ".ndjson"))
		return true;
	if (ends_in(file, ".csv"))
		return false;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	p = skip_blanks(text, text + len);
	return json_looks_like(p, len - (size_t)(p - text));
}
