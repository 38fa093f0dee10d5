#include "view/log_tail.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "model/event.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two lines of the greatest length fit, so that a line is never cut by where a read began. */
#define BLOCK (2 * LOG_LINE_MAX)

void log_tail_init(struct log_tail *t)
{
	*t = (struct log_tail){.fd = -1, .dirfd = -1, .changed_t = NUM_NONE};
}

static void close_file(struct log_tail *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->size = 0;
	t->changed_t = NUM_NONE;
	t->block_nr = 0;
}

void log_tail_release(struct log_tail *t)
{
	close_file(t);
	free(t->block);
	log_tail_init(t);
}

static int64_t mtime_ms(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

static void open_file(struct log_tail *t)
{
	struct stat st;

	/* Not blocking: somebody may have put a fifo there. */
	t->fd = openat(t->dirfd, t->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (t->fd < 0)
		return;
	if (fstat(t->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close_file(t);
		return;
	}
	t->dev = st.st_dev;
	t->ino = st.st_ino;
	t->size = st.st_size;
	t->changed_t = mtime_ms(&st);
}

void log_tail_open(struct log_tail *t, int dirfd, const char *name)
{
	close_file(t);
	t->dirfd = dirfd;
	t->was_replaced = false;
	snprintf(t->name, sizeof(t->name), "%s", name);
	open_file(t);
}

bool log_tail_refresh(struct log_tail *t)
{
	struct stat st;
	int64_t was = t->size;

	if (t->dirfd < 0)
		return false;
	if (t->fd < 0) {
		open_file(t);
		return t->fd >= 0;
	}
	if (fstatat(t->dirfd, t->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false; /* removed: what is open stays readable */
	if (st.st_dev != t->dev || st.st_ino != t->ino || st.st_size < t->size) {
		close_file(t);
		open_file(t);
		t->was_replaced = true;
		return true;
	}
	t->size = st.st_size;
	t->changed_t = mtime_ms(&st);
	/* The block may end in the middle of what was the last line. */
	if (t->size != was)
		t->block_nr = 0;
	return t->size != was;
}

/* Makes sure that [from, to) (at most BLOCK bytes) is in the block. Returns how many bytes from
 * `from` on are there. */
static size_t load(struct log_tail *t, int64_t from, int64_t to)
{
	ssize_t n;

	if (from < 0 || t->fd < 0)
		return 0;
	if (to > t->size)
		to = t->size;
	if (from >= to)
		return 0;
	if (t->block_nr && from >= t->block_at && to <= t->block_at + (int64_t)t->block_nr)
		return (size_t)(t->block_at + (int64_t)t->block_nr - from);
	if (!t->block)
		t->block = xmalloc(BLOCK);
	/* One read serves the lines around it, in both directions. */
	t->block_at =
	    from > LOG_LINE_MAX / 2 && to - from <= LOG_LINE_MAX ? from - LOG_LINE_MAX / 2 : from;
	n = t->size - t->block_at < BLOCK ? (ssize_t)(t->size - t->block_at) : BLOCK;
	n = pread_all(t->fd, t->block, (size_t)n, (off_t)t->block_at);
	t->block_nr = n > 0 ? (size_t)n : 0;
	if (from >= t->block_at + (int64_t)t->block_nr)
		return 0;
	return (size_t)(t->block_at + (int64_t)t->block_nr - from);
}

static const char *bytes_at(const struct log_tail *t, int64_t at)
{
	return t->block + (at - t->block_at);
}

int64_t log_tail_prev(struct log_tail *t, int64_t at)
{
	/* A piece of a line that is too long is as long as log_tail_next makes it. */
	int64_t from = at - LOG_LINE_MAX, end = at - 1;
	const char *nl;
	size_t n;

	if (at > t->size)
		at = t->size;
	if (end <= 0)
		return 0;
	if (from < 0)
		from = 0;
	n = load(t, from, end);
	if (n < (size_t)(end - from))
		return from; /* it shrank under us: the next refresh tells */
	nl = memrchr(bytes_at(t, from), '\n', (size_t)(end - from));
	return nl ? from + (nl - bytes_at(t, from)) + 1 : from;
}

/* The length of the line at `at` without its newline, and whether it has one. */
static size_t line_length(struct log_tail *t, int64_t at, bool *has_newline)
{
	size_t n = load(t, at, at + LOG_LINE_MAX);
	const char *nl;

	if (n > LOG_LINE_MAX)
		n = LOG_LINE_MAX;
	nl = n ? memchr(bytes_at(t, at), '\n', n) : NULL;
	*has_newline = nl != NULL;
	return nl ? (size_t)(nl - bytes_at(t, at)) : n;
}

int64_t log_tail_next(struct log_tail *t, int64_t at)
{
	bool has_newline;
	size_t n;

	if (at >= t->size)
		return t->size;
	n = line_length(t, at, &has_newline);
	return at + (int64_t)n + has_newline;
}

int64_t log_tail_line_from(struct log_tail *t, int64_t at)
{
	if (at <= 0)
		return 0;
	if (at >= t->size)
		return t->size;
	if (load(t, at - 1, at) > 0 && *bytes_at(t, at - 1) == '\n')
		return at;
	return log_tail_next(t, at);
}

#define SHORTLY_BEFORE 32

int64_t log_tail_line_at(struct log_tail *t, int64_t at)
{
	int64_t from = at < t->size ? log_tail_prev(t, at + 1) : log_tail_prev(t, t->size);

	if (at - from < LOG_LINE_MAX - 1 || from == 0)
		return from;
	return at - SHORTLY_BEFORE;
}

const char *log_tail_line(struct log_tail *t, int64_t at, size_t *n)
{
	bool has_newline;

	*n = line_length(t, at, &has_newline);
	return *n ? bytes_at(t, at) : "";
}
