#include "engine/create.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "engine/command.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_met(void *ctx, const char *id)
{
	(void)ctx;
	(void)id;
	return true; /* launch has judged it: what is not in the file is met */
}

static int read_back(struct tasks *ts, const struct batch_plan *p, const struct batch_dir *dir,
    struct err *err)
{
	const struct graph_met met = {.is_met = is_met};
	const struct tasks_read_opts opts = {.file = TASKS_NAME, .met = &met};
	int fd = file_open_read(dir->fd, TASKS_NAME, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = tasks_read_fd(ts, NULL, fd, &opts, err);
	if (rc == 0)
		branch_set_rows(p->options, ts);
	close(fd);
	return rc;
}

static void fill_manifest(struct manifest *m, const struct batch_plan *p, const char *name)
{
	manifest_init(m);
	snprintf(m->version, sizeof(m->version), "%s", AB_VERSION);
	snprintf(m->batch, sizeof(m->batch), "%s", name);
	m->created_t = clock_now().wall_ms;
	m->source_csv = p->options->source_csv ? xstrdup(p->options->source_csv) : NULL;
	options_release(&m->options);
	options_copy(&m->options, p->options);
	m->retry = *p->retry;
	m->retry.next_batches = NULL;
	m->retry.nr_next = 0;
}

/* In place at once only when it is the first: a directory without a journal is filled anew. */
static int write_tasks(const struct batch_plan *p, const struct batch_dir *dir, struct err *err)
{
	int fd, rc = 0;

	if (unlinkat(dir->fd, TASKS_NAME, 0) < 0 && errno != ENOENT)
		return err_sys(err, errno, "cannot replace '%s/" TASKS_NAME "'", dir->name);
	fd = file_create(dir->fd, TASKS_NAME, err);
	if (fd < 0)
		return -1;
	if (write_all(fd, p->csv, p->csv_len) < 0 || fsync(fd) < 0)
		rc = err_sys(err, errno, "cannot write '%s/" TASKS_NAME "'", dir->name);
	close(fd);
	return rc;
}

/* The directory's entries were flushed with the manifest; its own entry was not. */
static int flush_parent(const struct batch_plan *p, struct err *err)
{
	int fd = dir_open(p->batches_dir, err);
	int rc = 0;

	if (fd < 0)
		return -1;
	if (fsync(fd) < 0)
		rc = err_sys(err, errno, "cannot flush '%s'", p->batches_dir);
	close(fd);
	return rc;
}

int batch_create_files(const struct batch_plan *p, const struct batch_dir *dir, struct err *err)
{
	struct manifest m;
	struct tasks ts;
	struct batch b;
	int rc;

	if (p->csv && write_tasks(p, dir, err) < 0)
		return -1;
	if (!p->csv)
		tasks_init(&ts);
	else if (read_back(&ts, p, dir, err) < 0)
		return -1;
	batch_init(&b, &ts, NULL, options_default_agent(p->options), p->options->jobs);
	fill_manifest(&m, p, dir->name);
	rc = manifest_write(dir->fd, &m, &b, err);
	if (rc == 0)
		rc = flush_parent(p, err);
	manifest_release(&m);
	batch_release(&b);
	tasks_release(&ts);
	return rc;
}

int batch_create(const struct batch_plan *p, struct batch_dir *out, struct err *err)
{
	char name[NAME_SIZE];
	int dirfd, rc;

	if (p->name) {
		rc = batch_dir_make(out, p->batches_dir, p->name, err);
	} else {
		dirfd = dir_open(p->batches_dir, err);
		if (dirfd < 0)
			return -1;
		do {
			name_free_batch(dirfd, clock_now().wall_ms, name);
			rc = batch_dir_make(out, p->batches_dir, name, err);
		} while (rc == 1);
		close(dirfd);
	}
	if (rc != 0)
		return rc;
	rc = batch_create_files(p, out, err);
	if (rc < 0 && p->name)
		batch_dir_close(out);
	else if (rc < 0)
		batch_dir_unmake(out);
	return rc < 0 ? err_prefix(err, "cannot make a batch in '%s': ", p->batches_dir) : 0;
}
