#include "policy/usage_text.h"
#include "model/event.h"

#include <string.h>

#define MAX_LINE 512 /* none of these lines is longer */
#define MAX_COUNT 1e15

bool usage_is_session(const char *p, size_t n)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t i;

	if (n == 0 || n >= SESSION_SIZE || !strchr(letters, p[0]))
		return false;
	for (i = 0; i < n; i++)
		if (!p[i] || !(strchr(letters, p[i]) || strchr("-_.:", p[i])))
			return false;
	return true;
}

/* ---- a line, read from left to right ------------------------------------ */

struct cursor {
	const char *p, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

/* Takes the text where it stands next. */
static bool take(struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(c->end - c->p) < n || memcmp(c->p, text, n) != 0)
		return false;
	c->p += n;
	return true;
}

/* "638", "12,345", "1.2k", "0.05": one number. */
static bool take_number(struct cursor *c, double *out)
{
	double value = 0, unit = 0;
	const char *from = c->p;

	for (; c->p < c->end; c->p++) {
		if (*c->p >= '0' && *c->p <= '9') {
			value = value * 10 + (*c->p - '0');
			unit *= 10;
		} else if (*c->p == '.' && unit == 0 && c->p > from) {
			unit = 1;
		} else if (*c->p != ',' || unit != 0 || c->p + 1 >= c->end || c->p[1] < '0' ||
		    c->p[1] > '9') {
			break;
		}
	}
	if (c->p == from || *from == ',')
		return false;
	if (unit > 0)
		value /= unit;
	if (take(c, "k") || take(c, "K"))
		value *= 1e3;
	else if (take(c, "m") || take(c, "M"))
		value *= 1e6;
	*out = value;
	return value <= MAX_COUNT;
}

static bool take_count(struct cursor *c, int64_t *out)
{
	double value;

	if (!take_number(c, &value))
		return false;
	*out = (int64_t)(value + 0.5);
	return true;
}

static bool is_at_end(struct cursor *c)
{
	skip_blanks(c);
	return c->p >= c->end;
}

/* ---- the programs' lines ------------------------------------------------ */

static void add_counts(struct usage *sum, int64_t in, int64_t out)
{
	sum->tokens_in = (sum->tokens_in == NUM_NONE ? 0 : sum->tokens_in) + in;
	sum->tokens_out = (sum->tokens_out == NUM_NONE ? 0 : sum->tokens_out) + out;
}

/* aider: "Cost: $0.05 message, $0.10 session." The session's is the sum. */
static void read_aider_cost(struct usage_reader *r, struct cursor c)
{
	double cost;

	while (c.p < c.end) {
		if (*c.p++ != '$')
			continue;
		if (take_number(&c, &cost) && take(&c, " session"))
			r->steps.cost_usd = cost;
	}
}

/* aider: "Tokens: 2.4k sent, 1.9k cache write, 129 received. Cost: ..." */
static bool read_aider(struct usage_reader *r, struct cursor c)
{
	int64_t n, in = NUM_NONE, out = NUM_NONE;

	if (!take(&c, "Tokens: "))
		return false;
	for (;;) {
		skip_blanks(&c);
		if (!take_count(&c, &n))
			break;
		if (take(&c, " sent"))
			in = n;
		else if (take(&c, " received"))
			out = n;
		else if (!take(&c, " cache write") && !take(&c, " cache hit"))
			break;
		if (!take(&c, ","))
			break;
	}
	if (in == NUM_NONE || out == NUM_NONE)
		return false;
	add_counts(&r->steps, in, out);
	read_aider_cost(r, c);
	return true;
}

/* llm -u: "Token usage: 8 input, 62 output" */
static bool read_llm(struct usage_reader *r, struct cursor c)
{
	int64_t in, out;

	if (!take(&c, "Token usage: ") || !take_count(&c, &in) || !take(&c, " input, ") ||
	    !take_count(&c, &out) || !take(&c, " output"))
		return false;
	add_counts(&r->steps, in, out);
	return true;
}

/* copilot: "claude-sonnet-4.6   919.2k in, 7.3k out, 868.1k cached (Est. 1 Premium request)" */
static bool read_copilot_model(struct usage_reader *r, struct cursor c)
{
	int64_t in, out;

	while (c.p < c.end && *c.p != ' ')
		c.p++;
	skip_blanks(&c);
	if (!take_count(&c, &in) || !(take(&c, " input, ") || take(&c, " in, ")) ||
	    !take_count(&c, &out) || !(take(&c, " output") || take(&c, " out")))
		return false;
	add_counts(&r->steps, in, out);
	return true;
}

/* copilot, later: "Tokens    ↑ 45.2k • ↓ 512 • 30.1k (cached)" */
static bool read_copilot_arrows(struct usage_reader *r, struct cursor c)
{
	int64_t in, out;

	if (!take(&c, "Tokens"))
		return false;
	skip_blanks(&c);
	if (!take(&c, "\xe2\x86\x91 ") || !take_count(&c, &in) || !take(&c, " \xe2\x80\xa2 ") ||
	    !take(&c, "\xe2\x86\x93 ") || !take_count(&c, &out))
		return false;
	r->steps.tokens_in = in;
	r->steps.tokens_out = out;
	return true;
}

static bool read_copilot(struct usage_reader *r, struct cursor c)
{
	struct cursor heading = c;

	if (take(&heading, "Breakdown by AI model") || take(&heading, "Usage by model")) {
		r->in_models = true;
		r->steps.tokens_in = r->steps.tokens_out = NUM_NONE;
		return true;
	}
	if (r->in_models) {
		r->in_models = read_copilot_model(r, c);
		return r->in_models;
	}
	return read_copilot_arrows(r, c);
}

/* codex: "tokens used" and the number below it, or behind a colon in older ones. */
static bool read_codex(struct usage_reader *r, struct cursor c)
{
	bool was_announced = r->after_total;
	int64_t n;

	r->after_total = false;
	if (was_announced && take_count(&c, &n) && is_at_end(&c)) {
		r->told.tokens_total = n;
		return true;
	}
	if (!take(&c, "tokens used"))
		return false;
	if (take(&c, ":")) {
		skip_blanks(&c);
		if (take_count(&c, &n) && is_at_end(&c))
			r->told.tokens_total = n;
	} else {
		r->after_total = is_at_end(&c);
	}
	return true;
}

/* codex and goose, at the beginning. */
static bool read_session(struct usage_reader *r, struct cursor c)
{
	size_t n;

	if (r->steps.session[0] || !take(&c, "session id: "))
		return false;
	skip_blanks(&c);
	n = (size_t)(c.end - c.p);
	if (!usage_is_session(c.p, n))
		return false;
	memcpy(r->steps.session, c.p, n);
	r->steps.session[n] = '\0';
	return true;
}

void usage_text_line(struct usage_reader *r, const char *p, size_t n)
{
	static bool (*const readers[])(struct usage_reader * r, struct cursor c) = {
	    read_codex, read_session, read_aider, read_llm, read_copilot};
	struct cursor c = {p, p + n};
	size_t i;

	if (n > MAX_LINE)
		return;
	skip_blanks(&c);
	while (c.end > c.p && (c.end[-1] == ' ' || c.end[-1] == '\r'))
		c.end--;
	for (i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (readers[i](r, c))
			return;
}
