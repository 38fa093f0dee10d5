#include "view/text/duration.h"

#include <stdio.h>

static const char *format_seconds(int64_t s, char out[DURATION_SIZE])
{
	int64_t days = s / 86400, hours = s / 3600 % 24, minutes = s / 60 % 60;

	if (days > 0)
		snprintf(out, DURATION_SIZE, "%lldd %lldh", (long long)days, (long long)hours);
	else if (hours > 0)
		snprintf(out, DURATION_SIZE, "%lld:%02lld:%02lld", (long long)hours,
		    (long long)minutes, (long long)(s % 60));
	else
		snprintf(out, DURATION_SIZE, "%lld:%02lld", (long long)minutes,
		    (long long)(s % 60));
	return out;
}

const char *duration_text(int64_t ms, char out[DURATION_SIZE])
{
	return format_seconds(ms > 0 ? ms / 1000 : 0, out);
}

const char *duration_left(int64_t until_ms, int64_t now_ms, char out[DURATION_SIZE])
{
	return format_seconds(until_ms > now_ms ? (until_ms - now_ms + 999) / 1000 : 0, out);
}

const char *duration_clock(int64_t ms, char out[DURATION_SIZE])
{
	int64_t s = ms > 0 ? ms / 1000 : 0;

	snprintf(out, DURATION_SIZE, "%02lld:%02lld:%02lld", (long long)(s / 3600),
	    (long long)(s / 60 % 60), (long long)(s % 60));
	return out;
}
