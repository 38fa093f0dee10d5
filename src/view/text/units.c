#include "view/text/units.h"
#include "base/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

const char *estimate_text(int64_t ms, char out[UNITS_SIZE])
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 100)
		snprintf(out, UNITS_SIZE, "%ds", (int)s);
	else if (s < 100 * MINUTE)
		snprintf(out, UNITS_SIZE, "%dm", (int)((s + MINUTE / 2) / MINUTE));
	else if (s < 2 * DAY)
		snprintf(out, UNITS_SIZE, "%dh %dm", (int)(s / HOUR), (int)(s % HOUR / MINUTE));
	else
		snprintf(out, UNITS_SIZE, "%" PRId64 "d %dh", s / DAY, (int)(s % DAY / HOUR));
	return out;
}

const char *estimate_range(int64_t from_ms, int64_t to_ms, char out[UNITS_SIZE])
{
	char from[UNITS_SIZE], to[UNITS_SIZE], both[2 * UNITS_SIZE];
	size_t n = strlen(estimate_text(from_ms, from));
	size_t k = strlen(estimate_text(to_ms, to));

	/* One unit for both ends where each has only that: 12-31m. */
	if (!strchr(from, ' ') && !strchr(to, ' ') && from[n - 1] == to[k - 1])
		from[n - 1] = '\0';
	snprintf(both, sizeof(both), "%s-%s", from, to);
	memcpy(out, both, UNITS_SIZE);
	out[UNITS_SIZE - 1] = '\0';
	return out;
}

/* What a damaged or hostile number becomes. */
static double sane(double usd)
{
	return usd > 0 && usd < 1e15 ? usd : 0.0;
}

const char *money_text(double usd, char out[UNITS_SIZE])
{
	snprintf(out, UNITS_SIZE, "$%.2f", sane(usd));
	return out;
}

const char *money_short(double usd, char out[UNITS_SIZE])
{
	double v = sane(usd);

	if (v < 99.995)
		snprintf(out, UNITS_SIZE, "%.2f", v);
	else if (v < 999.95)
		snprintf(out, UNITS_SIZE, "%.1f", v);
	else if (v < 99999.5)
		snprintf(out, UNITS_SIZE, "%.0f", v);
	else if (v < 9.9995e6)
		snprintf(out, UNITS_SIZE, "%.0fk", v / 1e3);
	else
		snprintf(out, UNITS_SIZE, "%.0fM", v / 1e6);
	return out;
}

/* Four figures at most: 999, 4.1k, 41k, 1000 KiB. What rounds up to the next unit gets it. */
static const char *scaled(double v, double step, const char *const *units, size_t nr, char *out)
{
	size_t i = 0;

	while (i + 1 < nr && v >= (i ? step - 0.5 : step)) {
		v /= step;
		i++;
	}
	if (i && v < 9.95)
		snprintf(out, UNITS_SIZE, "%.1f%s", v, units[i]);
	else
		snprintf(out, UNITS_SIZE, "%.0f%s", v, units[i]);
	return out;
}

const char *count_text(int64_t n, char out[UNITS_SIZE])
{
	static const char *const units[] = {"", "k", "M", "G", "T", "P"};

	return scaled(n < 0 ? 0 : (double)n, 1000, units, ARRAY_LEN(units), out);
}

const char *bytes_text(int64_t n, char out[UNITS_SIZE])
{
	static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};

	return scaled(n < 0 ? 0 : (double)n, 1024, units, ARRAY_LEN(units), out);
}

const char *pace_text(int64_t pace_ms, char out[UNITS_SIZE])
{
	double ms = pace_ms > 0 ? (double)pace_ms : 1;

	if (ms <= 2000)
		snprintf(out, UNITS_SIZE, "%.1f/s", 1000 / ms);
	else if (ms <= 60000)
		snprintf(out, UNITS_SIZE, "%.0f/min", 60000 / ms);
	else
		snprintf(out, UNITS_SIZE, "%.0f/h", 3600000 / ms);
	return out;
}
