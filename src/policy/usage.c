#include "policy/usage.h"
#include "model/event.h"
#include "policy/usage_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void usage_init(struct usage *u)
{
	*u = (struct usage){
	    .cost_usd = -1,
	    .tokens_in = NUM_NONE,
	    .tokens_out = NUM_NONE,
	    .tokens_total = NUM_NONE,
	    .turns = NUM_NONE,
	};
}

void usage_begin(struct usage_reader *r)
{
	memset(r, 0, sizeof(*r));
	usage_init(&r->told);
	usage_init(&r->steps);
	usage_init(&r->messages);
	usage_init(&r->before);
}

/* ---- values ------------------------------------------------------------- */

static int64_t whole(struct json v)
{
	double d = json_number(v);

	return isnan(d) || d < 0 || d > 1e15 ? NUM_NONE : (int64_t)d;
}

/* The first of several names that is there. */
static int64_t first_of(struct json object, const char *const *names)
{
	int64_t n = NUM_NONE;

	for (; *names && n == NUM_NONE; names++)
		n = whole(json_get(object, *names));
	return n;
}

static double amount(struct json v)
{
	double d = json_number(v);

	return isnan(d) || d < 0 || d > 1e9 ? -1 : d;
}

static void take_numbers(struct usage *u, struct json numbers)
{
	static const char *const in[] = {
	    "input_tokens", "inputTokens", "input", "prompt_tokens", "promptTokens", NULL};
	static const char *const out[] = {"output_tokens", "outputTokens", "output",
	    "completion_tokens", "completionTokens", NULL};
	static const char *const total[] = {"total_tokens", "totalTokens", NULL};

	if (!json_is_object(numbers))
		return;
	u->tokens_in = first_of(numbers, in);
	u->tokens_out = first_of(numbers, out);
	u->tokens_total = first_of(numbers, total);
}

/* It may become an argument of the program: what could be read as an option is no session. */
static void take_session(struct usage *u, struct json v)
{
	char text[SESSION_SIZE];
	size_t n;

	if (!json_is_string(v) || v.n >= sizeof(text))
		return;
	n = json_text(v, text, sizeof(text));
	if (usage_is_session(text, n))
		memcpy(u->session, text, n + 1);
}

/* What the profile says goes before the names that programs use. */
static struct json own_session_of(const struct usage_reader *r, struct json ev, struct json type)
{
	struct json none = {.p = NULL};

	return json_is(type, r->own_session->type) ? json_get(ev, r->own_session->field) : none;
}

static struct json session_of(struct json ev)
{
	static const char *const names[] = {"session_id", "sessionID", "sessionId", "thread_id"};
	struct json v = {.p = NULL};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !v.n; i++)
		v = json_get(ev, names[i]);
	return v;
}

static void add_whole(int64_t *sum, int64_t n)
{
	if (n != NUM_NONE)
		*sum = *sum == NUM_NONE ? n : *sum + n;
}

void usage_add(struct usage *sum, double cost_usd, int64_t in, int64_t out, int64_t total)
{
	if (cost_usd >= 0)
		sum->cost_usd = sum->cost_usd < 0 ? cost_usd : sum->cost_usd + cost_usd;
	add_whole(&sum->tokens_in, in);
	add_whole(&sum->tokens_out, out);
	add_whole(&sum->tokens_total, total);
}

static void add(struct usage *sum, const struct usage *u)
{
	usage_add(sum, u->cost_usd, u->tokens_in, u->tokens_out, u->tokens_total);
}

static bool is_less(int64_t n, int64_t before)
{
	return n != NUM_NONE && before != NUM_NONE && n < before;
}

static void take_off(int64_t *n, int64_t before)
{
	if (*n != NUM_NONE && before != NUM_NONE)
		*n -= before;
}

void usage_take_off(struct usage *u, const struct usage *before)
{
	if (is_less(u->tokens_in, before->tokens_in) ||
	    is_less(u->tokens_out, before->tokens_out) ||
	    is_less(u->tokens_total, before->tokens_total))
		return;
	take_off(&u->tokens_in, before->tokens_in);
	take_off(&u->tokens_out, before->tokens_out);
	take_off(&u->tokens_total, before->tokens_total);
	if (u->cost_usd >= 0 && before->cost_usd > 0)
		u->cost_usd = u->cost_usd > before->cost_usd ? u->cost_usd - before->cost_usd : 0;
}

/* ---- the end of a run --------------------------------------------------- */

/* claude, qwen, amp, cursor, copilot; gemini has its numbers in "stats". */
static void read_result(struct usage_reader *r, struct json ev)
{
	struct usage *u = &r->told;
	struct json numbers = json_get(ev, "usage");

	usage_init(u);
	take_numbers(u, numbers.n ? numbers : json_get(ev, "stats"));
	u->cost_usd = amount(json_get(ev, "total_cost_usd"));
	u->turns = whole(json_get(ev, "num_turns"));
	take_session(u, session_of(ev));
}

static void read_turn_completed(struct usage_reader *r, struct json ev)
{
	take_numbers(&r->told, json_get(ev, "usage"));
}

/* goose: the numbers are the event's own. */
static void read_complete(struct usage_reader *r, struct json ev)
{
	struct json numbers = json_get(ev, "usage");

	take_numbers(&r->told, numbers.n ? numbers : ev);
	if (r->told.turns == NUM_NONE)
		r->told.turns = whole(json_get(ev, "numTurns"));
}

