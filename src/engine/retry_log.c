/* What a batch says in logs/log.txt of rows that failed before, in the words of model/retry_words.h:
 * in a cycle before it, or in itself, where a person took them up again. */
#include "engine/engine.h"
#include "base/xalloc.h"
#include "engine/cycle.h"
#include "model/retry_words.h"

#include <stdlib.h>

static bool has_failed_before(const struct engine *e, uint32_t agent)
{
	const struct batch *b = &e->reader.state;

	return b->agents[agent].is_taken_up ||
	    cycle_failed_before(b, e->reader.tasks.v[agent].id) > 0;
}

/* Whether it is the first start since the row failed, in a cycle before or in this batch. */
static bool is_first_again(const struct engine *e, uint32_t agent, uint32_t n)
{
	const struct agent *a = &e->reader.state.agents[agent];

	if (!has_failed_before(e, agent))
		return false;
	return n == 1 || (a->is_taken_up && a->charged == 0 && a->waited_ms == 0);
}

void engine_say_starts(void *ctx, uint32_t agent, uint32_t n)
{
	struct engine *e = ctx;
	struct buf line = BUF_INIT;

	if (!is_first_again(e, agent, n))
		return;
	retry_words_retrying(&e->reader.tasks, &e->reader.tasks.v[agent], &line);
	engine_say(e, line.data);
	buf_release(&line);
}

void engine_say_healed(struct engine *e, uint32_t agent)
{
	struct buf line = BUF_INIT;

	if (!has_failed_before(e, agent))
		return;
	retry_words_healed(&e->reader.tasks.v[agent], &line);
	engine_say(e, line.data);
	buf_release(&line);
}

static uint32_t failed_before(const struct engine *e, uint32_t *rows)
{
	uint32_t i, nr = 0;

	for (i = 0; i < e->reader.tasks.nr; i++)
		if (has_failed_before(e, i))
			rows[nr++] = i;
	return nr;
}

void engine_say_retrying(struct engine *e)
{
	uint32_t *rows = xcalloc(e->reader.tasks.nr, sizeof(*rows));
	uint32_t nr = failed_before(e, rows);
	struct buf line = BUF_INIT;

	if (nr > 0) {
		retry_words_found(&e->reader.tasks, rows, nr, &line);
		engine_say(e, line.data);
		engine_say(e, RETRY_PHASE_FAILED);
	}
	buf_release(&line);
	free(rows);
}

void engine_say_retried(struct engine *e)
{
	uint32_t *rows = xcalloc(e->reader.tasks.nr, sizeof(*rows));
	uint32_t nr = failed_before(e, rows), retried = 0, i;
	struct buf line = BUF_INIT;

	for (i = 0; i < nr; i++)
		retried += agent_executions(&e->reader.state.agents[rows[i]]) > 0;
	if (nr > 0) {
		retry_words_complete(retried, &line);
		engine_say(e, line.data);
	}
	buf_release(&line);
	free(rows);
}
