/* The follower: a run_watch keeps the reader fresh, each batch's journal is told in its order, and
 * signals become verbs. The batch notices none of it. */
#include "cli/follow.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/print.h"
#include "cli/target.h"
#include "engine/launch.h"
#include "formats/ctl.h"
#include "formats/run_reader.h"
#include "view/print/headless.h"
#include "view/print/report.h"
#include "view/summary.h"
#include "view/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define COUNTS_EVERY_MS 60000
#define CTL_TIMEOUT_MS 5000
#define READ_BYTES 65536

/* One batch that is told. */
struct told {
	const struct batch_reader *batch; /* in `run` */
	struct headless lines;
	struct journal_reader journal; /* text */
	int raw_fd; /* jsonl: the journal itself */
	struct buf raw; /* a line whose end is not there yet */
	struct follow_from from;
	struct follower *follower;
};

/* A verb for all that live, until each of them has taken it: once, for a second cancel kills. */
struct wish {
	enum ctl_verb verb;
	bool is_open;
	struct text_list takers; /* names of batches */
};

struct follower {
	const struct follow_opts *opts;
	struct run_reader run;
	struct run_watch *watch;
	uv_loop_t loop;
	uv_signal_t on_int, on_term, on_hup;
	uv_timer_t counts;
	const struct batch_reader *first; /* told from it on */
	struct told **told;
	size_t nr_told, cap_told;
	struct buf out;
	int nr_signals; /* INT or TERM so far */
	struct wish stop, cancel;
	int code; /* -1: goes on */
};

/* ---- telling ------------------------------------------------------------ */

static bool is_raw(const struct follower *f)
{
	return f->opts->front->output == OUTPUT_JSONL;
}

static struct follow_from old_news(const struct follow_since *since, const struct batch_reader *b)
{
	size_t i;

	for (i = 0; since && i < since->nr; i++)
		if (strcmp(since->v[i].batch, b->dir.name) == 0)
			return since->v[i];
	return (struct follow_from){.events = 0};
}

static void begin_lines(struct told *t)
{
	const struct front_options *front = t->follower->opts->front;
	const struct headless_opts opts = {
	    .plain = front->plain,
	    .color = front->color == COLOR_ALWAYS,
	};

	headless_init(&t->lines, &opts, t->batch);
}

static struct told *told_new(struct follower *f, const struct batch_reader *b)
{
	struct told *t = xcalloc(1, sizeof(*t));

	t->batch = b;
	/* What was there before is old where it is told from there on. */
	if (b == f->first || run_are_siblings(b, f->first) || run_reader_is_solve(&f->run))
		t->from = old_news(f->opts->since, b);
	t->follower = f;
	t->raw_fd = t->journal.fd = -1;
	buf_init(&t->raw);
	begin_lines(t);
	return t;
}

static void told_free(struct told *t)
{
	headless_release(&t->lines);
	if (t->journal.fd >= 0)
		journal_reader_close(&t->journal);
	if (t->raw_fd >= 0)
		close(t->raw_fd);
	buf_release(&t->raw);
	free(t);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct told *t = ctx;
	struct follower *f = t->follower;
	size_t len = f->out.len;

	headless_event(&t->lines, ev, &f->out);
	if (t->lines.state.nr_events <= t->from.events)
		buf_cut(&f->out, len);
}

/* A planner has made the rows by now: the same events are folded over them, and not told again. */
static void take_up_rows(struct told *t)
{
	if (t->lines.state.nr_agents == t->batch->state.nr_agents)
		return;
	if (t->lines.state.nr_events > t->from.events)
		t->from.events = t->lines.state.nr_events;
	headless_release(&t->lines);
	begin_lines(t);
	if (t->journal.fd >= 0)
		journal_reader_close(&t->journal);
	t->journal.fd = -1;
}

static void tell_lines(struct told *t)
{
	struct err err = ERR_INIT;

	take_up_rows(t);
	if (t->journal.fd < 0 && journal_reader_open(&t->journal, t->batch->dir.fd, &err) < 0) {
		t->journal.fd = -1; /* not there yet; the next tick asks again */
		return;
	}
	(void)journal_read(&t->journal, 0, on_event, t, &err); /* the run_reader tells of faults */
}

/* Adds the complete lines that are objects; what a power cut tore is none. */
static void add_raw_lines(struct told *t, struct buf *out)
{
	const char *s = t->raw.data;
	const char *end;

	while ((end = memchr(s, '\n', t->raw.len - (size_t)(s - t->raw.data)))) {
		if (end - s >= 2 && s[0] == '{' && end[-1] == '}')
			buf_add(out, s, (size_t)(end - s) + 1);
		s = end + 1;
	}
	buf_drop(&t->raw, (size_t)(s - t->raw.data));
}

