/* The order of evidence. What we did ourselves (cancel, timeout) and what the system says of a
 * start stand first. Then the agent's own words, strongest first: the last event of a JSON stream,
 * and the error line nearest the end. The exit status is asked last: it says least. With exit
 * status 0 only words that cannot be anything else are believed, and only at the very end. */
#include "policy/classify.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "policy/error_line.h"
#include "policy/machine.h"
#include "policy/tail.h"
#include "policy/waits.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BLOCK 8192 /* of an error with what belongs to it */
#define MAX_HEADERS 40 /* lines of them above a body */
#define MAX_ANSWER 1500 /* an error that comes as an answer is short */

struct classifier {
	struct patterns *patterns;
	int *success_codes;
	size_t nr_success_codes;
	struct profile_exit *exit_codes;
	size_t nr_exit_codes;
	struct own_events own; /* its strings are ours */
};

/* ---- making ------------------------------------------------------------- */

struct classifier *classifier_new(const struct profile *profile, struct pattern_base *base,
    struct err *err)
{
	struct classifier *c = xcalloc(1, sizeof(*c));

	c->patterns = patterns_new(profile, base, err);
	if (!c->patterns) {
		free(c);
		return NULL;
	}
	if (profile && profile->error.type) {
		c->own.error_type = xstrdup(profile->error.type);
		c->own.error_field = xstrdup(profile->error.field);
	}
	if (profile && profile->answer.way == ANSWER_EVENT)
		c->own.answer_type = xstrdup(profile->answer.type);
	if (profile && profile->nr_success_codes) {
		c->nr_success_codes = profile->nr_success_codes;
		c->success_codes = xcalloc(c->nr_success_codes, sizeof(int));
		memcpy(c->success_codes, profile->success_codes, c->nr_success_codes * sizeof(int));
	}
	if (profile && profile->nr_exit_codes) {
		c->nr_exit_codes = profile->nr_exit_codes;
		c->exit_codes = xcalloc(c->nr_exit_codes, sizeof(*c->exit_codes));
		memcpy(c->exit_codes, profile->exit_codes,
		    c->nr_exit_codes * sizeof(*c->exit_codes));
	}
	return c;
}

void classifier_free(struct classifier *c)
{
	if (!c)
		return;
	patterns_free(c->patterns);
	free(c->success_codes);
	free(c->exit_codes);
	free((char *)c->own.error_type);
	free((char *)c->own.error_field);
	free((char *)c->own.answer_type);
	free(c);
}

/* ---- the verdict's words ------------------------------------------------ */

/* One line: blanks joined, bytes that are not UTF-8 left out, cut at a whole character. */
static void set_words(char *out, size_t cap, const char *p, size_t n)
{
	size_t i = 0, len = 0;

	while (i < n) {
		uint32_t cp;
		size_t took = utf8_decode(p + i, n - i, &cp);
		bool is_blank = cp <= ' ' || cp == 0x7f || cp == UTF8_BAD;

		if (is_blank && len > 0 && out[len - 1] != ' ' && len + 1 < cap) {
			out[len++] = ' ';
		} else if (!is_blank) {
			if (len + took >= cap)
				break;
			memcpy(out + len, p + i, took);
			len += took;
		}
		i += took;
	}
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
}

/* What a service sent as its error is shown by the sentence in it; and of "[API Error: ...]", whose
 * beginning was peeled, the bracket at the end goes too. */
static void set_message(struct verdict *v, const char *p, size_t n)
{
	char text[sizeof(v->message)];
	/* "401 {...}" */
	size_t status = n > 4 && strspn(p, "0123456789") == 3 && p[3] == ' ' ? 4 : 0;
	struct json body;

	if (n > status && p[status] == '{' && json_value(p + status, n - status, &body)) {
		struct json message = json_get(body, "error.message");

		memcpy(text, p, status);
		if (json_is_string(message) &&
		    json_text(message, text + status, sizeof(text) - status) > 0) {
			set_words(v->message, sizeof(v->message), text, strlen(text));
			return;
		}
	}
	if (n > 1 && p[n - 1] == ']' && !memchr(p, '[', n))
		n--;
	set_words(v->message, sizeof(v->message), p, n);
}