/* ---- steps -------------------------------------------------------------- */

/* opencode has them in "part", grok at the top, where a dollar is 10^10 ticks. */
static void read_step(struct usage_reader *r, struct json ev)
{
	struct json part = json_get(ev, "part"), ticks = json_get(ev, "usage.costUsdTicks");
	struct usage step;

	usage_init(&step);
	take_numbers(&step, part.n ? json_get(part, "tokens") : json_get(ev, "usage"));
	step.cost_usd = amount(json_get(part, "cost"));
	if (ticks.n && !isnan(json_number(ticks)))
		step.cost_usd = json_number(ticks) / 1e10;
	add(&r->steps, &step);
}

/* pi */
static void read_turn_end(struct usage_reader *r, struct json ev)
{
	struct json numbers = json_get(ev, "message.usage");
	struct usage step;

	usage_init(&step);
	take_numbers(&step, numbers);
	step.cost_usd = amount(json_get(numbers, "cost.total"));
	add(&r->steps, &step);
}

/* amp tells tokens with each message only; claude does so before its result tells the sum. A
 * message comes as often as it has parts, with the same numbers. */
static void read_assistant(struct usage_reader *r, struct json ev)
{
	struct json id = json_get(ev, "message.id");
	char name[SESSION_SIZE];
	struct usage step;

	json_text(id, name, sizeof(name));
	if (!name[0] || strcmp(name, r->message) != 0)
		r->before = r->messages;
	snprintf(r->message, sizeof(r->message), "%s", name);
	usage_init(&step);
	take_numbers(&step, json_get(ev, "message.usage"));
	r->messages = r->before;
	add(&r->messages, &step);
}

/* ---- whole documents ---------------------------------------------------- */

/* gemini: the models' numbers, to be added up. */
static void read_models(struct usage_reader *r, struct json models)
{
	struct json name = {.p = NULL}, model = {.p = NULL};
	struct usage sum;

	usage_init(&sum);
	while (json_next_member(models, &name, &model)) {
		struct json tokens = json_get(model, "tokens");

		add_whole(&sum.tokens_in, whole(json_get(tokens, "prompt")));
		add_whole(&sum.tokens_out, whole(json_get(tokens, "candidates")));
		add_whole(&sum.tokens_total, whole(json_get(tokens, "total")));
	}
	r->told.tokens_in = sum.tokens_in;
	r->told.tokens_out = sum.tokens_out;
	r->told.tokens_total = sum.tokens_total;
}

static void read_untyped(struct usage_reader *r, struct json doc)
{
	struct json models = json_get(doc, "stats.models");
	struct json numbers = json_get(doc, "metadata"); /* goose */

	if (models.n || json_get(doc, "response").n)
		take_session(&r->told, session_of(doc));
	if (models.n)
		read_models(r, models);
	else if (json_get(numbers, "total_tokens").n)
		take_numbers(&r->told, numbers);
}

static const struct {
	const char *type;
	void (*read)(struct usage_reader *r, struct json ev);
} event_rows[] = {
    {"result", read_result},
    {"turn.completed", read_turn_completed},
    {"complete", read_complete},
    {"completion", read_complete},
    {"step_finish", read_step},
    {"turn_end", read_turn_end},
    {"assistant", read_assistant},
};

static void read_event(struct usage_reader *r, struct json ev)
{
	struct json type = json_get(ev, "type");
	size_t i;

	if (!json_is_string(type)) {
		read_untyped(r, ev);
		return;
	}
	if (r->own_session)
		take_session(&r->steps, own_session_of(r, ev, type));
	else if (!r->steps.session[0]) /* it is told at the beginning, and often with every event */
		take_session(&r->steps,
		    json_is(type, "session") ? json_get(ev, "id") : session_of(ev));
	for (i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++)
		if (json_is(type, event_rows[i].type)) {
			event_rows[i].read(r, ev);
			return;
		}
}

void usage_take_document(struct usage_reader *r, struct json doc)
{
	struct json element = {.p = NULL};

	if (!json_is_array(doc)) {
		read_event(r, doc);
		return;
	}
	while (json_next(doc, &element))
		if (json_is_object(element))
			read_event(r, element);
}

void usage_take_line(struct usage_reader *r, const char *p, size_t n)
{
	usage_text_line(r, p, n);
}

/* ---- together ----------------------------------------------------------- */

static bool has_tokens(const struct usage *u)
{
	return u->tokens_in != NUM_NONE || u->tokens_out != NUM_NONE || u->tokens_total != NUM_NONE;
}

static void take_tokens(struct usage *u, const struct usage *from)
{
	u->tokens_in = from->tokens_in;
	u->tokens_out = from->tokens_out;
	u->tokens_total = from->tokens_total;
}

void usage_end(const struct usage_reader *r, bool is_whole, struct usage *u)
{
	*u = r->told;
	if (is_whole && !has_tokens(u))
		take_tokens(u, has_tokens(&r->steps) ? &r->steps : &r->messages);
	if (is_whole && u->cost_usd < 0)
		u->cost_usd = r->steps.cost_usd;
	if (!u->session[0] || r->own_session)
		memcpy(u->session, r->steps.session, sizeof(u->session));
}
