#include "ui/verbs.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A conductor answers within a turn of its loop. */
#define ANSWER_MS 2000

struct job {
	uv_work_t work;
	int dirfd;
	struct ctl_request q;
	verb_done done;
	void *ctx;
	struct buf text;
};

static void call(uv_work_t *work)
{
	struct job *j = work->data;
	struct err err = ERR_INIT;

	if (ctl_call(j->dirfd, &j->q, ANSWER_MS, &j->text, &err) < 0) {
		buf_reset(&j->text);
		buf_str(&j->text, err.msg);
	}
}

static void finish(struct job *j)
{
	j->done(j->ctx, j->text.data);
	if (j->dirfd >= 0)
		close(j->dirfd);
	ctl_request_release(&j->q);
	buf_release(&j->text);
	free(j);
}

static void called(uv_work_t *work, int status)
{
	(void)status;
	finish(work->data);
}

void verb_send(uv_loop_t *loop, int dirfd, struct ctl_request *q, verb_done done, void *ctx)
{
	struct job *j = xcalloc(1, sizeof(*j));
	int rc;

	*j = (struct job){
	    .dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 3),
	    .q = *q,
	    .done = done,
	    .ctx = ctx,
	};
	memset(q, 0, sizeof(*q));
	buf_init(&j->text);
	j->work.data = j;
	if (j->dirfd < 0) {
		buf_fmt(&j->text, "cannot reach the conductor: %s", strerror(errno));
		finish(j);
		return;
	}
	rc = uv_queue_work(loop, &j->work, call, called);
	if (rc < 0) {
		buf_fmt(&j->text, "cannot reach the conductor: %s", uv_strerror(rc));
		finish(j);
	}
}