static void set_evidence(struct verdict *v, const char *p, size_t n)
{
	set_words(v->evidence, sizeof(v->evidence), p, n);
}

/* ---- putting it together ------------------------------------------------ */

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

static bool judge_text(const struct scan *s, size_t from, struct verdict *v)
{
	char block[MAX_BLOCK];
	struct judged j;
	size_t n;

	if (!error_line_find(s, from, &j))
		return false;
	n = error_line_block(s, j.piece, block, sizeof(block));
	error_line_refine(s, block, n, &j.hit);
	settle(s, &j.hit, block, n, v);
	set_message(v, j.message, j.message_len);
	set_evidence(v, s->tail->v[j.piece].p, s->tail->v[j.piece].n);
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

/* An error event: its class is the event's own, else what its words say, else what the profile says
 * of the exit status, else the task's. */
static void judge_error(const struct scan *s, const struct outcome *o, struct verdict *v)
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
	set_message(v, message, left);
	set_evidence(v, o->event.p, o->event.n);
}

/* Some programs hand an error out as the answer: believed where it is nothing but an error. */
static bool judge_answer(const struct scan *s, const struct outcome *o, struct verdict *v)
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
	judge_error(&strict, &error, v);
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
		return judge_answer(s, o, v);
	case OUTCOME_ERROR:
		/* A body that a tool of the agent printed, and the work went on. */
		if (s->is_strict && !o->is_final && has_text_behind(s, o->piece))
			return false;
		judge_error(s, o, v);
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
	set_message(v, o->notice, strlen(o->notice));
	return true;
}

static bool judge_output(const struct scan *s, struct outcome *o, struct verdict *v)
{
	size_t from = 0;

	if (s->is_strict && error_line_shows_json(s))
		*o = (struct outcome){.rejected_until_t = NUM_NONE};
	else
		machine_read(s->tail, s->own, o);
	return judge_machine(s, o, &from, v) || judge_text(s, from, v) || judge_notice(s, o, v);
}

#define LAST_WORDS_MAX 200 /* bytes of them in a message */

/* ---- exit statuses ------------------------------------------------------ */

/* What a status means where the output says nothing. */
static const struct {
	int code;
	enum attempt_class class;
	const char *message;
} status_rows[] = {
    {124, CLASS_TIMEOUT, "exit status 124: stopped at a time limit"},
    {125, CLASS_CONFIG, "exit status 125: the launcher failed"},
    {126, CLASS_CONFIG, "exit status 126: the program cannot be executed"},
    {127, CLASS_CONFIG, "exit status 127: the program was not found"},
    {128 + SIGILL, CLASS_CRASH, "exit status 132: illegal instruction"},
    {128 + SIGTRAP, CLASS_CRASH, "exit status 133: trap"},
    {128 + SIGABRT, CLASS_CRASH, "exit status 134: aborted"},
    {128 + SIGBUS, CLASS_CRASH, "exit status 135: bus error"},
    {128 + SIGFPE, CLASS_CRASH, "exit status 136: arithmetic fault"},
    {128 + SIGKILL, CLASS_CRASH, "exit status 137: killed"},
    {128 + SIGSEGV, CLASS_CRASH, "exit status 139: segmentation fault"},
    {128 + SIGTERM, CLASS_CRASH, "exit status 143: terminated"},
};

/* The last line that the program printed: no proof of anything, but what a person looks at first. */
static const struct piece *last_words(const struct tail *t)
{
	size_t i;

	for (i = t->nr; i-- > 0;)
		if (t->v[i].kind == PIECE_TEXT && t->v[i].n)
			return &t->v[i];
	return NULL;
}

/* What the profile says of a status; CLASS_NONE where it says nothing. */
static enum attempt_class class_of_code(const struct classifier *c, int code)
{
	size_t i;

