#include "engine/reply.h"
#include "base/file.h"
#include "formats/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool reply_is_printed(const struct options *o)
{
	return o->role && o->agent_command;
}

static int open_attempts(const struct batch_dir *dir, struct err *err)
{
	int fd = openat(dir->fd, ATTEMPTS_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_sys(err, errno, "cannot open '" ATTEMPTS_NAME "'") : fd;
}

static void name_reply(const char *id, uint32_t n, char out[RECORD_NAME_SIZE])
{
	snprintf(out, RECORD_NAME_SIZE, "%s.%u.out", id, (unsigned)n);
}

size_t reply_tail(const struct batch_dir *dir, const char *id, uint32_t n, char *out, size_t room)
{
	char name[RECORD_NAME_SIZE];
	int attempts = open_attempts(dir, NULL), fd = -1;
	struct stat st;
	ssize_t got = 0;

	name_reply(id, n, name);
	if (attempts >= 0)
		fd = file_open_read(attempts, name, NULL);
	if (fd >= 0 && fstat(fd, &st) == 0)
		got = pread_all(fd, out, room,
		    st.st_size > (off_t)room ? st.st_size - (off_t)room : 0);
	if (fd >= 0)
		close(fd);
	if (attempts >= 0)
		close(attempts);
	return got > 0 ? (size_t)got : 0;
}

int reply_take(const struct batch_dir *dir, const struct options *o, const char *id, uint32_t n,
    const struct buf *answer, struct buf *reply, struct err *err)
{
	char name[RECORD_NAME_SIZE];
	int attempts = open_attempts(dir, err), rc;

	if (attempts < 0)
		return -1;
	name_reply(id, n, name);
	if (reply_is_printed(o)) {
		rc = file_read(attempts, name, REPLY_MAX, reply, err);
	} else {
		buf_add(reply, answer->data, answer->len);
		rc = file_replace(attempts, name, reply->data, reply->len, err);
	}
	close(attempts);
	return rc;
}
