#include "formats/tasks_json.h"
#include "base/json_scan.h"
#include "base/map.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"
#include "formats/tasks_load.h"

#include <cJSON.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Everything beyond is a mistake: a file that was not meant as tasks. */
#define COLUMNS_MAX 256
#define KEY_BYTES_MAX 1024

/* One column of the CSV, and the key that fills it. */
struct column {
	char *key;
	const char *name; /* of the CSV's column: the key, or what --map says; borrowed */
	uint32_t seen_in; /* the last record that had it, from 1 */
	bool is_attachment; /* no column: goes into context_path */
	bool is_beside; /* context_path by --map: its paths begin at the JSON file's directory */
	bool knows_question_mark; /* GAIA keeps answers back by writing '?' */
};

struct mapping {
	char *column, *key;
	bool is_used;
};

struct load {
	const struct tasks_json_opts *opts;
	struct tasks_json *out;
	struct err *err;
	const char *text, *end;
	/* The place told last: going on from there keeps it linear. */
	const char *told, *line_start;
	uint32_t line;
	struct column columns[COLUMNS_MAX];
	size_t nr_columns;
	struct map by_key;
	struct mapping *map;
	size_t nr_map, cap_map;
	struct json *records;
	size_t nr_records, cap_records;
};

/* ---- places --------------------------------------------------------------------- */

static struct tasks_origin place_of(struct load *l, const char *p)
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

static __attribute__((format(printf, 3, 4))) int refuse(struct load *l, const char *p,
    const char *fmt, ...)
{
	struct tasks_origin o = place_of(l, p);
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

static int read_map(struct load *l)
{
	const char *s = l->opts->map;
	size_t i;

	while (s && *s) {
		size_t len = strcspn(s, ","), name = strcspn(s, "=,");
		struct mapping m;

		if (name == 0 || name == len || name + 1 == len)
			return err_set(l->err, "--map wants COLUMN=KEY,..., not '%s'",
			    l->opts->map);
		m = (struct mapping){
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

static int add_record(struct load *l, const char **p)
{
	const char *from = *p;
	const char *to = jsonr_value_end(from, l->end);

	if (!to)
		return refuse(l, fault_in(from, l->end), "not JSON: correct it");
	if (*from != '{')
		return refuse(l, from, "not an object: each task is one, as {\"task\": \"...\"}");
	VEC_GROW(l->records, l->nr_records, l->cap_records);
	l->records[l->nr_records++] = (struct json){from, (size_t)(to - from), false};
	*p = skip_blanks(to, l->end);
	return 0;
}

static int find_in_array(struct load *l, const char *p)
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
			    : refuse(l, p, "something stands behind the array's end: remove it");
		}
		if (p == l->end || *p != ',')
			return refuse(l, p, "not JSON: a ',' or ']' is missing");
		p = skip_blanks(p + 1, l->end);
	}
	return refuse(l, l->end, "not JSON: the array is not closed");
}

static int find_records(struct load *l)
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

static const char *mapped(struct load *l, const char *key)
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
static char *text_of(struct json v)
{
	char *s = has_nul(v) ? NULL : xmalloc(v.n + 1);

	if (s)
		json_text(v, s, v.n + 1);
	return s;
}

static int add_column(struct load *l, struct json k, uint32_t *index)
{
	char *key = k.n > KEY_BYTES_MAX ? NULL : text_of(k);
	const char *name;

	if (!key)
		return refuse(l, k.p, "a key that cannot name a column: rename it");
	*index = map_get(&l->by_key, key);
	if (*index != MAP_NONE) {
		free(key);
		return 0;
	}
	if (l->nr_columns == COLUMNS_MAX) {
		free(key);
		return refuse(l, k.p, "more than %d keys: are these tasks?", COLUMNS_MAX);
	}
	name = mapped(l, key);
	*index = (uint32_t)l->nr_columns++;
	l->columns[*index] = (struct column){.key = key, .name = name ? name : key};
	map_put(&l->by_key, key, *index);
	return 0;
}

static int add_columns_of(struct load *l, uint32_t record)
{
	struct json key = {0}, value = {0};
	char shown[EXCERPT_SIZE];
	uint32_t i;

	while (json_next_member(l->records[record], &key, &value)) {
		if (add_column(l, key, &i) < 0)
			return -1;
		if (l->columns[i].seen_in == record + 1)
			return refuse(l, key.p, "key '%s' stands twice: remove one",
			    tasks_excerpt(l->columns[i].key, shown));
		l->columns[i].seen_in = record + 1;
	}
	return 0;
}

static struct column *named(struct load *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nr_columns; i++)
		if (strcmp(l->columns[i].name, name) == 0)
			return &l->columns[i];
	return NULL;
}

