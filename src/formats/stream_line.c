/* No program's format is read by its letter: they borrow from each other and change by the month.
 * What is looked for is what they share: who speaks (a type, a role), and where text lies. */
#include "formats/stream_line.h"
#include "base/xalloc.h"
#include "formats/stream_say.h"

#include <string.h>

/* All that is told of an event without a text. */
#define FACTS_MAX 600

/* ---- what the programs have of their own -------------------------------- */

/* codex: {"type":"item.completed","item":{...}}. */
static void say_item(struct stream_text *t, struct json type, struct json item)
{
	enum {
		TYPE,
		TEXT,
		COMMAND,
		OUTPUT,
		CODE,
		MESSAGE,
		SERVER,
		TOOL,
		ARGUMENTS,
		QUERY,
		CHANGES
	};
	static const char *const keys[] = {"type", "text", "command", "aggregated_output",
	    "exit_code", "message", "server", "tool", "arguments", "query", "changes"};
	struct json v[ARRAY_LEN(keys)], change = {0};
	bool is_over = stream_word_has(type, "completed");

	json_pick(item, keys, ARRAY_LEN(keys), v);
	if (stream_word_has(v[TYPE], "error")) {
		(void)stream_say(t, STREAM_ERROR, v[MESSAGE]);
	} else if (stream_has(v[COMMAND]) && !is_over) {
		stream_say_tool_named(t, "shell", v[COMMAND]);
	} else if (stream_has(v[COMMAND])) {
		if (!stream_say(t, STREAM_OUTPUT, v[OUTPUT]) && stream_has(v[CODE])) {
			stream_begin(t, STREAM_OUTPUT, "  exit ");
			stream_add(t->out, v[CODE], STREAM_FACT_MAX);
		}
	} else if (stream_has(v[TOOL])) {
		if (!is_over)
			stream_say_tool(t, v[TOOL], v[ARGUMENTS]);
		else if (!stream_say_error(t, json_get(item, "error")))
			stream_say_output(t, json_get(item, "result.content"));
	} else if (stream_has(v[QUERY])) {
		stream_say_tool_named(t, "web_search", v[QUERY]);
	} else if (stream_has(v[CHANGES])) {
		while (json_next(v[CHANGES], &change))
			stream_say_tool(t, json_get(change, "kind"), json_get(change, "path"));
	} else {
		(void)stream_say(t, stream_kind_of(v[TYPE]), v[TEXT]);
	}
}

/* opencode: {"type":"tool_use","part":{"tool":"bash","state":{"input":{},"output":""}}}. */
static void say_part(struct stream_text *t, struct json type, struct json part)
{
	enum { TEXT, TOOL, STATE };
	static const char *const keys[] = {"text", "tool", "state"};
	struct json v[ARRAY_LEN(keys)];

	json_pick(part, keys, ARRAY_LEN(keys), v);
	if (!stream_has(v[TOOL])) {
		(void)stream_say(t, stream_kind_of(type), v[TEXT]);
		return;
	}
	stream_say_tool(t, v[TOOL], json_get(v[STATE], "input"));
	if (!stream_say_error(t, json_get(v[STATE], "error")))
		(void)stream_say(t, STREAM_OUTPUT, json_get(v[STATE], "output"));
}

/* ---- events: facts instead of text -------------------------------------- */

