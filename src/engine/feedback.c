#include "engine/feedback.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/record.h"
#include "policy/feedback.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than is told of it: separators and control bytes are not. */
#define VALIDATION_READ ((off_t)4 * FEEDBACK_VALIDATION_MAX)

static void name_of(const char *id, uint32_t n, char out[RECORD_NAME_SIZE])
{
	snprintf(out, RECORD_NAME_SIZE, "%s.%u.feedback", id, (unsigned)n);
}

char *feedback_path(const struct batch_dir *dir, const char *id, uint32_t n)
{
	char name[RECORD_NAME_SIZE];

	name_of(id, n, name);
	return xasprintf("%s/" ATTEMPTS_NAME "/%s", dir->path, name);
}

/* ---- what there is to tell ------------------------------------------------ */

/* What the validation printed stands in the log behind the attempt's own output. */
static void read_validation(const struct batch_dir *dir, const char *id, const struct attempt *at,
    struct buf *out)
{
	char name[LOG_NAME_SIZE], bytes[VALIDATION_READ];
	struct stat st;
	off_t from;
	ssize_t n;
	int fd;

	if (at->validating_t == NUM_NONE || at->log_to == NUM_NONE)
		return;
	batch_log_name(id, name);
	fd = file_open_read(dir->fd, name, NULL);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > at->log_to) {
		from = st.st_size - at->log_to > VALIDATION_READ ? st.st_size - VALIDATION_READ
								 : (off_t)at->log_to;
		n = pread_all(fd, bytes, sizeof(bytes), from);
		if (n > 0)
			buf_add(out, bytes, (size_t)n);
	}
	close(fd);
}

static void compose(const struct feedback_source *s, uint32_t agent, struct buf *out)
{
	const struct agent *a = &s->batch->agents[agent];
	const struct attempt *at = agent_last_judged(a);
	const struct batch_dir *dir = s->dir;
	struct buf validation = BUF_INIT;

	if (!at && s->batch->cycle > 0) {
		const struct batch_reader *r;
		const struct agent *before = history_last(s->history, a->task->id, &r);

		at = before ? agent_last_judged(before) : NULL;
		dir = before ? &r->dir : dir;
	}
	if (!at)
		return;
	read_validation(dir, a->task->id, at, &validation);
	feedback_text(at, validation.len ? validation.data : "", validation.len, out);
	buf_release(&validation);
}

/* ---- the file ---------------------------------------------------------------- */

static int put(int attempts_fd, const char *name, const struct buf *text, struct err *err)
{
	int fd = file_create_again(attempts_fd, name, err);
	int rc = 0;

	if (fd < 0)
		return -1;
	if (write_all(fd, text->data, text->len) < 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	return rc;
}

int feedback_write(const struct feedback_source *s, uint32_t agent, uint32_t n, struct err *err)
{
	struct buf text = BUF_INIT;
	char name[RECORD_NAME_SIZE];
	int fd, rc = 0;

	compose(s, agent, &text);
	if (text.len) {
		name_of(s->batch->agents[agent].task->id, n, name);
		fd = openat(s->dir->fd, ATTEMPTS_NAME,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		rc = fd < 0 ? err_sys(err, errno, "cannot open '" ATTEMPTS_NAME "'")
			    : put(fd, name, &text, err);
		if (fd >= 0)
			close(fd);
	}
	buf_release(&text);
	return rc;
}

bool feedback_read(const struct batch_dir *dir, const char *id, uint32_t n, struct buf *out)
{
	char name[RECORD_NAME_SIZE];
	int fd = openat(dir->fd, ATTEMPTS_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool is_there;

	if (fd < 0)
		return false;
	name_of(id, n, name);
	is_there = file_read(fd, name, FEEDBACK_MAX, out, NULL) == 0;
	close(fd);
	return is_there;
}
