/* Line 4 of the header, of a run with roles: where it is, who works there, what the last validation
 * said. */
#include "view/screen/header_parts.h"
#include "base/utf8.h"
#include "view/row.h"
#include "view/solve_words.h"
#include "view/text/glyphs.h"

#include <ctype.h>
#include <stdio.h>

static const struct style plain;
static const struct style bold = {.flags = STYLE_BOLD};

bool header_has_phase(const struct view_model *m)
{
	return view_solve(m->run) != NULL;
}

/* "round 1/2  VALIDATE" */
static void add_phase(const struct view_model *m, const struct solve *s, struct words *w)
{
	struct buf b = BUF_INIT;
	char word[16];
	size_t i;

	solve_add_round(m->run, s->round, &b);
	words_add(w, 0, plain, "%s", b.data);
	snprintf(word, sizeof(word), "%s", solve_phase_word(s->phase));
	for (i = 0; word[i]; i++)
		word[i] = (char)toupper((unsigned char)word[i]);
	words_add(w, 2, bold, "%s", word);
	buf_release(&b);
}

static void add_verdict(const struct solve_verdict *v, struct words *w)
{
	struct buf b = BUF_INIT;

	solve_add_verdict(v, &b);
	words_add(w, 2, plain, "round %lld:", (long long)v->round);
	words_add(w, 1, glyph_word_style(solve_verdict_passed(v) ? ROLE_COMPLETED : ROLE_FAILED),
	    "%s", b.data);
	buf_release(&b);
}

/* Who works, in what state, since when; returns what it said last. */
static void add_call(const struct view_model *m, const struct role_call *call,
    struct log_peeks *peeks, bool ascii, int cols, struct words *w)
{
	const struct log_peek *peek = peeks ? log_peek(peeks, call->reader, 0) : NULL;
	const struct agent *a = &call->reader->state.agents[0];
	const struct attempt *judged = shown_last_judged(a);
	char sign[8] = "";
	struct view_row r;

	view_row_fill_of(m, call->reader, 0, peek ? peek->changed_t : m->now.wall_ms, &r);
	words_add(w, 2, plain, "%s", role_call_id(call));
	sign[utf8_encode(glyph_of_role(r.role, ascii), sign)] = '\0';
	words_add(w, 1, glyph_style(r.role), "%s", sign);
	words_add(w, 1, glyph_word_style(r.role), "%s", shown_role_word(r.role));
	if (*r.time)
		words_add(w, 1, plain, "%s", r.time);
	if (cols >= 60)
		words_add(w, 2, plain, "%s", r.try);
	if (cols >= 100)
		words_add(w, 2, plain, "%s", r.account);
	if (*r.last_class)
		words_add(w, 2, plain, "%s", r.last_class);
	if (r.role == ROLE_RUNNING && peek && *peek->line)
		words_add(w, 2, plain, "%s", peek->line);
	else if (judged && judged->message)
		words_add(w, 1, plain, "%s", judged->message);
}

/* Why the call that works now is not the first of its phase. */
static void add_unread(const struct solve *s, struct words *w)
{
	if (s->nr_unread > 0)
		words_add(w, 2, glyph_word_style(ROLE_BACKOFF), "%u unreadable", s->nr_unread);
}

static void add_work(const struct view_model *m, const struct look *look, struct log_peeks *peeks,
    int cols, struct words *w)
{
	const struct solve *s = view_solve(m->run);
	const struct role_call *call = role_calls_now(&m->run->roles, s);
	int role = solve_role_of_phase(s->phase);

	add_unread(s, w);
	if (call)
		add_call(m, call, peeks, look->ascii, cols, w);
	else if (role >= 0)
		words_add(w, 2, plain, "the %s begins", solve_role_name((enum solve_role)role));
}

bool header_add_role(const struct view_model *m, struct words *w)
{
	const struct solve *s = view_solve(m->run);
	const struct role_call *call = s ? role_calls_now(&m->run->roles, s) : NULL;
	struct view_row r;

	if (!call || s->is_stopped)
		return false;
	view_row_fill_of(m, call->reader, 0, m->now.wall_ms, &r);
	words_add(w, 0, plain, "%s", role_call_id(call));
	words_add(w, 1, glyph_word_style(r.role), "%s", glyph_short_word(r.role));
	words_add(w, 1, plain, "%s", r.time);
	return true;
}

void header_paint_phase(const struct view_model *m, const struct look *look,
    struct log_peeks *peeks, struct cells *c, int row)
{
	const struct solve *s = view_solve(m->run);
	const struct solve_verdict *last = s ? solve_last_verdict(s) : NULL;
	struct words w = {0};
	struct buf b = BUF_INIT;

	if (!s)
		return;
	add_phase(m, s, &w);
	if (s->is_stopped) {
		words_add(&w, 1, glyph_word_style(ROLE_FAILED), "STOPPED");
		words_add(&w, 2, plain, "%s", s->why ? s->why : "");
	} else if (s->phase == SOLVE_EXECUTING) {
		solve_add_execution(m->run, &b);
		words_add(&w, 2, plain, "%s", b.data);
	} else if (s->phase != SOLVE_DONE) {
		add_work(m, look, peeks, c->cols, &w);
	}
	if (last && !s->is_stopped && (s->phase == SOLVE_EXECUTING || s->phase == SOLVE_DONE))
		add_verdict(last, &w);
	words_paint(&w, c, row, 1, c->cols - 1);
	buf_release(&b);
}
