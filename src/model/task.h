/* The tasks of one CSV: what is to be done, as it was read. formats/tasks_csv.h makes it. */
#ifndef AB_MODEL_TASK_H
#define AB_MODEL_TASK_H

#include "base/arena.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The columns that mean something to us; any other one is kept as it is. */
enum task_column {
	COL_ID,
	COL_AGENT,
	COL_TASK,
	COL_MAX_TURNS,
	COL_MODEL,
	COL_CONTEXT_PATH,
	COL_OUTPUT_FILE,
	COL_TAGS,
	COL_DEPENDS_ON,
	COL_VALIDATE,
	COL_EXPECT,
	COL_TIMEOUT,
	COL_PRIORITY,
	COL__COUNT
};

struct task {
	const char *id; /* the id column, or the number of the data row */
	const char *const *cells; /* one for each column of the file, never NULL, NUL-terminated */
	uint32_t line; /* where the row begins in the file, from 1 */
};

/* Everything lives in the arena, until tasks_release. Rows keep the file's order. */
struct tasks {
	struct arena arena;
	const char **columns; /* header cells as written */
	uint32_t nr_columns;
	int known[COL__COUNT]; /* which column of the file it is, or -1 */
	const char *for_all[COL__COUNT]; /* what every row has there, whatever it says; or NULL */
	struct task *v;
	uint32_t nr, cap;
	struct map by_id; /* id -> index in v */
};

void tasks_init(struct tasks *ts);
void tasks_release(struct tasks *ts);

/* Which known column a header cell names (aliases agent_id and prompt too), or -1. */
int task_column_from_name(const char *name);
const char *task_column_name(enum task_column c);

/* From now on every row has that cell, though the rows stay as they are (a retry CSV has them so). */
void tasks_set_for_all(struct tasks *ts, enum task_column c, const char *cell);
/* The cell, or "" where the file has no such column. */
const char *task_get(const struct tasks *ts, const struct task *t, enum task_column c);
/* By the header's own word or a known column's name; NULL where the file has neither. */
const char *task_get_named(const struct tasks *ts, const struct task *t, const char *name);
/* The index of an id, or MAP_NONE. */
uint32_t tasks_find(const struct tasks *ts, const char *id);

/* One row of a retry CSV, and of the next cycle. */
struct retry_row {
	uint32_t task; /* index into tasks.v */
	uint32_t failed_cycles; /* k of the RETRY-k tag; 0: no tag is written (a skipped row) */
};

/* Splits words at spaces, tabs, newlines, commas and semicolons (tags, depends_on). Returns the
 * next word and its length, moving *s behind it; NULL at the end. */
const char *task_next_word(const char **s, size_t *len);

/* Whether `id` is one of the words of the row's depends_on. */
bool task_depends_on(const struct tasks *ts, const struct task *t, const char *id);

/* The next {result:ID} in a text from `s` on; *id and *len are its ID, which may be none that there
 * is. NULL: there is none. */
const char *task_next_result(const char *s, const char **id, size_t *len);

/* Splits a context_path at its semicolons: as above, but blanks are cut from both ends only, and
 * empty parts come too (an empty first part is the directory where launch was called; later ones
 * say nothing). *s is NULL behind the last part. base/path.h makes a path of a part. */
const char *task_next_part(const char **s, size_t *len);

#endif
