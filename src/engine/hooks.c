/* What the conductor (engine/conductor.h) asks of the process it lives in. */
#include "engine/engine.h"
#include "base/file.h"
#include "base/utf8.h"
#include "engine/cycle.h"
#include "engine/feedback.h"
#include "engine/kept.h"
#include "engine/output.h"
#include "engine/solve.h"
#include "exec/memory.h"
#include "formats/reservation.h"
#include "formats/results.h"
#include "formats/workdirs.h"
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

static bool op_judge(void *ctx, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	struct engine *e = ctx;

	if (!e->patterns && engine_load_patterns(e) < 0) {
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

/* The attempt before its next one: it may be the last one of an earlier cycle. */
static const struct attempt *attempt_before(struct engine *e, uint32_t agent)
{
	const struct agent *a = &e->reader.state.agents[agent];
	const struct attempt *last = agent_last_judged(a);
	const struct batch_reader *in;

	/* What several branches would go on with at the same time none of them may. */
	if (last || e->reader.state.cycle == 0 || e->reader.state.branch)
		return last;
	a = history_last(e->history, a->task->id, &in);
	return a ? agent_last_judged(a) : NULL;
}

static const char *op_session(void *ctx, uint32_t agent, const char *account)
{
	return session_to_resume(attempt_before(ctx, agent), account);
}

static const char *session_account(void *ctx, uint32_t agent)
{
	const struct attempt *last = attempt_before(ctx, agent);

	return last && last->account && session_to_resume(last, last->account) ? last->account
									       : NULL;
}

static int op_take_account(void *ctx, uint32_t account, struct err *err)
{
	struct engine *e = ctx;
	const struct batch *b = &e->reader.state;
	const struct account *acc = &b->accounts[account];

	return b->pools[acc->pool].is_declared ? accounts_take(e->accounts, acc->name, err) : 0;
}

static int op_brief(void *ctx, uint32_t agent, uint32_t n, struct err *err)
{
	struct engine *e = ctx;
	const struct feedback_source source = {
	    .dir = &e->dir, .batch = &e->reader.state, .history = e->history};

	return feedback_write(&source, agent, n, err);
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

static void limits(void *ctx, uint32_t agent, int64_t *timeout_ms, int64_t *stall_ms)
{
	struct engine *e = ctx;

	command_limits(e->commands, agent, timeout_ms, stall_ms);
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
	    .session_account = session_account,
	    .dir_of =
		e->options.exclusive_dir ? workdirs_number(&e->options, &e->reader.tasks) : NULL,
	};

	conductor_init(&e->conductor, &opts);
	e->has_conductor = true;
}
