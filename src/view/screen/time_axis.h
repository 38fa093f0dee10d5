/* Time as columns: which cell a moment is in, how much time a cell is, and where clock times are
 * written above them. Pure; Unix milliseconds. */
#ifndef AB_VIEW_TIME_AXIS_H
#define AB_VIEW_TIME_AXIS_H

#include <stdint.h>

#define TIME_SCALE_MIN_S 1
#define TIME_SCALE_MAX_S 3600

/* Cell k is [from_t + k * scale_ms, from_t + (k + 1) * scale_ms). */
struct time_axis {
	int64_t from_t;
	int64_t scale_ms;
	int cells;
};

/* May be before the first cell or behind the last one: -1 and `cells` stand for all of those. */
int time_axis_cell(const struct time_axis *x, int64_t t);
/* The moment at which a cell begins. */
int64_t time_axis_begin(const struct time_axis *x, int cell);

/* The finest scale, in seconds, that has the end of a span in cell `cells` or before it. */
int64_t time_scale_fit(int64_t span_ms, int cells);
/* The next round one; by 1: coarser, by -1: finer. */
int64_t time_scale_next(int64_t scale_s, int by);

#define TIME_LABEL_SIZE 12
/* The first label at or behind `cell`: 23:15, 23:15:10 where cells are fine, 11-22 at midnight.
 * Returns its cell, or `cells` where none is left. */
int time_axis_label(const struct time_axis *x, int cell, char out[TIME_LABEL_SIZE]);

#endif
