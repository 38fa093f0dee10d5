/* The sentences by which agent programs and the services behind them tell why they failed.
 *
 * Each table is searched in its order, and the first pattern that matches decides: a narrower
 * meaning stands before a wider one ("daily quota" before "quota"). A profile's own patterns come
 * before the shared ones. Matching is bounded (match and depth limits): a pattern that runs into
 * its limit has not matched. Made once, then read only. */
#ifndef AB_POLICY_PATTERNS_H
#define AB_POLICY_PATTERNS_H

#include "base/err.h"
#include "model/profile.h"

#include <stdbool.h>
#include <stddef.h>

enum pattern_table {
	TABLE_PROFILE, /* the profile's: whole lines */
	TABLE_ERROR, /* anywhere in what was announced as an error */
	TABLE_SENTENCE, /* at the start of a line that stands for itself */
	TABLE_PROSE, /* marks of a report in words (CLASS_NONE) */
	TABLE_TRAILER, /* lines that follow an error and say nothing new (CLASS_NONE) */
	TABLE_NOTICE, /* the tool will try again by itself: no end (CLASS_NONE) */
	TABLE__COUNT
};

#define PATTERN_EXIT_0 1u /* believed although the program says that all went well */
#define PATTERN_WEAK 2u /* gives way to what another line of the same error says */

enum prefix {
	PREFIX_NONE,
	PREFIX_STATUS, /* an HTTP status at the start of the line */
	PREFIX_EXCEPTION, /* a class name ending in Error or Exception */
	PREFIX_ERROR /* "Error:", "[API Error:", "Ran into this error:" ... */
};

/* Small shapes that words of time are read by: see waits.c. */
enum shape {
	SHAPE_TOLD_WAIT,
	SHAPE_RETRYING,
	SHAPE_TOLD_FIELD,
	SHAPE_EPOCH,
	SHAPE_RESET,
	SHAPE__COUNT
};

struct pattern_row {
	enum attempt_class class;
	unsigned flags;
	const char *regex; /* caseless unless it says (?-i:) */
};
struct prefix_row {
	enum prefix kind;
	const char *regex;
};

/* The shared tables (pattern_tables.c), each ended by a NULL regex. */
extern const struct pattern_row pattern_errors[], pattern_sentences[], pattern_prose[],
    pattern_trailers[], pattern_notices[];
extern const struct prefix_row pattern_prefixes[];
extern const char *const pattern_shapes[SHAPE__COUNT];

struct pattern_hit {
	enum attempt_class class;
	unsigned flags;
};

struct patterns;

struct patterns *patterns_new(const struct profile *profile, struct err *err);
void patterns_free(struct patterns *ps);

/* One regex by itself, matched under the same limits. NULL with err set: it does not compile. */
struct line_pattern;
struct line_pattern *line_pattern_new(const char *regex, struct err *err);
void line_pattern_free(struct line_pattern *lp);
bool line_pattern_matches(const struct line_pattern *lp, const char *p, size_t n);

/* Whether a profile's regex compiles (NULL does); -1 with err set. */
int pattern_check(const char *regex, struct err *err);

bool patterns_find(const struct patterns *ps, enum pattern_table table, const char *p, size_t n,
    struct pattern_hit *hit);

/* Takes decorations, times and announcements off the front of a line. Returns the strongest
 * announcement; *message and *n become what is left. */
enum prefix patterns_peel(const struct patterns *ps, const char **message, size_t *n);

/* Searches for a shape from `from` on. Offsets of up to `nr_groups` groups ([0] the whole) are put
 * into `groups` as begin and end; (size_t)-1: unset. */
bool patterns_shape(const struct patterns *ps, enum shape shape, const char *p, size_t n,
    size_t from, size_t *groups, size_t nr_groups);

#endif
