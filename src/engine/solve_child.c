/* The children of a run with roles: what failed again, or new rows. */
#include "engine/solve_parts.h"
#include "base/file.h"
#include "base/lock.h"
#include "engine/cycle.h"
#include "formats/reservation.h"
#include "policy/budget.h"
#include "policy/retry.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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
	int rc = plan_of_call(s, solve_now(s->e)->call, &p);

	*nr = p.tasks.nr;
	plan_release(&p);
	return rc;
}

int solve_tell_child(struct stepper *s)
{
	struct engine *e = s->e;
	const struct batch_dir *parent = &s->last->dir;
	const struct reservation own = {parent->parent_path, parent->name, NULL};
	char child[NAME_SIZE], csv[NAME_SIZE];
	struct event ev;
	int dirfd;

	solve_init_told(&ev, &s->step);
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
		ev.solve.until_t =
		    retry_cool_off_until(&s->last->state, &e->options.backoff, clock_now().wall_ms);
	} else {
		ev.solve.role = solve_now(e)->call;
	}
	close(dirfd);
	if (reservation_take(&own, clock_now().wall_ms, child, &e->err) < 0)
		return -1;
	ev.solve.child = child;
	return solve_tell(e, &ev);
}

/* In the parent's journal: that is how all who read the run find the child. */
static int announce_child(struct stepper *s)
{
	const struct solve *solve = solve_now(s->e);
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
	rc = solve_append(&parent->dir, &ev, &parent->state, &s->e->err);
	if (fd >= 0)
		close(fd);
	return rc;
}

int solve_make_child(struct stepper *s)
{
	struct engine *e = s->e;
	const struct solve *solve = solve_now(e);
	struct cycle_plan plan = {
	    .options = &e->options,
	    .rows = s->again,
	    .nr = s->nr_again,
	    .spent = budget_spent(&s->last->state),
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
	engine_become(e, child.path, lock_fd, NULL);
	batch_dir_close(&child);
	return -1;
}
