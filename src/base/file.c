#include "base/file.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES 65536

static void close_keep_errno(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

int dir_open(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "cannot open directory '%s'", path);
	return fd;
}

int dir_make(int dirfd, const char *name, struct err *err)
{
	int fd;

	if (mkdirat(dirfd, name, 0700) < 0) {
		if (errno == EEXIST)
			return 1;
		return err_sys(err, errno, "cannot make directory '%s'", name);
	}
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* The umask may have taken bits away, even ours. */
	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		err_sys(err, errno, "cannot open directory '%s'", name);
		goto undo;
	}
	if (fchmod(fd, 0700) < 0) {
		err_sys(err, errno, "cannot make directory '%s'", name);
		close(fd);
		goto undo;
	}
	close(fd);
	return 0;
undo:
	(void)unlinkat(dirfd, name, AT_REMOVEDIR); /* the first error is the one to tell */
	return -1;
}

/* Whatever mkdir says (EEXIST, EROFS, EACCES on a mount point), a directory that is there will do.
 * The umask may have taken away what the next element needs. */
static int make_or_keep(const char *path, struct err *err)
{
	struct stat st;
	int why;

	if (mkdir(path, 0700) == 0 && chmod(path, 0700) == 0)
		return 0;
	why = errno;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_sys(err, why == EEXIST ? ENOTDIR : why, "cannot make directory '%s'", path);
}

int dir_make_path(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	char *slash = copy;
	int rc = 0;

	/* From the second byte on: the root is there. */
	while (rc == 0 && *slash && (slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		rc = make_or_keep(copy, err);
		*slash = '/';
	}
	if (rc == 0)
		rc = make_or_keep(copy, err);
	free(copy);
	return rc;
}

int file_open_read(int dirfd, const char *name, struct err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(err, errno, "cannot open '%s'", name);
	return fd;
}

int file_create(int dirfd, const char *name, struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC;
	int fd = openat(dirfd, name, flags, 0600);

	if (fd < 0)
		return err_sys(err, errno, "cannot create '%s'", name);
	if (fchmod(fd, 0600) < 0) {
		err_sys(err, errno, "cannot create '%s'", name);
		close_keep_errno(fd);
		(void)unlinkat(dirfd, name, 0);
		return -1;
	}
	return fd;
}

static int remove_plain(int dirfd, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot look at '%s'", name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(err, "cannot create '%s': something else is there already", name);
	if (unlinkat(dirfd, name, 0) < 0)
		return err_sys(err, errno, "cannot remove '%s'", name);
	return 0;
}

int file_create_again(int dirfd, const char *name, struct err *err)
{
	int fd = file_create(dirfd, name, err);

	if (fd < 0 && errno == EEXIST && remove_plain(dirfd, name, err) == 0)
		fd = file_create(dirfd, name, err);
	return fd;
}

int file_open_append(int dirfd, const char *name, struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_APPEND | O_CLOEXEC | O_NONBLOCK;
	int fd = openat(dirfd, name, flags, 0600);
	struct stat st;

	if (fd < 0)
		return err_sys(err, errno, "cannot open '%s'", name);
	if (fstat(fd, &st) < 0) {
		err_sys(err, errno, "cannot open '%s'", name);
	} else if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		err_set(err, "cannot open '%s': not a regular file of its own", name);
	} else if (fcntl(fd, F_SETFL, O_APPEND) < 0 ||
	    ((st.st_mode & 0777) != 0600 && fchmod(fd, 0600) < 0)) {
		err_sys(err, errno, "cannot open '%s'", name);
	} else {
		return fd;
	}
	close_keep_errno(fd);
	return -1;
}

int file_read_fd(int fd, size_t max, struct buf *out, struct err *err)
{
	size_t start = out->len;

	for (;;) {
		ssize_t n;

		buf_reserve(out, 65536);
		n = read(fd, out->data + out->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(err, errno, "cannot read");
			break;
		}
		if (n == 0)
			return 0;
		buf_commit(out, (size_t)n);
		if (out->len - start > max) {
			err_set(err, "larger than %zu bytes", max);
			break;
		}
	}
	buf_cut(out, start);
	return -1;
}

