#include "formats/manifest.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/json_file.h"
#include "formats/options_json.h"

#include <cJSON.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)65536)
/* What stands beside the agents; far more than options and lineage can fill. */
#define HEAD_MAX ((size_t)4 << 20)
#define DEPTH_MAX 64

void manifest_init(struct manifest *m)
{
	memset(m, 0, sizeof(*m));
	m->created_t = NUM_NONE;
	options_init(&m->options);
}

void manifest_release(struct manifest *m)
{
	free(m->source_csv);
	free(m->retry.next_batches);
	options_release(&m->options);
	manifest_init(m);
}

void manifest_add_next(struct manifest *m, const char *child)
{
	struct retry_metadata *r = &m->retry;
	size_t i;

	if (!*child || strlen(child) >= NAME_SIZE)
		return;
	for (i = 0; i < r->nr_next; i++)
		if (strcmp(r->next_batches[i], child) == 0)
			return;
	r->next_batches = xrealloc(r->next_batches, (r->nr_next + 1) * sizeof(*r->next_batches));
	snprintf(r->next_batches[r->nr_next++], NAME_SIZE, "%s", child);
}

/* ---- writing ------------------------------------------------------------ */

static void name_or_null(struct jsonw *w, const char *key, const char *name)
{
	jsonw_kstr(w, key, *name ? name : NULL);
}

static void put_retry(struct jsonw *w, const struct retry_metadata *r)
{
	size_t i;

	jsonw_key(w, "retry_metadata");
	jsonw_object(w);
	jsonw_kbool(w, "is_retry", r->is_retry);
	name_or_null(w, "kind", batch_kind_name(r->kind));
	name_or_null(w, "original_batch", r->original_batch);
	jsonw_kint(w, "retry_count", r->retry_count);
	name_or_null(w, "parent_batch", r->parent_batch);
	if (*r->branch)
		jsonw_kstr(w, "branch", r->branch);
	jsonw_kbool(w, "auto_retry_enabled", r->auto_retry_enabled);
	jsonw_kint(w, "max_retries", r->max_retries);
	jsonw_key(w, "next_batches");
	jsonw_array(w);
	for (i = 0; i < r->nr_next; i++)
		jsonw_str(w, r->next_batches[i]);
	jsonw_end(w, ']');
	jsonw_end(w, '}');
}

/* Columns that say something; the whole row is in tasks.csv. */
static void put_columns(struct jsonw *w, const struct tasks *ts, const struct task *t)
{
	static const enum task_column columns[] = {
	    COL_MODEL, COL_CONTEXT_PATH, COL_OUTPUT_FILE, COL_MAX_TURNS};
	size_t i;

	for (i = 0; i < ARRAY_LEN(columns); i++) {
		const char *cell = task_get(ts, t, columns[i]);

		if (*cell)
			jsonw_kstr(w, task_column_name(columns[i]), cell);
	}
	if (*task_get(ts, t, COL_DEPENDS_ON))
		jsonw_kwords(w, "depends_on", task_get(ts, t, COL_DEPENDS_ON));
}

static void put_agent(struct jsonw *w, const struct batch *b, const struct agent *a)
{
	const char *profile = task_get(b->tasks, a->task, COL_AGENT);

	jsonw_object(w);
	jsonw_kstr(w, "id", a->task->id);
	jsonw_kstr(w, "agent", *profile ? profile : b->pools[a->pool].name);
	jsonw_kstr(w, "task", task_get(b->tasks, a->task, COL_TASK));
	jsonw_kwords(w, "tags", task_get(b->tasks, a->task, COL_TAGS));
	put_columns(w, b->tasks, a->task);
	if (a->class != CLASS_NONE)
		jsonw_kstr(w, "class", class_name(a->class));
	jsonw_kint(w, "attempts", agent_executions(a));
	jsonw_kstr(w, "status", status_name(a->status));
	jsonw_end(w, '}');
}

/* A row a line, so that grep and diff are of use too. */
static void put_agents(struct json_file *f, const struct batch *b)
{
	struct buf row = BUF_INIT;
	uint32_t i;

	jsonw_key(&f->w, "agents");
	jsonw_array(&f->w);
	for (i = 0; i < b->nr_agents; i++) {
		struct jsonw w;

		buf_reset(&row);
		jsonw_init(&w, &row, 0);
		put_agent(&w, b, &b->agents[i]);
		jsonw_raw(&f->w, row.data);
		json_file_flush(f);
	}
	jsonw_end(&f->w, ']');
	buf_release(&row);
}

int manifest_write(int dirfd, const struct manifest *m, const struct batch *b, struct err *err)
{
	struct json_file f;
	struct jsonw *w = &f.w;

	if (json_file_begin(&f, dirfd, MANIFEST_NAME, err) < 0)
		return -1;
	jsonw_object(w);
	jsonw_kstr(w, "version", m->version);
	jsonw_kstr(w, "batch", m->batch);
	jsonw_key(w, "created");
	if (m->created_t == NUM_NONE)
		jsonw_null(w);
	else
		jsonw_ms(w, m->created_t);
	jsonw_kstr(w, "source_csv", m->source_csv);
	jsonw_key(w, "options");
	options_format(&m->options, w);
	put_retry(w, &m->retry);
	put_agents(&f, b);
	jsonw_end(w, '}');
	return json_file_commit(&f, err);
}