	for (i = 0; i < c->nr_exit_codes; i++)
		if (c->exit_codes[i].code == code)
			return c->exit_codes[i].class;
	return CLASS_NONE;
}

static void judge_status(const struct classifier *c, int code, const struct tail *t,
    struct verdict *v)
{
	const struct piece *words = last_words(t);
	char text[LAST_WORDS_MAX + 32];
	size_t i;

	v->class = class_of_code(c, code);
	if (v->class == CLASS_NONE)
		v->class = CLASS_TASK_ERROR;
	for (i = 0; i < ARRAY_LEN(status_rows); i++) {
		if (status_rows[i].code != code || v->class != CLASS_TASK_ERROR)
			continue;
		v->class = status_rows[i].class;
		set_message(v, status_rows[i].message, strlen(status_rows[i].message));
		return;
	}
	snprintf(text, sizeof(text), "exit status %d%s%.*s", code, words ? ": " : "",
	    words ? (int)(words->n < LAST_WORDS_MAX ? words->n : LAST_WORDS_MAX) : 0,
	    words ? words->p : "");
	set_message(v, text, strlen(text));
	if (words)
		set_evidence(v, words->p, words->n);
}

/* opencode ends so, with status 0, when it may not do what it would have to ask for. */
static void judge_short_stop(const struct outcome *o, struct verdict *v)
{
	char text[sizeof(o->tool_error) + 64];

	v->class = CLASS_TASK_ERROR;
	snprintf(text, sizeof(text), "it ended in the middle of its work%s%s",
	    o->tool_error[0] ? ": " : "", o->tool_error);
	set_message(v, text, strlen(text));
	set_evidence(v, o->event.p, o->event.n);
}

static bool is_success_code(const struct classifier *c, int code)
{
	size_t i;

	for (i = 0; i < c->nr_success_codes; i++)
		if (c->success_codes[i] == code)
			return true;
	return code == 0;
}

static struct scan scan_of(const struct classifier *c, const struct ended *e, const struct tail *t)
{
	return (struct scan){
	    .patterns = c->patterns,
	    .tail = t,
	    .task = e->task,
	    .feedback = e->feedback,
	    .own = &c->own,
	};
}

/* Some programs remember in their status an error that they have got over. */
static bool is_recovered(const struct outcome *o, int code)
{
	return code == 1 && o->state == OUTCOME_DONE && o->is_final && o->had_error;
}

static void judge_code(const struct classifier *c, const struct ended *e, const struct tail *t,
    struct verdict *v)
{
	struct scan s = scan_of(c, e, t);
	struct outcome o;

	s.status_class = class_of_code(c, e->exit.value);
	s.is_strict = is_success_code(c, e->exit.value);
	s.is_late = e->exit.value == 124;
	if (judge_output(&s, &o, v))
		return;
	if (!s.is_strict && o.state == OUTCOME_NONE) {
		/* What it last tried again for is what it failed of, where nothing else is said. */
		s.is_late = s.is_last_resort = true;
		if (judge_text(&s, 0, v))
			return;
		s.is_late = s.is_last_resort = false;
	}
	if (!s.is_strict && !is_recovered(&o, e->exit.value)) {
		judge_status(c, e->exit.value, t, v);
		return;
	}
	v->class = CLASS_SUCCESS;
	set_message(v, o.text, o.message_len);
	if (o.stops_short)
		judge_short_stop(&o, v);
}

/* No exit record: only an event that ends a run answers (promise 3). */
static void judge_unknown(const struct classifier *c, const struct ended *e, const struct tail *t,
    struct verdict *v)
{
	struct scan s = scan_of(c, e, t);
	struct outcome o;

	s.is_strict = true;
	machine_read(t, s.own, &o);
	if (!o.is_final || error_line_shows_json(&s)) {
		v->class = CLASS_LOST;
		set_message(v, "no exit record, and nothing is alive", 36);
	} else if (o.state == OUTCOME_ERROR) {
		judge_error(&s, &o, v);
	} else if (!judge_answer(&s, &o, v)) {
		v->class = CLASS_SUCCESS;
		set_message(v, o.text, o.message_len);
	}
}