int file_read(int dirfd, const char *name, size_t max, struct buf *out, struct err *err)
{
	int fd = file_open_read(dirfd, name, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = file_read_fd(fd, max, out, err);
	if (rc < 0)
		err_prefix(err, "'%s': ", name);
	close(fd);
	return rc;
}

int file_new_begin(struct file_new *f, int dirfd, const char *name, struct err *err)
{
	f->fd = -1;
	f->dirfd = dirfd;
	if (snprintf(f->name, sizeof(f->name), "%s", name) >= (int)sizeof(f->name))
		return err_set(err, "name too long: '%s'", name);
	/* A name as long as names may be must leave room for what is put around it. */
	snprintf(f->temp, sizeof(f->temp), ".%.200s.%ld.new", name, (long)getpid());
	/* Left over from a process of this pid that died: ours to replace. */
	if (unlinkat(dirfd, f->temp, 0) < 0 && errno != ENOENT)
		return err_sys(err, errno, "cannot remove '%s'", f->temp);
	f->fd = file_create(dirfd, f->temp, err);
	return f->fd < 0 ? -1 : 0;
}

int file_new_commit(struct file_new *f, struct err *err)
{
	if (fsync(f->fd) < 0 || renameat(f->dirfd, f->temp, f->dirfd, f->name) < 0) {
		err_sys(err, errno, "cannot write '%s'", f->name);
		file_new_abandon(f);
		return -1;
	}
	if (fsync(f->dirfd) < 0) {
		err_sys(err, errno, "cannot flush the directory of '%s'", f->name);
		close(f->fd);
		f->fd = -1;
		return -1;
	}
	if (close(f->fd) < 0) {
		f->fd = -1;
		return err_sys(err, errno, "cannot write '%s'", f->name);
	}
	f->fd = -1;
	return 0;
}

void file_new_abandon(struct file_new *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	f->fd = -1;
	(void)unlinkat(f->dirfd, f->temp, 0); /* best effort: it is a hidden leftover at worst */
}

int file_replace(int dirfd, const char *name, const void *p, size_t n, struct err *err)
{
	struct file_new f;

	if (file_new_begin(&f, dirfd, name, err) < 0)
		return -1;
	if (write_all(f.fd, p, n) < 0) {
		err_sys(err, errno, "cannot write '%s'", name);
		file_new_abandon(&f);
		return -1;
	}
	return file_new_commit(&f, err);
}

int write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

ssize_t pread_all(int fd, void *p, size_t n, off_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = pread(fd, (char *)p + done, n - done, at + (off_t)done);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

int file_copy(int to, int from, off_t at, int64_t max)
{
	char *bytes = xmalloc(COPY_BYTES);
	ssize_t n;
	int rc = 0, saved;

	for (; max > 0; max -= n, at += n) {
		n = pread_all(from, bytes, max < COPY_BYTES ? (size_t)max : COPY_BYTES, at);
		if (n < 0 || write_all(to, bytes, (size_t)n) < 0)
			rc = -1;
		if (n <= 0 || rc < 0)
			break;
	}
	saved = errno;
	free(bytes);
	errno = saved;
	return rc;
}

const char *exe_dir(void)
{
	static char dir[PATH_MAX];
	char path[PATH_MAX];
	ssize_t n;

	if (dir[0])
		return dir;
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		return ".";
	path[n] = '\0';
	snprintf(dir, sizeof(dir), "%s", dirname(path));
	return dir;
}

bool is_safe_name(const char *s, size_t max)
{
	size_t n = strlen(s);
	size_t i;

	if (n == 0 || n > max || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return false;
	for (i = 0; i < n; i++)
		if (s[i] == '/' || (unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	return true;
}
