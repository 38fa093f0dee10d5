/* The conductor as a process: takes the locks, comes to the batch, conducts it, and says what is
 * next. */
#include "engine/engine.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/announcement.h"
#include "engine/holder.h"
#include "engine/solve.h"
#include "formats/options_json.h"
#include "model/retry_words.h"
#include "policy/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- setting up ------------------------------------------------------------------------ */

/* Tells whoever started us, once: "ok", or the exit status and why. */
static void tell_ready(struct engine *e, int status, const char *message)
{
	char line[1100];
	int n;

	if (e->opts->ready_fd < 0 || e->has_told_ready)
		return;
	e->has_told_ready = true;
	if (status == 0)
		n = snprintf(line, sizeof(line), "ok\n");
	else
		n = snprintf(line, sizeof(line), "%d %s\n", status, message);
	(void)write_all(e->opts->ready_fd, line, (size_t)n); /* it may have gone away */
	close(e->opts->ready_fd);
}

static int take_lock(struct engine *e, const struct batch_dir *dir, int byte, struct err *err)
{
	int fd = openat(dir->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int (*const take)(int, off_t) =
	    byte == LOCK_RUN && engine_shares_run(e) ? lock_share : lock_take;
	int rc = fd < 0 ? -1 : take(fd, byte), waited_ms;

	for (waited_ms = 0;
	     rc == 1 && waited_ms < HOLDER_PATIENCE_MS && holder_is_dying(e->opts->dir);
	     waited_ms += HOLDER_POLL_MS) {
		poll(NULL, 0, HOLDER_POLL_MS);
		rc = take(fd, byte);
	}
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	if (rc == 1) {
		err_set(err, "another conductor holds '%s'", dir->name);
		return engine_fail(e, EXIT_HELD);
	}
	err_sys(err, errno, "cannot lock '%s'", dir->name);
	return engine_fail(e, EXIT_INTERNAL);
}

static void name_holder(struct engine *e)
{
	if (e->status == EXIT_HELD)
		holder_name(e->opts->dir, e->dir.name, &e->err);
}

static int lock_batch(struct engine *e)
{
	e->lock_fd = e->opts->lock_fd;
	if (e->lock_fd < 0)
		e->lock_fd = take_lock(e, &e->dir, LOCK_BATCH, &e->err);
	else
		(void)fcntl(e->lock_fd, F_SETFD, FD_CLOEXEC);
	return e->lock_fd < 0 ? -1 : 0;
}

static int open_original(struct engine *e)
{
	const char *name = e->reader.manifest.retry.original_batch;
	char *path;
	int rc;

	if (e->options.role) /* in roles/ of the original */
		path = xasprintf("%s/..", e->dir.parent_path);
	else if (e->reader.manifest.retry.is_retry && *name)
		path = xasprintf("%s/%s", e->dir.parent_path, name);
	else
		return 0;
	rc = batch_dir_open(&e->original, path, &e->err);
	free(path);
	if (rc == 0)
		return 0;
	/* A run whose original was removed is conducted on its own. */
	e->original.fd = -1;
	engine_sayf(e, "the run's original batch is not there: %s", e->err.msg);
	return 0;
}

static int lock_run(struct engine *e)
{
	const struct batch_dir *where = e->original.fd >= 0 ? &e->original : &e->dir;

	e->run_lock_fd = e->opts->run_lock_fd;
	if (e->run_lock_fd < 0)
		e->run_lock_fd = take_lock(e, where, LOCK_RUN, &e->err);
	else
		(void)fcntl(e->run_lock_fd, F_SETFD, FD_CLOEXEC);
	return e->run_lock_fd < 0 ? -1 : 0;
}

static int load(struct engine *e)
{
	bool rebuilt = false;

	if (batch_reader_open(&e->reader, e->opts->dir, &e->err) < 0)
		return engine_fail(e, EXIT_INTERNAL);
	e->has_reader = true;
	if (batch_reader_check_writable(&e->reader, &e->err) < 0)
		return engine_fail(e, EXIT_USAGE);
	manifest_release(&e->reader.manifest);
	manifest_init(&e->reader.manifest);
	if (manifest_read_or_rebuild(e->dir.fd, e->dir.name, &e->reader.manifest, &e->reader.state,
		&rebuilt, &e->err) < 0)
		return engine_fail(e, EXIT_INTERNAL);
	if (rebuilt)
		engine_say(e,
		    "manifest.json was damaged: rebuilt from the journal, the damaged one is kept");
	options_copy(&e->options, &e->reader.manifest.options);
	if (e->opts->overrides && options_parse(e->opts->overrides, &e->options, &e->err) < 0)
		return engine_fail(e, EXIT_USAGE);
	return 0;
}

static int open_journal(struct engine *e)
{
	bool is_torn;
	int fd = journal_open_append(e->dir.fd, &is_torn, &e->err);

	if (fd < 0)
		return engine_fail(e, EXIT_INTERNAL);
	if (is_torn)
		batch_reader_take_rest(&e->reader);
	if (e->reader.journal.nr_skipped)
		engine_sayf(e, "%llu lines of the journal could not be read and were passed over",
		    (unsigned long long)e->reader.journal.nr_skipped);
	writer_init(&e->writer, &e->loop, fd, is_torn, engine_on_flushed, e);
	e->has_writer = true;
	return 0;
}

/* The first event of a new batch stands already when this process made the child before its exec,
 * or took the first steps of a run with roles; else every coming to a batch is told. */
static bool is_announced(const struct engine *e)
{
	const struct batch *b = &e->reader.state;
	char boot[BOOT_ID_LEN + 1];

	clock_boot_id(boot);
	return b->nr_events - b->solve.nr_events == 1 && b->pid == getpid() && b->boot &&
	    strcmp(b->boot, boot) == 0;
}

/* A branch that was begun by who made it, and handed on with its lock. */
static bool is_resumed(const struct engine *e)
{
	return e->reader.state.version &&
	    !(e->reader.state.nr_events == 1 && e->opts->lock_fd >= 0);
}

static void announce(struct engine *e)
{
	const struct manifest *m = &e->reader.manifest;
	bool is_first = !e->reader.state.version;
	struct announcement a;
	struct spent spent;

	announcement_init(&a, m, &e->options);
	a.ev.batch.resumed = is_resumed(e);
	a.ev.batch.jobs = engine_jobs(e);
	if (is_first && m->retry.is_retry) {
		spent = history_spent(e->history);
		a.ev.batch.spent_usd = spent.usd;
		a.ev.batch.spent_tokens = spent.tokens;
	}
	if (is_first)
		announcement_add_options(&a, &e->options);
	else if (e->opts->overrides)
		a.ev.batch.options_json = e->opts->overrides;
	if (a.ev.batch.resumed)
		engine_sayf(e, "resumed by pid %ld: %u running, %u waiting, %u pending",
		    (long)getpid(), e->reader.state.nr_running,
		    e->reader.state.phases[PHASE_BACKOFF], e->reader.state.counts[AGENT_PENDING]);
	else
		engine_sayf(e, "begun by pid %ld: %u agent%s", (long)getpid(),
		    e->reader.state.nr_agents, e->reader.state.nr_agents == 1 ? "" : "s");
	conductor_emit(&e->conductor, &a.ev, clock_now());
	announcement_release(&a);
}

/* The first event must be on disk before anybody is told that the batch lives. */
static int flush_now(struct engine *e)
{
	struct buf bytes = BUF_INIT;
	int rc = 0;

	if (!conductor_take(&e->conductor, &bytes))
		return 0;
	if ((e->writer.is_torn && write_all(e->writer.fd, "\n", 1) < 0) ||
	    write_all(e->writer.fd, bytes.data, bytes.len) < 0 || fdatasync(e->writer.fd) < 0 ||
	    fsync(e->dir.fd) < 0) {
		err_sys(&e->err, errno, "cannot write '%s/" JOURNAL_NAME "'", e->dir.name);
		rc = engine_fail(e, EXIT_INTERNAL);
	}
	e->writer.is_torn = false;
	buf_release(&bytes);
	e->conductor.is_writing = false;
	return rc;
}

static int set_up(struct engine *e)
{
	if (batch_dir_open(&e->dir, e->opts->dir, &e->err) < 0)
		return engine_fail(e, EXIT_INTERNAL);
	if (lock_batch(e) < 0)
		return -1;
	if (load(e) < 0 || open_original(e) < 0 || lock_run(e) < 0)
		return -1;
	return 0;
}

/* What was given anew goes for this batch and for all that come of it. */
static int keep_overrides(struct engine *e)
{
	struct manifest *m = &e->reader.manifest;

	if (!e->opts->overrides)
		return 0;
	options_release(&m->options);
	options_copy(&m->options, &e->options);
	m->retry.auto_retry_enabled = e->options.auto_retry;
	m->retry.max_retries = e->options.max_retries;
	if (manifest_write(e->dir.fd, m, &e->reader.state, &e->err) < 0)
		return engine_fail(e, EXIT_INTERNAL);
	return 0;
}

/* A key that the cycle before has found wrong is not tried again by each cycle: a person acts first.
 * Where a profile has but its own login, whether the rows that are left meet the same is for them to
 * find out. */
static void keep_closed(struct engine *e)
{
	const struct batch *b = &e->reader.state;
	uint32_t i;

	for (i = 0; b->cycle > 0 && i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];
		const struct gate *gate = NULL;
		struct event ev;

		if (acc->is_member && b->pools[acc->pool].is_declared)
			gate = history_closed(e->history, acc->name);
		if (!gate)
			continue;
		event_init(&ev, EV_GATE);
		ev.gate = gate_event(acc, GATE_CLOSED, gate->why);
		conductor_emit(&e->conductor, &ev, clock_now());
	}
}

