#include "formats/plan_check.h"
#include "base/arena.h"
#include "base/xalloc.h"
#include "formats/tasks_load.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- columns ------------------------------------------------------------------------- */

/* "Depends-On" and "dependsOn" are "depends_on" to whoever has written them. */
static bool sounds_like(const char *cell, const char *name)
{
	for (;; cell++, name++) {
		while (*cell == '_' || *cell == '-' || *cell == ' ')
			cell++;
		while (*name == '_')
			name++;
		if (tolower((unsigned char)*cell) != *name)
			return false;
		if (*name == '\0')
			return true;
	}
}

/* A column of one's own is harmless; one that should have made a row wait is not. */
static const char *const waits[] = {"dependencies", "dependency", "depends", "deps", "requires",
    "prerequisites", "needs", "after", "blocked_by", "parents"};

static int meant_column(const char *cell)
{
	size_t i;
	int c;

	for (c = 0; c < COL__COUNT; c++)
		if (sounds_like(cell, task_column_name((enum task_column)c)))
			return c;
	for (i = 0; i < ARRAY_LEN(waits); i++)
		if (sounds_like(cell, waits[i]))
			return COL_DEPENDS_ON;
	return -1;
}

static int check_columns(const struct tasks *ts, struct err *err)
{
	char shown[EXCERPT_SIZE];
	uint32_t i;

	for (i = 0; i < ts->nr_columns; i++) {
		int meant =
		    task_column_from_name(ts->columns[i]) >= 0 ? -1 : meant_column(ts->columns[i]);

		/* Where both are there, the other is something else. */
		if (meant >= 0 && ts->known[meant] < 0)
			return err_set(err, "reply:%u: '%s' means nothing: call it '%s'",
			    ts->v[0].line, tasks_excerpt(ts->columns[i], shown),
			    task_column_name((enum task_column)meant));
	}
	return 0;
}

/* ---- rows ----------------------------------------------------------------------------- */

static int check_parents(const struct tasks *ts, const struct task *t, const struct plan_opts *opts,
    const struct map *known, struct err *err)
{
	const char *s = task_get(ts, t, COL_DEPENDS_ON), *word;
	char name[EXCERPT_SIZE], parent[EXCERPT_SIZE];
	size_t len;
	int rc = 0;

	while (rc == 0 && (word = task_next_word(&s, &len))) {
		char *id = xstrndup(word, len);
		uint32_t k = map_get(known, id);

		if (k != MAP_NONE && !opts->known[k].is_completed)
			rc = err_set(err,
			    "reply:%u: '%s' depends on '%s', which did not complete: depend on "
			    "rows that did, or plan its work anew",
			    t->line, tasks_excerpt(t->id, name), tasks_excerpt(id, parent));
		free(id);
	}
	return rc;
}

/* "..." stands in an example, or for what its writer has left out. */
static int check_text(const struct tasks *ts, const struct task *t, struct err *err)
{
	const char *text = task_get(ts, t, COL_TASK), *s = text;
	char name[EXCERPT_SIZE], shown[EXCERPT_SIZE];

	while (*s && !isalnum((unsigned char)*s) && (signed char)*s > 0)
		s++;
	if (*s && strcmp(s, "\xe2\x80\xa6") != 0)
		return 0;
	return err_set(err, "reply:%u: the task of '%s' is '%s': say what is to be done", t->line,
	    tasks_excerpt(t->id, name), tasks_excerpt(text, shown));
}

/* A row gets results of those alone that it waits for. */
static int check_results(const struct tasks *ts, const struct task *t, const struct map *known,
    struct err *err)
{
	const char *s = task_get(ts, t, COL_TASK), *word;
	char name[EXCERPT_SIZE], parent[EXCERPT_SIZE];
	size_t len;
	int rc = 0;

	while (rc == 0 && (s = task_next_result(s, &word, &len))) {
		char *id = xstrndup(word, len);
		bool is_row = tasks_find(ts, id) != MAP_NONE || map_get(known, id) != MAP_NONE;

		if (!is_row)
			rc = err_set(err,
			    "reply:%u: '%s' uses '{result:%s}', and no row has this id: correct it",
			    t->line, tasks_excerpt(t->id, name), tasks_excerpt(id, parent));
		else if (!task_depends_on(ts, t, id))
			rc = err_set(err,
			    "reply:%u: '%s' uses '{result:%s}', but does not wait for it: add it "
			    "to its depends_on",
			    t->line, tasks_excerpt(t->id, name), tasks_excerpt(id, parent));
		free(id);
		s = word;
	}
	return rc;
}

/* ---- files ----------------------------------------------------------------------------- */

struct writers {
	struct map first; /* directory and file -> the row */
	struct arena keys; /* its keys */
	uint32_t *last; /* by the first one: the row behind which the next one writes */
};

/* Two that write one file: one must wait for the other, or a result is lost. */
static int check_file(const struct tasks *ts, uint32_t row, struct writers *w, struct err *err)
{
	const struct task *t = &ts->v[row], *before;
	const char *file = task_get(ts, t, COL_OUTPUT_FILE);
	char name[EXCERPT_SIZE], shown[EXCERPT_SIZE], other[EXCERPT_SIZE];
	uint32_t first;
	char *key;
	int rc = 0;

	if (!*file)
		return 0;
	key = xasprintf("%s\n%s", task_get(ts, t, COL_CONTEXT_PATH), file);
	first = map_put(&w->first, arena_strdup(&w->keys, key), row);
	free(key);
	before = &ts->v[first == row ? row : w->last[first]];
	w->last[first] = row;
	if (before != t && !task_depends_on(ts, t, before->id) &&
	    !task_depends_on(ts, before, t->id))
		rc = err_set(err,
		    "reply:%u: '%s' writes '%s', as '%s' does: name another output_file, or let it "
		    "depend on '%s'",
		    t->line, tasks_excerpt(t->id, name), tasks_excerpt(file, shown),
		    tasks_excerpt(before->id, other), other);
	return rc;
}

static int check_files(const struct tasks *ts, struct err *err)
{
	struct writers w = {
	    .first = MAP_INIT,
	    .keys = ARENA_INIT,
	    .last = xcalloc(ts->nr ? ts->nr : 1, sizeof(*w.last)),
	};
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ts->nr; i++)
		rc = check_file(ts, i, &w, err);
	map_release(&w.first);
	arena_release(&w.keys);
	free(w.last);
	return rc;
}

/* ---- all of it --------------------------------------------------------------------------- */

int plan_check(const struct tasks *ts, const struct plan_opts *opts, const struct map *known,
    struct err *err)
{
	uint32_t i;

	if (check_columns(ts, err) < 0)
		return -1;
	for (i = 0; i < ts->nr; i++)
		if (check_text(ts, &ts->v[i], err) < 0 ||
		    check_parents(ts, &ts->v[i], opts, known, err) < 0 ||
		    check_results(ts, &ts->v[i], known, err) < 0)
			return -1;
	return check_files(ts, err);
}
