/* When a window resets that a service told as a clock time or date. */
#ifndef AB_ENGINE_RESET_H
#define AB_ENGINE_RESET_H

#include "policy/verdict.h"

#include <stdint.h>

/* The moment that `text` names, in Unix milliseconds, reckoned from `now_t`: a clock time is its
 * next occurrence, a weekday or a date without a year the next such, a date with a year exactly
 * that; without a time of day it is midnight. The zone is the text's, else the process's own.
 * NUM_NONE: it names none, or a zone that is not known. */
int64_t reset_resolve(const char *text, int64_t now_t);

/* Settles what hangs on the moment `now_t` at which the output ended: `reset_at_t`, however it was
 * told, and whether a rate limit that was told to end then is a window. One that is over already
 * tells nothing. */
void reset_settle(struct verdict *v, int64_t now_t);

#endif
