#include "view/print/report.h"
#include "formats/jsonw.h"
#include "view/left_groups.h"
#include "view/limits.h"
#include "view/print/solve_json.h"
#include "view/role_sums.h"
#include "view/solve_words.h"
#include "view/summary.h"

static void json_cycle(struct jsonw *w, const struct cycle_sums *c)
{
	jsonw_object(w);
	jsonw_kstr(w, "batch", c->batch->dir.name);
	jsonw_kint(w, "cycle", c->batch->state.cycle);
	jsonw_kstr(w, "kind",
	    c->batch->state.kind == BATCH_ORIGINAL ? NULL : batch_kind_name(c->batch->state.kind));
	jsonw_kint(w, "agents", c->agents);
	jsonw_kint(w, "completed", c->done);
	jsonw_kint(w, "failed", c->failed);
	jsonw_kint(w, "healed", c->healed);
	jsonw_kint(w, "executions", c->executed);
	jsonw_kint(w, "attempts", (int64_t)c->attempts);
	jsonw_kms(w, "elapsed_s", c->elapsed_ms);
	jsonw_kusd(w, "cost_usd", c->cost_usd);
	jsonw_kint(w, "tokens_in", c->tokens_in);
	jsonw_kint(w, "tokens_out", c->tokens_out);
	jsonw_kint(w, "turns", c->turns);
	jsonw_end(w, '}');
}

static void json_row(struct jsonw *w, const struct merged_row *row)
{
	jsonw_object(w);
	jsonw_kstr(w, "id", row->task->id);
	jsonw_kstr(w, "status", status_name(row->agent->status));
	jsonw_kstr(w, "class",
	    row->agent->class == CLASS_NONE ? NULL : class_name(row->agent->class));
	jsonw_kstr(w, "batch", row->from->dir.name);
	jsonw_kint(w, "cycle", row->from->state.cycle);
	jsonw_kint(w, "attempts", row->attempts);
	jsonw_kint(w, "cycles_failed", row->cycles_failed);
	jsonw_kstr(w, "failed_by",
	    row->first_failure ? class_name(row->first_failure->class) : NULL);
	jsonw_kbool(w, "set_aside", row->agent->is_set_aside);
	jsonw_kstr(w, "message", *row_message(row) ? row_message(row) : NULL);
	jsonw_end(w, '}');
}

static void json_rows(struct jsonw *w, const char *key, const struct run_sums *s,
    bool (*takes)(const struct merged_row *row))
{
	uint32_t i;

	jsonw_key(w, key);
	jsonw_array(w);
	for (i = 0; i < s->nr_rows; i++)
		if (takes(&s->rows[i]))
			json_row(w, &s->rows[i]);
	jsonw_end(w, ']');
}

static void json_counts(struct jsonw *w, const struct run_sums *s)
{
	int i;

	jsonw_key(w, "counts");
	jsonw_object(w);
	for (i = 0; i < AGENT__COUNT; i++)
		jsonw_kint(w, status_name((enum agent_status)i), s->counts[i]);
	jsonw_end(w, '}');
}

static void json_ids(struct jsonw *w, const char *key, const struct run_sums *s,
    const struct left_groups *left, const struct left_group *g,
    bool (*takes)(const struct merged_row *row))
{
	uint32_t i;

	jsonw_key(w, key);
	jsonw_array(w);
	for (i = 0; i < g->nr; i++) {
		const struct merged_row *row = &s->rows[left->rows[g->from + i]];

		if (takes(row))
			jsonw_str(w, row->task->id);
	}
	jsonw_end(w, ']');
}

static void json_group(struct jsonw *w, const struct run_sums *s, const struct left_groups *left,
    const struct left_group *g)
{
	const struct agent *a = g->first->agent;

	jsonw_object(w);
	jsonw_kstr(w, "status", status_name(a->status));
	jsonw_kstr(w, "class", a->class == CLASS_NONE ? NULL : class_name(a->class));
	jsonw_kstr(w, "message", *row_message(g->first) ? row_message(g->first) : NULL);
	jsonw_kint(w, "rows", g->nr);
	json_ids(w, "ids", s, left, g, row_is_left);
	json_ids(w, "at_last_retry", s, left, g, row_is_spent);
	jsonw_kstr(w, "root_cause", root_cause_name(g->cause));
	jsonw_kstr(w, "evidence", g->evidence.len ? g->evidence.data : NULL);
	jsonw_kstr(w, "next", left_group_next(g, s->state));
	jsonw_kusd(w, "cost_usd", g->cost_usd);
	jsonw_end(w, '}');
}

static void json_causes(struct jsonw *w, const struct run_sums *s)
{
	struct left_groups left;
	uint32_t i;

	left_groups_init(&left, s);
	jsonw_key(w, "causes");
	jsonw_array(w);
	for (i = 0; i < left.nr; i++)
		json_group(w, s, &left, &left.v[i]);
	jsonw_end(w, ']');
	left_groups_release(&left);
}

