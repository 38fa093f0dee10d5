/* Inside of formats/plan.c: what a tasks file may say, and a plan may not, since nobody looks at it
 * before it runs. */
#ifndef AB_FORMATS_PLAN_CHECK_H
#define AB_FORMATS_PLAN_CHECK_H

#include "base/err.h"
#include "base/map.h"
#include "formats/plan.h"

/* Rows depend on what has completed; they depend on whose results they use; and no column is one of
 * ours by another name, which would be kept and mean nothing. `known`: id -> index in opts->known.
 * -1: err begins with "reply:LINE: ". */
int plan_check(const struct tasks *ts, const struct plan_opts *opts, const struct map *known,
    struct err *err);

#endif
