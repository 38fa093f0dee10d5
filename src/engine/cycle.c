#include "engine/cycle.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/announcement.h"
#include "engine/create.h"
#include "formats/reservation.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t cycle_failed_before(const struct batch *b, const char *id)
{
	uint32_t i = b->cycle > 0 ? batch_find(b, id) : AGENT_NONE;
	const char *tags, *word;
	size_t len;

	if (i == AGENT_NONE)
		return 0;
	tags = task_get(b->tasks, &b->tasks->v[i], COL_TAGS);
	while ((word = task_next_word(&tags, &len)))
		if (len > 6 && memcmp(word, "RETRY-", 6) == 0)
			return (uint32_t)strtoul(word + 6, NULL, 10);
	return 0;
}

/* ---- the CSV ----------------------------------------------------------------- */

static int format_csv(const struct tasks *ts, const struct retry_row *rows, uint32_t nr,
    char **text, size_t *len, struct err *err)
{
	FILE *f = open_memstream(text, len);
	int rc;

	if (!f)
		return err_sys(err, errno, "cannot write a retry CSV");
	rc = tasks_write_retry(f, ts, rows, nr, err);
	if (fclose(f) != 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write a retry CSV");
	return rc;
}

/* A CSV that a crash left behind is complete (it was renamed into place), and is the one. */
static int ensure_csv(const struct batch_reader *parent, const struct cycle_plan *plan,
    struct buf *csv, struct err *err)
{
	const char *name = plan->child->csv ? plan->child->csv : "";
	int dirfd = dir_open(parent->dir.parent_path, err);
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (dirfd < 0)
		return -1;
	if (plan->new_rows) {
		buf_add(csv, plan->new_rows->data, plan->new_rows->len);
		rc = 0;
	} else if (faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		rc = file_read(dirfd, name, SIZE_MAX / 2, csv, err);
	} else {
		rc = format_csv(&parent->tasks, plan->rows, plan->nr, &text, &len, err);
		if (rc == 0)
			rc = file_replace(dirfd, name, text, len, err);
		if (rc == 0)
			buf_add(csv, text, len);
	}
	free(text);
	close(dirfd);
	return rc;
}

/* ---- the directory ---------------------------------------------------------------- */

static void child_metadata(const struct batch_reader *parent, const struct cycle_plan *plan,
    struct retry_metadata *retry)
{
	const struct retry_metadata *own = &parent->manifest.retry;
	const struct options *options = plan->options;

	*retry = (struct retry_metadata){
	    .is_retry = true,
	    .kind = parent->state.child_is_extension ? BATCH_EXTENSION : BATCH_RETRY,
	    .retry_count = (int)parent->state.cycle + 1,
	    .auto_retry_enabled = options->auto_retry,
	    .max_retries = options->max_retries,
	};
	snprintf(retry->parent_batch, sizeof(retry->parent_batch), "%s", parent->dir.name);
	snprintf(retry->original_batch, sizeof(retry->original_batch), "%s",
	    own->original_batch[0] ? own->original_batch : parent->dir.name);
	if (plan->child->branch)
		snprintf(retry->branch, sizeof(retry->branch), "%s", plan->child->branch);
}

/* Whether a directory of the child's name is ours: reserved when it was announced, or what a crashed
 * conductor of ours began. */
static bool is_ours(const struct batch_reader *parent, const struct cycle_plan *plan,
    const struct batch_dir *child)
{
	const char *branch = plan->child->branch;
	const struct reservation own = {parent->dir.parent_path, parent->dir.name, branch};
	struct manifest m;
	bool ours;

	manifest_init(&m);
	if (manifest_read(child->fd, &m, NULL) == 0)
		ours = strcmp(m.retry.parent_batch, parent->dir.name) == 0 &&
		    strcmp(m.retry.branch, branch ? branch : "") == 0;
	else
		ours = faccessat(child->fd, JOURNAL_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
		    !reservation_is_foreign(child->fd, &own);
	manifest_release(&m);
	return ours;
}

static int open_child(const struct batch_reader *parent, const struct cycle_plan *plan,
    struct batch_dir *child, struct err *err)
{
	char *path = xasprintf("%s/%s", parent->dir.parent_path, plan->child->name);
	int rc = batch_dir_open(child, path, err);

	free(path);
	if (rc < 0)
		return rc;
	if (is_ours(parent, plan, child))
		return 0;
	batch_dir_close(child);
	return 1;
}

static int make_child_dir(const struct batch_reader *parent, const struct cycle_plan *cycle,
    const struct buf *csv, struct batch_dir *child, struct err *err)
{
	struct retry_metadata retry;
	const struct batch_plan plan = {
	    .batches_dir = parent->dir.parent_path,
	    .name = cycle->child->name,
	    .options = cycle->options,
	    .retry = &retry,
	    .csv = csv->data,
	    .csv_len = csv->len,
	};
	int rc;

	child_metadata(parent, cycle, &retry);
	rc = batch_create(&plan, child, err);
	if (rc != 1)
		return rc;
	rc = open_child(parent, cycle, child, err);
	if (rc == 0)
		rc = batch_dir_complete(child, err);
	if (rc == 0 && faccessat(child->fd, MANIFEST_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		rc = batch_create_files(&plan, child, err);
	return rc;
}

/* 2: it is held. */
static int lock_child(const struct batch_dir *child, int *lock_fd, struct err *err)
{
	int fd = openat(child->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -1 : lock_take(fd, LOCK_BATCH);

	*lock_fd = fd;
	if (rc == 0)
		return 0;
	if (rc == 1)
		err_set(err, "'%s' is held by another conductor", child->name);
	else
		err_sys(err, errno, "cannot lock '%s'", child->name);
	if (fd >= 0)
		close(fd);
	*lock_fd = -1;
	return rc == 1 ? 2 : -1;
}

int cycle_first_event(const struct batch_dir *dir, const struct manifest *m,
    const struct cycle_plan *plan, struct err *err)
{
	struct instant now = clock_now();
	struct announcement a;
	int rc;

	announcement_init(&a, m, &m->options);
	announcement_add_options(&a, &m->options);
	a.ev.t = now.wall_ms;
	a.ev.m = now.mono_ms;
	if (m->retry.branch[0])
		a.ev.batch.jobs = branch_jobs(m->options.jobs, m->options.nr_branches,
		    branch_find(&m->options, m->retry.branch));
	if (plan) {
		a.ev.batch.not_before_t = plan->child->until_t;
		a.ev.batch.spent_usd = plan->spent.usd;
		a.ev.batch.spent_tokens = plan->spent.tokens;
	}
	rc = journal_append(dir->fd, &a.ev, err);
	if (rc == 0 && fsync(dir->fd) < 0)
		rc = err_sys(err, errno, "cannot flush the directory");
	announcement_release(&a);
	return rc < 0 ? err_prefix(err, "'%s': ", dir->name) : 0;
}

/* A journal that a crash left without its first event is begun all the same: the cool-off stands in
 * that event and nowhere else. */
static bool is_begun(const struct batch_dir *child)
{
	struct arena arena = ARENA_INIT;
	struct event ev;
	bool is = journal_first(child->fd, &ev, &arena);

	arena_release(&arena);
	return is;
}

static int journal_child(const struct cycle_plan *plan, const struct batch_dir *child,
    struct err *err)
{
	struct manifest m;
	int rc;

	if (is_begun(child))
		return 0;
	manifest_init(&m);
	rc = manifest_read(child->fd, &m, err);
	if (rc == 0)
		rc = cycle_first_event(child, &m, plan, err);
	manifest_release(&m);
	return rc == 0 ? 0 : -1;
}

/* The child's directory is complete: locks and begins it. */
static int begin_child(const struct cycle_plan *plan, struct batch_dir *child, int *lock_fd,
    struct err *err)
{
	int rc = lock_child(child, lock_fd, err);

	if (rc == 0 && journal_child(plan, child, err) < 0) {
		close(*lock_fd);
		*lock_fd = -1;
		rc = -1;
	}
	if (rc != 0)
		batch_dir_close(child);
	return rc;
}

int cycle_make_child(struct batch_reader *parent, const struct cycle_plan *plan,
    struct batch_dir *child, int *child_lock_fd, struct err *err)
{
	struct buf csv = BUF_INIT;
	int rc = ensure_csv(parent, plan, &csv, err);

	if (rc == 0)
		rc = make_child_dir(parent, plan, &csv, child, err);
	buf_release(&csv);
	if (rc == 0)
		rc = begin_child(plan, child, child_lock_fd, err);
	if (rc != 0)
		return rc;
	manifest_add_next(&parent->manifest, child->name);
	if (manifest_write(parent->dir.fd, &parent->manifest, &parent->state, err) < 0)
		return -1;
	/* Only a convenience: the batch does not depend on it. */
	(void)batch_dir_set_latest(parent->dir.parent_path, child->name, NULL);
	return 0;
}
