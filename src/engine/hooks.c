/* What the conductor asks of the process it lives in. */
#include "engine/engine.h"
#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "engine/cycle.h"
#include "engine/feedback.h"
#include "engine/fill.h"
#include "engine/kept.h"
#include "engine/output.h"
#include "engine/role.h"
#include "engine/solve.h"
#include "exec/memory.h"
#include "exec/shared_patterns.h"
#include "formats/reservation.h"
#include "formats/results.h"
#include "formats/workdirs.h"
#include "policy/feedback.h"
#include "policy/price.h"
#include "policy/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A program that tells no money costs what its profile says of its tokens. */
static void set_price(struct engine *e, uint32_t agent, struct ev_verdict *v)
{
	const struct profile *p = command_profile(e->commands, agent);
	const char *model = task_get(&e->reader.tasks, &e->reader.tasks.v[agent], COL_MODEL);

	if (v->cost_usd < 0 && p)
		v->cost_usd = price_of(p, model, v->tokens_in, v->tokens_out);
}

/* What an agent has printed may name its key, and is quoted in events. */
static void mask_secrets(struct engine *e, const struct attempt *at, struct ev_verdict *v)
{
	v->message = accounts_mask(e->accounts, at->account, v->message, &e->masked[0]);
	v->evidence = accounts_mask(e->accounts, at->account, v->evidence, &e->masked[1]);
	v->answer = accounts_mask(e->accounts, at->account, v->answer, &e->masked[2]);
}

static int load_patterns(struct engine *e)
{
	e->patterns = shared_patterns_load(&e->err);
	if (!e->patterns)
		return -1;
	judge_use(e->judge, e->patterns);
	return 0;
}

static bool op_judge(void *ctx, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	struct engine *e = ctx;

	if (!e->patterns && load_patterns(e) < 0) {
		e->status = EXIT_USAGE;
		engine_say(e, e->err.msg);
		engine_close(e);
		return false;
	}
	if (!judge_attempt(e->judge, agent, at, v))
		return false;
	mask_secrets(e, at, v);
	set_price(e, agent, v);
	return true;
}

/* The separator that stands in front of its output. */
#define SEPARATOR "=== validation of attempt "

/* The last line that says something, without blanks at its ends. False: there is none. */
static bool last_line(const char *text, size_t len, char *line, size_t size)
{
	size_t to = len, from, n;

	while (to > 0 && strchr(" \t\r\n", text[to - 1]))
		to--;
	for (from = to; from > 0 && text[from - 1] != '\n' && text[from - 1] != '\r'; from--)
		;
	if (strncmp(text + from, SEPARATOR, strlen(SEPARATOR)) == 0)
		return false;
	n = to - from < size ? to - from : utf8_valid_prefix(text + from, size - 1);
	memcpy(line, text + from, n);
	line[n] = '\0';
	return n > 0 && strlen(line) == n;
}

static void op_validation_said(void *ctx, uint32_t agent, const struct attempt *at, char *line,
    size_t size)
{
	struct engine *e = ctx;
	char name[LOG_NAME_SIZE], text[4097];
	int64_t to = e->ex->ops->log_size(e->ex, agent);
	int64_t from = at->log_to == NUM_NONE ? 0 : at->log_to;
	ssize_t n = -1;
	int fd;

	line[0] = '\0';
	if (to - from > (int64_t)sizeof(text) - 1)
		from = to - (int64_t)sizeof(text) + 1;
	batch_log_name(e->reader.tasks.v[agent].id, name);
	fd = to > from ? file_open_read(e->dir.fd, name, NULL) : -1;
	if (fd >= 0) {
		n = pread_all(fd, text, (size_t)(to - from), from);
		close(fd);
	}
	if (n <= 0)
		return;
	text[n] = '\0';
	if (!last_line(text, (size_t)n, line, size))
		line[0] = '\0';
}

static bool can_resume(void *ctx, uint32_t agent)
{
	struct engine *e = ctx;

	return !e->options.fresh_session && command_can_resume(e->commands, agent);
}

