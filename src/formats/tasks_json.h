/* Tasks from JSON: an array of objects, or objects one after the other (JSONL).
 *
 * They are turned into the CSV that the batch keeps and everything else reads, and each of its
 * cells remembers where in the JSON it came from, so that refusals name that place.
 *
 * A key becomes a column of its name. Strings are cells as they are; numbers, true and false as
 * they are written; null is an empty cell; an array of strings or numbers in tags or depends_on gives
 * its words, one in context_path its parts; any other array or object its JSON text. */
#ifndef AB_FORMATS_TASKS_JSON_H
#define AB_FORMATS_TASKS_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/tasks_csv.h"

#include <stdbool.h>
#include <stddef.h>

/* A word of --map that is no column: files that lie beside the JSON, which become further parts of
 * context_path. */
#define ATTACHMENTS_NAME "attachments"

struct tasks_json_opts {
	const char *file; /* how messages name it; "-" is written as "<stdin>" */
	/* "COLUMN=KEY,...", or NULL. What it does not say is as the keys say; records with the keys
	 * Question and task_id are taken for the GAIA benchmark's metadata, whose keys are known. */
	const char *map;
	const char
	    *dir; /* where attachments lie, and paths that `map` takes for context_path; absolute */
};

struct tasks_json {
	struct buf csv;
	struct tasks_origin *origins; /* one a cell, in order */
	size_t nr, cap;
};

/* Whether a file of this name and content is JSON rather than CSV. */
bool tasks_are_json(const char *file, const char *text, size_t len);

/* `out` is initialised here, and released by the caller whatever comes back. -1: err has
 * `FILE:LINE:COL: what, and what to do`. -2: what err tells is wrong with `map` itself. */
int tasks_json_read(struct tasks_json *out, const char *text, size_t len,
    const struct tasks_json_opts *opts, struct err *err);
void tasks_json_release(struct tasks_json *t);

#endif
