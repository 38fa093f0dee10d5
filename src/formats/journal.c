#include "formats/journal.h"
#include "base/file.h"
#include "base/json_scan.h"
#include "formats/event_json.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 * 1024)

int journal_open_append(int dirfd, bool *is_torn, struct err *err)
{
	int fd = file_open_append(dirfd, JOURNAL_NAME, err);
	off_t size;
	char last;
	int in;

	*is_torn = false;
	if (fd < 0)
		return -1;
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0)
		return fd;
	in = file_open_read(dirfd, JOURNAL_NAME, err);
	if (in < 0 || pread_all(in, &last, 1, size - 1) != 1) {
		if (in >= 0) {
			err_sys(err, errno, "cannot read '%s'", JOURNAL_NAME);
			close(in);
		}
		close(fd);
		return -1;
	}
	close(in);
	*is_torn = last != '\n';
	return fd;
}

int journal_append(int dirfd, const struct event *ev, struct err *err)
{
	struct buf line = BUF_INIT;
	bool is_torn;
	int fd = journal_open_append(dirfd, &is_torn, err), rc = 0;

	if (fd < 0)
		return -1;
	if (is_torn)
		buf_ch(&line, '\n');
	event_format(ev, &line);
	if (write_all(fd, line.data, line.len) < 0 || fdatasync(fd) < 0)
		rc = err_sys(err, errno, "cannot write '" JOURNAL_NAME "'");
	close(fd);
	buf_release(&line);
	return rc;
}

int journal_reader_open(struct journal_reader *r, int dirfd, struct err *err)
{
	*r = (struct journal_reader){.fd = -1};
	buf_init(&r->pending);
	arena_init(&r->arena);
	r->fd = file_open_read(dirfd, JOURNAL_NAME, err);
	if (r->fd >= 0)
		return 0;
	return errno == ENOENT ? 1 : -1;
}

void journal_reader_close(struct journal_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	buf_release(&r->pending);
	arena_release(&r->arena);
}

/* Returns whether the line was an event. */
static bool take_line(struct journal_reader *r, const char *line, size_t n,
    void (*on_event)(void *ctx, const struct event *ev), void *ctx)
{
	struct event ev;

	/* What follows a torn line begins with a newline, be the line torn or not. */
	if (n == 0)
		return false;
	arena_reset(&r->arena);
	if (n > JOURNAL_LINE_MAX || event_parse(line, n, &ev, &r->arena, NULL) < 0) {
		r->nr_skipped++;
		return false;
	}
	on_event(ctx, &ev);
	return true;
}

/* Takes the whole lines of `pending`, of which the first `seen` bytes hold no newline. */
static bool take_lines(struct journal_reader *r, size_t seen,
    void (*on_event)(void *ctx, const struct event *ev), void *ctx)
{
	const char *line = r->pending.data;
	const char *end = line + r->pending.len;
	const char *from = line + seen;
	const char *nl;
	bool any = false;

	while ((nl = memchr(from, '\n', (size_t)(end - from)))) {
		if (r->in_long_line)
			r->in_long_line = false;
		else if (take_line(r, line, (size_t)(nl - line), on_event, ctx))
			any = true;
		line = from = nl + 1;
	}
	r->at += line - r->pending.data;
	buf_drop(&r->pending, (size_t)(line - r->pending.data));
	return any;
}

/* A line past the limit is forgotten as it comes, so that memory stays bounded. */
static void bound_pending(struct journal_reader *r)
{
	if (!r->in_long_line && r->pending.len <= JOURNAL_LINE_MAX)
		return;
	if (!r->in_long_line)
		r->nr_skipped++;
	r->in_long_line = true;
	r->at += (off_t)r->pending.len;
	buf_reset(&r->pending);
}

int journal_read(struct journal_reader *r, size_t max_bytes,
    void (*on_event)(void *ctx, const struct event *ev), void *ctx, struct err *err)
{
	size_t total = 0;
	bool any = false;

	for (;;) {
		size_t seen = r->pending.len;
		ssize_t n;

		/* Past the bound it goes on only as long as one line needs to end. */
		if (max_bytes && total >= max_bytes && any)
			return 1;
		buf_reserve(&r->pending, PIECE);
		n = pread_all(r->fd, r->pending.data + seen, PIECE, r->at + (off_t)seen);
		if (n < 0)
			return err_sys(err, errno, "cannot read '%s'", JOURNAL_NAME);
		if (n == 0)
			return any;
		buf_commit(&r->pending, (size_t)n);
		total += (size_t)n;
		if (take_lines(r, seen, on_event, ctx))
			any = true;
		bound_pending(r);
	}
}

bool journal_take_rest(struct journal_reader *r,
    void (*on_event)(void *ctx, const struct event *ev), void *ctx)
{
	size_t n = r->pending.len;
	bool is_event;

	if (n == 0 || r->in_long_line)
		return false;
	is_event = take_line(r, r->pending.data, n, on_event, ctx);
	r->at += (off_t)n;
	buf_reset(&r->pending);
	return is_event;
}

bool journal_first(int dirfd, struct event *ev, struct arena *arena)
{
	int fd = file_open_read(dirfd, JOURNAL_NAME, NULL);
	struct buf line = BUF_INIT;
	size_t piece = 4096;
	const char *nl = NULL;
	bool is_event = false;

	if (fd < 0)
		return false;
	while (!nl && line.len <= JOURNAL_LINE_MAX) {
		ssize_t n;

		buf_reserve(&line, piece);
		n = pread_all(fd, line.data + line.len, piece, (off_t)line.len);
		if (n <= 0)
			break;
		buf_commit(&line, (size_t)n);
		nl = memchr(line.data, '\n', line.len);
		piece = line.len;
	}
	if (nl)
		is_event = event_parse(line.data, (size_t)(nl - line.data), ev, arena, NULL) == 0;
	buf_release(&line);
	close(fd);
	return is_event;
}

int64_t journal_began(int dirfd)
{
	char text[128];
	int fd = file_open_read(dirfd, JOURNAL_NAME, NULL);
	ssize_t n = fd >= 0 ? pread_all(fd, text, sizeof(text), 0) : 0;
	struct json event;
	double t = NAN;

	if (fd >= 0)
		close(fd);
	if (n > 0 && json_part(text, (size_t)n, &event))
		t = json_number(json_get(event, "t"));
	return fabs(t) < 1e12 ? (int64_t)(t * 1000 + 0.5) : NUM_NONE;
}
