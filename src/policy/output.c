#include "policy/output.h"
#include "policy/waits.h"

#include <string.h>

#define MAX_BLOCK 8192 /* of an error with what belongs to it */
#define MAX_HEADERS 40 /* lines of them above a body */
#define MAX_ANSWER 1500 /* an error that comes as an answer is short */

static void settle(const struct scan *s, const struct pattern_hit *hit, const char *block, size_t n,
    struct verdict *v)
{
	struct told told;

	v->class = hit->class;
	if (v->class != CLASS_RATE_LIMIT && v->class != CLASS_USAGE_LIMIT &&
	    v->class != CLASS_TRANSIENT)
		return;
	waits_read(s->patterns, block, n, &told);
	v->retry_after_ms = told.retry_after_ms;
	v->reset_at_t = told.reset_at_t;
	if (v->class == CLASS_TRANSIENT)
		return;
	memcpy(v->reset_text, told.reset_text, sizeof(v->reset_text));
	if (told.retry_after_ms > LONG_WAIT_MS)
		v->class = CLASS_USAGE_LIMIT;
	/* Under a spent daily quota Google still says "Please retry in 41s". */
	else if (v->class == CLASS_USAGE_LIMIT && told.retry_after_ms != NUM_NONE &&
	    told.reset_at_t == NUM_NONE && memmem(block, n, "quota", 5))
		v->retry_after_ms = NUM_NONE;
}

bool output_judge_text(const struct scan *s, size_t from, struct verdict *v)
{
	char block[MAX_BLOCK];
	struct judged j;
	size_t n;

	if (!error_line_find(s, from, &j))
		return false;
	n = error_line_block(s, j.piece, block, sizeof(block));
	error_line_refine(s, block, n, &j.hit);
	settle(s, &j.hit, block, n, v);
	verdict_set_message(v, j.message, j.message_len);
	verdict_set_evidence(v, s->tail->v[j.piece].p, s->tail->v[j.piece].n);
	return true;
}

/* The first line of what was said, where that may be the model's own prose. */
static bool find_error_line(const struct scan *s, const struct outcome *o, struct pattern_hit *hit)
{
	struct piece line = {PIECE_TEXT, o->text, strcspn(o->text, "\n"), false, false};
	struct judged j;

	if (!error_line_judge(s, &line, &j))
		return false;
	*hit = j.hit;
	return true;
}

/* The message is asked before the codes beside it, unless it says next to nothing. */
static bool find_words(const struct scan *s, const struct outcome *o, const char *message,
    size_t message_len, struct pattern_hit *hit)
{
	const char *text = o->text;
	size_t n = strlen(text);
	const struct patterns *ps = s->patterns;
	struct pattern_hit all;

	if (patterns_find(ps, TABLE_PROFILE, text, n, hit))
		return true;
	if (o->is_prose)
		return find_error_line(s, o, hit);
	if (!patterns_find(ps, TABLE_ERROR, message, message_len, hit))
		return patterns_find(ps, TABLE_ERROR, text, n, hit);
	if ((hit->flags & PATTERN_WEAK) && patterns_find(ps, TABLE_ERROR, text, n, &all))
		*hit = all;
	return true;
}

void output_judge_error(const struct scan *s, const struct outcome *o, struct verdict *v)
{
	struct pattern_hit hit = {
	    s->status_class != CLASS_NONE ? s->status_class : CLASS_TASK_ERROR, 0};
	const char *message = o->text;
	size_t n = strlen(o->text), left = o->message_len;

	patterns_peel(s->patterns, &message, &left);
	if (o->class != CLASS_NONE) {
		hit.class = o->class;
	} else if (find_words(s, o, message, left, &hit)) {
		error_line_refine(s, o->text, n, &hit);
	} else if (o->rejected_until_t != NUM_NONE) {
		hit.class = CLASS_USAGE_LIMIT;
	}
	settle(s, &hit, o->text, n, v);
	if (v->class == CLASS_USAGE_LIMIT && v->reset_at_t == NUM_NONE)
		v->reset_at_t = o->rejected_until_t;
	verdict_set_message(v, message, left);
	verdict_set_evidence(v, o->event.p, o->event.n);
}

