#include "view/log/log_peek.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/stream_line.h"
#include "view/text/sanitize.h"
#include "view/text/width.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than a screen has rows, so that looking at one row does not forget another. */
#define PEEKS 256
/* Of a log's end; where the last line is longer, so much more of it. One that is longer still is
 * seen from its middle. */
#define TAIL_BYTES 4096
#define TAIL_MAX 65536

struct entry {
	const struct batch_reader *batch; /* NULL: free */
	uint32_t agent;
	ino_t ino;
	int64_t changed_ns;
	struct log_peek peek;
};

struct log_peeks {
	struct entry v[PEEKS];
	struct buf line, said;
	char *text; /* of a log's end */
};

struct log_peeks *log_peeks_new(void)
{
	struct log_peeks *p = xcalloc(1, sizeof(*p));

	buf_init(&p->line);
	buf_init(&p->said);
	p->text = xmalloc(TAIL_MAX);
	return p;
}

void log_peeks_free(struct log_peeks *p)
{
	if (!p)
		return;
	buf_release(&p->line);
	buf_release(&p->said);
	free(p->text);
	free(p);
}

static void read_line(struct log_peeks *p, const char *line, size_t n)
{
	buf_reset(&p->said);
	if (stream_line_read(line, n, false, &p->said) == STREAM_OTHER)
		sanitize_line_mem(&p->line, line, n);
	else
		sanitize_line_mem(&p->line, p->said.data, p->said.len);
}

/* The last line of `n` bytes that shows something. Returns where it begins. */
static size_t last_line(struct log_peeks *p, const char *text, size_t n)
{
	size_t from = 0;

	buf_reset(&p->line);
	while (n > 0 && p->line.len == 0) {
		const char *nl = memrchr(text, '\n', n);

		from = nl ? (size_t)(nl - text) + 1 : 0;
		read_line(p, text + from, n - from);
		n = nl ? from - 1 : 0;
	}
	return from;
}

/* Returns whether it is all of that line. */
static bool read_end(struct log_peeks *p, int fd, int64_t size, size_t max)
{
	int64_t at = size > (int64_t)max ? size - (int64_t)max : 0;
	ssize_t n = pread_all(fd, p->text, max, (off_t)at);

	return n <= 0 || last_line(p, p->text, (size_t)n) > 0 || at == 0;
}

static void read_tail(struct log_peeks *p, int dirfd, const char *name, struct log_peek *peek)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t n;

	if (fd < 0)
		return;
	buf_reset(&p->line);
	if (!read_end(p, fd, peek->size, TAIL_BYTES))
		(void)read_end(p, fd, peek->size, TAIL_MAX);
	close(fd);
	n = width_cut(p->line.data, p->line.len, sizeof(peek->line) / 4, NULL);
	if (n >= sizeof(peek->line))
		n = 0;
	memcpy(peek->line, p->line.data, n);
	peek->line[n] = '\0';
}

const struct log_peek *log_peek(struct log_peeks *p, const struct batch_reader *batch,
    uint32_t agent)
{
	struct entry *e = &p->v[agent % PEEKS];
	char name[LOG_NAME_SIZE];
	struct stat st;
	int64_t changed_ns;

	batch_log_name(batch->state.agents[agent].task->id, name);
	if (fstatat(batch->dir.fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) {
		*e = (struct entry){.batch = batch, .agent = agent};
		e->peek.changed_t = NUM_NONE;
		return &e->peek;
	}
	changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (e->batch == batch && e->agent == agent && e->ino == st.st_ino &&
	    e->peek.size == st.st_size && e->changed_ns == changed_ns)
		return &e->peek;
	*e = (struct entry){
	    .batch = batch,
	    .agent = agent,
	    .ino = st.st_ino,
	    .changed_ns = changed_ns,
	    .peek = {.size = st.st_size, .changed_t = changed_ns / 1000000},
	};
	read_tail(p, batch->dir.fd, name, &e->peek);
	return &e->peek;
}
