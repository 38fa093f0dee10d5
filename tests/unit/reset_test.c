/* Moments as services write them, reckoned from 2026-11-21 12:00:00 UTC, a Saturday. */
#include "engine/reset.h"
#include "base/xalloc.h"
#include "base/zone.h"
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S 1795262400

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	return 0;
}

static void a_moment_is_found(void **state)
{
	static const struct {
		const char *text;
		const char *utc; /* YYYY-MM-DD HH:MM */
	} rows[] = {
	    {"1pm (Europe/Lisbon)", "2026-11-21 13:00"},
	    {"1am (Europe/Oslo)", "2026-11-22 00:00"},
	    {"12:50am (America/Los_Angeles)", "2026-11-22 08:50"},
	    {"6:40pm (Asia/Calcutta)", "2026-11-21 13:10"},
	    {"12pm", "2026-11-21 12:00"},
	    {"11:59 AM", "2026-11-22 11:59"},
	    {"12am", "2026-11-22 00:00"},
	    {"15:45", "2026-11-21 15:45"},
	    {"3:45:30 p.m.", "2026-11-21 15:45"},
	    {"9am EST", "2026-11-21 14:00"},
	    {"14:00 UTC+2", "2026-11-21 12:00"},
	    {"14:00 +05:30", "2026-11-22 08:30"},
	    {"noon", "2026-11-21 12:00"},
	    {"midnight", "2026-11-22 00:00"},
	    {"Sep 14, 5am (UTC)", "2027-09-14 05:00"},
	    {"Sep 1 at 12:00am", "2027-09-01 00:00"},
	    {"Dec 24", "2026-12-24 00:00"},
	    {"24 December", "2026-12-24 00:00"},
	    {"Feb 29 at 10am", "2027-03-01 10:00"},
	    {"May 26th, 2026 8:35 PM", "2026-05-26 20:35"},
	    {"2026-08-09 00:00 UTC", "2026-08-09 00:00"},
	    {"2026-11-30T10:15:20Z", "2026-11-30 10:15"},
	    {"11/17/2025", "2025-11-17 00:00"},
	    {"11/17/25", "2025-11-17 00:00"},
	    {"Monday", "2026-11-23 00:00"},
	    {"Mon 9am", "2026-11-23 09:00"},
	    {"Saturday 11am", "2026-11-28 11:00"},
	    {"Sat 1pm", "2026-11-21 13:00"},
	    {"5pm on Tuesday", "2026-11-24 17:00"},
	    {"tomorrow at 3pm", "2026-11-22 15:00"},
	    {"today 6pm", "2026-11-21 18:00"},
	    {"midnight Pacific Time", "2026-11-22 08:00"},
	    {"7 PM ET", "2026-11-22 00:00"},
	    {"Thu, 26 Nov 2026 14:00:00 GMT", "2026-11-26 14:00"},
	    {"the 1st of December", "2026-12-01 00:00"},
	    {"2026/11/22 at 03:12 UTC+8", "2026-11-21 19:12"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t at = reset_resolve(rows[i].text, NOW_S * INT64_C(1000));
		struct zone_date d = {0};
		char *got;

		if (at != NUM_NONE)
			assert_int_equal(zone_date_of("", at / 1000, &d), 0);
		got = xasprintf("%s = %04d-%02d-%02d %02d:%02d", rows[i].text, d.year, d.month,
		    d.day, d.hour, d.minute);
		if (strcmp(got + strlen(rows[i].text) + 3, rows[i].utc) != 0)
			fail_msg("%s, not %s", got, rows[i].utc);
		free(got);
	}
}

static void what_names_no_moment(void **state)
{
	static const char *const texts[] = {"", "soon", "5", "in a while", "25:00", "13pm", "3:75",
	    "1pm (Atlantis/City)", "1pm (../../etc/passwd)", "1pm (/etc/passwd)", "marvel 5",
	    /* No zones, though there is something of that name beside them. */
	    "1pm (America)", "1pm (leapseconds)"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++)
		if (reset_resolve(texts[i], NOW_S * INT64_C(1000)) != NUM_NONE)
			fail_msg("'%s' names a moment", texts[i]);
}

static void the_own_zone_goes_where_none_is_named(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	/* It is 21:00 there. */
	assert_int_equal(reset_resolve("10pm", NOW_S * INT64_C(1000)),
	    (NOW_S + 3600) * INT64_C(1000));
	assert_int_equal(reset_resolve("1pm UTC", NOW_S * INT64_C(1000)),
	    (NOW_S + 3600) * INT64_C(1000));
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	setenv("TZ", "UTC", 1);
}

/* Services tell minutes: one that is running is now, not tomorrow. */
static void this_very_minute_is_now(void **state)
{
	const int64_t now_t = NOW_S * INT64_C(1000);

	(void)state;
	assert_int_equal(reset_resolve("12pm", now_t + 59999), now_t);
	assert_int_equal(reset_resolve("12pm", now_t + 60000), now_t + 86400000);
	assert_int_equal(reset_resolve("12:00:00", now_t + 1000), now_t + 86400000);
	assert_int_equal(reset_resolve("Sat 12:00", now_t + 59999), now_t);
	assert_int_equal(reset_resolve("Nov 21, 12pm", now_t + 59999), now_t);
}

/* Where the system's files have only the newer names. */
static void older_names_of_zones_are_known(void **state)
{
	struct zone_date d = {.year = 2026, .month = 7, .day = 1, .hour = 12};
	int64_t old, now;

	(void)state;
	if (!zone_exists("Asia/Kolkata"))
		skip();
	assert_int_equal(zone_unix("Asia/Kolkata", &d, 0, &now), 0);
	assert_int_equal(zone_unix("Asia/Calcutta", &d, 0, &old), 0);
	assert_int_equal(old, now);
	assert_int_equal(zone_unix("America/Los_Angeles", &d, 0, &now), 0);
	assert_int_equal(zone_unix("PT", &d, 0, &old), 0);
	assert_int_equal(old, now);
}

static void clocks_change(void **state)
{
	struct zone_date d = {.year = 2026, .month = 3, .day = 29, .hour = 12};
	int64_t before, after;

	(void)state;
	assert_int_equal(zone_unix("Europe/Berlin", &d, 0, &after), 0);
	d.day = 28;
	assert_int_equal(zone_unix("Europe/Berlin", &d, 0, &before), 0);
	assert_int_equal(after - before, 23 * 3600);
}

static struct verdict told_at(enum attempt_class class, const char *text)
{
	struct verdict v = {.class = class, .retry_after_ms = NUM_NONE, .reset_at_t = NUM_NONE};

	snprintf(v.reset_text, sizeof(v.reset_text), "%s", text);
	reset_settle(&v, NOW_S * INT64_C(1000));
	return v;
}

/* What ends in seconds is a rate limit, what ends in hours a window, whatever it calls itself. */
static void a_limit_that_lasts_is_a_window(void **state)
{
	struct verdict v = told_at(CLASS_RATE_LIMIT, "2:00 PM");

	(void)state;
	assert_int_equal(v.class, CLASS_USAGE_LIMIT);
	assert_int_equal(v.reset_at_t, (NOW_S + 7200) * INT64_C(1000));
	v = told_at(CLASS_RATE_LIMIT, "12:05 PM");
	assert_int_equal(v.class, CLASS_RATE_LIMIT);
	assert_int_equal(v.reset_at_t, (NOW_S + 300) * INT64_C(1000));
	v = told_at(CLASS_RATE_LIMIT, "21 Oct 2026 07:28:00 GMT");
	assert_int_equal(v.class, CLASS_RATE_LIMIT);
	assert_int_equal(v.reset_at_t, NUM_NONE);
	v = told_at(CLASS_USAGE_LIMIT, "12:01 PM");
	assert_int_equal(v.class, CLASS_USAGE_LIMIT);
	assert_int_equal(v.reset_at_t, (NOW_S + 60) * INT64_C(1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_moment_is_found),
	    cmocka_unit_test(what_names_no_moment),
	    cmocka_unit_test(the_own_zone_goes_where_none_is_named),
	    cmocka_unit_test(this_very_minute_is_now),
	    cmocka_unit_test(older_names_of_zones_are_known),
	    cmocka_unit_test(clocks_change),
	    cmocka_unit_test(a_limit_that_lasts_is_a_window),
	};

	return cmocka_run_group_tests_name("reset", tests, setup, NULL);
}
