#include "policy/machine.h"
#include "model/event.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- keeping what was said ---------------------------------------------- */

static void set_state(struct outcome *o, enum outcome_state state, bool is_final)
{
	o->state = state;
	o->had_error = o->had_error || state == OUTCOME_ERROR;
	o->is_final = is_final;
	o->is_prose = false;
	o->class = CLASS_NONE;
	o->text[0] = '\0';
	o->message_len = 0;
	o->notice[0] = '\0'; /* it worked on */
	o->stops_short = false;
	o->nr_changes++;
}

/* Adds a value's text as a line of its own, with its name in front. */
static void add_line(struct outcome *o, const char *name, struct json v)
{
	size_t at = strlen(o->text), room = sizeof(o->text) - at;

	if (!v.n || json_is(v, "") || (v.n == 4 && memcmp(v.p, "null", 4) == 0))
		return;
	if (room < strlen(name) + 8)
		return;
	at += (size_t)snprintf(o->text + at, room, "\n%s", name);
	json_text(v, o->text + at, sizeof(o->text) - at);
}

/* The first of the values that says something becomes the message. */
static bool set_message(struct outcome *o, const struct json *values, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!json_is_string(values[i]) || json_is(values[i], ""))
			continue;
		/* The rest of the text is for codes and details. */
		o->message_len = json_text(values[i], o->text, sizeof(o->text) / 2);
		return true;
	}
	return false;
}

/* ---- errors ------------------------------------------------------------- */