/* Ids and times say nothing to a reader. */
static bool is_dull(struct json key)
{
	static const char *const ends[] = {
	    "id\"", "Id\"", "ID\"", "type\"", "subtype\"", "timestamp\"", "parent_tool_use_id\""};
	size_t i;

	for (i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);

		if (key.n >= n && memcmp(key.p + key.n - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static bool holds_facts(struct json key)
{
	static const char *const names[] = {
	    "usage", "tokens", "stats", "part", "item", "data", "rate_limit_info"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (json_is(key, names[i]))
			return true;
	return false;
}

static bool is_plain(struct json v)
{
	return stream_has(v) && !json_is_object(v) && !json_is_array(v) && v.n > 0 &&
	    (!json_is_string(v) || stream_has_text(v));
}

/* Returns whether it had something to tell that was not told. */
static bool add_facts(struct stream_text *t, struct json object, int depth)
{
	struct json key = {0}, value = {0};
	bool has_more = false;

	while (json_next_member(object, &key, &value)) {
		struct json name = {key.p + 1, key.n - 2, false};

		if (is_dull(key))
			continue;
		if (json_is_object(value) && holds_facts(key) && depth < 2)
			has_more |= add_facts(t, value, depth + 1);
		else if (!is_plain(value) || t->out->len - t->from > FACTS_MAX)
			has_more |= stream_has(value);
		else {
			buf_ch(t->out, ' ');
			stream_add(t->out, name, STREAM_FACT_MAX);
			buf_ch(t->out, '=');
			stream_add(t->out, value, STREAM_FACT_MAX);
		}
	}
	return has_more;
}

/* ---- a line ------------------------------------------------------------- */

enum {
	TYPE,
	SUBTYPE,
	ROLE,
	MESSAGE,
	CONTENT,
	TEXT,
	ITEM,
	PART,
	MSG,
	DATA,
	EVENT,
	ERROR,
	ERRORS,
	RESULT,
	IS_ERROR,
	TOOL_CALLS,
	TOOL_NAME,
	PARAMETERS,
	OUTPUT,
	ROOT__COUNT
};

static const char *const root_keys[ROOT__COUNT] = {"type", "subtype", "role", "message", "content",
    "text", "item", "part", "msg", "data", "event", "error", "errors", "result", "is_error",
    "tool_calls", "tool_name", "parameters", "output"};

static void read_object(struct stream_text *t, struct json root, int depth);

static void say_result(struct stream_text *t, const struct json *v)
{
	struct json first = {0};

	if (!json_is_true(v[IS_ERROR]) && !stream_word_has(v[SUBTYPE], "error") &&
	    !stream_has(v[ERROR])) {
		(void)stream_say(t, STREAM_RESULT, v[RESULT]);
		return;
	}
	(void)json_next(v[ERRORS], &first);
	if (!stream_say(t, STREAM_ERROR, v[RESULT]) && !stream_say(t, STREAM_ERROR, first) &&
	    !stream_say_error(t, v[ERROR]))
		(void)stream_say(t, STREAM_ERROR, v[SUBTYPE]);
}

/* {"message":{"role":"assistant","content":[...]}}; the role may stand outside. */
static void say_message(struct stream_text *t, const struct json *v)
{
	struct json role = json_get(v[MESSAGE], "role");

	if (!stream_has(role))
		role = stream_has(v[ROLE]) ? v[ROLE] : v[TYPE];
	stream_say_content(t, stream_kind_of(role), json_get(v[MESSAGE], "content"));
	(void)stream_say(t, STREAM_ERROR, json_get(v[MESSAGE], "errorMessage"));
	(void)stream_say_error(t, v[ERROR]);
}

static void say_known(struct stream_text *t, const struct json *v, int depth)
{
	if (json_is(v[TYPE], "result"))
		say_result(t, v);
	else if (json_is_object(v[ITEM]))
		say_item(t, v[TYPE], v[ITEM]);
	else if (json_is_object(v[PART]))
		say_part(t, v[TYPE], v[PART]);
	else if (stream_has(v[TOOL_NAME]))
		stream_say_tool(t, v[TOOL_NAME], v[PARAMETERS]);
	else if (json_is_object(v[MESSAGE]))
		say_message(t, v);
	else if (stream_has(v[ERROR]))
		(void)stream_say_error(t, v[ERROR]);
	else if (json_is_object(v[MSG]) && depth == 0)
		read_object(t, v[MSG], depth + 1);
	else if (json_is_object(v[EVENT]) && depth == 0)
		(void)stream_say(t, STREAM_SAID, json_get(v[EVENT], "delta.text"));
	else if (json_is_object(v[DATA]) && stream_kind_of(v[TYPE]) != STREAM_EVENT)
		stream_say_content(t, stream_kind_of(v[TYPE]), json_get(v[DATA], "content"));
}

static void say_event(struct stream_text *t, const struct json *v, struct json text,
    struct json root)
{
	size_t at;
	bool has_more;

	if (!stream_has_text(v[TYPE]))
		return;
	stream_begin(t, STREAM_EVENT, "");
	stream_add(t->out, v[TYPE], STREAM_FACT_MAX);
	if (stream_has_text(v[SUBTYPE])) {
		buf_ch(t->out, ' ');
		stream_add(t->out, v[SUBTYPE], STREAM_FACT_MAX);
	}
	buf_ch(t->out, ':');
	at = t->out->len;
	if (stream_has_text(text)) {
		buf_ch(t->out, ' ');
		stream_add(t->out, text, text.n);
		return;
	}
	has_more = add_facts(t, root, 0);
	if (t->out->len > at)
		return;
	/* A type alone must not hide what else is there. */
	buf_cut(t->out, has_more ? t->from : at - 1);
	if (has_more)
		t->kind = STREAM_OTHER;
}

static struct json first_text(const struct json *v)
{
	static const int order[] = {TEXT, MESSAGE, OUTPUT, CONTENT};
	size_t i;

	for (i = 0; i < ARRAY_LEN(order); i++)
		if (stream_has_text(v[order[i]]))
			return v[order[i]];
	return (struct json){0};
}

/* {"role":"assistant","content":"...","tool_calls":[{"function":{"name":"bash"}}]}. */
static void say_speech(struct stream_text *t, const struct json *v)
{
	enum stream_kind kind = stream_kind_of(stream_has(v[ROLE]) ? v[ROLE] : v[TYPE]);
	struct json call = {0};

	if (kind == STREAM_EVENT)
		return;
	if (stream_has(v[CONTENT]))
		stream_say_content(t, kind, v[CONTENT]);
	else
		(void)stream_say(t, kind, first_text(v));
	while (json_next(v[TOOL_CALLS], &call))
		stream_say_tool(t, json_get(call, "function.name"),
		    json_get(call, "function.arguments"));
}

static void read_object(struct stream_text *t, struct json root, int depth)
{
	static const struct json none;
	struct json v[ROOT__COUNT];
	bool is_result;

	json_pick(root, root_keys, ROOT__COUNT, v);
	is_result = json_is(v[TYPE], "result");
	/* A retry that a program tells of is no error yet. */
	if (!json_is(v[TYPE], "system"))
		say_known(t, v, depth);
	if (t->out->len == t->from && !is_result)
		say_speech(t, v);
	if (t->out->len == t->from)
		say_event(t, v, is_result ? none : first_text(v), root);
}

static bool is_blank(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p == end;
}

/* A document of several events tells by its last one. */
static struct json last_event(struct json list)
{
	struct json v = {0}, last = {0};

	while (json_next(list, &v))
		if (json_is_object(v))
			last = v;
	return last;
}

enum stream_kind stream_line_read(const char *p, size_t n, bool is_cut, struct buf *out)
{
	struct stream_text t = {.out = out, .from = out->len};
	struct json v;

	if (!json_looks_like(p, n))
		return STREAM_OTHER;
	if (!(is_cut ? json_part(p, n, &v) : json_value(p, n, &v)) || !is_blank(v.p + v.n, p + n))
		return STREAM_OTHER;
	if (json_is_array(v))
		v = last_event(v);
	read_object(&t, v, 0);
	return t.kind;
}
