#include "engine/role.h"
#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "engine/command.h"
#include "engine/create.h"
#include "engine/reply.h"
#include "exec/profiles.h"
#include "formats/tasks_csv.h"
#include "policy/class_rules.h"
#include "policy/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- how a call stands ---------------------------------------------------- */

static char *call_path(const struct batch_dir *original, const char *name)
{
	return xasprintf("%s/%s", original->path, name);
}

static void tell_why(struct call_look *c, const char *class, const char *text)
{
	snprintf(c->why, sizeof(c->why), "%s%s%.900s", class ? class : "",
	    class && *class && text && *text ? ": " : "", text ? text : "");
	c->why[utf8_valid_prefix(c->why, strlen(c->why))] = '\0';
}

/* What the next cycle would run again, had a call any: it is called again instead. What passes with
 * time has been waited for in the call. */
static bool may_be_called_again(const struct agent *a)
{
	const struct class_rule *rule = class_rule(a->class);

	return a->status == AGENT_FAILED && rule->retry == RETRY_NO && rule->next_cycle;
}

static void look_at_failure(const struct agent *a, struct call_look *c)
{
	const struct attempt *at = agent_last_judged(a);
	const char *message = at && at->message ? at->message : a->why;

	if (may_be_called_again(a)) {
		c->state = CALL_UNREAD;
		tell_why(c, a->class == CLASS_INVALID ? NULL : class_name(a->class), message);
	} else {
		c->state = CALL_FAILED;
		c->is_cancelled = a->status == AGENT_CANCELLED;
		tell_why(c, c->is_cancelled ? NULL : class_name(a->class), message);
	}
}

static void look_at_batch(const struct batch *b, struct call_look *c)
{
	const struct agent *a = &b->agents[0];
	const struct attempt *at = agent_last_judged(a);

	if (b->nr_agents != 1 || b->end == END_NONE)
		return;
	c->is_draining = b->is_draining;
	c->exit_code = b->exit_code > 0 && b->exit_code < 256 ? (int)b->exit_code : 1;
	if (a->status == AGENT_COMPLETED && at) {
		c->state = CALL_READ;
		c->n = at->n;
	} else if (status_is_final(a->status)) {
		look_at_failure(a, c);
	} else {
		c->state = CALL_STOPPED;
		tell_why(c, NULL, b->end_why);
	}
}

void role_call_look(const struct batch_dir *original, const char *name, struct call_look *c)
{
	char *path = call_path(original, name);
	struct batch_reader r;

	*c = (struct call_look){.state = CALL_UNFINISHED};
	if (batch_reader_open(&r, path, NULL) == 0) {
		look_at_batch(&r.state, c);
		batch_reader_close(&r);
	}
	free(path);
}

/* ---- making one ------------------------------------------------------------ */

/* The run's options, less what concerns its rows and cycles. */
static void role_options(const struct options *run, enum solve_role role, struct options *o)
{
	options_copy(o, run);
	free(o->agent);
	free(o->agent_command);
	free(o->validate);
	free(o->halt);
	free(o->problem);
	free(o->role);
	o->agent = run->role_profile[role] ? xstrdup(run->role_profile[role]) : NULL;
	o->agent_command = run->role_command[role] ? xstrdup(run->role_command[role]) : NULL;
	o->validate = o->halt = o->problem = NULL;
	o->role = xstrdup(solve_role_name(role));
	o->auto_retry = o->exclusive_dir = o->feedback = false;
	o->jobs = 1;
	o->give_up_after = 0;
	/* A command is silent until it replies: its stdout is no log. */
	if (o->agent_command)
		o->stall_s = 0;
}

static int request_csv(const char *id, const char *request, char **text, size_t *len,
    struct err *err)
{
	FILE *f = open_memstream(text, len);
	int rc = 0;

