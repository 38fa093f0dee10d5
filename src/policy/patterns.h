/* Patterns compiled: the shared ones once, a profile's own on top of them.
 *
 * A profile's patterns come before the shared ones. Matching is bounded (match and depth limits): a
 * pattern that runs into its limit has not matched. Made once, then read only. */
#ifndef AB_POLICY_PATTERNS_H
#define AB_POLICY_PATTERNS_H

#include "base/err.h"
#include "model/pattern_set.h"
#include "model/profile.h"

#include <stdbool.h>
#include <stddef.h>

struct pattern_base;

/* The row of a set that does not compile; TABLE_PROFILE: a shape, which err names. */
struct pattern_fault {
	enum pattern_table table;
	size_t row;
};

/* The shared ones, of a settled set, which is not kept. NULL with err and *fault set. */
struct pattern_base *pattern_base_new(const struct pattern_set *set, struct pattern_fault *fault,
    struct err *err);
void pattern_base_free(struct pattern_base *base);

struct pattern_hit {
	enum attempt_class class;
	unsigned flags;
};

struct patterns;

/* `profile` may be NULL; `base` is borrowed and outlives the patterns. NULL with err set: a pattern
 * of the profile does not compile. */
struct patterns *patterns_new(const struct profile *profile, struct pattern_base *base,
    struct err *err);
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
