#include "engine/siblings.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* File events tell at once; where they fail, or a directory is not there yet, this does. */
#define TICK_MS 500
/* What comes in quick succession is read at once. */
#define SETTLE_MS 10

struct sibling {
	char *path, *branch;
	struct batch_reader reader;
	bool is_open;
	bool has_other_rows; /* it cannot be compared: somebody has changed its tasks.csv */
	uint64_t nr_events; /* when it was looked through last */
	uv_fs_event_t watch;
	bool is_watching;
};

struct siblings {
	struct siblings_opts opts;
	struct sibling *v;
	uint32_t nr;
	uint32_t own_place; /* how many of them stand before this batch */
	bool is_blind; /* nobody says who they are */
	const struct batch **round; /* own first; room for all */
	uv_timer_t tick, settle;
	bool has_timers;
};

/* ---- reading -------------------------------------------------------------------- */

static bool has_same_rows(const struct batch *a, const struct batch *b)
{
	uint32_t i;

	if (a->nr_agents != b->nr_agents)
		return false;
	for (i = 0; i < a->nr_agents; i++)
		if (strcmp(a->agents[i].task->id, b->agents[i].task->id) != 0)
			return false;
	return true;
}

static void on_file(uv_fs_event_t *watch, const char *file, int events, int status);

static void watch_journal(struct siblings *s, struct sibling *b)
{
	char *path = xasprintf("%s/" JOURNAL_NAME, b->path);

	if (uv_fs_event_init(s->opts.loop, &b->watch) == 0) {
		b->is_watching = true;
		b->watch.data = s;
		(void)uv_fs_event_start(&b->watch, on_file, path, 0); /* the tick comes anyway */
	}
	free(path);
}

/* False: it is not there yet, or cannot be read. */
static bool be_open(struct siblings *s, struct sibling *b)
{
	if (b->is_open)
		return batch_reader_refresh(&b->reader, NULL) >= 0;
	if (batch_reader_open(&b->reader, b->path, NULL) < 0)
		return false;
	if (!b->reader.state.version) {
		batch_reader_close(&b->reader);
		return false;
	}
	b->is_open = true;
	b->has_other_rows = !has_same_rows(&s->opts.own->state, &b->reader.state);
	if (b->has_other_rows)
		s->opts.log(s->opts.ctx, "another branch has other rows: it is left alone");
	if (s->opts.loop)
		watch_journal(s, b);
	return true;
}

static void tell_won(struct siblings *s, struct sibling *b)
{
	const struct batch *own = &s->opts.own->state;
	uint32_t i;

	for (i = 0; i < own->nr_agents; i++)
		if (b->reader.state.agents[i].status == AGENT_COMPLETED &&
		    !status_is_final(own->agents[i].status))
			s->opts.on_won(s->opts.ctx, i, b->branch);
}

void siblings_read(struct siblings *s)
{
	bool is_new = false;
	uint32_t i;

	for (i = 0; i < s->nr; i++) {
		struct sibling *b = &s->v[i];

		if (!be_open(s, b) || b->has_other_rows)
			continue;
		is_new |= b->nr_events != b->reader.state.nr_events;
		b->nr_events = b->reader.state.nr_events;
		if (b->reader.state.counts[AGENT_COMPLETED] > 0 && s->opts.on_won)
			tell_won(s, b);
	}
	if (is_new && s->opts.on_change)
		s->opts.on_change(s->opts.ctx);
}

/* ---- following ------------------------------------------------------------------ */

static void on_timer(uv_timer_t *t)
{
	siblings_read(t->data);
}

static void on_file(uv_fs_event_t *watch, const char *file, int events, int status)
{
	struct siblings *s = watch->data;

	(void)file;
	(void)events;
	(void)status;
	if (s->has_timers && !uv_is_active((uv_handle_t *)&s->settle))
		uv_timer_start(&s->settle, on_timer, SETTLE_MS, 0);
}

static void follow(struct siblings *s)
{
	uv_timer_init(s->opts.loop, &s->tick);
	uv_timer_init(s->opts.loop, &s->settle);
	s->tick.data = s->settle.data = s;
	s->has_timers = true;
	uv_timer_start(&s->tick, on_timer, TICK_MS, TICK_MS);
}

