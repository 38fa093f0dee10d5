/* What rows are to each other: who waits for whom, and who may overwrite whose files. */
#include "base/xalloc.h"
#include "formats/tasks_load.h"

#include <stdlib.h>
#include <string.h>

/* ---- dependencies ---- */

static void check_depends_on(struct tasks_load *l, uint32_t i)
{
	struct tasks *ts = l->ts;
	const struct graph_met *met = l->opts->met;
	const char *s = task_get(ts, &ts->v[i], COL_DEPENDS_ON);
	char name[EXCERPT_SIZE];
	const char *w;
	size_t len;

	while (!l->is_over && (w = task_next_word(&s, &len))) {
		char id[TASK_ID_MAX + 2];

		/* Longer than any id, it is told apart from all of them by its first bytes. */
		len = len < sizeof(id) ? len : sizeof(id) - 1;
		memcpy(id, w, len);
		id[len] = '\0';
		if (tasks_find(ts, id) != MAP_NONE || (met && met->is_met(met->ctx, id)))
			continue;
		tasks_fault(l, &l->spans[i], (uint32_t)ts->known[COL_DEPENDS_ON],
		    "unknown dependency '%s': no row has this id, add one or remove it here",
		    tasks_excerpt(id, name));
	}
}

#define CYCLE_SHOWN 12

static void tell_cycle(struct tasks_load *l, const uint32_t *rows, size_t nr)
{
	const struct tasks *ts = l->ts;
	struct buf text = BUF_INIT;
	char name[EXCERPT_SIZE];
	size_t k;

	for (k = 0; k < nr; k++) {
		if (nr > CYCLE_SHOWN && k == CYCLE_SHOWN - 1) {
			buf_fmt(&text, "... %zu more ... -> ", nr - CYCLE_SHOWN);
			k = nr - 1;
		}
		buf_fmt(&text, "%s -> ", tasks_excerpt(ts->v[rows[k]].id, name));
	}
	buf_str(&text, tasks_excerpt(ts->v[rows[0]].id, name));
	tasks_fault(l, &l->spans[rows[0]], (uint32_t)ts->known[COL_DEPENDS_ON],
	    "dependency cycle %s: each waits for the next, remove one of them", text.data);
	buf_release(&text);
}

/* ---- rows that may overwrite each other ---- */

/* Pairs of rows that were found, and the first of them: one warning is enough to make people look,
 * a thousand would hide the others. */
struct pairs {
	uint32_t nr, first, second;
};

static void add_pair(struct pairs *p, uint32_t first, uint32_t second)
{
	if (p->nr++ == 0) {
		p->first = first;
		p->second = second;
	}
}

/* The directory is part of the name, but where the name says all or there is only one. */
static const char *output_key(struct tasks_load *l, uint32_t i, struct arena *keys)
{
	const char *name = task_get(l->ts, &l->ts->v[i], COL_OUTPUT_FILE);

	while (name[0] == '.' && name[1] == '/')
		name += 2;
	if (name[0] == '\0' || name[0] == '/' || l->dirs.nr == 1)
		return name;
	buf_reset(&l->path);
	buf_fmt(&l->path, "%x/%s", l->dir_of[i], name);
	return arena_strndup(keys, l->path.data, l->path.len);
}

static struct pairs same_outputs(struct tasks_load *l)
{
	struct pairs found = {0, 0, 0};
	struct arena keys;
	struct map writers;
	uint32_t i, first;

	if (l->ts->known[COL_OUTPUT_FILE] < 0)
		return found;
	arena_init(&keys);
	map_init(&writers);
	for (i = 0; i < l->ts->nr; i++) {
		const char *key = output_key(l, i, &keys);

		first = key[0] ? map_put(&writers, key, i) : i;
		if (first != i)
			add_pair(&found, first, i);
	}
	map_release(&writers);
	arena_release(&keys);
	return found;
}

/* What a row names as its directory: "" where it names none, but perhaps further context. */
static const char *named_dir(const struct tasks *ts, uint32_t i, char out[EXCERPT_SIZE])
{
	const char *cell = task_get(ts, &ts->v[i], COL_CONTEXT_PATH);
	size_t len;
	const char *part = task_next_part(&cell, &len);
	char *copy = xstrndup(part, len);

	tasks_excerpt(copy, out);
	free(copy);
	return out;
}

/* Rows that name one directory and may be in it at the same time: a chain, where each waits for
 * the one before, works in turns and is what a shared directory is for. */
static struct pairs same_dirs(struct tasks_load *l, const struct graph *g)
{
	struct pairs found = {0, 0, 0};
	uint32_t *last = xmalloc((l->dirs.nr + 1) * sizeof(*last));
	char dir[EXCERPT_SIZE];
	uint32_t i;

	memset(last, 0xff, (l->dirs.nr + 1) * sizeof(*last));
	for (i = 0; i < l->ts->nr; i++) {
		uint32_t *before = &last[l->dir_of[i]];

		if (named_dir(l->ts, i, dir)[0] == '\0')
			continue;
		if (*before != MAP_NONE && !graph_waits_for(g, i, *before))
			add_pair(&found, *before, i);
		*before = i;
	}
	free(last);
	return found;
}

static void warn_of_pairs(struct tasks_load *l, const struct pairs *found, enum task_column c,
    const char *what, const char *advice)
{
	const struct tasks *ts = l->ts;
	char a[EXCERPT_SIZE], b[EXCERPT_SIZE], cell[EXCERPT_SIZE], more[48] = "";

	if (found->nr == 0)
		return;
	if (found->nr > 1)
		snprintf(more, sizeof(more), " (and %u more such row%s)", found->nr - 1,
		    found->nr == 2 ? "" : "s");
	tasks_excerpt(ts->v[found->first].id, a);
	tasks_excerpt(ts->v[found->second].id, b);
	if (c == COL_CONTEXT_PATH)
		named_dir(ts, found->second, cell);
	else
		tasks_excerpt(task_get(ts, &ts->v[found->second], c), cell);
	tasks_warn(l, &l->spans[found->second], (uint32_t)ts->known[c],
	    "rows '%s' and '%s' %s '%s'%s and may overwrite each other: %s", a, b, what, cell, more,
	    advice);
}

static void check_sharing(struct tasks_load *l, const struct graph *g)
{
	struct pairs outputs = same_outputs(l);
	struct pairs dirs = same_dirs(l, g);

	warn_of_pairs(l, &outputs, COL_OUTPUT_FILE, "write the same output_file",
	    "give each its own");
	if (!l->opts->dirs_are_exclusive)
		warn_of_pairs(l, &dirs, COL_CONTEXT_PATH, "work in the same directory",
		    "give each its own, let them take turns by --exclusive-dir, or have one wait "
		    "for the other by depends_on");
}

void tasks_check_relations(struct tasks_load *l, struct graph *g)
{
	struct graph_unknown unknown;
	uint32_t *rows, i;
	size_t nr;

	if (graph_build(g, l->ts, l->opts->met, &unknown) < 0) {
		/* It stops at the first one; people want to see all. */
		for (i = unknown.task; i < l->ts->nr && !l->is_over; i++)
			check_depends_on(l, i);
		if (l->nr_faults == 0)
			BUG("'%s' is met and is not", unknown.id);
		return;
	}
	nr = graph_find_cycle(g, &rows);
	if (nr)
		tell_cycle(l, rows, nr);
	else if (l->dir_of && l->nr_faults == 0)
		check_sharing(l, g);
	free(rows);
}
