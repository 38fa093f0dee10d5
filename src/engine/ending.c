/* The end of a batch: rows that are set aside, the next cycle's rows and the names of its children, or
 * the end of the run. */
#include "engine/conductor_parts.h"
#include "base/xalloc.h"
#include "policy/class_rules.h"
#include "policy/fingerprint.h"
#include "policy/retry.h"

#include <stdio.h>
#include <string.h>

/* Rows are left for a cycle, and a rule says that nothing more may start: the run stops with this
 * batch, and a resume of it asks again. */
static bool is_stopped_here(struct conductor *c)
{
	struct decision d = {.kind = DECIDE_NOTHING};

	if (!decide_stop(c->batch, &c->policy, &d))
		return false;
	c->over.end = END_STOPPED;
	c->over.exit_code = c->exit_code = 3;
	memcpy(c->over.why, d.why, sizeof(c->over.why));
	return true;
}

static void set_aside(struct conductor *c, uint32_t agent, uint32_t cycles)
{
	struct event ev;
	char why[96];

	snprintf(why, sizeof(why), "set aside: it failed alike in %u cycles", cycles);
	conductor_agent_event(&ev, EV_STATUS, agent);
	ev.status.status = AGENT_FAILED;
	ev.status.is_set_aside = true;
	ev.status.why = why;
	conductor_event(c, &ev);
}

/* --give-up-after: journalled, so that who makes the child after a crash leaves out the same rows. */
static void set_rows_aside(struct conductor *c)
{
	struct buf fingerprint = BUF_INIT;
	uint32_t i, cycles;

	for (i = 0; c->options->give_up_after > 0 && i < c->batch->nr_agents; i++) {
		const struct agent *a = &c->batch->agents[i];

		buf_reset(&fingerprint);
		if (a->is_set_aside || !class_in_next_cycle(a->class, c->options->retry_on) ||
		    !fingerprint_of(a, &fingerprint))
			continue;
		cycles = 1 + c->ops->cycles_failed_alike(c->ctx, a->task->id, fingerprint.data);
		if (cycles >= (uint32_t)c->options->give_up_after)
			set_aside(c, i, cycles);
	}
	buf_release(&fingerprint);
}

/* When a child may start: what the service told, or the ladder, where all failed by passing causes.
 * A branch goes by how it did itself; what runs another agent than the cycle before waits for
 * nothing. */
static int64_t cool_off_until(struct conductor *c, const struct round *round,
    const struct branch *branch)
{
	const struct batch *b = c->batch;
	size_t i;

	if (branch && !round && branch->has_own_agent)
		return NUM_NONE;
	for (i = 0; round && i < round->nr; i++)
		if (round->v[i]->branch && strcmp(round->v[i]->branch, branch->name) == 0)
			b = round->v[i];
	return retry_cool_off_until(b, &c->options->backoff, c->now.wall_ms);
}

static void announce_child(struct conductor *c, const struct branch *branch, char csv[NAME_SIZE],
    int64_t until_t)
{
	char child[NAME_SIZE];
	struct event ev;

	c->ops->name_child(c->ctx, branch ? branch->name : NULL, child, csv);
	event_init(&ev, EV_CYCLE);
	ev.cycle.child = child;
	ev.cycle.csv = csv;
	ev.cycle.branch = branch ? branch->name : NULL;
	ev.cycle.rows = c->nr_rows;
	ev.cycle.until_t = until_t;
	conductor_event(c, &ev);
	c->has_child = true;
}

static void plan_cycle(struct conductor *c, const struct round *round)
{
	const struct batch *const own = c->batch;
	const struct options *o = c->options;
	const struct retry_wish wish = {o->retry_on, c->ops->cycles_failed, c->ctx};
	char csv[NAME_SIZE] = "";
	uint32_t i;

	set_rows_aside(c);
	c->rows = xmalloc((size_t)own->nr_agents * sizeof(*c->rows));
	c->nr_rows =
	    retry_select_of(round ? round->v : &own, round ? round->nr : 1, &wish, c->rows);
	if (c->nr_rows == 0 || is_stopped_here(c))
		return;
	if (o->nr_branches == 0)
		announce_child(c, NULL, csv, cool_off_until(c, NULL, NULL));
	for (i = 0; i < o->nr_branches; i++)
		announce_child(c, &o->branches[i], csv, cool_off_until(c, round, &o->branches[i]));
}

static void emit_end(struct conductor *c, const char *why)
{
	struct event ev;
	int i;

	event_init(&ev, EV_END);
	ev.end.state = c->over.end;
	ev.end.why = *why ? why : NULL;
	ev.end.exit_code = c->exit_code;
	for (i = 0; i < AGENT__COUNT; i++)
		ev.end.counts[i] = c->batch->counts[i];
	conductor_event(c, &ev);
}

/* As far as its rows are known to be done, wherever. */
static int exit_code_of(const struct conductor *c, const struct round *round)
{
	if (!round || c->over.end != END_FINISHED)
		return c->over.exit_code;
	return retry_all_done(round->v, round->nr) ? 0 : 1;
}

/* What the run ends with where this batch is its last: one that was stopped may be carried on. */
static enum end_state end_of_run(const struct conductor *c, const struct round *round)
{
	return round && !round->have_finished ? END_STOPPED : c->over.end;
}

void conductor_finish(struct conductor *c, const struct round *round, struct instant now)
{
	bool is_last = !round || round->have_ended;
	char why[640], when[CLOCK_TEXT_LEN + 1];

	c->now = now;
	c->is_finished = true;
	c->exit_code = exit_code_of(c, round);
	if (is_last && end_of_run(c, round) == END_FINISHED && c->options->auto_retry &&
	    c->batch->cycle < c->options->max_retries)
		plan_cycle(c, round);
	if (is_last && !c->has_child && c->ops->run_ends(c->ctx, end_of_run(c, round)) > 0 &&
	    c->exit_code == 0)
		c->exit_code = 1;
	snprintf(why, sizeof(why), "%s", c->over.why);
	if (c->over.resume_t != NUM_NONE) {
		clock_text(c->over.resume_t, when);
		snprintf(why, sizeof(why), "%s (at %s)", c->over.why, when);
	}
	emit_end(c, why);
}
