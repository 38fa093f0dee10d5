/* What commands write to stdout and stderr.
 *
 * A reader that went away (a closed pipe) ends the output, not the command: writes after that are
 * dropped. SIGPIPE is ignored by main. */
#ifndef AB_CLI_PRINT_H
#define AB_CLI_PRINT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes to stdout as it is. 0; -1 when nobody reads any more or the disk is full. */
int print_mem(const void *p, size_t n);
int print_buf(const struct buf *b);
int print_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Whether stdout took everything so far. */
bool print_is_broken(void);
/* What a command returns after its output: 0, or EXIT_INTERNAL with a line on stderr when the
 * output could not be written (a full disk; a reader that left is no fault). */
int print_status(void);

/* The same for a command that has a status of its own: 0 becomes EXIT_INTERNAL, another one stays. */
int print_status_or(int code);

/* One line on stderr, "agent-batch: ...", made harmless for terminals. Returns `code`, so that
 * `return fail(EXIT_USAGE, ...)` reads well. */
int fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a text that begins with its place, FILE:LINE:COL: as compilers write it, so that
 * editors find there. */
int fail_at(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As fail, for what is no failure. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A note that begins with "warning: ", for those who are handed somebody to tell. */
void note_warning(void *unused, const char *text);

#endif
