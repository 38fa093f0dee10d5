#include "formats/extract.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "formats/extract_names.h"
#include "model/event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel stamps files with the time of its last tick, which may lie this much before ours. */
#define TICK_MS 20

static int open_dir_at(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int extract_open(int batch_fd, struct err *err)
{
	int fd;

	if (dir_make(batch_fd, EXTRACTED_NAME, err) < 0)
		return -1;
	fd = open_dir_at(batch_fd, EXTRACTED_NAME);
	return fd < 0 ? err_sys(err, errno, "cannot open '%s'", EXTRACTED_NAME) : fd;
}

/* ---- reading ------------------------------------------------------------ */

static bool is_link_error(int errnum)
{
	return errnum == ELOOP || errnum == ENOTDIR;
}

static enum extract_result refused_open(const char *file, int errnum, struct err *err)
{
	if (errnum == ENOENT)
		return EXTRACT_MISSING;
	if (is_link_error(errnum)) {
		err_set(err, "'%s' is, or lies behind, a symlink: --outside follows it", file);
		return EXTRACT_REFUSED;
	}
	err_sys(err, errnum, "cannot open '%s'", file);
	return EXTRACT_FAILED;
}

/* Element by element, so that nothing can be swapped for a symlink between looking and opening.
 * `below` is taken apart. Returns the descriptor, or -1 with errno. */
static int open_below(const char *dir, char *below)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int saved;
	char *slash;

	while (at >= 0 && (slash = strchr(below, '/'))) {
		int next;

		*slash = '\0';
		next = open_dir_at(at, below);
		saved = errno;
		close(at);
		errno = saved;
		at = next;
		below = slash + 1;
	}
	if (at >= 0) {
		int fd =
		    openat(at, below, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		saved = errno;
		close(at);
		errno = saved;
		at = fd;
	}
	return at;
}

bool extract_name(struct buf *out, const char *dir, const char *output_file)
{
	struct buf from = BUF_INIT, path = BUF_INIT, full = BUF_INIT;
	bool is_below;

	path_resolve(&path, dir, output_file, strlen(output_file));
	(void)extract_name_clean(&from, dir);
	(void)extract_name_clean(&full, path.data);
	is_below = full.len > from.len + (from.len > 0) &&
	    memcmp(full.data, from.data, from.len) == 0 &&
	    (from.len == 0 || full.data[from.len] == '/');
	buf_reset(out);
	if (is_below)
		buf_str(out, full.data + from.len + (from.len > 0));
	else
		(void)extract_name_clean(out, output_file);
	buf_release(&from);
	buf_release(&path);
	buf_release(&full);
	return is_below;
}

static int open_anywhere(const struct extract_file *f)
{
	struct buf path = BUF_INIT;
	int fd;

	path_resolve(&path, f->dir, f->output_file, strlen(f->output_file));
	fd = open(path.data, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	buf_release(&path);
	return fd;
}

static enum extract_result open_source(const struct extract_file *f, int *fd, struct err *err)
{
	struct buf below = BUF_INIT;
	enum extract_result rc = EXTRACT_COPIED;

	if (f->may_be_outside) {
		*fd = open_anywhere(f);
	} else if (extract_name(&below, f->dir, f->output_file)) {
		*fd = open_below(f->dir, below.data);
	} else {
		err_set(err, "'%s' is outside of '%s': --outside takes it", f->output_file, f->dir);
		rc = EXTRACT_REFUSED;
	}
	if (rc == EXTRACT_COPIED && *fd < 0)
		rc = refused_open(f->output_file, errno, err);
	buf_release(&below);
	return rc;
}

static int64_t mtime_ms(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

static enum extract_result look_at(const struct extract_file *f, int fd, struct stat *st,
    struct err *err)
{
	if (fstat(fd, st) < 0) {
		err_sys(err, errno, "cannot look at '%s'", f->output_file);
		return EXTRACT_FAILED;
	}
	if (!S_ISREG(st->st_mode)) {
		err_set(err, "'%s' is no regular file", f->output_file);
		return EXTRACT_REFUSED;
	}
	if (f->since_t != NUM_NONE && mtime_ms(st) + TICK_MS < f->since_t)
		return EXTRACT_MISSING;
	return EXTRACT_COPIED;
}

/* ---- writing ------------------------------------------------------------ */

/* Opens, and makes where it is missing, the directory that the name lies in. *last: its element. */
static int open_target_dir(int extracted_fd, const char *name, const char **last, struct err *err)
{
	int at = fcntl(extracted_fd, F_DUPFD_CLOEXEC, 0);
	const char *slash;

	if (at < 0)
		return err_sys(err, errno, "cannot open '%s'", EXTRACTED_NAME);
	while ((slash = strchr(name, '/'))) {
		char *element = xstrndup(name, (size_t)(slash - name));
		int next = dir_make(at, element, err) < 0 ? -2 : open_dir_at(at, element);

		if (next == -1)
			err_sys(err, errno, "cannot open '%s/...%s'", EXTRACTED_NAME, element);
		free(element);
		close(at);
		if (next < 0)
			return -1;
		at = next;
		name = slash + 1;
	}
	*last = name;
	return at;
}

/* A copy carries the time of what it was made from. */
static bool is_copied_already(int dirfd, const char *name, const struct stat *source)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == source->st_size && st.st_mtim.tv_sec == source->st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == source->st_mtim.tv_nsec;
}

static int write_copy(int dirfd, const char *name, int from, const struct stat *source,
    struct err *err)
{
	const struct timespec times[2] = {source->st_atim, source->st_mtim};
	struct file_new f;

	if (file_new_begin(&f, dirfd, name, err) < 0)
		return -1;
	if (file_copy(f.fd, from, 0, INT64_MAX) < 0) {
		err_sys(err, errno, "cannot copy to '%s'", name);
		file_new_abandon(&f);
		return -1;
	}
	(void)futimens(f.fd, times); /* without it, it is copied again next time */
	return file_new_commit(&f, err);
}

static int put_copy(int extracted_fd, const char *name, int from, const struct stat *source,
    struct err *err)
{
	const char *last = name;
	int dirfd = open_target_dir(extracted_fd, name, &last, err);
	int rc = 0;

	if (dirfd < 0)
		return -1;
	if (!is_copied_already(dirfd, last, source))
		rc = write_copy(dirfd, last, from, source, err);
	close(dirfd);
	return rc;
}

enum extract_result extract_copy(int extracted_fd, const struct extract_file *f, struct err *err)
{
	struct stat st;
	int fd = -1;
	enum extract_result rc = open_source(f, &fd, err);

	if (rc == EXTRACT_COPIED)
		rc = look_at(f, fd, &st, err);
	if (rc == EXTRACT_COPIED && put_copy(extracted_fd, f->name, fd, &st, err) < 0)
		rc = EXTRACT_FAILED;
	if (fd >= 0)
		close(fd);
	return rc;
}
