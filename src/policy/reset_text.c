#include "policy/reset_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- words -------------------------------------------------------------- */

static const char *const months[] = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
/* Their full length, so that "march" is one and "marvel" is none. */
static const char *const month_rests[] = {
    "uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"};
static const char *const weekday_rests[] = {
    "day", "day", "sday", "nesday", "rsday", "day", "urday"};

/* How the months begin elsewhere, where it is not as here: a few programs tell a date the way the
 * machine's language writes it. */
static const struct {
	const char *begin;
	int month;
} other_months[] = {
    {"ene", 1},
    {"fev", 2},
    {"fév", 2},
    {"mär", 3},
    {"abr", 4},
    {"avr", 4},
    {"mai", 5},
    {"juin", 6},
    {"juil", 7},
    {"ago", 8},
    {"aoû", 8},
    {"set", 9},
    {"out", 10},
    {"okt", 10},
    {"dic", 12},
    {"dez", 12},
    {"déc", 12},
};

/* Which of the names the word is, in full or short; -1: none. */
static int name_of(const char *s, size_t n, const char *const *names, const char *const *rests,
    int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		size_t rest = strlen(rests[i]);

		if (n < 3 || strncasecmp(s, names[i], 3) != 0)
			continue;
		if (n - 3 <= rest && strncasecmp(s + 3, rests[i], n - 3) == 0)
			return i;
	}
	return -1;
}

/* 1 to 12, or 0: no month. */
static int month_of(const char *s, size_t n)
{
	int month = name_of(s, n, months, month_rests, 12) + 1;
	size_t i;

	for (i = 0; month == 0 && i < sizeof(other_months) / sizeof(other_months[0]); i++) {
		size_t len = strlen(other_months[i].begin);

		if (n >= len && strncasecmp(s, other_months[i].begin, len) == 0)
			month = other_months[i].month;
	}
	return month;
}

static bool word_is(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

/* Or a byte of one. */
static bool is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Up to `max` digits; returns how many. */
static size_t digits(const char *s, size_t max, int *value)
{
	size_t n;

	*value = 0;
	for (n = 0; n < max && isdigit((unsigned char)s[n]); n++)
		*value = *value * 10 + (s[n] - '0');
	return n;
}

/* ---- parts -------------------------------------------------------------- */

/* am, a.m., PM: 0, 12, or -1; *n is its length. */
static int half_of_day(const char *s, size_t *n)
{
	bool is_pm = *s == 'p' || *s == 'P';

	if (!is_pm && *s != 'a' && *s != 'A')
		return -1;
	*n = 1 + (s[1] == '.');
	if (s[*n] != 'm' && s[*n] != 'M')
		return -1;
	*n += 1 + (s[*n] == '.' && s[*n + 1] == '.');
	if (isalpha((unsigned char)s[*n]))
		return -1;
	return is_pm ? 12 : 0;
}

static size_t skip_blank(const char *s)
{
	return *s == ' ' || (unsigned char)*s == '\t' ? 1 : 0;
}

/* 5, 5:40, 05:40:12, then am or pm; a bare number is no time. Returns its length, 0: none. */
static size_t take_clock(const char *s, struct reset_text *out)
{
	int hour, minute = 0, second = RESET_UNSAID, half;
	size_t n = digits(s, 2, &hour), k, blank, len;
	bool has_minute = false;

	if (n == 0)
		return 0;
	if (s[n] == ':' && (k = digits(s + n + 1, 2, &minute)) == 2) {
		has_minute = true;
		n += 1 + k;
		if (s[n] == ':' && (k = digits(s + n + 1, 2, &second)) == 2)
			n += 1 + k;
	}
	blank = skip_blank(s + n);
	half = half_of_day(s + n + blank, &len);
	if (half >= 0) {
		if (hour < 1 || hour > 12)
			return 0;
		hour = hour % 12 + half;
		n += blank + len;
	} else if (!has_minute) {
		return 0;
	}
	if (hour > 24 || minute > 59 || second > 60 || isdigit((unsigned char)s[n]))
		return 0;
	out->hour = hour;
	out->minute = minute;
	out->second = second;
	return n;
}

static bool is_day(int month, int day)
{
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* 2026-08-09, 2026/8/9 */
static size_t take_iso_date(const char *s, struct reset_text *out)
{
	int year, month, day;
	size_t n = digits(s, 4, &year), k;

	if (n != 4 || (s[4] != '-' && s[4] != '/'))
		return 0;
	k = digits(s + 5, 2, &month);
	n += 1 + k;
	if (k == 0 || s[n] != s[4])
		return 0;
	k = digits(s + n + 1, 2, &day);
	n += 1 + k;
	if (k == 0 || !is_day(month, day))
		return 0;
	out->year = year;
	out->month = month;
	out->day = day;
	return n + ((s[n] == 'T' || s[n] == 't') && isdigit((unsigned char)s[n + 1]));
}

/* 11/17/2025, 11/17: the services that write so are American, unless that names no month. */
static size_t take_slash_date(const char *s, struct reset_text *out)
{
	int month, day, year;
	size_t n = digits(s, 2, &month), k;

	if (n == 0 || s[n] != '/')
		return 0;
	k = digits(s + n + 1, 2, &day);
	n += 1 + k;
	if (month > 12) {
		int first = month;

		month = day;
		day = first;
	}
	if (k == 0 || !is_day(month, day))
		return 0;
	out->month = month;
	out->day = day;
	if (s[n] == '/') {
		k = digits(s + n + 1, 4, &year);
		if (k == 2 || k == 4) {
			out->year = k == 2 ? 2000 + year : year;
			n += 1 + k;
		}
	}
	return n;
}

/* 24.11.2026: where dots are written, the day comes first. */
static size_t take_dotted_date(const char *s, struct reset_text *out)
{
	int day, month, year;
	size_t n = digits(s, 2, &day), k;

	if (n == 0 || s[n] != '.')
		return 0;
	k = digits(s + n + 1, 2, &month);
	n += 1 + k;
	if (k == 0 || s[n] != '.' || digits(s + n + 1, 4, &year) != 4)
		return 0;
	if (!is_day(month, day))
		return 0;
	out->year = year;
	out->month = month;
	out->day = day;
	return n + 5;
}

/* A bare number: the day beside a month's name, or the year behind both. */
static size_t take_number(const char *s, struct reset_text *out)
{
	int value;
	size_t n = digits(s, 4, &value);

	if (n == 4 && value >= 1970) {
		out->year = value;
		return n;
	}
	if (n == 0 || n > 2 || value < 1 || value > 31 || out->day != RESET_UNSAID)
		return 0;
	out->day = value;
	if (strncasecmp(s + n, "st", 2) == 0 || strncasecmp(s + n, "nd", 2) == 0 ||
	    strncasecmp(s + n, "rd", 2) == 0 || strncasecmp(s + n, "th", 2) == 0)
		n += 2;
	return n;
}

static size_t zone_span(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("_+-/:", s[n])))
		n++;
	while (n > 0 && s[n - 1] == ':')
		n--;
	return n;
}

