#include "policy/backoff.h"

#include <stdbool.h>
#include <string.h>

/* By squaring, so that the millionth try costs no more than the third. */
static double power(double base, uint32_t exponent)
{
	double r = 1;

	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			r *= base;
		base *= base;
	}
	return r;
}

static int64_t to_ms(double s)
{
	if (!(s > 0)) /* also not a number */
		return 0;
	return (int64_t)((s < OPTION_SECONDS_MAX ? s : OPTION_SECONDS_MAX) * 1000 + 0.5);
}

int64_t backoff_ms(const struct ladder *ladder, uint32_t k)
{
	double s;

	if (!(ladder->initial_s > 0))
		return 0; /* 0 times infinity is no wait either */
	s = ladder->initial_s * power(ladder->factor, k > 0 ? k - 1 : 0);
	return to_ms(s < ladder->cap_s ? s : ladder->cap_s);
}

/* FNV-1a with a final mix: neighbours such as a1 and a2 come out far apart. */
static uint64_t hash(const char *id, uint32_t n)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * UINT64_C(1099511628211);
	h = (h ^ n) * UINT64_C(1099511628211);
	h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ (h >> 33);
}

int64_t backoff_jitter_ms(int64_t wait_ms, double jitter_pct, const char *id, uint32_t n)
{
	double part = (double)(hash(id, n) >> 11) / (double)(UINT64_C(1) << 53); /* [0, 1) */

	if (wait_ms <= 0 || !(jitter_pct > 0))
		return wait_ms < 0 ? 0 : wait_ms;
	return wait_ms + to_ms((double)wait_ms / 1000 * jitter_pct / 100 * part);
}

int64_t usage_probe_ms(uint32_t k)
{
	static const int64_t minutes[] = {5, 15, 30};
	uint32_t last = sizeof(minutes) / sizeof(minutes[0]) - 1;
	uint32_t i = k > 0 ? k - 1 : 0;

	return minutes[i < last ? i : last] * 60 * 1000;
}

/* Digits with at most one point among them. strtod would take inf, nan, 0x10, a leading blank,
 * and in some locales a comma. */
static bool take_number(const char **s, double *out)
{
	double value = 0, unit = 1;
	bool has_digit = false, has_point = false;
	const char *p;

	for (p = *s; (*p >= '0' && *p <= '9') || (*p == '.' && !has_point); p++) {
		if (*p == '.') {
			has_point = true;
			continue;
		}
		has_digit = true;
		value = value * 10 + (*p - '0');
		if (has_point)
			unit *= 10;
	}
	*s = p;
	*out = value / unit;
	return has_digit && *out <= OPTION_SECONDS_MAX; /* false for inf and inf/inf */
}

int ladder_parse(const char *s, struct ladder *out)
{
	struct ladder l;

	if (!take_number(&s, &l.initial_s) || *s++ != ':')
		return -1;
	if (!take_number(&s, &l.factor) || *s++ != ':')
		return -1;
	if (!take_number(&s, &l.cap_s) || *s)
		return -1;
	*out = l;
	return 0;
}
