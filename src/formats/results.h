/* results.json: at the end of a run, in the original batch, each id's best result and whence. */
#ifndef AB_FORMATS_RESULTS_H
#define AB_FORMATS_RESULTS_H

#include "base/err.h"
#include "formats/run_reader.h"

#define RESULTS_NAME "results.json"

int results_write(const struct run_reader *r, struct err *err);

#endif
