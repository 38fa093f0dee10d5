/* ctl: a verb for the conductor. */
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "formats/ctl.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CTL_TIMEOUT_MS 10000

static const char *caller(void)
{
	const char *user = getenv("USER");

	return user && *user ? user : "operator";
}

static int send_request(const struct batch_reader *to, const struct ctl_request *q,
    const struct run_reader *run)
{
	struct buf message = BUF_INIT;
	struct err err = ERR_INIT;
	int rc;

	if (run_reader_state(run) == RUN_INTERRUPTED) {
		return fail(EXIT_SOME_FAILED,
		    "nobody conducts %s: it is interrupted; carry on with: agent-batch resume %s",
		    to->dir.name, to->dir.name);
	}
	rc = ctl_call(to->dir.fd, q, CTL_TIMEOUT_MS, &message, &err);
	if (rc == 0)
		print_fmt("%s\n", message.data);
	else if (rc > 0)
		fail(EXIT_SOME_FAILED, "%s: %s", to->dir.name, message.data);
	else
		rc = fail(EXIT_INTERNAL, "%s", err.msg);
	buf_release(&message);
	return rc == 0 ? print_status() : rc;
}

int cmd_ctl(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
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
		/* The run's living batch listens, whichever of its batches was named. */
		rc = send_request(run_reader_last(&run), &q, &run);
		run_reader_close(&run);
	}
	ctl_request_release(&q);
	return rc;
}
