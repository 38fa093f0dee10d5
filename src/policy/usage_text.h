/* What programs without JSON tell of their usage: a line of text each. For usage.c. */
#ifndef AB_POLICY_USAGE_TEXT_H
#define AB_POLICY_USAGE_TEXT_H

#include "policy/usage.h"

void usage_text_line(struct usage_reader *r, const char *p, size_t n);
/* Whether it can name a session, and be an argument that no program takes for an option. */
bool usage_is_session(const char *p, size_t n);

#endif
