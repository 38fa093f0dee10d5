/* Whether a program can be run, asked before anything depends on it. */
#ifndef AB_EXEC_PROGRAM_H
#define AB_EXEC_PROGRAM_H

#include "base/err.h"

/* Where `program` lies: as execvp looks for it on the PATH, or, with a '/', from `base` on. A
 * malloc'ed path; NULL: it cannot be run, and err says why ("cannot run 'x': no such program on the
 * PATH"). */
char *program_find(const char *program, const char *base, struct err *err);

#endif
