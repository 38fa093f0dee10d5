#include "engine/kept.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "engine/output.h"
#include "formats/task_paths.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name that no id is: ids hold no blank. */
#define HALF_NAME "half written"

/* ---- words of depends_on ------------------------------------------------------ */

/* Copies one into `id`; false: it is longer than ids are. */
static bool copy_id(char id[TASK_ID_MAX + 1], const char *word, size_t len)
{
	if (len > TASK_ID_MAX)
		return false;
	memcpy(id, word, len);
	id[len] = '\0';
	return true;
}

static bool has_parents(const struct tasks *ts, const struct task *t)
{
	const char *s = task_get(ts, t, COL_DEPENDS_ON);
	size_t len;

	return task_next_word(&s, &len) != NULL;
}

/* ---- keeping ------------------------------------------------------------------ */

static int open_sub(int dirfd, const char *name, struct err *err)
{
	int fd;

	if (dir_make(dirfd, name, err) < 0)
		return -1;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "cannot open '%s'", name) : fd;
}

static bool is_waited_for(const struct batch *b, uint32_t row)
{
	return b->graph && b->graph->first_child[row + 1] > b->graph->first_child[row];
}

static int keep_printed(const struct kept *k, int results, uint32_t row, const struct attempt *at,
    struct err *err)
{
	int64_t from_at = at->log_from == NUM_NONE ? 0 : at->log_from;
	int64_t nr = at->log_to == NUM_NONE ? 0 : at->log_to - from_at;
	char name[LOG_NAME_SIZE];
	int from, to, rc;

	batch_log_name(k->batch->agents[row].task->id, name);
	from = file_open_read(k->dir->fd, name, err);
	if (from < 0)
		return -1;
	to = file_create(results, HALF_NAME, err);
	rc = to < 0 ? -1 : 0;
	if (to >= 0 &&
	    file_copy(to, from, from_at, nr < OUTPUT_KEEP_BYTES ? nr : OUTPUT_KEEP_BYTES) < 0)
		rc = err_sys(err, errno, "cannot copy '%s'", name);
	if (to >= 0)
		close(to);
	close(from);
	return rc;
}

static int keep_answer(int results, const char *answer, struct err *err)
{
	size_t len = strlen(answer);
	int fd = file_create(results, HALF_NAME, err);
	int rc = 0;

	if (fd < 0)
		return -1;
	if (write_all(fd, answer, len) < 0 ||
	    (len && answer[len - 1] != '\n' && write_all(fd, "\n", 1) < 0))
		rc = err_sys(err, errno, "cannot write a result");
	close(fd);
	return rc;
}

/* Not flushed, no more than the logs and output files that it is copied from. */
static int keep_at(const struct kept *k, int results, uint32_t row, const struct attempt *at,
    struct err *err)
{
	const struct task *t = k->batch->agents[row].task;
	char *path = task_output_path(k->options, k->batch->tasks, t);
	int rc = 1;

	if (unlinkat(results, HALF_NAME, 0) < 0 && errno != ENOENT) {
		free(path);
		return err_sys(err, errno, "cannot remove '" KEPT_NAME "/" HALF_NAME "'");
	}
	if (path)
		rc = output_keep(results, HALF_NAME, path, err);
	if (rc == 1)
		rc = at->answer ? keep_answer(results, at->answer, err)
				: keep_printed(k, results, row, at, err);
	free(path);
	if (rc == 0 && renameat(results, HALF_NAME, results, t->id) < 0)
		rc = err_sys(err, errno, "cannot name '" KEPT_NAME "/%s'", t->id);
	return rc;
}

int kept_put(const struct kept *k, uint32_t row, const struct attempt *at, struct err *err)
{
	int results, rc;

	/* In a run with roles, additional rows may ask for any of them, and roles are told them. */
	if (k->options->role || (!options_is_solve(k->options) && !is_waited_for(k->batch, row)))
		return 0;
	results = open_sub(k->original->fd, KEPT_NAME, err);
	if (results < 0)
		return -1;
	rc = keep_at(k, results, row, at, err);
	close(results);
	return rc;
}

/* ---- gathering ---------------------------------------------------------------- */

static int copy_parent(int results, int dir, const char *id, struct err *err)
{
	int from = file_open_read(results, id, err), to, rc = -1;

	if (from < 0)
		return -1;
	to = file_create(dir, id, err);
	if (to >= 0)
		rc = file_copy(to, from, 0, INT64_MAX) < 0
		    ? err_sys(err, errno, "cannot copy '" KEPT_NAME "/%s'", id)
		    : 0;
	if (to >= 0)
		close(to);
	close(from);
	return rc;
}

