#include "formats/workdirs.h"
#include "base/arena.h"
#include "base/xalloc.h"
#include "formats/task_paths.h"

#include <stdlib.h>
#include <sys/stat.h>

static uint32_t number_of(const char *path, struct map *seen, struct arena *keys)
{
	struct stat st;
	char *key;
	uint32_t n;

	if (stat(path, &st) == 0)
		key = xasprintf("%llx:%llx", (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino);
	else
		key = xstrdup(path);
	n = map_get(seen, key);
	if (n == MAP_NONE)
		n = map_put(seen, arena_strdup(keys, key), (uint32_t)seen->nr);
	free(key);
	return n;
}

uint32_t *workdirs_number(const struct options *o, const struct tasks *ts)
{
	uint32_t *of = xcalloc(ts->nr + 1, sizeof(*of));
	struct map by_path = MAP_INIT, seen = MAP_INIT;
	struct arena keys = ARENA_INIT;
	uint32_t i;

	for (i = 0; i < ts->nr; i++) {
		char *path = task_directory(o, ts, &ts->v[i]);

		/* Most rows name what others name: one look a name. */
		of[i] = map_get(&by_path, path);
		if (of[i] == MAP_NONE)
			of[i] = map_put(&by_path, arena_strdup(&keys, path),
			    number_of(path, &seen, &keys));
		free(path);
	}
	map_release(&by_path);
	map_release(&seen);
	arena_release(&keys);
	return of;
}
