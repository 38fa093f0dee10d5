#include "formats/record.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"
#include "formats/jsonw.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A record has a handful of short lines; more than this is not ours, and not read. */
#define RECORD_MAX ((size_t)64 * 1024)

void record_name(const char *id, uint32_t n, enum record_kind kind, char out[RECORD_NAME_SIZE])
{
	const char *infix = kind == RECORD_VALIDATE ? ".validate" : "";

	snprintf(out, RECORD_NAME_SIZE, "%s.%lu%s.jsonl", id, (unsigned long)n, infix);
}

/* ---- reading ------------------------------------------------------------ */

static void copy(char *to, size_t size, const char *s)
{
	snprintf(to, size, "%s", s ? s : "");
}

static void take_start(struct record *r, const struct jsonr *j, struct arena *arena)
{
	if (r->has_start)
		return;
	r->has_start = true;
	r->started_t = jsonr_ms(j, "t");
	r->started_m = jsonr_int(j, "m");
	r->pid = jsonr_int(j, "pid");
	r->start_ticks = jsonr_int(j, "start");
	r->shim_pid = jsonr_int(j, "shim_pid");
	r->shim_start_ticks = jsonr_int(j, "shim_start");
	copy(r->boot, sizeof(r->boot), jsonr_str(j, "boot", arena));
	copy(r->host, sizeof(r->host), jsonr_str(j, "host", arena));
}

/* The first exit stands: what has happened is never overwritten. */
static void take_exit(struct record *r, const struct jsonr *j, struct arena *arena, const char *key,
    enum exit_how how)
{
	int64_t v = jsonr_int(j, key);
	const char *message = jsonr_str(j, "message", arena);

	if (r->has_exit || v < INT_MIN || v > INT_MAX)
		return;
	r->has_exit = true;
	r->exit.how = how;
	r->exit.value = (int)v;
	r->exit.rss_kb = jsonr_int(j, "rss_kb");
	r->exit.cpu_ms = jsonr_int(j, "cpu_ms");
	r->exit_t = jsonr_ms(j, "t");
	r->exit_m = jsonr_int(j, "m");
	copy(r->message, sizeof(r->message), message);
	r->exit.message = message ? r->message : NULL;
}

static void take_kill(struct record *r, const struct jsonr *j, struct arena *arena)
{
	const char *why = jsonr_str(j, "why", arena);
	int k = why ? kill_why_from_name(why) : -1;

	if (k >= 0 && r->killed == KILL_NONE)
		r->killed = (enum kill_why)k;
}

static void take_line(struct record *r, const char *line, size_t n, struct arena *arena)
{
	struct jsonr j;
	const char *ev;

	if (!jsonr_object(&j, line, n))
		return;
	ev = jsonr_str(&j, "ev", arena);
	if (!ev)
		return;
	if (strcmp(ev, "start") == 0)
		take_start(r, &j, arena);
	else if (strcmp(ev, "kill") == 0)
		take_kill(r, &j, arena);
	else if (strcmp(ev, "exit") == 0 && jsonr_has(&j, "signal"))
		take_exit(r, &j, arena, "signal", EXIT_SIGNAL);
	else if (strcmp(ev, "exit") == 0)
		take_exit(r, &j, arena, "code", EXIT_CODE);
	else if (strcmp(ev, "failed") == 0)
		take_exit(r, &j, arena, "errno", EXIT_FAILED);
	else if (strcmp(ev, "left") == 0)
		copy(r->left, sizeof(r->left), jsonr_str(&j, "names", arena));
	else if (strcmp(ev, "void") == 0)
		r->is_void = true;
}

static void take_text(struct record *r, const char *text, size_t n)
{
	struct arena arena = ARENA_INIT;
	const char *end = text + n;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		take_line(r, text, (size_t)(stop - text), &arena);
		text = stop + 1;
	}
	r->exit.killed = r->killed;
	arena_release(&arena);
}

static void record_init(struct record *r)
{
	memset(r, 0, sizeof(*r));
	r->pid = r->start_ticks = r->shim_pid = r->shim_start_ticks = NUM_NONE;
	r->started_t = r->started_m = r->exit_t = r->exit_m = NUM_NONE;
	r->exit.how = EXIT_UNKNOWN;
	r->exit.log_to = r->exit.rss_kb = r->exit.cpu_ms = NUM_NONE;
}

