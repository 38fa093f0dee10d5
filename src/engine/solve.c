#include "engine/solve.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "engine/cycle.h"
#include "engine/role.h"
#include "formats/event_json.h"
#include "formats/reservation.h"
#include "formats/results.h"
#include "formats/tasks_csv.h"
#include "model/retry_words.h"
#include "policy/backoff.h"
#include "policy/budget.h"
#include "policy/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_NAME "answer.md"

/* One step: what stands when it begins. */
struct stepper {
	struct engine *e;
	struct run_reader run;
	struct batch_reader *last;
	struct retry_row *again; /* rows of the last batch that may run again */
	uint32_t nr_again;
	struct call_look call;
	struct solve_step step;
	void (*tell_ready)(struct engine *e);
};

static const struct solve *solve_of(const struct engine *e)
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

/* With the locks that the next process is to have: the run's, and where it is this very batch's
 * that one too (-1: it takes its own). Returns on failure. */
static void become(struct engine *e, const char *path, int lock_fd)
{
	char lock[16], run_lock[16];
	const char *argv[10] = {"agent-batch", "conduct", "--run-lock-fd", run_lock};
	size_t n = 4;

	snprintf(run_lock, sizeof(run_lock), "%d", e->run_lock_fd);
	if (lock_fd >= 0) {
		snprintf(lock, sizeof(lock), "%d", lock_fd);
		argv[n++] = "--lock-fd";
		argv[n++] = lock;
	}
	if (e->opts->overrides) {
		argv[n++] = "--overrides";
		argv[n++] = e->opts->overrides;
	}
	argv[n] = path;
	if ((lock_fd >= 0 && fcntl(lock_fd, F_SETFD, 0) < 0) ||
	    fcntl(e->run_lock_fd, F_SETFD, 0) < 0) {
		err_sys(&e->err, errno, "cannot hand the locks on");
		return;
	}
	execv("/proc/self/exe", (char *const *)argv); /* the strings are not written to */
	err_sys(&e->err, errno, "cannot go on with '%s'", path);
}

void solve_return(struct engine *e)
{
	become(e, e->original.fd >= 0 ? e->original.path : e->dir.path, -1);
}

/* ---- the journal ------------------------------------------------------------------- */

static int append(const struct batch_dir *dir, struct event *ev, struct batch *state,
    struct err *err)
{
	struct instant now = clock_now();
	struct buf line = BUF_INIT;
	bool is_torn;
	int fd = journal_open_append(dir->fd, &is_torn, err), rc = 0;

	if (fd < 0)
		return -1;
	ev->t = now.wall_ms;
	ev->m = now.mono_ms;
	if (is_torn)
		buf_ch(&line, '\n');
	event_format(ev, &line);
	if (write_all(fd, line.data, line.len) < 0 || fdatasync(fd) < 0)
		rc = err_sys(err, errno, "cannot write '%s/" JOURNAL_NAME "'", dir->name);
	close(fd);
	buf_release(&line);
	if (rc == 0)
		batch_apply(state, ev);
	return rc;
}

static int tell(struct engine *e, struct event *ev)
{
	return append(&e->dir, ev, &e->reader.state, &e->err);
}

