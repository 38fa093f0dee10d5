#include "formats/extract_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void extract_names_init(struct extract_names *n)
{
	map_init(&n->files);
	map_init(&n->dirs);
	arena_init(&n->arena);
}

void extract_names_release(struct extract_names *n)
{
	map_release(&n->files);
	map_release(&n->dirs);
	arena_release(&n->arena);
}

/* Whether a directory that the path lies in is a file by now, or the path is a directory. */
static bool is_taken(const struct extract_names *n, char *path)
{
	bool is_below_file = false;
	char *slash;

	for (slash = strchr(path, '/'); slash && !is_below_file; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		is_below_file = map_get(&n->files, path) != MAP_NONE;
		*slash = '/';
	}
	return is_below_file || map_get(&n->files, path) != MAP_NONE ||
	    map_get(&n->dirs, path) != MAP_NONE;
}

static void take(struct extract_names *n, const char *path)
{
	const char *slash;

	map_put(&n->files, path, 1);
	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *dir = arena_strndup(&n->arena, path, (size_t)(slash - path));

		map_put(&n->dirs, dir, 1);
	}
}

const char *extract_names_claim(struct extract_names *n, const char *path, const char *id)
{
	struct buf name = BUF_INIT;
	const char *claimed;
	unsigned k;

	buf_str(&name, path);
	/* "<id>" itself may be somebody's file: then "<id>.2/", and so on. */
	for (k = 1; is_taken(n, name.data); k++) {
		buf_reset(&name);
		if (k == 1)
			buf_fmt(&name, "%s/%s", id, path);
		else
			buf_fmt(&name, "%s.%u/%s", id, k, path);
	}
	claimed = arena_strndup(&n->arena, name.data, name.len);
	take(n, claimed);
	buf_release(&name);
	return claimed;
}

/* Back over the last element. */
static bool drop_element(struct buf *out)
{
	const char *slash;

	if (out->len == 0)
		return false;
	slash = strrchr(out->data, '/');
	buf_cut(out, slash ? (size_t)(slash - out->data) : 0);
	return true;
}

bool extract_name_clean(struct buf *out, const char *path)
{
	bool is_inside = *path != '/';

	buf_reset(out);
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0) {
			is_inside &= drop_element(out);
		} else if (len > 0 && !(len == 1 && *path == '.')) {
			if (out->len)
				buf_ch(out, '/');
			buf_add(out, path, len);
		}
		path += len;
		path += *path == '/';
	}
	return is_inside;
}
