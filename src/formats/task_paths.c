#include "formats/task_paths.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

const char *task_base_dir(const struct options *o)
{
	return o->cwd ? o->cwd : ".";
}

char *task_directory(const struct options *o, const struct tasks *ts, const struct task *t)
{
	const char *paths = task_get(ts, t, COL_CONTEXT_PATH);
	struct buf path = BUF_INIT;
	size_t len;
	const char *first = task_next_part(&paths, &len);

	path_resolve(&path, task_base_dir(o), first, len);
	return buf_detach(&path);
}

char *task_output_path(const struct options *o, const struct tasks *ts, const struct task *t)
{
	const char *out = task_get(ts, t, COL_OUTPUT_FILE);
	struct buf path = BUF_INIT;
	char *dir;

	if (!*out)
		return NULL;
	dir = task_directory(o, ts, t);
	path_resolve(&path, dir, out, strlen(out));
	free(dir);
	return buf_detach(&path);
}
