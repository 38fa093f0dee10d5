/* What the cells of one row must hold. */
#include "base/path.h"
#include "base/xalloc.h"
#include "formats/tasks_load.h"
#include "model/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- numbers: by hand, since strtod would want a decimal comma in some locales ---- */

static const char *read_digits(const char *s, double *value)
{
	for (*value = 0; *s >= '0' && *s <= '9'; s++)
		*value = *value * 10 + (*s - '0');
	return s;
}

/* Digits, perhaps a point and more digits; at least one of them. */
static bool parse_seconds(const char *s, double *out)
{
	double whole, part = 0;
	const char *point = read_digits(s, &whole);
	const char *end = point;
	ptrdiff_t i;

	if (*point == '.') {
		end = read_digits(point + 1, &part);
		/* Digits past the ninth are below any clock. */
		for (i = 0; i < end - point - 1; i++)
			part /= 10;
	}
	*out = whole + part;
	return end > s && !(*s == '.' && end == s + 1) && *end == '\0' &&
	    *out <= OPTION_SECONDS_MAX;
}

static bool parse_whole(const char *s, long min, long max, long *out)
{
	bool is_negative = *s == '-' && min < 0;
	const char *digits = s + (is_negative || (*s == '+' && min < 0));
	double value;
	const char *end = read_digits(digits, &value);

	if (is_negative)
		value = -value;
	if (end == digits || *end || value < (double)min || value > (double)max)
		return false;
	*out = (long)value;
	return true;
}

double task_timeout_s(const struct tasks *ts, const struct task *t)
{
	double s;

	return parse_seconds(task_get(ts, t, COL_TIMEOUT), &s) ? s : 0;
}

long task_max_turns(const struct tasks *ts, const struct task *t)
{
	long n;

	return parse_whole(task_get(ts, t, COL_MAX_TURNS), 1, INT_MAX, &n) ? n : 0;
}

static void number_fault(struct tasks_load *l, uint32_t i, enum task_column c, const char *advice)
{
	char value[EXCERPT_SIZE];

	tasks_fault(l, &l->spans[i], (uint32_t)l->ts->known[c],
	    "bad number '%s' in column '%s': %s",
	    tasks_excerpt(task_get(l->ts, &l->ts->v[i], c), value), l->ts->columns[l->ts->known[c]],
	    advice);
}

static void check_numbers(struct tasks_load *l, uint32_t i)
{
	const struct tasks *ts = l->ts;
	const struct task *t = &ts->v[i];
	const char *turns = task_get(ts, t, COL_MAX_TURNS);
	const char *timeout = task_get(ts, t, COL_TIMEOUT);
	const char *priority = task_get(ts, t, COL_PRIORITY);
	double s;
	long n;

	if (turns[0] && !parse_whole(turns, 1, INT_MAX, &n))
		number_fault(l, i, COL_MAX_TURNS, "write a whole number from 1 up, or nothing");
	if (timeout[0] && !parse_seconds(timeout, &s))
		number_fault(l, i, COL_TIMEOUT,
		    "write seconds, such as 90 or 0.5, 0 for none, or nothing");
	if (priority[0] && !parse_whole(priority, INT_MIN, INT_MAX, &n))
		number_fault(l, i, COL_PRIORITY,
		    "write a whole number, such as 10 or -1, or nothing");
}

/* ---- profiles ---- */

static void check_profile(struct tasks_load *l, uint32_t i)
{
	const char *name = task_get(l->ts, &l->ts->v[i], COL_AGENT);
	char shown[EXCERPT_SIZE];
	uint32_t is_there;

	if (name[0] == '\0' || !l->opts->has_profile)
		return;
	is_there = map_get(&l->profiles, name);
	if (is_there == MAP_NONE)
		is_there = map_put(&l->profiles, name,
		    l->opts->has_profile(l->opts->profile_ctx, name) ? 1 : 0);
	if (!is_there)
		tasks_fault(l, &l->spans[i], (uint32_t)l->ts->known[COL_AGENT],
		    "unknown profile '%s': %s", tasks_excerpt(name, shown),
		    l->opts->how_to_name_agents
			? l->opts->how_to_name_agents
			: "agent-batch-profile(5) tells where profiles are looked for");
}

/* ---- context paths ---- */