static void tell_raw(struct told *t)
{
	ssize_t n;

	if (t->raw_fd < 0) {
		t->raw_fd =
		    openat(t->batch->dir.fd, JOURNAL_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (t->raw_fd < 0 || lseek(t->raw_fd, t->from.bytes, SEEK_SET) < 0)
			return;
	}
	for (;;) {
		buf_reserve(&t->raw, READ_BYTES);
		n = read(t->raw_fd, t->raw.data + t->raw.len, READ_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		buf_commit(&t->raw, (size_t)n);
		add_raw_lines(t, &t->follower->out);
	}
}

static bool is_told(const struct follower *f, const struct batch_reader *b)
{
	size_t i;

	for (i = 0; i < f->nr_told; i++)
		if (f->told[i]->batch == b)
			return true;
	return false;
}

static void take_new(struct follower *f, const struct batch_reader *b)
{
	if (is_told(f, b))
		return;
	VEC_GROW(f->told, f->nr_told, f->cap_told);
	f->told[f->nr_told++] = told_new(f, b);
}

/* Batches of the run that came after the one followed first, and those beside it; what its roles wait
 * for, where people read it. */
static void take_new_batches(struct follower *f)
{
	bool is_behind = false;
	size_t i;

	for (i = 0; i < f->run.nr; i++) {
		is_behind |= f->run.batches[i] == f->first;
		if (is_behind || run_are_siblings(f->run.batches[i], f->first))
			take_new(f, f->run.batches[i]);
	}
	for (i = 0; i < f->run.roles.nr && !is_raw(f); i++)
		take_new(f, f->run.roles.v[i].reader);
}

static void tell_news(struct follower *f)
{
	size_t i;

	take_new_batches(f);
	for (i = 0; i < f->nr_told; i++) {
		if (is_raw(f))
			tell_raw(f->told[i]);
		else
			tell_lines(f->told[i]);
	}
	print_buf(&f->out);
	buf_reset(&f->out);
}

static void on_counts(uv_timer_t *timer)
{
	struct follower *f = timer->data;
	size_t i = f->nr_told;

	if (is_raw(f) || f->opts->front->plain || f->nr_told == 0)
		return;
	/* A call that is over waits for nothing. */
	while (i > 1 && f->told[i - 1]->lines.is_call &&
	    f->told[i - 1]->lines.state.end != END_NONE)
		i--;
	headless_counts(&f->told[i - 1]->lines, clock_now().wall_ms, &f->out);
	print_buf(&f->out);
	buf_reset(&f->out);
}

/* ---- ending ------------------------------------------------------------- */

static void finish(struct follower *f, int code)
{
	if (f->code >= 0)
		return;
	f->code = code;
	run_watch_free(f->watch);
	uv_close((uv_handle_t *)&f->on_int, NULL);
	uv_close((uv_handle_t *)&f->on_term, NULL);
	uv_close((uv_handle_t *)&f->on_hup, NULL);
	uv_close((uv_handle_t *)&f->counts, NULL);
}

static bool has_taken(const struct wish *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->takers.nr; i++)
		if (strcmp(w->takers.v[i], name) == 0)
			return true;
	return false;
}

/* Open as long as one has not taken it: between two cycles nobody listens for a moment. */
static void send_wish(struct follower *f, struct wish *w)
{
	struct ctl_request q = {.verb = w->verb, .by = xstrdup("signal")};
	size_t nr, i;
	struct batch_reader **living = run_reader_living(&f->run, &nr);

	w->is_open = false;
	for (i = 0; i < nr; i++) {
		struct buf message = BUF_INIT;

		if (has_taken(w, living[i]->dir.name))
			continue;
		if (ctl_call(living[i]->dir.fd, &q, CTL_TIMEOUT_MS, &message, NULL) == 0)
			text_list_add(&w->takers, living[i]->dir.name);
		else
			w->is_open = true;
		buf_release(&message);
	}
	free(living);
	ctl_request_release(&q);
}

static void send_wishes(struct follower *f)
{
	if (f->stop.is_open)
		send_wish(f, &f->stop);
	if (f->cancel.is_open && !f->stop.is_open)
		send_wish(f, &f->cancel);
}

static void on_change(void *ctx)
{
	struct follower *f = ctx;
	const char *trouble = run_watch_error(f->watch);
	int code = run_reader_exit_code(&f->run);

	tell_news(f);
	/* Of what cannot be read nobody can say that it was interrupted. */
	if (trouble && (code < 0 || code == EXIT_INTERRUPTED))
		finish(f, fail(EXIT_INTERNAL, "%s", trouble));
	else if (code >= 0)
		finish(f, code);
	else
		send_wishes(f);
}

/* Says what runs now, not what ran when the journal was looked at last. */
static void say_stopping(struct follower *f)
{
	struct batch_reader **living;
	const struct batch_reader *last;
	size_t nr_living, i;
	uint32_t nr = 0;

	if (run_reader_refresh(&f->run, NULL) > 0)
		tell_news(f);
	last = run_reader_last(&f->run);
	living = run_reader_living(&f->run, &nr_living);
	for (i = 0; i < nr_living; i++)
		nr += batch_slots_used(&living[i]->state);
	free(living);
	note("stopping: nothing more starts; %u agent%s still run%s and %s waited for. Again: "
	     "cancel. "
	     "Back to it: agent-batch monitor %s",
	    nr, plural(nr), nr == 1 ? "s" : "", nr == 1 ? "is" : "are", last->dir.name);
}

static void on_stop_signal(uv_signal_t *h, int signum)
{
	struct follower *f = h->data;

	(void)signum;
	if (!f->opts->hands_on_signals) {
		finish(f, EXIT_LEFT_RUNNING);
		return;
	}
	switch (++f->nr_signals) {
	case 1:
		f->stop.is_open = true;
		say_stopping(f);
		break;
	case 2:
		f->cancel.is_open = true;
		note("cancelling what still runs. Again: leave at once");
		break;
	default:
		finish(f, EXIT_LEFT_RUNNING);
		return;
	}
	send_wishes(f);
}

static void on_hangup(uv_signal_t *h, int signum)
{
	(void)signum;
	finish(h->data, EXIT_LEFT_RUNNING);
}

static void on_ignored(uv_signal_t *h, int signum)
{
	(void)h;
	(void)signum;
}

static void say_end(struct follower *f)
{
	struct buf text = BUF_INIT;
	const char *name = f->run.batches[0]->dir.name;

	switch (f->code) {
	case EXIT_INTERRUPTED:
		note("nobody conducts %s any more; its agents may still run; carry on with: "
		     "agent-batch resume %s",
		    run_reader_last(&f->run)->dir.name, name);
		break;
	case EXIT_LEFT_RUNNING:
		note("left; %s still runs: agent-batch monitor %s", name, name);
		break;
	case EXIT_INTERNAL:
		break;
	default:
		if (is_raw(f))
			break;
		if (f->opts->front->plain)
			view_leaving_text(&f->run, clock_now(), &text);
		else
			report_text(&f->run, clock_now(), f->opts->front->color == COLOR_ALWAYS,
			    &text);
		print_buf(&text);
		break;
	}
	buf_release(&text);
}

/* ---- the loop ----------------------------------------------------------- */

static void watch_signal(struct follower *f, uv_signal_t *h, uv_signal_cb cb, int signum)
{
	uv_signal_init(&f->loop, h);
	h->data = f;
	uv_signal_start(h, cb, signum);
}

static void follow(struct follower *f)
{
	struct err err = ERR_INIT;

	uv_loop_init(&f->loop);
	watch_signal(f, &f->on_int, on_stop_signal, SIGINT);
	watch_signal(f, &f->on_term, on_stop_signal, SIGTERM);
	watch_signal(f, &f->on_hup, f->opts->ignores_hangup ? on_ignored : on_hangup, SIGHUP);
	uv_timer_init(&f->loop, &f->counts);
	f->counts.data = f;
	uv_timer_start(&f->counts, on_counts, COUNTS_EVERY_MS, COUNTS_EVERY_MS);
	f->watch = run_watch_new(&f->loop, &f->run, on_change, f, &err);
	if (f->watch)
		on_change(f);
	else
		finish(f, fail(EXIT_INTERNAL, "%s", err.msg));
	uv_run(&f->loop, UV_RUN_DEFAULT);
	uv_loop_close(&f->loop);
}

int follow_run(const struct batch_dir *dir, const struct follow_opts *opts)
{
	struct follower f = {.opts = opts,
	    .out = BUF_INIT,
	    .stop = {.verb = CTL_STOP},
	    .cancel = {.verb = CTL_CANCEL},
	    .code = -1};
	struct err err = ERR_INIT;
	size_t i;

	if (run_reader_open(&f.run, dir->path, &err) < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	f.first =
	    run_reader_is_solve(&f.run) ? f.run.batches[0] : run_reader_named(&f.run, dir->name);
	follow(&f);
	say_end(&f);
	for (i = 0; i < f.nr_told; i++)
		told_free(f.told[i]);
	free(f.told);
	text_list_clear(&f.stop.takers);
	text_list_clear(&f.cancel.takers);
	buf_release(&f.out);
	run_reader_close(&f.run);
	return print_status_or(f.code);
}

void follow_from_here(struct follow_since *s, const struct run_reader *run)
{
	size_t nr = run->nr + run->roles.nr, i;

	*s = (struct follow_since){.v = xcalloc(nr, sizeof(*s->v)), .nr = nr};
	for (i = 0; i < nr; i++) {
		const struct batch_reader *r =
		    i < run->nr ? run->batches[i] : run->roles.v[i - run->nr].reader;

		s->v[i] =
		    (struct follow_from){.events = r->state.nr_events, .bytes = r->journal.at};
		snprintf(s->v[i].batch, NAME_SIZE, "%s", r->dir.name);
	}
}

void follow_since_release(struct follow_since *s)
{
	free(s->v);
	*s = (struct follow_since){NULL, 0};
}
