#include "cli/amounts.h"
#include "base/xalloc.h"
#include "model/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double size;
};

/* strtod without what a person would not call a number: blanks, hex, inf, nan. */
int parse_number(const char *s, double *out, const char **end)
{
	char *stop;

	if ((*s < '0' || *s > '9') && *s != '.')
		return -1;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return -1;
	errno = 0;
	*out = strtod(s, &stop);
	*end = stop;
	return stop == s || errno || !isfinite(*out) ? -1 : 0;
}

static int parse_in_units(const char *s, const struct unit *units, size_t nr, double most,
    double *out)
{
	const char *end;
	size_t i;

	if (parse_number(s, out, &end) < 0)
		return -1;
	for (i = 0; i < nr; i++)
		if (strcmp(end, units[i].name) == 0) {
			*out *= units[i].size;
			return *out <= most ? 0 : -1;
		}
	return -1;
}

int parse_seconds(const char *s, double *out)
{
	static const struct unit units[] = {
	    {"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

	return parse_in_units(s, units, ARRAY_LEN(units), OPTION_SECONDS_MAX, out);
}

int parse_money(const char *s, double *out)
{
	static const struct unit units[] = {{"", 1}};

	return parse_in_units(*s == '$' ? s + 1 : s, units, ARRAY_LEN(units), OPTION_AMOUNT_MAX,
	    out);
}

int parse_count(const char *s, double *out)
{
	static const struct unit units[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};

	return parse_in_units(s, units, ARRAY_LEN(units), OPTION_AMOUNT_MAX, out);
}

int parse_size(const char *s, double *out)
{
	static const struct unit units[] = {{"", 1}, {"k", 1024}, {"K", 1024}, {"M", 1 << 20},
	    {"G", 1 << 30}, {"T", 1099511627776.0}};

	return parse_in_units(s, units, ARRAY_LEN(units), OPTION_AMOUNT_MAX, out);
}
