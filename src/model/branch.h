/* Branches: the siblings that --branch forks a cycle into, the same rows run in several ways at
 * once. Pure. */
#ifndef AB_MODEL_BRANCH_H
#define AB_MODEL_BRANCH_H

#include "model/options.h"
#include "model/task.h"

#include <stdbool.h>
#include <stdint.h>

#define BRANCH_NAME_SIZE 33 /* with the NUL */
#define BRANCHES_MAX 16 /* of one run */

/* Letters, digits, '-', '_' and '.', the first one a letter or digit, at most 32. */
bool branch_name_is_good(const char *name);
/* "NAME: FLAGS" split: where FLAGS begin, behind the blanks; NULL: it is not of that form. */
const char *branch_split(const char *text, char name[BRANCH_NAME_SIZE]);
/* Of the branches' names; NR: none has it. */
uint32_t branch_find(const struct options *o, const char *name);

/* The part of the run's job slots (0: no bound) that the branch in place `i` of `nr` has: shares
 * that add up to all of them, the first ones one more, none less than 1. */
int branch_jobs(int jobs, uint32_t nr, uint32_t i);

/* Gives all rows what the options of a branch say in place of their own agent, model and
 * context_path. */
void branch_set_rows(const struct options *o, struct tasks *ts);
/* The prompt that a row's text makes with the template: every {task} in it stands for the text, {{
 * and }} for braces. malloc'ed. */
char *branch_fill_task(const char *task_template, const char *text);
/* Whether {task} is in it, and no other placeholder. */
bool branch_template_is_good(const char *task_template);

#endif