/* NULL when the path will do; else what it is not. */
static const char *path_fault(const char *path, bool is_dir_wanted, struct stat *st)
{
	if (stat(path, st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? "is not there" : strerror(errno);
	if (is_dir_wanted && !S_ISDIR(st->st_mode))
		return "is no directory";
	if (access(path, is_dir_wanted ? X_OK : R_OK) < 0)
		return "may not be used by you";
	return NULL;
}

static void tell_context(struct tasks_load *l, uint32_t i, const char *part, const char *what)
{
	int c = l->ts->known[COL_CONTEXT_PATH];
	char shown[EXCERPT_SIZE], path[EXCERPT_SIZE];

	tasks_fault(l, &l->spans[i], c < 0 ? 0 : (uint32_t)c,
	    "missing context path '%s': '%s' %s, make it or correct it here",
	    tasks_excerpt(part, shown), tasks_excerpt(l->path.data, path), what);
}

static uint32_t dir_number(struct tasks_load *l, const struct stat *st)
{
	char key[64];
	uint32_t n;

	snprintf(key, sizeof(key), "%llx:%llx", (unsigned long long)st->st_dev,
	    (unsigned long long)st->st_ino);
	n = map_get(&l->dirs, key);
	if (n != MAP_NONE)
		return n;
	return map_put(&l->dirs, arena_strdup(&l->ts->arena, key), (uint32_t)l->dirs.nr);
}

/* Looks at every part. The number of the working directory, or CONTEXT_BAD. */
static uint32_t judge_context(struct tasks_load *l, uint32_t i, const char *cell)
{
	uint32_t dir = CONTEXT_BAD;
	bool is_first = true;
	const char *part;
	size_t len;

	while ((part = task_next_part(&cell, &len))) {
		const char *what = NULL;
		struct stat st;

		if (len || is_first) {
			path_resolve(&l->path, l->opts->cwd, part, len);
			what = path_fault(l->path.data, is_first, &st);
		}
		if (what) {
			char *copy = xstrndup(part, len);

			tell_context(l, i, copy, what);
			free(copy);
			return CONTEXT_BAD;
		}
		if (is_first)
			dir = dir_number(l, &st);
		is_first = false;
	}
	return dir;
}

static void check_context(struct tasks_load *l, uint32_t i)
{
	const char *cell = task_get(l->ts, &l->ts->v[i], COL_CONTEXT_PATH);
	uint32_t dir;

	if (!l->opts->cwd)
		return;
	dir = map_get(&l->contexts, cell);
	/* A bad one is asked again: each row that names it is told. */
	if (dir == MAP_NONE || dir == CONTEXT_BAD) {
		dir = judge_context(l, i, cell);
		map_put(&l->contexts, cell, dir);
	}
	if (l->opts->warn) {
		VEC_GROW(l->dir_of, i, l->cap_dir_of);
		l->dir_of[i] = dir;
	}
}

/* ---- the task ---- */

/* It may be meant as it stands; but most likely the dependency was forgotten. */
static void warn_of_results(struct tasks_load *l, uint32_t i)
{
	const struct tasks *ts = l->ts;
	const char *s = task_get(ts, &ts->v[i], COL_TASK), *word;
	char shown[EXCERPT_SIZE];
	size_t len;

	while (l->opts->warn && (s = task_next_result(s, &word, &len))) {
		char *id = xstrndup(word, len);

		if (!task_depends_on(ts, &ts->v[i], id))
			tasks_warn(l, &l->spans[i], (uint32_t)ts->known[COL_TASK],
			    "the agent gets '{result:%s}' as it stands: put the row into "
			    "depends_on if its result is meant",
			    tasks_excerpt(id, shown));
		free(id);
		s = word;
	}
}

static void check_task(struct tasks_load *l, uint32_t i)
{
	const char *text = task_get(l->ts, &l->ts->v[i], COL_TASK);

	if (text[strspn(text, " \t\r\n")] == '\0')
		tasks_fault(l, &l->spans[i], (uint32_t)l->ts->known[COL_TASK],
		    "the task is empty: say what is to be done, or remove the row");
}

/* ---- the output file ---- */

/* NULL when it can be a file's path; else what is wrong. */
static const char *output_fault(const char *path)
{
	const char *name = path;
	size_t len;

	for (; *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		name = path;
		if (len > NAME_MAX)
			return "a name in it is longer than 255 bytes";
		if (path[len] == '/' && path[len + 1] == '\0')
			return "it is a directory";
	}
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "it is a directory";
	return NULL;
}

static void check_output(struct tasks_load *l, uint32_t i)
{
	const char *path = task_get(l->ts, &l->ts->v[i], COL_OUTPUT_FILE);
	const char *what = strlen(path) < PATH_MAX ? NULL : "it is longer than 4095 bytes";
	char shown[EXCERPT_SIZE];

	if (!*path)
		return;
	if (!what)
		what = output_fault(path);
	if (what)
		tasks_fault(l, &l->spans[i], (uint32_t)l->ts->known[COL_OUTPUT_FILE],
		    "no output file can be '%s': %s; name a file", tasks_excerpt(path, shown),
		    what);
}

void tasks_check_row(struct tasks_load *l, uint32_t i)
{
	check_task(l, i);
	warn_of_results(l, i);
	check_profile(l, i);
	check_numbers(l, i);
	check_context(l, i);
	check_output(l, i);
}