int record_read(int attempts_fd, const char *name, struct record *r, struct err *err)
{
	char text[4096];
	struct buf more = BUF_INIT;
	int fd, held;
	ssize_t n;
	int rc = -1;

	record_init(r);
	fd = file_open_read(attempts_fd, name, err);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	r->is_there = true;
	/* First the lock: whoever let go of it has written everything. */
	held = lock_is_held(fd, 0);
	if (held < 0) {
		err_sys(err, errno, "cannot ask for the lock of '%s'", name);
		goto out;
	}
	r->is_locked = held;
	n = pread_all(fd, text, sizeof(text), 0);
	if (n == (ssize_t)sizeof(text)) {
		buf_reserve(&more, RECORD_MAX);
		n = pread_all(fd, more.data, RECORD_MAX, 0);
	}
	if (n < 0) {
		err_sys(err, errno, "cannot read '%s'", name);
		goto out;
	}
	take_text(r, more.cap ? more.data : text, (size_t)n);
	rc = 0;
out:
	buf_release(&more);
	close(fd);
	return rc;
}

/* ---- writing ------------------------------------------------------------ */

static int append_and_close(int fd, const char *name, const struct buf *line, struct err *err)
{
	int rc = 0;

	if (write_all(fd, line->data, line->len) < 0 || fdatasync(fd) < 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	return rc;
}

/* Opens a record that is there with its lock taken, so that its shim cannot go on. 1: the shim, or
 * another who resumes, has been here. */
static int take_unstarted(int attempts_fd, const char *name, int *fd, struct err *err)
{
	struct record r;
	int rc;

	*fd = file_open_append(attempts_fd, name, err);
	if (*fd < 0)
		return -1;
	rc = lock_take(*fd, 0);
	if (rc < 0)
		err_sys(err, errno, "cannot lock '%s'", name);
	if (rc == 0)
		rc = record_read(attempts_fd, name, &r, err);
	if (rc == 0 && (r.has_start || r.has_exit || r.is_void))
		rc = 1;
	if (rc != 0)
		close(*fd);
	return rc;
}

int record_claim_void(int attempts_fd, const char *name, int64_t wall_ms, struct err *err)
{
	struct buf line = BUF_INIT;
	struct jsonw w;
	int fd, rc;

	fd = file_create(attempts_fd, name, err);
	if (fd < 0 && errno != EEXIST)
		return -1;
	if (fd >= 0)
		close(fd);
	/* Who made it has no right yet: another may have it open and find it as empty. The lock
	 * decides, and it is held until the line is written. */
	rc = take_unstarted(attempts_fd, name, &fd, err);
	if (rc != 0)
		return rc;
	/* A shim that died may have left part of its start line; an empty one is passed over. */
	buf_ch(&line, '\n');
	jsonw_init(&w, &line, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "ev", "void");
	jsonw_kms(&w, "t", wall_ms);
	jsonw_end(&w, '}');
	buf_ch(&line, '\n');
	rc = append_and_close(fd, name, &line, err);
	if (rc == 0 && fsync(attempts_fd) < 0)
		rc = err_sys(err, errno, "cannot flush the directory of '%s'", name);
	buf_release(&line);
	return rc;
}

static void format_exit(const struct ev_exit *exit, int64_t t, int64_t m, struct buf *out)
{
	struct jsonw w;

	if (exit->killed != KILL_NONE) {
		jsonw_init(&w, out, 0);
		jsonw_object(&w);
		jsonw_kstr(&w, "ev", "kill");
		jsonw_kms(&w, "t", t);
		jsonw_kstr(&w, "why", kill_why_name(exit->killed));
		jsonw_end(&w, '}');
		buf_ch(out, '\n');
	}
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "ev", "exit");
	jsonw_kms(&w, "t", t);
	jsonw_kint(&w, "m", m);
	jsonw_kint(&w, exit->how == EXIT_SIGNAL ? "signal" : "code", exit->value);
	if (exit->rss_kb != NUM_NONE)
		jsonw_kint(&w, "rss_kb", exit->rss_kb);
	if (exit->cpu_ms != NUM_NONE)
		jsonw_kint(&w, "cpu_ms", exit->cpu_ms);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}

int record_append_exit(int attempts_fd, const char *name, const struct ev_exit *exit, int64_t t,
    int64_t m, struct err *err)
{
	struct buf line = BUF_INIT;
	int fd, rc;

	if (exit->how != EXIT_CODE && exit->how != EXIT_SIGNAL)
		BUG("an exit that nobody saw is not recorded");
	fd = file_open_append(attempts_fd, name, err);
	if (fd < 0)
		return -1;
	/* The shim may have died in the middle of a line; an empty one is passed over. */
	buf_ch(&line, '\n');
	format_exit(exit, t, m, &line);
	rc = append_and_close(fd, name, &line, err);
	buf_release(&line);
	return rc;
}
