/* wait: blocks until the whole run has ended. */
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/watch.h"

#include <uv.h>

struct waiter {
	struct run_reader run;
	struct run_watch *watch;
	int code; /* -1: not yet */
};

static void on_change(void *ctx)
{
	struct waiter *w = ctx;

	const char *trouble = run_watch_error(w->watch);

	w->code = run_reader_exit_code(&w->run);
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
	rc = run_reader_exit_code(&w.run);
	if (rc < 0)
		rc = wait_for_end(&w);
	if (rc == EXIT_INTERRUPTED)
		note("%s is interrupted: nobody conducts it; carry on with: agent-batch resume %s",
		    chosen->dir.name, chosen->dir.name);
	run_reader_close(&w.run);
	return rc;
}
