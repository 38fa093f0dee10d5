/* Where a row's agent works, and where its output file lies. */
#ifndef AB_FORMATS_TASK_PATHS_H
#define AB_FORMATS_TASK_PATHS_H

#include "model/options.h"
#include "model/task.h"

/* The row's working directory and output file, absolute; malloc'ed. output: NULL if none asked. */
char *task_directory(const struct options *o, const struct tasks *ts, const struct task *t);
char *task_output_path(const struct options *o, const struct tasks *ts, const struct task *t);
/* What a relative context_path begins at: where launch was called. Borrowed. */
const char *task_base_dir(const struct options *o);

#endif
