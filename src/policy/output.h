/* What an agent's output says of its end: the machine's word first, then the error line nearest the
 * end. All return false, and leave the verdict alone, where it says nothing. */
#ifndef AB_POLICY_OUTPUT_H
#define AB_POLICY_OUTPUT_H

#include "policy/error_line.h"
#include "policy/machine.h"
#include "policy/verdict.h"

#include <stdbool.h>
#include <stddef.h>

/* All of it. What the machine said is in `o`, whether or not it decides. */
bool output_judge(const struct scan *s, struct outcome *o, struct verdict *v);
/* Its text alone, from the piece `from` on. */
bool output_judge_text(const struct scan *s, size_t from, struct verdict *v);
/* An error event: its class is the event's own, else what its words say, else what the profile says
 * of the exit status, else the task's. */
void output_judge_error(const struct scan *s, const struct outcome *o, struct verdict *v);
/* Some programs hand an error out as the answer: believed where it is nothing but an error. */
bool output_judge_answer(const struct scan *s, const struct outcome *o, struct verdict *v);

#endif
