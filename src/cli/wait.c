/* wait: blocks until the whole run has ended. */
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/watch.h"

#include <sys/stat.h>
#include <uv.h>

/* How long after the last change in a batch directory its first event may still be on the way. */
#define BIRTH_MS 5000

struct waiter {
	struct run_reader run;
	struct run_watch *watch;
	int code; /* -1: not yet */
};

/* Its directory stands and its conductor is on the way: nobody has been there to be interrupted. */
static bool is_being_born(const struct run_reader *run)
{
	const struct batch_reader *original = run->batches[0];
	struct stat st;

	return original->state.nr_events == 0 && fstat(original->dir.fd, &st) == 0 &&
	    clock_now().wall_ms - (int64_t)st.st_mtim.tv_sec * 1000 < BIRTH_MS;
}

/* -1: not yet. */
static int exit_code(const struct run_reader *run)
{
	int code = run_reader_exit_code(run);

	return code == EXIT_INTERRUPTED && is_being_born(run) ? -1 : code;
}

static void on_change(void *ctx)
{
	struct waiter *w = ctx;
	const char *trouble = run_watch_error(w->watch);

	w->code = exit_code(&w->run);
	/* Of what cannot be read nobody can say that it was interrupted. */
	if (trouble && (w->code < 0 || w->code == EXIT_INTERRUPTED))
		w->code = fail(EXIT_INTERNAL, "%s", trouble);
	if (w->code >= 0)
		run_watch_free(w->watch);
}

static int wait_for_end(struct waiter *w)
{
	uv_loop_t loop;
	struct err err = ERR_INIT;
	int rc = uv_loop_init(&loop);

	if (rc != 0)
		return fail(EXIT_INTERNAL, "cannot make an event loop: %s", uv_strerror(rc));
	w->watch = run_watch_new(&loop, &w->run, on_change, w, &err);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return w->watch ? w->code : fail(EXIT_INTERNAL, "%s", err.msg);
}

int cmd_wait(struct cli_args *args)
{
	struct waiter w = {.code = -1};
	struct batch_reader *chosen;
	int rc = target_open_only(args, &w.run, &chosen);

	if (rc != 0)
		return rc;
	rc = exit_code(&w.run);
	if (rc < 0)
		rc = wait_for_end(&w);
	if (rc == EXIT_INTERRUPTED)
		note("%s is interrupted: nobody conducts it; carry on with: agent-batch resume %s",
		    chosen->dir.name, chosen->dir.name);
	run_reader_close(&w.run);
	return rc;
}
