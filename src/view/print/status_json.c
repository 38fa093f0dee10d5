#include "formats/jsonw.h"
#include "model/subtasks.h"
#include "base/xalloc.h"
#include "view/print/status_text.h"
#include "view/blockers.h"
#include "view/dir_turns.h"
#include "view/print/solve_json.h"
#include "view/summary.h"

#include <stdlib.h>

/* A bound: 0 is none. */
static void knum_or_null(struct jsonw *w, const char *key, double v)
{
	jsonw_key(w, key);
	if (v > 0)
		jsonw_num(w, v);
	else
		jsonw_null(w);
}

static void add_counts(struct jsonw *w, const char *key, const uint32_t counts[AGENT__COUNT])
{
	int s;

	jsonw_key(w, key);
	jsonw_object(w);
	for (s = 0; s < AGENT__COUNT; s++)
		jsonw_kint(w, status_name((enum agent_status)s), counts[s]);
	jsonw_end(w, '}');
}

static uint32_t executions_of(const struct agent *a)
{
	uint32_t i, nr = 0;

	for (i = 0; i < a->nr_attempts; i++)
		nr += !(a->attempts[i].has_ended && a->attempts[i].how == EXIT_VOID);
	return nr;
}

/* What keeps rows from starting. */
struct hindrances {
	struct blockers blockers;
	struct dir_turns dir_turns;
};

/* What it waits for, or was skipped for. */
static void add_blocker(struct jsonw *w, struct blockers *k, const struct batch *b,
    const struct agent *a)
{
	const struct blocker *by = blockers_find(k, b, (uint32_t)(a - b->agents));

	jsonw_kint(w, "unmet", a->unmet);
	jsonw_kstr_or_null(w, "blocked_by", by ? b->agents[by->agent].task->id : NULL);
}

static void add_message(struct jsonw *w, const struct batch *b, const struct agent *a,
    uint32_t in_directory)
{
	const struct attempt *at = agent_last_attempt(a);
	struct buf t = BUF_INIT;

	if (in_directory == AGENT_NONE) {
		jsonw_kstr_or_null(w, "message", at && at->message ? at->message : a->why);
		return;
	}
	buf_fmt(&t, "directory in use by agent %s", b->agents[in_directory].task->id);
	jsonw_kstr(w, "message", t.data);
	jsonw_kstr(w, "directory_used_by", b->agents[in_directory].task->id);
	buf_release(&t);
}

static void add_agent(struct jsonw *w, struct hindrances *h, const struct batch_reader *r,
    const struct agent *a, bool is_changed)
{
	const struct batch *b = &r->state;
	const struct attempt *at = agent_last_attempt(a);
	const struct pool *pool = &b->pools[a->pool];

	jsonw_object(w);
	jsonw_kstr(w, "id", a->task->id);
	jsonw_kstr(w, "status", status_name(a->status));
	jsonw_kstr_or_null(w, "phase", phase_name(a->phase));
	jsonw_kstr_or_null(w, "class", class_name(a->class));
	jsonw_kint(w, "attempts", executions_of(a));
	jsonw_kint(w, "charged", a->charged);
	if (a->is_set_aside)
		jsonw_kbool(w, "set_aside", true);
	if (a->won_by)
		jsonw_kstr(w, "won_by", a->won_by);
	jsonw_kms_or_null(w, "next_at", a->phase == PHASE_BACKOFF ? agent_next_t(b, a) : NUM_NONE);
	add_message(w, b, a, dir_turns_find(&h->dir_turns, r, (uint32_t)(a - b->agents)));
	jsonw_kstr_or_null(w, "wait",
	    a->phase == PHASE_BACKOFF ? wait_why_name(a->wait_why) : NULL);
	jsonw_kms_or_null(w, "started", at ? at->started_t : NUM_NONE);
	jsonw_kms_or_null(w, "ended", at && at->has_ended ? at->ended_t : NUM_NONE);
	jsonw_kms_or_null(w, "since", a->since_t);
	if (b->graph && (a->unmet > 0 || a->status == AGENT_SKIPPED))
		add_blocker(w, &h->blockers, b, a);
	jsonw_kstr(w, "agent", pool->name);
	if (pool->is_declared)
		jsonw_kstr_or_null(w, "account",
		    a->nr_attempts > 0 ? b->accounts[a->account].name : NULL);
	jsonw_kwords(w, "tags", task_get(b->tasks, a->task, COL_TAGS));
	jsonw_kstr(w, "task", task_get(b->tasks, a->task, COL_TASK));
	jsonw_kbool(w, "task_changed", is_changed);
	jsonw_kusd(w, "cost_usd", a->cost_usd);
	jsonw_kint(w, "tokens", a->tokens);
	jsonw_kint(w, "turns", a->turns);
	jsonw_end(w, '}');
}

