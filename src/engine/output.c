#include "engine/output.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel stamps files with the time of its last tick, which may lie this much before ours. */
#define TICK_MS 20

bool output_is_fresh(const char *path, int64_t since_t)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000 + TICK_MS >=
	    since_t;
}

static int make_parents(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	int rc = dir_make_path(dirname(copy), err);

	free(copy);
	return rc;
}

int output_fill(const char *path, const char *answer, struct err *err)
{
	size_t len = strlen(answer);
	int fd, rc = 0;

	if (make_parents(path, err) < 0)
		return -1;
	/* Not waiting: a pipe that nobody reads would hold the conductor for ever. */
	fd = open(path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(err, errno, "cannot write '%s'", path);
	if (write_all(fd, answer, len) < 0 ||
	    ((len == 0 || answer[len - 1] != '\n') && write_all(fd, "\n", 1) < 0))
		rc = err_sys(err, errno, "cannot write '%s'", path);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write '%s'", path);
	return rc;
}

int output_keep(int attempts_fd, const char *name, const char *path, struct err *err)
{
	int from = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int to, rc = 0;

	if (from < 0)
		return errno == ENOENT ? 1 : err_sys(err, errno, "cannot read '%s'", path);
	if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(from);
		return 1;
	}
	to = file_create(attempts_fd, name, err);
	if (to < 0)
		rc = -1;
	else if (file_copy(to, from, 0, OUTPUT_KEEP_BYTES) < 0)
		rc = err_sys(err, errno, "cannot copy '%s'", path);
	if (to >= 0)
		close(to);
	close(from);
	return rc;
}
