#include "formats/results.h"
#include "formats/json_file.h"
#include "model/task.h"

#include <stdlib.h>

static void str_or_null(struct jsonw *w, const char *key, const char *s)
{
	jsonw_kstr(w, key, s && *s ? s : NULL);
}

static void int_or_null(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	if (v == NUM_NONE)
		jsonw_null(w);
	else
		jsonw_int(w, v);
}

static void put_attempt(struct jsonw *w, const struct attempt *at)
{
	int_or_null(w, "attempt", at ? (int64_t)at->n : NUM_NONE);
	str_or_null(w, "message", at ? at->message : NULL);
	str_or_null(w, "answer", at ? at->answer : NULL);
	str_or_null(w, "session", at ? at->session : NULL);
	jsonw_key(w, "duration_s");
	if (at && at->ended_m != NUM_NONE && at->ended_m >= at->started_m)
		jsonw_ms(w, at->ended_m - at->started_m);
	else
		jsonw_null(w);
}

static void put_row(struct jsonw *w, const struct merged_row *row)
{
	const struct tasks *ts = &row->from->tasks;
	const struct agent *a = row->agent;

	jsonw_object(w);
	jsonw_kstr(w, "id", row->task->id);
	jsonw_kstr(w, "status", status_name(a->status));
	str_or_null(w, "class", class_name(a->class));
	jsonw_kstr(w, "batch", row->from->dir.name);
	jsonw_kint(w, "cycle", row->from->state.cycle);
	if (row->from->state.branch)
		jsonw_kstr(w, "branch", row->from->state.branch);
	put_attempt(w, row->attempt);
	jsonw_kint(w, "attempts", row->attempts);
	jsonw_kint(w, "cycles_failed", row->cycles_failed);
	jsonw_kbool(w, "task_changed", row->task_changed);
	str_or_null(w, "output_file", task_get(ts, a->task, COL_OUTPUT_FILE));
	jsonw_key(w, "cost_usd");
	if (row->is_cost_told)
		jsonw_usd(w, row->cost_usd);
	else
		jsonw_null(w);
	int_or_null(w, "tokens_in", row->are_tokens_told ? row->tokens_in : NUM_NONE);
	int_or_null(w, "tokens_out", row->are_tokens_told ? row->tokens_out : NUM_NONE);
	str_or_null(w, "why", a->why);
	jsonw_end(w, '}');
}

static void put_counts(struct jsonw *w, const struct merged_row *rows, uint32_t nr)
{
	uint32_t counts[AGENT__COUNT] = {0};
	uint32_t i;
	int s;

	for (i = 0; i < nr; i++)
		counts[rows[i].agent->status]++;
	jsonw_key(w, "counts");
	jsonw_object(w);
	for (s = 0; s < AGENT__COUNT; s++)
		jsonw_kint(w, status_name((enum agent_status)s), counts[s]);
	jsonw_end(w, '}');
}

/* A row a line. */
static void put_rows(struct json_file *f, const struct merged_row *rows, uint32_t nr)
{
	struct buf text = BUF_INIT;
	uint32_t i;

	jsonw_key(&f->w, "agents");
	jsonw_array(&f->w);
	for (i = 0; i < nr; i++) {
		struct jsonw w;

		buf_reset(&text);
		jsonw_init(&w, &text, 0);
		put_row(&w, &rows[i]);
		jsonw_raw(&f->w, text.data);
		json_file_flush(f);
	}
	jsonw_end(&f->w, ']');
	buf_release(&text);
}

int results_write(const struct run_reader *r, enum end_state state, struct err *err)
{
	const struct batch_dir *original = &r->batches[0]->dir;
	struct merged_row *rows;
	struct json_file f;
	uint32_t nr;

	if (json_file_begin(&f, original->fd, RESULTS_NAME, err) < 0)
		return -1;
	rows = run_merge_ended(r, &nr);
	jsonw_object(&f.w);
	jsonw_kstr(&f.w, "run", original->name);
	jsonw_kstr(&f.w, "state", end_state_name(state));
	put_counts(&f.w, rows, nr);
	put_rows(&f, rows, nr);
	jsonw_end(&f.w, '}');
	free(rows);
	return json_file_commit(&f, err);
}
