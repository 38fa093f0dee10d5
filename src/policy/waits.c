#include "policy/waits.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DAY_MS (24 * 3600 * 1000.0)
#define MIN_CUT 60 /* bytes; a screen is not narrower */
#define MAX_JOINED 4096
#define LONGEST_MS (400 * DAY_MS) /* past a year it is a number of something else */

/* A decimal of the text, commas between thousands passed over; how many bytes it took. */
static size_t read_decimal(const char *p, size_t n, double *out)
{
	double value = 0, unit = 1;
	bool has_point = false;
	size_t i;

	for (i = 0; i < n; i++) {
		bool is_digit = p[i] >= '0' && p[i] <= '9';
		bool has_next = i + 1 < n && p[i + 1] >= '0' && p[i + 1] <= '9';

		if (is_digit) {
			value = value * 10 + (p[i] - '0');
			if (has_point)
				unit *= 10;
		} else if (p[i] == '.' && !has_point && has_next && i > 0) {
			has_point = true;
		} else if (p[i] != ',' || !has_next || i == 0) {
			break;
		}
	}
	*out = value / unit;
	return i;
}

static double unit_ms(const char *p, size_t n)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {
	    {"ms", 1},
	    {"msec", 1},
	    {"msecs", 1},
	    {"millisecond", 1},
	    {"milliseconds", 1},
	    {"m", 60e3},
	    {"min", 60e3},
	    {"mins", 60e3},
	    {"minute", 60e3},
	    {"minutes", 60e3},
	    {"s", 1e3},
	    {"sec", 1e3},
	    {"secs", 1e3},
	    {"second", 1e3},
	    {"seconds", 1e3},
	    {"h", 3600e3},
	    {"hr", 3600e3},
	    {"hrs", 3600e3},
	    {"hour", 3600e3},
	    {"hours", 3600e3},
	    {"d", DAY_MS},
	    {"day", DAY_MS},
	    {"days", DAY_MS},
	    {"w", 7 * DAY_MS},
	    {"week", 7 * DAY_MS},
	    {"weeks", 7 * DAY_MS},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == n && strncasecmp(units[i].name, p, n) == 0)
			return units[i].ms;
	return -1;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int64_t sane_ms(double ms)
{
	return ms >= 0 && ms <= LONGEST_MS ? (int64_t)(ms + 0.5) : -1;
}

/* "01:05:00" */
static int64_t clock_span_ms(const char *p, size_t n)
{
	double part, sum = 0;
	size_t i = 0, nr = 0;

	for (; i < n && nr < 3; nr++) {
		i += read_decimal(p + i, n - i, &part);
		sum = sum * 60 + part;
		i += i < n && p[i] == ':';
	}
	return nr == 3 && i == n ? sane_ms(sum * 1000) : -1;
}

/* "an hour", "one day": how many bytes the word for one has, 0 where a number must stand. */
static size_t word_of_one(const char *p, size_t n)
{
	static const char *const words[] = {"a ", "an ", "one "};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (n > strlen(words[i]) && strncasecmp(p, words[i], strlen(words[i])) == 0)
			return strlen(words[i]);
	return 0;
}

int64_t span_ms(const char *p, size_t n)
{
	double sum = 0;
	bool has_part = false;
	size_t i = 0, from;

	if (memchr(p, ':', n))
		return clock_span_ms(p, n);
	while (i < n) {
		size_t one = has_part ? 0 : word_of_one(p + i, n - i);
		double value = 1, unit;

		while (!one && i < n && !(p[i] >= '0' && p[i] <= '9'))
			i++;
		if (i == n)
			break;
		i += one ? one : read_decimal(p + i, n - i, &value);
		while (i < n && (p[i] == ' ' || p[i] == '\n'))
			i++;
		for (from = i; i < n && is_letter(p[i]); i++)
			;
		unit = unit_ms(p + from, i - from);
		if (unit < 0)
			return -1;
		sum += value * unit;
		has_part = true;
	}
	return has_part ? sane_ms(sum) : -1;
}

/* Where the word stands in the text, in any case; n: nowhere. */
static size_t find_nocase(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word), i;

	for (i = 0; i + len <= n; i++)
		if (strncasecmp(p + i, word, len) == 0)
			return i;
	return n;
}

/* A field's value: a number in seconds unless it or its name says otherwise, or "1m30s". */
static int64_t field_ms(const char *p, const size_t *g)
{
	size_t len = g[3] - g[2], took;
	bool is_ms = len > 2 && strncasecmp(p + g[3] - 2, "ms", 2) == 0;
	double value, unit = is_ms ? 1 : 1000;

	took = read_decimal(p + g[4], g[5] - g[4], &value);
	if (took < g[5] - g[4])
		return span_ms(p + g[4], g[5] - g[4]);
	if (g[6] != (size_t)-1)
		unit = unit_ms(p + g[6], g[7] - g[6]);
	return sane_ms(value * unit);
}

