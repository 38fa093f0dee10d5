/* Which batch a command speaks of. */
#ifndef AB_CLI_TARGET_H
#define AB_CLI_TARGET_H

#include "cli/options.h"
#include "formats/run_reader.h"

/* Opens the run of a BATCH argument (NULL: the newest). `*chosen` is the batch that was named: for
 * NULL the run's living or last one. 0, or an exit status after a line on stderr. */
int target_open(const struct cli_args *args, const char *arg, struct run_reader *run,
    struct batch_reader **chosen);
/* The same without reading it: only where it is. */
int target_find(const struct cli_args *args, const char *arg, struct batch_dir *dir);
/* The batch of that name; where the run has none, its living or last one. */
struct batch_reader *run_reader_named(const struct run_reader *run, const char *name);
/* For commands that take at most one BATCH and nothing else. */
int target_open_only(const struct cli_args *args, struct run_reader *run,
    struct batch_reader **chosen);

#endif
