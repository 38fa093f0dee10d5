#include "base/zone.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONE_NAME_MAX 64

/* What people and programs write for zones that the files have under another name, or not at all:
 * minutes east of UTC. Abbreviations are those of the countries whose services print them. */
static const struct {
	const char *name;
	int minutes;
} fixed[] = {
    {"UTC", 0},
    {"GMT", 0},
    {"Z", 0},
    {"EST", -300},
    {"EDT", -240},
    {"CST", -360},
    {"CDT", -300},
    {"MST", -420},
    {"MDT", -360},
    {"PST", -480},
    {"PDT", -420},
    {"CET", 60},
    {"CEST", 120},
    {"BST", 60},
    {"JST", 540},
    {"IST", 330},
};

/* Names that the files may lack: those of a country's clocks in short, and older ones that Node
 * prints where a system has the newer only. */
static const struct {
	const char *name, *file;
} aliases[] = {
    {"PT", "America/Los_Angeles"},
    {"MT", "America/Denver"},
    {"CT", "America/Chicago"},
    {"ET", "America/New_York"},
    {"US/Pacific", "America/Los_Angeles"},
    {"US/Mountain", "America/Denver"},
    {"US/Central", "America/Chicago"},
    {"US/Eastern", "America/New_York"},
    {"Africa/Asmera", "Africa/Asmara"},
    {"America/Buenos_Aires", "America/Argentina/Buenos_Aires"},
    {"America/Catamarca", "America/Argentina/Catamarca"},
    {"America/Cordoba", "America/Argentina/Cordoba"},
    {"America/Godthab", "America/Nuuk"},
    {"America/Indianapolis", "America/Indiana/Indianapolis"},
    {"America/Jujuy", "America/Argentina/Jujuy"},
    {"America/Louisville", "America/Kentucky/Louisville"},
    {"America/Mendoza", "America/Argentina/Mendoza"},
    {"Asia/Calcutta", "Asia/Kolkata"},
    {"Asia/Katmandu", "Asia/Kathmandu"},
    {"Asia/Rangoon", "Asia/Yangon"},
    {"Asia/Saigon", "Asia/Ho_Chi_Minh"},
    {"Atlantic/Faeroe", "Atlantic/Faroe"},
    {"Europe/Kiev", "Europe/Kyiv"},
    {"Pacific/Enderbury", "Pacific/Kanton"},
    {"Pacific/Ponape", "Pacific/Pohnpei"},
    {"Pacific/Truk", "Pacific/Chuuk"},
};

/* One or two digits; returns how many. */
static size_t take_digits(const char *s, int *value)
{
	size_t n;

	*value = 0;
	for (n = 0; n < 2 && isdigit((unsigned char)s[n]); n++)
		*value = *value * 10 + (s[n] - '0');
	return n;
}

/* +2, +02, +0200, +02:00, with UTC or GMT in front or not. */
static int parse_offset(const char *zone, int *minutes)
{
	int hours, rest = 0, sign;
	size_t n;

	if (strncmp(zone, "UTC", 3) == 0 || strncmp(zone, "GMT", 3) == 0)
		zone += 3;
	if (*zone != '+' && *zone != '-')
		return -1;
	sign = *zone++ == '-' ? -1 : 1;
	n = take_digits(zone, &hours);
	if (n == 0 || hours > 14)
		return -1;
	zone += n;
	zone += *zone == ':';
	if (*zone && (take_digits(zone, &rest) != 2 || zone[2] || rest > 59))
		return -1;
	*minutes = sign * (hours * 60 + rest);
	return 0;
}

static int fixed_minutes(const char *zone, int *minutes)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcmp(fixed[i].name, zone) == 0) {
			*minutes = fixed[i].minutes;
			return 0;
		}
	return parse_offset(zone, minutes);
}

/* A name of a zone file: letters, digits and _+-, in parts that begin with a letter. */
static bool is_file_name(const char *zone)
{
	const char *s;

	if (strlen(zone) > ZONE_NAME_MAX)
		return false;
	for (s = zone; *s; s++) {
		bool begins = s == zone || s[-1] == '/';

		if (begins ? !isalpha((unsigned char)*s)
			   : !isalnum((unsigned char)*s) && !strchr("_+-/", *s))
			return false;
	}
	return s > zone && s[-1] != '/';
}

/* A directory ("America"), or a table that lies beside the zones, would pass for UTC: a zone's file
 * begins with its magic (RFC 8536). */
