#include "base/lock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct flock whole(off_t at)
{
	return (struct flock){
	    .l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = at,
	    .l_len = 1,
	};
}

static int set(int fd, const struct flock *fl)
{
	if (fcntl(fd, F_OFD_SETLK, fl) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? 1 : -1;
}

int lock_take(int fd, off_t at)
{
	struct flock fl = whole(at);

	return set(fd, &fl);
}

int lock_share(int fd, off_t at)
{
	struct flock fl = whole(at);

	fl.l_type = F_RDLCK;
	return set(fd, &fl);
}

int lock_is_held(int fd, off_t at)
{
	struct flock fl = whole(at);

	if (fcntl(fd, F_OFD_GETLK, &fl) < 0)
		return -1;
	return fl.l_type != F_UNLCK;
}

int lock_probe(int dirfd, const char *path, struct err *err)
{
	char name[64];
	int a = -1, b = -1, rc = -1;

	snprintf(name, sizeof(name), ".lock-probe.%ld", (long)getpid());
	(void)unlinkat(dirfd, name, 0);
	a = file_create(dirfd, name, err);
	if (a < 0)
		return err_sys(err, errno, "cannot write in '%s'", path);
	b = file_open_read(dirfd, name, err);
	if (b < 0)
		goto out;
	if (lock_take(a, 0) == 0 && lock_is_held(b, 0) == 1 && lock_is_held(b, 1) == 0)
		rc = 0;
	else
		err_set(err,
		    "the file system of '%s' has no working locks: choose a directory on a local "
		    "one "
		    "with --dir",
		    path);
out:
	close(a);
	if (b >= 0)
		close(b);
	(void)unlinkat(dirfd, name, 0);
	return rc;
}
