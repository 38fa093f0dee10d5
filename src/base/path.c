#include "base/path.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home && home[0])
		return home;
	pw = getpwuid(getuid());
	return pw && pw->pw_dir && pw->pw_dir[0] ? pw->pw_dir : "/";
}

void path_resolve(struct buf *out, const char *cwd, const char *path, size_t len)
{
	buf_reset(out);
	if (len && path[0] == '~' && (len == 1 || path[1] == '/')) {
		buf_str(out, home_dir());
		buf_add(out, path + 1, len - 1);
		return;
	}
	if (len == 0 || path[0] != '/') {
		buf_str(out, cwd);
		if (len && !(out->len && out->data[out->len - 1] == '/'))
			buf_ch(out, '/');
	}
	buf_add(out, path, len);
}
