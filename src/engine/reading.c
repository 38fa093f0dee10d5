#include "engine/reading.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdlib.h>

#define CHUNK_BYTES 65536

static void free_reading(struct reading *r)
{
	harvest_release(&r->harvest);
	free(r);
}

void readings_release(struct readings *rs)
{
	while (rs->nr)
		free_reading(rs->v[--rs->nr]);
	free(rs->v);
}

struct reading *readings_find(struct readings *rs, uint32_t agent, uint32_t n)
{
	size_t i;

	for (i = 0; i < rs->nr; i++) {
		if (rs->v[i]->agent != agent)
			continue;
		if (rs->v[i]->n == n)
			return rs->v[i];
		readings_drop(rs, rs->v[i]);
		return NULL;
	}
	return NULL;
}

struct reading *readings_begin(struct readings *rs, uint32_t agent, uint32_t n, int64_t from,
    int64_t to, const struct answer_finder *finder)
{
	struct reading *r = xcalloc(1, sizeof(*r));

	r->agent = agent;
	r->n = n;
	r->at = from;
	r->to = to;
	harvest_begin(&r->harvest, finder, false);
	VEC_GROW(rs->v, rs->nr, rs->cap);
	rs->v[rs->nr++] = r;
	return r;
}

void readings_drop(struct readings *rs, struct reading *r)
{
	size_t i = 0;

	while (rs->v[i] != r)
		i++;
	rs->v[i] = rs->v[--rs->nr];
	free_reading(r);
}

bool reading_step(struct reading *r, int log_fd)
{
	int64_t end = r->to - r->at > READING_STEP_BYTES ? r->at + READING_STEP_BYTES : r->to;
	char *chunk = xmalloc(CHUNK_BYTES);

	while (!r->is_done && r->at < end) {
		int64_t want = end - r->at < CHUNK_BYTES ? end - r->at : CHUNK_BYTES;
		ssize_t got = pread_all(log_fd, chunk, (size_t)want, r->at);

		if (got <= 0) {
			r->to = end = r->at;
			break;
		}
		harvest_feed(&r->harvest, chunk, (size_t)got);
		r->at += got;
	}
	free(chunk);
	if (!r->is_done && r->at >= r->to) {
		r->is_done = true;
		r->answer = harvest_end(&r->harvest, &r->usage);
	}
	return r->is_done;
}
