/* Flat JSON objects, read without a tree: the lines of journals and records.
 *
 * A tree of cJSON costs about 2 us a line, most of it in malloc; a journal of 100,000 lines must
 * fold in a fraction of a second. Here a value is a slice of the text, looked at when it is asked
 * for. The grammar is RFC 8259's, strictly; what is nested is checked and kept as text, at most
 * JSONR_DEPTH levels deep. */
#ifndef AB_FORMATS_JSONR_H
#define AB_FORMATS_JSONR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSONR_DEPTH 64
#define JSONR_MEMBERS 64 /* further members are checked, and otherwise passed over */

struct jsonr_member {
	const char *key, *text; /* slices of the line: the key between its quotes, the value */
	uint32_t key_len, text_len;
};

struct jsonr {
	struct jsonr_member members[JSONR_MEMBERS]; /* borrowed from the text that was read */
	size_t nr;
};

/* Whether the `n` bytes are one JSON object and nothing else (but blanks). */
bool jsonr_object(struct jsonr *r, const char *text, size_t n);

/* Where a value goes wrong. */
struct jsonr_fault {
	const char *at; /* the end of the text: it breaks off */
	/* The arrays and objects that are open there, innermost first: what begins at one of them goes
	 * wrong at the same place. */
	const char *open[JSONR_DEPTH + 1];
	size_t nr_open;
};

/* Behind the JSON value that begins at `p`, nested as deep; NULL: there is none before `end`. */
const char *jsonr_value_end(const char *p, const char *end);
/* The same; where there is none, *fault says why. */
const char *jsonr_value_end_or(const char *p, const char *end, struct jsonr_fault *fault);
/* Whether the `n` bytes are one JSON value of any type, nested at most JSONR_DEPTH levels deep, and
 * nothing else (but blanks). */
bool jsonr_is_value(const char *text, size_t n);

/* Members by name; where a name stands twice, the first one counts. A member that is missing or of
 * another type gives the value for "not told": NULL, NUM_NONE, `otherwise`, false. */
const char *jsonr_str(const struct jsonr *r, const char *key, struct arena *arena);
/* Whole numbers of at most 2^53, so that sums of them do not overflow at once. */
int64_t jsonr_int(const struct jsonr *r, const char *key);
/* Seconds as milliseconds; past 10^15 ms (some 30,000 years) not told, so that differences fit. */
int64_t jsonr_ms(const struct jsonr *r, const char *key);
double jsonr_num(const struct jsonr *r, const char *key, double otherwise);
bool jsonr_is_true(const struct jsonr *r, const char *key);
bool jsonr_has(const struct jsonr *r, const char *key);
/* The text of an object, in the arena. */
const char *jsonr_object_text(const struct jsonr *r, const char *key, struct arena *arena);
/* The strings of an array, joined by spaces, in the arena. */
const char *jsonr_words(const struct jsonr *r, const char *key, struct arena *arena);
/* The numbers of an array, seconds as milliseconds, at most `max` of them; what is no number or too
 * large is passed over. Returns how many. */
size_t jsonr_ms_list(const struct jsonr *r, const char *key, int64_t *out, size_t max);

#endif
