#include "engine/solve_parts.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "engine/cycle.h"
#include "formats/event_json.h"
#include "formats/tasks_csv.h"
#include "model/retry_words.h"
#include "policy/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct solve *solve_now(const struct engine *e)
{
	return &e->reader.state.solve;
}

bool solve_is_part(const struct engine *e)
{
	return e->options.role || options_is_solve(&e->options);
}

bool solve_is_stepper(const struct engine *e)
{
	return options_is_solve(&e->options) && !e->reader.manifest.retry.is_retry;
}

/* ---- exec ------------------------------------------------------------------------ */

void solve_return(struct engine *e)
{
	engine_become(e, e->original.fd >= 0 ? e->original.path : e->dir.path, -1, NULL);
}

/* ---- the journal ------------------------------------------------------------------- */

int solve_append(const struct batch_dir *dir, struct event *ev, struct batch *state,
    struct err *err)
{
	struct instant now = clock_now();

	ev->t = now.wall_ms;
	ev->m = now.mono_ms;
	if (journal_append(dir->fd, ev, err) < 0)
		return err_prefix(err, "'%s': ", dir->name);
	batch_apply(state, ev);
	return 0;
}

int solve_tell(struct engine *e, struct event *ev)
{
	return solve_append(&e->dir, ev, &e->reader.state, &e->err);
}

void solve_init_told(struct event *ev, const struct solve_step *step)
{
	event_init(ev, EV_SOLVE);
	ev->solve.phase = step->phase;
	ev->solve.round = step->round;
}

/* ---- the budget ------------------------------------------------------------------- */

/* The rows of earlier batches are counted by the first event of each. */
void solve_share_budget(struct engine *e)
{
	struct budget *budget = &e->conductor.policy.budget;
	const char *original = e->original.fd >= 0 ? e->original.path : e->dir.path;
	struct run_reader run;
	size_t i;

	if (!solve_is_part(e) || (budget->usd <= 0 && budget->tokens <= 0) ||
	    run_reader_open(&run, original, NULL) < 0)
		return;
	for (i = 0; i < run.nr && e->options.role; i++)
		spent_add(&budget->elsewhere, &run.batches[i]->state);
	for (i = 0; i < run.roles.nr; i++)
		if (strcmp(run.roles.v[i].reader->dir.path, e->dir.path) != 0)
			spent_add(&budget->elsewhere, &run.roles.v[i].reader->state);
	run_reader_close(&run);
}

/* ---- facts -------------------------------------------------------------------------- */

static uint32_t cycles_failed(void *ctx, const char *id)
{
	const struct batch_reader *r = ctx;

	return cycle_failed_before(&r->state, id);
}

static bool is_made(const struct run_reader *run, const char *name)
{
	size_t i;

	for (i = 0; i < run->nr; i++)
		if (strcmp(run->batches[i]->dir.name, name) == 0)
			return true;
	return false;
}

static enum solve_last look_at_last(const struct stepper *s)
{
	const struct batch *b = &s->last->state;

	switch (b->end) {
	case END_STOPPED:
		return LAST_STOPPED;
	case END_FINISHED:
		return b->child && !is_made(&s->run, b->child) ? LAST_UNFINISHED : LAST_ENDED;
	case END_NONE:
	case END__COUNT:
		break;
	}
	return LAST_UNFINISHED;
}

