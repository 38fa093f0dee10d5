#include "formats/run_reader.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [RUN_RUNNING] = "running",
    [RUN_PAUSED] = "paused",
    [RUN_DRAINING] = "draining",
    [RUN_WAITING] = "waiting",
    [RUN_FINISHED] = "finished",
    [RUN_STOPPED] = "stopped",
    [RUN_INTERRUPTED] = "interrupted",
};

const char *run_state_name(enum run_state s)
{
	return state_names[s];
}

/* ---- finding the batches ------------------------------------------------ */

static struct batch_reader *find(const struct run_reader *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->nr; i++)
		if (strcmp(r->batches[i]->dir.name, name) == 0)
			return r->batches[i];
	return NULL;
}

static void add(struct run_reader *r, struct batch_reader *b)
{
	VEC_GROW(r->batches, r->nr, r->cap);
	r->batches[r->nr++] = b;
}

static struct batch_reader *open_reader(const char *path, struct err *err)
{
	struct batch_reader *b = xmalloc(sizeof(*b));

	if (batch_reader_open(b, path, err) == 0)
		return b;
	free(b);
	return NULL;
}

/* Another batch of the run, by name. The name comes out of a file: it must not lead elsewhere. */
static struct batch_reader *add_named(struct run_reader *r, const char *batches_dir,
    const char *name)
{
	struct batch_reader *b;
	char *path;

	if (!is_safe_name(name, NAME_SIZE - 1) || find(r, name))
		return NULL;
	path = xasprintf("%s/%s", batches_dir, name);
	b = open_reader(path, NULL);
	free(path);
	/* Still being made: its first event is the moment it is born. */
	if (b && b->state.version && !find(r, b->dir.name)) {
		add(r, b);
		return b;
	}
	if (b) {
		batch_reader_close(b);
		free(b);
	}
	return NULL;
}

static const char *original_of(const struct batch_reader *b)
{
	return b->state.original ? b->state.original : b->manifest.retry.original_batch;
}

static const char *parent_of(const struct batch_reader *b)
{
	return b->state.parent ? b->state.parent : b->manifest.retry.parent_batch;
}

/* Up from the batch that was given: its original, and its parents where that is gone. */
static void add_ancestors(struct run_reader *r)
{
	struct batch_reader *b = r->batches[0];

	(void)add_named(r, b->dir.parent_path, original_of(b));
	while ((b = add_named(r, b->dir.parent_path, parent_of(b))))
		;
}

/* Children of all batches, and of those found by it. Returns whether there were new ones. */
static bool add_children(struct run_reader *r)
{
	size_t nr = r->nr;
	size_t i, k;

	for (i = 0; i < r->nr; i++) {
		const struct batch_reader *b = r->batches[i];
		const struct retry_metadata *m = &b->manifest.retry;

		for (k = 0; k < b->state.nr_children; k++)
			add_named(r, b->dir.parent_path, b->state.children[k]);
		for (k = 0; k < m->nr_next; k++)
			add_named(r, b->dir.parent_path, m->next_batches[k]);
	}
	return r->nr > nr;
}

/* ---- order -------------------------------------------------------------- */

struct place {
	struct batch_reader *b;
	int64_t at; /* when it was made, but later than its parent */
};

static int by_creation(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return name_compare(x->b->dir.name, y->b->dir.name);
}

static int64_t made_at(const struct run_reader *r, const struct batch_reader *b, size_t depth)
{
	const struct batch_reader *parent = find(r, parent_of(b));
	int64_t at = b->state.started_t;
	int64_t parent_at;

	/* A parent among its own children is nobody's parent. */
	if (!parent || parent == b || depth > r->nr)
		return at;
	parent_at = made_at(r, parent, depth + 1);
	return at > parent_at ? at : parent_at + 1;
}

static void sort(struct run_reader *r)
{
	struct place *places = xcalloc(r->nr, sizeof(*places));
	size_t i;

	for (i = 0; i < r->nr; i++)
		places[i] = (struct place){r->batches[i], made_at(r, r->batches[i], 0)};
	qsort(places, r->nr, sizeof(*places), by_creation);
	for (i = 0; i < r->nr; i++)
		r->batches[i] = places[i].b;
	free(places);
}