static int come_to_batch(struct engine *e)
{
	bool is_new = e->reader.state.nr_events <= 1;
	bool is_by_person = is_resumed(e);

	engine_init_conductor(e);
	solve_share_budget(e);
	if (!is_announced(e))
		announce(e);
	if (is_new && !is_by_person)
		keep_closed(e);
	/* Whose cycle it is, its first event has told. */
	if (is_new && e->reader.manifest.retry.kind == BATCH_EXTENSION)
		engine_say(e, RETRY_PHASE_NEW);
	else if (is_new)
		engine_say_retrying(e);
	if (flush_now(e) < 0 || keep_overrides(e) < 0)
		return -1;
	conductor_begin(&e->conductor, clock_now());
	shared_gates_read(e->gates);
	engine_follow_siblings(e);
	return 0;
}

/* ---- the end ------------------------------------------------------------------------------ */

static void tear_down(struct engine *e)
{
	size_t i;

	if (e->has_loop) {
		if (!e->is_closing)
			engine_close(e);
		while (uv_run(&e->loop, UV_RUN_DEFAULT) != 0)
			;
		server_free(e->server);
		siblings_free(e->siblings);
		e->siblings = NULL;
		shared_gates_free(e->gates);
		uv_loop_close(&e->loop);
		if (e->wall_fd >= 0)
			close(e->wall_fd);
	}
	if (e->has_writer)
		writer_release(&e->writer);
	judge_free(e->judge);
	pattern_base_free(e->patterns);
	command_maker_free(e->commands);
	accounts_free(e->accounts);
	for (i = 0; i < ARRAY_LEN(e->masked); i++)
		buf_release(&e->masked[i]);
	history_free(e->history);
	buf_release(&e->feedback);
}