/* What services put beside a message, wherever the program wraps it. */
static void add_details(struct outcome *o, struct json e)
{
	static const struct {
		const char *path, *name;
	} fields[] = {
	    {"type", "type: "},
	    {"name", "name: "},
	    {"code", "code: "},
	    {"status", "status: "},
	    {"reason", "reason: "},
	    {"statusCode", "status: "},
	    {"status_code", "status: "},
	    {"details", "details: "},
	    {"metadata.raw", "raw: "},
	    {"metadata.headers", "headers: "},
	    {"metadata.retry_after_seconds", "retry_after_seconds: "},
	    {"retry_after", "retry_after: "},
	    {"resets_at", "resets_at: "},
	    {"resets_in_seconds", "resets_in_seconds: "},
	    {"responseHeaders.retry-after-ms", "retry-after-ms: "},
	    {"responseHeaders.retry-after", "retry-after: "},
	    {"responseBody", "body: "},
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		add_line(o, fields[i].name, json_get(e, fields[i].path));
}

static void read_error_words(struct outcome *o, struct json ev)
{
	struct json error = json_get(ev, "error");
	struct json data = json_get(error, "data");
	const struct json said[] = {
	    json_get(data, "message"),
	    json_get(error, "message"),
	    json_get(ev, "message"),
	    json_get(ev, "data.message"),
	    json_is_string(error) ? error : (struct json){0},
	    json_get(ev, "errorMessage"),
	    json_get(error, "name"),
	};

	set_message(o, said, sizeof(said) / sizeof(said[0]));
	add_details(o, error);
	add_details(o, data);
	add_details(o, json_get(ev, "data"));
	if (!json_is_string(json_get(ev, "type")) || json_is(json_get(ev, "type"), "error"))
		add_details(o, ev);
}

/* An error that a later sign of work takes back. */
static void read_error(struct json ev, struct outcome *o)
{
	set_state(o, OUTCOME_ERROR, false);
	read_error_words(o, ev);
	if (strncmp(o->text, "Reconnecting", strlen("Reconnecting")) == 0) {
		char notice[sizeof(o->notice)];

		snprintf(notice, sizeof(notice), "connection lost: %.200s", o->text);
		set_state(o, OUTCOME_GOING, false);
		memcpy(o->notice, notice, sizeof(notice));
	}
}

static void read_failed(struct json ev, struct outcome *o)
{
	read_error(ev, o);
	o->is_final = true;
}

/* ---- ends --------------------------------------------------------------- */

static void set_done(struct outcome *o, struct json answer, bool is_final)
{
	set_state(o, OUTCOME_DONE, is_final);
	set_message(o, &answer, 1);
}

static void set_class(struct outcome *o, enum attempt_class class, const char *message)
{
	o->state = OUTCOME_ERROR;
	o->class = class;
	o->nr_changes++;
	if (!o->text[0])
		o->message_len = (size_t)snprintf(o->text, sizeof(o->text), "%s", message);
}

/* claude, once it is done, may refuse a notice of a task in the background with a result of its own: no
 * turn was taken for it. */
static bool is_afterthought(struct json ev, const struct outcome *o)
{
	return o->state == OUTCOME_DONE && o->is_final &&
	    json_number(json_get(ev, "num_turns")) == 0 &&
	    json_number(json_get(ev, "duration_ms")) == 0;
}

static void read_result_error(struct json ev, struct outcome *o)
{
	struct json subtype = json_get(ev, "subtype"), errors = json_get(ev, "errors");
	struct json last = json_last(errors); /* what it gave up for */
	bool had_words = o->state == OUTCOME_ERROR && o->text[0];

	if (is_afterthought(ev, o))
		return;
	if (!had_words || json_get(ev, "result").n > 2 || last.n > 2 || json_get(ev, "error").n) {
		const struct json said[] = {last, json_get(ev, "result"),
		    json_get(ev, "error.message"), json_get(ev, "error"), json_get(ev, "message")};

		set_state(o, OUTCOME_ERROR, true);
		set_message(o, said, sizeof(said) / sizeof(said[0]));
	}
	o->is_final = true;
	/* What stands in a field named so is no model's word. */
	o->is_prose =
	    json_is(subtype, "error_during_execution") && !json_is_string(json_get(ev, "error"));
	add_line(o, "status: ", json_get(ev, "api_error_status"));
	add_line(o, "reason: ", json_get(ev, "terminal_reason"));
	add_line(o, "stop_reason: ", json_get(ev, "stop_reason"));
	add_details(o, json_get(ev, "error"));
	if (json_is(subtype, "error_max_turns") || json_is(subtype, "error_max_budget_usd"))
		set_class(o, CLASS_MAX_TURNS, "the run's own limit of turns or cost was reached");
}

/* An answer without a word is work not done, unless the answer is structured. */
static void read_result_answer(struct json ev, struct outcome *o)
{
	struct json answer = json_get(ev, "result");

	set_done(o, answer, true);
	if (json_is(json_get(ev, "stop_reason"), "refusal"))
		set_class(o, CLASS_REFUSAL, "the model refused");
	else if (json_is(answer, "") && !json_get(ev, "structured_output").n)
		set_class(o, CLASS_TASK_ERROR, "the agent ended without an answer");
}

/* One that says no more than that it failed: an error before it has said why. */
static void read_result_failed(struct json ev, struct outcome *o)
{
	if (o->state == OUTCOME_ERROR && o->text[0] && !json_get(ev, "error").n &&
	    !json_get(ev, "message").n)
		o->is_final = true;
	else
		read_failed(ev, o);
}

static void read_result(struct json ev, struct outcome *o)
{
	struct json subtype = json_get(ev, "subtype"), status = json_get(ev, "status");
	double exit_code = json_number(json_get(ev, "exitCode"));

	if (json_is_string(status) && !json_is(status, "success")) {
		read_result_failed(ev, o);
	} else if (!isnan(exit_code)) { /* only the last events say what it was */
		if (exit_code == 0)
			set_state(o, OUTCOME_DONE, true);
		else
			o->is_final = o->state == OUTCOME_ERROR;
	} else if (json_is_true(json_get(ev, "is_error")) ||
	    (subtype.n > 6 && memcmp(subtype.p, "\"error", 6) == 0)) {
		read_result_error(ev, o);
	} else {
		read_result_answer(ev, o);
	}
}

static void read_turn_completed(struct json ev, struct outcome *o)
{
	set_state(o, OUTCOME_DONE, true);
	if (json_number(json_get(ev, "usage.output_tokens")) == 0)
		set_class(o, CLASS_TASK_ERROR, "the agent ended without an answer");
}

static void read_step_finish(struct json ev, struct outcome *o)
{
	struct json reason = json_get(ev, "part.reason");

	if (!reason.n)
		reason = json_get(ev, "finishReason");
	if (json_is(reason, "content-filter")) {
		set_state(o, OUTCOME_ERROR, true);
		set_class(o, CLASS_REFUSAL, "stopped by the content filter");
	} else if (json_is(reason, "stop")) {
		set_state(o, OUTCOME_DONE, true);
	} else if (!json_is(reason, "error")) {
		set_state(o, OUTCOME_GOING, false);
		o->stops_short = json_is(reason, "tool-calls");
	}
}

static void read_tool_use(struct json ev, struct outcome *o)
{
	set_state(o, OUTCOME_GOING, false);
	json_text(json_get(ev, "part.state.error"), o->tool_error, sizeof(o->tool_error));
}

/* "max_turns", "MaxTurns", "max-turn-requests": whether a name is one of a few, however written. */
static bool is_named(struct json v, const char *const *names)
{
	char plain[32];
	size_t i, n = 0;

	for (i = 0; json_is_string(v) && i < v.n && n + 1 < sizeof(plain); i++)
		if (isalnum((unsigned char)v.p[i]))
			plain[n++] = (char)tolower((unsigned char)v.p[i]);
	plain[n] = '\0';
	for (; *names; names++)
		if (strcmp(plain, *names) == 0)
			return true;
	return false;
}

/* What an event of a stream that we do not know says by itself: it stopped, and why. */
static void read_stop(struct json ev, struct outcome *o)
{
	static const char *const limits[] = {"maxturns", "maxturnsreached", "maxturnrequests",
	    "maxsteps", "maxstepsreached", "maxiterations", "turnlimit", NULL};
	static const char *const refusals[] = {"refusal", "contentfilter", "contentfiltered", NULL};
	const struct json said[] = {json_get(ev, "type"), json_get(ev, "stopReason"),
	    json_get(ev, "stop_reason"), json_get(ev, "finish_reason")};
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (is_named(said[i], limits) || is_named(said[i], refusals)) {
			set_state(o, OUTCOME_ERROR, true);
			if (is_named(said[i], limits))
				set_class(o, CLASS_MAX_TURNS,
				    "the run's own limit of turns was reached");
			else
				set_class(o, CLASS_REFUSAL, "the model refused");
			return;
		}
}

/* ---- messages ----------------------------------------------------------- */

static struct json last_text(struct json content)
{
	struct json v = {0}, last = {0};

	if (json_is_string(content))
		return content;
	while (json_next(content, &v))
		if (json_is_string(json_get(v, "text")))
			last = json_get(v, "text");
	return last;
}

/* A message of the model: the last one may be all that tells of the end. */
static void read_message(struct json message, struct outcome *o)
{
	struct json stop = json_get(message, "stopReason"), role = json_get(message, "role");

	if (role.n && !json_is(role, "assistant") && !json_is(role, "model")) {
		if (o->state != OUTCOME_ERROR)
			set_state(o, OUTCOME_GOING, false);
		return;
	}
	if (json_is(stop, "error")) {
		struct json said = json_get(message, "errorMessage");

		set_state(o, OUTCOME_ERROR, true);
		set_message(o, &said, 1);
		return;
	}
	set_done(o, last_text(json_get(message, "content")), false);
}

static void read_message_event(struct json ev, struct outcome *o)
{
	struct json message = json_get(ev, "message");

	read_message(message.n ? message : ev, o);
}

static void read_messages_event(struct json ev, struct outcome *o)
{
	read_message(json_last(json_get(ev, "messages")), o);
}

static void read_assistant(struct json ev, struct outcome *o)
{
	struct json error = json_get(ev, "error");
	struct json said = last_text(json_get(ev, "message.content"));

	if (!json_is_string(error)) {
		set_state(o, OUTCOME_GOING, false);
		return;
	}
	set_state(o, OUTCOME_ERROR, false);
	set_message(o, &said, 1);
	add_line(o, "type: ", error);
}

static void read_item(struct json ev, struct outcome *o)
{
	if (!json_is(json_get(ev, "item.type"), "error") && !o->is_final)
		set_state(o, OUTCOME_GOING, false);
}

static void read_work(struct json ev, struct outcome *o)
{
	(void)ev;
	set_state(o, OUTCOME_GOING, false);
}

/* ---- remarks beside the run --------------------------------------------- */

static void read_system(struct json ev, struct outcome *o)
{
	struct json subtype = json_get(ev, "subtype");

	if (json_is(subtype, "model_refusal_no_fallback")) {
		set_state(o, OUTCOME_ERROR, false);
		set_message(o, (const struct json[]){json_get(ev, "api_refusal_explanation")}, 1);
		set_class(o, CLASS_REFUSAL, "the model refused");
	} else if (json_is(subtype, "api_retry")) {
		char error[64], status[16];

		json_text(json_get(ev, "error"), error, sizeof(error));
		json_text(json_get(ev, "error_status"), status, sizeof(status));
		snprintf(o->notice, sizeof(o->notice), "%s\nstatus: %s", error, status);
	}
}

static void read_window(struct json ev, struct outcome *o)
{
	struct json info = json_get(ev, "rate_limit_info");
	double at = json_number(json_get(info, "resetsAt"));

	o->rejected_until_t = NUM_NONE;
	if (json_is(json_get(info, "status"), "rejected") && at > 0 && at < 1e11)
		o->rejected_until_t = (int64_t)(at * 1000);
}

/* ---- all of them -------------------------------------------------------- */

static const struct {
	const char *type;
	void (*read)(struct json ev, struct outcome *o);
} event_rows[] = {
    {"result", read_result},
    {"turn.completed", read_turn_completed},
    {"turn.failed", read_failed},
    {"turn.started", read_work},
    {"item.started", read_item},
    {"item.completed", read_item},
    {"error", read_error},
    {"session.error", read_error},
    {"step_start", read_work},
    {"step_finish", read_step_finish},
    {"tool_use", read_tool_use},
    {"text", read_work},
    {"message", read_message_event},
    {"message_end", read_message_event},
    {"turn_end", read_message_event},
    {"agent_end", read_messages_event},
    {"assistant", read_assistant},
    {"assistant.message", read_work},
    {"tool.execution_start", read_work},
    {"system", read_system},
    {"rate_limit_event", read_window},
};

/* {"name": "SomeError", "data": {...}}: what was thrown, printed as it is. */
static bool is_thrown(struct json doc)
{
	struct json name = json_get(doc, "name");

	return json_is_string(name) && name.n > 7 &&
	    memcmp(name.p + name.n - 6, "Error\"", 6) == 0 && json_get(doc, "data").n > 0;
}

static void read_thrown(struct json doc, struct outcome *o)
{
	const struct json said[] = {json_get(doc, "data.message"), json_get(doc, "name")};

	set_state(o, OUTCOME_ERROR, false);
	set_message(o, said, 2);
	add_details(o, doc);
	add_details(o, json_get(doc, "data"));
}

/* A document that is no event: a whole answer, an error body, a line of a conversation. */
static void read_document(struct json doc, struct outcome *o)
{
	if (json_get(doc, "error").n > 4) { /* null is no error */
		read_error(doc, o);
		o->is_final = json_get(doc, "session_id").n > 0;
	} else if (json_is_string(json_get(doc, "documentation_url")) &&
	    json_is_string(json_get(doc, "message"))) { /* GitHub */
		read_error(doc, o);
	} else if (json_is(json_get(doc, "status"), "error") &&
	    json_is_string(json_get(doc, "message"))) { /* cn */
		read_failed(doc, o);
	} else if (json_is_string(json_get(doc, "response"))) {
		set_done(o, json_get(doc, "response"), true);
	} else if (json_get(doc, "role").n) {
		struct json role = json_get(doc, "role");

		if (json_is(role, "assistant") || json_is(role, "user") || json_is(role, "tool"))
			read_message(doc, o);
	} else if (is_thrown(doc)) {
		read_thrown(doc, o);
	} else if (json_is_array(json_get(doc, "messages"))) {
		read_messages_event(doc, o);
	}
}

/* By the profile's own words, which go before what is known of others. */
static bool read_own(struct json ev, struct json type, const struct own_events *own,
    struct outcome *o)
{
	struct json said;

	if (own->error_type && json_is(type, own->error_type)) {
		said = json_get(ev, own->error_field);
		if (json_is_string(said) && !json_is(said, "")) {
			set_state(o, OUTCOME_ERROR, false);
			set_message(o, &said, 1);
			return true;
		}
	}
	if (!own->answer_type || !json_is(type, own->answer_type) || o->state != OUTCOME_ERROR)
		return false;
	set_state(o, OUTCOME_GOING, false);
	return true;
}

static void read_event(struct json ev, const struct own_events *own, struct outcome *o)
{
	struct json type = json_get(ev, "type");
	size_t i;

	if (!json_is_string(type)) {
		read_document(ev, o);
		return;
	}
	if (read_own(ev, type, own, o))
		return;
	for (i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++)
		if (json_is(type, event_rows[i].type)) {
			event_rows[i].read(ev, o);
			return;
		}
	read_stop(ev, o);
}

void machine_read(const struct tail *t, const struct own_events *own, struct outcome *o)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->rejected_until_t = NUM_NONE;
	for (i = 0; i < t->nr; i++) {
		struct json doc = {t->v[i].p, t->v[i].n, false}, element = {0};
		unsigned before = o->nr_changes;

		if (t->v[i].kind != PIECE_JSON)
			continue;
		if (json_is_array(doc))
			while (json_next(doc, &element))
				read_event(element, own, o);
		else
			read_event(doc, own, o);
		if (o->nr_changes != before) {
			o->piece = i;
			o->event = doc;
		}
	}
}
