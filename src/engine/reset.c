#include "engine/reset.h"
#include "base/zone.h"
#include "model/event.h"
#include "policy/reset_text.h"

#include <stdbool.h>

static bool is_said(int v)
{
	return v != RESET_UNSAID;
}

/* The first moment at or after `from_s` among those some years or days apart. */
static int64_t next_of(const char *zone, struct zone_date d, int years, int days, int64_t from_s)
{
	int64_t at;
	int tries;

	for (tries = 0; tries < 9; tries++) { /* 29 February comes within 8 years */
		if (zone_unix(zone, &d, from_s, &at) == 0 && at >= from_s)
			return at * 1000;
		d.year += years;
		d.day += days;
	}
	return NUM_NONE;
}

int64_t reset_resolve(const char *text, int64_t now_t)
{
	int64_t now_s = (now_t + 999) / 1000, from_s, at;
	struct reset_text r;
	struct zone_date d;

	if (reset_text_parse(text, &r) < 0 || zone_date_of(r.zone, now_s, &d) < 0)
		return NUM_NONE;
	/* A time of this very minute is now, not tomorrow. */
	from_s = is_said(r.hour) && !is_said(r.second) ? now_t / 60000 * 60 : now_s;
	d.hour = is_said(r.hour) ? r.hour : 0;
	d.minute = is_said(r.minute) ? r.minute : 0;
	d.second = is_said(r.second) ? r.second : 0;
	if (is_said(r.day)) {
		d.month = r.month;
		d.day = r.day;
		if (!is_said(r.year))
			return next_of(r.zone, d, 1, 0, from_s);
		d.year = r.year;
		return zone_unix(r.zone, &d, from_s, &at) == 0 ? at * 1000 : NUM_NONE;
	}
	if (is_said(r.days_ahead)) {
		d.day += r.days_ahead;
		return zone_unix(r.zone, &d, from_s, &at) == 0 ? at * 1000 : NUM_NONE;
	}
	if (is_said(r.weekday)) {
		d.day += (r.weekday - d.weekday + 7) % 7;
		return next_of(r.zone, d, 0, 7, from_s);
	}
	return next_of(r.zone, d, 0, 1, from_s);
}

void reset_settle(struct verdict *v, int64_t now_t)
{
	if (v->reset_at_t == NUM_NONE && v->reset_text[0])
		v->reset_at_t = reset_resolve(v->reset_text, now_t);
	if (v->class != CLASS_RATE_LIMIT || v->reset_at_t == NUM_NONE)
		return;
	if (v->retry_after_ms != NUM_NONE || v->reset_at_t <= now_t)
		v->reset_at_t = NUM_NONE;
	else if (v->reset_at_t - now_t > LONG_WAIT_MS)
		v->class = CLASS_USAGE_LIMIT;
}
