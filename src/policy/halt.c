#include "policy/halt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Moves behind `word` where the text begins with it. */
static bool take_word(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

static int take_when(const char **s, struct halt_rule *r)
{
	r->is_now = take_word(s, "now,");
	return r->is_now || take_word(s, "soon,") ? 0 : -1;
}

static int take_what(const char **s, struct halt_rule *r)
{
	static const struct {
		const char *word;
		enum halt_on on;
	} whats[] = {{"fail=", HALT_FAIL}, {"success=", HALT_SUCCESS}, {"done=", HALT_DONE}};
	size_t i;

	for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
		if (take_word(s, whats[i].word)) {
			r->on = whats[i].on;
			return 0;
		}
	return -1;
}

/* Digits only, with a point in a percentage: strtod would take signs, hex and inf. */
static int take_number(const char *s, struct halt_rule *r)
{
	size_t len = strlen(s);
	char *end;

	r->is_percent = len > 0 && s[len - 1] == '%';
	if (r->is_percent)
		len--;
	if (len == 0 || len > 9 || strspn(s, r->is_percent ? "0123456789." : "0123456789") < len ||
	    s[0] == '.' || s[len - 1] == '.')
		return -1;
	r->n = strtod(s, &end);
	return end == s + len && r->n > 0 && (!r->is_percent || r->n <= 100) ? 0 : -1;
}

/* The short forms that GNU parallel goes on to take. */
static const char *in_full(const char *text)
{
	static const char *const forms[][2] = {{"0", "never"}, {"1", "soon,fail=1"},
	    {"2", "now,fail=1"}, {"-1", "soon,success=1"}, {"-2", "now,success=1"}};
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(text, forms[i][0]) == 0)
			return forms[i][1];
	return text;
}

int halt_parse(const char *text, struct halt_rule *out)
{
	struct halt_rule r = {HALT_NEVER, false, false, 0};
	size_t len;

	text = in_full(text ? text : "never");
	len = strlen(text);
	if (len > 0 && text[len - 1] == '%' && strspn(text, "0123456789.") == len - 1)
		r.on = HALT_FAIL; /* 10%: soon,fail=10% */
	else if (strcmp(text, "never") != 0 &&
	    (take_when(&text, &r) < 0 || take_what(&text, &r) < 0))
		return -1;
	if (r.on != HALT_NEVER && take_number(text, &r) < 0)
		return -1;
	*out = r;
	return 0;
}

/* Of the status since then: what was taken up again is not negative. */
static uint32_t since(const struct batch *b, enum agent_status s)
{
	return b->counts[s] > b->counts_then[s] ? b->counts[s] - b->counts_then[s] : 0;
}

static uint32_t count(const struct halt_rule *r, const struct batch *b)
{
	switch (r->on) {
	case HALT_FAIL:
		return since(b, AGENT_FAILED);
	case HALT_SUCCESS:
		return since(b, AGENT_COMPLETED);
	case HALT_DONE:
		return since(b, AGENT_FAILED) + since(b, AGENT_COMPLETED);
	case HALT_NEVER:
		break;
	}
	return 0;
}

bool halt_is_reached(const struct halt_rule *r, const struct batch *b, char *why, size_t size)
{
	static const char *const ended[] = {"", "failed", "completed", "ended"};
	uint32_t n = r->on == HALT_NEVER ? 0 : count(r, b);
	const char *when = r->is_now ? "now" : "soon";
	static const char *const what[] = {"", "fail", "success", "done"};

	if (n == 0)
		return false;
	if (r->is_percent ? n * 100.0 < r->n * b->nr_agents : n < r->n)
		return false;
	snprintf(why, size, "--halt %s,%s=%.9g%s: %u of %u agents %s", when, what[r->on], r->n,
	    r->is_percent ? "%" : "", n, b->nr_agents, ended[r->on]);
	return true;
}