/* Linked: a row may have 100,000 parents. A file system has an end of links, though, or none. */
static int link_parent(int results, int dir, const char *id, struct err *err)
{
	if (unlinkat(dir, id, 0) < 0 && errno != ENOENT)
		return err_sys(err, errno, "cannot replace '" PARENTS_NAME "/.../%s'", id);
	if (linkat(results, id, dir, id, 0) == 0 || errno == ENOENT)
		return 0;
	return copy_parent(results, dir, id, err);
}

static int link_parents(const struct tasks *ts, const struct task *t, int results, int dir,
    struct err *err)
{
	const char *s = task_get(ts, t, COL_DEPENDS_ON), *word;
	char id[TASK_ID_MAX + 1];
	size_t len;

	while ((word = task_next_word(&s, &len)))
		if (copy_id(id, word, len) && link_parent(results, dir, id, err) < 0)
			return -1;
	return 0;
}

int kept_gather(const struct kept *k, uint32_t row, struct err *err)
{
	const struct task *t = k->batch->agents[row].task;
	int results, parents, dir = -1, rc = -1;

	if (!has_parents(k->batch->tasks, t))
		return 0;
	results = open_sub(k->original->fd, KEPT_NAME, err);
	parents = results < 0 ? -1 : open_sub(k->dir->fd, PARENTS_NAME, err);
	if (parents >= 0)
		dir = open_sub(parents, t->id, err);
	if (dir >= 0)
		rc = link_parents(k->batch->tasks, t, results, dir, err);
	if (dir >= 0)
		close(dir);
	if (parents >= 0)
		close(parents);
	if (results >= 0)
		close(results);
	return rc;
}

/* ---- reading ------------------------------------------------------------------ */

char *kept_parents_path(const struct batch_dir *dir, const struct tasks *ts, const struct task *t)
{
	return has_parents(ts, t) ? xasprintf("%s/" PARENTS_NAME "/%s", dir->path, t->id) : NULL;
}

static void add_clean(struct buf *out, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		size_t len = strnlen(p, (size_t)(end - p));

		buf_add(out, p, len);
		p += len + 1;
	}
}

void kept_text(const struct batch_dir *dir, const struct task *t, const char *parent,
    struct buf *out)
{
	char *path = xasprintf("%s/" PARENTS_NAME "/%s/%s", dir->path, t->id, parent);
	char *bytes = xmalloc(KEPT_TEXT_BYTES + 1);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread_all(fd, bytes, KEPT_TEXT_BYTES + 1, 0);
	bool is_cut = n > (ssize_t)KEPT_TEXT_BYTES;
	int back;

	if (is_cut)
		n = (ssize_t)KEPT_TEXT_BYTES;
	/* At a whole character: one has three bytes more at most. */
	for (back = 0; is_cut && back < 3 && ((unsigned char)bytes[n] & 0xc0) == 0x80; back++)
		n--;
	while (!is_cut && n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
		n--;
	if (n > 0)
		add_clean(out, bytes, (size_t)n);
	if (is_cut)
		buf_fmt(out, "\n... cut here, the whole is in %s", path);
	if (fd >= 0)
		close(fd);
	free(bytes);
	free(path);
}

/* The next {result:ID} of one of the row's parents, or NULL. */
static const char *next_place(const struct tasks *ts, const struct task *t, const char *s,
    char id[TASK_ID_MAX + 1])
{
	const char *word;
	size_t len;

	while ((s = task_next_result(s, &word, &len))) {
		if (copy_id(id, word, len) && task_depends_on(ts, t, id))
			return s;
		s = word;
	}
	return NULL;
}

char *kept_fill_task(const struct batch_dir *dir, const struct tasks *ts, const struct task *t)
{
	const char *s = task_get(ts, t, COL_TASK);
	char id[TASK_ID_MAX + 1];
	const char *place = next_place(ts, t, s, id);
	struct buf out = BUF_INIT;

	if (!place)
		return NULL;
	for (; place; place = next_place(ts, t, s, id)) {
		buf_add(&out, s, (size_t)(place - s));
		kept_text(dir, t, id, &out);
		s = strchr(place, '}') + 1;
	}
	buf_str(&out, s);
	return buf_detach(&out);
}
