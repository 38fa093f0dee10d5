/* One line of the record, built in place and written at once: no allocation, no stdio, since the
 * agent's half uses it between clone and exec. */
#ifndef AB_EXEC_SHIM_LINE_H
#define AB_EXEC_SHIM_LINE_H

#include <stddef.h>
#include <stdint.h>

struct line {
	size_t len;
	char text[2048];
};

/* Milliseconds of CLOCK_MONOTONIC or CLOCK_REALTIME. */
int64_t now_ms(int clock);

/* Opens the object with "ev", and with "t" and "m" of now. */
void line_begin(struct line *l, const char *ev);
void line_int(struct line *l, const char *key, int64_t v);
/* Any bytes: escaped, what is no UTF-8 becomes U+FFFD, cut where it is longer than a record
 * wants (500 bytes). */
void line_str(struct line *l, const char *key, const char *s);
/* Closes the object. */
void line_end(struct line *l);
/* Appends a closed line to `fd`. -1 with errno; part of it may be in the file then, so the next
 * write begins with a line feed. May be tried again with the same line. */
int line_write(const struct line *l, int fd);

#endif