static bool is_zone_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char magic[4];
	bool is;

	if (fd < 0)
		return false;
	is = pread_all(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	    memcmp(magic, "TZif", sizeof(magic)) == 0;
	close(fd);
	return is;
}

static bool has_file(const char *zone)
{
	const char *dir = getenv("TZDIR");
	char *path;
	bool is_there;

	if (!is_file_name(zone))
		return false;
	path = xasprintf("%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", zone);
	is_there = is_zone_file(path);
	free(path);
	return is_there;
}

/* The file that a zone's name stands for; NULL: there is none. */
static const char *find_file(const char *zone)
{
	size_t i;

	if (has_file(zone))
		return zone;
	for (i = 0; i < ARRAY_LEN(aliases); i++)
		if (strcmp(aliases[i].name, zone) == 0)
			return has_file(aliases[i].file) ? aliases[i].file : NULL;
	return NULL;
}

bool zone_exists(const char *zone)
{
	int minutes;

	return !*zone || fixed_minutes(zone, &minutes) == 0 || find_file(zone);
}

/* ---- conversion ---------------------------------------------------------
 * The C library knows one zone at a time, that of $TZ. */

struct zone_turn {
	char *before; /* what $TZ was; NULL: not set */
	bool is_turned;
};

/* "" changes nothing; a fixed offset becomes a POSIX zone, whose sign is the other way round. */
static int turn_to(struct zone_turn *t, const char *zone)
{
	const char *tz = getenv("TZ");
	char posix[32];
	int minutes, m;

	*t = (struct zone_turn){NULL, false};
	if (!*zone)
		return 0;
	if (fixed_minutes(zone, &minutes) == 0) {
		m = abs(minutes);
		snprintf(posix, sizeof(posix), "<told>%c%02d:%02d", minutes > 0 ? '-' : '+', m / 60,
		    m % 60);
		zone = posix;
	} else if (!(zone = find_file(zone))) {
		return -1;
	}
	t->before = tz ? xstrdup(tz) : NULL;
	t->is_turned = true;
	setenv("TZ", zone, 1);
	tzset();
	return 0;
}

static void turn_back(struct zone_turn *t)
{
	if (!t->is_turned)
		return;
	if (t->before)
		setenv("TZ", t->before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(t->before);
}

/* Whether the date exists by that clock. Asked for either, mktime says which one it took; asked for
 * none, an hour that comes twice is the one of what it was asked before. */
static bool take_clock(struct tm tm, int is_dst, time_t *t)
{
	tm.tm_isdst = is_dst;
	*t = mktime(&tm);
	return tm.tm_isdst == is_dst;
}

/* The earlier of two, but not before `from_s` where the later one is not. */
static time_t choose(const struct tm *tm, int64_t from_s)
{
	time_t standard, summer, first, second;
	bool has_standard = take_clock(*tm, 0, &standard);

	if (!take_clock(*tm, 1, &summer))
		return standard;
	if (!has_standard)
		return summer;
	first = summer < standard ? summer : standard;
	second = summer < standard ? standard : summer;
	return first < from_s && second >= from_s ? second : first;
}

int zone_unix(const char *zone, const struct zone_date *d, int64_t from_s, int64_t *unix_s)
{
	const struct tm tm = {
	    .tm_year = d->year - 1900,
	    .tm_mon = d->month - 1,
	    .tm_mday = d->day,
	    .tm_hour = d->hour,
	    .tm_min = d->minute,
	    .tm_sec = d->second,
	};
	struct zone_turn turn;
	time_t t;

	if (turn_to(&turn, zone) < 0)
		return -1;
	t = choose(&tm, from_s);
	turn_back(&turn);
	*unix_s = t;
	return t == (time_t)-1 ? -1 : 0;
}

int zone_date_of(const char *zone, int64_t unix_s, struct zone_date *out)
{
	time_t t = (time_t)unix_s;
	struct zone_turn turn;
	struct tm tm;
	bool is_date;

	if (turn_to(&turn, zone) < 0)
		return -1;
	is_date = localtime_r(&t, &tm) != NULL;
	turn_back(&turn);
	if (!is_date)
		return -1;
	*out = (struct zone_date){
	    .year = tm.tm_year + 1900,
	    .month = tm.tm_mon + 1,
	    .day = tm.tm_mday,
	    .hour = tm.tm_hour,
	    .minute = tm.tm_min,
	    .second = tm.tm_sec,
	    .weekday = tm.tm_wday,
	};
	return 0;
}
