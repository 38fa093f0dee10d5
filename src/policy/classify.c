/* The order of evidence. What we did ourselves (cancel, timeout) and what the system says of a
 * start stand first. Then the agent's own words, strongest first: the last event of a JSON stream,
 * and the error line nearest the end. The exit status is asked last: it says least. With exit
 * status 0 only words that cannot be anything else are believed, and only at the very end. */
#include "policy/classify.h"
#include "base/xalloc.h"
#include "policy/output.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_WORDS_MAX 200 /* bytes of them in a message */

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
		verdict_set_message(v, status_rows[i].message, strlen(status_rows[i].message));
		return;
	}
	snprintf(text, sizeof(text), "exit status %d%s%.*s", code, words ? ": " : "",
	    words ? (int)(words->n < LAST_WORDS_MAX ? words->n : LAST_WORDS_MAX) : 0,
	    words ? words->p : "");
	verdict_set_message(v, text, strlen(text));
	if (words)
		verdict_set_evidence(v, words->p, words->n);
}

/* opencode ends so, with status 0, when it may not do what it would have to ask for. */
static void judge_short_stop(const struct outcome *o, struct verdict *v)
{
	char text[sizeof(o->tool_error) + 64];

	v->class = CLASS_TASK_ERROR;
	snprintf(text, sizeof(text), "it ended in the middle of its work%s%s",
	    o->tool_error[0] ? ": " : "", o->tool_error);
	verdict_set_message(v, text, strlen(text));
	verdict_set_evidence(v, o->event.p, o->event.n);
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
	if (output_judge(&s, &o, v))
		return;
	if (!s.is_strict && o.state == OUTCOME_NONE) {
		/* What it last tried again for is what it failed of, where nothing else is said. */
		s.is_late = s.is_last_resort = true;
		if (output_judge_text(&s, 0, v))
			return;
		s.is_late = s.is_last_resort = false;
	}
	if (!s.is_strict && !is_recovered(&o, e->exit.value)) {
		judge_status(c, e->exit.value, t, v);
		return;
	}
	v->class = CLASS_SUCCESS;
	verdict_set_message(v, o.text, o.message_len);
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
		verdict_set_message(v, "no exit record, and nothing is alive", 36);
	} else if (o.state == OUTCOME_ERROR) {
		output_judge_error(&s, &o, v);
	} else if (!output_judge_answer(&s, &o, v)) {
		v->class = CLASS_SUCCESS;
		verdict_set_message(v, o.text, o.message_len);
	}
}

/* ---- the entry ---------------------------------------------------------- */

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
	verdict_set_message(v, messages[killed], strlen(messages[killed]));
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
	verdict_clear(&waited);
	if (!output_judge(&s, &o, &waited) || !is_passing(waited.class))
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
		verdict_set_evidence(v, words->p, words->n);
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
		verdict_set_message(out,
		    e->exit.message ? e->exit.message : strerror(e->exit.value),
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

	verdict_clear(out);
	if (judge_kill(e->exit.killed, out) && out->class != CLASS_TIMEOUT)
		return;
	tail_init(&tail, e->tail ? e->tail + skip : "", e->tail_len - skip);
	if (out->class == CLASS_TIMEOUT)
		judge_overdue(c, e, &tail, out);
	else
		judge_end(c, e, &tail, out);
	tail_release(&tail);
}
