#include "formats/patterns_json.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "formats/profile_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REGEX ((size_t)64 * 1024) /* bytes of one with its parts */
#define MAX_NESTED 8 /* parts within parts */
#define PART_STATUS "status" /* the part that a row's statuses are put into, at {{codes}} */
#define PART_CODES "codes"

/* ---- rows --------------------------------------------------------------- */

static bool has_class(enum pattern_table table)
{
	return table == TABLE_ERROR || table == TABLE_SENTENCE;
}

static int take_kind(const cJSON *item, const char *path, enum prefix *out, struct err *err)
{
	static const struct value_word kinds[] = {{"none", PREFIX_NONE}, {"status", PREFIX_STATUS},
	    {"exception", PREFIX_EXCEPTION}, {"error", PREFIX_ERROR}, {"fatal", PREFIX_FATAL},
	    {NULL, 0}};
	int kind;

	if (value_one_of(item, path, kinds, &kind, err) < 0)
		return -1;
	*out = (enum prefix)kind;
	return 0;
}

/* Digits, alternatives and sets of them: "429|529", "50[0-9]". */
static int take_status(const cJSON *item, const char *path, char **out, struct err *err)
{
	if (!cJSON_IsString(item) || !item->valuestring[0] ||
	    item->valuestring[strspn(item->valuestring, "0123456789|[]-")])
		return value_wrong(path, "HTTP statuses, such as \"429|529\" or \"50[0-4]\"", err);
	return value_text(item, path, out, err);
}

static int take_flag(const cJSON *item, const char *path, unsigned flag, struct pattern_row *row,
    struct err *err)
{
	if (!cJSON_IsBool(item))
		return value_wrong(path, "true or false", err);
	if (cJSON_IsTrue(item))
		row->flags |= flag;
	return 0;
}

static int take_row_field(const cJSON *item, const char *path, enum pattern_table table,
    struct pattern_row *row, struct err *err)
{
	const char *name = item->string;

	if (strcmp(name, "about") == 0)
		return cJSON_IsString(item) ? 0 : value_wrong(path, "a string", err);
	if (strcmp(name, "regex") == 0)
		return value_regex(item, path, &row->regex, err);
	if (strcmp(name, "kind") == 0 && table == TABLE_ANNOUNCEMENT)
		return take_kind(item, path, &row->prefix, err);
	if (strcmp(name, "class") == 0 && has_class(table))
		return value_class(item, path, &row->class, err);
	if (strcmp(name, "status") == 0 && has_class(table))
		return take_status(item, path, &row->status, err);
	if (strcmp(name, "exit_0") == 0 && (has_class(table) || table == TABLE_PROSE))
		return take_flag(item, path, PATTERN_EXIT_0, row, err);
	if (strcmp(name, "weak") == 0 && (has_class(table) || table == TABLE_PROSE))
		return take_flag(item, path, PATTERN_WEAK, row, err);
	return err_set(err, "unknown field \"%.100s\"", path);
}

static bool is_twice(const cJSON *object, const cJSON *member)
{
	const cJSON *other;

	cJSON_ArrayForEach (other, object) {
		if (other == member)
			return false;
		if (strcmp(other->string, member->string) == 0)
			return true;
	}
	return false;
}

static int take_row(const cJSON *item, const char *path, enum pattern_table table,
    struct pattern_row *row, struct err *err)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return value_wrong(path, "an object", err);
	cJSON_ArrayForEach (member, item) {
		char at[160];

		snprintf(at, sizeof(at), "%s.%.60s", path, member->string);
		if (is_twice(item, member))
			return err_set(err, "\"%s\" is there twice", at);
		if (take_row_field(member, at, table, row, err) < 0)
			return -1;
	}
	if (!row->regex && !row->status)
		return err_set(err, "\"%s\" must have \"regex\"%s", path,
		    has_class(table) ? " or \"status\"" : "");
	if (has_class(table) && row->class == CLASS_NONE)
		return err_set(err, "\"%s\" must have \"class\"", path);
	if (table == TABLE_ANNOUNCEMENT && !cJSON_GetObjectItemCaseSensitive(item, "kind"))
		return err_set(err, "\"%s\" must have \"kind\"", path);
	return 0;
}

