/* A program of the user's beside the agents: whether it can be run, asked before anything depends on
 * it, and running it. */
#ifndef AB_EXEC_PROGRAM_H
#define AB_EXEC_PROGRAM_H

#include "base/err.h"

/* Where `program` lies: on the PATH, as agents are looked for, or, with a '/', from `base` on, the
 * directory where it will be started (relative elements of the PATH begin there, too). A malloc'ed path; NULL: it cannot be run, and err says why ("cannot run 'x': no such program on the
 * PATH"). */
char *program_find(const char *program, const char *base, struct err *err);

/* Runs words[0] (NULL behind the last word) by the PATH, with this process's environment, in a session
 * of its own and with default signals, and waits for its end. `in_fd` is its stdin, `out_fd` its stdout
 * and stderr; both stay the caller's. -1: it could not be started, or did not end with 0; err says
 * which. Not for the conductor, whose loop reaps. */
int program_run(char **words, int in_fd, int out_fd, struct err *err);

#endif
