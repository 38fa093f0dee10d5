/* What every room of the conductor's process does: say something, fail, become the conductor of another
 * batch. */
#include "engine/engine.h"
#include "base/xalloc.h"
#include "engine/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void engine_say(struct engine *e, const char *text)
{
	int64_t now = clock_now().wall_ms;
	char *line;

	batch_log_line(e->dir.fd, now, text);
	if (e->original.fd < 0)
		return;
	line = e->options.role ? xasprintf(ROLES_NAME "/%s: %s", e->dir.name, text) : NULL;
	batch_log_line(e->original.fd, now, line ? line : text);
	free(line);
}

void engine_sayf(struct engine *e, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	engine_say(e, text);
}

int engine_fail(struct engine *e, int status)
{
	e->status = status;
	return -1;
}

void engine_become(struct engine *e, const char *path, int lock_fd, const char *overrides)
{
	struct conduct_line line;

	conduct_line_make(&line,
	    &(struct conduct_opts){
		.dir = path,
		.overrides = overrides,
		.ready_fd = -1,
		.lock_fd = lock_fd,
		.run_lock_fd = e->run_lock_fd,
	    });
	if ((lock_fd >= 0 && fcntl(lock_fd, F_SETFD, 0) < 0) ||
	    fcntl(e->run_lock_fd, F_SETFD, 0) < 0) {
		err_sys(&e->err, errno, "cannot hand the locks on");
		return;
	}
	execv("/proc/self/exe", (char *const *)line.argv); /* the strings are not written to */
	err_sys(&e->err, errno, "cannot go on with '%s'", path);
}
