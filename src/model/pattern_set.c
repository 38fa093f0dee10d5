#include "model/pattern_set.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void release_rows(struct pattern_rows *rows)
{
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		free(rows->v[i].regex);
		free(rows->v[i].status);
	}
	free(rows->v);
}

void pattern_set_release(struct pattern_set *set)
{
	size_t i;

	for (i = 0; i < TABLE__COUNT; i++)
		release_rows(&set->tables[i]);
	for (i = 0; i < SHAPE__COUNT; i++)
		free(set->shapes[i]);
	for (i = 0; i < set->nr_parts; i++) {
		free(set->parts[i].name);
		free(set->parts[i].regex);
	}
	free(set->parts);
	free(set->file);
	free(set->base_file);
	memset(set, 0, sizeof(*set));
}

static void append_rows(struct pattern_rows *rows, struct pattern_rows *more)
{
	size_t i;

	for (i = 0; i < more->nr; i++) {
		VEC_GROW(rows->v, rows->nr, rows->cap);
		rows->v[rows->nr++] = more->v[i];
	}
	more->nr = 0; /* their strings are the set's now */
}

void pattern_set_inherit(struct pattern_set *set, struct pattern_set *base)
{
	size_t i;

	for (i = 0; i < TABLE__COUNT; i++)
		append_rows(&set->tables[i], &base->tables[i]);
	for (i = 0; i < SHAPE__COUNT; i++) {
		if (set->shapes[i])
			continue;
		set->shapes[i] = base->shapes[i];
		base->shapes[i] = NULL;
	}
	for (i = 0; i < base->nr_parts; i++) {
		struct pattern_part *part = &base->parts[i];

		if (pattern_set_part(set, part->name, strlen(part->name)))
			continue;
		VEC_GROW(set->parts, set->nr_parts, set->cap_parts);
		set->parts[set->nr_parts++] = *part;
		*part = (struct pattern_part){NULL, NULL};
	}
	set->base_file = base->file; /* rows point to it */
	base->file = NULL;
	pattern_set_release(base);
}

const char *pattern_set_part(const struct pattern_set *set, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < set->nr_parts; i++)
		if (strlen(set->parts[i].name) == n && memcmp(set->parts[i].name, name, n) == 0)
			return set->parts[i].regex;
	return NULL;
}

const char *pattern_table_name(enum pattern_table table)
{
	static const char *const names[TABLE__COUNT] = {
	    [TABLE_PROFILE] = "",
	    [TABLE_ANNOUNCEMENT] = "announcements",
	    [TABLE_ERROR] = "errors",
	    [TABLE_SENTENCE] = "sentences",
	    [TABLE_PROSE] = "prose",
	    [TABLE_TRAILER] = "trailers",
	    [TABLE_NOTICE] = "notices",
	};

	return names[table];
}

const char *shape_name(enum shape shape)
{
	static const char *const names[SHAPE__COUNT] = {
	    [SHAPE_TOLD_WAIT] = "wait",
	    [SHAPE_RETRYING] = "retrying",
	    [SHAPE_TOLD_FIELD] = "field",
	    [SHAPE_EPOCH] = "epoch",
	    [SHAPE_RESET] = "reset",
	};

	return names[shape];
}
