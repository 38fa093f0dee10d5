#include "formats/names.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A moment in a name: YYYYMMDD-HHMMSS, and the -N of names that were taken already. */
struct stamp {
	char text[CLOCK_STAMP_LEN + 1];
	uint32_t ending; /* 0: none; else 2 and up */
};

static const char batch_prefix[] = "batch-";
static const char *const retry_prefixes[] = {
    [RETRY_CSV_AUTO] = "auto-retry-",
    [RETRY_CSV_HAND] = "retry-batch-",
};

static const char *skip_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* Behind the moment that `s` begins with, or NULL. */
static const char *take_moment(const char *s, struct stamp *out)
{
	static const char shape[] = "00000000-000000";
	size_t i;

	for (i = 0; i < CLOCK_STAMP_LEN; i++)
		if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return NULL;
	memcpy(out->text, s, CLOCK_STAMP_LEN);
	out->text[CLOCK_STAMP_LEN] = '\0';
	out->ending = 0;
	return s + CLOCK_STAMP_LEN;
}

/* Behind the "-N" that `s` begins with, or NULL: as we write it, so no -0, -1 or -02. */
static const char *take_ending(const char *s, struct stamp *out)
{
	uint32_t n = 0;
	int digits = 0;

	if (*s != '-' || s[1] < '1' || s[1] > '9')
		return NULL;
	for (s++; *s >= '0' && *s <= '9'; s++) {
		if (++digits > 9)
			return NULL;
		n = n * 10 + (uint32_t)(*s - '0');
	}
	if (n < 2)
		return NULL;
	out->ending = n;
	return s;
}

/* Whether `s` is a moment, perhaps with an ending, and then exactly `tail`. */
static bool is_stamp_then(const char *s, struct stamp *out, const char *tail)
{
	s = take_moment(s, out);
	if (!s)
		return false;
	if (strcmp(s, tail) == 0)
		return true;
	s = take_ending(s, out);
	return s && strcmp(s, tail) == 0;
}

/* <parent>[-N]-<made>[-N].csv. The parent's ending is digits as the next moment is, so that both
 * readings are tried; only one of them can reach the end. */
static bool parse_two_stamps(const char *s, struct stamp *parent, struct stamp *made)
{
	s = take_moment(s, parent);
	if (!s)
		return false;
	if (*s == '-' && is_stamp_then(s + 1, made, ".csv"))
		return true;
	s = take_ending(s, parent);
	return s && *s == '-' && is_stamp_then(s + 1, made, ".csv");
}

static bool parse_retry_csv(const char *name, enum retry_csv_kind *kind, struct stamp *parent,
    struct stamp *made)
{
	static const enum retry_csv_kind kinds[] = {RETRY_CSV_AUTO, RETRY_CSV_HAND};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *rest = skip_prefix(name, retry_prefixes[kinds[i]]);

		if (rest && parse_two_stamps(rest, parent, made)) {
			*kind = kinds[i];
			return true;
		}
	}
	return false;
}

static bool parse_batch(const char *name, struct stamp *out)
{
	const char *rest = skip_prefix(name, batch_prefix);

	return rest && is_stamp_then(rest, out, "");
}

static const char *last_element(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whatever keeps us from looking (ENOTDIR, EACCES) will be told by the attempt to make it. */
static bool is_taken(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void first_free(int dirfd, const char *stem, const char *suffix, char out[NAME_SIZE])
{
	uint32_t n;

	snprintf(out, NAME_SIZE, "%s%s", stem, suffix);
	for (n = 2; is_taken(dirfd, out); n++)
		snprintf(out, NAME_SIZE, "%s-%u%s", stem, n, suffix);
}

void name_free_batch(int dirfd, int64_t wall_ms, char out[NAME_SIZE])
{
	char now[CLOCK_STAMP_LEN + 1];
	char stem[64];

	clock_stamp(wall_ms, now);
	snprintf(stem, sizeof(stem), "%s%s", batch_prefix, now);
	first_free(dirfd, stem, "", out);
}

void name_free_retry_csv(int dirfd, enum retry_csv_kind kind, const char *parent_batch,
    int64_t wall_ms, char out[NAME_SIZE])
{
	const char *parent = last_element(parent_batch);
	const char *stamp = skip_prefix(parent, batch_prefix);
	char now[CLOCK_STAMP_LEN + 1];
	char stem[NAME_SIZE - 16]; /* leaves room for an ending and .csv */

	clock_stamp(wall_ms, now);
	/* A batch directory that somebody renamed keeps as much of its name as fits. */
	snprintf(stem, sizeof(stem), "%s%.60s-%s", retry_prefixes[kind], stamp ? stamp : parent,
	    now);
	first_free(dirfd, stem, ".csv", out);
}

bool name_parse_retry_csv(const char *name, enum retry_csv_kind *kind, char parent[NAME_SIZE])
{
	struct stamp from, made;

	if (!parse_retry_csv(last_element(name), kind, &from, &made))
		return false;
	if (from.ending)
		snprintf(parent, NAME_SIZE, "%s%s-%u", batch_prefix, from.text, from.ending);
	else
		snprintf(parent, NAME_SIZE, "%s%s", batch_prefix, from.text);
	return true;
}

bool name_is_batch(const char *name)
{
	struct stamp s;

	return parse_batch(name, &s);
}

static bool parse_made(const char *name, struct stamp *made)
{
	enum retry_csv_kind kind;
	struct stamp parent;

	return parse_batch(name, made) || parse_retry_csv(name, &kind, &parent, made);
}

int64_t name_moment(const char *batch)
{
	struct tm tm = {.tm_isdst = -1};
	struct stamp stamp;

	if (!parse_batch(batch, &stamp) ||
	    sscanf(stamp.text, "%4d%2d%2d-%2d%2d%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		&tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)mktime(&tm) * 1000 + 999;
}

int name_compare(const char *a, const char *b)
{
	struct stamp sa, sb;
	bool is_a = parse_made(a, &sa);
	bool is_b = parse_made(b, &sb);
	int c;

	/* What is no name of ours has no place in time: it comes first. */
	if (is_a != is_b)
		return is_a ? 1 : -1;
	if (!is_a)
		return strcmp(a, b);
	c = strcmp(sa.text, sb.text);
	if (c)
		return c;
	if (sa.ending != sb.ending)
		return sa.ending < sb.ending ? -1 : 1;
	return strcmp(a, b);
}