void siblings_close(struct siblings *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < s->nr; i++) {
		if (s->v[i].is_watching)
			uv_close((uv_handle_t *)&s->v[i].watch, NULL);
		s->v[i].is_watching = false;
	}
	if (s->has_timers) {
		uv_close((uv_handle_t *)&s->tick, NULL);
		uv_close((uv_handle_t *)&s->settle, NULL);
	}
	s->has_timers = false;
}

/* ---- what is known ------------------------------------------------------------------ */

void siblings_round(const struct siblings *s, struct round *out)
{
	uint32_t i;

	*out = (struct round){
	    .v = s->round, .nr = 1, .have_ended = true, .have_finished = !s->is_blind};
	s->round[0] = &s->opts.own->state;
	for (i = 0; i < s->nr; i++) {
		const struct sibling *b = &s->v[i];
		bool is_known = b->is_open && !b->has_other_rows;

		if (is_known)
			s->round[out->nr++] = &b->reader.state;
		out->have_ended &= b->is_open && b->reader.state.end != END_NONE;
		out->have_finished &= b->is_open && b->reader.state.end == END_FINISHED;
	}
}

void siblings_spent(const struct siblings *s, struct spent *sum)
{
	uint32_t i;

	for (i = 0; i < s->nr; i++)
		if (s->v[i].is_open)
			spent_add(sum, &s->v[i].reader.state);
}

void siblings_living(const struct siblings *s, uint32_t *nr, uint32_t *before)
{
	uint32_t i;

	*nr = 1;
	*before = 0;
	for (i = 0; i < s->nr; i++) {
		/* One that is not there yet is on its way. */
		if (s->v[i].is_open && s->v[i].reader.state.end != END_NONE)
			continue;
		++*nr;
		*before += i < s->own_place;
	}
}

/* ---- finding them ----------------------------------------------------------------------- */

static void add(struct siblings *s, const struct batch_reader *own, const struct batch_child *child)
{
	s->v = xrealloc(s->v, (s->nr + 1) * sizeof(*s->v));
	s->v[s->nr++] = (struct sibling){
	    .path = xasprintf("%s/%s", own->dir.parent_path, child->name),
	    .branch = xstrdup(child->branch),
	};
}

/* They were announced together, one for each branch: the last of that name counts. */
static void find_all(struct siblings *s, const struct batch *parent)
{
	const struct batch_reader *own = s->opts.own;
	uint32_t i;

	for (i = 0; i < parent->nr_children; i++) {
		const struct batch_child *c = &parent->children[i];

		if (!c->branch || !is_safe_name(c->name, NAME_SIZE - 1) ||
		    batch_child_of(parent, c->branch) != c)
			continue;
		if (strcmp(c->name, own->dir.name) == 0)
			s->own_place = s->nr;
		else
			add(s, own, c);
	}
}

struct siblings *siblings_new(const struct siblings_opts *opts)
{
	const struct retry_metadata *own = &opts->own->manifest.retry;
	struct batch_reader parent;
	struct siblings *s;
	char *path;

	if (!own->branch[0] || !is_safe_name(own->parent_batch, NAME_SIZE - 1))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->opts = *opts;
	path = xasprintf("%s/%s", opts->own->dir.parent_path, own->parent_batch);
	if (batch_reader_open(&parent, path, NULL) == 0) {
		find_all(s, &parent.state);
		batch_reader_close(&parent);
	} else {
		s->is_blind = true;
		opts->log(opts->ctx,
		    "the batch that forked this one is not there: no cycle follows on it");
	}
	free(path);
	s->round = xcalloc(s->nr + 1, sizeof(*s->round));
	if (s->opts.loop)
		follow(s);
	return s;
}

void siblings_free(struct siblings *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < s->nr; i++) {
		if (s->v[i].is_open)
			batch_reader_close(&s->v[i].reader);
		free(s->v[i].path);
		free(s->v[i].branch);
	}
	free(s->v);
	free(s->round);
	free(s);
}
