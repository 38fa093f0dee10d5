#include "engine/launch.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/create.h"
#include "engine/holder.h"
#include "engine/spawn.h"
#include "formats/options_json.h"
#include "formats/run_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- launch ---------------------------------------------------------------------------- */

static int prepare_batches_dir(const char *path, struct err *err)
{
	int fd, rc;

	if (dir_make_path(path, err) < 0)
		return -1;
	fd = dir_open(path, err);
	if (fd < 0)
		return -1;
	rc = lock_probe(fd, path, err);
	close(fd);
	return rc;
}

/* The run's lock, taken before a child by hand is made: of two at the same moment one makes it. */
static int lock_run_of(const struct launch_spec *spec, int *lock_fd, struct err *err)
{
	char *path = xasprintf("%s/%s/" LOCK_NAME, spec->options->dir, spec->retry->original_batch);
	int rc;

	*lock_fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	free(path);
	if (*lock_fd < 0) {
		err_sys(err, errno, "cannot open the lock of '%s'", spec->retry->original_batch);
		return EXIT_INTERNAL;
	}
	rc = lock_take(*lock_fd, LOCK_RUN);
	if (rc == 0)
		return 0;
	if (rc < 0) {
		err_sys(err, errno, "cannot lock '%s'", spec->retry->original_batch);
		return EXIT_INTERNAL;
	}
	err_set(err,
	    "a conductor holds the run of '%s': wait for it, or stop it with agent-batch ctl",
	    spec->retry->original_batch);
	return EXIT_HELD;
}

static int check_siblings(const struct launch_spec *spec, const struct batch_reader *parent,
    struct err *err)
{
	const struct retry_metadata *m = &parent->manifest.retry;

	if (m->nr_next <= spec->parent_children)
		return 0;
	err_set(err, "'%s' was made from '%s' at the same moment", m->next_batches[m->nr_next - 1],
	    parent->dir.name);
	return EXIT_HELD;
}

/* Launched by hand, a retry CSV makes a child of the batch it came from. */
static int create_child(const struct launch_spec *spec, const struct batch_plan *plan,
    struct batch_dir *out, struct err *err)
{
	char *path = xasprintf("%s/%s", spec->options->dir, spec->retry->parent_batch);
	struct batch_reader r;
	int status = batch_reader_open(&r, path, err) < 0 ? EXIT_INTERNAL : 0;

	free(path);
	if (status != 0)
		return status;
	status =
	    batch_reader_check_writable(&r, err) < 0 ? EXIT_USAGE : check_siblings(spec, &r, err);
	if (status == 0 && batch_create(plan, out, err) != 0)
		status = EXIT_INTERNAL;
	if (status == 0) {
		manifest_add_next(&r.manifest, out->name);
		if (manifest_write(r.dir.fd, &r.manifest, &r.state, err) < 0) {
			batch_dir_close(out);
			status = EXIT_INTERNAL;
		}
	}
	batch_reader_close(&r);
	return status;
}

int engine_launch(const struct launch_spec *spec, struct batch_dir *out, struct err *err)
{
	static const struct retry_metadata original = {.is_retry = false};
	struct retry_metadata retry = spec->retry ? *spec->retry : original;
	const struct batch_plan plan = {
	    .batches_dir = spec->options->dir,
	    .options = spec->options,
	    .retry = &retry,
	    .csv = spec->csv ? spec->csv->data : NULL,
	    .csv_len = spec->csv ? spec->csv->len : 0,
	};
	int run_lock_fd = -1, status = 0;

	retry.auto_retry_enabled = spec->options->auto_retry;
	retry.max_retries = spec->options->max_retries;
	if (options_check_length(spec->options, err) < 0)
		return EXIT_USAGE;
	if (prepare_batches_dir(spec->options->dir, err) < 0)
		return EXIT_INTERNAL;
	if (retry.is_retry) {
		status = lock_run_of(spec, &run_lock_fd, err);
		if (status == 0)
			status = create_child(spec, &plan, out, err);
	} else if (batch_create(&plan, out, err) != 0) {
		status = EXIT_INTERNAL;
	}
	if (status == 0) {
		const struct conductor_spawn start = {
		    .dir = out, .lock_fd = -1, .run_lock_fd = run_lock_fd, .waits = true};

		status = conductor_spawn(&start, err);
		if (status != 0)
			batch_dir_close(out);
		else
			(void)batch_dir_set_latest(spec->options->dir, out->name, NULL);
	}
	if (run_lock_fd >= 0)
		close(run_lock_fd);
	return status;
}

/* ---- resume ------------------------------------------------------------------------------ */

static bool is_conducted(const struct run_reader *run)
{
	return run->is_held || run_reader_listener(run)->is_held;
}

/* Opens the run as it is when a conductor that was just killed has let go of it. */
static int open_to_resume(struct run_reader *run, const char *path, struct err *err)
{
	int waited_ms, rc = run_reader_open(run, path, err);

	for (waited_ms = 0; rc == 0 && waited_ms < HOLDER_PATIENCE_MS && is_conducted(run) &&
	     holder_is_dying(run_reader_listener(run)->dir.path);
	     waited_ms += HOLDER_POLL_MS) {
		run_reader_close(run);
		poll(NULL, 0, HOLDER_POLL_MS);
		rc = run_reader_open(run, path, err);
	}
	return rc;
}

/* Each batch that is left gets its conductor; that one of them has none is no reason to leave the
 * others without. Fails when none was started. */
static int start_all(struct batch_reader *const *left, size_t nr, const char *overrides,
    struct err *err)
{
	int first = 0;
	bool has_started = false;
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct conductor_spawn start = {.dir = &left[i]->dir,
		    .overrides = overrides,
		    .lock_fd = -1,
		    .run_lock_fd = -1,
		    .waits = true};
		struct err own = ERR_INIT;
		int status = conductor_spawn(&start, &own);

		has_started |= status == 0;
		if (status == 0 || first != 0)
			continue;
		first = status;
		*err = own;
	}
	return has_started ? 0 : first;
}

int engine_resume(const struct batch_dir *dir, const char *overrides, struct err *err)
{
	struct batch_reader **left;
	struct run_reader run;
	const struct batch_reader *last;
	size_t nr;
	int status;

	if (open_to_resume(&run, dir->path, err) < 0)
		return EXIT_INTERNAL;
	last = run_reader_last(&run);
	left = run_reader_left(&run, &nr);
	/* A branch may be carried on beside those that live. */
	if (nr == 0 || (is_conducted(&run) && !left[0]->state.branch)) {
		holder_name(last->dir.path, last->dir.name, err);
		status = EXIT_HELD;
	} else {
		status = start_all(left, nr, overrides, err);
	}
	free(left);
	run_reader_close(&run);
	return status;
}

int engine_reopen(const struct batch_dir *dir, const char *overrides, struct err *err)
{
	struct run_reader run;
	int status;

	if (open_to_resume(&run, dir->path, err) < 0)
		return EXIT_INTERNAL;
	status = start_all(run.batches, 1, overrides, err);
	run_reader_close(&run);
	return status;
}