/* Gives the key's column another name, unless it has one by --map or somebody has that name. */
static void know(struct load *l, const char *key, const char *name)
{
	uint32_t i = map_get(&l->by_key, key);

	if (i == MAP_NONE || strcmp(l->columns[i].name, key) != 0 || named(l, name))
		return;
	l->columns[i].name = name;
}

/* The metadata.jsonl of the GAIA benchmark. */
static void know_gaia(struct load *l)
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

static int refuse_without_task(struct load *l)
{
	struct buf keys = BUF_INIT;
	char shown[EXCERPT_SIZE];
	size_t i;

	for (i = 0; i < l->nr_columns && i < 12; i++)
		buf_fmt(&keys, "%s%s", i ? ", " : "", tasks_excerpt(l->columns[i].key, shown));
	refuse(l, l->records[0].p,
	    "no key 'task': say which one is meant by --map task=KEY (there are: %s%s)", keys.data,
	    l->nr_columns > 12 ? ", ..." : "");
	buf_release(&keys);
	return -1;
}

static int judge_columns(struct load *l)
{
	char shown[EXCERPT_SIZE];
	size_t i, k;

	for (i = 0; i < l->nr_map; i++)
		if (!l->map[i].is_used)
			return refuse(l, l->records[0].p,
			    "no record has the key '%s' that --map names",
			    tasks_excerpt(l->map[i].key, shown));
	know_gaia(l);
	for (i = 0; i < l->nr_columns; i++) {
		l->columns[i].is_attachment = strcmp(l->columns[i].name, ATTACHMENTS_NAME) == 0;
		l->columns[i].is_beside = l->columns[i].name != l->columns[i].key &&
		    task_column_from_name(l->columns[i].name) == COL_CONTEXT_PATH;
		for (k = 0; k < i; k++)
			if (strcmp(l->columns[i].name, l->columns[k].name) == 0)
				return refuse(l, l->records[0].p,
				    "two keys are column '%s': map one of them elsewhere",
				    tasks_excerpt(l->columns[i].name, shown));
	}
	return named(l, "task") || named(l, "prompt") ? 0 : refuse_without_task(l);
}

/* ---- cells ------------------------------------------------------------------------ */

/* Words in one cell, by the separator that its column knows. */
static int join(struct load *l, struct json array, char separator, struct buf *out)
{
	struct json v = {0};
	size_t nr = 0;

	while (json_next(array, &v)) {
		char *s = json_is_string(v) ? text_of(v) : NULL;

		if (!s ||
		    (separator == ' ' ? s[strcspn(s, " \t\r\n,;")] : strchr(s, ';') != NULL)) {
			free(s);
			return refuse(l, v.p, "not a word that can stand in this column");
		}
		if (nr++)
			buf_ch(out, separator);
		buf_str(out, s);
		free(s);
	}
	return 0;
}

static int take_value(struct load *l, const struct column *c, struct json v, struct buf *out)
{
	int known = task_column_from_name(c->name);
	char *s;

	buf_reset(out);
	if (json_is_array(v) && (known == COL_TAGS || known == COL_DEPENDS_ON))
		return join(l, v, ' ', out);
	if (json_is_array(v) && (known == COL_CONTEXT_PATH || c->is_attachment))
		return join(l, v, ';', out);
	if (!json_is_string(v)) {
		if (v.n != 4 || memcmp(v.p, "null", 4) != 0)
			buf_add(out, v.p, v.n);
		return 0;
	}
	s = text_of(v);
	if (!s)
		return refuse(l, v.p, "a NUL (\\u0000) is in it: remove it");
	if (!c->knows_question_mark || strcmp(s, "?") != 0)
		buf_str(out, s);
	free(s);
	return 0;
}

static void begin_cell(struct load *l, const char *from, bool is_first)
{
	if (!is_first)
		buf_ch(&l->out->csv, ',');
	VEC_GROW(l->out->origins, l->out->nr, l->out->cap);
	l->out->origins[l->out->nr++] = place_of(l, from);
}

/* Every cell in quotes: one of nothing else would be an empty line, which is no row. */
static void put_cell(struct load *l, const char *cell)
{
	struct buf *csv = &l->out->csv;

	buf_ch(csv, '"');
	for (; *cell; cell++) {
		if (*cell == '"')
			buf_ch(csv, '"');
		buf_ch(csv, *cell);
	}
	buf_ch(csv, '"');
}

/* The files of a record as further context paths. */
static int add_attachments(struct load *l, struct json v, const struct column *c,
    struct buf *contexts)
{
	struct buf names = BUF_INIT, path = BUF_INIT;
	const char *s, *part;
	size_t len;
	int rc = v.n ? take_value(l, c, v, &names) : 0;

