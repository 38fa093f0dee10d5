#include "policy/session.h"

#include <string.h>

#define SESSION_MAX 200

/* What came out of an agent becomes a word of a command: no option, no path, no blank. */
static bool is_safe(const char *session)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_.:-";
	size_t n = strlen(session);

	return n > 0 && n <= SESSION_MAX && strspn(session, good) == n && session[0] != '-' &&
	    session[0] != '.';
}

/* What ended it left the session as it was. */
static bool is_cut_short(enum attempt_class c)
{
	return c == CLASS_RATE_LIMIT || c == CLASS_USAGE_LIMIT || c == CLASS_TRANSIENT ||
	    c == CLASS_MAX_TURNS;
}

const char *session_to_resume(const struct attempt *last, const char *account)
{
	if (!last || !last->has_verdict || !is_cut_short(last->class) || !last->session ||
	    !last->account || strcmp(last->account, account) != 0 || !is_safe(last->session))
		return NULL;
	return last->session;
}

bool session_is_gone(const struct attempt *at)
{
	return at->is_resumed && at->class == CLASS_CONFIG;
}

void session_add_use(const struct agent *a, const char *session, uint32_t n, struct usage *sum)
{
	uint32_t i;

	for (i = 0; i < a->nr_attempts; i++) {
		const struct attempt *at = &a->attempts[i];

		if (at->n < n && at->has_verdict && at->session &&
		    strcmp(at->session, session) == 0)
			usage_add(sum, at->cost_usd, at->tokens_in, at->tokens_out,
			    at->tokens_total);
	}
}
