/* Spans of time as people read them: 0:05, 3:41, 1:12:07, 2d 4h. */
#ifndef AB_VIEW_DURATION_H
#define AB_VIEW_DURATION_H

#include <stdint.h>

#define DURATION_SIZE 24

/* Elapsed time, cut to whole seconds; a negative span is 0:00. Returns `out`. */
const char *duration_text(int64_t ms, char out[DURATION_SIZE]);
/* Time left until `until_ms`: rounded up, so that 0:00 is shown only when it is over. */
const char *duration_left(int64_t until_ms, int64_t now_ms, char out[DURATION_SIZE]);
/* Always hours, as in a report: 00:35:07; days are hours. */
const char *duration_clock(int64_t ms, char out[DURATION_SIZE]);

#endif