static void add_gates(struct jsonw *w, const struct batch *b)
{
	uint32_t i;

	jsonw_key(w, "gates");
	jsonw_array(w);
	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *a = &b->accounts[i];

		if (!account_is_shown(a))
			continue;
		jsonw_object(w);
		jsonw_kstr(w, "account", a->name);
		jsonw_kstr(w, "state", gate_state_name(a->gate.state));
		jsonw_kms_or_null(w, "until", a->gate.until_t);
		jsonw_kint_or_null(w, "width", a->gate.width);
		jsonw_kms_or_null(w, "pace", a->gate.pace_ms);
		jsonw_kstr_or_null(w, "why", a->gate.why);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

static void add_retry_metadata(struct jsonw *w, const struct retry_metadata *m)
{
	size_t i;

	jsonw_key(w, "retry_metadata");
	jsonw_object(w);
	jsonw_kbool(w, "is_retry", m->is_retry);
	jsonw_kstr(w, "kind", m->kind == BATCH_ORIGINAL ? NULL : batch_kind_name(m->kind));
	jsonw_kstr_or_null(w, "original_batch", m->original_batch);
	jsonw_kint(w, "retry_count", m->retry_count);
	jsonw_kstr_or_null(w, "parent_batch", m->parent_batch);
	if (m->branch[0])
		jsonw_kstr(w, "branch", m->branch);
	jsonw_kbool(w, "auto_retry_enabled", m->auto_retry_enabled);
	jsonw_kint(w, "max_retries", m->max_retries);
	jsonw_key(w, "next_batches");
	jsonw_array(w);
	for (i = 0; i < m->nr_next; i++)
		jsonw_str(w, m->next_batches[i]);
	jsonw_end(w, ']');
	jsonw_end(w, '}');
}

/* Of the newest cycle, where it was forked. */
static void add_branches(struct jsonw *w, const struct run_reader *run)
{
	size_t nr, i;
	struct batch_reader **round = run_reader_round(run, &nr);

	if (round[0]->state.branch) {
		jsonw_key(w, "branches");
		jsonw_array(w);
		for (i = 0; i < nr; i++) {
			jsonw_object(w);
			jsonw_kstr(w, "branch", round[i]->state.branch);
			jsonw_kstr(w, "batch", round[i]->dir.name);
			jsonw_kstr(w, "state", run_state_name(batch_reader_state(round[i])));
			add_counts(w, "counts", round[i]->state.counts);
			jsonw_end(w, '}');
		}
		jsonw_end(w, ']');
	}
	free(round);
}

/* Of the run, in whichever of its batches it is asked for. */
static void add_solve(struct jsonw *w, const struct run_reader *run)
{
	const struct solve *s = &run->batches[0]->state.solve;

	jsonw_key(w, "solve");
	if (!s->is_told) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	solve_json_state(w, run, s);
	jsonw_kstr_or_null(w, "role", s->call);
	jsonw_kstr_or_null(w, "child", s->child);
	jsonw_kstr_or_null(w, "kind", batch_kind_name(s->kind));
	solve_json_verdicts(w, "verdicts", s);
	jsonw_end(w, '}');
}

static void add_run(struct jsonw *w, const struct run_sums *s)
{
	add_counts(w, "run_counts", s->counts);
	jsonw_kusd(w, "run_cost_usd", s->cost_usd);
	jsonw_kint(w, "run_tokens", s->tokens);
	jsonw_kint(w, "run_turns", s->turns);
	jsonw_kint(w, "healed", s->healed);
}

/* Which of the batch's rows had their task edited between cycles; malloc'ed. */
static bool *changed_tasks(const struct run_sums *s, const struct batch *b)
{
	bool *is_changed = xcalloc((size_t)b->nr_agents + 1, sizeof(*is_changed));
	uint32_t i, at;

	for (i = 0; i < s->nr_rows; i++) {
		at = s->rows[i].task_changed ? batch_find(b, s->rows[i].task->id) : AGENT_NONE;
		if (at != AGENT_NONE)
			is_changed[at] = true;
	}
	return is_changed;
}

void status_json(const struct run_reader *run, const struct batch_reader *chosen, struct buf *out)
{
	const struct batch *b = &chosen->state;
	const struct instant now = {.wall_ms = b->last_t};
	bool *is_changed;
	struct hindrances h = {BLOCKERS_INIT, DIR_TURNS_INIT};
	struct run_sums sums;
	struct jsonw w;
	uint32_t i;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "batch", chosen->dir.name);
	jsonw_kstr(&w, "run", run->batches[0]->dir.name);
	jsonw_kstr(&w, "state", run_state_name(batch_reader_state(chosen)));
	jsonw_kstr(&w, "run_state", run_state_name(run_reader_state(run)));
	jsonw_kint(&w, "cycle", b->cycle);
	jsonw_kint(&w, "max_retries", chosen->manifest.retry.max_retries);
	jsonw_kstr(&w, "living_batch", run_reader_last(run)->dir.name);
	if (b->branch)
		jsonw_kstr(&w, "branch", b->branch);
	add_branches(&w, run);
	add_counts(&w, "counts", b->counts);
	jsonw_kint(&w, "subtasks_failed", subtasks_summary(b).failed);
	run_sums_init(&sums, run, now);
	add_run(&w, &sums);
	is_changed = changed_tasks(&sums, b);
	jsonw_key(&w, "agents");
	jsonw_array(&w);
	for (i = 0; i < b->nr_agents; i++)
		add_agent(&w, &h, chosen, &b->agents[i], is_changed[i]);
	jsonw_end(&w, ']');
	add_gates(&w, b);
	jsonw_kusd(&w, "cost_usd", b->cost_usd);
	jsonw_kint(&w, "tokens", b->tokens);
	jsonw_kint(&w, "tokens_in", b->tokens_in);
	jsonw_kint(&w, "tokens_out", b->tokens_out);
	jsonw_kint(&w, "turns", b->turns);
	knum_or_null(&w, "budget_usd", chosen->manifest.options.budget_usd);
	knum_or_null(&w, "budget_tokens", chosen->manifest.options.budget_tokens);
	jsonw_kint(&w, "jobs", b->jobs);
	jsonw_kstr_or_null(&w, "why", b->end_why ? b->end_why : b->stop_why);
	add_retry_metadata(&w, &chosen->manifest.retry);
	add_solve(&w, run);
	free(is_changed);
	blockers_release(&h.blockers);
	dir_turns_release(&h.dir_turns);
	run_sums_release(&sums);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}
