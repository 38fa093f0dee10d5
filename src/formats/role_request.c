#include "formats/role_request.h"
#include "base/utf8.h"
#include "formats/jsonw.h"

#include <string.h>

static void put_strings(struct jsonw *w, const char *key, const char *const *v, size_t nr)
{
	size_t i;

	jsonw_key(w, key);
	jsonw_array(w);
	for (i = 0; i < nr; i++)
		jsonw_str(w, v[i]);
	jsonw_end(w, ']');
}

/* ---- the plan ----------------------------------------------------------------------- */

/* Known columns by their own names, whichever the header has: prompts and planners know one. */
static void put_cell(struct jsonw *w, const char *column, const char *cell)
{
	int known = task_column_from_name(column);

	if (cell[0] == '\0' || column[0] == '\0' || known == COL_ID)
		return;
	if (known >= 0)
		column = task_column_name((enum task_column)known);
	if (known == COL_DEPENDS_ON || known == COL_TAGS)
		jsonw_kwords(w, column, cell);
	else
		jsonw_kstr(w, column, cell);
}

static void put_plan(struct jsonw *w, const char *key, const struct role_request *r)
{
	size_t i;
	uint32_t c;

	jsonw_key(w, key);
	jsonw_array(w);
	for (i = 0; i < r->nr_plan; i++) {
		const struct role_row *row = &r->plan[i];

		jsonw_object(w);
		jsonw_kstr(w, "id", row->task->id);
		for (c = 0; c < row->tasks->nr_columns; c++)
			put_cell(w, row->tasks->columns[c], row->task->cells[c]);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

/* ---- results ------------------------------------------------------------------------- */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t sum_of(const struct role_request *r, size_t each_max)
{
	size_t sum = 0, i;

	for (i = 0; i < r->nr_results; i++)
		sum += r->results[i].output ? min_size(r->results[i].output_len, each_max) : 0;
	return sum;
}

/* The length to which outputs are cut, so that all of them fit. */
static size_t length_that_fits(const struct role_request *r)
{
	size_t low = 0, high = ROLE_OUTPUT_MAX;

	if (r->outputs_max == 0 || sum_of(r, high) <= r->outputs_max)
		return high;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (sum_of(r, middle) <= r->outputs_max)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* How much of it is told: whole characters, where it is text at all. */
static size_t told_len(const char *p, size_t n, size_t max)
{
	size_t back;

	if (n <= max)
		return n;
	for (back = 0; back < 3 && back < max && ((unsigned char)p[max - back] & 0xc0) == 0x80;
	     back++)
		;
	return ((unsigned char)p[max - back] & 0xc0) == 0x80 ? max : max - back;
}

static void put_result(struct jsonw *w, const struct role_result *res, size_t max)
{
	size_t len = res->output ? told_len(res->output, res->output_len, max) : 0;

	jsonw_key(w, res->id);
	jsonw_object(w);
	jsonw_kstr(w, "status", res->status);
	jsonw_key(w, "output");
	if (res->output)
		jsonw_strn(w, res->output, len);
	else
		jsonw_null(w);
	if (res->output && len < res->output_len)
		jsonw_kbool(w, "output_truncated", true);
	jsonw_kstr_or_null(w, "output_file", res->output_file);
	jsonw_kstr_or_null(w, "class", res->class_name);
	jsonw_kint(w, "attempts", res->attempts);
	jsonw_end(w, '}');
}

static void put_results(struct jsonw *w, const struct role_request *r)
{
	size_t max = length_that_fits(r), i;

	jsonw_key(w, "results");
	jsonw_object(w);
	for (i = 0; i < r->nr_results; i++)
		put_result(w, &r->results[i], max);
	jsonw_end(w, '}');
}

/* ---- the whole ------------------------------------------------------------------------ */

static void put_planner(struct jsonw *w, const struct role_request *r)
{
	put_strings(w, "attachments", r->attachments, r->nr_attachments);
	put_plan(w, "previous_plan", r);
	put_strings(w, "missing_requirements", r->missing, r->nr_missing);
	put_strings(w, "warnings", r->warnings, r->nr_warnings);
}

void role_request_write(struct buf *out, const struct role_request *r)
{
	struct jsonw w;

	jsonw_init(&w, out, r->indent);
	jsonw_object(&w);
	jsonw_kstr(&w, "problem", r->problem ? r->problem : "");
	if (r->role == SOLVE_PLANNER)
		put_planner(&w, r);
	else
		put_plan(&w, "plan", r);
	put_results(&w, r);
	if (r->role == SOLVE_VALIDATOR)
		jsonw_kstr(&w, "answer", r->answer ? r->answer : "");
	if (r->feedback)
		jsonw_kstr(&w, "feedback", r->feedback);
	jsonw_end(&w, '}');
}
