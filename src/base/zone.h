/* Dates and clock times in named time zones. Reads the system's zone files. */
#ifndef AB_BASE_ZONE_H
#define AB_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct zone_date {
	int year, month, day; /* 2026, 1..12, 1..31 */
	int hour, minute, second;
	int weekday; /* 0: Sunday; set by zone_date_of, not read by zone_unix */
};

/* Whether there is such a zone: "Europe/Oslo", "UTC", "EST", "+02:00"; older names too. "" is the
 * process's own ($TZ). Names come from output that is not ours: what could lead out of the zone
 * files is none. */
bool zone_exists(const char *zone);

/* Unix seconds of a date in that zone; days and hours beyond their range carry over. A time that a
 * change of clocks skips is taken as if it had not; one that comes twice is the earlier, or the later
 * where only that is not before from_s. -1: no such zone or date. */
int zone_unix(const char *zone, const struct zone_date *d, int64_t from_s, int64_t *unix_s);
int zone_date_of(const char *zone, int64_t unix_s, struct zone_date *out);

#endif
