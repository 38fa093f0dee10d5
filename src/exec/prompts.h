/* What an agent program is told that plays a role: a text for people to read and write,
 * agent-batch/prompts/ROLE.md of the user's configuration, or else the one that came with the program.
 * The request stands where it says {request}; no other brace means anything in it. */
#ifndef AB_EXEC_PROMPTS_H
#define AB_EXEC_PROMPTS_H

#include "base/buf.h"
#include "base/err.h"
#include "model/solve.h"

/* Appends the role's text. -1: it is not there, cannot be read, or has no {request}; err names the
 * file and says what to do. */
int prompt_load(enum solve_role role, struct buf *text, struct err *err);

/* Appends the whole prompt: `text` with the request in it (formats/role_request.h), and behind it why
 * the last reply could not be used; NULL: there was none. Nothing in these two is filled again. */
void prompt_fill(struct buf *out, const char *text, const char *request, const char *feedback);

#endif
