/* The conductor's turns in a libuv loop.
 *
 * A turn happens before each poll: whatever came in since (ends, verbs, deadlines) is folded and
 * decided on together, written in one write and flushed once, and only then are the turn's
 * processes started. */
#include "engine/engine.h"
#include "base/xalloc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* How long a refused write waits for its next try. */
#define DISK_RETRY_MS 1000
/* How long a batch waits until it asks again whether it may end. */
#define TURN_OF_ANOTHER_MS 10

void engine_close(struct engine *e)
{
	size_t i;

	if (e->is_closing)
		return;
	e->is_closing = true;
	server_close(e->server);
	shared_gates_close(e->gates);
	siblings_close(e->siblings);
	if (e->ex)
		e->ex->ops->free(e->ex);
	e->ex = NULL;
	uv_close((uv_handle_t *)&e->prepare, NULL);
	uv_close((uv_handle_t *)&e->wake, NULL);
	uv_close((uv_handle_t *)&e->disk_retry, NULL);
	uv_close((uv_handle_t *)&e->wall, NULL);
	for (i = 0; i < ARRAY_LEN(e->signals); i++)
		uv_close((uv_handle_t *)&e->signals[i], NULL);
}

static void end_with_error(struct engine *e, const char *message)
{
	e->status = EXIT_INTERNAL;
	err_set(&e->err, "%s", message);
	engine_close(e);
}

static void on_wake(uv_timer_t *t)
{
	(void)t; /* the turn that follows looks at the clock itself */
}

static void on_wall(uv_poll_t *p, int status, int events)
{
	struct engine *e = p->data;
	uint64_t ticks;

	(void)status;
	(void)events;
	/* ECANCELED says that the clock was set: just as good a reason to look. */
	(void)!read(e->wall_fd, &ticks, sizeof(ticks));
}

static void set_wake(struct engine *e, struct instant now)
{
	const struct conductor *c = &e->conductor;
	struct itimerspec at = {{0, 0}, {0, 0}};
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	if (c->wake_m == NEVER)
		uv_timer_stop(&e->wake);
	else
		uv_timer_start(&e->wake, on_wake,
		    c->wake_m > now.mono_ms ? (uint64_t)(c->wake_m - now.mono_ms) : 0, 0);
	if (c->wake_t != NEVER) {
		at.it_value.tv_sec = c->wake_t / 1000;
		at.it_value.tv_nsec = c->wake_t % 1000 * 1000000;
	}
	(void)timerfd_settime(e->wall_fd, flags, &at, NULL);
}

static void flush(struct engine *e)
{
	if (!e->writer.is_busy && conductor_take(&e->conductor, &e->writer.bytes))
		writer_start(&e->writer);
}

static void on_disk_retry(uv_timer_t *t)
{
	struct engine *e = t->data;

	if (!e->writer.is_busy)
		writer_start(&e->writer);
}

static bool end_if_removed(struct engine *e)
{
	if (!writer_is_gone(&e->writer))
		return false;
	end_with_error(e, "the batch directory was removed: nothing more is started");
	return true;
}

void engine_on_flushed(void *ctx, int error)
{
	struct engine *e = ctx;

	if (end_if_removed(e))
		return;
	if (error) {
		conductor_disk_refused(&e->conductor, strerror(error), clock_now());
		uv_timer_start(&e->disk_retry, on_disk_retry, DISK_RETRY_MS, 0);
		return;
	}
	conductor_flushed(&e->conductor, clock_now());
}

static void on_prepare(uv_prepare_t *p)
{
	struct engine *e = p->data;
	struct conductor *c = &e->conductor;
	struct instant now = clock_now();

	if (e->is_closing)
		return;
	uv_update_time(&e->loop);
	conductor_turn(c, now);
	/* What cannot be prepared is not journalled either: no write would notice. */
	if (c->said_disk && end_if_removed(e))
		return;
	flush(e);
	set_wake(e, now);
	if (!c->is_over || !conductor_is_settled(c))
		return;
	if (c->is_finished) {
		e->status = c->exit_code;
		if (!c->has_child)
			shared_gates_withdraw(e->gates);
		engine_close(e);
		return;
	}
	if (!engine_may_finish(e)) {
		uv_timer_start(&e->wake, on_wake, TURN_OF_ANOTHER_MS, 0);
		return;
	}
	engine_say_retried(e);
	engine_finish(e, now);
	flush(e);
}

static void on_signal(uv_signal_t *s, int signum)
{
	struct engine *e = s->data;
	struct ctl_request q = {.verb = e->nr_signals_seen ? CTL_CANCEL : CTL_STOP};
	struct buf message = BUF_INIT;
	char by[32];
	bool ok;

	if (signum == SIGHUP)
		return; /* the terminal went: nothing of ours */
	snprintf(by, sizeof(by), "signal %d", signum);
	q.by = by;
	e->nr_signals_seen++;
	conductor_verb(&e->conductor, &q, clock_now(), &ok, &message);
	engine_sayf(e, "signal %d: %s", signum, message.data);
	buf_release(&message);
}

int engine_init_loop(struct engine *e)
{
	const int signums[] = {SIGTERM, SIGINT, SIGHUP};
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	e->wall_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (e->wall_fd < 0 || uv_loop_init(&e->loop) < 0) {
		err_sys(&e->err, errno, "cannot make the loop");
		return engine_fail(e, EXIT_INTERNAL);
	}
	e->has_loop = true;
	uv_prepare_init(&e->loop, &e->prepare);
	uv_timer_init(&e->loop, &e->wake);
	uv_timer_init(&e->loop, &e->disk_retry);
	uv_poll_init(&e->loop, &e->wall, e->wall_fd);
	e->prepare.data = e->disk_retry.data = e->wall.data = e;
	uv_prepare_start(&e->prepare, on_prepare);
	uv_poll_start(&e->wall, UV_READABLE, on_wall);
	for (i = 0; i < ARRAY_LEN(e->signals); i++) {
		uv_signal_init(&e->loop, &e->signals[i]);
		e->signals[i].data = e;
		uv_signal_start(&e->signals[i], on_signal, signums[i]);
	}
	return 0;
}
