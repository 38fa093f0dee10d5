/* The command that is told how a run stands: its summary in the environment, the report as JSON on
 * stdin. No shell reads it. */
#ifndef AB_CLI_NOTIFY_H
#define AB_CLI_NOTIFY_H

#include "base/err.h"
#include "formats/run_reader.h"

struct notify {
	char **words; /* as a shell would split them; NULL: no command */
	size_t nr;
};

/* Splits the command and looks for its program. -1: it cannot be run. */
int notify_init(struct notify *n, const char *command, struct err *err);
void notify_release(struct notify *n);
/* Runs it, in a session of its own, and waits for its end; what it prints goes to `out_fd`. `code`:
 * how the run ended, as an exit status of launch. -1: it could not be started, or did not end with
 * 0; err says which. */
int notify_run(const struct notify *n, const struct run_reader *run, int code, int out_fd,
    struct err *err);

#endif