/* ---- reading ------------------------------------------------------------
 * The agents may be a million rows and a tree of them gigabytes. So the file is read as a stream
 * that copies everything but the inside of "agents": what is left is small and goes to cJSON. */

struct strainer {
	struct buf out;
	unsigned depth;
	bool in_string, after_backslash;
	bool is_dropping; /* inside the value of the top object's "agents" */
	bool is_done; /* behind the last bracket */
};

/* Whether what was copied ends with `"agents" :`. */
static bool is_behind_agents(const struct buf *out)
{
	static const char key[] = "\"agents\"";
	size_t n = out->len;
	bool has_colon = false;

	while (n && strchr(" \t\r\n:", out->data[n - 1]))
		has_colon |= out->data[--n] == ':';
	return has_colon && n >= sizeof(key) - 1 &&
	    memcmp(out->data + n - (sizeof(key) - 1), key, sizeof(key) - 1) == 0;
}

static bool strain_string(struct strainer *s, char c)
{
	if (s->after_backslash)
		s->after_backslash = false;
	else if (c == '\\')
		s->after_backslash = true;
	else if (c == '"')
		s->in_string = false;
	return (unsigned char)c >= 0x20;
}

static bool strain_open(struct strainer *s, char c)
{
	if (c == '[' && s->depth == 1 && is_behind_agents(&s->out)) {
		buf_ch(&s->out, '[');
		s->is_dropping = true;
	}
	return ++s->depth <= DEPTH_MAX;
}

static bool strain_close(struct strainer *s)
{
	if (s->depth == 0)
		return false;
	s->depth--;
	if (s->depth <= 1)
		s->is_dropping = false;
	s->is_done = s->depth == 0;
	return true;
}

/* False: this can be no manifest. */
static bool strain(struct strainer *s, char c)
{
	bool ok = true;

	if (s->in_string) {
		ok = strain_string(s, c);
	} else if (s->is_done || (unsigned char)c < 0x20) {
		ok = strchr(" \t\r\n", c) && c;
	} else if (c == '"') {
		s->in_string = true;
	} else if (c == '{' || c == '[') {
		ok = strain_open(s, c);
	} else if (c == '}' || c == ']') {
		ok = strain_close(s);
	}
	if (!s->is_dropping)
		buf_ch(&s->out, c);
	return ok && s->out.len <= HEAD_MAX;
}

/* 0, 1: not whole or not JSON, -1: a read error. */
static int strain_file(int fd, struct strainer *s, struct err *err)
{
	char *piece = xmalloc(PIECE);
	off_t at = 0;
	ssize_t n, i;
	int rc = 0;

	while (rc == 0 && (n = pread_all(fd, piece, PIECE, at)) != 0) {
		if (n < 0) {
			rc = err_sys(err, errno, "cannot read '%s'", MANIFEST_NAME);
			break;
		}
		at += n;
		for (i = 0; rc == 0 && i < n; i++)
			if (!strain(s, piece[i]))
				rc = 1;
	}
	free(piece);
	return rc == 0 && !s->is_done ? 1 : rc;
}

static void copy_string(const cJSON *root, const char *key, char *out, size_t size)
{
	const cJSON *j = cJSON_GetObjectItemCaseSensitive(root, key);

	if (cJSON_IsString(j) && strlen(j->valuestring) < size)
		memcpy(out, j->valuestring, strlen(j->valuestring) + 1);
}

static int get_count(const cJSON *root, const char *key)
{
	const cJSON *j = cJSON_GetObjectItemCaseSensitive(root, key);
	double v = cJSON_IsNumber(j) ? j->valuedouble : 0;

	return v >= 0 && v <= INT_MAX ? (int)v : 0;
}

static void get_retry(struct manifest *m, const cJSON *root)
{
	struct retry_metadata *r = &m->retry;
	char kind[16] = "";
	const cJSON *item;

	r->is_retry = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "is_retry"));
	r->auto_retry_enabled =
	    cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "auto_retry_enabled"));
	copy_string(root, "kind", kind, sizeof(kind));
	r->kind = batch_kind_from_name(kind);
	r->retry_count = get_count(root, "retry_count");
	r->max_retries = get_count(root, "max_retries");
	copy_string(root, "original_batch", r->original_batch, sizeof(r->original_batch));
	copy_string(root, "parent_batch", r->parent_batch, sizeof(r->parent_batch));
	copy_string(root, "branch", r->branch, sizeof(r->branch));
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(root, "next_batches")) {
		if (cJSON_IsString(item))
			manifest_add_next(m, item->valuestring);
	}
}

