/* What an output file is called below extracted/: its own path, brought inside.
 *
 *   extract_name_clean     "./out/../a.md" -> "a.md"; "/etc/x" -> "etc/x"; "../b" -> "b"
 *   extract_names_claim    the first to ask for a path has it; the next one gets "<id>/" in front
 *
 * Names follow from the rows and their order alone, so that collecting again, while more rows are
 * through, puts every file where it was. */
#ifndef AB_FORMATS_EXTRACT_NAMES_H
#define AB_FORMATS_EXTRACT_NAMES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

#include <stdbool.h>

struct extract_names {
	struct map files, dirs; /* what is claimed, and the directories that takes */
	struct arena arena;
};

void extract_names_init(struct extract_names *n);
void extract_names_release(struct extract_names *n);
/* `path` is clean and not empty. Valid until the release. */
const char *extract_names_claim(struct extract_names *n, const char *path, const char *id);

/* Replaces `out` by the path with ".", ".." and empty elements resolved by name; what would lead
 * above its beginning is dropped, as is a "/" in front. Returns whether nothing was: whether the
 * path was relative and stayed inside. */
bool extract_name_clean(struct buf *out, const char *path);

#endif