bool output_judge_answer(const struct scan *s, const struct outcome *o, struct verdict *v)
{
	struct scan strict = *s;
	struct pattern_hit hit;
	struct outcome error = *o;

	strict.is_strict = true;
	if (!o->message_len || o->message_len > MAX_ANSWER || !find_error_line(&strict, o, &hit) ||
	    error_line_is_report(s, o->text, strcspn(o->text, "\n")) ||
	    error_line_goes_on(s, o->text, o->message_len))
		return false;
	error.is_prose = true;
	output_judge_error(&strict, &error, v);
	return true;
}

static bool is_status_line(const struct piece *line)
{
	return line->kind == PIECE_TEXT && line->n > 5 && memcmp(line->p, "HTTP/", 5) == 0;
}

static bool has_text_behind(const struct scan *s, size_t piece)
{
	size_t i;

	for (i = piece + 1; i < s->tail->nr; i++)
		if (s->tail->v[i].kind == PIECE_TEXT && !error_line_is_trailer(s, &s->tail->v[i]))
			return true;
	return false;
}

/* A body that was printed with its headers: the wait may be told there. */
static void read_headers_above(const struct scan *s, size_t piece, struct verdict *v)
{
	char block[MAX_BLOCK];
	struct told told;
	size_t i = piece, n = 0, k;

	while (i > 0 && piece - i < MAX_HEADERS && s->tail->v[i - 1].kind == PIECE_TEXT &&
	    !is_status_line(&s->tail->v[i]))
		i--;
	if ((v->class != CLASS_RATE_LIMIT && v->class != CLASS_USAGE_LIMIT) ||
	    v->retry_after_ms != NUM_NONE || v->reset_at_t != NUM_NONE || v->reset_text[0] ||
	    i == piece || !is_status_line(&s->tail->v[i]))
		return;
	for (k = i; k < piece && n + s->tail->v[k].n + 1 < sizeof(block); k++) {
		memcpy(block + n, s->tail->v[k].p, s->tail->v[k].n);
		n += s->tail->v[k].n;
		block[n++] = '\n';
	}
	waits_read(s->patterns, block, n, &told);
	v->retry_after_ms = told.retry_after_ms;
	v->reset_at_t = told.reset_at_t;
	memcpy(v->reset_text, told.reset_text, sizeof(v->reset_text));
	if (told.retry_after_ms > LONG_WAIT_MS)
		v->class = CLASS_USAGE_LIMIT;
}

/* The machine's word. *from: text before this piece is history. */
static bool judge_machine(const struct scan *s, const struct outcome *o, size_t *from,
    struct verdict *v)
{
	switch (o->state) {
	case OUTCOME_NONE:
		return false;
	case OUTCOME_GOING:
		*from = o->piece + 1;
		return false;
	case OUTCOME_DONE:
		*from = o->piece + 1;
		return output_judge_answer(s, o, v);
	case OUTCOME_ERROR:
		/* A body that a tool of the agent printed, and the work went on. */
		if (s->is_strict && !o->is_final && has_text_behind(s, o->piece))
			return false;
		output_judge_error(s, o, v);
		read_headers_above(s, o->piece, v);
		return true;
	}
	return false;
}

static bool judge_notice(const struct scan *s, const struct outcome *o, struct verdict *v)
{
	struct pattern_hit hit;

	if (!s->is_late || !o->notice[0] ||
	    !patterns_find(s->patterns, TABLE_ERROR, o->notice, strlen(o->notice), &hit))
		return false;
	settle(s, &hit, o->notice, strlen(o->notice), v);
	verdict_set_message(v, o->notice, strlen(o->notice));
	return true;
}

bool output_judge(const struct scan *s, struct outcome *o, struct verdict *v)
{
	size_t from = 0;

	if (s->is_strict && error_line_shows_json(s))
		*o = (struct outcome){.rejected_until_t = NUM_NONE};
	else
		machine_read(s->tail, s->own, o);
	return judge_machine(s, o, &from, v) || output_judge_text(s, from, v) ||
	    judge_notice(s, o, v);
}
