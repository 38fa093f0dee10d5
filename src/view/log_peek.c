#include "view/log_peek.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "view/sanitize.h"
#include "view/width.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than a screen has rows, so that looking at one row does not forget another. */
#define PEEKS 256
/* Of a log's end; a longer last line is seen from its middle. */
#define TAIL_BYTES 4096

struct entry {
	const struct batch_reader *batch; /* NULL: free */
	uint32_t agent;
	ino_t ino;
	int64_t changed_ns;
	struct log_peek peek;
};

struct log_peeks {
	struct entry v[PEEKS];
	struct buf line;
};

struct log_peeks *log_peeks_new(void)
{
	struct log_peeks *p = xcalloc(1, sizeof(*p));

	buf_init(&p->line);
	return p;
}

void log_peeks_free(struct log_peeks *p)
{
	if (!p)
		return;
	buf_release(&p->line);
	free(p);
}

/* The last line of `n` bytes that shows something. */
static void last_line(struct log_peeks *p, const char *text, size_t n)
{
	buf_reset(&p->line);
	while (n > 0 && p->line.len == 0) {
		const char *nl = memrchr(text, '\n', n);
		size_t from = nl ? (size_t)(nl - text) + 1 : 0;

		sanitize_line_mem(&p->line, text + from, n - from);
		n = nl ? from - 1 : 0;
	}
}

static void read_tail(struct log_peeks *p, int dirfd, const char *name, struct log_peek *peek)
{
	char text[TAIL_BYTES];
	int64_t from = peek->size > TAIL_BYTES ? peek->size - TAIL_BYTES : 0;
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return;
	n = pread_all(fd, text, sizeof(text), (off_t)from);
	close(fd);
	if (n <= 0)
		return;
	last_line(p, text, (size_t)n);
	n = (ssize_t)width_cut(p->line.data, p->line.len, sizeof(peek->line) / 4, NULL);
	if ((size_t)n >= sizeof(peek->line))
		n = 0;
	memcpy(peek->line, p->line.data, (size_t)n);
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
