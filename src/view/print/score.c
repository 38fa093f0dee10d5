#include "view/print/score.h"
#include "base/xalloc.h"
#include "formats/jsonw.h"
#include "policy/gaia.h"
#include "view/text/sanitize.h"
#include "view/summary.h"

#include <stdlib.h>
#include <string.h>

static const char *level_of(const struct merged_row *m)
{
	const struct tasks *ts = &m->from->tasks;
	const char *level = task_get_named(ts, m->agent->task, "Level");

	if (!level)
		level = task_get_named(ts, m->agent->task, "level");
	return level ? level : "";
}

static bool is_correct(const struct merged_row *m, const char *expect)
{
	const char *answer = m->attempt ? m->attempt->answer : NULL;

	if (m->agent->status == AGENT_COMPLETED)
		return true;
	return answer && gaia_equals(answer, expect);
}

static struct score_level *find_level(struct score *s, const char *name)
{
	uint32_t i = map_put(&s->by_name, name, s->nr_levels);

	if (i < s->nr_levels)
		return &s->levels[i];
	VEC_GROW(s->levels, s->nr_levels, s->cap_levels);
	s->levels[s->nr_levels] = (struct score_level){.name = name};
	return &s->levels[s->nr_levels++];
}

static int compare_levels(const void *a, const void *b)
{
	const struct score_level *x = a, *y = b;
	double nx = strtod(x->name, NULL), ny = strtod(y->name, NULL);

	if (nx != ny)
		return nx < ny ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add_row(struct score *s, const struct merged_row *m)
{
	const char *expect = task_get(&m->from->tasks, m->agent->task, COL_EXPECT);
	struct score_row *row;
	struct score_level *level;

	if (!*expect) {
		s->nr_unscored++;
		return;
	}
	row = &s->rows[s->nr++];
	*row = (struct score_row){m, expect, level_of(m), is_correct(m, expect)};
	level = find_level(s, row->level);
	level->scored++;
	level->correct += row->is_correct;
	s->correct += row->is_correct;
	s->nr_open += !status_is_final(m->agent->status);
}

void score_init(struct score *s, const struct run_reader *run)
{
	uint32_t nr, i;

	*s = (struct score){.merged = run_merge(run, &nr)};
	s->rows = xcalloc((size_t)nr + 1, sizeof(*s->rows));
	for (i = 0; i < nr; i++)
		add_row(s, &s->merged[i]);
	if (s->nr_levels)
		qsort(s->levels, s->nr_levels, sizeof(*s->levels), compare_levels);
}

void score_release(struct score *s)
{
	free(s->merged);
	free(s->rows);
	free(s->levels);
	map_release(&s->by_name);
	*s = (struct score){0};
}

/* ---- text ------------------------------------------------------------------------ */

static void add_line(struct buf *out, const char *name, uint32_t scored, uint32_t correct)
{
	struct buf clean = BUF_INIT;

	sanitize_line(&clean, name);
	buf_fmt(out, "%-12s %8u %8u %7.1f %%\n", clean.len ? clean.data : "-", scored, correct,
	    scored ? 100.0 * correct / scored : 0.0);
	buf_release(&clean);
}

void score_text(const struct score *s, struct buf *out)
{
	uint32_t i;

	buf_fmt(out, "%-12s %8s %8s %9s\n", "level", "rows", "correct", "accuracy");
	for (i = 0; i < s->nr_levels; i++)
		if (s->nr_levels > 1 || *s->levels[i].name)
			add_line(out, s->levels[i].name, s->levels[i].scored, s->levels[i].correct);
	add_line(out, "all", s->nr, s->correct);
	if (s->nr_unscored)
		buf_fmt(out, "%u row%s no expected answer\n", s->nr_unscored,
		    s->nr_unscored == 1 ? " has" : "s have");
	if (s->nr_open)
		buf_fmt(out, "%u row%s not through yet\n", s->nr_open,
		    s->nr_open == 1 ? " is" : "s are");
}

/* ---- JSON ------------------------------------------------------------------------ */

static void put_sums(struct jsonw *w, uint32_t scored, uint32_t correct)
{
	jsonw_kint(w, "scored", scored);
	jsonw_kint(w, "correct", correct);
	jsonw_key(w, "accuracy");
	if (scored)
		jsonw_num(w, (double)correct / scored);
	else
		jsonw_null(w);
}

static void put_row(struct jsonw *w, const struct score_row *row)
{
	const struct attempt *at = row->row->attempt;

	jsonw_object(w);
	jsonw_kstr(w, "id", row->row->task->id);
	jsonw_kstr(w, "level", row->level);
	jsonw_kstr(w, "status", status_name(row->row->agent->status));
	jsonw_kstr(w, "expect", row->expect);
	jsonw_kstr(w, "answer", at ? at->answer : NULL);
	jsonw_kbool(w, "correct", row->is_correct);
	jsonw_end(w, '}');
}

void score_json(const struct score *s, const char *run, struct buf *out)
{
	struct jsonw w;
	uint32_t i;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "run", run);
	put_sums(&w, s->nr, s->correct);
	jsonw_kint(&w, "unscored", s->nr_unscored);
	jsonw_key(&w, "levels");
	jsonw_array(&w);
	for (i = 0; i < s->nr_levels; i++) {
		jsonw_object(&w);
		jsonw_kstr(&w, "level", s->levels[i].name);
		put_sums(&w, s->levels[i].scored, s->levels[i].correct);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	jsonw_key(&w, "agents");
	jsonw_array(&w);
	for (i = 0; i < s->nr; i++)
		put_row(&w, &s->rows[i]);
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}
