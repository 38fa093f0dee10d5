#include "formats/stream_say.h"
#include "base/xalloc.h"

#include <string.h>

/* An argument is a hint at what a call does. */
#define ARGUMENT_MAX 400

static const char *const labels[STREAM__COUNT] = {
    [STREAM_OTHER] = "",
    [STREAM_SAID] = "assistant: ",
    [STREAM_THOUGHT] = "thinking: ",
    [STREAM_USER] = "user: ",
    [STREAM_TOOL] = "tool: ",
    [STREAM_OUTPUT] = "  ",
    [STREAM_RESULT] = "result: ",
    [STREAM_ERROR] = "error: ",
    [STREAM_EVENT] = "",
};

/* ---- pieces of text ----------------------------------------------------- */

bool stream_has(struct json v)
{
	return v.n > 0 && !(v.n == 4 && memcmp(v.p, "null", 4) == 0);
}

/* A string that holds something. */
bool stream_has_text(struct json v)
{
	return json_is_string(v) && (v.n > 2 || v.is_cut);
}

void stream_add(struct buf *out, struct json v, size_t max)
{
	size_t cap = (v.n < max ? v.n : max) + 1;

	buf_reserve(out, cap);
	buf_commit(out, json_text(v, out->data + out->len, cap));
}

void stream_begin(struct stream_text *t, enum stream_kind kind, const char *label)
{
	if (t->out->len > t->from)
		buf_ch(t->out, '\n');
	else
		t->kind = kind;
	buf_str(t->out, label);
}

/* Further lines of an output stand below its first one. */
static void indent(struct buf *out, size_t from)
{
	size_t i, to, nr = 0;

	for (i = from; i < out->len; i++)
		nr += out->data[i] == '\n';
	if (nr == 0)
		return;
	buf_reserve(out, 2 * nr);
	to = out->len + 2 * nr;
	for (i = out->len; i-- > from;) {
		if (out->data[i] == '\n') {
			out->data[--to] = ' ';
			out->data[--to] = ' ';
		}
		out->data[--to] = out->data[i];
	}
	buf_commit(out, 2 * nr);
}

bool stream_say(struct stream_text *t, enum stream_kind kind, struct json text)
{
	size_t from;

	if (!stream_has_text(text))
		return false;
	stream_begin(t, kind, labels[kind]);
	from = t->out->len;
	stream_add(t->out, text, text.n);
	if (kind == STREAM_OUTPUT)
		indent(t->out, from);
	return true;
}

bool stream_word_has(struct json word, const char *part)
{
	return json_is_string(word) && memmem(word.p, word.n, part, strlen(part));
}

/* By a role or a type. */
enum stream_kind stream_kind_of(struct json word)
{
	static const struct {
		const char *part;
		enum stream_kind kind;
	} words[] = {
	    {"assistant", STREAM_SAID},
	    {"agent_message", STREAM_SAID},
	    {"user", STREAM_USER},
	    {"thinking", STREAM_THOUGHT},
	    {"reasoning", STREAM_THOUGHT},
	    {"error", STREAM_ERROR},
	    {"tool", STREAM_OUTPUT},
	    {"result", STREAM_RESULT},
	    {"text", STREAM_SAID},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (stream_word_has(word, words[i].part))
			return words[i].kind;
	return STREAM_EVENT;
}

/* ---- calls of tools ----------------------------------------------------- */

/* A command may be a list of words. */
static void add_words(struct buf *out, struct json list)
{
	struct json word = {0};
	size_t from = out->len;

	while (json_next(list, &word) && out->len - from < ARGUMENT_MAX) {
		if (out->len > from)
			buf_ch(out, ' ');
		stream_add(out, word, ARGUMENT_MAX);
	}
}

static void add_argument(struct buf *out, struct json input)
{
	static const char *const keys[] = {"command", "cmd", "file_path", "filePath", "path",
	    "pattern", "query", "url", "prompt", "description"};
	struct json v[ARRAY_LEN(keys)];
	size_t i;

	if (json_is_string(input)) {
		stream_add(out, input, ARGUMENT_MAX);
		return;
	}
	if (json_is_array(input)) {
		add_words(out, input);
		return;
	}
	json_pick(input, keys, ARRAY_LEN(keys), v);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		if (json_is_array(v[i]))
			add_words(out, v[i]);
		else if (stream_has_text(v[i]))
			stream_add(out, v[i], ARGUMENT_MAX);
		else
			continue;
		return;
	}
	if (input.n > 2)
		stream_add(out, input, ARGUMENT_MAX);
}

