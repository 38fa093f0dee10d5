/* Which rows work in one and the same directory, by whatever names they reach it. */
#ifndef AB_FORMATS_WORKDIRS_H
#define AB_FORMATS_WORKDIRS_H

#include "model/options.h"
#include "model/task.h"

#include <stdint.h>

/* For each row the number of its working directory, from 0 in the order of the file; malloc'ed. One
 * that cannot be looked at is known by its path. */
uint32_t *workdirs_number(const struct options *o, const struct tasks *ts);

#endif