static void find_next(struct stepper *s)
{
	struct engine *e = s->e;
	const struct solve *solve = solve_now(e);
	struct solve_facts f = {
	    .options = &e->options,
	    .solve = solve,
	    .has_tasks = faccessat(e->dir.fd, TASKS_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0,
	    .is_child_made = solve->child && is_made(&s->run, solve->child),
	    .last = look_at_last(s),
	    .have_all_completed = run_all_completed(&s->run),
	};

	s->again = xcalloc(s->last->state.nr_agents, sizeof(*s->again));
	s->nr_again =
	    retry_select(&s->last->state, e->options.retry_on, cycles_failed, s->last, s->again);
	f.nr_again = s->nr_again;
	if (solve->call) {
		role_call_look(&e->dir, solve->call, &s->call);
		f.call = s->call.state;
		f.is_draining = s->call.is_draining;
		f.exit_code = s->call.exit_code;
	} else {
		f.is_draining = s->last->state.is_draining;
		f.exit_code = (int)s->last->state.exit_code;
	}
	solve_next(&f, &s->step);
}

/* ---- a role's call ---------------------------------------------------------------------- */

static void say_phase(struct stepper *s)
{
	struct engine *e = s->e;

	switch (s->step.phase) {
	case SOLVE_PLANNING:
		engine_say(e, s->step.round == 0 ? PHASE_PLAN : RETRY_NONE_FAILED);
		return;
	case SOLVE_SYNTHESIZING:
		engine_say(e, PHASE_SYNTHESIZE);
		return;
	case SOLVE_VALIDATING:
		engine_say(e, PHASE_VALIDATE);
		return;
	case SOLVE_EXECUTING:
	case SOLVE_DONE:
	case SOLVE_PHASE__COUNT:
		return;
	}
}

static int tell_call(struct stepper *s)
{
	struct engine *e = s->e;
	enum solve_role role = (enum solve_role)solve_role_of_phase(s->step.phase);
	bool is_first = solve_now(e)->phase != s->step.phase ||
	    solve_now(e)->round != s->step.round || !solve_now(e)->is_told;
	char name[ROLE_CALL_SIZE];
	struct event ev;

	solve_call_name(role, solve_now(e)->last_call[role] + 1, name);
	solve_init_told(&ev, &s->step);
	ev.solve.role = name;
	ev.solve.is_unread = s->step.is_unread;
	if (s->step.is_unread) {
		ev.solve.why = s->call.why;
		engine_sayf(e, "%s gave no reply that could be read: %s", solve_now(e)->call,
		    s->call.why);
	}
	if (is_first)
		say_phase(s);
	return solve_tell(e, &ev);
}

static int conduct_call(struct stepper *s)
{
	struct engine *e = s->e;
	enum solve_role role = (enum solve_role)solve_role_of_phase(s->step.phase);
	const char *name = solve_now(e)->call;
	struct event ev;
	char *path;

	if (role_call_make(&s->run, role, solve_call_number(role, name), &e->err) < 0)
		return -1;
	if (s->step.is_resumed) {
		solve_init_told(&ev, &s->step);
		ev.solve.role = name;
		if (solve_tell(e, &ev) < 0)
			return -1;
	}
	s->tell_ready(e);
	path = xasprintf("%s/%s", e->dir.path, solve_now(e)->call);
	engine_become(e, path, -1, e->opts->overrides);
	free(path);
	return -1;
}

/* ---- the original ------------------------------------------------------------------------- */

int solve_reply(struct stepper *s, enum solve_role role, struct buf *reply)
{
	return role_call_reply(&s->e->dir, role, solve_now(s->e)->call, s->call.n, reply,
	    &s->e->err);
}

static int tell_executing(struct stepper *s, uint32_t rows)
{
	struct event ev;

	engine_say(s->e, PHASE_EXECUTE);
	solve_init_told(&ev, &s->step);
	ev.solve.rows = rows;
	return solve_tell(s->e, &ev);
}

/* The rows stand before it is told that they are executed. */
static int write_plan(struct stepper *s, const struct plan *p)
{
	struct engine *e = s->e;
	struct batch b;
	int rc;

	if (file_replace(e->dir.fd, TASKS_NAME, p->csv.data, p->csv.len, &e->err) < 0)
		return -1;
	batch_init(&b, &p->tasks, NULL, options_default_agent(&e->options), e->options.jobs);
	rc = manifest_write(e->dir.fd, &e->reader.manifest, &b, &e->err);
	batch_release(&b);
	return rc;
}

static int take_plan(struct stepper *s)
{
	struct buf reply = BUF_INIT;
	struct plan p;
	int rc = solve_reply(s, SOLVE_PLANNER, &reply);

	if (rc == 0) {
		rc = role_read_plan(&s->run, &reply, &p, &s->e->err);
		if (rc == 0)
			rc = write_plan(s, &p);
		if (rc == 0)
			rc = tell_executing(s, p.tasks.nr);
		plan_release(&p);
	}
	buf_release(&reply);
	if (rc < 0)
		return -1;
	/* A new process, which reads the rows. */
	s->tell_ready(s->e);
	engine_become(s->e, s->e->dir.path, s->e->lock_fd, s->e->opts->overrides);
	return -1;
}

/* 1: it is the original, whose process this is. */
static int conduct_last(struct stepper *s)
{
	struct engine *e = s->e;
	const struct solve *solve = solve_now(e);
	struct event ev;

	if (s->step.is_resumed) {
		solve_init_told(&ev, &s->step);
		ev.solve.child = solve->child;
		ev.solve.csv = solve->csv;
		ev.solve.kind = solve->kind;
		ev.solve.until_t = solve->until_t;
		if (solve_tell(e, &ev) < 0)
			return -1;
	}
	if (strcmp(s->last->dir.name, e->dir.name) == 0)
		return 1;
	s->tell_ready(e);
	engine_become(e, s->last->dir.path, -1, e->opts->overrides);
	return -1;
}

/* ---- steps -------------------------------------------------------------------------------------- */

/* 0: it is done, ask for the next; 1: over; -1: it failed. *here: the original's rows are next. */
static int do_step(struct stepper *s, bool *here)
{
	int rc;

	switch (s->step.what) {
	case SOLVE_DO_CALL:
		return tell_call(s);
	case SOLVE_DO_CONDUCT_CALL:
		return conduct_call(s);
	case SOLVE_DO_TAKE_PLAN:
		return take_plan(s);
	case SOLVE_DO_EXECUTE:
		return tell_executing(s, s->e->reader.state.nr_agents);
	case SOLVE_DO_TELL_CHILD:
		return solve_tell_child(s);
	case SOLVE_DO_MAKE_CHILD:
		return solve_make_child(s);
	case SOLVE_DO_CONDUCT_LAST:
		rc = conduct_last(s);
		*here = rc == 1;
		return rc;
	case SOLVE_DO_TELL_VERDICT:
		return solve_tell_verdict(s);
	case SOLVE_DO_STOP:
		return solve_stop_run(s);
	case SOLVE_DO_END:
		return solve_end_run(s);
	case SOLVE_DO_NOTHING:
		s->e->status = (int)solve_now(s->e)->exit_code;
		return 1;
	}
	return -1;
}

/* From what is on disk now. */
static int take_step(struct engine *e, void (*tell_ready)(struct engine *e), bool *here)
{
	struct stepper s = {.e = e, .tell_ready = tell_ready};
	int rc;

	if (run_reader_open(&s.run, e->dir.path, &e->err) < 0)
		return -1;
	s.last = run_reader_last(&s.run);
	find_next(&s);
	rc = do_step(&s, here);
	free(s.again);
	run_reader_close(&s.run);
	return rc;
}

enum solve_result solve_go_on(struct engine *e, void (*tell_ready)(struct engine *e))
{
	bool here = false;
	int rc = 0;

	if (!e->reader.state.version &&
	    cycle_first_event(&e->dir, &e->reader.manifest, NULL, &e->err) < 0) {
		e->status = EXIT_INTERNAL;
		return SOLVE_OVER;
	}
	if (!e->reader.state.version)
		rc = batch_reader_refresh(&e->reader, &e->err) < 0 ? -1 : 0;
	while (rc == 0)
		rc = take_step(e, tell_ready, &here);
	if (rc < 0) {
		e->status = EXIT_INTERNAL;
		engine_sayf(e, "%s; go on with: agent-batch resume %s", e->err.msg, e->dir.name);
	}
	return rc > 0 && here ? SOLVE_CONDUCT_HERE : SOLVE_OVER;
}