static void init_told(struct event *ev, const struct solve_step *step)
{
	event_init(ev, EV_SOLVE);
	ev->solve.phase = step->phase;
	ev->solve.round = step->round;
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

static bool have_all_completed(const struct run_reader *run)
{
	uint32_t nr, i = 0;
	struct merged_row *rows = run_merge_ended(run, &nr);

	while (i < nr && rows[i].agent->status == AGENT_COMPLETED)
		i++;
	free(rows);
	return i == nr;
}

static void find_next(struct stepper *s)
{
	struct engine *e = s->e;
	const struct solve *solve = solve_of(e);
	struct solve_facts f = {
	    .options = &e->options,
	    .solve = solve,
	    .has_tasks = faccessat(e->dir.fd, TASKS_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0,
	    .is_child_made = solve->child && is_made(&s->run, solve->child),
	    .last = look_at_last(s),
	    .have_all_completed = have_all_completed(&s->run),
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
	bool is_first = solve_of(e)->phase != s->step.phase ||
	    solve_of(e)->round != s->step.round || !solve_of(e)->is_told;
	char name[ROLE_CALL_SIZE];
	struct event ev;

	solve_call_name(role, solve_of(e)->last_call[role] + 1, name);
	init_told(&ev, &s->step);
	ev.solve.role = name;
	ev.solve.is_unread = s->step.is_unread;
	if (s->step.is_unread) {
		ev.solve.why = s->call.why;
		engine_sayf(e, "%s: its reply could not be read: %s", solve_of(e)->call,
		    s->call.why);
	}
	if (is_first)
		say_phase(s);
	return tell(e, &ev);
}

static int conduct_call(struct stepper *s)
{
	struct engine *e = s->e;
	enum solve_role role = (enum solve_role)solve_role_of_phase(s->step.phase);
	const char *name = solve_of(e)->call;
	struct event ev;
	char *path;

	if (role_call_make(&s->run, role, solve_call_number(role, name), &e->err) < 0)
		return -1;
	if (s->step.is_resumed) {
		init_told(&ev, &s->step);
		ev.solve.role = name;
		if (tell(e, &ev) < 0)
			return -1;
	}
	s->tell_ready(e);
	path = xasprintf("%s/%s", e->dir.path, solve_of(e)->call);
	become(e, path, -1);
	free(path);
	return -1;
}

/* ---- the original ------------------------------------------------------------------------- */

static int read_reply(struct stepper *s, enum solve_role role, struct buf *reply)
{
	return role_call_reply(&s->e->dir, role, solve_of(s->e)->call, s->call.n, reply,
	    &s->e->err);
}

static int tell_executing(struct stepper *s, uint32_t rows)
{
	struct event ev;

	engine_say(s->e, PHASE_EXECUTE);
	init_told(&ev, &s->step);
	ev.solve.rows = rows;
	return tell(s->e, &ev);
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
	int rc = read_reply(s, SOLVE_PLANNER, &reply);

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
	become(s->e, s->e->dir.path, s->e->lock_fd);
	return -1;
}

/* ---- children ----------------------------------------------------------------------------- */

static int plan_of_call(struct stepper *s, const char *call, struct plan *p)
{
	struct engine *e = s->e;
	struct buf reply = BUF_INIT;
	struct call_look c;
	int rc;

	memset(p, 0, sizeof(*p));
	role_call_look(&e->dir, call, &c);
	if (c.state != CALL_READ)
		return err_set(&e->err, "the plan of '%s' is not there any more", call);
	rc = role_call_reply(&e->dir, SOLVE_PLANNER, call, c.n, &reply, &e->err);
	if (rc == 0)
		rc = role_read_plan(&s->run, &reply, p, &e->err);
	buf_release(&reply);
	return rc;
}

static int count_new_rows(struct stepper *s, int64_t *nr)
{
	struct plan p;
	int rc = plan_of_call(s, solve_of(s->e)->call, &p);

	*nr = p.tasks.nr;
	plan_release(&p);
	return rc;
}

/* As a cycle waits where all failed by passing causes (engine/conductor.c). */
static int64_t cool_off(const struct stepper *s)
{
	const struct batch *b = &s->last->state;
	int64_t until_t = NUM_NONE;

	if (retry_must_cool_off(b, &until_t) && until_t == NUM_NONE)
		until_t = clock_now().wall_ms +
		    backoff_ms(&s->e->options.backoff, (uint32_t)b->cycle + 1);
	return until_t;
}

static int tell_child(struct stepper *s)
{
	struct engine *e = s->e;
	const struct batch_dir *parent = &s->last->dir;
	const struct reservation own = {parent->parent_path, parent->name, NULL};
	char child[NAME_SIZE], csv[NAME_SIZE];
	struct event ev;
	int dirfd;

	init_told(&ev, &s->step);
	ev.solve.kind = s->step.kind;
	ev.solve.rows = s->nr_again;
	if (s->step.kind == BATCH_EXTENSION && count_new_rows(s, &ev.solve.rows) < 0)
		return -1;
	dirfd = dir_open(parent->parent_path, &e->err);
	if (dirfd < 0)
		return -1;
	if (s->step.kind == BATCH_RETRY) {
		name_free_retry_csv(dirfd, RETRY_CSV_AUTO, parent->name, clock_now().wall_ms, csv);
		ev.solve.csv = csv;
		ev.solve.until_t = cool_off(s);
	} else {
		ev.solve.role = solve_of(e)->call;
	}
	close(dirfd);
	if (reservation_take(&own, clock_now().wall_ms, child, &e->err) < 0)
		return -1;
	ev.solve.child = child;
	return tell(e, &ev);
}

/* In the parent's journal: that is how all who read the run find the child. */
static int announce_child(struct stepper *s)
{
	const struct solve *solve = solve_of(s->e);
	struct batch_reader *parent = s->last;
	struct event ev;
	int fd = -1, rc;

	if (parent->state.child && strcmp(parent->state.child, solve->child) == 0)
		return 0;
	if (strcmp(parent->dir.name, s->e->dir.name) != 0) {
		fd = openat(parent->dir.fd, LOCK_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || lock_take(fd, LOCK_BATCH) != 0) {
			if (fd >= 0)
				close(fd);
			return err_set(&s->e->err, "cannot lock '%s'", parent->dir.name);
		}
	}
	event_init(&ev, EV_CYCLE);
	ev.cycle.child = solve->child;
	ev.cycle.csv = solve->csv;
	ev.cycle.rows = solve->rows == NUM_NONE ? 0 : solve->rows;
	ev.cycle.until_t = solve->until_t;
	ev.cycle.is_extension = solve->kind == BATCH_EXTENSION;
	rc = append(&parent->dir, &ev, &parent->state, &s->e->err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int make_child(struct stepper *s)
{
	struct engine *e = s->e;
	const struct solve *solve = solve_of(e);
	struct cycle_plan plan = {
	    .options = &e->options,
	    .rows = s->again,
	    .nr = s->nr_again,
	    .spent_usd = budget_spent_usd(&s->last->state),
	    .spent_tokens = budget_spent_tokens(&s->last->state),
	};
	char call[ROLE_CALL_SIZE];
	struct batch_dir child = {.fd = -1};
	struct plan p = {.csv = BUF_INIT};
	int lock_fd = -1, rc = announce_child(s);

	plan.child = batch_child_of(&s->last->state, NULL);
	if (rc == 0 && solve->kind == BATCH_EXTENSION) {
		solve_call_name(SOLVE_PLANNER, solve->last_call[SOLVE_PLANNER], call);
		rc = plan_of_call(s, call, &p);
		plan.new_rows = &p.csv;
	}
	if (rc == 0)
		rc = cycle_make_child(s->last, &plan, &child, &lock_fd, &e->err);
	if (plan.new_rows)
		plan_release(&p);
	if (rc == 1)
		err_set(&e->err, "'%s' is a batch of somebody else by now", solve->child);
	if (rc != 0)
		return -1;
	s->tell_ready(e);
	become(e, child.path, lock_fd);
	batch_dir_close(&child);
	return -1;
}

/* 1: it is the original, whose process this is. */
static int conduct_last(struct stepper *s)
{
	struct engine *e = s->e;
	const struct solve *solve = solve_of(e);
	struct event ev;

	if (s->step.is_resumed) {
		init_told(&ev, &s->step);
		ev.solve.child = solve->child;
		ev.solve.csv = solve->csv;
		ev.solve.kind = solve->kind;
		ev.solve.until_t = solve->until_t;
		if (tell(e, &ev) < 0)
			return -1;
	}
	if (strcmp(s->last->dir.name, e->dir.name) == 0)
		return 1;
	s->tell_ready(e);
	become(e, s->last->dir.path, -1);
	return -1;
}

/* ---- verdicts and the end -------------------------------------------------------------------- */

static void missing_text(const struct verdict_reply *v, struct buf *out)
{
	size_t i;

	for (i = 0; i < v->nr_missing && out->len < 400; i++)
		buf_fmt(out, "%s%.200s", i ? "; " : "", v->missing[i]);
	if (i < v->nr_missing)
		buf_str(out, "; ...");
}

static void say_verdict(struct engine *e, const struct verdict_reply *v, const char *missing)
{
	struct buf line = BUF_INIT;

	buf_fmt(&line, "Validation: %s, quality %s", v->is_complete ? "complete" : "not complete",
	    solve_quality_name(v->quality));
	if (v->nr_missing)
		buf_fmt(&line, ": %zu missing requirement%s: %s", v->nr_missing,
		    v->nr_missing == 1 ? "" : "s", missing);
	engine_say(e, line.data);
	buf_release(&line);
}

static int tell_verdict(struct stepper *s)
{
	struct buf reply = BUF_INIT, missing = BUF_INIT;
	struct verdict_reply v;
	struct event ev;
	int rc = read_reply(s, SOLVE_VALIDATOR, &reply);

	if (rc == 0) {
		rc = verdict_reply_read(&v, reply.data, reply.len, &s->e->err);
		missing_text(&v, &missing);
		init_told(&ev, &s->step);
		ev.solve.has_verdict = true;
		ev.solve.is_complete = v.is_complete;
		ev.solve.quality = v.quality;
		ev.solve.nr_missing = (int64_t)v.nr_missing;
		ev.solve.why = missing.len ? missing.data : NULL;
		if (rc == 0) {
			say_verdict(s->e, &v, missing.data);
			rc = tell(s->e, &ev);
		}
		verdict_reply_release(&v);
	}
	buf_release(&missing);
	buf_release(&reply);
	return rc;
}

static void write_results(struct stepper *s, enum end_state state)
{
	struct err err = ERR_INIT;

	if (results_write(&s->run, state, &err) < 0)
		engine_sayf(s->e, "cannot write the results: %s", err.msg);
}

/* The best there is: the last synthesis. */
static int write_answer(struct stepper *s)
{
	struct engine *e = s->e;
	uint32_t k = solve_of(e)->last_call[SOLVE_SYNTHESIZER];
	char name[ROLE_CALL_SIZE];
	struct buf reply = BUF_INIT;
	struct call_look c;
	size_t len;
	int rc = 0;

	if (k == 0)
		return 0;
	solve_call_name(SOLVE_SYNTHESIZER, k, name);
	role_call_look(&e->dir, name, &c);
	if (c.state != CALL_READ)
		return 0;
	rc = role_call_reply(&e->dir, SOLVE_SYNTHESIZER, name, c.n, &reply, &e->err);
	if (rc == 0)
		rc = answer_reply_read(reply.data, reply.len, &len, &e->err);
	if (rc == 0) {
		buf_cut(&reply, len);
		buf_ch(&reply, '\n');
		rc = file_replace(e->dir.fd, ANSWER_NAME, reply.data, reply.len, &e->err);
	}
	buf_release(&reply);
	return rc;
}

/* Why it ends without having passed. */
static void end_reason(const struct engine *e, char *why, size_t size)
{
	const struct solve_verdict *v = solve_last_verdict(solve_of(e));

	why[0] = '\0';
	if (!v)
		return;
	if (solve_has_passed(v->is_complete, v->quality))
		snprintf(why, size, "validation passed");
	else if (v->round >= e->options.max_validation_retries)
		snprintf(why, size, "validation has not passed, and its %d retr%s spent%s%.600s",
		    e->options.max_validation_retries,
		    e->options.max_validation_retries == 1 ? "y is" : "ies are",
		    v->why ? ": still missing: " : "", v->why ? v->why : "");
	else
		snprintf(why, size,
		    "validation has not passed, nothing that failed can run again, and there is no "
		    "planner%s%.600s",
		    v->why ? ": missing: " : "", v->why ? v->why : "");
}

static int end_run(struct stepper *s)
{
	struct engine *e = s->e;
	char why[800];
	struct event ev;

	if (write_answer(s) < 0)
		return -1;
	write_results(s, END_FINISHED);
	end_reason(e, why, sizeof(why));
	init_told(&ev, &s->step);
	ev.solve.exit_code = s->step.exit_code;
	ev.solve.why = why[0] ? why : NULL;
	if (tell(e, &ev) < 0)
		return -1;
	engine_sayf(e, "done: %s", why[0] ? why : "all phases are over");
	e->status = s->step.exit_code;
	return 1;
}

static void stop_reason(const struct stepper *s, char *why, size_t size)
{
	const struct solve *solve = solve_of(s->e);
	const struct batch *b = &s->last->state;
	int role = solve_role_of_phase(solve->phase);

	if (role < 0) {
		snprintf(why, size, "%.700s",
		    b->end_why        ? b->end_why
			: b->stop_why ? b->stop_why
				      : "stopped by the operator");
		return;
	}
	if (s->call.state == CALL_UNREAD && s->step.exit_code != EXIT_STOPPED)
		snprintf(why, size, "the %s gave no reply that could be read, %d times: %.700s",
		    solve_role_name((enum solve_role)role), s->e->options.attempts, s->call.why);
	else if (s->call.state == CALL_FAILED)
		snprintf(why, size, "the %s failed: %.700s", solve_role_name((enum solve_role)role),
		    s->call.why);
	else
		snprintf(why, size, "%.700s",
		    s->call.why[0] ? s->call.why : "stopped by the operator");
}

static int stop_run(struct stepper *s)
{
	struct engine *e = s->e;
	char why[900];
	struct event ev;

	stop_reason(s, why, sizeof(why));
	write_results(s, END_STOPPED);
	init_told(&ev, &s->step);
	ev.solve.child = solve_of(e)->child;
	ev.solve.csv = solve_of(e)->csv;
	ev.solve.kind = solve_of(e)->kind;
	ev.solve.until_t = solve_of(e)->until_t;
	ev.solve.role = solve_of(e)->call;
	ev.solve.exit_code = s->step.exit_code;
	ev.solve.why = why;
	if (tell(e, &ev) < 0)
		return -1;
	engine_sayf(e, "%s; go on with: agent-batch resume %s", why, e->dir.name);
	e->status = s->step.exit_code;
	return 1;
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
		return tell_child(s);
	case SOLVE_DO_MAKE_CHILD:
		return make_child(s);
	case SOLVE_DO_CONDUCT_LAST:
		rc = conduct_last(s);
		*here = rc == 1;
		return rc;
	case SOLVE_DO_TELL_VERDICT:
		return tell_verdict(s);
	case SOLVE_DO_STOP:
		return stop_run(s);
	case SOLVE_DO_END:
		return end_run(s);
	case SOLVE_DO_NOTHING:
		s->e->status = (int)solve_of(s->e)->exit_code;
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
