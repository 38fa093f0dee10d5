#include "engine/history.h"
#include "base/xalloc.h"
#include "formats/run_reader.h"
#include "policy/fingerprint.h"
#include "policy/session.h"

#include <stdlib.h>
#include <string.h>

struct history {
	char *path;
	bool is_read;
	struct run_reader run; /* keeps the ids alive */
	bool has_run;
	bool *is_out; /* one a batch of the run: the one conducted, and what stems from it */
	struct map by_id;
	uint32_t *attempts;
	uint32_t nr, cap;
	struct spent spent; /* by all of them */
};

struct history *history_new(const char *path)
{
	struct history *h = xcalloc(1, sizeof(*h));

	h->path = xstrdup(path);
	map_init(&h->by_id);
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	if (h->has_run)
		run_reader_close(&h->run);
	map_release(&h->by_id);
	free(h->attempts);
	free(h->is_out);
	free(h->path);
	free(h);
}

static void add_batch(struct history *h, const struct batch *b)
{
	uint32_t i;

	spent_add(&h->spent, b);
	for (i = 0; i < b->nr_agents; i++) {
		uint32_t n = agent_executions(&b->agents[i]);
		uint32_t at = n ? map_put(&h->by_id, b->agents[i].task->id, h->nr) : 0;

		if (n == 0)
			continue;
		if (at == h->nr) {
			VEC_GROW(h->attempts, h->nr, h->cap);
			h->attempts[h->nr++] = 0;
		}
		h->attempts[at] += n;
	}
}

/* Whether the batch stems from the one named so, or is it. Parents stand before their children, and
 * the children of a parent that is out are out. */
static bool stems_from(const struct history *h, const struct batch_reader *r, const char *name)
{
	size_t i;

	if (strcmp(r->dir.name, name) == 0)
		return true;
	for (i = 0; r->state.parent && h->run.batches[i] != r; i++)
		if (strcmp(h->run.batches[i]->dir.name, r->state.parent) == 0)
			return h->is_out[i];
	return false;
}

static const char *own_name(const struct history *h)
{
	const char *slash = strrchr(h->path, '/');

	return slash ? slash + 1 : h->path;
}

static void read_run(struct history *h)
{
	const char *own = own_name(h);
	const struct batch_reader *self = NULL;
	struct err err = ERR_INIT;
	size_t i;

	h->is_read = true;
	if (run_reader_open(&h->run, h->path, &err) < 0)
		return; /* parents that are gone cannot be counted */
	h->has_run = true;
	h->is_out = xcalloc(h->run.nr, sizeof(*h->is_out));
	for (i = 0; i < h->run.nr; i++)
		if (strcmp(h->run.batches[i]->dir.name, own) == 0)
			self = h->run.batches[i];
	for (i = 0; i < h->run.nr; i++) {
		/* Other branches of the cycle are not before it. */
		h->is_out[i] = stems_from(h, h->run.batches[i], own) ||
		    (self && run_are_siblings(self, h->run.batches[i]));
		if (!h->is_out[i])
			add_batch(h, &h->run.batches[i]->state);
	}
}

static void be_read(struct history *h)
{
	if (!h->is_read)
		read_run(h);
}

const struct agent *history_last(struct history *h, const char *id, const struct batch_reader **in)
{
	size_t i;

	be_read(h);
	for (i = h->run.nr; i-- > 0;) {
		const struct batch *b = &h->run.batches[i]->state;
		uint32_t agent = h->is_out[i] ? AGENT_NONE : batch_find(b, id);

		if (agent == AGENT_NONE || agent_executions(&b->agents[agent]) == 0)
			continue;
		*in = h->run.batches[i];
		return &b->agents[agent];
	}
	return NULL;
}

static bool failed_alike(const struct batch *b, const char *id, const char *fingerprint)
{
	uint32_t i = batch_find(b, id);
	struct buf own = BUF_INIT;
	bool is_same;

	is_same = i != AGENT_NONE && fingerprint_of(&b->agents[i], &own) &&
	    strcmp(own.data, fingerprint) == 0;
	buf_release(&own);
	return is_same;
}

uint32_t history_failed_alike(struct history *h, const char *id, const char *fingerprint)
{
	const struct batch_reader *last = NULL;
	uint32_t nr = 0;
	size_t i;

	be_read(h);
	for (i = 0; i < h->run.nr; i++) {
		const struct batch_reader *r = h->run.batches[i];

		if (h->is_out[i] || !failed_alike(&r->state, id, fingerprint))
			continue;
		/* Branches stand side by side: they were one cycle. */
		nr += !last || !run_are_siblings(last, r);
		last = r;
	}
	return nr;
}

void history_session_use(struct history *h, const char *id, const char *session, struct usage *sum)
{
	size_t i;

	be_read(h);
	for (i = 0; i < h->run.nr; i++) {
		const struct batch *b = &h->run.batches[i]->state;
		uint32_t agent = h->is_out[i] ? AGENT_NONE : batch_find(b, id);

		if (agent != AGENT_NONE)
			session_add_use(&b->agents[agent], session, UINT32_MAX, sum);
	}
}

/* The batch that announced this one as the next cycle; NULL: none did. */
static const struct batch_reader *announced_by(const struct history *h)
{
	const char *own = own_name(h);
	size_t i;
	uint32_t k;

	for (i = 0; i < h->run.nr; i++) {
		const struct batch *b = &h->run.batches[i]->state;

		for (k = 0; k < b->nr_children; k++)
			if (strcmp(b->children[k].name, own) == 0)
				return h->run.batches[i];
	}
	return NULL;
}

static const struct gate *closed_in(const struct batch *b, const char *account)
{
	uint32_t i;

	for (i = 0; i < b->nr_accounts; i++)
		if (strcmp(b->accounts[i].name, account) == 0 &&
		    account_needs_person(&b->accounts[i]))
			return &b->accounts[i].gate;
	return NULL;
}

const struct gate *history_closed(struct history *h, const char *account)
{
	const struct batch_reader *before;
	const struct gate *gate = NULL;
	size_t i;

	be_read(h);
	before = announced_by(h);
	for (i = 0; before && !gate && i < h->run.nr; i++)
		if (h->run.batches[i] == before || run_are_siblings(h->run.batches[i], before))
			gate = closed_in(&h->run.batches[i]->state, account);
	return gate;
}

struct spent history_spent(struct history *h)
{
	be_read(h);
	return h->spent;
}

uint32_t history_attempts(struct history *h, const char *id)
{
	uint32_t i;

	be_read(h);
	i = map_get(&h->by_id, id);
	return i == MAP_NONE ? 0 : h->attempts[i];
}