/* "x-ratelimit-reset-tokens: 6m0s" is when a bucket is full again, and no wait where the header
 * "remaining-tokens" says that something is in it. */
static bool is_of_empty_bucket(const char *p, size_t n, const char *name, size_t len)
{
	size_t kind = find_nocase(name, len, "reset") + strlen("reset"), i;
	char beside[64];

	snprintf(beside, sizeof(beside), "remaining%.*s", (int)(len - kind), name + kind);
	i = find_nocase(p, n, beside) + strlen(beside);
	while (i < n && strchr("\\\"': ", p[i]))
		i++;
	return i >= n || p[i] < '1' || p[i] > '9';
}

/* "retry-after: 30", "retryDelay": "7s", retryDelayMs: 1500: of several the last one counts, and 0
 * is not a wait. Where there is none, the last bucket to be full again. */
static void read_fields(const struct patterns *ps, const char *p, size_t n, struct told *out)
{
	int64_t refill_ms = NUM_NONE;
	size_t g[8], at = 0;

	while (patterns_shape(ps, SHAPE_TOLD_FIELD, p, n, at, g, 4)) {
		const char *name = p + g[2];
		size_t len = g[3] - g[2];
		int64_t ms = field_ms(p, g);

		at = g[1];
		if (ms <= 0)
			continue;
		if (find_nocase(name, len, "ratelimit") == len)
			out->retry_after_ms = ms;
		else if (ms > refill_ms && is_of_empty_bucket(p, n, name, len))
			refill_ms = ms;
	}
	if (out->retry_after_ms == NUM_NONE)
		out->retry_after_ms = refill_ms;
}

static void read_sentences(const struct patterns *ps, enum shape shape, const char *p, size_t n,
    struct told *out)
{
	size_t g[4], at = 0;

	while (patterns_shape(ps, shape, p, n, at, g, 2)) {
		int64_t ms = span_ms(p + g[2], g[3] - g[2]);

		if (ms > 0)
			out->retry_after_ms = ms;
		at = g[1];
	}
}

static void read_epoch(const struct patterns *ps, const char *p, size_t n, struct told *out)
{
	size_t g[4], i;
	int64_t value = 0;

	if (!patterns_shape(ps, SHAPE_EPOCH, p, n, 0, g, 2))
		return;
	for (i = g[2]; i < g[3]; i++)
		value = value * 10 + (p[i] - '0');
	out->reset_at_t = g[3] - g[2] > 10 ? value : value * 1000;
}

static void read_reset(const struct patterns *ps, const char *p, size_t n, struct told *out)
{
	size_t g[4], len;

	if (!patterns_shape(ps, SHAPE_RESET, p, n, 0, g, 2))
		return;
	len = g[3] - g[2];
	if (len < sizeof(out->reset_text))
		snprintf(out->reset_text, sizeof(out->reset_text), "%.*s", (int)len, p + g[2]);
}

static bool read_told(const struct patterns *ps, const char *p, size_t n, struct told *out)
{
	*out = (struct told){.retry_after_ms = NUM_NONE, .reset_at_t = NUM_NONE};
	read_fields(ps, p, n, out);
	if (out->retry_after_ms == NUM_NONE)
		read_sentences(ps, SHAPE_TOLD_WAIT, p, n, out);
	if (out->retry_after_ms == NUM_NONE)
		read_sentences(ps, SHAPE_RETRYING, p, n, out);
	read_epoch(ps, p, n, out);
	if (out->reset_at_t == NUM_NONE && out->retry_after_ms == NUM_NONE)
		read_reset(ps, p, n, out);
	return out->retry_after_ms != NUM_NONE || out->reset_at_t != NUM_NONE || out->reset_text[0];
}

/* A screen's width may have cut a line inside a word ("or try a\ngain at"): such a cut is undone.
 * Returns the new length, 0: there is none. */
static size_t join_lines(const char *p, size_t n, char *out, size_t cap)
{
	size_t i, len = 0, begin = 0;
	bool has_joined = false;

	for (i = 0; i < n && len < cap; i++) {
		bool is_cut = p[i] == '\n' && i - begin >= MIN_CUT && is_letter(p[i - 1]) &&
		    i + 1 < n && is_letter(p[i + 1]);

		if (p[i] == '\n')
			begin = i + 1;
		has_joined = has_joined || is_cut;
		if (!is_cut)
			out[len++] = p[i];
	}
	return has_joined ? len : 0;
}

void waits_read(const struct patterns *ps, const char *p, size_t n, struct told *out)
{
	char joined[MAX_JOINED];
	size_t len;

	if (read_told(ps, p, n, out))
		return;
	len = join_lines(p, n, joined, sizeof(joined));
	if (len)
		read_told(ps, joined, len, out);
}
