#include "exec/shared_patterns.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/share.h"
#include "formats/patterns_json.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_NAME "patterns/" PATTERNS_BASE ".json"
#define FILE_MAX_BYTES ((size_t)1024 * 1024)

static void name_rows(struct pattern_set *set)
{
	size_t t, i;

	for (t = 0; t < TABLE__COUNT; t++)
		for (i = 0; i < set->tables[t].nr; i++)
			set->tables[t].v[i].file = set->file;
}

static int read_set(const char *path, struct pattern_set *set, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = file_read(AT_FDCWD, path, FILE_MAX_BYTES, &text, err);

	if (rc == 0 && patterns_parse(text.data, text.len, set, err) < 0)
		rc = err_prefix(err, "patterns '%s': ", path);
	buf_release(&text);
	if (rc < 0)
		return -1;
	set->file = xstrdup(path);
	name_rows(set);
	return 0;
}

static int read_ours(struct pattern_set *set, struct err *err)
{
	char *path = share_path(SHARE_OURS, FILE_NAME);
	int rc = 0;

	if (access(path, R_OK) < 0)
		rc = err_set(err,
		    "there are no patterns to judge agents by: cannot read '%s'; install "
		    "agent-batch again",
		    path);
	else if (read_set(path, set, err) < 0)
		rc = -1;
	else if (set->has_base)
		rc = err_set(err, "patterns '%s': \"base\": there is none below this one", path);
	free(path);
	return rc;
}

/* The user's, on top of ours where it asks for that; ours, where there is no other. */
static int read_all(struct pattern_set *set, struct err *err)
{
	char *path = share_path(SHARE_USER, FILE_NAME);
	bool has_own = path && access(path, F_OK) == 0;
	struct pattern_set base = {.file = NULL};
	int rc = has_own ? read_set(path, set, err) : read_ours(set, err);

	free(path);
	if (rc < 0 || !has_own || !set->has_base)
		return rc;
	if (read_ours(&base, err) < 0) {
		pattern_set_release(&base);
		return -1;
	}
	pattern_set_inherit(set, &base);
	return 0;
}

static struct pattern_base *compile(struct pattern_set *set, struct err *err)
{
	struct pattern_fault fault;
	struct pattern_base *base = pattern_base_new(set, &fault, err);

	if (base)
		return base;
	if (fault.table == TABLE_PROFILE)
		err_prefix(err, "patterns '%s': ", set->file);
	else
		patterns_refuse_row(set, fault.table, fault.row, err);
	return NULL;
}

/* On success the set is the caller's, too. */
static struct pattern_base *load(struct pattern_set *set, struct err *err)
{
	struct pattern_base *base = NULL;

	*set = (struct pattern_set){.file = NULL};
	if (read_all(set, err) == 0 && patterns_settle(set, err) == 0)
		base = compile(set, err);
	if (!base)
		pattern_set_release(set);
	return base;
}

struct pattern_base *shared_patterns_load(struct err *err)
{
	struct pattern_set set;
	struct pattern_base *base = load(&set, err);

	if (base)
		pattern_set_release(&set);
	return base;
}

int shared_patterns_check(char *files[2], struct err *err)
{
	struct pattern_set set;
	struct pattern_base *base = load(&set, err);
	int nr = 0;

	if (!base)
		return -1;
	pattern_base_free(base);
	files[nr++] = xstrdup(set.file);
	if (set.base_file)
		files[nr++] = xstrdup(set.base_file);
	pattern_set_release(&set);
	return nr;
}
