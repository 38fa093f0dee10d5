/* What in a run, or in all batches there are, would hurt: read only. */
#ifndef AB_FORMATS_HEALTH_RUN_H
#define AB_FORMATS_HEALTH_RUN_H

#include "base/findings.h"
#include "formats/run_reader.h"

/* One run: damaged or missing files, unreadable lines, directories that are gone, who conducts it. */
void health_of_run(const struct run_reader *run, struct findings *f);
/* The newest batches of a batches directory: those that nobody conducts any more, and what is no
 * batch. A directory that is not there has none. */
void health_of_batches(const char *batches_dir, struct findings *f);

#endif
