#include "policy/usage.h"
#include "base/json_scan.h"
#include "base/xalloc.h"
#include "model/event.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void usage_init(struct usage *u)
{
	*u = (struct usage){
	    .cost_usd = -1, .tokens_in = NUM_NONE, .tokens_out = NUM_NONE, .turns = NUM_NONE};
}

void usage_release(struct usage *u)
{
	free(u->session);
	free(u->answer);
	usage_init(u);
}

static int64_t whole(struct json v)
{
	double d = json_number(v);

	return isnan(d) || d < 0 || d > 1e15 ? NUM_NONE : (int64_t)d;
}

static char *text(struct json v)
{
	char *s;

	if (!json_is_string(v))
		return NULL;
	s = xmalloc(v.n + 1); /* decoding never makes it longer */
	json_text(v, s, v.n + 1);
	return s;
}

static void take_result(struct usage *u, struct json ev)
{
	double cost = json_number(json_get(ev, "total_cost_usd"));

	usage_release(u);
	u->cost_usd = isnan(cost) || cost < 0 ? -1 : cost;
	u->tokens_in = whole(json_get(ev, "usage.input_tokens"));
	u->tokens_out = whole(json_get(ev, "usage.output_tokens"));
	u->turns = whole(json_get(ev, "num_turns"));
	u->session = text(json_get(ev, "session_id"));
	if (!json_is_true(json_get(ev, "is_error")))
		u->answer = text(json_get(ev, "result"));
}

/* The event, or the last one of an array of events. */
static struct json result_of(struct json doc)
{
	struct json none = {0};

	if (json_is_array(doc))
		doc = json_last(doc);
	return json_is(json_get(doc, "type"), "result") ? doc : none;
}

void usage_extract(struct usage *u, const char *tail, size_t len)
{
	const char *end = tail + len, *line = tail, *next;
	struct json last = {0};

	usage_release(u);
	for (; line < end; line = next) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((eol ? eol : end) - line);
		struct json doc, result;

		next = eol ? eol + 1 : end;
		if (!json_looks_like(line, n) || !json_value(line, n, &doc))
			continue;
		result = result_of(doc);
		if (result.n)
			last = result;
	}
	if (last.n)
		take_result(u, last);
}
