#include "view/screen/time_axis.h"
#include "base/clock.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE_S INT64_C(60)
#define HOUR_S INT64_C(3600)
#define DAY_S INT64_C(86400)

/* Half cells that a label and the gap behind it need. */
#define LABEL_ROOM 15
#define LABEL_ROOM_S 21 /* with its seconds */

static const int64_t scales[] = {
    1, 2, 5, 10, 15, 20, 25, 30, 40, 60, 90, 120, 180, 300, 600, 900, 1200, 1800, 3600};

static const int64_t steps[] = {5, 10, 15, 30, MINUTE_S, 2 * MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S,
    15 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 3 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S, DAY_S};

int time_axis_cell(const struct time_axis *x, int64_t t)
{
	int64_t end = x->from_t + x->scale_ms * x->cells;

	if (t < x->from_t)
		return -1;
	return t >= end ? x->cells : (int)((t - x->from_t) / x->scale_ms);
}

int64_t time_axis_begin(const struct time_axis *x, int cell)
{
	return x->from_t + x->scale_ms * cell;
}

int64_t time_scale_fit(int64_t span_ms, int cells)
{
	int64_t s = span_ms > 0 ? span_ms / 1000 / (cells > 0 ? cells + 1 : 1) + 1 : 1;

	return s > TIME_SCALE_MAX_S ? TIME_SCALE_MAX_S : s;
}

int64_t time_scale_next(int64_t scale_s, int by)
{
	size_t i;

	if (by > 0) {
		for (i = 0; i < ARRAY_LEN(scales); i++)
			if (scales[i] > scale_s)
				return scales[i];
		return TIME_SCALE_MAX_S;
	}
	for (i = ARRAY_LEN(scales); i-- > 0;)
		if (scales[i] < scale_s)
			return scales[i];
	return TIME_SCALE_MIN_S;
}

/* ---- labels ------------------------------------------------------------- */

/* Seconds between two labels. */
static int64_t label_step(const struct time_axis *x)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(steps); i++) {
		int64_t room = steps[i] % MINUTE_S ? LABEL_ROOM_S : LABEL_ROOM;

		if (2 * steps[i] * 1000 >= room * x->scale_ms)
			return steps[i];
	}
	return DAY_S;
}

/* Of the local day, also where its zone is no whole number of hours from UTC. -1: no such time. */
static int64_t second_of_day(int64_t t)
{
	char clock[CLOCK_HMS_LEN + 1];

	clock_hms(t, clock);
	if (clock[2] != ':')
		return -1;
	return atoi(clock) * HOUR_S + atoi(clock + 3) * MINUTE_S + atoi(clock + 6);
}

/* The first whole step of the local day, at `t` or behind it; INT64_MAX: there is no such time. */
static int64_t next_label_t(int64_t t, int64_t step_s)
{
	int64_t s = second_of_day(t), past = s % step_s, at;

	if (s < 0)
		return INT64_MAX;
	t -= t % 1000;
	if (past == 0)
		return t;
	at = t + (step_s - past) * 1000;
	/* A change of clocks on the way there: back on the step that is nearest. */
	s = second_of_day(at) % step_s;
	return s <= 0 ? at : s <= step_s / 2 ? at - s * 1000 : at + (step_s - s) * 1000;
}

static void write_label(int64_t t, int64_t step_s, char out[TIME_LABEL_SIZE])
{
	char text[CLOCK_TEXT_LEN + 1];

	clock_text(t, text);
	if (second_of_day(t) == 0)
		snprintf(out, TIME_LABEL_SIZE, "%.5s", text + 5);
	else
		snprintf(out, TIME_LABEL_SIZE, "%.*s", step_s % MINUTE_S ? 8 : 5, text + 11);
}

int time_axis_label(const struct time_axis *x, int cell, char out[TIME_LABEL_SIZE])
{
	int64_t step = label_step(x), begin = time_axis_begin(x, cell);
	/* A label of the cell's own second, or a later one. */
	int64_t t = next_label_t(begin % 1000 ? begin + 1000 : begin, step);

	if (t == INT64_MAX || time_axis_cell(x, t) >= x->cells)
		return x->cells;
	write_label(t, step, out);
	return time_axis_cell(x, t);
}
