/* results.json: at the end of a run, in the original batch, each id's best result and whence. */
#ifndef AB_FORMATS_RESULTS_H
#define AB_FORMATS_RESULTS_H

#include "base/err.h"
#include "formats/run_reader.h"

#define RESULTS_NAME "results.json"

/* Written before the `end` event that it must not follow; `state` is how the run ends. */
int results_write(const struct run_reader *r, enum end_state state, struct err *err);

#endif
