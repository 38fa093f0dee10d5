/* Hostile output to what reads usage and answers. The first byte chooses the size of the pieces and
 * where the answer is said to be: what is found must not depend on how the bytes came in. */
#include "fuzz/check.h"
#include "policy/harvest.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void harvest_in_pieces(const struct answer_finder *finder,
    const struct profile_event *session, const char *p, size_t n, size_t step, struct harvest *h,
    struct usage *u, const char **answer)
{
	size_t at;

	harvest_begin(h, finder, false);
	harvest_session_from(h, session);
	for (at = 0; at < n; at += step)
		harvest_feed(h, p + at, n - at < step ? n - at : step);
	*answer = harvest_end(h, u);
}

static void check_session(const char *s)
{
	CHECK(memchr(s, '\0', SESSION_SIZE));
	CHECK(s[0] != '-' && !strpbrk(s, " \n\033'\"$"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct answer_finder *finders[5];
	static struct profile profiles[5] = {
	    {.answer = {.way = ANSWER_EVENTS}},
	    {.answer = {.way = ANSWER_EVENT, .type = (char *)"text", .field = (char *)"part.text"},
		.session = {(char *)"step_start", (char *)"part.sessionID"}},
	    {.answer = {.way = ANSWER_TEXT,
		 .after = (char *)"^codex",
		 .until = (char *)"^tokens",
		 .skip = (char *)"(a+)+$"}},
	    {.answer = {.way = ANSWER_TEXT}},
	    {.answer = {.way = ANSWER_NONE}},
	};
	const char *p = (const char *)data + 1, *whole, *parts;
	struct harvest a, b;
	struct usage ua, ub;
	size_t i;

	if (size == 0)
		return 0;
	for (i = 0; i < 5 && !finders[i]; i++)
		finders[i] = answer_finder_new(&profiles[i], NULL);
	i = data[0] % 5;
	harvest_in_pieces(finders[i], &profiles[i].session, p, size - 1, size, &a, &ua, &whole);
	harvest_in_pieces(finders[i], &profiles[i].session, p, size - 1, 1 + data[0] / 5, &b, &ub,
	    &parts);
	check_session(ua.session);
	CHECK(ua.tokens_in == ub.tokens_in && ua.tokens_out == ub.tokens_out);
	CHECK(ua.turns == ub.turns && ua.tokens_total == ub.tokens_total);
	CHECK((ua.cost_usd < 0 && ub.cost_usd < 0) || ua.cost_usd == ub.cost_usd);
	CHECK(strcmp(ua.session, ub.session) == 0);
	CHECK(!whole == !parts && (!whole || strcmp(whole, parts) == 0));
	harvest_release(&a);
	harvest_release(&b);
	return 0;
}