/* False: what makes it a manifest is not there. */
static bool get_manifest(struct manifest *m, const cJSON *root)
{
	const cJSON *options = cJSON_GetObjectItemCaseSensitive(root, "options");
	const cJSON *retry = cJSON_GetObjectItemCaseSensitive(root, "retry_metadata");
	const cJSON *source = cJSON_GetObjectItemCaseSensitive(root, "source_csv");
	const cJSON *created = cJSON_GetObjectItemCaseSensitive(root, "created");
	char *text;

	if (!cJSON_IsObject(options) || !cJSON_IsObject(retry) ||
	    !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(root, "agents")))
		return false;
	copy_string(root, "version", m->version, sizeof(m->version));
	copy_string(root, "batch", m->batch, sizeof(m->batch));
	if (cJSON_IsNumber(created) && created->valuedouble >= 0 && created->valuedouble <= 1e12)
		m->created_t = (int64_t)(created->valuedouble * 1000 + 0.5);
	if (cJSON_IsString(source))
		m->source_csv = xstrdup(source->valuestring);
	text = cJSON_PrintUnformatted(options);
	if (!text)
		die("out of memory");
	(void)options_parse(text, &m->options, NULL); /* it is an object: checked above */
	cJSON_free(text);
	get_retry(m, retry);
	return true;
}

int manifest_read(int dirfd, struct manifest *m, struct err *err)
{
	struct strainer s = {.out = BUF_INIT};
	cJSON *root = NULL;
	int fd, rc;

	manifest_init(m);
	fd = file_open_read(dirfd, MANIFEST_NAME, err);
	if (fd < 0)
		return 1;
	rc = strain_file(fd, &s, err);
	close(fd);
	if (rc == 0) {
		root = cJSON_ParseWithLength(s.out.data, s.out.len);
		rc = cJSON_IsObject(root) && get_manifest(m, root) ? 0 : 1;
		if (rc == 1)
			manifest_release(m);
	}
	if (rc == 1)
		err_set(err, "'%s' is damaged: not a whole JSON object of a batch", MANIFEST_NAME);
	cJSON_Delete(root);
	buf_release(&s.out);
	return rc == 0 ? 0 : 1;
}

/* ---- without a manifest ------------------------------------------------- */

bool manifest_is_newer(const char *version)
{
	const char *ours = AB_VERSION;

	for (;;) {
		char *end_a, *end_b;
		unsigned long a = strtoul(version, &end_a, 10);
		unsigned long b = strtoul(ours, &end_b, 10);

		if (a != b)
			return a > b;
		if (*end_a != '.' || *end_b != '.')
			return *end_a == '.';
		version = end_a + 1;
		ours = end_b + 1;
	}
}

void manifest_from_batch(struct manifest *m, const char *name, const struct batch *b)
{
	struct retry_metadata *r = &m->retry;
	size_t i;

	manifest_init(m);
	snprintf(m->version, sizeof(m->version), "%s", b->version ? b->version : AB_VERSION);
	snprintf(m->batch, sizeof(m->batch), "%s", name);
	m->created_t = b->started_t;
	if (b->options_json)
		(void)options_parse(b->options_json, &m->options, NULL); /* defaults stand in */
	if (m->options.source_csv)
		m->source_csv = xstrdup(m->options.source_csv);
	r->is_retry = b->original && *b->original && strcmp(b->original, name) != 0;
	if (b->branch)
		snprintf(r->branch, sizeof(r->branch), "%s", b->branch);
	if (r->is_retry) {
		snprintf(r->original_batch, sizeof(r->original_batch), "%s", b->original);
		if (b->parent)
			snprintf(r->parent_batch, sizeof(r->parent_batch), "%s", b->parent);
	}
	r->kind = b->kind;
	r->retry_count = b->cycle > 0 && b->cycle <= INT_MAX ? (int)b->cycle : 0;
	r->auto_retry_enabled = m->options.auto_retry;
	r->max_retries = m->options.max_retries;
	for (i = 0; i < b->nr_children; i++)
		manifest_add_next(m, b->children[i].name);
}

/* Puts the damaged file aside, under a name that is free. */
static int keep_damaged(int dirfd, struct err *err)
{
	char name[sizeof(MANIFEST_NAME) + 32];
	struct stat st;
	int i;

	if (fstatat(dirfd, MANIFEST_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "cannot see '%s'", MANIFEST_NAME);
	snprintf(name, sizeof(name), MANIFEST_NAME ".damaged");
	for (i = 2; fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0; i++)
		snprintf(name, sizeof(name), MANIFEST_NAME ".damaged-%d", i);
	if (renameat(dirfd, MANIFEST_NAME, dirfd, name) < 0)
		return err_sys(err, errno, "cannot put the damaged '%s' aside", MANIFEST_NAME);
	return 0;
}

int manifest_read_or_rebuild(int dirfd, const char *name, struct manifest *m, const struct batch *b,
    bool *was_rebuilt, struct err *err)
{
	*was_rebuilt = false;
	if (manifest_read(dirfd, m, err) == 0)
		return 0;
	manifest_from_batch(m, name, b);
	if (keep_damaged(dirfd, err) < 0 || manifest_write(dirfd, m, b, err) < 0) {
		manifest_release(m);
		return -1;
	}
	*was_rebuilt = true;
	return 0;
}