/* The attempt before may be the last one of an earlier cycle. */
static const char *op_session(void *ctx, uint32_t agent, const char *account)
{
	struct engine *e = ctx;
	const struct agent *a = &e->reader.state.agents[agent];
	const struct attempt *last = agent_last_judged(a);
	const struct batch_reader *in;

	/* What several branches would go on with at the same time none of them may. */
	if (!last && e->reader.state.cycle > 0 && !e->reader.state.branch) {
		a = history_last(e->history, a->task->id, &in);
		last = a ? agent_last_judged(a) : NULL;
	}
	return session_to_resume(last, account);
}

/* What the start event of an attempt says it goes on with. */
static const char *session(void *ctx, uint32_t row, uint32_t n)
{
	struct engine *e = ctx;
	const struct attempt *at = agent_attempt(&e->reader.state.agents[row], n);

	return at && at->is_resumed ? at->session : NULL;
}

static int op_take_account(void *ctx, uint32_t account, struct err *err)
{
	struct engine *e = ctx;
	const struct batch *b = &e->reader.state;
	const struct account *acc = &b->accounts[account];

	return b->pools[acc->pool].is_declared ? accounts_take(e->accounts, acc->name, err) : 0;
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

static int op_brief(void *ctx, uint32_t agent, uint32_t n, struct err *err)
{
	struct engine *e = ctx;
	const struct feedback_source source = {
	    .dir = &e->dir, .batch = &e->reader.state, .history = e->history};

	return feedback_write(&source, agent, n, err);
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

static void op_keep_output(void *ctx, uint32_t agent, const struct attempt *last)
{
	struct engine *e = ctx;
	const struct task *t = &e->reader.tasks.v[agent];
	char *path = task_output_path(&e->options, &e->reader.tasks, t);
	struct err err = ERR_INIT;
	char name[RECORD_NAME_SIZE];
	int fd;

	if (!path)
		return;
	if (output_is_fresh(path, last->started_t)) {
		snprintf(name, sizeof(name), "%s.%u.out", t->id, last->n);
		fd = openat(e->dir.fd, ATTEMPTS_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || output_keep(fd, name, path, &err) < 0)
			engine_sayf(e, "agent %s attempt %u: its output file was not kept: %s",
			    t->id, last->n, err.msg);
		if (fd >= 0)
			close(fd);
	}
	free(path);
}

static struct kept kept_of(struct engine *e)
{
	return (struct kept){
	    .options = &e->options,
	    .batch = &e->reader.state,
	    .dir = &e->dir,
	    .original = e->original.fd >= 0 ? &e->original : &e->dir,
	};
}

static void op_completes(void *ctx, uint32_t agent, const struct attempt *at)
{
	struct engine *e = ctx;
	const struct kept kept = kept_of(e);
	struct err err = ERR_INIT;

	if (kept_put(&kept, agent, at, &err) < 0)
		engine_sayf(e,
		    "agent %s attempt %u: its result was not kept for its dependants: %s",
		    e->reader.tasks.v[agent].id, at->n, err.msg);
	engine_say_healed(e, agent);
}

static int op_gather_results(void *ctx, uint32_t agent, struct err *err)
{
	const struct kept kept = kept_of(ctx);

	return kept_gather(&kept, agent, err);
}

static void op_name_child(void *ctx, const char *branch, char child[NAME_SIZE], char csv[NAME_SIZE])
{
	struct engine *e = ctx;
	const struct reservation own = {e->dir.parent_path, e->dir.name, branch};
	int64_t now = clock_now().wall_ms;
	int dirfd = dir_open(e->dir.parent_path, NULL);
	struct err err = ERR_INIT;

	if (reservation_take(&own, now, child, &err) < 0)
		engine_say(e, err.msg); /* it is tried once more when the child is made */
	if (!csv[0])
		name_free_retry_csv(dirfd, RETRY_CSV_AUTO, e->dir.name, now, csv);
	if (dirfd >= 0)
		close(dirfd);
}

uint32_t engine_cycles_failed(void *ctx, const char *id)
{
	struct engine *e = ctx;

	return cycle_failed_before(&e->reader.state, id);
}

static uint32_t op_cycles_failed_alike(void *ctx, const char *id, const char *fingerprint)
{
	struct engine *e = ctx;

	return e->reader.state.cycle > 0 ? history_failed_alike(e->history, id, fingerprint) : 0;
}

static uint32_t count_outside(const struct engine *e, const struct run_reader *run)
{
	uint32_t nr, i, outside = 0;
	struct merged_row *rows = run_merge(run, &nr);

	for (i = 0; i < nr; i++)
		if (rows[i].agent->status != AGENT_COMPLETED &&
		    batch_find(&e->reader.state, rows[i].task->id) == AGENT_NONE)
			outside++;
	free(rows);
	return outside;
}

static uint32_t op_run_ends(void *ctx, enum end_state state)
{
	struct engine *e = ctx;
	struct run_reader run;
	struct err err = ERR_INIT;
	uint32_t outside;

	if (e->options.role)
		return 0; /* it is in no result */
	reservation_drop(e->dir.parent_path, e->dir.name);
	if (run_reader_open(&run, e->dir.path, &err) < 0) {
		engine_sayf(e, "cannot read the whole run: %s", err.msg);
		return 0;
	}
	outside = count_outside(e, &run);
	/* A run with roles goes on; who takes its last step writes them. */
	if (!solve_is_part(e) && results_write(&run, state, &err) < 0)
		engine_sayf(e, "cannot write the results: %s", err.msg);
	run_reader_close(&run);
	return outside;
}

static int64_t op_free_memory(void *ctx)
{
	(void)ctx;
	return memory_available();
}

static void op_log(void *ctx, const char *line)
{
	engine_say(ctx, line);
}

static void op_gate_changed(void *ctx, uint32_t account, bool by_person)
{
	struct engine *e = ctx;

	shared_gates_tell(e->gates, account, by_person);
}

static void on_hint(void *ctx, uint32_t account, const struct ev_gate *told, int64_t told_t)
{
	struct engine *e = ctx;

	conductor_hint(&e->conductor, account, told, told_t, clock_now());
}

static const struct conductor_ops conductor_ops = {
    .take_account = op_take_account,
    .judge = op_judge,
    .session = op_session,
    .brief = op_brief,
    .keep_output = op_keep_output,
    .validation_said = op_validation_said,
    .starts = engine_say_starts,
    .completes = op_completes,
    .gather_results = op_gather_results,
    .name_child = op_name_child,
    .cycles_failed = engine_cycles_failed,
    .cycles_failed_alike = op_cycles_failed_alike,
    .run_ends = op_run_ends,
    .free_memory = op_free_memory,
    .log = op_log,
    .gate_changed = op_gate_changed,
};

/* Numbers that a crash made void are not executions, neither in this batch nor before it. */
static uint32_t executions(void *ctx, uint32_t row)
{
	struct engine *e = ctx;
	const struct batch *b = &e->reader.state;
	const struct agent *a = &b->agents[row];
	uint32_t earlier = b->cycle > 0 ? history_attempts(e->history, a->task->id) : 0;

	return earlier + agent_executions(a);
}

static void limits(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms)
{
	struct engine *e = ctx;

	command_limits(e->commands, agent, timeout_ms, stall_ms);
}

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

/* ---- a role ---------------------------------------------------------------------- */

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

/* ---- connecting ----------------------------------------------------------------- */

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
	if (e->reader.state.version && load_patterns(e) < 0)
		return engine_fail(e, EXIT_USAGE);
	return 0;
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
	    .log = op_log,
	    .ctx = e,
	};
	const struct shared_gates_opts gates = {
	    .loop = &e->loop,
	    .batch = &e->reader.state,
	    .name = e->dir.name,
	    .command = e->options.agent_command,
	    .identity = account_identity,
	    .on_hint = on_hint,
	    .log = op_log,
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

void engine_init_conductor(struct engine *e)
{
	const struct conductor_opts opts = {
	    .batch = &e->reader.state,
	    .options = &e->options,
	    .ex = e->ex,
	    .ops = &conductor_ops,
	    .ctx = e,
	    .limits = limits,
	    .can_resume = can_resume,
	    .dir_of =
		e->options.exclusive_dir ? workdirs_number(&e->options, &e->reader.tasks) : NULL,
	};

	conductor_init(&e->conductor, &opts);
	e->has_conductor = true;
}
