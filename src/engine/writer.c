#include "engine/writer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void writer_init(struct writer *w, uv_loop_t *loop, int fd, bool is_torn,
    void (*on_done)(void *ctx, int error), void *ctx)
{
	memset(w, 0, sizeof(*w));
	w->loop = loop;
	w->fd = fd;
	w->is_torn = is_torn;
	w->on_done = on_done;
	w->ctx = ctx;
	w->work.data = w;
	buf_init(&w->bytes);
}

void writer_release(struct writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	buf_release(&w->bytes);
}

static int write_bytes(struct writer *w)
{
	w->written = 0;
	while (w->written < w->bytes.len) {
		ssize_t n = write(w->fd, w->bytes.data + w->written, w->bytes.len - w->written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		w->written += (size_t)n;
	}
	return 0;
}

bool writer_is_gone(const struct writer *w)
{
	struct stat st;

	return fstat(w->fd, &st) == 0 && st.st_nlink == 0;
}

/* In a thread of the pool; touches nothing of the loop's while it runs. */
static void work(uv_work_t *req)
{
	struct writer *w = req->data;

	if (w->is_torn && write(w->fd, "\n", 1) != 1) {
		w->error = errno ? errno : EIO;
		w->written = 0;
		return;
	}
	w->is_torn = false;
	w->error = write_bytes(w);
	if (w->error == 0 && fdatasync(w->fd) < 0)
		w->error = errno;
}

/* Whole lines that got through are on file; a line that was cut is torn and written again. */
static void keep_rest(struct writer *w)
{
	size_t whole = w->written;

	while (whole > 0 && w->bytes.data[whole - 1] != '\n')
		whole--;
	/* It stays torn where not even the newline for an earlier cut got through. */
	w->is_torn = w->is_torn || whole < w->written;
	buf_drop(&w->bytes, whole);
}

static void done(uv_work_t *req, int status)
{
	struct writer *w = req->data;

	(void)status; /* never cancelled */
	w->is_busy = false;
	if (w->error == 0)
		buf_reset(&w->bytes);
	else if (w->written < w->bytes.len)
		keep_rest(w);
	/* Else only the flush failed: the same bytes are written once more, which readers bear. */
	w->on_done(w->ctx, w->error);
}

void writer_start(struct writer *w)
{
	w->is_busy = true;
	uv_queue_work(w->loop, &w->work, work, done);
}
