/* ctl: a verb for the conductor. */
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "formats/ctl.h"
#include "model/branch.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CTL_TIMEOUT_MS 10000

static const char *caller(void)
{
	const char *user = getenv("USER");

	return user && *user ? user : "operator";
}

/* The conductors that a verb is for: those of all branches that live, or the one that was named. */
struct targets {
	struct batch_reader **v;
	size_t nr;
};

static struct targets targets_of(const struct run_reader *run, struct batch_reader *chosen,
    bool is_named)
{
	struct targets t;
	size_t i;

	t.v = run_reader_living(run, &t.nr);
	for (i = 0; i < t.nr && is_named && chosen->state.branch; i++)
		if (t.v[i] == chosen) {
			t.v[0] = chosen;
			t.nr = 1;
		}
	return t;
}

/* 0, 1 refused, -1; the answer behind the batch's name where there are several. */
static int call_one(const struct targets *t, size_t i, const struct ctl_request *q, struct buf *out,
    struct err *err)
{
	const struct batch_reader *to = t->v[i];
	struct ctl_request own = *q;
	struct buf message = BUF_INIT;
	int rc;

	if (q->verb == CTL_JOBS)
		own.n = branch_jobs((int)q->n, (uint32_t)t->nr, (uint32_t)i);
	rc = ctl_call(to->dir.fd, &own, CTL_TIMEOUT_MS, &message, err);
	if (rc >= 0 && t->nr > 1)
		buf_fmt(out, "%s (%s): ", to->dir.name, to->state.branch ? to->state.branch : "");
	if (rc >= 0)
		buf_fmt(out, "%s\n", message.data);
	buf_release(&message);
	return rc;
}

static int refuse(const struct targets *t, const struct buf *refused)
{
	if (t->nr == 1)
		return fail(EXIT_SOME_FAILED, "%s: %.*s", t->v[0]->dir.name, (int)refused->len - 1,
		    refused->data);
	return fail(EXIT_SOME_FAILED, "no branch has done it: %.*s", (int)refused->len - 1,
	    refused->data);
}

/* It is done when one of them has done it: another branch may be past it. */
static int call_all(const struct targets *t, const struct ctl_request *q)
{
	struct buf done = BUF_INIT, refused = BUF_INIT;
	struct err err = ERR_INIT;
	bool has_failed = false;
	size_t i;
	int rc;

	for (i = 0; i < t->nr; i++) {
		struct buf answer = BUF_INIT;

		rc = call_one(t, i, q, &answer, &err);
		has_failed |= rc < 0;
		buf_add(rc == 0 ? &done : &refused, answer.data, answer.len);
		buf_release(&answer);
	}
	if (done.len > 0)
		print_buf(&done);
	if (done.len > 0 && !has_failed)
		rc = print_status();
	else if (has_failed)
		rc = fail(EXIT_INTERNAL, "%s", err.msg);
	else
		rc = refuse(t, &refused);
	buf_release(&done);
	buf_release(&refused);
	return rc;
}

static int send_request(const struct run_reader *run, const struct targets *t,
    const struct ctl_request *q)
{
	const char *name = t->v[0]->dir.name;

	if (run_reader_state(run) == RUN_INTERRUPTED)
		return fail(EXIT_SOME_FAILED,
		    "nobody conducts %s: it is interrupted; carry on with: agent-batch resume %s",
		    name, name);
	if (q->verb == CTL_JOBS && q->n > 0 && (size_t)q->n < t->nr)
		return fail(EXIT_SOME_FAILED,
		    "%zu branches live and share them: at least %zu jobs, or 0", t->nr, t->nr);
	return call_all(t, q);
}

/* From one phase of a run to the next nobody listens for a moment. */
#define LISTEN_TRIES 20
#define LISTEN_TRY_MS 50

static bool is_listening(const struct run_reader *run)
{
	const struct batch_reader *b = run_reader_listener(run);

	return b->is_held && b->state.end == END_NONE &&
	    faccessat(b->dir.fd, CTL_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void wait_for_listener(struct run_reader *run)
{
	int tries;

	for (tries = 0;
	     tries < LISTEN_TRIES && run_reader_is_solve(run) && run->is_held && !is_listening(run);
	     tries++) {
		poll(NULL, 0, LISTEN_TRY_MS);
		if (run_reader_refresh(run, NULL) < 0)
			return; /* what is known of it will do */
	}
}

int cmd_ctl(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct targets targets;
	struct ctl_request q;
	struct err err = ERR_INIT;
	bool has_batch = args->nr_words > 0 && is_batch_arg(args->words[0]);
	size_t nr = args->nr_words - has_batch;
	int rc;

	if (nr == 0)
		return fail(EXIT_USAGE, "ctl: which verb? agent-batch help ctl lists them");
	if (ctl_request_from_words(&q, (char *const *)args->words + has_batch, nr, &err) < 0)
		return fail(EXIT_USAGE, "ctl: %s", err.msg);
	if (args->front.if_status)
		q.if_status = xstrdup(args->front.if_status);
	free(q.by);
	q.by = xstrdup(caller());
	rc = target_open(args, has_batch ? args->words[0] : NULL, &run, &chosen);
	if (rc == 0) {
		wait_for_listener(&run);
		/* The run's living batch listens, whichever of its batches was named. */
		targets = targets_of(&run, chosen, has_batch);
		rc = send_request(&run, &targets, &q);
		free(targets.v);
		run_reader_close(&run);
	}
	ctl_request_release(&q);
	return rc;
}
