/* A batch that is one of the branches of its cycle: it gives up rows that another one has completed,
 * has its part of the job slots, and the last one to end has the last word. */
#include "engine/engine.h"
#include "base/lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void on_won(void *ctx, uint32_t agent, const char *branch)
{
	struct engine *e = ctx;

	conductor_won(&e->conductor, agent, branch, clock_now());
}

static void share_jobs(struct engine *e)
{
	const struct batch *b = &e->reader.state;
	bool has_use = b->counts[AGENT_PENDING] > 0 || b->phases[PHASE_BACKOFF] > 0;
	struct event ev;
	int jobs = engine_jobs(e);

	/* Only more: what others still use is not given away twice. */
	if (!has_use || e->has_jobs_by_person || jobs <= b->jobs || e->conductor.is_over)
		return;
	event_init(&ev, EV_VERB);
	ev.verb.verb = "jobs";
	ev.verb.by = "--branch";
	ev.verb.result = "a branch has ended: its job slots are shared out";
	ev.verb.n = jobs;
	conductor_emit(&e->conductor, &ev, clock_now());
}

static void on_change(void *ctx)
{
	struct engine *e = ctx;
	struct budget *budget = &e->conductor.policy.budget;

	budget->elsewhere = (struct spent){0};
	siblings_spent(e->siblings, &budget->elsewhere);
	share_jobs(e);
}

static void log_line(void *ctx, const char *line)
{
	engine_say(ctx, line);
}

void engine_follow_siblings(struct engine *e)
{
	e->siblings = siblings_new(&(struct siblings_opts){
	    .loop = &e->loop,
	    .own = &e->reader,
	    .on_won = on_won,
	    .on_change = on_change,
	    .log = log_line,
	    .ctx = e,
	});
	if (e->siblings)
		siblings_read(e->siblings);
}

int engine_jobs(const struct engine *e)
{
	const char *branch = e->reader.manifest.retry.branch;
	uint32_t nr = e->options.nr_branches, before = branch_find(&e->options, branch);

	if (!branch[0])
		return e->options.jobs;
	if (e->siblings)
		siblings_living(e->siblings, &nr, &before);
	return branch_jobs(e->options.jobs, nr, before);
}

bool engine_has_forked(const struct engine *e)
{
	const struct batch *b = &e->reader.state;

	return b->nr_children > 0 && b->children[b->nr_children - 1].branch;
}

bool engine_shares_run(const struct engine *e)
{
	return e->reader.manifest.retry.branch[0] ||
	    (e->reader.state.end == END_FINISHED && engine_has_forked(e));
}

bool engine_may_finish(struct engine *e)
{
	const struct batch_dir *where = e->original.fd >= 0 ? &e->original : &e->dir;
	int rc;

	if (!e->siblings || e->round_lock_fd >= 0)
		return true;
	/* Not the descriptor of the run's lock: branches may have that one in common. */
	e->round_lock_fd =
	    openat(where->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	rc = e->round_lock_fd < 0 ? -1 : lock_take(e->round_lock_fd, LOCK_ROUND);
	if (rc == 0)
		return true;
	if (e->round_lock_fd >= 0)
		close(e->round_lock_fd);
	e->round_lock_fd = -1;
	if (rc < 0)
		engine_say(e, "the other branches cannot be asked whether they end, too");
	return rc < 0;
}

void engine_finish(struct engine *e, struct instant now)
{
	struct round round;

	if (e->siblings) {
		siblings_read(e->siblings);
		siblings_round(e->siblings, &round);
	}
	conductor_finish(&e->conductor, e->siblings ? &round : NULL, now);
}
