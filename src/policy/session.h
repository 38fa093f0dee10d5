/* Whether a retry goes on with the agent's own session instead of starting over. Pure. */
#ifndef AB_POLICY_SESSION_H
#define AB_POLICY_SESSION_H

#include "model/batch.h"
#include "policy/usage.h"

#include <stdbool.h>
#include <stdint.h>

/* The session that an attempt behind this one, on the same account, goes on with; borrowed from it.
 * NULL: it starts afresh, since this one ended by something that a session does not outlive, told
 * none, or told one that is no safe word of a command. */
const char *session_to_resume(const struct attempt *last, const char *account);

/* It was to go on with a session, and that could not even be begun: a fresh one may. */
bool session_is_gone(const struct attempt *at);

/* Adds to *sum what the row's attempts before number n used with that session. */
void session_add_use(const struct agent *a, const char *session, uint32_t n, struct usage *sum);

#endif
