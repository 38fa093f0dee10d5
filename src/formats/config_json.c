#include "formats/config_json.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"

#include <cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_BYTES_MAX ((size_t)1 << 20)

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

/* ---- accounts ----------------------------------------------------------- */

#define NAME_MAX_BYTES 64

/* Names stand in lists and behind a slash. */
static bool is_plain_name(const struct jsonr_member *m)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "._-";
	size_t i;

	if (m->key_len == 0 || m->key_len > NAME_MAX_BYTES || m->key[0] == '-')
		return false;
	for (i = 0; i < m->key_len; i++)
		if (!strchr(good, m->key[i]))
			return false;
	return true;
}

static bool is_variable(const char *s)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				   "0123456789";
	size_t n = strlen(s);

	return n > 0 && n <= 256 && strspn(s, good) == n && !(s[0] >= '0' && s[0] <= '9') &&
	    strncmp(s, "AGENT_BATCH_", 12) != 0;
}

#define ONE_OF "{\"from\": \"VARIABLE\"}, {\"file\": \"PATH\"} or {\"value\": \"TEXT\"}"

static int read_assign(const struct parse *p, const struct jsonr_member *m,
    struct config_assign *out)
{
	static const char *const keys[] = {"from", "file", "value"};
	struct jsonr r;
	size_t k = 0;

	if (!jsonr_object(&r, m->text, m->text_len) || r.nr != 1)
		return refuse(p, m->text, "'%.*s' wants one of " ONE_OF, NAME(m));
	while (k < ARRAY_LEN(keys) && !is_key(&r.members[0], keys[k]))
		k++;
	out->text = k < ARRAY_LEN(keys) ? jsonr_str(&r, keys[k], &p->out->arena) : NULL;
	if (!out->text)
		return refuse(p, m->text, "'%.*s' wants one of " ONE_OF, NAME(m));
	out->from = (enum assign_from)k;
	out->name = arena_strndup(&p->out->arena, m->key, m->key_len);
	if (!is_variable(out->name))
		return refuse(p, m->key - 1,
		    "'%.*s' is no name of a variable that an account may set", NAME(m));
	if (out->from == ASSIGN_FROM_VARIABLE && !is_variable(out->text))
		return refuse(p, r.members[0].text,
		    "what stands here is no name of a variable (which is not shown: a key does not "
		    "belong here)");
	if (out->from == ASSIGN_FROM_FILE && out->text[0] != '/' &&
	    strncmp(out->text, "~/", 2) != 0)
		return refuse(p, r.members[0].text, "the path of a file begins with / or ~/ here");
	return 0;
}

static int read_account(const struct parse *p, const char *profile, const struct jsonr_member *m)
{
	struct config_json *c = p->out;
	struct config_account a = {.profile = profile};
	struct buf name = BUF_INIT;
	struct jsonr r;
	size_t i;

	if (!is_plain_name(m) || is_key(m, "none"))
		return refuse(p, m->key - 1,
		    "'%.*s' cannot be an account's name: letters, digits and . _ - can, but not "
		    "'none'",
		    NAME(m));
	if (read_object(p, m->text, m->text_len, &r) < 0)
		return -1;
	if (r.nr > CONFIG_ASSIGNS)
		return refuse(p, m->text, "an account sets at most %d variables", CONFIG_ASSIGNS);
	for (i = 0; i < r.nr; i++)
		if (read_assign(p, &r.members[i], &a.v[a.nr++]) < 0)
			return -1;
	buf_fmt(&name, "%s/%.*s", profile, NAME(m));
	a.name = arena_strdup(&c->arena, name.data);
	buf_release(&name);
	VEC_GROW(c->accounts, c->nr_accounts, c->cap_accounts);
	c->accounts[c->nr_accounts++] = a;
	return 0;
}

static int read_pool(const struct parse *p, const struct jsonr_member *m)
{
	const char *profile;
	struct jsonr r;
	size_t i;

	if (!is_plain_name(m))
		return refuse(p, m->key - 1,
		    "'%.*s' cannot have accounts: it is no name of a profile", NAME(m));
	if (read_object(p, m->text, m->text_len, &r) < 0)
		return -1;
	if (r.nr == 0)
		return refuse(p, m->text, "'%.*s' names no account", NAME(m));
	profile = arena_strndup(&p->out->arena, m->key, m->key_len);
	for (i = 0; i < r.nr; i++)
		if (read_account(p, profile, &r.members[i]) < 0)
			return -1;
	return 0;
}

static int read_accounts(const struct parse *p, const char *text, size_t n)
{
	struct jsonr r;
	size_t i;

	if (read_object(p, text, n, &r) < 0)
		return -1;
	for (i = 0; i < r.nr; i++)
		if (read_pool(p, &r.members[i]) < 0)
			return -1;
	return 0;
}

const struct config_account *config_account_find(const struct config_json *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nr_accounts; i++)
		if (strcmp(c->accounts[i].name, name) == 0)
			return &c->accounts[i];
	return NULL;
}

/* ---- all of it ---------------------------------------------------------- */

static int read_root(const struct parse *p, size_t len)
{
	struct jsonr r;
	size_t i;

	if (read_object(p, p->text, len, &r) < 0)
		return -1;
	for (i = 0; i < r.nr; i++) {
		const struct jsonr_member *m = &r.members[i];
		int rc = is_key(m, "defaults") ? read_options(p, m->text, m->text_len, NULL)
		    : is_key(m, "profiles")    ? read_profiles(p, m->text, m->text_len)
		    : is_key(m, "accounts")
		    ? read_accounts(p, m->text, m->text_len)
		    : refuse(p, m->key - 1,
			  "'%.*s' means nothing here: there are defaults, profiles and accounts",
			  NAME(m));

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
	free(c->accounts);
	*c = (struct config_json){.arena = ARENA_INIT};
}

/* ---- the file ----------------------------------------------------------- */

/* A relative path there is to be ignored: the XDG base directory rules. */
char *config_json_path(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config && config[0] == '/')
		return xasprintf("%s/agent-batch/config.json", config);
	return home && home[0] ? xasprintf("%s/.config/agent-batch/config.json", home) : NULL;
}

/* 1: there is none. */
static int read_text(const char *path, struct buf *text, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 1 : err_sys(err, errno, "cannot read");
	rc = file_read_fd(fd, CONFIG_BYTES_MAX, text, err);
	close(fd);
	return rc;
}

int config_json_load(struct config_json *c, const char *path, bool *is_there, struct err *err)
{
	struct buf text = BUF_INIT;
	struct err why = ERR_INIT;
	int rc;

	*c = (struct config_json){.arena = ARENA_INIT};
	*is_there = false;
	if (!path)
		return 0;
	rc = read_text(path, &text, &why);
	*is_there = rc == 0;
	if (rc == 0)
		rc = config_json_parse(c, text.data, text.len, &why);
	buf_release(&text);
	return rc < 0 ? err_set(err, "%s:%s%s", path,
			    why.msg[0] >= '0' && why.msg[0] <= '9' ? "" : " ", why.msg)
		      : 0;
}
