#include "policy/answer.h"
#include "base/xalloc.h"
#include "policy/patterns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct answer_finder {
	enum answer_way way;
	char *type, *field;
	struct line_pattern *after, *until, *skip; /* NULL: not given */
};

/* ---- making ------------------------------------------------------------- */

static int compile(struct line_pattern **out, const char *regex, struct err *err)
{
	*out = regex ? line_pattern_new(regex, err) : NULL;
	return regex && !*out ? -1 : 0;
}

struct answer_finder *answer_finder_new(const struct profile *profile, struct err *err)
{
	struct answer_finder *f = xcalloc(1, sizeof(*f));
	const struct profile_answer *a = profile ? &profile->answer : NULL;

	if (!a)
		return f; /* ANSWER_EVENTS */
	f->way = a->way;
	f->type = a->type ? xstrdup(a->type) : NULL;
	f->field = a->field ? xstrdup(a->field) : NULL;
	if (compile(&f->after, a->after, err) == 0 && compile(&f->until, a->until, err) == 0 &&
	    compile(&f->skip, a->skip, err) == 0)
		return f;
	answer_finder_free(f);
	return NULL;
}

void answer_finder_free(struct answer_finder *f)
{
	if (!f)
		return;
	line_pattern_free(f->after);
	line_pattern_free(f->until);
	line_pattern_free(f->skip);
	free(f->type);
	free(f->field);
	free(f);
}

void answer_begin(struct answer_reader *r, const struct answer_finder *finder)
{
	*r = (struct answer_reader){.finder = finder, .text = BUF_INIT};
}

void answer_release(struct answer_reader *r)
{
	buf_release(&r->text);
}

/* ---- the text so far ---------------------------------------------------- */

static void start_anew(struct answer_reader *r)
{
	buf_reset(&r->text);
	r->is_too_long = false;
	r->goes_on = false;
}

static void add(struct answer_reader *r, const char *p, size_t n)
{
	if (r->text.len + n > ANSWER_MAX)
		r->is_too_long = true;
	else
		buf_add(&r->text, p, n);
}

/* Decoding never makes a string longer. */
static void add_string(struct answer_reader *r, struct json v)
{
	if (!json_is_string(v))
		return;
	if (r->text.len + v.n > ANSWER_MAX) {
		r->is_too_long = true;
		return;
	}
	buf_reserve(&r->text, v.n + 1);
	buf_commit(&r->text, json_text(v, r->text.data + r->text.len, v.n + 1));
}

static void set_string(struct answer_reader *r, struct json v)
{
	start_anew(r);
	add_string(r, v);
}

static void set_final(struct answer_reader *r, struct json v)
{
	set_string(r, v);
	r->is_final = true;
}

/* ---- what a message says ------------------------------------------------ */

static bool says_something(struct json content)
{
	struct json part = {.p = NULL};

	if (json_is_string(content))
		return content.n > 2;
	while (json_next(content, &part))
		if (json_get(part, "text").n > 2)
			return true;
	return false;
}

/* A string, or an array of parts of which those with text count. */
static void add_content(struct answer_reader *r, struct json content)
{
	struct json part = {.p = NULL};

	add_string(r, content);
	while (json_next(content, &part)) {
		struct json type = json_get(part, "type");

		if (!type.n || json_is(type, "text") || json_is(type, "output_text"))
			add_string(r, json_get(part, "text"));
	}
}

/* A whole message of the model, which takes the place of the one before. */
static void set_message(struct answer_reader *r, struct json content)
{
	if (r->is_final || !says_something(content))
		return;
	start_anew(r);
	add_content(r, content);
}

/* A piece of a message; pieces without a name belong together while nothing comes between. */
static void add_piece(struct answer_reader *r, struct json content, struct json name)
{
	char id[sizeof(r->message)];

	if (r->is_final || !says_something(content))
		return;
	json_text(name, id, sizeof(id));
	if (!r->goes_on || strcmp(id, r->message) != 0)
		start_anew(r);
	r->goes_on = true;
	memcpy(r->message, id, strlen(id) + 1);
	add_content(r, content);
}

/* ---- events ------------------------------------------------------------- */

/* claude, qwen, cursor, amp; of gemini and copilot it ends the run and holds no words. */
static void read_result(struct answer_reader *r, struct json ev)
{
	struct json result = json_get(ev, "result"), error = json_get(ev, "is_error");

	if (json_is_true(error))
		start_anew(r); /* what it said is no answer */
	else if (json_is_string(result))
		set_final(r, result);
}

/* codex */
static void read_item(struct answer_reader *r, struct json ev)
{
	struct json type = json_get(ev, "item.type");

	if (!type.n)
		type = json_get(ev, "item.item_type");
	if (json_is(type, "agent_message") || json_is(type, "assistant_message"))
		set_message(r, json_get(ev, "item.text"));
}

/* opencode has it in "part", grok at the top: the pieces since the step began. */
static void read_text(struct answer_reader *r, struct json ev)
{
	struct json said = json_get(ev, "part.text");
	struct json none = {.p = NULL};

	add_piece(r, said.n ? said : json_get(ev, "text"), none);
}