	s = names.len ? names.data : NULL;
	while (rc == 0 && s && (part = task_next_part(&s, &len))) {
		path_resolve(&path, l->opts->dir, part, len);
		buf_fmt(contexts, ";%s", path.data);
	}
	buf_release(&path);
	buf_release(&names);
	return rc;
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Paths that --map takes for context_path name what lies beside the JSON: a file there is nothing to
 * work in, so that one which stands first becomes a further part. */
static void place_beside(const struct load *l, struct buf *cell)
{
	char *names = xstrdup(cell->data);
	const char *s = *names ? names : NULL, *part;
	struct buf path = BUF_INIT;
	bool is_first = true;
	size_t len;

	buf_reset(cell);
	while (s && (part = task_next_part(&s, &len))) {
		path_resolve(&path, l->opts->dir, part, len);
		if (!is_first || is_file(path.data))
			buf_ch(cell, ';');
		buf_str(cell, path.data);
		is_first = false;
	}
	buf_release(&path);
	free(names);
}

struct row {
	struct json *values; /* one a column; without bytes: the record has it not */
	struct buf contexts, cell;
};

static int put_row_cell(struct load *l, struct row *r, size_t i, const char *from, bool is_first)
{
	const struct column *c = &l->columns[i];
	int known = task_column_from_name(c->name);

	buf_reset(&r->cell);
	if (r->values[i].n && take_value(l, c, r->values[i], &r->cell) < 0)
		return -1;
	if (c->is_beside)
		place_beside(l, &r->cell);
	if (known == COL_CONTEXT_PATH)
		buf_str(&r->cell, r->contexts.data);
	begin_cell(l, r->values[i].n ? r->values[i].p : from, is_first);
	put_cell(l, r->cell.data);
	return 0;
}

static int fill_row(struct load *l, uint32_t record, struct row *r)
{
	const char *from = l->records[record].p;
	struct json key = {0}, value = {0};
	bool has_attachments = false, has_contexts = false, is_first = true;
	uint32_t column;
	size_t i;

	memset(r->values, 0, l->nr_columns * sizeof(*r->values));
	buf_reset(&r->contexts);
	while (json_next_member(l->records[record], &key, &value)) {
		if (add_column(l, key, &column) < 0)
			return -1;
		r->values[column] = value;
	}
	for (i = 0; i < l->nr_columns; i++) {
		has_contexts |= task_column_from_name(l->columns[i].name) == COL_CONTEXT_PATH;
		has_attachments |= l->columns[i].is_attachment;
		if (l->columns[i].is_attachment &&
		    add_attachments(l, r->values[i], &l->columns[i], &r->contexts) < 0)
			return -1;
	}
	for (i = 0; i < l->nr_columns; i++) {
		if (l->columns[i].is_attachment)
			continue;
		if (put_row_cell(l, r, i, from, is_first) < 0)
			return -1;
		is_first = false;
	}
	if (has_attachments && !has_contexts) {
		begin_cell(l, from, false);
		put_cell(l, r->contexts.data);
	}
	buf_ch(&l->out->csv, '\n');
	return 0;
}

static void put_header(struct load *l)
{
	bool has_attachments = false, is_first = true;
	size_t i;

	for (i = 0; i < l->nr_columns; i++) {
		if (l->columns[i].is_attachment) {
			has_attachments = true;
			continue;
		}
		begin_cell(l, l->records[0].p, is_first);
		put_cell(l, l->columns[i].name);
		is_first = false;
	}
	if (has_attachments && !named(l, "context_path")) {
		begin_cell(l, l->records[0].p, is_first);
		put_cell(l, "context_path");
	}
	buf_ch(&l->out->csv, '\n');
}

static int write_csv(struct load *l)
{
	struct row r = {
	    .values = xcalloc(l->nr_columns, sizeof(*r.values)),
	    .contexts = BUF_INIT,
	    .cell = BUF_INIT,
	};
	uint32_t i;
	int rc = 0;

	put_header(l);
	for (i = 0; rc == 0 && i < l->nr_records; i++)
		rc = fill_row(l, i, &r);
	free(r.values);
	buf_release(&r.contexts);
	buf_release(&r.cell);
	return rc;
}

/* ---- the whole ---------------------------------------------------------------------- */

static int load(struct load *l)
{
	uint32_t i;

	if (read_map(l) < 0 || find_records(l) < 0)
		return -1;
	if (l->nr_records == 0)
		return refuse(l, l->end, "no tasks: add an object for each");
	for (i = 0; i < l->nr_records; i++)
		if (add_columns_of(l, i) < 0)
			return -1;
	return judge_columns(l) < 0 ? -1 : write_csv(l);
}

static void load_release(struct load *l)
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
	struct load l = {.opts = opts, .out = out, .err = err, .end = text + len, .line = 1};
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
