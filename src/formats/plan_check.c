#include "formats/plan_check.h"
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

static int meant_column(const char *cell)
{
	int c;

	for (c = 0; c < COL__COUNT; c++)
		if (sounds_like(cell, task_column_name((enum task_column)c)))
			return c;
	return sounds_like(cell, "dependencies") ? COL_DEPENDS_ON : -1;
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

		if (is_row && !task_depends_on(ts, t, id))
			rc = err_set(err,
			    "reply:%u: '%s' uses '{result:%s}', but does not wait for it: add it "
			    "to its depends_on",
			    t->line, tasks_excerpt(t->id, name), tasks_excerpt(id, parent));
		free(id);
		s = word;
	}
	return rc;
}

int plan_check(const struct tasks *ts, const struct plan_opts *opts, const struct map *known,
    struct err *err)
{
	uint32_t i;

	if (check_columns(ts, err) < 0)
		return -1;
	for (i = 0; i < ts->nr; i++)
		if (check_parents(ts, &ts->v[i], opts, known, err) < 0 ||
		    check_results(ts, &ts->v[i], known, err) < 0)
			return -1;
	return 0;
}