/* ---- reading ------------------------------------------------------------ */

/* The run's lock is in the original; where that is gone, a living batch must do. */
static bool ask_run_lock(const struct run_reader *r)
{
	size_t i;

	if (r->nr && batch_dir_is_held(r->batches[0]->dir.fd, LOCK_RUN) == 1)
		return true;
	for (i = 0; i < r->nr; i++)
		if (batch_dir_is_held(r->batches[i]->dir.fd, LOCK_BATCH) == 1)
			return true;
	return false;
}

int run_reader_open(struct run_reader *r, const char *path, struct err *err)
{
	struct batch_reader *b = open_reader(path, err);

	*r = (struct run_reader){0};
	if (!b)
		return -1;
	add(r, b);
	add_ancestors(r);
	add_children(r);
	sort(r);
	/* Again from the start, now that it is known whose lock to ask for before reading. */
	if (run_reader_refresh(r, err) < 0) {
		run_reader_close(r);
		return -1;
	}
	return 0;
}

void run_reader_close(struct run_reader *r)
{
	size_t i;

	for (i = 0; i < r->nr; i++) {
		batch_reader_close(r->batches[i]);
		free(r->batches[i]);
	}
	role_calls_close(&r->roles);
	free(r->batches);
	*r = (struct run_reader){0};
}

int run_reader_refresh(struct run_reader *r, struct err *err)
{
	bool is_held = ask_run_lock(r);
	bool changed = is_held != r->is_held;
	size_t i;

	r->is_held = is_held;
	for (i = 0; i < r->nr; i++) {
		int rc = batch_reader_refresh(r->batches[i], err);

		if (rc < 0)
			return -1;
		changed |= rc > 0;
	}
	if (add_children(r)) {
		sort(r);
		changed = true;
	}
	return changed | role_calls_refresh(&r->roles, r->batches[0]);
}

/* ---- how it stands ------------------------------------------------------ */

struct batch_reader *run_reader_last(const struct run_reader *r)
{
	size_t i;

	for (i = r->nr; i-- > 0;)
		if (r->batches[i]->is_held && r->batches[i]->state.end == END_NONE)
			return r->batches[i];
	return r->batches[r->nr - 1];
}

/* Whether a cycle was announced whose batch has never come to be. */
static bool awaits_child(const struct run_reader *r, const struct batch_reader *last)
{
	return last->state.child && !find(r, last->state.child);
}

enum run_state run_reader_state(const struct run_reader *r)
{
	const struct batch_reader *last = run_reader_last(r);
	enum run_state s = batch_reader_state(last);

	if (s == RUN_INTERRUPTED && r->is_held)
		return RUN_RUNNING; /* its conductor is just taking it up */
	if (s == RUN_FINISHED && awaits_child(r, last))
		return r->is_held ? RUN_RUNNING : RUN_INTERRUPTED;
	return s;
}

static bool have_all_completed(const struct run_reader *r)
{
	uint32_t nr, i = 0;
	struct merged_row *rows = run_merge(r, &nr);

	while (i < nr && rows[i].agent->status == AGENT_COMPLETED)
		i++;
	free(rows);
	return i == nr;
}

uint64_t run_reader_events(const struct run_reader *r)
{
	uint64_t sum = r->nr + role_calls_events(&r->roles);
	size_t i;

	for (i = 0; i < r->nr; i++)
		sum += r->batches[i]->state.nr_events;
	return sum;
}

int run_reader_exit_code(const struct run_reader *r)
{
	int64_t told = run_reader_last(r)->state.exit_code;
	bool has_told = told > 0 && told < 256;

	switch (run_reader_state(r)) {
	case RUN_INTERRUPTED:
		return 7;
	case RUN_FINISHED:
		if (r->is_held)
			return -1;
		return have_all_completed(r) ? 0 : has_told ? (int)told : 1;
	case RUN_STOPPED:
		if (r->is_held)
			return -1;
		return has_told ? (int)told : 3;
	case RUN_RUNNING:
	case RUN_PAUSED:
	case RUN_DRAINING:
	case RUN_WAITING:
		break;
	}
	return -1;
}
