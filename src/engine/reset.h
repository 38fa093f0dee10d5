/* When a window resets that a service told as a clock time or date. */
#ifndef AB_ENGINE_RESET_H
#define AB_ENGINE_RESET_H

#include "policy/classify.h"

#include <stdint.h>

/* The moment that `text` names, in Unix milliseconds, reckoned from `now_t`: a clock time is its
 * next occurrence, a weekday or a date without a year the next such, a date with a year exactly
 * that; without a time of day it is midnight. The zone is the text's, else the process's own.
 * NUM_NONE: it names none, or a zone that is not known. */
int64_t reset_resolve(const char *text, int64_t now_t);

/* When the window resets by a verdict that was given at `now_t`, however it was told. */
int64_t reset_of_verdict(const struct verdict *v, int64_t now_t);

#endif
