/* Estimates, money, counts and sizes in the few columns a screen has. All write into the caller's
 * array and return it. */
#ifndef AB_VIEW_UNITS_H
#define AB_VIEW_UNITS_H

#include <stdint.h>

#define UNITS_SIZE 32

/* An estimate: 40s, 18m, 2h 5m, 3d 4h. */
const char *estimate_text(int64_t ms, char out[UNITS_SIZE]);
/* A range of estimates: 12-31m; 50s-3m where the units differ. */
const char *estimate_range(int64_t from_ms, int64_t to_ms, char out[UNITS_SIZE]);
/* $12.84, $1234.50. */
const char *money_text(double usd, char out[UNITS_SIZE]);
/* The same without the sign, in at most 5 columns: 0.31, 12.84, 123.4, 1234, 120k. */
const char *money_short(double usd, char out[UNITS_SIZE]);
/* 950, 4.1k, 41k, 4.1M. */
const char *count_text(int64_t n, char out[UNITS_SIZE]);
/* 950 B, 1.2 MiB. */
const char *bytes_text(int64_t n, char out[UNITS_SIZE]);

/* One start every so many milliseconds as a rate: 3.7/s, 12/min, 4/h. */
const char *pace_text(int64_t pace_ms, char out[UNITS_SIZE]);

#endif
