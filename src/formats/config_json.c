#include "formats/config_json.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"

#include <cJSON.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct parse {
	struct config_json *out;
	const char *text; /* NUL-terminated */
	struct err *err;
};

static void place_of(const struct parse *p, const char *at, uint32_t *line, size_t *column)
{
	const char *s, *from = p->text;

	*line = 1;
	for (s = p->text; s < at; s++) {
		if (*s != '\n')
			continue;
		++*line;
		from = s + 1;
	}
	*column = (size_t)(at - from) + 1;
}

static int refuse(const struct parse *p, const char *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int refuse(const struct parse *p, const char *at, const char *fmt, ...)
{
	struct buf what = BUF_INIT;
	uint32_t line;
	size_t column;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&what, fmt, ap);
	va_end(ap);
	place_of(p, at, &line, &column);
	err_set(p->err, "%u:%zu: %s", line, column, what.data);
	buf_release(&what);
	return -1;
}

#define NAME_SHOWN 100
#define NAME(m) (int)((m)->key_len < NAME_SHOWN ? (m)->key_len : NAME_SHOWN), (m)->key

static bool is_key(const struct jsonr_member *m, const char *name)
{
	return m->key_len == strlen(name) && memcmp(m->key, name, m->key_len) == 0;
}

/* An object's members; each name once, and not more than can be told apart. */
static int read_object(const struct parse *p, const char *text, size_t n, struct jsonr *r)
{
	size_t i, k;

	if (!jsonr_object(r, text, n))
		return refuse(p, text, "an object belongs here: {...}");
	if (r->nr == JSONR_MEMBERS)
		return refuse(p, text, "too many members in one object");
	for (i = 0; i < r->nr; i++)
		for (k = 0; k < i; k++)
			if (r->members[i].key_len == r->members[k].key_len &&
			    memcmp(r->members[i].key, r->members[k].key, r->members[i].key_len) ==
				0)
				return refuse(p, r->members[i].key - 1, "'%.*s' stands here twice",
				    NAME(&r->members[i]));
	return 0;
}

/* ---- values ------------------------------------------------------------- */

/* A list of words: what an option takes with commas between. */
static const char *join_words(const char *text, size_t n, struct arena *arena)
{
	char *copy = xstrndup(text, n);
	cJSON *list = cJSON_Parse(copy);
	const cJSON *item;
	struct buf words = BUF_INIT;
	const char *joined = NULL;
	bool is_good = cJSON_IsArray(list);

	cJSON_ArrayForEach (item, list) {
		is_good = is_good && cJSON_IsString(item) && !strchr(item->valuestring, ',');
		if (is_good)
			buf_fmt(&words, "%s%s", words.len ? "," : "", item->valuestring);
	}
	if (is_good)
		joined = arena_strdup(arena, words.data);
	cJSON_Delete(list);
	buf_release(&words);
	free(copy);
	return joined;
}

static const char *value_of(const struct jsonr *r, const struct jsonr_member *m, const char *name,
    struct arena *arena)
{
	switch (m->text[0]) {
	case '"':
		return jsonr_str(r, name, arena);
	case '[':
		return join_words(m->text, m->text_len, arena);
	case '{':
	case 'n':
		return NULL;
	default:
		return arena_strndup(arena, m->text, m->text_len); /* a number, true, false */
	}
}

static int add_entry(const struct parse *p, const struct jsonr *r, const struct jsonr_member *m,
    const char *profile)
{
	struct config_json *c = p->out;
	struct config_entry e = {.profile = profile};

	e.name = arena_strndup(&c->arena, m->key, m->key_len);
	e.value = value_of(r, m, e.name, &c->arena);
	if (!e.value)
		return refuse(p, m->text,
		    "'%.*s' wants a text, a number, true or false, or a list of words", NAME(m));
	e.is_flag = m->text[0] == 't' || m->text[0] == 'f';
	place_of(p, m->key - 1, &e.line, &e.column);
	VEC_GROW(c->v, c->nr, c->cap);
	c->v[c->nr++] = e;
	return 0;
}

/* ---- objects ------------------------------------------------------------ */

static int read_options(const struct parse *p, const char *text, size_t n, const char *profile)
{
	struct jsonr r;
	size_t i;

	if (read_object(p, text, n, &r) < 0)
		return -1;
	for (i = 0; i < r.nr; i++)
		if (add_entry(p, &r, &r.members[i], profile) < 0)
			return -1;
	return 0;
}

static int read_profiles(const struct parse *p, const char *text, size_t n)
{
	struct jsonr r;
	size_t i;

	if (read_object(p, text, n, &r) < 0)
		return -1;
	for (i = 0; i < r.nr; i++) {
		const struct jsonr_member *m = &r.members[i];
		const char *profile = arena_strndup(&p->out->arena, m->key, m->key_len);

		if (read_options(p, m->text, m->text_len, profile) < 0)
			return -1;
	}
	return 0;
}

static int read_root(const struct parse *p, size_t len)
{
	struct jsonr r;
	size_t i;

	if (read_object(p, p->text, len, &r) < 0)
		return -1;
	for (i = 0; i < r.nr; i++) {
		const struct jsonr_member *m = &r.members[i];
		int rc = is_key(m, "defaults") ? read_options(p, m->text, m->text_len, NULL)
		    : is_key(m, "profiles")
		    ? read_profiles(p, m->text, m->text_len)
		    : refuse(p, m->key - 1,
			  "'%.*s' means nothing here: there are defaults and profiles", NAME(m));

		if (rc < 0)
			return -1;
	}
	return 0;
}

/* cJSON knows where a text stops being JSON. */
static int check_syntax(const struct parse *p)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithOpts(p->text, &end, true);

	cJSON_Delete(root);
	return root ? 0 : refuse(p, end ? end : p->text, "this is no valid JSON");
}

int config_json_parse(struct config_json *c, const char *text, size_t len, struct err *err)
{
	char *copy = xstrndup(text, len);
	const struct parse p = {.out = c, .text = copy, .err = err};
	int rc;

	*c = (struct config_json){.arena = ARENA_INIT};
	if (strlen(copy) != len)
		rc = refuse(&p, copy + strlen(copy), "a NUL byte");
	else
		rc = check_syntax(&p) < 0 ? -1 : read_root(&p, len);
	free(copy);
	return rc;
}

void config_json_release(struct config_json *c)
{
	arena_release(&c->arena);
	free(c->v);
	*c = (struct config_json){.arena = ARENA_INIT};
}