static size_t take_zone(const char *s, struct reset_text *out)
{
	size_t n = zone_span(s);

	if (n == 0 || n >= sizeof(out->zone))
		return 0;
	snprintf(out->zone, sizeof(out->zone), "%.*s", (int)n, s);
	return n;
}

/* A word that may be a zone: Area/City, or a few capitals. */
static bool looks_like_zone(const char *s, size_t n)
{
	size_t i;

	if (memchr(s, '/', n))
		return true;
	for (i = 0; i < n && isupper((unsigned char)s[i]); i++)
		;
	return i >= 1 && i <= 5 && (i == n || s[i] == '+' || s[i] == '-');
}

/* "Pacific Time", "Eastern Standard Time": by the letters that the same services use, too. */
static size_t take_zone_words(const char *s, struct reset_text *out)
{
	static const struct {
		const char *words, *zone;
	} rows[] = {
	    {"pacific", "PT"},
	    {"mountain", "MT"},
	    {"central", "CT"},
	    {"eastern", "ET"},
	};
	static const char *const kinds[] = {" standard time", " daylight time", " time"};
	size_t i, k, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].words);
		if (strncasecmp(s, rows[i].words, n) != 0)
			continue;
		for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			if (strncasecmp(s + n, kinds[k], strlen(kinds[k])) != 0)
				continue;
			snprintf(out->zone, sizeof(out->zone), "%s", rows[i].zone);
			return n + strlen(kinds[k]);
		}
	}
	return 0;
}

static size_t take_word(const char *s, struct reset_text *out)
{
	size_t n = 0, zone = zone_span(s), took;
	int i;

	while (is_letter(s[n]))
		n++;
	i = month_of(s, n);
	if (i > 0) {
		out->month = i;
		return n + (s[n] == '.');
	}
	i = name_of(s, n, weekdays, weekday_rests, 7);
	if (i >= 0) {
		out->weekday = i;
		return n + (s[n] == '.');
	}
	if (word_is(s, n, "today") || word_is(s, n, "tomorrow")) {
		out->days_ahead = word_is(s, n, "tomorrow");
		return n;
	}
	if (word_is(s, n, "noon") || word_is(s, n, "midnight")) {
		out->hour = word_is(s, n, "noon") ? 12 : 24;
		out->minute = 0;
		return n;
	}
	took = take_zone_words(s, out);
	if (took)
		return took;
	if (looks_like_zone(s, zone) && take_zone(s, out))
		return zone;
	return n;
}

/* One part of the text; returns how many bytes it was, at least 1. */
static size_t take_part(const char *s, struct reset_text *out)
{
	bool has_clock = out->hour != RESET_UNSAID;
	size_t n = 0;

	if (*s == '(')
		return 1 + take_zone(s + 1, out);
	if ((*s == '+' || *s == '-') && has_clock)
		n = take_zone(s, out);
	else if (isdigit((unsigned char)*s)) {
		n = take_iso_date(s, out);
		n = n ? n : take_slash_date(s, out);
		n = n ? n : take_dotted_date(s, out);
		n = n ? n : has_clock ? 0 : take_clock(s, out);
		n = n ? n : take_number(s, out);
	} else if (is_letter(*s)) {
		n = take_word(s, out);
	}
	return n ? n : 1;
}

int reset_text_parse(const char *s, struct reset_text *out)
{
	*out = (struct reset_text){
	    .year = RESET_UNSAID,
	    .month = RESET_UNSAID,
	    .day = RESET_UNSAID,
	    .weekday = RESET_UNSAID,
	    .days_ahead = RESET_UNSAID,
	    .hour = RESET_UNSAID,
	    .minute = RESET_UNSAID,
	    .second = RESET_UNSAID,
	};
	while (*s)
		s += take_part(s, out);
	/* A day without its month, or a month without its day, is no date. */
	if (out->day == RESET_UNSAID || out->month == RESET_UNSAID)
		out->day = out->month = out->year = RESET_UNSAID;
	return out->hour == RESET_UNSAID && out->day == RESET_UNSAID &&
		out->weekday == RESET_UNSAID && out->days_ahead == RESET_UNSAID
	    ? -1
	    : 0;
}
