/* What an attempt writes to, before its start is journalled. */
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/local_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_task_file(struct local *lx, struct attempt_ref ref, struct err *err)
{
	const struct batch *b = lx->opts.batch;
	char *own = lx->opts.task_text ? lx->opts.task_text(lx->opts.ctx, ref) : NULL;
	const char *text = own ? own : task_get(b->tasks, b->agents[ref.agent].task, COL_TASK);
	char name[LOCAL_TASK_NAME_SIZE];
	int fd, rc = 0;

	local_task_name(lx, ref, name);
	/* An attempt whose start did not get into the journal is prepared again under its number. */
	fd = file_create_again(lx->attempts_fd, name, err);
	if (fd < 0)
		rc = -1;
	else if (write_all(fd, text, strlen(text)) < 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write '%s'", name);
	free(own);
	return rc;
}

/* A validation that never began may begin under the same number: what says so makes room for its
 * record. */
static int remove_void_record(struct local *lx, struct attempt_ref ref, struct err *err)
{
	char name[RECORD_NAME_SIZE];
	struct record r;

	local_record_name(lx, ref, name);
	if (record_read(lx->attempts_fd, name, &r, err) < 0)
		return -1;
	if (r.is_void && unlinkat(lx->attempts_fd, name, 0) < 0)
		return err_sys(err, errno, "cannot remove '%s'", name);
	return 0;
}

static bool ends_in_newline(int dirfd, const char *name, off_t size)
{
	int fd = file_open_read(dirfd, name, NULL);
	char last = '\0';
	bool is_newline = fd >= 0 && pread_all(fd, &last, 1, size - 1) == 1 && last == '\n';

	if (fd >= 0)
		close(fd);
	return is_newline;
}

/* "=== attempt 2 at 2026-11-21 23:15:02 ===", for readers of the log. */
static int write_separator(struct local *lx, struct job *job, const char *name, struct err *err)
{
	const char *what = job->ref.kind == RECORD_VALIDATE ? "validation of attempt" : "attempt";
	char when[CLOCK_TEXT_LEN + 1], line[96];
	const char *lead = "";
	struct stat st;
	int n;

	clock_text(clock_now().wall_ms, when);
	if (fstat(job->log_fd, &st) < 0)
		return err_sys(err, errno, "cannot look at '%s'", name);
	if (st.st_size > 0 && !ends_in_newline(lx->opts.dir->fd, name, st.st_size))
		lead = "\n";
	n = snprintf(line, sizeof(line), "%s=== %s %lu at %s ===\n", lead, what,
	    (unsigned long)job->ref.n, when);
	/* One log that is as long as a file may be is that agent's own trouble. */
	if (write_all(job->log_fd, line, (size_t)n) < 0 && errno != EFBIG)
		return err_sys(err, errno, "cannot write '%s'", name);
	return 0;
}

int local_prepare(struct executor *ex, struct attempt_ref ref, int64_t *log_from, struct err *err)
{
	struct local *lx = (struct local *)ex;
	struct job *job = jobs_find(&lx->jobs, ref);
	char name[LOG_NAME_SIZE];
	struct stat st;

	if (job && job->state != JOB_PREPARED)
		BUG("an attempt that runs is prepared");
	if (job)
		local_drop(lx, job); /* prepared once more: its start could not be journalled */
	job = jobs_add(&lx->jobs, ref);
	batch_log_name(local_id(lx, ref.agent), name);
	job->log_fd = file_open_append(lx->opts.dir->fd, name, err);
	if (job->log_fd < 0 || write_separator(lx, job, name, err) < 0)
		goto fail;
	if (ref.kind == RECORD_VALIDATE ? remove_void_record(lx, ref, err) < 0
					: write_task_file(lx, ref, err) < 0)
		goto fail;
	if (fstat(job->log_fd, &st) < 0) {
		err_sys(err, errno, "cannot look at '%s'", name);
		goto fail;
	}
	*log_from = st.st_size;
	return 0;
fail:
	local_drop(lx, job);
	return -1;
}
