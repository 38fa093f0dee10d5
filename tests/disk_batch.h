/* Batches on disk, written by hand, for tests of what reads them. */
#ifndef AB_TESTS_DISK_BATCH_H
#define AB_TESTS_DISK_BATCH_H

#include "base/lock.h"
#include "formats/batch_dir.h"
#include "formats/journal.h"
#include "formats/manifest.h"
#include "temp_dir.h"

#include <stdarg.h>

/* A directory with tasks.csv and nothing else. */
static inline void disk_batch(const struct temp_dir *d, const char *name, const char *csv)
{
	char path[256];

	if (mkdirat(d->fd, name, 0700) < 0)
		abort();
	snprintf(path, sizeof(path), "%s/" LOCK_NAME, name);
	temp_dir_put_str(d, path, "");
	if (!csv)
		return;
	snprintf(path, sizeof(path), "%s/" TASKS_NAME, name);
	temp_dir_put_str(d, path, csv);
}

/* One line of the journal, as printf; the newline is added. */
__attribute__((format(printf, 3, 4))) static inline void disk_event(const struct temp_dir *d,
    const char *name, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	char path[256], text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_fmt(&line, "%s\n", text);
	snprintf(path, sizeof(path), "%s/" JOURNAL_NAME, name);
	temp_dir_append(d, path, line.data);
	buf_release(&line);
}

/* The first event. `original` and `parent` NULL: it is an original. */
static inline void disk_born(const struct temp_dir *d, const char *name, const char *original,
    const char *parent, int cycle, long t)
{
	if (original)
		disk_event(d, name,
		    "{\"t\":%ld,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\","
		    "\"pid\":1,\"cycle\":%d,\"original\":\"%s\",\"parent\":\"%s\"}",
		    t, cycle, original, parent);
	else
		disk_event(d, name,
		    "{\"t\":%ld,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\","
		    "\"pid\":1,\"cycle\":%d}",
		    t, cycle);
}

/* A whole attempt that ends as `class`, and the status that follows. */
static inline void disk_attempt(const struct temp_dir *d, const char *name, const char *id, int n,
    const char *class, const char *status)
{
	disk_event(d, name, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"%s\",\"n\":%d}", id, n);
	disk_event(d, name,
	    "{\"t\":12,\"m\":2010,\"ev\":\"exit\",\"id\":\"%s\",\"n\":%d,\"code\":%d}", id, n,
	    strcmp(class, "success") == 0 ? 0 : 1);
	disk_event(d, name,
	    "{\"t\":12,\"m\":2010,\"ev\":\"verdict\",\"id\":\"%s\",\"n\":%d,\"class\":\"%s\","
	    "\"charged\":true,\"cost_usd\":0.25,\"tokens_in\":100,\"tokens_out\":10,"
	    "\"message\":\"%s of %s\"}",
	    id, n, class, class, name);
	disk_event(d, name,
	    "{\"t\":12,\"m\":2010,\"ev\":\"status\",\"id\":\"%s\",\"status\":\"%s\"}", id, status);
}

static inline void disk_cycle(const struct temp_dir *d, const char *name, const char *child)
{
	disk_event(d, name, "{\"t\":13,\"m\":13,\"ev\":\"cycle\",\"child\":\"%s\",\"rows\":1}",
	    child);
}

static inline void disk_end(const struct temp_dir *d, const char *name, const char *state, int exit)
{
	disk_event(d, name, "{\"t\":14,\"m\":14,\"ev\":\"end\",\"state\":\"%s\",\"exit\":%d}",
	    state, exit);
}

/* Takes a byte of its lock, as a conductor: -1 or the descriptor that holds it. */
static inline int disk_hold(const struct temp_dir *d, const char *name, int lock_byte)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/" LOCK_NAME, name);
	fd = openat(d->fd, path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || lock_take(fd, lock_byte) != 0)
		abort();
	return fd;
}

#endif
