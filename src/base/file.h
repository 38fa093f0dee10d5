/* Files and directories, by directory descriptor and name, never followed through a planted link.
 *
 * Names are single path elements inside `dirfd`. New files are 0600 and directories 0700 whatever
 * the umask. Every function checks everything and returns -1 with a message, leaving nothing open
 * and nothing half made, unless it says otherwise. Descriptors are close-on-exec. */
#ifndef AB_BASE_FILE_H
#define AB_BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens a directory by path; the caller closes it. */
int dir_open(const char *path, struct err *err);
/* Makes `name` in `dirfd`, 0700. Returns 1 when something of that name is there already (nothing
 * changed), 0 when it was made. Nothing is flushed: that is due once, when all that belongs
 * together is there. */
int dir_make(int dirfd, const char *name, struct err *err);
/* Makes a directory and its missing parents; it is no error if it is a directory already. */
int dir_make_path(const char *path, struct err *err);

/* Opens for reading; a symlink is refused. */
int file_open_read(int dirfd, const char *name, struct err *err);
/* Creates exclusively and opens for writing: anything there already is an error (errno EEXIST). */
int file_create(int dirfd, const char *name, struct err *err);
/* The same of a file that may have been made before, for something that did not come to be: a plain
 * file with this one name is replaced, anything else is an error. */
int file_create_again(int dirfd, const char *name, struct err *err);
/* Opens for appending, creating it where it is missing; a symlink, a second hard link, or what
 * is not a regular file is refused. */
int file_open_append(int dirfd, const char *name, struct err *err);
/* Appends the whole file to `out`; more than `max` bytes is an error, and `out` as it was. */
int file_read(int dirfd, const char *name, size_t max, struct buf *out, struct err *err);
/* Reads to end of file from `fd` at its offset. */
int file_read_fd(int fd, size_t max, struct buf *out, struct err *err);
/* Writes beside, flushes, renames over `name`, flushes the directory: old or new, never half. */
int file_replace(int dirfd, const char *name, const void *p, size_t n, struct err *err);

/* A replacement being written piece by piece: write to `fd`, then commit or abandon. */
struct file_new {
	int fd;
	int dirfd; /* borrowed */
	char name[256];
	char temp[280];
};
int file_new_begin(struct file_new *f, int dirfd, const char *name, struct err *err);
int file_new_commit(struct file_new *f, struct err *err);
void file_new_abandon(struct file_new *f);

/* Writes everything, through EINTR and short writes. -1 with errno set. */
int write_all(int fd, const void *p, size_t n);
/* pread through EINTR until `n` bytes or end of file; the count, or -1 with errno set. */
ssize_t pread_all(int fd, void *p, size_t n, off_t at);
/* Copies what stands in `from` from offset `at` on, at most `max` bytes, to where `to` writes. -1
 * with errno set. */
int file_copy(int to, int from, off_t at, int64_t max);

/* The directory this executable stands in, links resolved; owned by the module. */
const char *exe_dir(void);
/* Whether `s` may be one element of a path: not empty, not "." or "..", no '/', no control
 * bytes, at most `max` bytes. */
bool is_safe_name(const char *s, size_t max);

#endif
