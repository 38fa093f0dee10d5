/* Lines of a log that somebody has marked, by where they begin. */
#ifndef AB_VIEW_LOG_MARKS_H
#define AB_VIEW_LOG_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins as {0}. */
struct log_marks {
	int64_t *v; /* in order */
	size_t nr, cap;
};

void log_marks_release(struct log_marks *m);
void log_marks_clear(struct log_marks *m);
bool log_marks_has(const struct log_marks *m, int64_t at);
/* Marks it, or no longer; tells which. */
bool log_marks_toggle(struct log_marks *m, int64_t at);

#endif
