#include "view/log/log_tail.h"
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
	t->nr_spans = t->next_span = 0;
	t->lines = NULL;
}

void log_tail_release(struct log_tail *t)
{
	close_file(t);
	free(t->block);
	free(t->chunk);
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

void log_tail_forget(struct log_tail *t)
{
	t->nr_spans = t->next_span = 0;
}

/* The last line may have grown. */
static void forget_open_span(struct log_tail *t)
{
	uint32_t i;

	for (i = 0; i < t->nr_spans; i++)
		if (!t->spans[i].has_end)
			t->spans[i] = (struct log_span){.from = -1, .to = -1};
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
	if (t->size != was) {
		t->block_nr = 0;
		forget_open_span(t);
	}
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

/* ---- lines that are longer than what is given of them --------------------- */

/* Up to LOG_LINE_MAX bytes from `from` on, apart from the block. */
static size_t read_chunk(struct log_tail *t, int64_t from, int64_t to)
{
	ssize_t n;

	if (!t->chunk)
		t->chunk = xmalloc(LOG_LINE_MAX);
	if (to - from > LOG_LINE_MAX)
		to = from + LOG_LINE_MAX;
	n = t->fd < 0 || from >= to ? 0
				    : pread_all(t->fd, t->chunk, (size_t)(to - from), (off_t)from);
	return n > 0 ? (size_t)n : 0;
}

static const char *behind(const char *p)
{
	return p ? p + 1 : NULL;
}

/* Behind the last carriage return in these bytes that something follows; NULL: there is none. */
static const char *behind_return(const char *p, size_t n)
{
	while (n && p[n - 1] == '\r')
		n--;
	return n ? behind(memrchr(p, '\r', n)) : NULL;
}

/* The end of the line is looked for from its beginning: its last return is found on the way. */
static bool find_end(struct log_tail *t, struct log_span *s)
{
	int64_t at = s->from, stop = s->from + LOG_PIECE_MAX;
	bool owes_return = false;

	if (stop > t->size)
		stop = t->size;
	while (at < stop) {
		size_t got = read_chunk(t, at, stop), n = got;
		const char *nl = memchr(t->chunk, '\n', got), *text;

		if (got == 0)
			break; /* it shrank under us: the next refresh tells */
		if (nl)
			n = (size_t)(nl - t->chunk);
		text = behind_return(t->chunk, n);
		if (text)
			s->text = at + (text - t->chunk);
		else if (owes_return && n && t->chunk[0] != '\r')
			s->text = at;
		owes_return = n && t->chunk[n - 1] == '\r';
		at += (int64_t)n;
		if (nl) {
			s->has_end = true;
			at++;
			break;
		}
	}
	s->to = at;
	return s->has_end || at >= t->size;
}

/* In a line whose end was found by counting: as far back as anybody looks. */
static void find_return(struct log_tail *t, struct log_span *s)
{
	int64_t to = s->to - s->has_end, stop = to - LOG_PIECE_MAX;

	while (to > s->from && to > stop) {
		int64_t from = to - LOG_LINE_MAX > s->from ? to - LOG_LINE_MAX : s->from;
		size_t n = read_chunk(t, from, to);
		/* At the very end returns take nothing back. */
		const char *text = to == s->to - s->has_end ? behind_return(t->chunk, n)
							    : behind(memrchr(t->chunk, '\r', n));

		if (text || n == 0) {
			s->text = text ? from + (text - t->chunk) : s->from;
			return;
		}
		to = from;
	}
}

static void find_far_end(struct log_tail *t, struct log_span *s)
{
	int64_t nl = t->lines ? log_finder_next(t->lines, t->fd, s->from) : -1;

	s->text = s->from;
	if (nl >= 0 || (t->lines && log_finder_is_done(t->lines, t->size))) {
		s->has_end = nl >= 0;
		s->to = nl >= 0 ? nl + 1 : t->size;
		find_return(t, s);
	} else {
		s->to = (s->from / LOG_PIECE_MAX + 1) * LOG_PIECE_MAX;
	}
}

static const struct log_span *long_line(struct log_tail *t, int64_t from)
{
	struct log_span s = {.from = from, .text = from};
	uint32_t i;

	for (i = 0; i < t->nr_spans; i++)
		if (t->spans[i].from == from)
			return &t->spans[i];
	if (!find_end(t, &s))
		find_far_end(t, &s);
	i = t->next_span++ % LOG_SPANS_MAX;
	if (t->nr_spans < LOG_SPANS_MAX)
		t->nr_spans++;
	t->spans[i] = s;
	return &t->spans[i];
}

/* ---- lines -------------------------------------------------------------- */

/* The line that ends in [.., at), by looking back further than the block reaches. */
static int64_t far_begin(struct log_tail *t, int64_t at)
{
	int64_t to = at - 1, stop = at - LOG_PIECE_MAX;
	uint32_t i;

	for (i = 0; i < t->nr_spans; i++)
		if (t->spans[i].to == at)
			return t->spans[i].from;
	while (to > 0 && to > stop) {
		int64_t from = to > LOG_LINE_MAX ? to - LOG_LINE_MAX : 0;
		size_t n = read_chunk(t, from, to);
		const char *nl = memrchr(t->chunk, '\n', n);

		if (nl)
			return from + (nl - t->chunk) + 1;
		to = from;
	}
	if (to <= 0)
		return 0;
	if (t->lines && t->lines->at >= at - 1)
		return log_finder_prev(t->lines, t->fd, at - 1) + 1;
	return (at - 1) / LOG_PIECE_MAX * LOG_PIECE_MAX;
}

int64_t log_tail_prev(struct log_tail *t, int64_t at)
{
	int64_t from, end;
	const char *nl;
	size_t n;

	if (at > t->size)
		at = t->size;
	from = at - LOG_LINE_MAX;
	end = at - 1;
	if (end <= 0)
		return 0;
	if (from < 0)
		from = 0;
	n = load(t, from, end);
	if (n < (size_t)(end - from))
		return from; /* it shrank under us: the next refresh tells */
	nl = memrchr(bytes_at(t, from), '\n', (size_t)(end - from));
	if (nl)
		return from + (nl - bytes_at(t, from)) + 1;
	if (from == 0)
		return 0;
	from = far_begin(t, at);
	(void)long_line(t, from); /* the way back is known from now on */
	return from;
}

/* The length of a line that ends in the block, without its newline. False: it is a long one. */
static bool short_length(struct log_tail *t, int64_t at, size_t *n, bool *has_newline)
{
	const char *nl;

	*n = load(t, at, at + LOG_LINE_MAX);
	if (*n > LOG_LINE_MAX)
		*n = LOG_LINE_MAX;
	nl = *n ? memchr(bytes_at(t, at), '\n', *n) : NULL;
	*has_newline = nl != NULL;
	if (nl)
		*n = (size_t)(nl - bytes_at(t, at));
	return nl || at + (int64_t)*n >= t->size || *n < LOG_LINE_MAX;
}

int64_t log_tail_next(struct log_tail *t, int64_t at)
{
	bool has_newline;
	size_t n;

	if (at >= t->size)
		return t->size;
	if (!short_length(t, at, &n, &has_newline))
		return long_line(t, at)->to;
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

int64_t log_tail_line_at(struct log_tail *t, int64_t at)
{
	int64_t from = log_tail_prev(t, at < t->size ? at + 1 : t->size), next;

	/* Of a line that is taken as several it is one of those. */
	while ((next = log_tail_next(t, from)) <= at && next > from && next < t->size)
		from = next;
	return from;
}

void log_tail_line(struct log_tail *t, int64_t at, bool whole, struct log_bytes *out)
{
	const struct log_span *s;
	bool has_newline;
	int64_t from, end;

	*out = (struct log_bytes){.p = ""};
	if (short_length(t, at, &out->n, &has_newline)) {
		if (out->n)
			out->p = bytes_at(t, at);
		return;
	}
	s = long_line(t, at);
	from = whole ? s->from : s->text;
	end = s->to - s->has_end;
	out->n = load(t, from, from + LOG_LINE_MAX);
	if (out->n > LOG_LINE_MAX)
		out->n = LOG_LINE_MAX;
	if ((int64_t)out->n > end - from)
		out->n = (size_t)(end - from);
	out->more = end - from - (int64_t)out->n;
	if (out->n)
		out->p = bytes_at(t, from);
}
