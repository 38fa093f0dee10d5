#include "base/file.h"
#include "base/xalloc.h"
#include "formats/options_json.h"
#include "formats/run_reader.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Rows of a child may depend on rows that an earlier cycle has completed. Whether they have was
 * asked when the batch was made. */
static bool is_met(void *ctx, const char *id)
{
	(void)ctx;
	(void)id;
	return true;
}

static int load_tasks(struct batch_reader *r, struct err *err)
{
	struct graph_met met = {.is_met = is_met};
	struct tasks_read_opts opts = {.file = TASKS_NAME, .met = &met};
	int fd = file_open_read(r->dir.fd, TASKS_NAME, err);
	int rc = -1;

	if (fd >= 0) {
		rc = tasks_read_fd(&r->tasks, &r->graph, fd, &opts, err);
		close(fd);
	}
	if (rc == 0)
		branch_set_rows(&r->manifest.options, &r->tasks);
	return rc < 0 ? err_prefix(err, "'%s': ", r->dir.path) : 0;
}

/* In a run with a planner the file comes when the plan has been read. */
static bool is_plan_to_come(const struct batch_reader *r)
{
	return options_is_solve(&r->manifest.options) &&
	    options_has_role(&r->manifest.options, SOLVE_PLANNER) &&
	    faccessat(r->dir.fd, TASKS_NAME, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static void begin_state(struct batch_reader *r)
{
	batch_init(&r->state, &r->tasks, &r->graph, options_default_agent(&r->manifest.options),
	    r->manifest.options.jobs);
}

/* Without an id that nobody has there is nothing that could fail. */
static void begin_without_rows(struct batch_reader *r)
{
	r->awaits_plan = true;
	(void)graph_build(&r->graph, &r->tasks, NULL, NULL);
	begin_state(r);
}

/* The plan is there: everything is folded again, with its rows. */
static int take_up_plan(struct batch_reader *r, struct err *err)
{
	batch_release(&r->state);
	graph_release(&r->graph);
	tasks_release(&r->tasks);
	tasks_init(&r->tasks);
	journal_reader_close(&r->journal);
	r->journal = (struct journal_reader){.fd = -1};
	buf_init(&r->journal.pending);
	if (load_tasks(r, err) < 0) {
		begin_without_rows(r);
		return -1;
	}
	r->awaits_plan = false;
	begin_state(r);
	return 0;
}

/* Reads the manifest where it is another file than last time. Returns whether it did. */
static bool load_manifest(struct batch_reader *r)
{
	struct manifest m;
	struct stat st;
	int64_t mtime_ns;

	if (fstatat(r->dir.fd, MANIFEST_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (st.st_ino == r->manifest_ino && mtime_ns == r->manifest_mtime_ns)
		return false;
	r->manifest_ino = st.st_ino;
	r->manifest_mtime_ns = mtime_ns;
	if (manifest_read(r->dir.fd, &m, NULL) != 0)
		return false;
	manifest_release(&r->manifest);
	r->manifest = m;
	return true;
}

/* A manifest that is missing or damaged gives way to what the first event says. */
static void load_options(struct batch_reader *r)
{
	struct arena arena = ARENA_INIT;
	struct event ev;

	manifest_init(&r->manifest);
	if (load_manifest(r))
		return;
	if (journal_first(r->dir.fd, &ev, &arena) && ev.type == EV_BATCH && ev.batch.options_json)
		(void)options_parse(ev.batch.options_json, &r->manifest.options, NULL);
	arena_release(&arena);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct batch_reader *r = ctx;

	batch_apply(&r->state, ev);
}

/* 1: something was folded. A journal that was not there may be now. */
static int read_journal(struct batch_reader *r, struct err *err)
{
	int rc;

	if (r->journal.fd < 0) {
		rc = journal_reader_open(&r->journal, r->dir.fd, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	rc = journal_read(&r->journal, 0, on_event, r, err);
	return rc < 0 ? err_prefix(err, "'%s': ", r->dir.path) : rc;
}

/* What was removed while it ran will never tell its end. */
static bool is_removed(const struct batch_reader *r)
{
	struct stat st;

	return r->state.end == END_NONE && r->journal.fd >= 0 && fstat(r->journal.fd, &st) == 0 &&
	    st.st_nlink == 0;
}

/* The original of a run with roles is conducted as long as it has not ended, also while its planner
 * is, who has a lock of his own. */
static bool ask_lock(const struct batch_reader *r)
{
	if (batch_dir_is_held(r->dir.fd, LOCK_BATCH) == 1)
		return true;
	return options_is_solve(&r->manifest.options) && !r->manifest.retry.is_retry &&
	    r->state.end == END_NONE && batch_dir_is_held(r->dir.fd, LOCK_RUN) == 1;
}

int batch_reader_refresh(struct batch_reader *r, struct err *err)
{
	/* First the lock: whoever let go of it has written everything. */
	bool is_held = ask_lock(r);
	bool changed = is_held != r->is_held;
	int rc;

	r->is_held = is_held;
	if (load_manifest(r))
		changed = true;
	if (r->awaits_plan && !is_plan_to_come(r) && take_up_plan(r, err) < 0)
		return -1;
	rc = read_journal(r, err);
	if (rc >= 0 && is_removed(r))
		return err_set(err, "'%s' was removed while it ran", r->dir.path);
	return rc < 0 ? -1 : changed || rc > 0;
}

int batch_reader_check_writable(const struct batch_reader *r, struct err *err)
{
	const char *version = r->state.version ? r->state.version : r->manifest.version;

	if (!manifest_is_newer(version))
		return 0;
	return err_set(err,
	    "'%s' was written by agent-batch %s and can only be read by this one (" AB_VERSION ")",
	    r->dir.name, version);
}

void batch_reader_take_rest(struct batch_reader *r)
{
	if (r->journal.fd >= 0)
		(void)journal_take_rest(&r->journal, on_event, r);
}

int batch_reader_open(struct batch_reader *r, const char *path, struct err *err)
{
	memset(r, 0, sizeof(*r));
	r->journal.fd = -1;
	buf_init(&r->journal.pending);
	tasks_init(&r->tasks);
	if (batch_dir_open(&r->dir, path, err) < 0)
		return -1;
	load_options(r);
	if (is_plan_to_come(r)) {
		begin_without_rows(r);
	} else if (load_tasks(r, err) < 0) {
		manifest_release(&r->manifest);
		batch_dir_close(&r->dir);
		return -1;
	} else {
		begin_state(r);
	}
	if (batch_reader_refresh(r, err) < 0) {
		batch_reader_close(r);
		return -1;
	}
	if (!*r->manifest.batch) {
		manifest_release(&r->manifest);
		manifest_from_batch(&r->manifest, r->dir.name, &r->state);
	}
	return 0;
}

void batch_reader_close(struct batch_reader *r)
{
	batch_release(&r->state);
	graph_release(&r->graph);
	tasks_release(&r->tasks);
	journal_reader_close(&r->journal);
	manifest_release(&r->manifest);
	batch_dir_close(&r->dir);
}

/* Whether something could start if only a slot were free. */
static bool can_start(const struct batch *b)
{
	uint32_t i;

	if (b->nr_attempts == 0 && b->not_before_t != NUM_NONE)
		return false;
	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];

		if (acc->is_member && acc->gate.state != GATE_CLOSED &&
		    heap_top(&b->pools[acc->pool].ready))
			return true;
	}
	return false;
}

enum run_state batch_reader_state(const struct batch_reader *r)
{
	const struct batch *b = &r->state;
	uint32_t open = b->counts[AGENT_PENDING] + b->counts[AGENT_IN_PROGRESS];

	switch (b->end) {
	case END_FINISHED:
		return RUN_FINISHED;
	case END_STOPPED:
		return RUN_STOPPED;
	case END_NONE:
	case END__COUNT:
		break;
	}
	if (!r->is_held) /* a run with roles stops between its batches, too */
		return b->solve.is_stopped ? RUN_STOPPED : RUN_INTERRUPTED;
	if (b->is_draining)
		return RUN_DRAINING;
	if (b->is_paused)
		return RUN_PAUSED;
	return b->nr_running == 0 && open > 0 && !can_start(b) ? RUN_WAITING : RUN_RUNNING;
}