static void release(struct engine *e)
{
	if (e->has_conductor)
		conductor_release(&e->conductor);
	if (e->has_reader)
		batch_reader_close(&e->reader);
	options_release(&e->options);
	if (e->original.fd >= 0)
		batch_dir_close(&e->original);
	if (e->dir.fd >= 0)
		batch_dir_close(&e->dir);
	if (e->lock_fd >= 0)
		close(e->lock_fd);
	if (e->run_lock_fd >= 0)
		close(e->run_lock_fd);
	if (e->round_lock_fd >= 0)
		close(e->round_lock_fd);
}

/* Whether this batch ended and only its child was not begun. */
static bool has_unborn_child(const struct engine *e)
{
	return e->reader.state.end == END_FINISHED && e->reader.state.child;
}

static int conduct(struct engine *e)
{
	if (engine_init_loop(e) < 0 || engine_init_makers(e) < 0 || open_journal(e) < 0 ||
	    engine_init_executor(e) < 0 || come_to_batch(e) < 0)
		return -1;
	tell_ready(e, 0, NULL);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	/* With a child it is written when the child is named in it. */
	if (e->status != EXIT_INTERNAL && !e->conductor.has_child &&
	    manifest_write(e->dir.fd, &e->reader.manifest, &e->reader.state, &e->err) < 0)
		engine_sayf(e, "cannot write the manifest: %s", e->err.msg);
	return 0;
}

/* The batch has ended: on to its child, or back to who asks for the next step of the run. */
static void go_on(struct engine *e)
{
	if (e->status == EXIT_INTERNAL) {
		if (e->err.msg[0])
			engine_say(e, e->err.msg);
	} else if (e->conductor.has_child) {
		engine_go_on_with_cycle(e);
	} else if (solve_is_part(e)) {
		solve_return(e);
		e->status = EXIT_INTERNAL;
		engine_say(e, e->err.msg);
	}
}

static void conduct_batch(struct engine *e)
{
	int rc = 0;

	if (has_unborn_child(e)) {
		tell_ready(e, 0, NULL);
		engine_go_on_with_cycle(e);
		return;
	}
	if (e->reader.state.end == END_FINISHED) {
		e->status = (int)e->reader.state.exit_code;
		tell_ready(e, 0, NULL);
		return;
	}
	rc = conduct(e);
	tear_down(e);
	if (rc == 0)
		go_on(e);
	else
		tell_ready(e, e->status, e->err.msg);
}

static void ready(struct engine *e)
{
	tell_ready(e, 0, NULL);
}

/* The original of a run with roles: what is next may be elsewhere. */
static void step(struct engine *e)
{
	if (keep_overrides(e) == 0 && solve_go_on(e, ready) == SOLVE_CONDUCT_HERE)
		conduct_batch(e);
	else if (e->status == EXIT_INTERNAL)
		tell_ready(e, e->status, e->err.msg);
	else
		tell_ready(e, 0, NULL);
}

int engine_conduct(const struct conduct_opts *opts)
{
	struct engine e = {
	    .opts = opts,
	    .dir = {.fd = -1},
	    .original = {.fd = -1},
	    .lock_fd = -1,
	    .run_lock_fd = -1,
	    .round_lock_fd = -1,
	    .wall_fd = -1,
	    .feedback = BUF_INIT,
	    .masked = {BUF_INIT, BUF_INIT, BUF_INIT},
	};

	options_init(&e.options);
	if (set_up(&e) < 0) {
		name_holder(&e);
		tell_ready(&e, e.status, e.err.msg);
	} else if (solve_is_stepper(&e)) {
		step(&e);
	} else {
		conduct_batch(&e);
	}
	release(&e);
	return e.status;
}