	if (!f)
		return err_sys(err, errno, "cannot write a role's request");
	fprintf(f, "id,task\n%s,", id);
	csv_write_cell(f, request);
	fputc('\n', f);
	if (ferror(f))
		rc = err_sys(err, errno, "cannot write a role's request");
	if (fclose(f) != 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write a role's request");
	return rc;
}

static int complete_call(const struct batch_plan *plan, const char *path, struct err *err)
{
	struct batch_dir dir;
	int rc;

	if (batch_dir_open(&dir, path, err) < 0)
		return -1;
	rc = batch_dir_complete(&dir, err);
	if (rc == 0 && faccessat(dir.fd, MANIFEST_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		rc = batch_create_files(plan, &dir, err);
	batch_dir_close(&dir);
	return rc;
}

static int make_directory(const struct batch_plan *plan, struct err *err)
{
	char *path = xasprintf("%s/%s", plan->batches_dir, plan->name);
	struct batch_dir dir;
	int rc = batch_create(plan, &dir, err);

	if (rc == 0)
		batch_dir_close(&dir);
	else if (rc == 1)
		rc = complete_call(plan, path, err);
	free(path);
	return rc;
}

int role_call_make(const struct run_reader *run, enum solve_role role, uint32_t k, struct err *err)
{
	const struct batch_reader *original = run->batches[0];
	const struct retry_metadata retry = {.retry_count = (int)original->state.solve.round};
	char *roles = call_path(&original->dir, ROLES_NAME);
	char name[ROLE_CALL_SIZE], *csv = NULL;
	struct buf request = BUF_INIT;
	struct options o;
	struct batch_plan plan = {.batches_dir = roles, .options = &o, .retry = &retry};
	int rc;

	solve_call_name(role, k, name);
	plan.name = strchr(name, '/') + 1;
	role_options(&original->manifest.options, role, &o);
	rc = role_ask(run, role, k, &request, err);
	if (rc == 0)
		rc = request_csv(solve_role_name(role), request.data, &csv, &plan.csv_len, err);
	plan.csv = csv;
	if (rc == 0)
		rc = make_directory(&plan, err);
	free(csv);
	free(roles);
	buf_release(&request);
	options_release(&o);
	return rc;
}

/* ---- replies ---------------------------------------------------------------- */

int role_call_reply(const struct batch_dir *original, enum solve_role role, const char *name,
    uint32_t n, struct buf *reply, struct err *err)
{
	char path[ROLE_CALL_SIZE + 64];

	snprintf(path, sizeof(path), "%s/" ATTEMPTS_NAME "/%s.%u.out", name, solve_role_name(role),
	    n);
	return file_read(original->fd, path, REPLY_MAX, reply, err);
}

static bool has_profile(void *ctx, const char *name)
{
	(void)ctx;
	return profile_exists(name);
}

static bool is_met(void *ctx, const char *id)
{
	const struct map *met = ctx;

	return map_get(met, id) != MAP_NONE;
}

/* Rows of an extension beside those of the run: ids that are completed are met. */
static struct plan_known *known_rows(const struct merged_row *rows, uint32_t nr, struct map *met)
{
	struct plan_known *known = xcalloc(nr ? nr : 1, sizeof(*known));
	uint32_t i;

	for (i = 0; i < nr; i++) {
		known[i].id = rows[i].task->id;
		known[i].is_completed = rows[i].agent->status == AGENT_COMPLETED;
		if (known[i].is_completed)
			map_put(met, known[i].id, 1);
	}
	return known;
}

/* A run may be launched without an agent where the plan can name it. */
static int check_agents(const struct options *o, const struct tasks *ts, struct err *err)
{
	uint32_t i;

	for (i = 0; i < ts->nr && !o->agent && !o->agent_command; i++)
		if (!*task_get(ts, &ts->v[i], COL_AGENT))
			return err_set(err,
			    "subtask '%s' names no agent, and the run has none for it: give each "
			    "subtask an agent",
			    ts->v[i].id);
	return 0;
}

int role_read_plan(const struct run_reader *run, const struct buf *reply, struct plan *p,
    struct err *err)
{
	const struct batch_reader *original = run->batches[0];
	const struct options *o = &original->manifest.options;
	uint32_t nr = 0;
	struct merged_row *rows =
	    original->state.solve.round > 0 ? run_merge(run, &nr) : xcalloc(1, sizeof(*rows));
	struct map met = MAP_INIT;
	struct graph_met graph_met = {.is_met = is_met, .ctx = &met};
	struct plan_known *known = known_rows(rows, nr, &met);
	struct command_fault fault = {.row = UINT32_MAX};
	struct plan_opts opts = {
	    .cwd = o->cwd,
	    .has_profile = has_profile,
	    .known = known,
	    .nr_known = nr,
	};
	int rc = plan_read(p, reply->data, reply->len, &opts, err);

	if (rc == 0 && confine_is_due(o))
		rc = confine_check(o, &p->tasks, err);
	if (rc == 0)
		rc = check_agents(o, &p->tasks, err);
	if (rc == 0 && command_check(o, &p->tasks, &graph_met, "reply", &fault, err) < 0)
		rc = fault.row == UINT32_MAX
		    ? -1
		    : err_prefix(err, "subtask '%s': ", p->tasks.v[fault.row].id);
	map_release(&met);
	free(known);
	free(rows);
	return rc;
}

static int read_reply(const struct run_reader *run, enum solve_role role, const struct buf *reply,
    struct err *err)
{
	struct plan plan;
	struct verdict_reply verdict;
	size_t len;
	int rc;

	switch (role) {
	case SOLVE_PLANNER:
		rc = role_read_plan(run, reply, &plan, err);
		plan_release(&plan);
		return rc;
	case SOLVE_VALIDATOR:
		rc = verdict_reply_read(&verdict, reply->data, reply->len, err);
		verdict_reply_release(&verdict);
		return rc;
	case SOLVE_SYNTHESIZER:
		return answer_reply_read(reply->data, reply->len, &len, err);
	case SOLVE_ROLE__COUNT:
		break;
	}
	return -1;
}

bool role_reply_is_good(const struct run_reader *run, enum solve_role role, const struct buf *reply,
    char *why, size_t size)
{
	struct err err = ERR_INIT;

	if (read_reply(run, role, reply, &err) == 0)
		return true;
	snprintf(why, size, "%s", err.msg);
	return false;
}
