/* From a batch to its next cycle: one child, or branches.
 *
 * Branches are all made and locked before one of them is conducted. The first goes on in this process;
 * the others get processes of their own.
 *
 * The run's lock is shared from here on, so that the run is held as long as one of them lives, and a
 * branch whose conductor died can be carried on beside the others. */
#include "engine/engine.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/cycle.h"
#include "engine/spawn.h"
#include "formats/options_json.h"
#include "policy/retry.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- one child -------------------------------------------------------------------- */

/* The rows of the next cycle: just selected, or again after a crash between end and child. */
static struct retry_row *child_rows(struct engine *e, uint32_t *nr)
{
	struct retry_row *rows;

	if (e->has_conductor && e->conductor.rows) {
		*nr = e->conductor.nr_rows;
		return e->conductor.rows;
	}
	rows = xmalloc((size_t)e->reader.state.nr_agents * sizeof(*rows));
	*nr = retry_select(&e->reader.state, e->options.retry_on, engine_cycles_failed, e, rows);
	return rows;
}

static void go_on_with_child(struct engine *e)
{
	const struct batch *b = &e->reader.state;
	struct cycle_plan plan = {
	    .child = batch_child_of(b, NULL),
	    .options = &e->options,
	    .spent = budget_spent(b),
	};
	struct batch_dir child = {.fd = -1};
	int child_lock_fd = -1, rc;
	uint32_t nr;
	struct retry_row *rows = child_rows(e, &nr);

	plan.rows = rows;
	plan.nr = nr;
	rc = cycle_make_child(&e->reader, &plan, &child, &child_lock_fd, &e->err);
	if (!e->has_conductor || rows != e->conductor.rows)
		free(rows);
	if (rc == 1)
		err_set(&e->err, "'%s' is a batch of somebody else by now", e->reader.state.child);
	if (rc == 0) {
		engine_sayf(e, "cycle %lld: %u row%s, %s from %s",
		    (long long)e->reader.state.cycle + 1, nr, nr == 1 ? "" : "s", child.name,
		    e->reader.state.child_csv);
		engine_become(e, child.path, child_lock_fd, NULL);
	}
	e->status = EXIT_INTERNAL;
	engine_sayf(e, "%s; go on with: agent-batch resume %s", e->err.msg, e->dir.name);
}

/* ---- branches --------------------------------------------------------------------- */

struct made {
	struct batch_dir dir;
	int lock_fd;
};

struct forking {
	struct engine *engine;
	struct siblings *siblings; /* of the batch itself; NULL: it is no branch */
	struct retry_row *rows;
	uint32_t nr_rows;
	struct spent spent; /* by the run so far */
	struct made *made;
	uint32_t nr_made;
};

static void say_nothing(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/* Again from the journals, not from what the conductor has in hand: after a crash between the end
 * and the children it is the same. */
static void choose_rows(struct forking *f)
{
	struct engine *e = f->engine;
	const struct batch *own = &e->reader.state;
	const struct retry_wish wish = {e->options.retry_on, engine_cycles_failed, e};
	struct round round = {.v = &own, .nr = 1};

	f->siblings = siblings_new(&(struct siblings_opts){.own = &e->reader, .log = say_nothing});
	f->spent = budget_spent(own);
	if (f->siblings) {
		siblings_read(f->siblings);
		siblings_round(f->siblings, &round);
		siblings_spent(f->siblings, &f->spent);
	}
	f->rows = xmalloc((size_t)own->nr_agents * sizeof(*f->rows));
	f->nr_rows = retry_select_of(round.v, round.nr, &wish, f->rows);
}

static int make_one(struct forking *f, uint32_t i, const struct batch_child *child)
{
	struct engine *e = f->engine;
	struct made *made = &f->made[f->nr_made];
	struct options options;
	struct cycle_plan plan = {.child = child,
	    .options = &options,
	    .rows = f->rows,
	    .nr = f->nr_rows,
	    .spent = f->spent};
	int rc;

	options_copy(&options, &e->options);
	rc = options_branch(&options, &e->options.branches[i], &e->err);
	if (rc == 0)
		rc = cycle_make_child(&e->reader, &plan, &made->dir, &made->lock_fd, &e->err);
	options_release(&options);
	if (rc == 2)
		return 0; /* it lives: after a crash between one and the other */
	if (rc == 1)
		err_set(&e->err, "'%s' is a batch of somebody else by now", child->name);
	if (rc != 0)
		return -1;
	engine_sayf(e, "cycle %lld, branch %s: %u rows, %s from %s",
	    (long long)e->reader.state.cycle + 1, child->branch, f->nr_rows, made->dir.name,
	    child->csv ? child->csv : "");
	f->nr_made++;
	return 0;
}

static int make_all(struct forking *f)
{
	const struct engine *e = f->engine;
	uint32_t i;

	f->made = xcalloc(e->options.nr_branches, sizeof(*f->made));
	for (i = 0; i < e->options.nr_branches; i++) {
		const struct batch_child *child =
		    batch_child_of(&e->reader.state, e->options.branches[i].name);

		if (child && make_one(f, i, child) < 0)
			return -1;
	}
	return 0;
}

static void start_others(struct forking *f)
{
	struct engine *e = f->engine;
	uint32_t i;

	for (i = 1; i < f->nr_made; i++) {
		const struct conductor_spawn start = {.dir = &f->made[i].dir,
		    .lock_fd = f->made[i].lock_fd,
		    .run_lock_fd = e->run_lock_fd};
		struct err err = ERR_INIT;

		if (conductor_spawn(&start, &err) != 0)
			engine_sayf(e,
			    "%s has no conductor: %s; carry it on with: agent-batch resume %s",
			    f->made[i].dir.name, err.msg, f->made[i].dir.name);
	}
}

static void release(struct forking *f)
{
	uint32_t i;

	for (i = 0; i < f->nr_made; i++) {
		close(f->made[i].lock_fd);
		batch_dir_close(&f->made[i].dir);
	}
	free(f->made);
	free(f->rows);
	siblings_free(f->siblings);
}

static void go_on_with_branches(struct engine *e)
{
	struct forking f = {.engine = e};

	choose_rows(&f);
	e->status = EXIT_INTERNAL;
	if (make_all(&f) < 0) {
		engine_sayf(e, "%s; go on with: agent-batch resume %s", e->err.msg, e->dir.name);
	} else if (f.nr_made == 0) {
		e->status = EXIT_ALL_COMPLETED; /* each has its conductor */
	} else {
		(void)lock_share(e->run_lock_fd, LOCK_RUN); /* it is ours: nothing refuses that */
		start_others(&f);
		engine_become(e, f.made[0].dir.path, f.made[0].lock_fd, NULL);
		engine_sayf(e, "%s; go on with: agent-batch resume %s", e->err.msg,
		    f.made[0].dir.name);
	}
	release(&f);
}

void engine_go_on_with_cycle(struct engine *e)
{
	if (engine_has_forked(e))
		go_on_with_branches(e);
	else
		go_on_with_child(e);
}