static void json_again(struct jsonw *w, const struct run_sums *s)
{
	int c;

	jsonw_key(w, "tried_again");
	jsonw_array(w);
	for (c = 0; c < CLASS__COUNT; c++) {
		if (s->again[c].attempts == 0)
			continue;
		jsonw_object(w);
		jsonw_kstr(w, "class", class_name((enum attempt_class)c));
		jsonw_kint(w, "attempts", (int64_t)s->again[c].attempts);
		jsonw_kint(w, "agents", s->again[c].agents);
		jsonw_kint(w, "completed", s->again[c].done);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

/* ---- roles -------------------------------------------------------------- */

static void json_role(struct jsonw *w, const char *name, const struct role_sums *s)
{
	jsonw_object(w);
	jsonw_kstr(w, "role", name);
	jsonw_kint(w, "calls", s->calls);
	jsonw_kint(w, "attempts", (int64_t)s->attempts);
	jsonw_kms(w, "elapsed_s", s->elapsed_ms);
	jsonw_kusd(w, "cost_usd", s->cost_usd);
	jsonw_kint(w, "tokens", s->tokens);
	jsonw_kint(w, "tokens_in", s->tokens_in);
	jsonw_kint(w, "tokens_out", s->tokens_out);
	jsonw_end(w, '}');
}

static void json_solve(struct jsonw *w, const struct run_reader *run, int64_t now_t)
{
	const struct solve *s = view_solve(run);
	struct role_sums sums;
	int role;

	jsonw_key(w, "solve");
	if (!s) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	solve_json_state(w, run, s);
	solve_json_verdicts(w, "validations", s);
	jsonw_key(w, "roles");
	jsonw_array(w);
	for (role = 0; role < SOLVE_ROLE__COUNT; role++) {
		sums = role_sums_of(run, (enum solve_role)role, now_t);
		if (sums.calls > 0)
			json_role(w, solve_role_name((enum solve_role)role), &sums);
	}
	jsonw_end(w, ']');
	sums = role_sums_of(run, SOLVE_ROLE__COUNT, now_t);
	jsonw_kusd(w, "cost_usd", sums.cost_usd);
	jsonw_kint(w, "tokens", sums.tokens);
	jsonw_end(w, '}');
}

static void json_accounts(struct jsonw *w, const struct batch *b)
{
	uint32_t i;

	jsonw_key(w, "accounts_closed");
	jsonw_array(w);
	for (i = 0; i < b->nr_accounts; i++) {
		if (!limits_is_lost_member(b, &b->accounts[i]))
			continue;
		jsonw_object(w);
		jsonw_kstr(w, "account", b->accounts[i].name);
		jsonw_kstr_or_null(w, "why", b->accounts[i].gate.why);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

void report_json(const struct run_reader *run, struct instant now, struct buf *out)
{
	struct run_sums s;
	struct jsonw w;
	size_t i;

	run_sums_init(&s, run, now);
	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "run", run->batches[0]->dir.name);
	jsonw_kstr(&w, "source_csv", run->batches[0]->manifest.source_csv);
	jsonw_kstr(&w, "state", run_state_name(s.state));
	json_counts(&w, &s);
	jsonw_kint(&w, "succeeded", s.counts[AGENT_COMPLETED]);
	jsonw_kint(&w, "total", s.nr_rows);
	jsonw_kint(&w, "retries", (int64_t)s.nr_rounds - 1);
	jsonw_kint(&w, "healed_count", s.healed);
	jsonw_kint(&w, "executions", s.executed);
	jsonw_kint(&w, "executions_if_all_rerun", s.executed_if_all);
	jsonw_kint(&w, "attempts", (int64_t)s.attempts);
	jsonw_kms(&w, "elapsed_s", s.elapsed_ms);
	jsonw_kusd(&w, "cost_usd", s.cost_usd);
	jsonw_kusd(&w, "cost_left_usd", s.cost_left_usd);
	jsonw_kint(&w, "tokens", s.tokens);
	jsonw_kint(&w, "tokens_in", s.tokens_in);
	jsonw_kint(&w, "tokens_out", s.tokens_out);
	jsonw_kint(&w, "turns", s.turns);
	jsonw_key(&w, "cycles");
	jsonw_array(&w);
	for (i = 0; i < s.nr_cycles; i++)
		json_cycle(&w, &s.cycles[i]);
	jsonw_end(&w, ']');
	json_rows(&w, "healed", &s, row_is_healed);
	json_rows(&w, "left", &s, row_is_left);
	json_causes(&w, &s);
	json_again(&w, &s);
	json_accounts(&w, &run_reader_last(run)->state);
	json_solve(&w, run, now.wall_ms);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
	run_sums_release(&s);
}
