#include "exec/profiles.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/program.h"
#include "exec/share.h"
#include "formats/profile_json.h"
#include "policy/patterns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".json"
#define NAME_MAX_BYTES 64
#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define MAX_BASES 8 /* a profile builds on one that builds on one ... */

const char *libexec_dir(void)
{
	static char dir[PATH_MAX];

	if (!dir[0])
		snprintf(dir, sizeof(dir), "%s/../libexec/agent-batch", exe_dir());
	return dir;
}

/* The user's own directory goes before ours. NULL: no home to look in. malloc'ed. */
static char *profile_dir(int place)
{
	return share_path((enum share_place)place, "profiles");
}

/* The path of the file that a name stands for, from a directory on; NULL: there is none.
 * malloc'ed. */
static char *find_file(const char *name, int first_dir)
{
	int i;

	if (!is_safe_name(name, NAME_MAX_BYTES))
		return NULL;
	for (i = first_dir; i < SHARE__COUNT; i++) {
		char *dir = profile_dir(i);
		char *path = dir ? xasprintf("%s/%s" SUFFIX, dir, name) : NULL;

		free(dir);
		if (path && access(path, F_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

bool profile_exists(const char *name)
{
	char *path = find_file(name, 0);

	free(path);
	return path != NULL;
}

bool profile_is_ours(const struct profile *p)
{
	char *dir = profile_dir(SHARE_OURS);
	bool is_ours = p->path && strncmp(p->path, dir, strlen(dir)) == 0;

	free(dir);
	return is_ours;
}

char *profile_program(const struct profile *p)
{
	static const char libexec[] = "{libexec}/";
	const char *word = p->command.v[0].text;
	char *full = NULL, *path;

	if (strncmp(word, libexec, strlen(libexec)) == 0)
		full = xasprintf("%s/%s", libexec_dir(), word + strlen(libexec));
	path = program_find(full ? full : word, ".", NULL);
	free(full);
	return path;
}

static int unknown_profile(const char *name, struct err *err)
{
	char **names = NULL;
	struct buf list = BUF_INIT;
	size_t nr = 0, i;

	if (profile_list(&names, &nr, err) < 0)
		return -1;
	for (i = 0; i < nr; i++)
		buf_fmt(&list, "%s%s", i ? ", " : "", names[i]);
	err_set(err, "unknown profile '%s': there are %s", name, nr ? list.data : "none");
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	buf_release(&list);
	return 1;
}

static int refuse_file(const char *path, struct err *err)
{
	return err_prefix(err, "profile '%s': ", path);
}

static int parse_file(const char *path, const char *name, struct profile *p, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = file_read(AT_FDCWD, path, FILE_MAX_BYTES, &text, err);

	if (rc == 0 && profile_parse(text.data, text.len, p, err) < 0)
		rc = refuse_file(path, err);
	buf_release(&text);
	if (rc < 0)
		return -1;
	if (p->name && strcmp(p->name, name) != 0) {
		err_set(err, "\"name\" is '%s', but the file is called '%s'", p->name, name);
		profile_release(p);
		return refuse_file(path, err);
	}
	if (!p->name)
		p->name = xstrdup(name);
	p->path = xstrdup(path);
	return 0;
}

/* Patterns are compiled here once to be thrown away: a broken one is to be known before a batch
 * begins, not when the first agent has failed. */
static int check_patterns(const struct profile *p, struct err *err)
{
	size_t i;

	for (i = 0; i < p->nr_patterns; i++)
		if (pattern_check(p->patterns[i].regex, err) < 0)
			return err_prefix(err, "\"patterns[%zu].regex\": ", i);
	if (pattern_check(p->answer.after, err) < 0)
		return err_prefix(err, "\"answer.after\": ");
	if (pattern_check(p->answer.until, err) < 0)
		return err_prefix(err, "\"answer.until\": ");
	if (pattern_check(p->answer.skip, err) < 0)
		return err_prefix(err, "\"answer.skip\": ");
	return 0;
}

static int load(const char *name, int first_dir, unsigned depth, struct profile *p,
    struct err *err);

/* A profile may build on the one of its own name that comes with the program. */
static int load_base(struct profile *p, unsigned depth, struct err *err)
{
	bool is_own = strcmp(p->base, p->name) == 0;
	struct profile base;
	int rc;

	if (depth >= MAX_BASES)
		return err_set(err, "\"base\": '%.60s' leads round in a circle", p->base);
	rc = load(p->base, is_own ? SHARE_OURS : 0, depth + 1, &base, err);
	if (rc > 0)
		return err_set(err, "\"base\": there is no profile '%.60s'%s", p->base,
		    is_own ? " of ours" : "");
	if (rc == 0)
		profile_inherit(p, &base);
	return rc;
}

/* As profile_load; looks from a directory on. 1: err is not set. */
static int load(const char *name, int first_dir, unsigned depth, struct profile *p, struct err *err)
{
	char *path = find_file(name, first_dir);
	int rc;

	memset(p, 0, sizeof(*p));
	if (!path)
		return 1;
	rc = parse_file(path, name, p, err);
	free(path);
	if (rc < 0)
		return -1;
	if ((p->base && load_base(p, depth, err) < 0) || profile_settle(p, err) < 0 ||
	    check_patterns(p, err) < 0) {
		refuse_file(p->path, err);
		profile_release(p);
		return -1;
	}
	return 0;
}

int profile_load(const char *name, struct profile *p, struct err *err)
{
	int rc = load(name, 0, 0, p, err);

	return rc > 0 ? unknown_profile(name, err) : rc;
}

/* ---- list ---- */

struct name_list {
	char **v;
	size_t nr, cap;
};

static void add_name(struct name_list *list, const char *file)
{
	size_t len = strlen(file), i;
	char *name;

	if (len <= strlen(SUFFIX) || strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0)
		return;
	name = xstrndup(file, len - strlen(SUFFIX));
	for (i = 0; i < list->nr; i++) {
		if (strcmp(list->v[i], name) == 0) {
			free(name); /* the user's goes before ours */
			return;
		}
	}
	VEC_GROW(list->v, list->nr, list->cap);
	list->v[list->nr++] = name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int profile_list(char ***names, size_t *nr, struct err *err)
{
	struct name_list list = {0};
	int rc = 0, i;

	for (i = 0; i < SHARE__COUNT; i++) {
		char *path = profile_dir(i);
		DIR *dir = path ? opendir(path) : NULL;
		struct dirent *entry;

		if (path && !dir && errno != ENOENT && errno != ENOTDIR && rc == 0)
			rc = err_sys(err, errno, "cannot open directory '%s'", path);
		while (dir && (entry = readdir(dir)))
			add_name(&list, entry->d_name);
		if (dir)
			closedir(dir);
		free(path);
	}
	if (list.nr)
		qsort(list.v, list.nr, sizeof(*list.v), compare_names);
	*names = list.v;
	*nr = list.nr;
	return rc;
}
