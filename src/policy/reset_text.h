/* A moment as a service writes it: "1pm (Europe/Lisbon)", "Sep 14, 5am (UTC)", "2026-08-09 00:00
 * UTC", "Monday 9am", "tomorrow at 3:45pm". Pure: what is not said stays unsaid. */
#ifndef AB_POLICY_RESET_TEXT_H
#define AB_POLICY_RESET_TEXT_H

#define RESET_UNSAID (-1)
#define RESET_ZONE_SIZE 65

struct reset_text {
	int year, month, day; /* month 1..12 */
	int weekday; /* 0: Sunday */
	int days_ahead; /* today 0, tomorrow 1 */
	int hour, minute, second;
	char zone[RESET_ZONE_SIZE]; /* as it was written; "": none */
};

/* -1: it says neither a day nor a time. */
int reset_text_parse(const char *s, struct reset_text *out);

#endif
