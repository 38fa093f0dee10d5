#include "view/watch.h"
#include "base/xalloc.h"

#include <stdbool.h>
#include <stdlib.h>

#define TICK_MS 1000
/* A conductor in full swing writes once a turn: what comes in quick succession is read at once. */
#define SETTLE_MS 30

/* Batches may change their places in the reader, their pointers stay. */
struct watched {
	const struct batch_reader *batch;
	uv_fs_event_t *events; /* NULL: its journal is not there yet, or not watchable */
};

struct run_watch {
	uv_loop_t *loop;
	struct run_reader *run;
	void (*on_change)(void *ctx);
	void *ctx;
	uv_timer_t tick;
	uv_timer_t settle;
	struct watched *files;
	size_t nr_files, cap_files;
	unsigned nr_open; /* handles that are not closed yet */
	bool is_freed;
	bool has_failed;
	struct err err;
};

static void on_settled(uv_timer_t *t);

static void on_file(uv_fs_event_t *h, const char *name, int events, int status)
{
	struct run_watch *w = h->data;

	(void)name;
	(void)events;
	(void)status; /* where events fail, the tick still comes */
	if (!w->is_freed && !uv_is_active((uv_handle_t *)&w->settle))
		uv_timer_start(&w->settle, on_settled, SETTLE_MS, 0);
}

static void handle_gone(struct run_watch *w)
{
	if (--w->nr_open > 0)
		return;
	free(w->files);
	free(w);
}

static void on_file_closed(uv_handle_t *h)
{
	struct run_watch *w = h->data;

	free(h);
	handle_gone(w);
}

static void on_timer_closed(uv_handle_t *h)
{
	handle_gone(h->data);
}

/* NULL where the journal is not there yet or the system has no watches left. */
static uv_fs_event_t *watch_journal(struct run_watch *w, const struct batch_reader *b)
{
	uv_fs_event_t *h = xcalloc(1, sizeof(*h));
	char *path = xasprintf("%s/%s", b->dir.path, JOURNAL_NAME);
	int rc;

	if (uv_fs_event_init(w->loop, h) != 0) {
		free(h);
		free(path);
		return NULL;
	}
	h->data = w;
	w->nr_open++;
	rc = uv_fs_event_start(h, on_file, path, 0);
	free(path);
	if (rc == 0)
		return h;
	uv_close((uv_handle_t *)h, on_file_closed);
	return NULL;
}

static struct watched *watched_of(struct run_watch *w, const struct batch_reader *b)
{
	size_t i;

	for (i = 0; i < w->nr_files; i++)
		if (w->files[i].batch == b)
			return &w->files[i];
	VEC_GROW(w->files, w->nr_files, w->cap_files);
	w->files[w->nr_files] = (struct watched){.batch = b};
	return &w->files[w->nr_files++];
}

static void watch_batch(struct run_watch *w, const struct batch_reader *b)
{
	struct watched *f = watched_of(w, b);
	/* The journal of a run with roles goes on behind the end of its first batch. */
	bool goes_on =
	    b->state.solve.is_told ? b->state.solve.phase != SOLVE_DONE : b->state.end == END_NONE;

	if (!f->events && goes_on)
		f->events = watch_journal(w, b);
}

static void watch_batches(struct run_watch *w)
{
	size_t i;

	for (i = 0; i < w->run->nr; i++)
		watch_batch(w, w->run->batches[i]);
	for (i = 0; i < w->run->roles.nr; i++)
		watch_batch(w, w->run->roles.v[i].reader);
}

/* The last event is written, and the conductor is about to let go of its lock: no file event will
 * tell of that. */
static bool is_about_to_end(const struct run_reader *run)
{
	enum run_state s = run_reader_state(run);

	return run->is_held && (s == RUN_FINISHED || s == RUN_STOPPED);
}

static void refresh(struct run_watch *w, bool is_tick)
{
	int rc = run_reader_refresh(w->run, &w->err);

	w->has_failed = rc < 0;
	watch_batches(w);
	if (is_about_to_end(w->run))
		uv_timer_start(&w->settle, on_settled, SETTLE_MS, 0);
	if (rc != 0 || is_tick)
		w->on_change(w->ctx);
}

static void on_settled(uv_timer_t *t)
{
	refresh(t->data, false);
}

static void on_tick(uv_timer_t *t)
{
	refresh(t->data, true);
}

struct run_watch *run_watch_new(uv_loop_t *loop, struct run_reader *run,
    void (*on_change)(void *ctx), void *ctx, struct err *err)
{
	struct run_watch *w = xcalloc(1, sizeof(*w));
	int rc;

	*w = (struct run_watch){.loop = loop, .run = run, .on_change = on_change, .ctx = ctx};
	uv_timer_init(loop, &w->tick);
	uv_timer_init(loop, &w->settle);
	w->tick.data = w->settle.data = w;
	w->nr_open = 2;
	rc = uv_timer_start(&w->tick, on_tick, TICK_MS, TICK_MS);
	if (rc != 0) {
		err_set(err, "cannot watch '%s': %s", run->batches[0]->dir.name, uv_strerror(rc));
		run_watch_free(w);
		return NULL;
	}
	watch_batches(w);
	return w;
}

void run_watch_free(struct run_watch *w)
{
	size_t i;

	if (!w || w->is_freed)
		return;
	w->is_freed = true;
	uv_close((uv_handle_t *)&w->tick, on_timer_closed);
	uv_close((uv_handle_t *)&w->settle, on_timer_closed);
	for (i = 0; i < w->nr_files; i++)
		if (w->files[i].events)
			uv_close((uv_handle_t *)w->files[i].events, on_file_closed);
}

const char *run_watch_error(const struct run_watch *w)
{
	return w->has_failed ? w->err.msg : NULL;
}
