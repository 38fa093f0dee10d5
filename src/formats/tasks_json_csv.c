#include "base/path.h"
#include "base/xalloc.h"
#include "formats/tasks_json_load.h"
#include "formats/tasks_load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- cells ------------------------------------------------------------------------ */

/* A text, or a number as it is written (ids may be); NULL: neither. */
static char *word_of(struct json v)
{
	if (json_is_string(v))
		return load_text_of(v);
	return v.n && strchr("-0123456789", v.p[0]) ? xstrndup(v.p, v.n) : NULL;
}

/* Words in one cell, by the separator that its column knows. */
static int join(struct json_load *l, struct json array, char separator, struct buf *out)
{
	const char *parting = separator == ' ' ? " \t\r\n,;" : ";";
	struct json v = {0};
	size_t nr = 0;

	while (json_next(array, &v)) {
		char shown[EXCERPT_SIZE];
		char *s = word_of(v);

		if (!s)
			return load_refuse(l, v.p, "no word of a list: write a text or a number");
		if (s[strcspn(s, parting)]) {
			tasks_excerpt(s, shown);
			free(s);
			return load_refuse(l, v.p,
			    separator == ' '
				? "'%s' holds a space, comma or semicolon, which part words: use "
				  "'-' or '_'"
				: "'%s' holds a semicolon, which parts paths: rename it",
			    shown);
		}
		if (nr++)
			buf_ch(out, separator);
		buf_str(out, s);
		free(s);
	}
	return 0;
}

static int take_value(struct json_load *l, const struct json_column *c, struct json v,
    struct buf *out)
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
	s = load_text_of(v);
	if (!s)
		return load_refuse(l, v.p, "a NUL (\\u0000) is in it: remove it");
	if (!c->knows_question_mark || strcmp(s, "?") != 0)
		buf_str(out, s);
	free(s);
	return 0;
}

static void begin_cell(struct json_load *l, const char *from, bool is_first)
{
	if (!is_first)
		buf_ch(&l->out->csv, ',');
	VEC_GROW(l->out->origins, l->out->nr, l->out->cap);
	l->out->origins[l->out->nr++] = load_place_of(l, from);
}

/* Every cell in quotes: one of nothing else would be an empty line, which is no row. */
static void put_cell(struct json_load *l, const char *cell)
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
static int add_attachments(struct json_load *l, struct json v, const struct json_column *c,
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
static void place_beside(const struct json_load *l, struct buf *cell)
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

static int put_row_cell(struct json_load *l, struct row *r, size_t i, const char *from,
    bool is_first)
{
	const struct json_column *c = &l->columns[i];
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

static int fill_row(struct json_load *l, uint32_t record, struct row *r)
{
	const char *from = l->records[record].p;
	struct json key = {0}, value = {0};
	bool has_attachments = false, has_contexts = false, is_first = true;
	uint32_t column;
	size_t i;

	memset(r->values, 0, l->nr_columns * sizeof(*r->values));
	buf_reset(&r->contexts);
	while (json_next_member(l->records[record], &key, &value)) {
		if (load_add_column(l, key, &column) < 0)
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

static void put_header(struct json_load *l)
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
	if (has_attachments && !load_column_named(l, "context_path")) {
		begin_cell(l, l->records[0].p, is_first);
		put_cell(l, "context_path");
	}
	buf_ch(&l->out->csv, '\n');
}

int load_write_csv(struct json_load *l)
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
