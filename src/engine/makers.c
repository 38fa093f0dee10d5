/* Those that make attempts and read what they have left, and what they ask of the process they work
 * for: the command maker, the judge, the executor, the limits shared with other batches, the control
 * socket. */
#include "engine/engine.h"
#include "engine/feedback.h"
#include "engine/fill.h"
#include "engine/role.h"
#include "exec/shared_patterns.h"
#include "policy/feedback.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- commands -------------------------------------------------------------------- */

/* Numbers that a crash made void are not executions, neither in this batch nor before it. */
static uint32_t executions(void *ctx, uint32_t row)
{
	struct engine *e = ctx;
	const struct batch *b = &e->reader.state;
	const struct agent *a = &b->agents[row];
	uint32_t earlier = b->cycle > 0 ? history_attempts(e->history, a->task->id) : 0;

	return earlier + agent_executions(a);
}

/* What the start event of an attempt says it goes on with. */
static const char *session(void *ctx, uint32_t row, uint32_t n)
{
	struct engine *e = ctx;
	const struct attempt *at = agent_attempt(&e->reader.state.agents[row], n);

	return at && at->is_resumed ? at->session : NULL;
}

/* Nobody's key but its own account's is in an agent's environment. */
static void account_env(void *ctx, uint32_t row, uint32_t n, bool is_begun, struct argv *env)
{
	struct engine *e = ctx;
	const struct batch *b = &e->reader.state;
	const struct pool *pool = &b->pools[b->agents[row].pool];
	const struct attempt *at = agent_attempt(&b->agents[row], n);

	if (!pool->is_declared || !at)
		return;
	if (is_begun)
		accounts_fill(e->accounts, at->account, env);
	else
		accounts_hide(e->accounts, pool->name, env);
}

static void account_identity(void *ctx, uint32_t account, struct buf *out)
{
	struct engine *e = ctx;

	accounts_identity(e->accounts, e->reader.state.accounts[account].name, out);
}

/* What attempt n is told of the one before, borrowed until the next call; NULL: nothing. */
static const char *feedback(void *ctx, uint32_t row, uint32_t n)
{
	struct engine *e = ctx;

	buf_reset(&e->feedback);
	if (!feedback_read(&e->dir, e->reader.tasks.v[row].id, n, &e->feedback))
		return NULL;
	return e->feedback.data;
}

/* ---- the judge --------------------------------------------------------------------- */

int engine_load_patterns(struct engine *e)
{
	e->patterns = shared_patterns_load(&e->err);
	if (!e->patterns)
		return -1;
	judge_use(e->judge, e->patterns);
	return 0;
}

static bool reply_is_good(void *ctx, const struct buf *reply, char *why, size_t size)
{
	struct engine *e = ctx;
	int role = solve_role_from_name(e->options.role);
	struct run_reader run;
	struct err err = ERR_INIT;
	bool is_good;

	if (role < 0 || run_reader_open(&run, e->original.path, &err) < 0) {
		snprintf(why, size, "cannot read the run: %s", err.msg);
		return false;
	}
	is_good = role_reply_is_good(&run, (enum solve_role)role, reply, why, size);
	run_reader_close(&run);
	return is_good;
}

int engine_init_makers(struct engine *e)
{
	const struct command_maker_opts maker = {
	    .options = &e->options,
	    .tasks = &e->reader.tasks,
	    .dir = &e->dir,
	    .cycle = e->reader.manifest.retry.retry_count,
	    .branch = e->reader.manifest.retry.branch,
	    .original_path = e->options.role ? e->original.path : NULL,
	    .executions = executions,
	    .session = session,
	    .feedback = feedback,
	    .account = account_env,
	    .ctx = e,
	};
	struct judge_opts judge = {
	    .options = &e->options,
	    .batch = &e->reader.state,
	    .dir = &e->dir,
	    .reply_is_good = reply_is_good,
	    .ctx = e,
	};

	e->accounts = accounts_new();
	e->history = history_new(e->dir.path);
	e->commands = command_maker_new(&maker, &e->err);
	if (!e->commands)
		return engine_fail(e, EXIT_USAGE);
	judge.commands = e->commands;
	judge.history = e->history;
	e->judge = judge_new(&judge);
	/* Who makes a batch looks at them first; its first agents need not wait until they are read. */
	if (e->reader.state.version && engine_load_patterns(e) < 0)
		return engine_fail(e, EXIT_USAGE);
	return 0;
}

/* ---- executor, limits of others, control socket --------------------------------------- */

static int make_command(void *ctx, struct attempt_ref ref, struct command *out, struct err *err)
{
	struct engine *e = ctx;

	return command_make(e->commands, ref.agent, ref, out, err);
}

/* With results of parents in it, and with --feedback behind it. */
static char *task_text(void *ctx, struct attempt_ref ref)
{
	struct engine *e = ctx;
	const struct task *t = &e->reader.tasks.v[ref.agent];
	const char *told = e->options.feedback ? feedback(e, ref.agent, ref.n) : NULL;
	char *filled = fill_task_text(&e->options, &e->dir, &e->reader.tasks, t);
	struct buf text = BUF_INIT;

	if (!told)
		return filled;
	buf_str(&text, filled ? filled : task_get(&e->reader.tasks, t, COL_TASK));
	feedback_append(&text, told);
	free(filled);
	return buf_detach(&text);
}

static void log_line(void *ctx, const char *line)
{
	engine_say(ctx, line);
}

static void on_hint(void *ctx, uint32_t account, const struct ev_gate *told, int64_t told_t)
{
	struct engine *e = ctx;

	conductor_hint(&e->conductor, account, told, told_t, clock_now());
}

static void on_end(void *ctx, struct attempt_ref ref, const struct ev_exit *exit)
{
	struct engine *e = ctx;

	conductor_on_end(&e->conductor, ref, exit, clock_now());
}

static void on_gone(void *ctx, struct attempt_ref ref)
{
	struct engine *e = ctx;

	conductor_on_gone(&e->conductor, ref, clock_now());
}

static void on_verb(void *ctx, const struct ctl_request *q, bool *ok, struct buf *message)
{
	struct engine *e = ctx;

	e->has_jobs_by_person |= q->verb == CTL_JOBS;
	conductor_verb(&e->conductor, q, clock_now(), ok, message);
	/* A row that was taken up again may be another branch's by now: that is known before it starts. */
	if (e->siblings)
		siblings_read(e->siblings);
}

int engine_init_executor(struct engine *e)
{
	const struct local_opts local = {
	    .loop = &e->loop,
	    .dir = &e->dir,
	    .batch = &e->reader.state,
	    .grace_s = e->options.grace_s,
	    .make_command = make_command,
	    .task_text = task_text,
	    .log = log_line,
	    .ctx = e,
	};
	const struct shared_gates_opts gates = {
	    .loop = &e->loop,
	    .batch = &e->reader.state,
	    .name = e->dir.name,
	    .command = e->options.agent_command,
	    .identity = account_identity,
	    .on_hint = on_hint,
	    .log = log_line,
	    .ctx = e,
	};
	const struct server_opts server = {
	    .loop = &e->loop, .dirfd = e->dir.fd, .serve = on_verb, .ctx = e};

	e->ex = local_executor_new(&local, &e->err);
	if (!e->ex)
		return engine_fail(e, EXIT_INTERNAL);
	e->ex->on_end = on_end;
	e->ex->on_gone = on_gone;
	e->ex->ctx = e;
	e->gates = shared_gates_new(&gates);
	e->server = server_new(&server, &e->err);
	return e->server ? 0 : engine_fail(e, EXIT_INTERNAL);
}
