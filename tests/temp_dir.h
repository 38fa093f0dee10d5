/* A directory of a test's own, with everything in it removed again. */
#ifndef AB_TESTS_TEMP_DIR_H
#define AB_TESTS_TEMP_DIR_H

#include "base/buf.h"
#include "base/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct temp_dir {
	char path[128];
	int fd;
};

static inline int temp_dir_make(struct temp_dir *d)
{
	const char *root = getenv("TMPDIR");

	snprintf(d->path, sizeof(d->path), "%s/ab-test.XXXXXX", root && *root ? root : "/tmp");
	d->fd = -1;
	if (mkdtemp(d->path))
		d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->fd < 0 ? -1 : 0;
}

static inline int temp_dir_unlink_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void temp_dir_remove(struct temp_dir *d)
{
	close(d->fd);
	(void)nftw(d->path, temp_dir_unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Replaces a file in place, by a path below the directory. */
static inline void temp_dir_put(const struct temp_dir *d, const char *name, const void *p, size_t n)
{
	int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write_all(fd, p, n) < 0)
		abort();
	close(fd);
}

static inline void temp_dir_put_str(const struct temp_dir *d, const char *name, const char *s)
{
	temp_dir_put(d, name, s, strlen(s));
}

static inline void temp_dir_append(const struct temp_dir *d, const char *name, const char *s)
{
	int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write_all(fd, s, strlen(s)) < 0)
		abort();
	close(fd);
}

/* The whole file; the caller frees it. NULL when there is none. */
static inline char *temp_dir_get(const struct temp_dir *d, const char *name)
{
	int fd = openat(d->fd, name, O_RDONLY | O_CLOEXEC);
	struct buf b = BUF_INIT;

	if (fd < 0)
		return NULL;
	if (file_read_fd(fd, SIZE_MAX / 2, &b, NULL) < 0)
		abort();
	close(fd);
	return buf_detach(&b);
}

static inline bool temp_dir_has(const struct temp_dir *d, const char *name)
{
	return faccessat(d->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

#endif
