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
			add_named(r, b->dir.parent_path, b->state.children[k].name);
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

bool run_are_siblings(const struct batch_reader *a, const struct batch_reader *b)
{
	return a != b && a->state.branch && b->state.branch &&
	    strcmp(parent_of(a), parent_of(b)) == 0;
}

/* Whether a cycle was announced of which a batch has never come to be. */
static bool awaits_child(const struct run_reader *r, const struct batch_reader *b)
{
	const struct batch *s = &b->state;
	uint32_t i;

	if (!s->child || s->end != END_FINISHED)
		return false;
	if (!batch_child_of(s, NULL) || strcmp(batch_child_of(s, NULL)->name, s->child) != 0) {
		/* Of a branch: so are the others that were announced with it. */
		for (i = 0; i < s->nr_children; i++)
			if (s->children[i].branch &&
			    batch_child_of(s, s->children[i].branch) == &s->children[i] &&
			    !find(r, s->children[i].name))
				return true;
		return false;
	}
	return !find(r, s->child);
}

struct batch_reader **run_reader_round(const struct run_reader *r, size_t *nr)
{
	struct batch_reader **v = xcalloc(r->nr, sizeof(struct batch_reader *));
	struct batch_reader *newest = r->batches[r->nr - 1];
	size_t i;

	*nr = 0;
	for (i = 0; i < r->nr; i++)
		if (r->batches[i] == newest || run_are_siblings(r->batches[i], newest))
			v[(*nr)++] = r->batches[i];
	return v;
}

/* Of a batch that nobody conducts: the more it needs one, the more it is the run's last. */
static int need_of(const struct run_reader *r, const struct batch_reader *b)
{
	if (awaits_child(r, b))
		return 3;
	switch (batch_reader_state(b)) {
	case RUN_INTERRUPTED:
		return 2;
	case RUN_STOPPED:
		return 1;
	case RUN_FINISHED:
	case RUN_RUNNING:
	case RUN_PAUSED:
	case RUN_DRAINING:
	case RUN_WAITING:
		break;
	}
	return 0;
}

/* The batch that forked the newest cycle, where some of its branches are not there; or NULL. */
static struct batch_reader *half_forked(const struct run_reader *r)
{
	const struct batch_reader *newest = r->batches[r->nr - 1];
	struct batch_reader *parent = newest->state.branch ? find(r, parent_of(newest)) : NULL;

	return parent && awaits_child(r, parent) ? parent : NULL;
}

struct batch_reader *run_reader_last(const struct run_reader *r)
{
	struct batch_reader *last = half_forked(r);
	struct batch_reader **round;
	size_t i, nr;

	for (i = r->nr; i-- > 0;)
		if (r->batches[i]->is_held && r->batches[i]->state.end == END_NONE)
			return r->batches[i];
	if (last)
		return last;
	round = run_reader_round(r, &nr);
	last = round[--nr];
	while (nr-- > 0)
		if (need_of(r, round[nr]) > need_of(r, last))
			last = round[nr];
	free(round);
	return last;
}

static bool is_living(const struct batch_reader *b)
{
	return b->is_held && b->state.end == END_NONE;
}

static bool role_lives(const struct run_reader *r)
{
	const struct role_call *call = role_calls_now(&r->roles, &r->batches[0]->state.solve);

	return call && is_living(call->reader);
}

struct batch_reader *run_reader_listener(const struct run_reader *r)
{
	return role_lives(r) ? role_calls_now(&r->roles, &r->batches[0]->state.solve)->reader
			     : run_reader_last(r);
}

struct batch_reader **run_reader_living(const struct run_reader *r, size_t *nr)
{
	struct batch_reader **v = xcalloc(r->nr, sizeof(struct batch_reader *));
	size_t i;

	*nr = 0;
	if (role_lives(r)) {
		v[(*nr)++] = run_reader_listener(r);
		return v;
	}
	for (i = 0; i < r->nr; i++)
		if (r->batches[i]->is_held && r->batches[i]->state.end == END_NONE)
			v[(*nr)++] = r->batches[i];
	if (*nr == 0)
		v[(*nr)++] = run_reader_last(r);
	return v;
}

