/* When the lines of a log have come. Agents' logs have no times in them, so it is only known as
 * closely as somebody looked: a file that had so many bytes at some time holds what came until
 * then, and an attempt's output comes between its start and its end. */
#ifndef AB_VIEW_LOG_TIMES_H
#define AB_VIEW_LOG_TIMES_H

#include "model/batch.h"

#include <stddef.h>
#include <stdint.h>

#define LOG_TIMES_MAX 4096
/* Looks are kept apart by so much, in milliseconds. */
#define LOG_TIMES_GAP 1000

struct log_look {
	int64_t size, t; /* bytes, Unix ms */
	int64_t still_t; /* it had no more at this time */
};

/* Begins as {0}. */
struct log_times {
	struct log_look *v;
	size_t nr, cap;
};

void log_times_release(struct log_times *lt);
void log_times_clear(struct log_times *lt);
/* The file had so many bytes when it was changed last. */
void log_times_saw(struct log_times *lt, int64_t size, int64_t t);
/* At this time it had no more than so many bytes. */
void log_times_still(struct log_times *lt, int64_t size, int64_t t);

/* "23:51:58": then, give or take two seconds. "<23:51:58": not later; ">23:51:58": not earlier. */
#define LOG_TIME_LEN 9
/* Of the line that begins at `at`; "" when nothing is known. */
void log_times_text(const struct log_times *lt, const struct agent *a, int64_t at,
    char out[LOG_TIME_LEN + 1]);

#endif