static void read_step_start(struct answer_reader *r, struct json ev)
{
	(void)ev;
	r->goes_on = false;
}

/* gemini in pieces, with the role beside; goose with the message inside, named; cursor whole. */
static void read_message(struct answer_reader *r, struct json ev)
{
	struct json inner = json_get(ev, "message");
	struct json message = json_is_object(inner) ? inner : ev;
	struct json role = json_get(message, "role");

	if (json_is(role, "assistant") || json_is(role, "model"))
		add_piece(r, json_get(message, "content"), json_get(message, "id"));
	else
		r->goes_on = false;
}

/* claude, amp, qwen, cursor: what is left when the result is missing. */
static void read_assistant(struct answer_reader *r, struct json ev)
{
	add_piece(r, json_get(ev, "message.content"), json_get(ev, "message.id"));
}

/* pi */
static void read_turn_end(struct answer_reader *r, struct json ev)
{
	if (json_is(json_get(ev, "message.role"), "assistant"))
		set_message(r, json_get(ev, "message.content"));
}

/* copilot */
static void read_assistant_message(struct answer_reader *r, struct json ev)
{
	set_message(r, json_get(ev, "data.content"));
}

/* droid */
static void read_completion(struct answer_reader *r, struct json ev)
{
	struct json said = json_get(ev, "finalText");

	if (json_is_string(said))
		set_final(r, said);
}

static const struct {
	const char *type;
	void (*read)(struct answer_reader *r, struct json ev);
} event_rows[] = {
    {"result", read_result},
    {"item.completed", read_item},
    {"text", read_text},
    {"step_start", read_step_start},
    {"tool_use", read_step_start},
    {"tool_result", read_step_start},
    {"user", read_step_start},
    {"message", read_message},
    {"assistant", read_assistant},
    {"turn_end", read_turn_end},
    {"assistant.message", read_assistant_message},
    {"completion", read_completion},
};

/* gemini and cn answer with one document, goose with the whole conversation, an older grok with a
 * line for each message of it. */
static void read_untyped(struct answer_reader *r, struct json doc)
{
	struct json response = json_get(doc, "response");
	struct json last = json_last(json_get(doc, "messages"));

	if (json_is_string(response))
		set_final(r, response);
	else if (json_is(json_get(last, "role"), "assistant"))
		set_message(r, json_get(last, "content"));
	else if (json_is(json_get(doc, "role"), "assistant"))
		set_message(r, json_get(doc, "content"));
}

static void read_event(struct answer_reader *r, struct json ev)
{
	struct json type = json_get(ev, "type");
	size_t i;

	if (!json_is_string(type)) {
		read_untyped(r, ev);
		return;
	}
	for (i = 0; i < ARRAY_LEN(event_rows); i++)
		if (json_is(type, event_rows[i].type)) {
			event_rows[i].read(r, ev);
			return;
		}
}

static void read_own_event(struct answer_reader *r, struct json ev)
{
	if (json_is(json_get(ev, "type"), r->finder->type))
		set_string(r, json_get(ev, r->finder->field));
}

static bool reads_events(const struct answer_reader *r)
{
	return r->finder->way == ANSWER_EVENTS || r->finder->way == ANSWER_FILE;
}

void answer_take_document(struct answer_reader *r, struct json doc)
{
	void (*read)(struct answer_reader *, struct json) =
	    reads_events(r) ? read_event : read_own_event;
	struct json element = {.p = NULL};

	if (r->finder->way == ANSWER_TEXT) {
		answer_take_line(r, doc.p, doc.n);
		return;
	}
	if (r->finder->way == ANSWER_NONE)
		return;
	if (!json_is_array(doc)) {
		read(r, doc);
		return;
	}
	while (json_next(doc, &element))
		if (json_is_object(element))
			read(r, element);
}

/* ---- text --------------------------------------------------------------- */

static bool matches(const struct line_pattern *lp, const char *p, size_t n)
{
	return lp && line_pattern_matches(lp, p, n);
}

void answer_take_line(struct answer_reader *r, const char *p, size_t n)
{
	const struct answer_finder *f = r->finder;

	if (f->way != ANSWER_TEXT)
		return;
	if (matches(f->after, p, n)) {
		start_anew(r);
		r->is_over = false;
	} else if (!r->is_over && matches(f->until, p, n)) {
		r->is_over = true;
	} else if (!r->is_over && !matches(f->skip, p, n)) {
		add(r, p, n);
		add(r, "\n", 1);
	}
}

const char *answer_end(struct answer_reader *r)
{
	size_t from = 0;

	if (r->is_too_long)
		return NULL;
	while (r->text.len && strchr(" \t\r\n", r->text.data[r->text.len - 1]))
		buf_cut(&r->text, r->text.len - 1);
	if (r->text.len == 0)
		return NULL;
	while (strchr("\r\n", r->text.data[from]))
		from++;
	return r->text.data + from;
}