bool run_reader_is_solve(const struct run_reader *r)
{
	const struct manifest *m = &r->batches[0]->manifest;

	return options_is_solve(&m->options) && !m->retry.is_retry;
}

/* Between the phases of a run nothing of it may live but the process that goes on. */
static enum run_state state_of_phases(const struct run_reader *r)
{
	const struct batch_reader *b = run_reader_listener(r);

	if (is_living(b))
		return batch_reader_state(b);
	if (r->is_held)
		return RUN_RUNNING;
	return r->batches[0]->state.solve.is_stopped ? RUN_STOPPED : RUN_INTERRUPTED;
}

struct batch_reader **run_reader_left(const struct run_reader *r, size_t *nr)
{
	struct batch_reader *half = half_forked(r);
	struct batch_reader **v = run_reader_round(r, nr);
	size_t i, left = 0;

	/* What is next in a run with roles is found out from its original. */
	if (run_reader_is_solve(r) && r->batches[0]->state.solve.phase != SOLVE_DONE) {
		v[0] = r->batches[0];
		*nr = !r->is_held;
		return v;
	}
	for (i = 0; i < *nr && !half; i++)
		if (awaits_child(r, v[i]))
			half = v[i];
	for (i = 0; i < *nr && !half; i++)
		if (!v[i]->is_held && need_of(r, v[i]) > 0)
			v[left++] = v[i];
	if (half && !half->is_held)
		v[left++] = half;
	*nr = left;
	return v;
}

/* Of one batch of the newest cycle. */
static enum run_state state_of(const struct run_reader *r, const struct batch_reader *b)
{
	enum run_state s = batch_reader_state(b);

	if (s == RUN_INTERRUPTED && r->is_held && !b->state.branch)
		return RUN_RUNNING; /* its conductor is just taking it up */
	if (awaits_child(r, b))
		return r->is_held ? RUN_RUNNING : RUN_INTERRUPTED;
	return s;
}

/* What lives says how the run stands, else what is broken off, else what was stopped. */
static const int rank_of_state[] = {
    [RUN_RUNNING] = 6,
    [RUN_DRAINING] = 5,
    [RUN_WAITING] = 4,
    [RUN_PAUSED] = 3,
    [RUN_INTERRUPTED] = 2,
    [RUN_STOPPED] = 1,
    [RUN_FINISHED] = 0,
};

enum run_state run_reader_state(const struct run_reader *r)
{
	enum run_state s, best = RUN_FINISHED;
	struct batch_reader **round;
	size_t i, nr;

	if (run_reader_is_solve(r) && r->batches[0]->state.solve.phase != SOLVE_DONE)
		return state_of_phases(r);
	if (!r->batches[r->nr - 1]->state.branch)
		return state_of(r, run_reader_last(r));
	if (half_forked(r))
		return r->is_held ? RUN_RUNNING : RUN_INTERRUPTED;
	round = run_reader_round(r, &nr);
	for (i = 0; i < nr; i++) {
		s = state_of(r, round[i]);
		if (rank_of_state[s] > rank_of_state[best])
			best = s;
	}
	free(round);
	/* A branch that was stopped is left nothing to do where the others have completed its rows. */
	if (best == RUN_STOPPED && run_all_completed(r))
		return RUN_FINISHED;
	/* Nobody's batch, but somebody has the run: he is just taking it up, or about to. */
	return best == RUN_INTERRUPTED && r->is_held ? RUN_RUNNING : best;
}

const char *run_reader_end_why(const struct run_reader *r)
{
	const struct solve *s = &r->batches[0]->state.solve;

	return s->is_told && s->why ? s->why : run_reader_last(r)->state.end_why;
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
	const struct solve *solve = &r->batches[0]->state.solve;
	int64_t told = solve->is_told && solve->exit_code ? solve->exit_code
							  : run_reader_last(r)->state.exit_code;
	bool has_told = told > 0 && told < 256;

	switch (run_reader_state(r)) {
	case RUN_INTERRUPTED:
		return 7;
	case RUN_FINISHED:
		if (r->is_held)
			return -1;
		if (solve->is_told && solve->exit_code != 0)
			return has_told ? (int)told : 1; /* whatever its rows: it has not passed */
		return run_all_completed(r) ? 0 : has_told ? (int)told : 1;
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