static int take_table(const cJSON *item, enum pattern_table table, struct pattern_set *set,
    struct err *err)
{
	struct pattern_rows *rows = &set->tables[table];
	const char *path = pattern_table_name(table);
	const cJSON *element;
	char at[64];

	if (!cJSON_IsArray(item))
		return value_wrong(path, "an array of objects", err);
	cJSON_ArrayForEach (element, item) {
		VEC_GROW(rows->v, rows->nr, rows->cap);
		rows->v[rows->nr] = (struct pattern_row){.index = (unsigned)rows->nr};
		snprintf(at, sizeof(at), "%s[%zu]", path, rows->nr);
		if (take_row(element, at, table, &rows->v[rows->nr++], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- parts and times ---------------------------------------------------- */

static int take_part(const cJSON *member, struct pattern_set *set, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	const char *name = member->string;
	char at[96], *regex = NULL;

	snprintf(at, sizeof(at), "parts.%.60s", name);
	if (!*name || name[strspn(name, letters)] || strcmp(name, PART_CODES) == 0)
		return err_set(err, "\"%s\": a part's name is of the letters a to z and _%s", at,
		    strcmp(name, PART_CODES) == 0 ? ", and this one is taken" : "");
	if (pattern_set_part(set, name, strlen(name)))
		return err_set(err, "\"%s\" is there twice", at);
	if (value_regex(member, at, &regex, err) < 0)
		return -1;
	VEC_GROW(set->parts, set->nr_parts, set->cap_parts);
	set->parts[set->nr_parts++] = (struct pattern_part){xstrdup(name), regex};
	return 0;
}

static int take_parts(const cJSON *item, struct pattern_set *set, struct err *err)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return value_wrong("parts", "an object of expressions", err);
	cJSON_ArrayForEach (member, item) {
		if (take_part(member, set, err) < 0)
			return -1;
	}
	return 0;
}

static int take_time(const cJSON *member, struct pattern_set *set, struct err *err)
{
	char at[96];
	int i;

	snprintf(at, sizeof(at), "times.%.60s", member->string);
	for (i = 0; i < SHAPE__COUNT; i++) {
		if (strcmp(member->string, shape_name((enum shape)i)) != 0)
			continue;
		if (set->shapes[i])
			return err_set(err, "\"%s\" is there twice", at);
		return value_regex(member, at, &set->shapes[i], err);
	}
	return err_set(err, "unknown field \"%s\"", at);
}

static int take_times(const cJSON *item, struct pattern_set *set, struct err *err)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return value_wrong("times", "an object of expressions", err);
	cJSON_ArrayForEach (member, item) {
		if (take_time(member, set, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the file ----------------------------------------------------------- */

static int take_base(const cJSON *item, struct pattern_set *set, struct err *err)
{
	if (!cJSON_IsString(item) || strcmp(item->valuestring, PATTERNS_BASE) != 0)
		return value_wrong(PATTERNS_BASE, "\"" PATTERNS_BASE "\", the one of ours", err);
	set->has_base = true;
	return 0;
}

static int take_field(const cJSON *item, struct pattern_set *set, struct err *err)
{
	const char *name = item->string;
	int i;

	if (strcmp(name, "description") == 0)
		return cJSON_IsString(item) ? 0 : value_wrong(name, "a string", err);
	if (strcmp(name, "base") == 0)
		return take_base(item, set, err);
	if (strcmp(name, "parts") == 0)
		return take_parts(item, set, err);
	if (strcmp(name, "times") == 0)
		return take_times(item, set, err);
	for (i = TABLE_PROFILE + 1; i < TABLE__COUNT; i++)
		if (strcmp(name, pattern_table_name((enum pattern_table)i)) == 0)
			return take_table(item, (enum pattern_table)i, set, err);
	return err_set(err, "unknown field \"%.60s\"", name);
}

static int take_object(const cJSON *root, struct pattern_set *set, struct err *err)
{
	const cJSON *item;

	if (!cJSON_IsObject(root))
		return err_set(err, "not a JSON object");
	cJSON_ArrayForEach (item, root) {
		if (is_twice(root, item))
			return err_set(err, "\"%.60s\" is there twice", item->string);
		if (take_field(item, set, err) < 0)
			return -1;
	}
	return 0;
}

int patterns_parse(const char *json, size_t n, struct pattern_set *set, struct err *err)
{
	cJSON *root = value_parse(json, n, err);
	int rc;

	memset(set, 0, sizeof(*set));
	rc = root ? take_object(root, set, err) : -1;
	if (rc < 0)
		pattern_set_release(set);
	cJSON_Delete(root);
	return rc;
}

/* ---- putting parts in --------------------------------------------------- */

struct filling {
	const struct pattern_set *set;
	const char *codes; /* what {{codes}} stands for, or NULL */
	struct err *err;
};

static int fill(const struct filling *f, const char *regex, unsigned depth, struct buf *out);

/* {{name}}, its name of n bytes. */
static int fill_part(const struct filling *f, const char *name, size_t n, unsigned depth,
    struct buf *out)
{
	const char *part = pattern_set_part(f->set, name, n);

	if (f->codes && n == strlen(PART_CODES) && memcmp(name, PART_CODES, n) == 0)
		part = f->codes;
	if (!part)
		return err_set(f->err, "there is no part '%.*s'", n < 60 ? (int)n : 60, name);
	if (depth >= MAX_NESTED)
		return err_set(f->err, "the part '%.*s' leads round in a circle",
		    n < 60 ? (int)n : 60, name);
	buf_str(out, "(?:");
	if (fill(f, part, depth + 1, out) < 0)
		return -1;
	buf_ch(out, ')');
	return 0;
}

static int fill(const struct filling *f, const char *regex, unsigned depth, struct buf *out)
{
	while (*regex) {
		size_t n = strncmp(regex, "{{", 2) == 0
		    ? strspn(regex + 2, "abcdefghijklmnopqrstuvwxyz_")
		    : 0;

		if (out->len > MAX_REGEX)
			return err_set(f->err, "it is longer than %zu bytes", MAX_REGEX);
		if (n && strncmp(regex + 2 + n, "}}", 2) == 0) {
			if (fill_part(f, regex + 2, n, depth, out) < 0)
				return -1;
			regex += n + 4;
		} else {
			buf_ch(out, *regex++);
		}
	}
	return 0;
}

/* Replaces *regex by what it comes to, with the row's statuses as a last alternative. */
static int settle_regex(const struct pattern_set *set, char **regex, const char *status,
    struct err *err)
{
	struct filling f = {.set = set, .err = err};
	struct buf out = BUF_INIT;
	int rc = *regex ? fill(&f, *regex, 0, &out) : 0;

	if (rc == 0 && status) {
		f.codes = status;
		buf_str(&out, *regex ? "|" : "");
		rc = fill_part(&f, PART_STATUS, strlen(PART_STATUS), 0, &out);
	}
	if (rc == 0) {
		free(*regex);
		*regex = buf_detach(&out);
	}
	buf_release(&out);
	return rc;
}

int patterns_refuse_row(const struct pattern_set *set, enum pattern_table table, size_t i,
    struct err *err)
{
	const struct pattern_row *row = &set->tables[table].v[i];

	return err_prefix(err, "patterns '%s': \"%s[%u]\": ", row->file ? row->file : "",
	    pattern_table_name(table), row->index);
}

static int settle_table(struct pattern_set *set, enum pattern_table table, struct err *err)
{
	struct pattern_rows *rows = &set->tables[table];
	size_t i;

	for (i = 0; i < rows->nr; i++)
		if (settle_regex(set, &rows->v[i].regex, rows->v[i].status, err) < 0)
			return patterns_refuse_row(set, table, i, err);
	if (rows->nr == 0 && table != TABLE_PROFILE)
		return err_set(err,
		    "patterns '%s': \"%s\" is missing or empty; with \"base\": \"" PATTERNS_BASE
		    "\" a file adds to the one that comes with agent-batch",
		    set->file ? set->file : "", pattern_table_name(table));
	return 0;
}

int patterns_settle(struct pattern_set *set, struct err *err)
{
	const char *file = set->file ? set->file : "";
	int i;

	for (i = 0; i < TABLE__COUNT; i++)
		if (settle_table(set, (enum pattern_table)i, err) < 0)
			return -1;
	for (i = 0; i < SHAPE__COUNT; i++) {
		if (!set->shapes[i])
			err_set(err, "it is missing");
		else if (settle_regex(set, &set->shapes[i], NULL, err) == 0)
			continue;
		return err_prefix(err, "patterns '%s': \"times.%s\": ", file,
		    shape_name((enum shape)i));
	}
	return 0;
}
