/* Making batch directories. */
#ifndef AB_ENGINE_CREATE_H
#define AB_ENGINE_CREATE_H

#include "base/err.h"
#include "formats/batch_dir.h"
#include "formats/manifest.h"
#include "model/options.h"

#include <stddef.h>

struct batch_plan {
	const char *batches_dir;
	const char *name; /* NULL: by the time, the first that is free */
	const struct options *options;
	const struct retry_metadata *retry;
	const char
	    *csv; /* becomes tasks.csv, byte for byte; NULL: it comes later, from a planner */
	size_t csv_len;
};

/* Makes directory, tasks.csv and manifest, all flushed, and opens the directory. 1: `name` is taken
 * (never without a name). On failure nothing is left but a directory whose name was given: others
 * have been told that name, and it is filled when it is tried again. */
int batch_create(const struct batch_plan *p, struct batch_dir *out, struct err *err);

/* Fills tasks.csv and manifest of a directory that was made but not finished. */
int batch_create_files(const struct batch_plan *p, const struct batch_dir *dir, struct err *err);

#endif
