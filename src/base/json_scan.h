/* Looks fields up in JSON text in place: no tree, no allocation, no recursion.
 *
 * It is for outputs of agents, which are hostile: a value is found by matching quotes and
 * brackets, so that anything well-formed is read right and anything else ends somewhere inside
 * the bytes given. Spans are borrowed from them. A span without bytes means "not there". */
#ifndef AB_BASE_JSON_SCAN_H
#define AB_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	const char *p; /* first byte of a value, or NULL */
	size_t n;
	bool is_cut; /* the bytes ended before it did: it is read as far as it goes */
};

/* The value that begins at `p` (blanks are skipped). False: none, or it is not complete. */
bool json_value(const char *p, size_t n, struct json *out);
/* The same for the beginning of a longer text: a value that is not complete is taken with what
 * there is of it, down to the innermost one. False: none. */
bool json_part(const char *p, size_t n, struct json *out);
/* Whether a line that begins so can be a JSON object or array: cheap, for a first look. */
bool json_looks_like(const char *p, size_t n);

/* A member of an object by a path of keys: "error.data.message". The first of equal keys counts.
 * A span without bytes where it is missing. */
struct json json_get(struct json object, const char *path);
/* Several members by their keys (no paths) in one pass; out[i] without bytes: keys[i] is missing. */
void json_pick(struct json object, const char *const *keys, size_t nr, struct json *out);
/* Members one by one: begin with both {0}, ends with false. The key keeps its quotes. */
bool json_next_member(struct json object, struct json *key, struct json *value);
/* Elements of an array: begin with {0}, ends with false. */
bool json_next(struct json array, struct json *element);
struct json json_last(struct json array);

bool json_is_string(struct json v);
bool json_is_object(struct json v);
bool json_is_array(struct json v);
bool json_is_true(struct json v);
bool json_is_false(struct json v);
/* Whether it is exactly this string (one without escapes). */
bool json_is(struct json v, const char *s);
/* A number, or a string that holds one; NAN otherwise. */
double json_number(struct json v);
/* Decodes a string into `buf`, NUL-terminated, cut at a whole character; of any other value its
 * text. Returns the length; 0 and "" for nothing. Broken escapes are kept as they stand. */
size_t json_text(struct json v, char *buf, size_t cap);
/* The four digits behind a \u; -1 where they are not. */
int32_t json_unit(const char *p, size_t n);

#endif