void stream_say_tool(struct stream_text *t, struct json name, struct json input)
{
	size_t at;

	stream_begin(t, STREAM_TOOL, labels[STREAM_TOOL]);
	stream_add(t->out, name, STREAM_FACT_MAX);
	at = t->out->len;
	buf_str(t->out, "  ");
	add_argument(t->out, input);
	if (t->out->len == at + 2)
		buf_cut(t->out, at);
}

void stream_say_tool_named(struct stream_text *t, const char *name, struct json input)
{
	stream_begin(t, STREAM_TOOL, labels[STREAM_TOOL]);
	buf_fmt(t->out, "%s  ", name);
	add_argument(t->out, input);
}

/* ---- content: a string, or a list of blocks ------------------------------ */

/* What a call gave: text, or a list of texts. */
void stream_say_output(struct stream_text *t, struct json v)
{
	struct json element = {0};

	if (stream_say(t, STREAM_OUTPUT, v))
		return;
	while (json_next(v, &element))
		(void)stream_say(t, STREAM_OUTPUT,
		    json_is_object(element) ? json_get(element, "text") : element);
}

static void say_block(struct stream_text *t, enum stream_kind kind, struct json block)
{
	enum { TYPE, TEXT, THINKING, NAME, INPUT, ARGUMENTS, CONTENT, CALL, RESULT };
	static const char *const keys[] = {"type", "text", "thinking", "name", "input", "arguments",
	    "content", "toolCall", "toolResult"};
	struct json v[ARRAY_LEN(keys)];

	json_pick(block, keys, ARRAY_LEN(keys), v);
	if (stream_has(v[NAME]))
		stream_say_tool(t, v[NAME], stream_has(v[INPUT]) ? v[INPUT] : v[ARGUMENTS]);
	else if (json_is_object(v[CALL]))
		stream_say_tool(t, json_get(v[CALL], "value.name"),
		    json_get(v[CALL], "value.arguments"));
	else if (json_is_object(v[RESULT]))
		stream_say_output(t, json_get(v[RESULT], "value.content"));
	else if (stream_has(v[CONTENT]))
		stream_say_output(t, v[CONTENT]);
	else if (!stream_say(t, STREAM_THOUGHT, v[THINKING]) && !stream_say(t, kind, v[TEXT]) &&
	    stream_has_text(v[TYPE]) && !stream_word_has(v[TYPE], "text") &&
	    !stream_word_has(v[TYPE], "thinking")) {
		stream_begin(t, kind, labels[kind]);
		buf_ch(t->out, '[');
		stream_add(t->out, v[TYPE], STREAM_FACT_MAX);
		buf_ch(t->out, ']');
	}
}

void stream_say_content(struct stream_text *t, enum stream_kind kind, struct json content)
{
	struct json element = {0};

	if (stream_say(t, kind, content))
		return;
	while (json_next(content, &element))
		if (json_is_object(element))
			say_block(t, kind, element);
		else
			(void)stream_say(t, kind, element);
}

/* ---- errors ------------------------------------------------------------- */

bool stream_say_error(struct stream_text *t, struct json error)
{
	static const char *const paths[] = {
	    "message", "data.message", "error.message", "error", "name", "type"};
	size_t i;

	if (stream_say(t, STREAM_ERROR, error))
		return true;
	for (i = 0; i < ARRAY_LEN(paths); i++)
		if (stream_say(t, STREAM_ERROR, json_get(error, paths[i])))
			return true;
	return false;
}