/* ---- the entry ---------------------------------------------------------- */

static void clear(struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	v->retry_after_ms = v->reset_at_t = NUM_NONE;
}

static bool is_passing(enum attempt_class c)
{
	return c == CLASS_RATE_LIMIT || c == CLASS_USAGE_LIMIT || c == CLASS_TRANSIENT;
}

static bool judge_kill(enum kill_why killed, struct verdict *v)
{
	static const char *const messages[] = {
	    [KILL_NONE] = "",
	    [KILL_CANCEL] = "cancelled",
	    [KILL_TIMEOUT] = "stopped at its time limit",
	    [KILL_STALL] = "stopped: it printed nothing for too long",
	    [KILL_HALT] = "ended with its batch by --halt or --budget-hard",
	    [KILL_WON] = "another branch completed the row first",
	};

	if (killed == KILL_NONE)
		return false;
	v->class = killed == KILL_TIMEOUT || killed == KILL_STALL ? CLASS_TIMEOUT : CLASS_CANCELLED;
	set_message(v, messages[killed], strlen(messages[killed]));
	return true;
}

/* Out of time, as one that ends by status 124 of timeout(1): what it was waiting for, by itself and
 * without end, is why. Anything else that it printed is of the work that was cut off. */
static void judge_overdue(const struct classifier *c, const struct ended *e, const struct tail *t,
    struct verdict *v)
{
	struct scan s = scan_of(c, e, t);
	struct verdict waited;
	struct outcome o;

	s.is_late = s.is_last_resort = true;
	clear(&waited);
	if (!judge_output(&s, &o, &waited) || !is_passing(waited.class))
		return;
	snprintf(waited.message + strlen(waited.message),
	    sizeof(waited.message) - strlen(waited.message), " (%s)", v->message);
	*v = waited;
}

static void judge_signal(const struct tail *t, int signal, struct verdict *v)
{
	const struct piece *words = last_words(t);

	v->class = CLASS_CRASH;
	snprintf(v->message, sizeof(v->message), "ended by signal %d (%s)", signal,
	    strsignal(signal));
	if (words)
		set_evidence(v, words->p, words->n);
}

static void judge_end(const struct classifier *c, const struct ended *e, const struct tail *t,
    struct verdict *out)
{
	switch (e->exit.how) {
	case EXIT_CODE:
		judge_code(c, e, t, out);
		break;
	case EXIT_SIGNAL:
		judge_signal(t, e->exit.value, out);
		break;
	case EXIT_FAILED:
		out->class = CLASS_CONFIG;
		set_message(out, e->exit.message ? e->exit.message : strerror(e->exit.value),
		    strlen(e->exit.message ? e->exit.message : strerror(e->exit.value)));
		break;
	case EXIT_VOID:
		break; /* it never ran: there is nothing to judge */
	case EXIT_UNKNOWN:
		judge_unknown(c, e, t, out);
		break;
	}
}

/* Of more than is judged the beginning goes, with the line that this cuts through: what is left of it
 * may look like anything. */
static size_t bytes_to_skip(const struct ended *e)
{
	size_t skip;
	const char *end;

	if (e->tail_len < CLASSIFY_TAIL_BYTES)
		return 0;
	skip = e->tail_len - CLASSIFY_TAIL_BYTES;
	end = memchr(e->tail + skip, '\n', CLASSIFY_TAIL_BYTES);
	return end ? (size_t)(end + 1 - e->tail) : skip;
}

void classify(const struct classifier *c, const struct ended *e, struct verdict *out)
{
	size_t skip = bytes_to_skip(e);
	struct tail tail;

	clear(out);
	if (judge_kill(e->exit.killed, out) && out->class != CLASS_TIMEOUT)
		return;
	tail_init(&tail, e->tail ? e->tail + skip : "", e->tail_len - skip);
	if (out->class == CLASS_TIMEOUT)
		judge_overdue(c, e, &tail, out);
	else
		judge_end(c, e, &tail, out);
	tail_release(&tail);
}
