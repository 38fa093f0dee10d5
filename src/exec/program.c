#include "exec/program.h"
#include "base/xalloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False with errno. */
static bool is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || access(path, X_OK) < 0)
		return false;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
	return S_ISREG(st.st_mode);
}

static char *find_on_path(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");
		char *full = xasprintf("%.*s/%s", (int)len, path, program);

		if (is_program(full))
			return full;
		free(full);
		path += len + (path[len] == ':');
	}
	return NULL;
}

char *program_find(const char *program, const char *base, struct err *err)
{
	char *path;

	if (!strchr(program, '/')) {
		path = find_on_path(program);
		if (!path)
			err_set(err, "cannot run '%s': no such program on the PATH", program);
		return path;
	}
	path = program[0] == '/' ? xstrdup(program) : xasprintf("%s/%s", base, program);
	if (is_program(path))
		return path;
	err_sys(err, errno, "cannot run '%s'", program);
	free(path);
	return NULL;
}
